"""Filters: typed inputs, and the predicate that one stands for. Pure.

The fields of one input hold together (and); ``and``, ``or`` and ``not`` build on that. An input that is empty is true.
Comparing with a property that is missing is false, and its negation true (``catalog/selection.py``).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.errors import InvalidSelection
from catalog.selection import All, Any_, Compare, Has, IsNull, Not, Op, Predicate
from catalog.text import MAX_SORT_KEY

__all__ = ["MAX_FILTER_DEPTH", "AllOf", "AnyOf", "Comparison", "FilterTest", "Negation", "RelatedTo", "predicate"]

MAX_FILTER_DEPTH = 10
"""Levels of ``and``, ``or``, ``not`` and of filters on related nodes."""

_OPERATORS = {
    "eq": Op.EQ,
    "in": Op.IN,
    "lt": Op.LT,
    "le": Op.LE,
    "gt": Op.GT,
    "ge": Op.GE,
    "contains": Op.CONTAINS,
    "startsWith": Op.STARTS_WITH,
}


class FilterTest(ABC):
    """What a field of a filter input tests."""

    __slots__ = ()

    @abstractmethod
    def predicate(self, value: Any, tests: Mapping[str, FilterTest], depth: int, /) -> Predicate:
        """The predicate of a value that the client gave; ``tests`` are those of the input that holds the field."""


@dataclass(frozen=True, slots=True)
class Comparison(FilterTest):
    """A property, by the operators that its input has."""

    prop: str

    def predicate(self, value: Any, _tests: Mapping[str, FilterTest], _depth: int, /) -> Predicate:
        """See ``FilterTest``."""
        return _every([self._one(name, operand) for name, operand in value.items() if operand is not None])

    def _one(self, name: str, operand: Any) -> Predicate:
        if name == "isNull":
            return IsNull(self.prop) if operand else Not(IsNull(self.prop))
        op = _OPERATORS[name]
        if op is Op.STARTS_WITH and len(operand) > MAX_SORT_KEY:
            raise InvalidSelection(f"'startsWith' has {len(operand)} characters: at most {MAX_SORT_KEY} are compared")
        return Compare(self.prop, op, tuple(operand) if op is Op.IN else operand)


@dataclass(frozen=True, slots=True)
class RelatedTo(FilterTest):
    """At least one node at the end of a step passes the filter of its kind."""

    step: str
    target: str
    inner: Mapping[str, FilterTest]
    where: Predicate | None = None
    """What is true of such a node besides."""

    def predicate(self, value: Any, _tests: Mapping[str, FilterTest], depth: int, /) -> Predicate:
        """See ``FilterTest``."""
        asked = predicate(value, self.inner, depth + 1)
        return Has(self.step, asked if self.where is None else All((self.where, asked)), self.target)


@dataclass(frozen=True, slots=True)
class AllOf(FilterTest):
    """Every filter of a list."""

    def predicate(self, value: Any, tests: Mapping[str, FilterTest], depth: int, /) -> Predicate:
        """See ``FilterTest``."""
        return _every([predicate(part, tests, depth + 1) for part in value])


@dataclass(frozen=True, slots=True)
class AnyOf(FilterTest):
    """At least one filter of a list."""

    def predicate(self, value: Any, tests: Mapping[str, FilterTest], depth: int, /) -> Predicate:
        """See ``FilterTest``."""
        return Any_(tuple(predicate(part, tests, depth + 1) for part in value))


@dataclass(frozen=True, slots=True)
class Negation(FilterTest):
    """Not the filter."""

    def predicate(self, value: Any, tests: Mapping[str, FilterTest], depth: int, /) -> Predicate:
        """See ``FilterTest``."""
        return Not(predicate(value, tests, depth + 1))


def predicate(value: Mapping[str, Any], tests: Mapping[str, FilterTest], depth: int = 0) -> Predicate:
    """The predicate of a filter input as the client gave it. Raises InvalidSelection on one that is too deep."""
    if depth > MAX_FILTER_DEPTH:
        raise InvalidSelection(f"the filter is over {MAX_FILTER_DEPTH} levels deep: ask for less at once")
    return _every([tests[name].predicate(part, tests, depth) for name, part in value.items() if part is not None])


def _every(parts: list[Predicate]) -> Predicate:
    return parts[0] if len(parts) == 1 else All(tuple(parts))
