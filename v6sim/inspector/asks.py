"""One request for a page: who asks, for what, and how the answer is made."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from v6sim.inspector.rendering import templates
from v6sim.inspector.seen import Seen
from v6sim.inspector.visitors import Visitor, Visitors
from v6sim.server.control.front import PAGES
from v6sim.server.errors import Refused
from v6sim.server.operations.call import Core

if TYPE_CHECKING:
    from v6sim.inspector.live import Live
    from v6sim.server.app import Server


@dataclass(frozen=True)
class House:
    """What all requests share.

    Args:
        server: what is looked at.
        visitors: who looks.
        live: tells browsers what has changed.
    """

    server: "Server"
    visitors: Visitors
    live: "Live"

    @property
    def core(self) -> Core:
        """The server's shared parts."""
        return self.server.core


@dataclass(frozen=True)
class Ask:
    """A request for a page.

    Args:
        house: what all requests share.
        request: the request.
        visitor: who asks.
        since: the state of things when they asked; see `Live.mark`.
        form: what a form carries; empty if it is none.
    """

    house: House
    request: Request
    visitor: Visitor
    since: str
    form: Mapping[str, str] = field(default_factory=dict)

    @property
    def core(self) -> Core:
        """The server's shared parts."""
        return self.house.core

    @property
    def is_part(self) -> bool:
        """Whether a page that is shown already asks for what is to be replaced in it."""
        return "hx-request" in self.request.headers

    def number(self, name: str) -> int:
        """A number in the path."""
        return int(self.request.path_params[name])

    def query(self, name: str) -> str:
        """What the address says after its question mark; empty if it does not."""
        return self.request.query_params.get(name, "").strip()

    @contextmanager
    def seeing(self) -> Iterator[Seen]:
        """What the visitor may see of the database.

        Raises:
            Refused: nothing, as they have not logged in.
        """
        if self.visitor.caller is None:
            raise Refused("log in first")
        with self.core.store.session() as session:
            yield Seen(self.core, session, self.visitor.caller)

    def page(self, template: str, status: int = 200, **content: Any) -> Response:
        """A page.

        Args:
            template: name of its template, without the ending.
            status: of the answer.
            content: what the template is filled with.
        """
        text = (
            templates()
            .get_template(f"{template}.html.j2")
            .render(
                visitor=self.visitor,
                token=self.house.visitors.form_token(self.visitor),
                path=self.request.url.path,
                settings=self.core.settings,
                is_part=self.is_part,
                since=self.since,
                **content,
            )
        )
        return HTMLResponse(text, status)

    def go(self, path: str, **query: str) -> Response:
        """To another page.

        Args:
            path: below that of the pages, such as `/tasks`.
            query: what its address says.
        """
        question = f"?{urlencode(query)}" if query else ""
        return RedirectResponse(f"{PAGES}{path}{question}", 303)
