"""The shapes of ports."""

import contextlib
from collections.abc import Sequence
from typing import NotRequired

from typing_extensions import TypedDict

from v6sim.server.store.find import LARGEST
from v6sim.server.store.tables import Port
from v6sim.server.v3.links import View


class PortInResultShape(TypedDict):
    """A port among those of a result; `port` is left out if it is no number."""

    id: int
    port: NotRequired[int | None]
    label: str | None


class PortShape(PortInResultShape):
    """A port; `result` is a plain id."""

    result: int | None


def port_shapes(_view: View, ports: Sequence[Port]) -> list[PortShape]:
    """Ports on the wire."""
    return [
        {**port_in_result(port.id, port.port, port.label), "result": port.run_id} for port in ports
    ]


def port_in_result(key: int, number: str | None, label: str | None) -> PortInResultShape:
    """A port among those of a result."""
    shape: PortInResultShape = {"id": key, "label": label}
    with contextlib.suppress(ValueError, OverflowError):
        port = None if number is None else int(float(number))
        if port is None or abs(port) <= LARGEST:
            shape["port"] = port
    return shape
