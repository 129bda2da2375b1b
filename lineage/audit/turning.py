"""The days on which facts come to say something else: between two of them the audits of all days are the same (domain 9)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from operator import attrgetter
from typing import Any, TypeVar

from catalog.model.enums import RunState
from lineage.audit.facts import Agreement, Condition, CoverageTerm, Dataset, Facts, Flow, Run

__all__ = ["later", "turned", "turns"]

_Fact = TypeVar("_Fact")
_Day = date | None
_Days = Callable[[Any], Iterable[_Day]]


def later(day: date, days: int = 1) -> date:
    """The day so many days later, or the last that there is."""
    return day + min(timedelta(days=days), date.max - day)


def _after(last: _Day) -> _Day:
    """The first day on which what has a last day holds no more."""
    return None if last is None else later(last)


def _span(fact: Any) -> tuple[_Day, _Day]:
    return fact.valid_from, fact.valid_to


def _of_dataset(dataset: Dataset) -> Iterable[_Day]:
    found = [dataset.high_value_on, dataset.planned_on]
    if dataset.columns.dated:
        found += [day for each in dataset.columns for day in (each.first_day, each.valid_to)]
    return found


def _of_flow(flow: Flow) -> tuple[_Day, _Day]:
    return flow.first_seen, _after(flow.last_seen)


def _of_run(run: Run) -> tuple[_Day, ...]:
    # One that neither completed nor wrote changes nothing (9.2 A11).
    return (run.on,) if run.state is RunState.COMPLETED or run.outputs else ()


def _of_agreement(agreement: Agreement) -> Iterator[_Day]:
    yield from (*_span(agreement), agreement.executed_on, agreement.effective_from, _after(agreement.effective_to))
    yield from (each.signed_on for each in agreement.parties)
    yield from (each.on for each in agreement.events)
    yield from _of_conditions(agreement.preconditions)
    terms = list(agreement.terms)
    for each in agreement.amendments:
        yield each.on
        yield _after(each.new_end.effective_to) if each.new_end else None
        terms += each.add_terms
    for term in terms:
        yield from _of_term(term)


def _of_term(term: CoverageTerm) -> Iterator[_Day]:
    yield from (term.from_, _after(term.to))
    yield from _of_conditions(term.conditions)


def _of_conditions(conditions: Iterable[Condition]) -> Iterator[_Day]:
    for each in conditions:
        yield from (each.fulfilled_on, _after(each.expires_on))


_DATA: dict[str, _Days] = {
    **dict.fromkeys(("members", "same_as", "held_by", "controlled_by", "collected_under", "publications"), _span),
    "broader": _span,
    "determinations": lambda fact: (fact.on, fact.valid_to),
    "datasets": _of_dataset,
    "flows": _of_flow,
    "processes": lambda fact: (fact.link_destroyed_on,),
    "reviews": lambda fact: (fact.withdrawn_on,),
    "runs": _of_run,
}
"""Of what is not agreed, by kind of facts."""
_FIELDS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("members", "held_by", "controlled_by", "collected_under"), ("valid_from", "valid_to")),
    "determinations": ("on", "valid_to"),
    "flows": ("first_seen", "last_seen"),
    "processes": ("link_destroyed_on",),
    "runs": ("on",),
}
"""The fields of which the days are, of the kinds of which there is most: most facts have none near the days that are asked for."""
_ALL: dict[str, _Days] = {**_DATA, "agreements": _of_agreement, "approvals": lambda fact: (fact.on, fact.valid_to)}


def turns(facts: Facts) -> list[date]:
    """The days, in order, that may differ from the day before in anything but what was agreed, signed or approved.

    Those among them on which other things come to be said of an agreement, as by a source that corrects itself.
    """
    found = [day for kind, days in _DATA.items() for fact in getattr(facts, kind) for day in days(fact)]
    found += [day for each in facts.agreements for day in _span(each)]
    return sorted({day for day in found if day is not None})


def turned(facts: tuple[_Fact, ...], kind: str, one: date, other: date) -> list[_Fact]:
    """The facts of a kind, as ``Facts`` calls it, that say something else on one day than on another, or may; some repeatedly."""
    first, last = min(one, other), max(one, other)
    days = _ALL.get(kind)
    if days is None or first == last:
        return []
    near = facts if kind not in _FIELDS else _near(facts, _FIELDS[kind], first, last)
    return [fact for fact in near for day in days(fact) if day is not None and first < day <= last]


def _near(facts: tuple[_Fact, ...], fields: tuple[str, ...], first: date, last: date) -> Iterator[_Fact]:
    """Those of which a field is a day between these, or one of these; some repeatedly."""
    for field in fields:
        for fact, day in zip(facts, map(attrgetter(field), facts), strict=True):
            if day is not None and first <= day <= last:
                yield fact
