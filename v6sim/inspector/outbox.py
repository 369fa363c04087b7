"""The mails that the server wrote."""

from starlette.responses import Response

from v6sim.inspector.asks import Ask


def show(ask: Ask) -> Response:
    """The mails of late, the newest first."""
    return ask.page("outbox", mails=list(reversed(ask.core.outbox.mails)))
