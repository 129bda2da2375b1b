"""What the oracle and the engine answer of one world, as plain values that can be compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from enum import Enum
from typing import Any, Protocol

from msgspec import structs

from catalog.model.enums_data import Classification as EngineClass
from lineage.audit import facts as engine_facts
from lineage.audit import findings as engine_findings
from lineage.audit import lapse as engine_lapse
from lineage.audit import pathways as engine_pathways
from lineage.audit import usage
from lineage.audit.asof import AsOf, Cell
from lineage.audit.cut import smallest_cut
from lineage.audit.day import DayAudit
from lineage.audit.days import Days
from lineage.audit.facts import Facts
from lineage.audit.flowed import Flowed
from lineage.audit.last_days import calendar
from lineage.audit.leaks import Leaks
from lineage.audit.levels import level_of
from lineage.audit.raised import Raise, Raised
from lineage.audit.steps import steps_between
from lineage.audit.verdicts import Audit
from lineage.audit.what_if import End, Proposal
from lineage.audit.whereabouts import Arrival, Whereabouts
from lineage.audit.words import Grade
from tests.audit.adapted import adapted
from tests.audit.oracle import classes, findings, lapse, leaks, origins, pathways, steps, verdicts, whereabouts
from tests.audit.oracle.facts import Classification, Determination, Stage, StageEvent, World
from tests.audit.oracle.lapse import lineage_of
from tests.audit.oracle.steps import Lineage
from tests.audit.oracle.world_draft import AGENCIES

__all__ = ["audit_of", "expected", "expected_rarely", "given", "given_of", "given_rarely"]

WINDOW = timedelta(days=40)
_RULES = {
    "R14_REASON": "R14 reason",
    "R14_PERSONAL": "R14 personal",
    "R14_LAW": "R14 law",
    "PLANNED_PUBLICATION": "7 planned publication",
    "HOLDER_UNKNOWN": "9.2 B1",
    "HOLDER_DIFFERS": "9.2 C1",
    "CLAIM_FAILS": "9.2 E10",
}
"""What the oracle calls the rules of the engine, where it does not call them the same."""
_GRADES = (("SEVERE",), ("MINOR",), ("POSSIBLE",), ("SEVERE", "MINOR"))


class _Level(Protocol):
    @property
    def known(self) -> Iterable[Enum]: ...

    @property
    def undecided(self) -> bool: ...


def audit_of(facts: Facts, day: date) -> Audit:
    return Audit(Flowed(AsOf(facts, day)))


def expected(world: World, day: date) -> dict[str, Any]:
    """The answers of the oracle, by what they answer."""
    lineage = lineage_of(world, day)
    view = lineage.view
    datasets = view.all_datasets()
    cells = [cell for each in datasets for cell in lineage.columns(each)]
    flows = lineage.view.world.flows
    judged = {flow.id: _verdict(verdicts.verdict(lineage, flow)) for flow in flows}
    live = [flow.id for flow in flows if lineage.live(flow)]
    return {
        "own classes of datasets": {each: _level(classes.own_of_dataset(view, each)) for each in datasets},
        "own classes of columns": {cell: _level(classes.own_of_cell(view, cell)) for cell in cells},
        "classes of datasets": {each: _level(lineage.effective_of_dataset(each)) for each in datasets},
        "classes of columns": {cell: _level(lineage.effective_of_cell(cell)) for cell in cells},
        "what happened": {flow.id for flow in flows if lineage.happened(flow)},
        "what is live": set(live),
        "origins": {each: origins.origins(lineage, each) for each in datasets},
        "verdicts": judged,
        "verdicts of all": {id_: {**each, "parts": []} for id_, each in judged.items()},
        "claims": {
            flow.id: [(one.agreement, _name(one.code)) for one in verdicts.claims(lineage, flow)] for flow in flows
        },
        "findings": {_finding(one) for one in findings.class_findings(lineage) | findings.flow_findings(lineage)},
        "leaks": [_leak(one) for one in leaks.leaks(lineage)],
        "smallest cut": _cut(leaks.smallest_cut(lineage)),
        "lapses": {one.id: _lapse(lapse.lapse(world, one.id, day)) for one in world.agreements},
        "single points": lapse.single_points(world, day),
        "pairs": [(one.agencies, one.agreements) for one in lapse.pairs(lineage)],
        "unused": lapse.unused(lineage),
        "holders": {each: origins.holders(lineage, each) for each in AGENCIES},
        "verdicts of live flows": {id_: {**judged[id_], "parts": []} for id_ in live},
        "holders of datasets": {each: whereabouts.holders_of_dataset(lineage, each) for each in datasets},
        "origins of datasets": {each: _origins(whereabouts.origins_here(lineage, each)) for each in datasets},
        "why classes are raised": {each: _raises(lineage, each) for each in datasets},
        "may share": {each: _answer(pathways.may_share(lineage, *each)) for each in _transfers(datasets)},
        "pathways": {
            (dataset, to, purpose): [_pathway(one) for one in pathways.pathways(lineage, dataset, to, purpose)]
            for dataset, _, to, purpose in _transfers(datasets)
        },
    }


def expected_rarely(world: World, day: date) -> dict[str, Any]:
    """More answers of the oracle, which take long."""
    lineage = lineage_of(world, day)
    return {
        "what would change": [
            _would_change(world, other, day) for other in _others(world, lineage.view.all_datasets(), day)
        ],
        "calendar": [_calendar(one) for one in lapse.calendar(world, day - WINDOW, day + WINDOW)],
        "cuts of each grade": {
            each: _cut(leaks.smallest_cut(lineage, [steps.Grade[name] for name in each])) for each in _GRADES
        },
    }


def given(world: World, day: date) -> dict[str, Any]:
    """The answers of the engine, by what they answer."""
    return given_of(adapted(world), day)


def given_of(facts: Facts, day: date, earlier: DayAudit | None = None) -> dict[str, Any]:
    """The answers of the engine of facts of its own; an earlier audit is one that it may take from."""
    whole = DayAudit(facts, day, earlier=earlier and earlier.left())
    audit = audit_of(facts, day) if earlier is None else whole.audit
    datasets = audit.classes.all_datasets()
    cells = [cell for each in datasets for cell in audit.classes.columns(each)]
    flows = audit.asof.facts.flows
    days = Days(audit)
    lapses = engine_lapse.Lapses(audit, audit_of(facts, day + timedelta(days=1)))
    return {
        "own classes of datasets": {each: _level(level_of(audit.classes.own.of_dataset(each))) for each in datasets},
        "own classes of columns": {cell: _level(level_of(audit.classes.own.of_cell(cell))) for cell in cells},
        "classes of datasets": {each: _level(audit.classes.level_of_dataset(each)) for each in datasets},
        "classes of columns": {cell: _level(audit.classes.level_of_cell(cell)) for cell in cells},
        "what happened": {flow.id for flow in flows if audit.flowed.happened(flow)},
        "what is live": {flow.id for flow in flows if audit.flowed.live(flow)},
        "origins": {each: audit.origins.of(each) for each in datasets},
        "verdicts": {flow.id: _verdict(audit.verdict(flow)) for flow in flows},
        "verdicts of all": {id_: _verdict(each) for id_, each in audit.verdicts().items()},
        "claims": {flow.id: [(one.agreement, _name(one.code)) for one in audit.claims(flow)] for flow in flows},
        "findings": {
            (_RULES.get(one.rule, one.rule), one.subject, one.detail)
            for one in (*engine_findings.class_findings(audit.classes), *engine_findings.flow_findings(audit))
        },
        "leaks": [_leak(one) for one in Leaks(audit.classes).found().leaks],
        "smallest cut": _cut(smallest_cut(Leaks(audit.classes))),
        "lapses": {id_: _lapse(days.lapses(day, id_).of(id_)) for id_ in audit.papers.all},
        "single points": lapses.single_points(),
        "pairs": [(one.agencies, one.agreements) for one in usage.pairs(audit)],
        "unused": usage.unused(audit),
        "holders": {
            each: {(one.holder, one.dataset) for one in Whereabouts(audit).of_agency(each)} for each in AGENCIES
        },
        "verdicts of live flows": {id_: _verdict(each) for id_, each in whole.verdicts.items()},
        "holders of datasets": {
            each: {(one.holder, one.dataset) for one in Whereabouts(audit).of_dataset(each)} for each in datasets
        },
        "origins of datasets": {each: _origins(Whereabouts(audit).origins(each)) for each in datasets},
        "why classes are raised": {each: _raised(audit, each) for each in datasets},
        "may share": {each: _answer(engine_pathways.may_share(audit, *each)) for each in _transfers(datasets)},
        "pathways": {
            (dataset, to, purpose): [_pathway(one) for one in engine_pathways.pathways(audit, dataset, to, purpose)]
            for dataset, _, to, purpose in _transfers(datasets)
        },
    }


def given_rarely(world: World, day: date) -> dict[str, Any]:
    """More answers of the engine."""
    facts = adapted(world)
    audit = audit_of(facts, day)
    found, datasets, days = Leaks(audit.classes), audit.classes.all_datasets(), Days(audit)
    return {
        "what would change": [
            _foreseen(DayAudit(adapted(world), day), each) for each in _proposals(audit, datasets, day)
        ],
        "calendar": [_calendar(one) for one in calendar(days, facts.agreements, day - WINDOW, day + WINDOW)],
        "cuts of each grade": {each: _cut(smallest_cut(found, [Grade[name] for name in each])) for each in _GRADES},
    }


def _transfers(datasets: list[str]) -> list[tuple[str, tuple[str, ...], str, str | None]]:
    """Some transfers to ask for: all columns and one, for a purpose and for none that is known."""
    return [
        (datasets[0], (), "agency:a", "purpose:evaluation"),
        (datasets[-1], ("c0",), "agency:d", "purpose:research"),
        (datasets[1 % len(datasets)], (), "unit:b", None),
    ]


def _finding(finding: Any) -> tuple[str, str, str]:
    return finding.rule, finding.subject, finding.detail


def _leak(leak: Any) -> tuple[Any, ...]:
    path = leak.datasets, leak.flows, leak.agencies
    return leak.protected, leak.open, leak.grade.name, *path, leak.last_to_stop


def _cut(cut: Any) -> tuple[Any, ...]:
    return cut.flows, cut.upper_bound


def _lapse(found: Any) -> dict[str, Any]:
    return {field: getattr(found, field) for field in ("flows", "undecided", "cut_off", "thinned", "runs")}


def _calendar(entry: Any) -> tuple[Any, ...]:
    return entry.day, entry.agreement, entry.term, _lapse(entry.lapse)


def _answer(answer: Any) -> tuple[Any, ...]:
    return answer.allowed, _verdict(answer.verdict)


def _pathway(pathway: Any) -> tuple[Any, ...]:
    return pathway.missing, pathway.flows, pathway.direct


def _others(world: World, datasets: list[str], day: date) -> list[World]:
    """The same world with an agreement ended, with one more, and with a dataset of another class."""
    first, *others = world.agreements
    ended = replace(first, events=(*first.events, StageEvent(Stage.TERMINATED, day)))
    more = replace(others[-1] if others else first, id="agreement:new", effective_from=date(2000, 1, 1), under=())
    # What is the same dataset says no more what it is.
    joined = lineage_of(world, day).view.joined
    kept = (one for one in world.determinations if one.column is not None or joined(one.dataset) != datasets[0])
    private = Determination(datasets[0], None, frozenset({Classification.PRIVATE}), day)
    return [
        replace(world, agreements=(ended, *others)),
        replace(world, agreements=(*world.agreements, more)),
        replace(world, determinations=(*kept, private)),
    ]


def _proposals(audit: Audit, datasets: list[str], day: date) -> list[Proposal]:
    """The same as proposals to the engine."""
    first, *others = audit.asof.facts.agreements
    more = structs.replace(
        others[-1] if others else first, id="agreement:new", effective_from=date(2000, 1, 1), under=()
    )
    private = engine_facts.Determination(datasets[0], None, frozenset({EngineClass.PRIVATE}), day)
    return [
        Proposal(ends=(End(first.id, day),)),
        Proposal(agreements=(structs.replace(more, requests=()),)),
        Proposal(determinations=(private,)),
    ]


def _would_change(world: World, other: World, day: date) -> dict[str, Any]:
    """The verdicts of live flows that are others in another world, and how many have which before and after."""
    found: dict[str, tuple[Any, Any]] = {}
    pairs: Counter[tuple[str, str]] = Counter()
    before, after = lineage_of(world, day), lineage_of(other, day)
    for flow in before.view.world.flows:
        if before.live(flow):
            both = (verdicts.verdict(before, flow), verdicts.verdict(after, flow))
            pairs[both[0].kind.name, both[1].kind.name] += 1
            one, two = (_verdict(replace(each, parts=())) for each in both)
            if one != two:
                found[flow.id] = (one, two)
    return {"changes": found, "counts": pairs}


def _foreseen(day: DayAudit, proposal: Proposal) -> dict[str, Any]:
    found = day.foreseen(proposal)
    changes = {each.flow: (_verdict(each.before), _verdict(each.after)) for each in found.changes}
    return {
        "changes": changes,
        "counts": Counter({(one.name, two.name): count for (one, two), count in found.counts.items()}),
    }


def _origins(origins: Iterable[Any]) -> set[tuple[Any, ...]]:
    """Whose data is where; arrivals of either are read as flow and verdict."""
    return {(one.agency, _name(one.kind), frozenset(map(_arrival, one.arrivals))) for one in origins}


def _arrival(arrival: Any) -> tuple[str, str]:
    flow, kind = (arrival.flow, arrival.kind) if isinstance(arrival, Arrival) else arrival
    return flow, kind.name


def _raises(lineage: Lineage, dataset: str) -> dict[str, Any]:
    """How many steps each class of a dataset came that it does not have of its own, and each of its columns."""
    own: dict[Cell | None, set[str]] = {None: whereabouts.shown(classes.own_of_dataset(lineage.view, dataset))}
    found: dict[Cell | None, set[str]] = {None: whereabouts.shown(lineage.effective_of_dataset(dataset))}
    cells = lineage.columns(dataset)
    for cell in cells:
        own[cell] = whereabouts.shown(classes.own_of_cell(lineage.view, cell))
        found[cell] = whereabouts.shown(lineage.effective_of_cell(cell))
    return {
        str(cell): {
            each: whereabouts.distances(lineage, cells if cell is None else [cell], each)
            for each in found[cell] - own[cell]
        }
        for cell in found
    }


def _raised(audit: Audit, dataset: str) -> dict[str, Any]:
    """The same by the engine; a way that is no chain of steps is told as such."""
    raised = Raised(audit.classes)
    found = {"None": raised.dataset(dataset)}
    found |= {str(cell): raised.column(cell) for cell in audit.classes.columns(dataset)}
    return {name: {each.classification.name: _steps(audit, each) for each in one.raises} for name, one in found.items()}


def _steps(audit: Audit, raised: Raise) -> int | str:
    known = set(steps_between(audit.classes, audit.classes.all_datasets()))
    ends = [raised.origin, *(step.to for step in raised.steps)]
    chained = all(step in known and step.from_ == end for step, end in zip(raised.steps, ends, strict=False))
    return len(raised.steps) if chained else "no way"


def _name(code: Enum | None) -> str | None:
    return None if code is None else code.name


def _names(codes: Iterable[Enum]) -> list[str]:
    return [each.name for each in codes]


def _level(level: _Level) -> tuple[list[str], bool]:
    return sorted(_names(level.known)), level.undecided


def _verdict(verdict: Any) -> dict[str, Any]:
    """A verdict of either, with every part and every agreement tried."""
    return {
        "kind": verdict.kind.name,
        "by": verdict.by,
        "reasons": _names(verdict.reasons),
        "why": _names(verdict.why),
        "parts": [
            {
                "direct": part.direct,
                "agency": part.agency,
                "kind": part.kind.name,
                "tried": [
                    (one.agreement, [(failure.clause, failure.code.name) for failure in one.failures])
                    for one in part.tried
                ],
            }
            for part in verdict.parts
        ],
    }
