"""What ends when an agreement does, and at the end of which most flows lapse (domain 9; 9.2 F1, F2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cached_property

from msgspec import Struct

from lineage.audit.facts import Flow
from lineage.audit.verdicts import Audit
from lineage.audit.words import Known

__all__ = ["Lapse", "Lapses"]


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


class _Owed(Struct, frozen=True):
    """One thing owed of a live flow: the agreements that hold it on the day and on the next."""

    flow: Flow
    held: frozenset[str]
    after: frozenset[str]
    needs: Known
    """Whether the flow needs cover on the next day."""


class Lapses:
    """What lapses after a day; what the day holds is worked out once for every agreement."""

    def __init__(self, today: Audit, following: Audit, flows: Iterable[Flow] | None = None) -> None:
        """``following`` is the audit of the day after; of the live flows only ``flows`` are looked at, all unless told."""
        self.day = today.day
        self.today = today
        self.following = following
        self._flows = today.ground.live if flows is None else flows

    @cached_property
    def _owed(self) -> list[_Owed]:
        """Everything that is owed and held on the day by the flows that may need cover on the next."""
        found: list[_Owed] = []
        for flow in self._flows:
            following = self.following.asof.flow(flow)
            needs = self.following.needs(following)
            if needs is Known.NO:
                continue
            held, after = self.today.covers(flow), self.following.covers(following)
            found.extend(_Owed(flow, by, after[owed], needs) for owed, by in held.items() if by and owed in after)
        return found

    def of(self, agreement: str) -> Lapse:
        """What lapses if an agreement, with all under it, ends after the day."""
        ending = {agreement, *self.today.papers.below.get(agreement, ())}
        return self._lapse(lambda owed: bool(owed.held & ending) and owed.after <= ending)

    def of_term(self, agreement: str) -> Lapse:
        """What an agreement holds on the day and nothing holds on the next."""
        return self._lapse(lambda owed: agreement in owed.held and not owed.after)

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many flows lapse at the end of each agreement; none at which nothing would."""
        lapsing: dict[str, set[str]] = defaultdict(set)
        over = {id_: {id_, *(each.id for each in paper.above)} for id_, paper in self.today.papers.all.items()}
        for owed in self._owed:
            if owed.needs is Known.YES:
                ending = set[str]().union(*(over[each] for each in owed.held))
                for each in ending.intersection(*(over[each] for each in owed.after)):
                    lapsing[each].add(owed.flow.id)
        return {id_: len(flows) for id_, flows in lapsing.items()}

    def single_points(self) -> tuple[str, ...]:
        """The agreements at whose end the most flows lapse, all that tie; none where nothing would (9.2 F2)."""
        most = max(self.counts.values(), default=0)
        return tuple(sorted(id_ for id_, count in self.counts.items() if count == most))

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

    def _downstream(self, lapsing: Collection[str]) -> tuple[set[str], set[str]]:
        """Datasets that are cut off, and those that are thinned. Only what lies downstream of a lapsing flow is walked."""
        if not lapsing:
            return set(), set()
        ground = self.today.ground
        ending = [each for each in ground.feeds if each.flow in lapsing]
        below = self._reach({each.target for each in ending}, ())
        # What lies elsewhere is reached as it was before.
        fed = {
            each
            for each in below
            if each in ground.roots
            or any(feed.source not in below and feed.flow not in lapsing for feed in ground.fed[each])
        }
        cut_off = below - self._reach(fed, lapsing)
        sources = {each.source for each in ending}
        lost = set[str]().union(*(self._reach({each}, ()) - self._reach({each}, lapsing) for each in sources))
        return cut_off, lost - cut_off

    def _reach(self, starts: Iterable[str], without: Collection[str]) -> set[str]:
        """What some datasets feed by any number of flows, but for some flows; they themselves too."""
        feeding = self.today.ground.feeding
        found = set(starts)
        waiting = list(found)
        while waiting:
            for each in feeding.get(waiting.pop(), ()):
                if each.target not in found and each.flow not in without:
                    found.add(each.target)
                    waiting.append(each.target)
        return found
