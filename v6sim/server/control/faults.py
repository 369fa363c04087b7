"""Faults on call: of the server, and of the nodes that run beside it."""

from collections.abc import Mapping
from typing import Any, Protocol

from fastapi import APIRouter, Request, Response

from v6sim.server.errors import Invalid
from v6sim.server.faults import Fault
from v6sim.server.v3.bodies import read_raw, receive
from v6sim.server.v3.requests import core_of

router = APIRouter()


class Breaker(Protocol):
    """Has nodes misbehave."""

    def add(self, organization: str, kind: str, options: Mapping[str, Any]) -> object:
        """Have the nodes of an organization in trouble from now on.

        Raises:
            ValueError: there is no such trouble, or no such node; the text says what there is.
        """
        ...

    async def clear(self) -> None:
        """End all of it."""
        ...


@router.post("/faults", status_code=201)
async def add_fault(request: Request) -> Response:
    """Have requests fail from now on; or runs, at the nodes of an `organization`."""
    await receive(request)
    given: dict[str, Any] = dict(read_raw(request))
    organization = given.pop("organization", None)
    try:
        if organization is None:
            core_of(request).faults.add(Fault.of(given))
        else:
            kind = str(given.pop("kind", None))
            _breaker(request).add(str(organization), kind, given)
    except ValueError as error:
        raise Invalid(str(error)) from None
    return Response(status_code=201)


@router.delete("/faults", status_code=204)
async def clear_faults(request: Request) -> Response:
    """Be well again."""
    core_of(request).faults.clear()
    for breaker in request.app.state.breakers:
        await breaker.clear()
    return Response(status_code=204)


def _breaker(request: Request) -> Breaker:
    breakers: list[Breaker] = request.app.state.breakers
    if not breakers:
        raise Invalid("no nodes run beside this server, so none can be had to misbehave")
    return breakers[0]
