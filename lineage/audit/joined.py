"""Datasets that are one for every predicate (9.2 E11)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, cast

from msgspec import Struct, structs

from lineage.audit.facts import Facts, SameAs
from lineage.names import Names

__all__ = ["first_names", "joined"]

_WITH_DATASETS = (
    "datasets",
    "members",
    "held_by",
    "controlled_by",
    "collected_under",
    "publications",
    "determinations",
    "agreements",
    "runs",
    "reviews",
    "flows",
    "records",
)


def joined(facts: Facts, names: dict[str, str]) -> Facts:
    """The facts with each dataset that goes by another id (``first_names``) under that one."""
    if not names:
        return facts
    return structs.replace(
        facts, same_as=(), **{kind: _renamed(getattr(facts, kind), names) for kind in _WITH_DATASETS}
    )


def first_names(same_as: Collection[SameAs]) -> dict[str, str]:
    """Each dataset that a stated SAME_AS joins to others, with the first of their ids, where that is not its own.

    ``same_as`` is what holds on the day; what is denied joins nothing, whoever states it and whichever of the two comes first.
    """
    denied = {frozenset((each.one, each.other)) for each in same_as if each.denied}
    stated = [(each.one, each.other) for each in same_as if each.stated]
    return Names(pair for pair in stated if frozenset(pair) not in denied).others()


def _renamed(value: Any, names: dict[str, str]) -> Any:
    """The same value with the names; what does not change is not copied."""
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, tuple):
        return _renamed_tuple(cast("tuple[Any, ...]", value), names)
    if isinstance(value, Struct):
        old = {field: getattr(value, field) for field in value.__struct_fields__}
        new = {field: _renamed(each, names) for field, each in old.items()}
        return value if all(new[field] is old[field] for field in old) else structs.replace(value, **new)
    return value


def _renamed_tuple(value: tuple[Any, ...], names: dict[str, str]) -> tuple[Any, ...]:
    new = tuple(_renamed(each, names) for each in value)
    return value if all(one is other for one, other in zip(new, value, strict=True)) else new
