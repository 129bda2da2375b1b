"""What facts say otherwise than those of an audit before, and how far that reaches (domain 9).

Most writes have to do with little, and most days are like the day before: what an earlier audit found of all else still holds. To
count too much as differing costs time, too little would be wrong: so whatever stands next to what differs counts as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from operator import is_
from typing import Any, NamedTuple, TypeVar

from lineage.audit.condense import reach
from lineage.audit.facts import ColumnRef, Facts, Flow
from lineage.audit.turning import turned

__all__ = ["Since", "Wide"]

_T = TypeVar("_T")
_MOST_COMPARED = 10_000
"""Pairs of facts that are compared by what they say, besides by identity."""
_OF_DATASETS = ("members", "held_by", "controlled_by", "collected_under", "publications", "determinations")


class _Ends(NamedTuple):
    carried: set[str]
    fed: set[str]


Wide = Mapping[str, _Ends]
"""By flow, of those that carry or feed columns of more datasets than their ends."""


class _Two:
    """The facts of two audits, each as of a day."""

    def __init__(self, before: Facts, now: Facts, days: tuple[date, date]) -> None:
        self.before = before
        self.now = now
        self._days = days
        self._found: dict[str, list[Any]] = {}

    def differing(self, kind: str) -> list[Any]:
        """The facts of a kind of which one of the two knows, or that say something else on one of the days; some repeatedly."""
        if kind not in self._found:
            before, now = getattr(self.before, kind), getattr(self.now, kind)
            self._found[kind] = [*_differing(before, now), *turned(now, kind, *self._days)]
        return self._found[kind]


class Since:
    """What differs between the facts of two audits.

    Facts are the same where they are one object: who brings facts up to date leaves those alone of which nothing changed.
    """

    def __init__(self, before: Facts, now: Facts, days: tuple[date, date], wide: Wide | None = None) -> None:
        """``days`` are those of the two; ``wide`` is what was found so of the facts before, where it was."""
        two = _Two(before, now, days)
        self._now = now
        self._wide_before = wide
        self._beside = _beside(before, now)
        """What each dataset and system stands next to: its versions, the system that it is in, the datasets that are in it."""
        self.agreements = set(_agreements(two))
        """The agreements that differ, or of whose requests anything else was decided; not those under them."""
        self.datasets: set[str] = set()
        """Datasets and systems of which anything else is said, or of what they stand next to."""
        self.flows: set[str] = set()
        """The flows, also those that are no more, that differ, or of whose process, ends or columns anything else is said."""
        self._fed: set[str] = set()
        self._differing: list[Flow] = two.differing("flows")
        self._count_flows(self._differing)
        processes = frozenset(_processes(two))
        if processes:
            self._count_flows(flow for flow in now.flows if flow.process in processes)
        self.count(_things(two))

    @cached_property
    def _wide(self) -> Wide:
        """The datasets of which the columns are that a flow carries, and feeds, where these are not only those of its ends."""
        if self._wide_before is not None:
            return _widened(self._wide_before, self._differing)
        whole = {each.id: each.columns.refs for each in self._now.datasets}
        return _wide((*self._differing, *self._now.flows), whole)

    @property
    def wide(self) -> Wide | None:
        """The same, of which nothing is missing of the facts now; None where nobody had to know."""
        return None if self._wide_before is None and "_wide" not in vars(self) else self._wide

    @property
    def nothing(self) -> bool:
        """Whether the data is the same, whatever is agreed."""
        return not (self.datasets or self.flows)

    def count(self, datasets: Iterable[str]) -> None:
        """Count these among the datasets that differ, and with them the flows that speak of them."""
        fresh = reach(datasets, self._beside) - self.datasets
        if fresh:
            self.datasets |= fresh
            carrying = self.carrying(self._now.flows, fresh)
            self._count_flows(
                flow for flow in self._now.flows if flow.id in carrying or not fresh.isdisjoint(self._fed_by(flow))
            )

    def _count_flows(self, flows: Iterable[Flow]) -> None:
        for flow in flows:
            self.flows.add(flow.id)
            self._fed.update(self._fed_by(flow))

    def carrying(self, flows: Iterable[Flow], datasets: set[str]) -> set[str]:
        """The ids of those flows, and of some others, that carry anything of some datasets and systems."""
        found = {flow.id for flow in flows if flow.source in datasets}
        found.update(id_ for id_, ends in self._wide.items() if not datasets.isdisjoint(ends.carried))
        return found

    def _fed_by(self, flow: Flow) -> Collection[str]:
        return (flow.target, *self._wide[flow.id].fed) if flow.id in self._wide else (flow.target,)

    def reached(self, named: Collection[str], agreements: Collection[str]) -> set[str]:
        """The datasets and systems that differ, or that flows which differ lead to, and all that these feed.

        With them what is named so, or in a series or system that is, what ran under these agreements, and all that these feed.
        """
        now = self._now
        starts = {*self.datasets, *self._fed, *named}
        if named:
            starts.update(each.dataset for each in now.members if each.group in named)
        if agreements:
            processes = {run.process for run in now.runs if run.agreement in agreements}
            starts.update(*[self._fed_by(flow) for flow in now.flows if flow.process in processes])
        if not starts:
            return starts
        after: dict[str, list[str]] = defaultdict(list)
        for flow in now.flows:
            after[flow.source].append(flow.target)
        for ends in self._wide.values():
            for each in ends.carried:
                after[each] += ends.fed
        for thing, others in self._beside.items():
            after[thing] += others
        return reach(starts, after)


def _beside(before: Facts, now: Facts) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    systems = {each.id for each in (*before.systems, *now.systems)}
    for facts in (before, now):
        for dataset in facts.datasets:
            if dataset.version_of is not None:
                found[dataset.version_of].add(dataset.id)
        for each in facts.members:
            if each.group in systems:
                found[each.dataset].add(each.group)
                found[each.group].add(each.dataset)
    return found


def _agreements(two: _Two) -> Iterator[str]:
    yield from (each.id for each in two.differing("agreements"))
    requests = {each.request for each in two.differing("approvals")}
    if requests:
        yield from (each.id for each in two.now.agreements if not requests.isdisjoint(each.requests))


def _processes(two: _Two) -> Iterator[str]:
    yield from (each.id for each in two.differing("processes"))
    yield from (each.process for each in two.differing("runs"))
    yield from (each.process for each in two.differing("reviews"))


def _things(two: _Two) -> Iterator[str]:
    for kind in _OF_DATASETS:
        yield from (each.dataset for each in two.differing(kind))
    yield from (each.group for each in two.differing("members"))
    yield from (each.id for each in two.differing("datasets"))
    yield from (each.id for each in two.differing("systems"))
    written = (each for run in two.differing("runs") for each in run.outputs or ())
    yield from (each.dataset for each in written if each.columns)


def _differing(before: tuple[_T, ...], now: tuple[_T, ...]) -> list[_T]:
    """What is among only one of them."""
    if before is now:
        return []
    start = _in_common(before, now)
    before, now = before[start:], now[start:]
    end = _in_common(before[::-1], now[::-1])
    before, now = before[: len(before) - end], now[: len(now) - end]
    had, has = set(map(id, before)), set(map(id, now))
    gone = [each for each in before if id(each) not in has]
    come = [each for each in now if id(each) not in had]
    if len(gone) * len(come) > _MOST_COMPARED:
        return gone + come
    # What is the same dataset is put under one id anew for each audit.
    return [each for each in gone if each not in come] + [each for each in come if each not in gone]


def _in_common(one: tuple[_T, ...], other: tuple[_T, ...]) -> int:
    """How many they begin with that are the same."""
    same = list(map(is_, one, other))
    return same.index(False) if False in same else len(same)


def _wide(flows: Iterable[Flow], whole: Mapping[str, tuple[ColumnRef, ...]]) -> dict[str, _Ends]:
    """By flow. What carries the whole of its source and says no more is not looked at, since there is so much of it."""
    found: dict[str, _Ends] = {}
    for flow in flows:
        if flow.column_flows or (flow.columns and flow.columns is not whole.get(flow.source)):
            carried, fed = flow.carried, flow.fed
            if len(carried) > 1 or len(fed) > 1:
                known = found.get(flow.id, _Ends(set(), set()))
                found[flow.id] = _Ends(known.carried | carried, known.fed | fed)
    return found


def _widened(before: Wide, flows: list[Flow]) -> Wide:
    """The same of some more flows, or of what these were before."""
    return {**before, **_wide(flows, {})} if flows else before
