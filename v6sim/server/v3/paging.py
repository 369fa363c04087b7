"""Lists: filtered, ordered, in pages (reference: server-api, section 1.5)."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from sqlalchemy import func
from sqlmodel import select
from starlette.exceptions import HTTPException

from v6sim.server.errors import Invalid
from v6sim.server.operations.call import Call
from v6sim.server.v3.answers import Json, is_minimal_preferred
from v6sim.server.v3.links import View
from v6sim.server.v3.methods import LONGEST_QUERY

Shapes = Callable[[View, Sequence[Any]], Sequence[Any]]
_PER_PAGE = 10
_LONGEST = 30  # characters of a number
_HIGHEST = 2**40


def answer_list(call: Call, request: Request, statement: Any, shapes: Shapes) -> Response:
    """The rows of an ordered statement: all, or the page that is asked for.

    Args:
        call: whose call it is.
        request: says which page, and whether links to others are wanted in the body.
        statement: selects and orders the rows.
        shapes: makes the wire shapes of some rows.
    """
    session = call.session
    page = _number(request, "page") if _first(request, "page") else None
    if page is None:
        rows = session.exec(statement).all()
        total, last = len(rows), 1 if rows else 0
    else:
        size = _number(request, "per_page") if "per_page" in request.query_params else _PER_PAGE
        count = select(func.count()).select_from(statement.order_by(None).subquery())
        total = session.exec(count).one()
        last = -(-total // size)
        rows = session.exec(statement.offset((page - 1) * size).limit(size)).all()
    links = _links(request, page or 1, last)
    data = shapes(View(call), rows)
    body = {"data": data, "links": links} if "metadata" in includes(request) else data
    header = ",".join(f"<{url}>; rel={name}" for name, url in links.items())
    headers = {"total-count": str(total), "Link": header}
    return Json(body, headers=headers, omit_long=is_minimal_preferred(request))


def includes(request: Request) -> list[str]:
    """What is to be included in the answer."""
    return request.query_params.getlist("include")


def _first(request: Request, name: str) -> str:
    return (request.query_params.getlist(name) or [""])[0]


def _number(request: Request, name: str) -> int:
    given = request.query_params.getlist(name)[0]
    try:
        number = int(given) if len(given) <= _LONGEST else 0
    except ValueError:
        number = 0
    if not 1 <= number <= _HIGHEST:
        raise Invalid(f"{name} has to be a whole number from 1 on, not {given[:_LONGEST]!r}")
    return number


def _links(request: Request, page: int, last: int) -> dict[str, str]:
    pages = {"first": 1, "previous": page - 1, "self": page, "next": page + 1, "last": last}
    if page <= 1:
        del pages["previous"]
    if page >= last:
        del pages["next"]
    if last < 1:
        del pages["last"]
    given, path = request.query_params, request.url.path
    query = {key: given.getlist(key)[0] for key in given}
    if len(urlencode(query)) > LONGEST_QUERY:  # characters that need escapes make it longer
        raise HTTPException(414, "the query is too long to be repeated in the links to pages")
    return {
        name: f"{path}?{urlencode({**query, 'page': number})}" for name, number in pages.items()
    }
