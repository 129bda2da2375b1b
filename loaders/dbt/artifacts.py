"""dbt's files ("artifacts"): read whole, and known by the schema that they name.

https://docs.getdbt.com/reference/artifacts/dbt-artifacts describes them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import msgspec

from loaders.dbt.rules import DbtRule
from loaders.errors import LoaderError
from loaders.fetch import name_of, read_bytes, shown
from loaders.fields import Fields, RefusedRecord

__all__ = ["Artifact", "instant", "read_artifact"]

_VERSIONS = {"manifest": (5, 12), "catalog": (1, 1), "run-results": (4, 6)}
"""The oldest and the newest schema that is read: dbt 1.1 to 1.11."""
_SCHEMA = re.compile(r"https://schemas\.getdbt\.com/dbt/([a-z-]+)/v(\d{1,4})\.json")


@dataclass(frozen=True, slots=True)
class Artifact:
    """One of dbt's files."""

    name: str
    """What the file is called."""
    raw: bytes
    content: Fields
    metadata: Fields

    def section(self, name: str) -> dict[str, Any]:
        """A part of the file, by its keys; empty where there is none. Raises LoaderError where it is no object."""
        found = self.content.content.get(name)
        if found is None:
            return {}
        if not isinstance(found, dict):
            raise LoaderError(DbtRule.NO_ARTIFACT, f"{self.name}: '{name}' is no object: load the file as dbt wrote it")
        return cast("dict[str, Any]", found)

    def told(self, name: str) -> str | None:
        """What the file tells of itself under ``metadata``. Raises LoaderError where that is no text."""
        try:
            return self.metadata.text(name)
        except RefusedRecord as refused:
            raise self.refusal(DbtRule.NO_ARTIFACT, refused) from None

    def generated_at(self) -> datetime:
        """When dbt wrote the file. Raises LoaderError where it does not say so."""
        try:
            found = instant(self.metadata, "generated_at")
        except RefusedRecord as refused:
            raise self.refusal(DbtRule.TIME, refused) from None
        if found is None:
            message = f"{self.name}: 'generated_at' is missing: load the file as dbt wrote it"
            raise LoaderError(DbtRule.TIME, message)
        return found

    def refusal(self, rule: DbtRule, refused: RefusedRecord) -> LoaderError:
        """That the file as a whole is refused for what is wrong above its records."""
        problem = refused.problem
        return LoaderError(rule, f"{self.name}: {problem.path}: {problem.message}: load the file as dbt wrote it")


def read_artifact(location: str, kind: str) -> Artifact:
    """The file of this kind, by path or address. Raises LoaderError, naming it, where it is none that is read here."""
    content, name = read_bytes(location), shown(location)
    try:
        value = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        message = f"{name} is no JSON ({error}): give the path of a {_file(kind)}"
        raise LoaderError(DbtRule.NOT_JSON, message) from error
    try:
        fields = Fields(value)
        metadata = fields.object("metadata")
        schema = metadata.text("dbt_schema_version") if metadata else None
    except RefusedRecord:
        raise _no_artifact(name, kind) from None
    found = _SCHEMA.fullmatch(schema or "")
    if metadata is None or found is None or found[1] != kind:
        raise _no_artifact(name, kind)
    oldest, newest = _VERSIONS[kind]
    if not oldest <= int(found[2]) <= newest:
        wanted = f"v{oldest} to v{newest}" if oldest < newest else f"v{oldest}"
        message = f"{name} is a {kind} of v{found[2]}, and {wanted} are read here: write it with another version of dbt"
        raise LoaderError(DbtRule.VERSION, message)
    return Artifact(name_of(location), content, fields, metadata)


def instant(fields: Fields, name: str) -> datetime | None:
    """An instant; dbt means UTC where it names no zone. None where it is missing. Raises RefusedRecord."""
    text = fields.text(name)
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        remedy = "write it as 2022-03-31T08:00:00Z"
        raise fields.refusal(DbtRule.TIME, name, f"{text[:60]!r} is no instant", remedy) from None


def _no_artifact(name: str, kind: str) -> LoaderError:
    message = f"{name} is no {kind} of dbt: its 'dbt_schema_version' names none; give the path of a {_file(kind)}"
    return LoaderError(DbtRule.NO_ARTIFACT, message)


def _file(kind: str) -> str:
    return f"{kind.replace('-', '_')}.json"
