"""The federation as a picture: where everything stands, before it is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil, cos, hypot, radians, sin

from v6sim.inspector.rendering import shorten_log

_CARD = 236  # width of an organization's card
_HEAD, _ROW, _FOOT = 44, 32, 12  # heights within a card
_HUB = 62  # radius of the server
_MARGIN = 24
_NAME = 24  # characters of an organization's name
_NODE = 20  # characters of a node's text
_SPACE = 26  # between cards
_FEW, _COLUMNS = 10, 5  # organizations in an ellipse, and in a row if there are more
_GAP = 22  # between links that go to the same card


@dataclass(frozen=True)
class NodeMark:
    """A node in the picture.

    Args:
        id: its id.
        name: its name.
        collaboration: the number of its collaboration, counting from 0.
        state: online, busy or offline.
        tasks: ids of the tasks that it works on.
        waiting: ids of the tasks that wait for it, or are on their way to it.
        reports: ids of the tasks of which it has just reported.
    """

    id: int
    name: str
    collaboration: int
    state: str
    tasks: Sequence[int] = ()
    waiting: Sequence[int] = ()
    reports: Sequence[int] = ()

    @property
    def label(self) -> str:
        """What its line in the card says."""
        if self.state == "busy" and self.tasks:
            more = f" +{len(self.tasks) - 1}" if len(self.tasks) > 1 else ""
            return shorten_log(f"busy: task {self.tasks[-1]}{more}", _NODE)
        return self.state

    @property
    def flow(self) -> str:
        """What goes over its link right now: up, down, work, or nothing."""
        if self.reports:
            return "up"
        if self.waiting:
            return "down" if self.state != "offline" else "held"
        return "work" if self.state == "busy" else ""

    @property
    def flow_text(self) -> str:
        """The same in words."""
        match self.flow:
            case "up":
                return f"result of task {self.reports[-1]}"
            case "down" | "held":
                return f"task {self.waiting[-1]}"
        return ""


@dataclass(frozen=True)
class OrganizationMark:
    """An organization in the picture.

    Args:
        id: its id.
        name: its name.
        nodes: its nodes.
        asks: ids of the tasks that it has just sent.
    """

    id: int
    name: str
    nodes: Sequence[NodeMark] = ()
    asks: Sequence[int] = ()

    @property
    def title(self) -> str:
        """Its name, as far as there is room."""
        return shorten_log(self.name, _NAME)

    @property
    def height(self) -> int:
        """Of its card."""
        return _HEAD + _ROW * max(1, len(self.nodes)) + _FOOT


@dataclass(frozen=True)
class Card:
    """An organization with its place: the upper left corner."""

    mark: OrganizationMark
    x: float
    y: float
    width: int = _CARD

    @property
    def rows(self) -> list[tuple[float, NodeMark]]:
        """Its nodes, each with its height below the card's upper edge."""
        return [(_HEAD + _ROW * number, node) for number, node in enumerate(self.mark.nodes)]


@dataclass(frozen=True)
class Link:
    """A line between the server and a card.

    Args:
        node: whose line it is; None for what an organization asks of the server.
        path: as SVG has it, from the server to the card.
        x: where its text stands.
        y: the same.
        flow: what goes over it.
        text: what is said of that.
        color: the number of its collaboration.
    """

    path: str
    x: float
    y: float
    flow: str
    text: str
    color: int
    node: NodeMark | None = None


@dataclass(frozen=True)
class Picture:
    """All of it, in its own units."""

    width: int
    height: int
    hub: tuple[float, float]
    cards: list[Card] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    radius: int = _HUB


def draw(organizations: Sequence[OrganizationMark]) -> Picture:
    """Place organizations around the server: a few in an ellipse, many in rows."""
    tallest = max((each.height for each in organizations), default=_HEAD)
    count = len(organizations)
    places = _in_ellipse(count, tallest) if count <= _FEW else _in_rows(count, tallest)
    left = max([_HUB, *(_CARD / 2 + abs(x) for x, _ in places)]) + _MARGIN
    sides = [(y, mark.height / 2) for (_, y), mark in zip(places, organizations, strict=True)]
    above = max([_HUB + 10, *(half - y for y, half in sides)]) + _MARGIN
    below = max([_HUB + 10, *(half + y for y, half in sides)]) + _MARGIN
    picture = Picture(round(2 * left), round(above + below), (left, above))
    for (x, y), mark in zip(places, organizations, strict=True):
        middle = (left + x, above + y)
        card = Card(mark, round(middle[0] - _CARD / 2, 1), round(middle[1] - mark.height / 2, 1))
        picture.cards.append(card)
        picture.links.extend(_links(picture.hub, *middle, card))
    return picture


_Place = tuple[float, float]
"""Where the middle of a card is, seen from the server."""


def _in_ellipse(count: int, tallest: int) -> list[_Place]:
    across, down = 420.0, _HUB + 84 + tallest / 2
    if count <= 2:
        return [(-across, 0.0), (across, 0.0)][:count]
    begin = -90 if count % 2 else -90 + 180 / count
    angles = [radians(begin + 360 * number / count) for number in range(count)]
    stretch = 1.0
    while True:
        places = [(stretch * across * cos(each), stretch * down * sin(each)) for each in angles]
        neighbors = zip(places, [*places[1:], places[0]], strict=True)
        if not any(_collide(a, b, tallest) for a, b in neighbors):
            return places
        stretch *= 1.08


def _collide(a: _Place, b: _Place, tallest: int) -> bool:
    return abs(a[0] - b[0]) < _CARD + _SPACE and abs(a[1] - b[1]) < tallest + _SPACE


def _in_rows(count: int, tallest: int) -> list[_Place]:
    """In rows of five, the server in the middle of the middle one."""
    rows = ceil((count + 1) / _COLUMNS) // 2 * 2 + 1
    middle = (rows // 2, _COLUMNS // 2)
    cells = [(row, column) for row in range(rows) for column in range(_COLUMNS)]
    nearest = sorted(
        (cell for cell in cells if cell != middle), key=lambda cell: abs(cell[0] - middle[0])
    )
    return [
        ((column - middle[1]) * (_CARD + _SPACE), (row - middle[0]) * _step(tallest))
        for row, column in sorted(nearest[:count])
    ]


def _step(tallest: int) -> float:
    """From one row to the next: so far that the server has room between the cards beside it."""
    return max(tallest + _SPACE, tallest / 2 + _HUB + 2 * _SPACE)


def _links(hub: tuple[float, float], x: float, y: float, card: Card) -> list[Link]:
    """The lines to a card: one for each node, and one for what it has just asked."""
    distance = hypot(x - hub[0], y - hub[1]) or 1.0
    ahead = ((x - hub[0]) / distance, (y - hub[1]) / distance)
    aside = (-ahead[1], ahead[0])
    lines: list[NodeMark | None] = [*card.mark.nodes]
    if card.mark.asks:
        lines.append(None)
    found = []
    for number, node in enumerate(lines):
        offset = _GAP * (number - (len(lines) - 1) / 2)
        shift = (aside[0] * offset, aside[1] * offset)
        begin = (
            hub[0] + ahead[0] * _HUB * 0.9 + shift[0],
            hub[1] + ahead[1] * _HUB * 0.9 + shift[1],
        )
        end = (x + shift[0], y + shift[1])
        edge = _edge(end, ahead, card)
        path = f"M{begin[0]:.1f} {begin[1]:.1f} L{end[0]:.1f} {end[1]:.1f}"  # beneath the card
        middle = ((begin[0] + edge[0]) / 2, (begin[1] + edge[1]) / 2)
        asks = "" if node else f"asks: task {card.mark.asks[-1]}"
        found.append(
            Link(
                path, round(middle[0], 1), round(middle[1], 1), node.flow if node else "up",
                node.flow_text if node else asks, node.collaboration if node else -1, node,
            )
        )  # fmt: skip
    return found


def _edge(end: tuple[float, float], ahead: tuple[float, float], card: Card) -> tuple[float, float]:
    """Where a line towards the middle of a card meets its border."""
    half = (card.width / 2, card.mark.height / 2)
    steps = [half[axis] / abs(ahead[axis]) for axis in (0, 1) if abs(ahead[axis]) > 1e-6]
    back = min(steps, default=0.0)
    return end[0] - ahead[0] * back, end[1] - ahead[1] * back
