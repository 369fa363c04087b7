"""The errors of the server, as operations raise them; each dialect turns them into its answers.

ServerError
 ├── NotFound            what was named does not exist
 ├── Invalid             the request cannot be carried out as it stands
 │    ├── InvalidField   one field of it is missing or of the wrong kind
 │    └── BadBody        its body cannot be read
 ├── Refused             the caller may not do this; carries the decision
 ├── NotAuthenticated    who calls is not known
 │    ├── ExpiredToken   the token was good once
 │    └── BadToken       what was shown as a token is none
 ├── TooLarge            something in the request is larger than a setting allows
 │    └── TooManyValues  its body has more values than any request needs
 ├── NotConfigured       the server lacks what this needs
 ├── NoRoom              the server has no room to store it
 ├── DatabaseFailed      the server's database is damaged, or cannot be reached
 └── CannotStart         the server cannot be started like this
      ├── PortTaken      it cannot listen where it should
      ├── WrongSettings  a setting has a value that it cannot have
      └── WrongWorld     the world has something that no server can have
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from v6sim.wire.excerpt import excerpt
from v6sim.wire.sizes import describe_excess, format_size
from v6sim.world.secrets import without_passwords

if TYPE_CHECKING:
    from v6sim.server.access.decisions import Decision


class ServerError(Exception):
    """Anything an operation refuses; its text is for the caller."""


class NotFound(ServerError):
    """Something named by the caller does not exist.

    Args:
        kind: what was looked for, in the singular.
        key: the id or name that was given.
    """

    def __init__(self, kind: str, key: object) -> None:
        super().__init__(f"{kind} {excerpt(key)} does not exist")
        self.kind, self.key = kind, key


class Invalid(ServerError):
    """The request cannot be carried out as it stands."""


class InvalidField(Invalid):
    """One field of the request is missing or of the wrong kind.

    Args:
        field: the field's name on the wire.
        text: what is wrong with it, and what was expected.
    """

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


class BadBody(Invalid):
    """The body of the request cannot be read."""


class Refused(ServerError):
    """The caller may not do this.

    Args:
        text: why, in one sentence.
        decision: which rules were looked at; None where no rule could have allowed it.
    """

    def __init__(self, text: str, decision: Decision | None = None) -> None:
        super().__init__(text)
        self.decision = decision


class NotAuthenticated(ServerError):
    """Who calls is not known, or no longer."""


class ExpiredToken(NotAuthenticated):
    """The token was good once."""


class BadToken(NotAuthenticated):
    """What was shown as a token is none, or none of the wanted kind."""


class TooLarge(ServerError):
    """Something in the request is larger than a setting allows.

    Args:
        what: the thing, such as `result`.
        size: its size in bytes; None if only a part of it has been read.
        limit: the largest size that is allowed.
        setting: the setting that says so.
    """

    def __init__(self, what: str, size: int | None, limit: int, setting: str) -> None:
        if size is None:
            text = f"{what} is larger than {format_size(limit)} ({setting})"
        else:
            text = describe_excess(what, size, limit, setting)
        super().__init__(text)
        self.what, self.size, self.limit, self.setting = what, size, limit, setting


class TooManyValues(TooLarge):
    """The body of the request has more values than any request needs.

    Args:
        why: how many it may have.
    """

    def __init__(self, why: str) -> None:
        Exception.__init__(self, why)
        self.what, self.size, self.limit, self.setting = "request body", None, 0, ""


class NotConfigured(ServerError):
    """The server has no settings for what was asked."""


class NoRoom(ServerError):
    """The server has no room to store something.

    Args:
        why: what the database says.
    """

    def __init__(self, why: str) -> None:
        super().__init__(
            "the server has no room left to store this: delete tasks that are no longer needed, or "
            "ask who runs it to make room; its log names the disk"
        )
        self.why = why


class DatabaseFailed(ServerError):
    """The server's database is damaged, or cannot be reached, read, or written.

    Args:
        why: what the database says, and what to do; it is for the one who runs the server.
    """

    def __init__(self, why: str) -> None:
        super().__init__("the server's database cannot be used: see the server's log")
        self.why = why


class CannotStart(ServerError):
    """The server cannot be started like this; the text is for the person who starts it."""


class PortTaken(CannotStart):
    """The server cannot listen where it should.

    Args:
        host: the address.
        port: the port.
        why: what the operating system says.
    """

    def __init__(self, host: str, port: int, why: str) -> None:
        super().__init__(
            f"cannot listen on {host}, port {port}: {why}. Choose another port, or 0 for a free one"
        )


class WrongDatabase(CannotStart):
    """The database cannot be used.

    Args:
        url: where it is; a password in it is not shown.
        why: what the database, or its driver, says.
    """

    def __init__(self, url: str, why: str) -> None:
        super().__init__(f"the database {without_passwords(url)} cannot be used: {why.strip()}")


class WrongSettings(CannotStart):
    """A setting has a value that it cannot have."""


class WrongWorld(CannotStart):
    """The world has something that no server can have."""
