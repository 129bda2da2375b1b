"""Datasets joined by a stated SAME_AS are one dataset for every predicate (9.2 E11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, cast

from tests.audit.oracle.facts import World

__all__ = ["Fact", "first_names", "renamed"]

Fact = TypeVar("Fact")


def first_names(world: World) -> dict[str, str]:
    """Each dataset that a stated SAME_AS joins to others, with the first of the ids of its group."""
    groups: list[set[str]] = []
    for pair in world.same_as:
        if pair.stated:
            group = {pair.one, pair.other}
            for other in [one for one in groups if one & group]:
                group |= other
                groups.remove(other)
            groups.append(group)
    return {id_: min(group) for group in groups for id_ in group}


def renamed(value: Fact, names: Mapping[str, str]) -> Fact:
    """Any fact, or id, in which each dataset goes by its first name."""
    return cast("Fact", _renamed(value, names)) if names else value


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """Ids are unique over all kinds, so a text that is one of them is that one wherever it stands."""
    if type(value) is str:
        return names.get(value, value)
    if isinstance(value, tuple):
        return tuple(_renamed(one, names) for one in cast("tuple[Any, ...]", value))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: _renamed(getattr(value, field.name), names) for field in fields(value)})
    return value
