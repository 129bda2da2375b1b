"""Datasets that are one for every predicate (9.2 E11)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from operator import is_
from typing import Any, cast

from msgspec import Struct, structs

from lineage.audit.facts import Dataset, Facts, Flow, SameAs
from lineage.names import Names

__all__ = ["first_names", "joined"]

_MANY: dict[str, Callable[[Any], Iterable[str | None]]] = {
    "datasets": lambda fact: (fact.id, fact.version_of),
    "members": lambda fact: (fact.dataset,),
    "held_by": lambda fact: (fact.dataset,),
    "controlled_by": lambda fact: (fact.dataset,),
    "collected_under": lambda fact: (fact.dataset,),
    "publications": lambda fact: (fact.dataset,),
    "determinations": lambda fact: (fact.dataset,),
    "runs": lambda fact: [each.dataset for each in fact.outputs or ()],
}
"""Facts of which there are many, as flows are, with the datasets that each speaks of: few speak of one that goes by another id."""
_FEW = ("agreements", "reviews", "records")


def joined(facts: Facts, names: dict[str, str]) -> Facts:
    """The facts with each dataset that goes by another id (``first_names``) under that one."""
    if not names:
        return facts
    few = {kind: _renamed(getattr(facts, kind), names) for kind in _FEW}
    spoken_of = {**_MANY, "flows": _of_flows(facts.datasets)}
    many = {kind: _renamed_of(getattr(facts, kind), names, each) for kind, each in spoken_of.items()}
    return structs.replace(facts, same_as=(), **few, **many)


def _of_flows(datasets: Iterable[Dataset]) -> Callable[[Flow], Iterable[str]]:
    whole = {id(each.columns.refs) for each in datasets}

    def spoken_of(flow: Flow) -> Iterable[str]:
        if flow.column_flows or id(flow.columns) not in whole:
            return flow.carried | flow.fed
        # Most carry the very columns of a dataset: then all are of that one.
        return (flow.source, flow.target, *[dataset for dataset, _ in flow.columns[:1]])

    return spoken_of


def _renamed_of(
    facts: tuple[Any, ...], names: dict[str, str], spoken_of: Callable[[Any], Iterable[str | None]]
) -> tuple[Any, ...]:
    other = names.keys()
    new = [each if other.isdisjoint(spoken_of(each)) else _renamed(each, names) for each in facts]
    return facts if all(map(is_, new, facts)) else tuple(new)


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
