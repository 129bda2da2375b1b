"""An audit that takes what still holds from one of other facts answers as one that takes nothing."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, cast

import pytest
from msgspec import structs

from catalog.model.enums_data import Classification
from lineage.audit import again, classes, ground, inflow, origins, papers, since, turning
from lineage.audit.day import DayAudit
from lineage.audit.facts import ColumnFlow, Columns, Dataset, Determination, Facts, Flow, Holding
from lineage.audit.words import VerdictKind
from tests.audit.adapted import adapted
from tests.audit.answers import given_of
from tests.audit.oracle.worlds import make_scenario
from tests.audit.planted import Fault

CHUNK = 20
CHANGES = 4
USUAL = 8 * CHUNK
KINDS = tuple(field for field in Facts.__struct_fields__ if field not in {"records", "others", "broader"})


def changed(facts: Facts, other: Facts, rng: random.Random) -> Facts:
    """The facts with one of a kind gone or of another world come, with a flow that says something else, or with many of some kinds."""
    chance = rng.random()
    if chance < 0.5:
        kind = rng.choice([kind for kind in KINDS if getattr(facts, kind) or getattr(other, kind)])
        return structs.replace(facts, **{kind: _but_one(getattr(facts, kind), getattr(other, kind), rng)})
    if chance < 0.7 and facts.flows:
        flow = rng.choice(facts.flows)
        return structs.replace(
            facts, flows=tuple(_moved(flow, facts.flows, rng) if each is flow else each for each in facts.flows)
        )
    for kind in rng.sample(KINDS, rng.choice((1, 2, 3))):
        kept = [each for each in getattr(facts, kind) if rng.random() > 0.3]
        new = [each for each in _new(kept, getattr(other, kind)) if rng.random() < 0.3]
        facts = structs.replace(facts, **{kind: (*kept, *new)})
    return facts


def _moved(flow: Flow, flows: Sequence[Flow], rng: random.Random) -> Flow:
    """The flow between other ends, with the columns that it had, or with one of which nobody else knows."""
    if rng.random() < 0.3:
        return structs.replace(flow, columns=((flow.source, "unheard"),), column_flows=())
    return structs.replace(flow, source=rng.choice(flows).source, target=rng.choice(flows).target)


def _but_one(had: Sequence[object], others: Sequence[object], rng: random.Random) -> tuple[object, ...]:
    """What was had, with one of others, or without one."""
    new, place = _new(had, others), rng.randrange(len(had) + 1)
    if new and rng.random() < 0.6:
        return (*had[:place], rng.choice(new), *had[place:])
    return (*had[:place], *had[place + 1 :])


def _new(had: Sequence[object], others: Sequence[object]) -> list[object]:
    known = set(map(_id, had))
    return [each for each in others if _id(each) not in known]


def _id(fact: Any) -> object:
    if isinstance(fact, tuple):
        return cast("tuple[object, ...]", fact)[0]
    return getattr(fact, "id", id(fact))


def differs(seed: int) -> str | None:
    """What an audit after another answers otherwise than one alone, in a world that changes several times; None: nothing."""
    rng = random.Random(seed)
    scenario = make_scenario(seed)
    facts, day = adapted(scenario.world), scenario.day
    earlier = DayAudit(facts, day)
    assert earlier.verdicts is not None
    for number in range(CHANGES):
        if rng.random() < 0.7:
            facts = changed(facts, adapted(make_scenario(seed + 1 + number).world), rng)
        if rng.random() < 0.5:
            day += timedelta(days=rng.choice((-90, -20, -3, -1, 1, 3, 20, 90)))
        wanted, found = given_of(facts, day), given_of(facts, day, earlier)
        for part, answer in wanted.items():
            if found[part] != answer:
                return f"world {seed}, change {number + 1}: {part}"
        after = DayAudit(facts, day, earlier=earlier.left())
        if rng.random() < 0.8:
            assert after.verdicts is not None
        earlier = after
    return None


FAULTS = [
    Fault(
        "what was fed before is not reached",
        since.Since,
        "_count_flows",
        "self._fed.update(self._fed_by(flow))",
        "pass",
        74,
    ),
    Fault("what differs does not flow on", since.Since, "reached", "reach(starts, after)", "starts", 67),
    Fault("series name nothing", since.Since, "reached", "if each.group in named", "if False", 741),
    Fault(
        "what ran under an agreement is the same",
        since.Since,
        "reached",
        "if run.agreement in agreements",
        "if False",
        5261,
    ),
    Fault(
        "what stands next to it is the same",
        since.Since,
        "count",
        "reach(datasets, self._beside)",
        "set(datasets)",
        654,
    ),
    Fault("reviews decide nothing", since, "_processes", 'two.differing("reviews")', "()", 0),
    Fault("runs name no columns", since, "_things", "if each.columns", "if False", 503),
    Fault("who holds data is all the same", since, "_things", "in _OF_DATASETS", "in _OF_DATASETS[2:]", 16),
    Fault("approvals decide nothing", since, "_agreements", "if requests:", "if False:", 57),
    Fault(
        "columns that are named now are not looked at", classes.Classes, "_carry_again", "since.count(", "list(", 613
    ),
    Fault(
        "a flow that differs is judged as before", again.Again, "_differing", "set(self._since.flows)", "set[str]()", 23
    ),
    Fault(
        "data that differs is judged as before",
        again.Again,
        "_differing",
        "found |= self._since.carrying(flows, self._reached)",
        "pass",
        4,
    ),
    Fault("who receives is all the same", again.Again, "_differing", "to in receivers", "False", 93),
    Fault(
        "what is claimed is all the same",
        again.Again,
        "_differing",
        "not agreements.isdisjoint(flow.claims)",
        "False",
        1393,
    ),
    Fault("what stands under it is the same text", papers, "_unmoved", "reach(differs, below)", "differs", 5),
    Fault("what differs is the same text", papers, "_unmoved", "reach(differs, below)", "()", 4),
    Fault(
        "an agreement names what it named", papers, "_are_one", "each.agreement is before[id_].agreement", "True", 96
    ),
    Fault(
        "what stands under an agreement is the same", again.Again, "__init__", "papers.below.get(each, ())", "()", 145
    ),
    Fault("the last of the days is left out", since, "turned", "first < day <= last", "first < day < last", 0),
    Fault("what has a last day ends on it", turning, "_after", "later(last)", "last", 39),
    Fault("terms name nothing", again.Again, "__init__", "for name in term.names", "for name in ()", 520),
    Fault(
        "what a change leads to is joined as before",
        inflow.Inflow,
        "_take",
        "_downstream(ends, self.after)",
        "set(ends)",
        51,
    ),
    Fault("what a flow fed is joined as before", inflow.Inflow, "_take", "(*gone, *come)", "come", 0),
    Fault("what fed it once feeds it still", inflow, "_replaced", "if id(each) not in lost", "if True", 0),
    Fault("what nothing feeds any more is still fed", inflow, "_replaced", "found.pop(node, None)", "pass", 0),
    Fault("what flowed in stays there", inflow.Inflow, "_take", "self.common.pop(each, None)", "pass", 0),
    Fault("what flowed into columns stays there", inflow.Inflow, "_take", "self.single.pop(each, None)", "pass", 0),
    Fault("what was live is live", ground, "_still", "and not since.flows", "", 0),
    Fault(
        "the data is the same whatever differs",
        classes.Classes,
        "_carry_again",
        "if since.nothing",
        "if True",
        0,
    ),
    Fault("whose data it was it stays", origins.Origins, "__init__", "if dataset not in anew", "", 0),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_is_found(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fault.owner, fault.function, fault.planted())
    assert differs(fault.world) is not None, f"nothing differs in world {fault.world}: look for another"


@pytest.mark.parametrize(
    "first",
    [pytest.param(first, marks=[pytest.mark.long] if first >= USUAL else []) for first in range(0, 100 * CHUNK, CHUNK)],
)
def test_what_is_taken_from_an_audit_before_still_holds(first: int) -> None:
    assert [found for seed in range(first, first + CHUNK) if (found := differs(seed))] == []


DAY = date(2022, 6, 1)
ELSEWHERE = Facts(
    datasets=tuple(Dataset(each, Columns(((each, "c"),))) for each in "tuvwxyz"),
    held_by=tuple(Holding(each, f"agency:{each}") for each in "tuvwxyz"),
    determinations=tuple(Determination(each, None, frozenset({Classification.PUBLIC}), None) for each in "tuvwxyz"),
    flows=(
        Flow("u to v", "u", "v", first_seen=DAY),
        Flow(
            "v to w, and x", "v", "w", column_flows=(ColumnFlow(("v", "c"), ("x", "c"), direct=True),), first_seen=DAY
        ),
        Flow("x to y", "x", "y", first_seen=DAY),
        Flow("w to z, of t", "w", "z", columns=(("t", "c"),), first_seen=DAY),
    ),
)
"""A flow from v to w, of which a column flow leads to x; and one from w to z that carries a column of t."""


def _protected(facts: Facts, dataset: str) -> Facts:
    other = Determination(dataset, None, frozenset({Classification.PROTECTED}), None)
    return structs.replace(
        facts, determinations=tuple(other if each.dataset == dataset else each for each in facts.determinations)
    )


def _kind_after(*facts: Facts, flow: str = "x to y") -> VerdictKind:
    """The verdict of a flow, in an audit after others."""
    audit: DayAudit | None = None
    for each in facts:
        audit = DayAudit(each, DAY, earlier=None if audit is None else audit.left())
        assert len(audit.verdicts) == len(each.flows)
    assert audit is not None
    return audit.verdicts[flow].kind


def _is_followed_elsewhere() -> bool:
    """Whether x is reached through the column flow, and no longer once its flow is gone; and z from t."""
    protected = _protected(ELSEWHERE, "u")
    gone = structs.replace(protected, flows=(protected.flows[0], *protected.flows[2:]))
    return (
        _kind_after(ELSEWHERE, protected) is VerdictKind.UNCOVERED
        and _kind_after(protected, gone) is VerdictKind.NOT_NEEDED
        and _kind_after(ELSEWHERE, _protected(ELSEWHERE, "t"), flow="w to z, of t") is VerdictKind.UNCOVERED
    )


def _is_followed_from_flows_that_come() -> bool:
    """Whether a flow that was not there, when it was asked which carry columns of other datasets, is one of these."""
    asked = _protected(ELSEWHERE, "y")
    more = structs.replace(
        asked, flows=(*asked.flows, Flow("t to y, of u", "t", "y", columns=(("u", "c"),), first_seen=DAY))
    )
    return _kind_after(ELSEWHERE, asked, more, _protected(more, "u"), flow="t to y, of u") is VerdictKind.UNCOVERED


def test_columns_of_other_datasets_are_followed() -> None:
    assert _is_followed_elsewhere()
    assert _is_followed_from_flows_that_come()


def test_a_planted_fault_about_flows_that_come_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    fault = Fault("those that come carry nothing", since, "_widened", "**_wide(flows, {})", "", 0)
    monkeypatch.setattr(fault.owner, fault.function, fault.planted())
    assert not _is_followed_from_flows_that_come()


@pytest.mark.parametrize(
    "fault",
    [
        Fault("a flow feeds its target only", since.Since, "_fed_by", "if flow.id in self._wide", "if False", 0),
        Fault("a flow carries its source only", since.Since, "carrying", "found.update(", "list(", 0),
        Fault("what a flow carries ends at its target", since.Since, "reached", "after[each] += ends.fed", "pass", 0),
    ],
    ids=lambda fault: fault.name,
)
def test_a_planted_fault_about_them_is_found(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fault.owner, fault.function, fault.planted())
    assert not _is_followed_elsewhere()
