"""Equality as the suite means it: of answers to the letter, of graphs as ``issue 3`` section 4 defines it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, cast

import msgspec

from catalog.model.schema import Model
from catalog.stores.port import Change
from catalog.values import NEVER

__all__ = ["GraphContent", "content_of", "difference", "exact", "standing"]

_UNSAID = object()


def exact(value: Any) -> Any:
    """The value in plain containers, each scalar with its type: so True is not 1, and 1 is not 1.0."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: exact(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        content = cast("Mapping[str, Any]", value)
        return {key: exact(content[key]) for key in sorted(content)}
    if isinstance(value, list | tuple):
        return [exact(item) for item in cast("Iterable[Any]", value)]
    if isinstance(value, str):
        return str(value)
    return (type(value).__name__, value)


def difference(expected: Any, got: Any, path: str = "") -> str | None:
    """The first place where two answers differ, with both values; None where they are the same."""
    return _differ(exact(expected), exact(got), path)


def _differ(expected: Any, got: Any, path: str) -> str | None:
    if isinstance(expected, dict) and isinstance(got, dict):
        left, right = cast("dict[str, Any]", expected), cast("dict[str, Any]", got)
        places = [*left, *(key for key in right if key not in left)]
        pairs = ((f"{path}.{key}", left.get(key, _UNSAID), right.get(key, _UNSAID)) for key in places)
    elif isinstance(expected, list) and isinstance(got, list):
        sides = cast("list[list[Any]]", [expected, got])
        longest = max(map(len, sides))
        filled = [[*side, *[_UNSAID] * (longest - len(side))] for side in sides]
        pairs = ((f"{path}[{n}]", a, b) for n, (a, b) in enumerate(zip(*filled, strict=True)))
    else:
        return None if expected == got else f"{path or 'the answer'}: expected {_say(expected)}, got {_say(got)}"
    for place, a, b in pairs:
        found = _differ(a, b, place)
        if found:
            return found
    return None


def _say(value: Any) -> str:
    return "nothing" if value is _UNSAID else f"{value!r:.300}"


@dataclass(frozen=True)
class GraphContent:
    """What a graph says, history included; without load runs, recording times and revisions, and nothing else.

    The ids of edges are left out as well: which of two writers came first is no part of what is so.
    """

    nodes: dict[str, Any]
    snapshots: list[Any]
    edges: list[Any]


def content_of(changes: Iterable[Change], model: Model) -> GraphContent:
    """The content of the graph of which these are all changes."""
    journal = {label for label, kind in model.kinds.items() if kind.journal}
    slugs = {f"urn:waypost:{kind.slug}:" for label, kind in model.kinds.items() if label in journal}
    nodes: dict[str, Any] = {}
    snapshots: list[Any] = []
    edges: list[Any] = []
    for change in changes:
        row = {name: value for name, value in change.row.items() if name not in ("revision", "recorded_at", "id")}
        # When something was retracted is a recording time; that it was, is not.
        row["retracted_at"] = row["retracted_at"] != NEVER
        if change.what == "snapshot":
            content = {name: value for name, value in row["content"].items() if name != "recorded_at"}
            row["content"] = _without_load_run(content, slugs)
        # In what order a text names the words of a source is no part of what it says.
        row["claims"] = row.get("claims") and msgspec.json.decode(row["claims"])
        row = _without_load_run(row, slugs)
        said = exact({"type": change.type, **row})
        if change.what == "node" and change.type not in journal:
            nodes[row["urn"]] = said
        elif change.what == "snapshot" and change.type not in journal:
            snapshots.append(said)
        elif change.what == "edge" and not any(row[end].startswith(slug) for end in ("tail", "head") for slug in slugs):
            edges.append(said)
    return GraphContent(nodes, sorted(snapshots, key=repr), sorted(edges, key=repr))


def _without_load_run(row: Mapping[str, Any], slugs: Iterable[str]) -> dict[str, Any]:
    """The row, one load run as good as another; who else recorded it stays."""
    by_run = any(str(row.get("recorded_by")).startswith(slug) for slug in slugs)
    return {**row, "recorded_by": "a load run"} if by_run else dict(row)


def standing(changes: Iterable[Change], model: Model) -> dict[str, Any]:
    """What a graph says is so, past days included, and nothing of how it came to say so: equal where two writers agree."""
    content = content_of(changes, model)
    rows = [row for row in (*content.nodes.values(), *content.edges) if row["retracted_at"] == exact(False)]
    unsaid = ("retracted_at", "recorded_by")
    plain = [{name: value for name, value in row.items() if name not in unsaid} for row in rows]
    return {f"{row['type']} {row.get('urn', '')} {row!r}": row for row in plain}
