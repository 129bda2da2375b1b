"""What an agreement's end would undo, which agreements stand alone, which are unused (domain 9; 9.2 F1, F2, F6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations

from tests.audit.oracle.agreements import (
    Agreement,
    Reason,
    all_terms,
    below,
    end,
    inactive,
    own_state,
    party_rows,
    signed,
    terms_in_force,
)
from tests.audit.oracle.classes import Known
from tests.audit.oracle.coverage import FROM, INTO, failures
from tests.audit.oracle.crossing import needs
from tests.audit.oracle.facts import Flow, World
from tests.audit.oracle.origins import reach, roots
from tests.audit.oracle.steps import Lineage
from tests.audit.oracle.verdicts import owed, verdict
from tests.audit.oracle.view import View

__all__ = [
    "CalendarDay",
    "Lapse",
    "Pair",
    "calendar",
    "lapse",
    "lineage_of",
    "pairs",
    "single_points",
    "unused",
    "used",
]


@dataclass(frozen=True)
class Lapse:
    """What ends after a day; everything sorted by id (9.2 F1)."""

    flows: tuple[str, ...]
    """Uncovered from the next day on."""
    undecided: tuple[str, ...]
    """The same, but whether they need cover on the next day is UNKNOWN."""
    cut_off: tuple[str, ...]
    """Datasets that nothing reaches any more."""
    thinned: tuple[str, ...]
    """Other datasets that lost every path from the source of a lapsing flow."""
    runs: tuple[str, ...]
    """Runs after the day of the processes of the lapsing flows."""


@dataclass(frozen=True)
class CalendarDay:
    """The last day of an agreement, or of one of its terms, with its lapse (9.2 F6)."""

    day: date
    agreement: str
    term: str | None
    """None: of the agreement."""
    lapse: Lapse


@dataclass(frozen=True)
class Pair:
    """Two agencies, in order, and the agreements that connect them (9.2 F2)."""

    agencies: tuple[str, str]
    agreements: tuple[str, ...]


def lineage_of(world: World, day: date) -> Lineage:
    """The world as of a day, ready to be asked."""
    return Lineage(View(world, day))


def lapse(world: World, agreement: str, day: date) -> Lapse:
    """What lapses if the agreement, with all under it, ends after the day (9.2 F1)."""
    now = lineage_of(world, day)
    ending = {agreement}
    for one in now.view.world.agreements:
        if one.id == agreement:
            ending |= below(now.view, one)
    return _lapse(world, day, holding=ending, gone=ending)


def _lapse(world: World, day: date, holding: set[str], gone: set[str]) -> Lapse:
    """The flows that one of `holding` holds on the day and nothing but `gone` on the next."""
    now, then = lineage_of(world, day), lineage_of(world, day + timedelta(days=1))
    lapsing: list[Flow] = []
    undecided: list[Flow] = []
    for flow in now.view.world.flows:
        need = needs(then, flow)
        if now.live(flow) and need is not Known.NO and _loses(now, then, flow, holding, gone):
            (lapsing if need is Known.YES else undecided).append(flow)
    cut_off, thinned = _downstream(now, lapsing)
    processes = {flow.process for flow in lapsing}
    runs = [run.id for run in now.view.world.runs if run.on > day and run.process in processes]
    return Lapse(
        tuple(sorted(flow.id for flow in lapsing)),
        tuple(sorted(flow.id for flow in undecided)),
        tuple(sorted(cut_off)),
        tuple(sorted(thinned)),
        tuple(sorted(runs)),
    )


def _loses(now: Lineage, then: Lineage, flow: Flow, holding: set[str], gone: set[str]) -> bool:
    """Whether anything that is owed is held by the ones on the day and by no other on the next."""
    for origin in {None, *(owed(now, flow) & owed(then, flow))}:
        held = any(not failures(now, one, flow, origin) for one in now.view.world.agreements if one.id in holding)
        kept = any(not failures(then, one, flow, origin) for one in then.view.world.agreements if one.id not in gone)
        if held and not kept:
            return True
    return False


def _downstream(now: Lineage, lapsing: list[Flow]) -> tuple[set[str], set[str]]:
    """cutOff and thinned, over live flows that have happened, with all lapsing flows taken out together (9.2 F1)."""
    live = [flow for flow in now.past if now.live(flow)]
    before = now.feeds(stopped_too=True, flows=live)
    after = now.feeds(stopped_too=True, flows=[flow for flow in live if flow not in lapsing])
    every = set(now.view.all_datasets())
    still = {dataset for root in roots(now, before) for dataset in reach(root, after)}
    sources = {source for flow in lapsing for source in now.view.sources(flow)}
    lost = {dataset for source in sources for dataset in reach(source, before) - reach(source, after)}
    return every - still, lost & still


def calendar(world: World, first: date, last: date) -> list[CalendarDay]:
    """Every last day of an agreement or term in the window, both ends counted, by day, agreement, term (9.2 F6)."""
    found: list[CalendarDay] = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        following = day + timedelta(days=1)
        for agreement in sorted(world.agreements, key=lambda one: one.id):
            if end(agreement, day) == day or _stops(agreement, day):
                found.append(CalendarDay(day, agreement.id, None, lapse(world, agreement.id, day)))
            for term in sorted(terms_in_force(agreement, day), key=lambda one: one.id):
                ending = {id_ for change in agreement.amendments if change.on == following for id_ in change.end_terms}
                if term.to == day or term.id in ending:
                    ended = _lapse(world, day, holding={agreement.id}, gone=set())
                    found.append(CalendarDay(day, agreement.id, term.id, ended))
    return found


def _stops(agreement: Agreement, day: date) -> bool:
    """Whether it is in force on a day and has ended on the next, as by an event."""
    ended = own_state(agreement, day + timedelta(days=1)) in (Reason.EXPIRED, Reason.TERMINATED)
    return own_state(agreement, day) is None and ended


def single_points(world: World, day: date) -> tuple[str, ...]:
    """The agreements at whose end the most flows lapse, all that tie; none where nothing would (9.2 F2)."""
    sizes = {one.id: len(lapse(world, one.id, day).flows) for one in world.agreements}
    most = max(sizes.values(), default=0)
    return tuple(sorted(id_ for id_, size in sizes.items() if size == most and most > 0))


def pairs(lineage: Lineage) -> list[Pair]:
    """The pairs of agencies that active agreements connect (9.2 F2): with one, or with more than n, as one asks."""
    found: dict[tuple[str, str], set[str]] = {}
    for agreement in lineage.view.world.agreements:
        if inactive(lineage.view, agreement) is not None or not terms_in_force(agreement, lineage.t):
            continue
        agencies = sorted({agency for row in agreement.parties if (agency := lineage.view.agency_of(row.party))})
        for one, other in combinations(agencies, 2):
            if _connects(lineage, agreement, one, other) or _connects(lineage, agreement, other, one):
                found.setdefault((one, other), set()).add(agreement.id)
    return [Pair(agencies, tuple(sorted(ids))) for agencies, ids in sorted(found.items())]


def _connects(lineage: Lineage, agreement: Agreement, giving: str, taking: str) -> bool:
    """Whether one is a signed party that gives and the other one that takes."""
    gives = [row for row in party_rows(lineage.view, agreement, giving) if row.role in FROM]
    takes = [row for row in party_rows(lineage.view, agreement, taking) if row.role in INTO]
    return all(any(signed(agreement, row, lineage.t) for row in rows) for rows in (gives, takes))


def used(lineage: Lineage) -> set[str]:
    """The agreements that cover, directly or onward, a live flow that needs cover (9.2 F6)."""
    live = [flow for flow in lineage.view.world.flows if lineage.live(flow)]
    return {id_ for flow in live for id_ in verdict(lineage, flow).by}


def unused(lineage: Lineage) -> set[str]:
    """The agreements with terms that are not used at t."""
    return {one.id for one in lineage.view.world.agreements if all_terms(one)} - used(lineage)
