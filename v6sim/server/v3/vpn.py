"""The VPN, which this server has not (reference: server-api, section 3.12)."""

from typing import Annotated

from fastapi import APIRouter, Response

from v6sim.server.errors import NotConfigured
from v6sim.server.operations.call import Call
from v6sim.server.v3 import docs
from v6sim.server.v3.requests import asks

router = APIRouter(prefix="/vpn", tags=["vpn"])

_TEXT = "this server has no VPN"


@router.get("", **docs.route(docs.Message, status=501))
async def get_vpn(call: Annotated[Call, asks("vpn")]) -> Response:
    """The configuration of the VPN: there is none."""
    call.require("vpn")
    raise NotConfigured(_TEXT)


@router.post("/update", **docs.route(docs.Message, status=501))
async def update_vpn(call: Annotated[Call, asks("vpn")]) -> Response:
    """New keys for the VPN: there is none."""
    call.require("vpn")
    raise NotConfigured(_TEXT)
