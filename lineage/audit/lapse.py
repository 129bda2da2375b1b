"""What ends when an agreement does, single points, pairs and unused agreements (domain 9; 9.2 F1, F2, F6)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from functools import cached_property

from msgspec import Struct

from lineage.audit.asof import AsOf
from lineage.audit.condense import condense, reach
from lineage.audit.facts import Agreement, Facts, Flow
from lineage.audit.flowed import Flowed
from lineage.audit.papers import end_of, terms_in_force, terms_of_any_time
from lineage.audit.verdicts import Audit
from lineage.audit.words import Known, VerdictKind

__all__ = ["CalendarDay", "Lapse", "Lapses", "Pair", "calendar", "pairs", "unused"]


class Lapse(Struct, frozen=True):
    """What ends after a day; everything sorted by id."""

    flows: tuple[str, ...]
    """Uncovered from the next day on."""
    undecided: tuple[str, ...]
    """Those that would lapse if they need cover on the next day, which is UNKNOWN."""
    cut_off: tuple[str, ...]
    """Datasets that nothing reaches any more."""
    thinned: tuple[str, ...]
    """Other datasets that lost every path from the source of a lapsing flow."""
    runs: tuple[str, ...]
    """Runs after the day of the processes of lapsing flows."""


class CalendarDay(Struct, frozen=True):
    """The last day of an agreement, or of one of its terms, with what lapses on it."""

    day: date
    agreement: str
    term: str | None
    """None: the agreement itself."""
    lapse: Lapse


class Pair(Struct, frozen=True):
    """Two agencies, in order, and the agreements that connect them."""

    agencies: tuple[str, str]
    agreements: tuple[str, ...]


class _Owed(Struct, frozen=True):
    """One thing owed of a live flow: the agreements that hold it on the day and on the next."""

    flow: Flow
    held: frozenset[str]
    after: frozenset[str]
    needs: Known
    """Whether the flow needs cover on the next day."""


class Lapses:
    """What lapses after a day; what the day holds is worked out once for every agreement."""

    def __init__(self, facts: Facts, day: date) -> None:
        self.day = day
        self.today = Audit(Flowed(AsOf(facts, day)))
        self.next = Audit(Flowed(AsOf(facts, day + timedelta(days=1))))

    @cached_property
    def _owed(self) -> list[_Owed]:
        """Everything that is owed and held on the day by the live flows that may need cover on the next."""
        found: list[_Owed] = []
        for flow in self.today.asof.facts.flows:
            if not self.today.flowed.live(flow):
                continue
            needs = self.next.needs(flow)
            if needs is Known.NO:
                continue
            held, after = self.today.covers(flow), self.next.covers(flow)
            found.extend(_Owed(flow, by, after[owed], needs) for owed, by in held.items() if by and owed in after)
        return found

    def of(self, agreement: str) -> Lapse:
        """What lapses if an agreement, with all under it, ends after the day."""
        ending = {agreement, *self.today.papers.below.get(agreement, ())}
        return self._lapse(lambda owed: bool(owed.held & ending) and owed.after <= ending)

    def of_term(self, agreement: str) -> Lapse:
        """What an agreement holds on the day and nothing holds on the next."""
        return self._lapse(lambda owed: agreement in owed.held and not owed.after)

    def single_points(self) -> tuple[str, ...]:
        """The agreements at whose end the most flows lapse, all that tie; none where nothing would (9.2 F2)."""
        lapsing: dict[str, set[str]] = defaultdict(set)
        over = {id_: {id_, *(each.id for each in paper.above)} for id_, paper in self.today.papers.all.items()}
        for owed in self._owed:
            if owed.needs is Known.YES:
                ending = set[str]().union(*(over[each] for each in owed.held))
                for each in ending.intersection(*(over[each] for each in owed.after)):
                    lapsing[each].add(owed.flow.id)
        most = max((len(flows) for flows in lapsing.values()), default=0)
        return tuple(sorted(id_ for id_, flows in lapsing.items() if len(flows) == most))

    def _lapse(self, ends: Callable[[_Owed], bool]) -> Lapse:
        lapsing = {owed.flow.id: owed.flow for owed in self._owed if owed.needs is Known.YES and ends(owed)}
        undecided = {owed.flow.id for owed in self._owed if owed.needs is Known.UNKNOWN and ends(owed)}
        cut_off, thinned = self._downstream(lapsing)
        processes = {flow.process for flow in lapsing.values()} - {None}
        runs = [run.id for id_ in processes for run in self.today.flowed.runs.get(id_ or "", ()) if run.on > self.day]
        return Lapse(
            tuple(sorted(lapsing)),
            tuple(sorted(undecided)),
            tuple(sorted(cut_off)),
            tuple(sorted(thinned)),
            tuple(sorted(runs)),
        )

    @cached_property
    def _feeds(self) -> list[tuple[str, str, str]]:
        """What fed what on the day by live flows, stopped steps too: (source, target, flow)."""
        flowed = self.today.flowed
        found = {
            (passage.source, passage.target, flow.id)
            for flow in flowed.past
            if flowed.live(flow)
            for passage in self.today.classes.passages_of(flow, stopped_too=True)
        }
        return sorted(found)

    @cached_property
    def _roots(self) -> set[str]:
        """Datasets with nothing upstream but what they feed, and those COLLECTED_UNDER something (9.2 C3)."""
        into: dict[str, set[str]] = {}
        for source, target, _ in self._feeds:
            into.setdefault(source, set())
            into.setdefault(target, set()).add(source)
        found = set(self.today.asof.collected)
        for members in condense(into, into):
            if all(into[each] <= set(members) for each in members):
                found.update(members)
        return found

    def _downstream(self, lapsing: Mapping[str, Flow]) -> tuple[set[str], set[str]]:
        """Datasets that are cut off, and those that are thinned."""
        if not lapsing:
            return set(), set()
        before: dict[str, list[str]] = defaultdict(list)
        after: dict[str, list[str]] = defaultdict(list)
        for source, target, flow in self._feeds:
            before[source].append(target)
            if flow not in lapsing:
                after[source].append(target)
        nodes = {end for source, target, _ in self._feeds for end in (source, target)}
        cut_off = nodes - reach(self._roots, after)
        sources = {source for source, _, flow in self._feeds if flow in lapsing}
        lost = set[str]().union(*(reach([each], before) - reach([each], after) for each in sources))
        return cut_off, lost - cut_off


def calendar(facts: Facts, first: date, last: date) -> list[CalendarDay]:
    """Every last day of an agreement or term in the window, both ends counted, by day, agreement and term (9.2 F6)."""
    found = [
        (day, each.id, term) for each in facts.agreements for day, term in _last_days(each) if first <= day <= last
    ]
    lapses = {day: Lapses(facts, day) for day in {each[0] for each in found}}
    return [
        CalendarDay(day, id_, term or None, lapses[day].of_term(id_) if term else lapses[day].of(id_))
        for day, id_, term in sorted(found)
    ]


def _last_days(agreement: Agreement) -> Iterator[tuple[date, str]]:
    """The last days of an agreement and of its terms, by what is agreed on each; with the id of the term."""
    changes = [each.new_end.effective_to for each in agreement.amendments if each.new_end is not None]
    for day in {agreement.effective_to, *changes}:
        if day is not None and end_of(agreement, day) == day:
            yield day, ""
    for day in {term.to for term in terms_of_any_time(agreement)}:
        if day is not None:
            yield from ((day, term.id) for term in terms_in_force(agreement, day) if term.to == day)


def pairs(audit: Audit) -> list[Pair]:
    """The pairs of agencies that active agreements connect, in order (9.2 F2)."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for paper in audit.papers.all.values():
        if paper.terms and paper.inactive() is None:
            gives = [agency for agency, signed in paper.gives.items() if signed and agency is not None]
            receives = [agency for agency, signed in paper.receives.items() if signed and agency is not None]
            for one in gives:
                for other in receives:
                    if one != other:
                        found[min(one, other), max(one, other)].add(paper.id)
    return [Pair(two, tuple(sorted(found[two]))) for two in sorted(found)]


def unused(audit: Audit) -> set[str]:
    """The agreements with terms that cover no live flow that needs cover, neither directly nor onward (9.2 F6)."""
    live = [flow for flow in audit.asof.facts.flows if audit.flowed.live(flow)]
    needed = VerdictKind.COVERED, VerdictKind.UNCOVERED, VerdictKind.UNKNOWN
    used = Counter(id_ for each in audit.verdicts(live).values() if each.kind in needed for id_ in each.by)
    return audit.papers.with_terms - set(used)
