"""Every setting of the server, in one place."""

import math
import re
import secrets
from typing import Any, Literal, Self

from pydantic import BaseModel, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from v6sim.server.errors import WrongSettings
from v6sim.wire.limits import DEFAULT_VALUES


class PasswordPolicy(BaseModel):
    """When logins of a user are refused for a while (reference: auth, section 3)."""

    max_failed_attempts: int = Field(5, ge=1, description="Wrong passwords before the pause.")
    inactivation_minutes: float = Field(15, gt=0, description="How long the pause lasts.")


class MailServer(BaseModel):
    """Where mails go; without a server they stay in the local outbox."""

    server: str | None = Field(None, description="SMTP server.")
    port: int = Field(1025, description="Its port.")
    username: str = Field("support@v6sim.invalid", description="Login, and the sender's address.")
    password: str = Field("", description="Its password.")
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
        description="Whether programs on this machine may use `/_v6sim/`: reset, and so on.",
    )
    inspector: Literal["on", "read-only", "off"] = Field(
        "on",
        description="The page at `/_v6sim/`: `on`, `read-only` (it changes nothing), or `off`.",
    )
    inspector_login: bool = Field(
        True,
        description="Whether one has to log in to see that page. If not, who is on this machine "
        "sees all of it, and still logs in to change something.",
    )
    control_from_gateway: bool = Field(
        False,
        description="Whether what comes from this machine's default gateway counts as from this "
        "machine there: for a server in a container whose port is published on loopback alone.",
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
                f"{'.'.join(map(str, one['loc']))}: {one['input']!r}: {one['msg']}"
                for one in error.errors()
            )
            raise WrongSettings(f"wrong settings: {wrong}") from None
