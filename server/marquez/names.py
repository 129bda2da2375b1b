"""What Marquez knows things by, a namespace and a name, and the URNs that they are.

What OpenLineage names keeps its two names. Everything else is in a namespace of ours, ``waypost:`` and then its URN without
kind and last segment: the dataset ``urn:waypost:dataset:dcat:data.example.gov:abcd-1234`` is ``abcd-1234`` in
``waypost:dcat:data.example.gov``. Both ways are inverse: ``urn_of(kind, *named(urn)) == urn`` for every URN of that kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from catalog.errors import InvalidUrn
from catalog.urn import Urn, format_urn, openlineage, parse, part

__all__ = [
    "MAX_READINGS",
    "NODE_IDS",
    "Field",
    "Name",
    "dataset_id",
    "field_id",
    "field_of",
    "job_id",
    "named",
    "readings",
]
__all__ += ["urn_of", "within"]

MAX_READINGS = 500
"""Ways to read a node id: each of its colons may be the one between namespace and name."""

NODE_IDS = {
    "dataset": "dataset:NAMESPACE:NAME",
    "job": "job:NAMESPACE:NAME",
    "column": "datasetField:NAMESPACE:DATASET:FIELD",
}
"""The form of node ids, by the kind of what they mean."""

_OURS = "waypost:"
_PREFIX = "urn:waypost:"
_PART = "#"
_PLAIN = re.compile(r"urn:waypost:[a-z-]+:ol:((?!waypost%3A)[^:#]+):([^:#]+)")
"""The URN of what OpenLineage names: as most are, and they are many."""
_BETWEEN = re.compile(r":(?!//|\d)")
"""A colon that parts names, where Marquez looks for one: not that of ``scheme://`` nor of a port."""


class Name(NamedTuple):
    """A dataset or job as Marquez names it."""

    namespace: str
    name: str


class Field(NamedTuple):
    """A column as Marquez names it."""

    namespace: str
    dataset: str
    field: str


@lru_cache(maxsize=16_384)
def named(urn: str) -> Name:
    """The namespace and name of a dataset or job."""
    if plain := _PLAIN.fullmatch(urn):
        return Name(_unescaped(plain[1]), _unescaped(plain[2]))
    parts = parse(urn)
    if parts.scheme == "ol" and not parts.parts and not parts.segments[0].startswith(_OURS):
        return Name(*parts.segments)
    rest = urn.removeprefix(f"{_PREFIX}{parts.kind}:")
    if parts.parts:
        return Name(_OURS + rest[: rest.rindex(_PART) + 1], parts.parts[-1])
    return Name(_OURS + rest[: rest.rindex(":")], parts.segments[-1])


def urn_of(kind: str, namespace: str, name: str) -> Urn:
    """The URN of the thing of this kind (a slug) and name. Raises InvalidUrn where there can be none."""
    if not namespace.startswith(_OURS):
        return openlineage(kind, namespace, name)
    parts = parse(f"{within(kind, namespace)}x")
    if parts.parts:
        urn = format_urn(replace(parts, parts=(*parts.parts[:-1], name)))
    else:
        urn = format_urn(replace(parts, segments=(*parts.segments[:-1], name)))
    if named(urn) != (namespace, name):
        raise InvalidUrn(f"'{namespace[:80]}' is no namespace of ours: those of /api/v1/namespaces are")
    return urn


def within(kind: str, namespace: str) -> str:
    """What the URNs of everything of a kind in a namespace begin with. Raises InvalidUrn where there can be none."""
    if namespace.startswith(_OURS):
        rest = namespace.removeprefix(_OURS)
        return f"{_PREFIX}{kind}:{rest}" + ("" if rest.endswith(_PART) else ":")
    return openlineage(kind, namespace, "x").removesuffix("x")


def dataset_id(urn: str) -> str:
    """The node id of a dataset."""
    return "dataset:" + ":".join(named(urn))


def job_id(urn: str) -> str:
    """The node id of a job."""
    return "job:" + ":".join(named(urn))


@lru_cache(maxsize=16_384)
def field_of(column: str) -> Field:
    """The names of a column, all of which its URN holds."""
    parts = parse(column)
    return Field(*named(format_urn(replace(parts, kind="dataset", parts=parts.parts[:-1]))), parts.parts[-1])


def field_id(column: str) -> str:
    """The node id of a column."""
    return "datasetField:" + ":".join(field_of(column))


def readings(node_id: str) -> list[Urn] | None:
    """Every URN that a node id may mean, the likeliest first; None where it is no node id, or has too many colons.

    Namespaces and names may hold colons, so that an id alone does not say where one ends. Marquez's own way of reading it
    is tried first.
    """
    type_, _, rest = node_id.partition(":")
    if not rest.count(":") ** 2 < MAX_READINGS or rest.count(":") < (2 if type_ == "datasetField" else 1):
        return None
    match type_:
        case "dataset" | "job":
            found = [_urn(type_, *names) for names in _splits(rest)]
        case "datasetField":
            pairs = ((names, field) for whole, field in _splits(rest) for names in _splits(whole))
            found = [_column(*names, field) for names, field in pairs]
        case _:
            return None
    return list(dict.fromkeys(urn for urn in found if urn is not None))


def _splits(text: str) -> Iterator[tuple[str, str]]:
    """A text cut at one of its colons, at each in turn: first at those that are likely to part names."""
    likely = [found.start() for found in _BETWEEN.finditer(text)]
    others = [place for place, sign in enumerate(text) if sign == ":" and place not in likely]
    yield from ((text[:place], text[place + 1 :]) for place in [*likely, *others])


def _unescaped(segment: str) -> str:
    """A segment of a URN as it is meant."""
    return unquote(segment) if "%" in segment else segment


def _urn(kind: str, namespace: str, name: str) -> Urn | None:
    try:
        return urn_of(kind, namespace, name)
    except InvalidUrn:
        return None


def _column(namespace: str, dataset: str, field: str) -> Urn | None:
    try:
        return part(urn_of("dataset", namespace, dataset), "column", field)
    except InvalidUrn:
        return None
