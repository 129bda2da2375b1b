"""The settings of a running Waypost: environment variables that begin with WAYPOST_, or a .env file."""

import difflib
import hashlib
import hmac
import ipaddress
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings, DotEnvSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as SourceError

PREFIX = "WAYPOST_"

# Names with our prefix that are no settings of the server: the scripts and the tests read them.
_OTHER_NAMES = frozenset({"WAYPOST_VENV", "WAYPOST_REAL_DATA"})
_OTHER_PREFIXES = ("WAYPOST_TEST_",)

_NEO4J_SCHEMES = frozenset({"neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc"})
_SQLITE_PREFIX = "sqlite:"

Scope = Literal["read", "ingest", "write"]
"""What a token allows: read what is for staff, load metadata, change single records (and read what is for staff)."""

MOST_SECONDS = 3600.0
Seconds = Annotated[float, Field(gt=0, le=MOST_SECONDS, allow_inf_nan=False)]


class SettingsError(ValueError):
    """The settings cannot be used; the message names the variable and the remedy, and holds no value."""


class SettingDescription(NamedTuple):
    """One setting as documents show it."""

    name: str
    """The environment variable."""
    default: str
    """What holds when the variable is not set, as it would be written; empty for nothing."""
    description: str


class Token(BaseModel):
    """One bearer token: whose it is and what it allows. The token itself is never kept, only its SHA-256."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: str = Field(min_length=1, max_length=100, description="Recorded as the actor of every change.")
    sha256: str = Field(
        repr=False,
        pattern=r"^[0-9a-f]{64}$",
        description="SHA-256 of the token, 64 hexadecimal digits in lower case.",
    )
    scopes: frozenset[Scope] = Field(min_length=1, description="At least one of read, ingest, write.")

    def matches(self, candidate: str) -> bool:
        """Say whether `candidate` is this token, in a time that does not depend on how much of it is right.

        An empty candidate matches nothing, whatever digest is set.
        """
        digest = hashlib.sha256(candidate.encode("utf-8", "surrogatepass")).hexdigest()
        return hmac.compare_digest(digest, self.sha256) and candidate != ""


class Settings(BaseSettings):
    """Everything that can be set, read once at the start.

    A variable in the environment wins over the same one in `.env` of the working folder; an empty one counts
    as not set. Use `load_settings` where a person reads the error.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        # Foreign names in .env are another program's; ours are checked in `load_settings`.
        extra="ignore",
        frozen=True,
        # A message must never print a password back.
        hide_input_in_errors=True,
    )

    store: str = Field(
        default="sqlite:var/waypost.db",
        description="Where the graph is kept: sqlite:PATH for a file on this machine, or the address of a"
        " Neo4j such as neo4j://HOST:7687 (clusters), neo4j+s://HOST (with TLS) or bolt://HOST:7687 (one server).",
    )
    neo4j_user: str = Field(default="neo4j", min_length=1, description="User of the Neo4j.")
    neo4j_password: SecretStr | None = Field(
        default=None, description="Password of the Neo4j; nothing for a server without authentication."
    )
    neo4j_database: str = Field(
        default="neo4j",
        min_length=1,
        description="Database in the Neo4j; the Community edition has only neo4j.",
    )
    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="Address that the server listens on. One that other machines can reach needs a bearer token as"
        " well (WAYPOST_TOKENS).",
    )
    port: int = Field(default=8000, ge=0, le=65535, description="Port that the server listens on; 0 takes a free one.")
    tokens: tuple[Token, ...] = Field(
        default=(),
        description="Bearer tokens of staff and machines, as JSON in single quotes:"
        ' \'[{"name":"ops","sha256":"<digest>","scopes":["read","ingest","write"]}]\'.'
        " The scope read shows what is for staff, ingest takes lineage events, write states things by hand and shows as much as read."
        " Only the SHA-256 of a token is kept; printf %s TOKEN | sha256sum prints it.",
    )
    query_timeout_seconds: Seconds = Field(
        default=10.0,
        description="Longest a read may take, in seconds; at most 3600. Commands that audit everything wait for an hour.",
    )
    write_timeout_seconds: Seconds = Field(
        default=30.0,
        description="Longest one write transaction may take, and a mutation as a whole, in seconds; at most 3600.",
    )
    connect_timeout_seconds: Seconds = Field(
        default=5.0,
        description="Longest that opening a connection to the store may take, in seconds; at most 3600.",
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="How log lines are written: text for people, json for machines."
    )
    zone: str = Field(
        default="UTC",
        description="IANA time zone of the jurisdiction, such as Europe/Berlin; it decides which day today is.",
    )

    audit_at_start: bool = Field(
        default=True,
        description="Whether the server works out the sharing audit of today as soon as it starts, and each hour, where a token may"
        " see it, so that no question need wait for it, and keeps it for the next start: with 100,000 flows that takes seconds, and"
        " 400 MB from then on.",
    )

    @field_validator("store")
    @classmethod
    def _check_store(cls, value: str) -> str:
        if value.startswith(_SQLITE_PREFIX):
            if not value.removeprefix(_SQLITE_PREFIX):
                raise ValueError("names no file: write sqlite:PATH, for example sqlite:var/waypost.db")
            return value
        try:
            parts = urlsplit(value)
            _ = parts.port  # read for its check: it raises when the port is no number
        except ValueError as error:
            raise ValueError("is no address: write for example neo4j://localhost:7687") from error
        if parts.scheme not in _NEO4J_SCHEMES or not parts.hostname:
            schemes = ", ".join(sorted(_NEO4J_SCHEMES))
            raise ValueError(f"must be sqlite:PATH or SCHEME://HOST:PORT with a scheme of {schemes}")
        if parts.username is not None or parts.password is not None:
            # An address is logged and shown; a password is not.
            raise ValueError("must not hold a user or password: use WAYPOST_NEO4J_USER and WAYPOST_NEO4J_PASSWORD")
        return value

    @field_validator("zone")
    @classmethod
    def _check_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, OSError) as error:  # ZoneInfoNotFoundError is a KeyError, caught below
            raise ValueError("is no IANA time zone; write for example UTC or Europe/Berlin") from error
        except KeyError as error:
            raise ValueError("is no IANA time zone that this machine knows; write for example UTC") from error
        return value

    @field_validator("tokens")
    @classmethod
    def _check_tokens(cls, value: tuple[Token, ...]) -> tuple[Token, ...]:
        # The name is the actor of a change: it must say which token it was, and a token which name.
        if len({token.name for token in value}) < len(value):
            raise ValueError("two tokens have the same name: give each its own")
        if len({token.sha256 for token in value}) < len(value):
            raise ValueError("two names have the same token: make one token for each")
        return value

    @model_validator(mode="after")
    def _check_exposure(self) -> Self:
        if not self.tokens and not is_loopback(self.host):
            raise ValueError(
                "WAYPOST_HOST is an address that other machines may reach, and no token is set:"
                " set WAYPOST_TOKENS, or listen on 127.0.0.1"
            )
        return self

    @property
    def sqlite_path(self) -> Path | None:
        """The file of the embedded store, or None when the store is a Neo4j."""
        if not self.store.startswith(_SQLITE_PREFIX):
            return None
        return Path(self.store.removeprefix(_SQLITE_PREFIX))


def is_loopback(host: str) -> bool:
    """Say whether `host`, a name or an address, is reachable from this machine only. Resolves no names."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def load_settings(**overrides: Any) -> Settings:
    """Read the settings; `overrides` (by field name, from a command line) win over the environment.

    Raises `SettingsError`, whose message is one line for each problem and holds no value, when a value is
    not valid or when a variable begins with WAYPOST_ and is unknown: a misspelt name would otherwise
    silently leave the default in place. Raises `TypeError` for an override that is no field.
    """
    if foreign := sorted(overrides.keys() - Settings.model_fields.keys()):
        raise TypeError(f"no settings: {', '.join(foreign)}")
    problems: list[str] = []
    try:
        file_names = DotEnvSettingsSource(Settings).env_vars
        problems += _unknown_names({*os.environ, *file_names})
        settings = Settings(**overrides)
    except SourceError:
        # Only JSON is parsed before the checks, and the tokens are the one setting written in it.
        raise SettingsError(f"{PREFIX}TOKENS: is not valid JSON; see its example in .env.example") from None
    except ValidationError as error:
        found = [_sentence(item["loc"], item["msg"]) for item in error.errors(include_input=False)]
        raise SettingsError("\n".join(problems + found)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError("the file .env cannot be read: it must be UTF-8 text that this user may read") from error
    if problems:
        raise SettingsError("\n".join(problems))
    return settings


def describe() -> list[SettingDescription]:
    """List every setting in the order of its declaration, for `.env.example` and for documents."""
    return [
        SettingDescription(PREFIX + name.upper(), _written(field.default), field.description or "")
        for name, field in Settings.model_fields.items()
    ]


def _written(default: object) -> str:
    """Write a default as the environment would."""
    if default is None or default is PydanticUndefined:
        return ""
    return json.dumps(default) if isinstance(default, tuple | bool) else str(default)


def _unknown_names(names: Iterable[str]) -> list[str]:
    known = [item.name for item in describe()]
    problems: list[str] = []
    # Case does not matter, and the .env file gives its names in lower case.
    for upper in sorted({name.upper() for name in names}):
        if not upper.startswith(PREFIX) or upper in known:
            continue
        if upper in _OTHER_NAMES or upper.startswith(_OTHER_PREFIXES):
            continue
        # Without the prefix, which would make every two names alike.
        near = difflib.get_close_matches(upper.removeprefix(PREFIX), [item.removeprefix(PREFIX) for item in known], n=1)
        hint = f"did you mean {PREFIX}{near[0]}?" if near else "see .env.example for those there are"
        problems.append(f"{upper} is no setting of Waypost: {hint}")
    return problems


def _sentence(place: tuple[int | str, ...], message: str) -> str:
    text = message.removeprefix("Value error, ")
    if not place:
        return text
    name, *rest = (str(part) for part in place)
    inner = "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in rest)
    return f"{PREFIX}{name.upper()}{inner}: {text}"
