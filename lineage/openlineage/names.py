"""Names in OpenLineage events, and the rules that an event can break."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from catalog.errors import InvalidUrn
from catalog.urn import Urn, openlineage, part

__all__ = ["EventProblem", "Path", "Rule", "Thing", "column_urn", "joined", "read_thing", "refusal", "thing_of"]

Path = tuple[str | int, ...]

_PLACEHOLDER = re.compile(r"\{\{.*?\}\}|\$\{.*?\}", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Rule(StrEnum):
    """Every rule that keeps an event out. The names are stable, the same for a file and for the endpoint."""

    JSON = "json"
    DEPTH = "depth"
    SIZE = "size"
    TYPE = "type"
    """A value of another type than the specification's."""
    EVENT = "event"
    """It is no run, job or dataset event."""
    EVENT_TYPE = "event-type"
    TIME = "time"
    TIME_ZONE = "time-zone"
    RUN_ID = "run-id"
    NAME = "name"
    """A namespace or a name is missing, blank, not to be printed or too long."""
    PLACEHOLDER = "placeholder"
    """A namespace or a name holds ``{{ }}`` or ``${ }``: a template that nobody filled in."""


class EventProblem(Exception):
    """Why an event is kept out: the rule, where in the event, what is wrong and what to do."""

    def __init__(self, rule: Rule, path: str, message: str, remedy: str) -> None:
        super().__init__(f"{path}: {rule}: {message}: {remedy}")
        self.rule = rule
        self.path = path
        self.message = message
        self.remedy = remedy


class Thing(NamedTuple):
    """A job or dataset by its name, and the URN that follows from it."""

    urn: Urn
    namespace: str
    name: str


def refusal(rule: Rule, path: Path, message: str, remedy: str) -> EventProblem:
    """The problem of this rule there."""
    return EventProblem(rule, joined(path), message, remedy)


def joined(path: Path) -> str:
    """A path in an event, for people: ``$.inputs[0].name``."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


def read_thing(kind: str, content: Mapping[str, Any], path: Path) -> Thing:
    """The job or dataset that an object names. Raises EventProblem where it does not."""
    namespace, name = content.get("namespace"), content.get("name")
    if type(namespace) is str and type(name) is str:
        found = _known(kind, namespace, name)
        if found is not None:
            return found
    for step, value in (("namespace", namespace), ("name", name)):
        check_name(value, (*path, step))
    try:
        return thing_of(kind, str(namespace), str(name))
    except InvalidUrn as error:
        raise refusal(Rule.NAME, path, str(error), "give it a shorter name") from error


def check_name(value: Any, path: Path) -> str:
    """A namespace, a name or the name of a column. Raises EventProblem on what can be none."""
    if not isinstance(value, str) or not value.strip():
        what = "there is no text" if value is None else f"{value!r:.60} is no text"
        raise refusal(Rule.NAME, path, what, "state it")
    if found := _PLACEHOLDER.search(value):
        what = f"{value!r:.80} holds the placeholder {found[0]!r:.60}"
        raise refusal(Rule.PLACEHOLDER, path, what, "fill the template in before it is sent")
    if _CONTROL.search(value):
        raise refusal(Rule.NAME, path, f"{value!r:.60} holds a control character", "take it out")
    return value


def thing_of(kind: str, namespace: str, name: str) -> Thing:
    """The job or dataset of this name. Raises InvalidUrn where no URN can hold it."""
    return Thing(openlineage(kind, namespace, name), namespace, name)


@lru_cache(maxsize=16_384)
def _known(kind: str, namespace: str, name: str) -> Thing | None:
    """The thing of a name that is sound; None of one that is not, which is then told exactly. Most are met again."""
    try:
        check_name(namespace, ())
        check_name(name, ())
        return thing_of(kind, namespace, name)
    except (EventProblem, InvalidUrn):
        return None


@lru_cache(maxsize=16_384)
def column_urn(dataset: Urn, name: str) -> Urn | None:
    """The URN of a column; None where no URN can hold it."""
    try:
        return part(dataset, "column", name)
    except InvalidUrn:
        return None
