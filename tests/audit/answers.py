"""What the oracle and the engine answer of one world, as plain values that can be compared."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import Enum
from typing import Any, Protocol

from lineage.audit.asof import AsOf
from lineage.audit.facts import Facts
from lineage.audit.flowed import Flowed
from lineage.audit.levels import level_of
from lineage.audit.verdicts import Audit
from tests.audit.adapted import adapted
from tests.audit.oracle import classes, origins, verdicts
from tests.audit.oracle.facts import World
from tests.audit.oracle.lapse import lineage_of

__all__ = ["audit_of", "expected", "given"]


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
    return {
        "own classes of datasets": {each: _level(classes.own_of_dataset(view, each)) for each in datasets},
        "own classes of columns": {cell: _level(classes.own_of_cell(view, cell)) for cell in cells},
        "classes of datasets": {each: _level(lineage.effective_of_dataset(each)) for each in datasets},
        "classes of columns": {cell: _level(lineage.effective_of_cell(cell)) for cell in cells},
        "what happened": {flow.id for flow in flows if lineage.happened(flow)},
        "what is live": {flow.id for flow in flows if lineage.live(flow)},
        "origins": {each: origins.origins(lineage, each) for each in datasets},
        "verdicts": judged,
        "verdicts of all": {id_: _first_codes(each) for id_, each in judged.items()},
        "claims": {
            flow.id: [(one.agreement, _name(one.code)) for one in verdicts.claims(lineage, flow)] for flow in flows
        },
    }


def given(world: World, day: date) -> dict[str, Any]:
    """The answers of the engine, by what they answer."""
    audit = audit_of(adapted(world), day)
    datasets = audit.classes.all_datasets()
    cells = [cell for each in datasets for cell in audit.classes.columns(each)]
    flows = audit.asof.facts.flows
    return {
        "own classes of datasets": {each: _level(level_of(audit.classes.own.of_dataset(each))) for each in datasets},
        "own classes of columns": {cell: _level(level_of(audit.classes.own.of_cell(cell))) for cell in cells},
        "classes of datasets": {each: _level(audit.classes.level_of_dataset(each)) for each in datasets},
        "classes of columns": {cell: _level(audit.classes.level_of_cell(cell)) for cell in cells},
        "what happened": {flow.id for flow in flows if audit.flowed.happened(flow)},
        "what is live": {flow.id for flow in flows if audit.flowed.live(flow)},
        "origins": {each: audit.origins.of(each) for each in datasets},
        "verdicts": {flow.id: _verdict(audit.verdict(flow)) for flow in flows},
        "verdicts of all": {id_: _first_codes(_verdict(each)) for id_, each in audit.verdicts().items()},
        "claims": {flow.id: [(one.agreement, _name(one.code)) for one in audit.claims(flow)] for flow in flows},
    }


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


def _first_codes(verdict: dict[str, Any]) -> dict[str, Any]:
    """The same verdict with only the first clause at which each agreement fails."""
    parts = [
        {**part, "tried": [(agreement, failures[:1]) for agreement, failures in part["tried"]]}
        for part in verdict["parts"]
    ]
    return {**verdict, "parts": parts}
