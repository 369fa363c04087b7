"""Every setting of the server, in one place."""

import math
import os
import re
import secrets
import warnings
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from v6sim.runtime.control_token import control_token
from v6sim.runtime.deprecation import SettingGone
from v6sim.runtime.hosts import is_host_pattern, is_origin
from v6sim.server.errors import WrongSettings
from v6sim.wire.limits import DEFAULT_VALUES
from v6sim.wire.long_payload import longest_text
from v6sim.wire.sizes import MAX_INPUT, MAX_LOG, MAX_RESULT, MIB, parse_size
from v6sim.world.secrets import in_message, is_secret_name

GONE = {
    "inspector_login": "everybody logs in to the inspector, as a user of the world or by the link "
    "that `v6sim up` prints",
    "control_from_gateway": "programs elsewhere show the secret (`control_token`)",
}
"""Settings that did something once, and what to do now."""


_SECRET = re.compile(r"[\x21-\x7e]{16,}")


def _split(given: object) -> object:
    """Split a text at commas, as the environment gives it."""
    if isinstance(given, str):
        return [name.strip() for name in given.split(",") if name.strip()]
    return given


Names = Annotated[list[str], NoDecode, BeforeValidator(_split)]
"""A list of names; in the environment they stand with commas between them."""

Size = Annotated[int, BeforeValidator(parse_size)]
"""A number of bytes, which may be written as a text such as `256 MiB`."""

_LONGEST_ESCAPE = 6  # characters that JSON may need for one of a log


class PasswordPolicy(BaseModel):
    """When logins of a user are refused for a while (reference: auth, section 3)."""

    max_failed_attempts: int = Field(5, ge=1, description="Wrong passwords before the pause.")
    inactivation_minutes: float = Field(15, gt=0, description="How long the pause lasts.")


class MailServer(BaseModel):
    """Where mails go; without a server they stay in the local outbox."""

    server: str | None = Field(None, description="SMTP server.")
    port: int = Field(1025, description="Its port.")
    username: str = Field("support@v6sim.invalid", description="Login, and the sender's address.")
    password: str = Field("", description="Its password.", repr=False)
    MAIL_USE_TLS: bool = Field(True, description="Whether to use STARTTLS.")
    MAIL_USE_SSL: bool = Field(False, description="Whether to speak TLS from the start.")
    email_token_validity_minutes: float = Field(60, gt=0, description="Life of mailed tokens.")


class Settings(BaseSettings):
    """Settings of one server: from a world's `settings`, else the environment, else defaults.

    Keys that vantage6 3.7 has are called as there (reference: config, section 2).
    """

    model_config = SettingsConfigDict(
        env_prefix="V6SIM_", env_nested_delimiter="__", extra="ignore"
    )

    api_path: str = Field(
        "/api", description="Prefix of all REST routes: empty, or it begins with `/`."
    )
    jwt_secret_key: str = Field(
        default_factory=lambda: secrets.token_urlsafe(48),
        min_length=1,
        description="Signs all tokens; without it they die with the server. It should have 32 "
        "characters or more.",
        repr=False,
    )
    database_url: str = Field("sqlite://", description="SQLAlchemy URL; the default is in memory.")
    type: str = Field("prod", description="`test` lets access tokens live for 24 hours, not 6.")
    token_expires_hours: float | None = Field(
        None,
        gt=0,
        description="Life of access tokens in hours, fractions too (a key of vantage6 3.8); by "
        "default as the type says.",
    )
    two_factor_auth: bool = Field(False, description="Whether logins need a second factor (TOTP).")
    password_policy: PasswordPolicy = PasswordPolicy()
    smtp: MailServer = MailServer()
    root_password: str = Field(
        "root",
        min_length=1,
        description="Password of the user root in a new database.",
        repr=False,
    )
    password_rounds: int = Field(
        4,
        ge=4,
        le=20,
        description="Cost of bcrypt: 2 to this power. Low, as a sandbox's passwords are in its "
        "world file; raise it for a server that keeps real ones.",
    )
    hold_seconds: float = Field(
        5,
        ge=0,
        description="How long to hold back the answer to a poll for a task that is not complete "
        "yet, unless it completes before; 0 answers at once, as `v6sim server` does by itself.",
    )
    control: bool = Field(
        True,
        description="Whether programs that know the secret may use `/_v6sim/`: reset, and so on.",
    )
    control_token: SecretStr | None = Field(
        default_factory=control_token,
        validate_default=True,
        description="The secret that opens `/_v6sim/`, 16 or more characters of ASCII without "
        "spaces. By default it is generated at each start and kept in a file of the user's.",
        repr=False,
    )
    allowed_hosts: Names | None = Field(
        None,
        description="Further names under which the server may be asked, such as `v6sim.example` or "
        "`*.example`. By default the names of loopback while it listens there, else any.",
    )
    allowed_origins: Names | None = Field(
        None,
        description="Further origins whose web pages may read answers, such as "
        "`https://ui.example`, or `*` for all. By default those of loopback while the server "
        "listens there, else any.",
    )
    inspector: Literal["on", "read-only", "off"] = Field(
        "on",
        description="The page at `/_v6sim/`: `on`, `read-only` (it changes nothing), or `off`.",
    )
    max_payload_values: int = Field(
        DEFAULT_VALUES,
        ge=1,
        description="How many values a result or an input may have to be used: by `outcome.result` "
        "of the fixtures, the mock clients, `v6sim run --json` and `--pooled`. It is whole, or an "
        "error says so; above the default, more than 1 GiB may be made of it, in proportion.",
    )
    ping_seconds: float = Field(
        60, gt=0, description="How long nodes may take to answer a ping before they are offline."
    )
    orphan_seconds: float = Field(
        300,
        ge=0,
        description="How long the node of a master may be away before its open subtasks are "
        "stopped; 0: for ever.",
    )
    max_result: Size = Field(
        MAX_RESULT,
        description="The largest result of a run: bytes, or a text such as `256 MiB`. What counts "
        "is the result itself, before it is encoded or encrypted. A run with a larger one fails.",
    )
    max_input: Size = Field(
        MAX_INPUT,
        description="The largest input of a run, likewise. A task with a larger one is refused.",
    )
    max_log: Size = Field(
        MAX_LOG,
        description="The longest log of a run. Of a longer one, the beginning and the end are "
        "kept.",
    )
    max_body: Size | None = Field(
        None,
        description="The largest body of a request; by default so much that a report with the "
        "largest result and the longest log fits.",
    )

    @model_validator(mode="before")
    @classmethod
    def _warn_of_what_is_gone(cls, given: Any) -> Any:
        for name, instead in GONE.items():
            if name in given or f"V6SIM_{name.upper()}" in os.environ:
                text = f"the setting `{name}` does nothing any more: {instead}"
                warnings.warn(text, SettingGone, stacklevel=2)
        return given

    @field_validator("control_token", mode="before")
    @classmethod
    def _is_a_secret(cls, given: object) -> object:
        text = given.get_secret_value() if isinstance(given, SecretStr) else given
        if text in (None, ""):
            return None
        if not isinstance(text, str) or not _SECRET.fullmatch(text):
            raise PydanticCustomError(
                "secret", "expected 16 or more characters of ASCII without spaces"
            )
        return given

    @field_validator("allowed_hosts")
    @classmethod
    def _are_hosts(cls, names: list[str] | None) -> list[str] | None:
        for name in names or ():
            if not is_host_pattern(name):
                raise ValueError(
                    f"{name!r}: expected a host name without scheme and port, such as "
                    "v6sim.example, or *.example"
                )
        return names

    @field_validator("allowed_origins")
    @classmethod
    def _are_origins(cls, names: list[str] | None) -> list[str] | None:
        for name in names or ():
            if name != "*" and not is_origin(name):
                raise ValueError(
                    f"{name!r}: expected scheme, host and perhaps port, such as https://ui.example"
                )
        return names

    @field_validator("api_path")
    @classmethod
    def _path_has_one_form(cls, path: str) -> str:
        plain = path.rstrip("/")
        if plain and not re.fullmatch(r"(/[\w.~-]+)+", plain, re.ASCII):
            raise ValueError("expected a path such as /api, or nothing")
        return plain

    @field_validator("database_url")
    @classmethod
    def _is_known(cls, url: str) -> str:
        try:
            make_url(url).get_dialect()
        except SQLAlchemyError:
            raise ValueError("expected an SQLAlchemy URL such as sqlite:///server.db") from None
        return url

    @property
    def body_limit(self) -> int:
        """The largest body of a request, in bytes."""
        if self.max_body is not None:
            return self.max_body
        payload = longest_text(max(self.max_result, self.max_input))
        return payload + _LONGEST_ESCAPE * self.max_log + MIB

    @property
    def longest_string(self) -> int:
        """The longest text in a body that is worth keeping, in characters."""
        return longest_text(max(self.max_result, self.max_input, self.max_log))

    @property
    def access_seconds(self) -> int:
        """Life of an access token in seconds (reference: auth, section 1.1)."""
        if self.token_expires_hours is not None:
            return math.ceil(self.token_expires_hours * 3600)
        return 86400 if self.type == "test" else 21600

    @classmethod
    def of(cls, world: dict[str, Any], **others: Any) -> Self:
        """Settings as a world's file gives them; `others` win over it.

        Raises:
            WrongSettings: a value that a setting cannot have.
        """
        try:
            return cls(**{**world, **others})
        except ValidationError as error:
            wrong = "; ".join(
                f"{'.'.join(map(str, one['loc']))}: {_value_of(one)}{one['msg']}"
                for one in error.errors()
            )
            raise WrongSettings(in_message(f"wrong settings: {wrong}")) from None


def _value_of(error: ErrorDetails) -> str:
    """Return the value that is wrong, for a message; nothing for a secret one."""
    return "" if is_secret_name(str(error["loc"][-1])) else f"{error['input']!r}: "
