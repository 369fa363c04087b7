"""`v6sim explain`: why somebody may or may not do something."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from v6sim.cli import control, failures, options
from v6sim.cli.failures import Mistake

if TYPE_CHECKING:
    from collections.abc import Iterator


def explain(
    user: Annotated[str, typer.Argument(help="Username.")],
    method: Annotated[str, typer.Argument(help="GET, POST, PATCH or DELETE.")],
    path: Annotated[
        str, typer.Argument(help="Path, such as /task/1; the API path may be left out.")
    ],
    body: Annotated[str | None, typer.Option(help="Body, as JSON.")] = None,
    world: options.World = "manual",
    server: Annotated[
        str | None,
        typer.Option(help="Ask this running v6sim instead, such as http://127.0.0.1:5000."),
    ] = None,
    token_file: options.TokenFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Say whether a user may do something, why, and which role would allow it; nothing is changed.

    The exit code is 0 if it is allowed, and 1 if not.
    """
    with failures.clear_failures():
        wanted = {"username": user, "method": method, "path": path, "body": _parse(body)}
        if server is None:
            told = _ask_world(world, wanted)
        else:
            with control.at(server, token_file) as client:
                told = client.ask("POST", "explain", wanted)
        typer.echo(json.dumps(told, indent=2) if as_json else "\n".join(_lines(told)))
        raise typer.Exit(0 if told["status"] < 400 else 1)


def _parse(body: str | None) -> Any:
    try:
        return None if body is None else json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Mistake(f"--body {body!r:.200} is not JSON: {error}") from None


def _ask_world(name: str, wanted: dict[str, Any]) -> Any:
    """Ask a server of that world which is made for this one question."""
    from v6sim.cli.worlds import load
    from v6sim.sandbox import Sandbox

    with Sandbox(load(name), with_nodes=False) as box:
        return box.control.ask("POST", "explain", wanted)


def _lines(told: dict[str, Any]) -> "Iterator[str]":
    yield f"The answer would have the status {told['status']}."
    if told["status"] >= 400 and isinstance(told["body"], dict):
        yield f"It would say: {told['body'].get('msg') or told['body'].get('message')}"
    if not told["decisions"]:
        yield "No permission was asked for before that."
    for decision in told["decisions"]:
        yield ""
        yield decision["text"]
        yield from _ways(decision)


def _ways(decision: dict[str, Any]) -> "Iterator[str]":
    for way in decision["ways"]:
        rule = way["rule"] or "no rule at all"
        holders = f" (of {', '.join(way['own_roles'])})" if way["own_roles"] else ""
        has = f"which {decision['caller']['name']} has{holders}" if way["held"] else "not held"
        yield f"  {rule}, good for {way['reach']}: {has}"
    if not decision["allowed"] and decision["smallest_role"]:
        yield f"  the smallest role that would allow it: {decision['smallest_role']}"
