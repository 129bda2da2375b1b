"""Datasets joined by a stated SAME_AS are one dataset for every predicate (9.2 E11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, cast

from tests.audit.oracle.facts import World

__all__ = ["joined"]


def joined(world: World) -> World:
    """The same world in which each dataset goes by the first of the ids of the group that a stated SAME_AS makes."""
    groups: list[set[str]] = []
    for pair in world.same_as:
        if pair.stated:
            group = {pair.one, pair.other}
            for other in [one for one in groups if one & group]:
                group |= other
                groups.remove(other)
            groups.append(group)
    first = {id_: min(group) for group in groups for id_ in group}
    return cast("World", _renamed(world, first)) if first else world


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """Ids are unique over all kinds, so a text that is one of them is that one wherever it stands."""
    if type(value) is str:
        return names.get(value, value)
    if isinstance(value, tuple):
        return tuple(_renamed(one, names) for one in cast("tuple[Any, ...]", value))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: _renamed(getattr(value, field.name), names) for field in fields(value)})
    return value
