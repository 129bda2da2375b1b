"""The rules that must hold, by hand; what ``check_rules`` reads of a store is tested by tests/unit/catalog/test_verify.py."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import permutations

import pytest

from catalog.batch import Batch, EdgeStatement, NodeStatement
from catalog.findings import Finding, Severity
from catalog.model import MODEL
from catalog.model.data import Dataset, System
from catalog.model.determinations import ClassificationDetermination
from catalog.model.enums import Classification, PersonRole
from catalog.model.lineage import Flow
from catalog.model.people import Agency, Appointment, Person
from catalog.model.plan import PlanVersion
from catalog.model.sharing import Agreement, Amendment, StageEvent
from catalog.rules import (
    Determined,
    HighValue,
    Office,
    PaperTrail,
    Transfer,
    agreement_stage,
    check_rules,
    chief_data_officer,
    classes_that_stand,
    contradicting_classes,
    high_value,
    transfer_without_agreement,
)
from catalog.stores.layout import Tables
from catalog.stores.sqlite.store import SqliteStore
from catalog.urn import key

TODAY = date(2023, 6, 1)


def codes(found: Iterable[Finding]) -> list[tuple[str, str]]:
    findings = list(found)
    assert all(len(f.message) > 30 for f in findings)
    return [(f.code, f.urn) for f in findings]


def test_r1_exactly_one_chief_data_officer() -> None:
    one, two = Office("one", ("opm",), ("ada",)), Office("two", ("opm",), ("ben",))
    assert codes(chief_data_officer([one])) == []
    assert codes(chief_data_officer([])) == [("R1", "")]
    assert codes(chief_data_officer([one, two])) == [("R1", "two")]
    assert codes(chief_data_officer([replace(one, agencies=())])) == [("R1", "one")]
    assert codes(chief_data_officer([replace(one, agencies=("opm", "sde"))])) == [("R1", "one")]
    assert codes(chief_data_officer([replace(one, people=())])) == [("R1", "one")]
    assert codes(chief_data_officer([one], {"opm", "das"})) == []
    assert codes(chief_data_officer([one], {"das"})) == [("R1", "one")]
    assert codes(chief_data_officer([replace(one, people=("ada", "ben"))])) == [("R1", "one")]


def test_r9_high_value_needs_a_criterion_and_a_dated_determination_by_the_head() -> None:
    whole = HighValue("h", ("CORE_MISSION",), date(2021, 1, 1), None, ("ada",), ("sde",))
    heads = {("ada", "sde"), ("ben", "opm")}
    assert codes(high_value(whole, heads)) == []
    assert codes(high_value(replace(whole, criteria=()), heads)) == [("R9", "h")]
    assert codes(high_value(replace(whole, determined_on=None), ())) == [("R9", "h")]
    assert codes(high_value(replace(whole, people=()), heads)) == [("R9", "h")]
    assert codes(high_value(replace(whole, people=("ben",)), heads)) == [("R9", "h")]
    assert codes(high_value(replace(whole, agencies=("opm",)), heads)) == [("R9", "h")]
    # An author in words cannot be checked.
    assert codes(high_value(replace(whole, people=(), determiner="The commissioner"), heads)) == []
    assert len(codes(high_value(HighValue("h", (), None, None), heads))) == 3


@pytest.mark.parametrize(
    ("classes", "contradict"),
    [
        ((), False),
        (("OPEN", "PUBLIC"), False),
        (("PROTECTED", "PERSONAL", "PRIVATE"), False),
        (("OPEN", "UNDETERMINED"), False),
        (("OPEN", "PROTECTED"), True),
        (("PERSONAL", "OPEN"), True),
        (("OPEN", "PRIVATE", "PUBLIC"), True),
    ],
)
def test_r12_open_and_protected_contradict(classes: tuple[str, ...], contradict: bool) -> None:
    assert codes(contradicting_classes("c", classes)) == ([("R12", "c")] if contradict else [])


def test_r12_looks_at_what_stands_together() -> None:
    """9.2 A1 and A6: several of one day are joined, and what a later day said holds alone."""
    is_open, is_personal = frozenset(("OPEN",)), frozenset(("PERSONAL",))
    one = Determined("d", is_open, "2021-01-01")
    assert classes_that_stand([]) == {}
    assert classes_that_stand([one, Determined("d", is_personal, "2021-01-01")]) == {"d": is_open | is_personal}
    for order in permutations([one, Determined("d", is_personal, "2022-01-01"), Determined("d", is_personal)]):
        assert classes_that_stand(order) == {"d": is_personal}
    assert classes_that_stand([one, Determined("c", is_personal)]) == {"d": is_open, "c": is_personal}


FOUND = [("AGREEMENT_EXPIRED_YET_ACTIVE", "a")]


def test_an_agreement_that_ended_is_not_active() -> None:
    executed = (date(2021, 1, 1), "EXECUTED")
    active = (date(2021, 2, 1), "ACTIVE")
    trail = PaperTrail("a", None, date(2022, 12, 31), (executed, active))
    assert codes(agreement_stage(trail, TODAY)) == FOUND
    # The last day counts, and what ended without a word of it is no contradiction.
    assert codes(agreement_stage(trail, date(2022, 12, 31))) == []
    assert codes(agreement_stage(replace(trail, stages=(executed,)), TODAY)) == []
    assert codes(agreement_stage(replace(trail, effective_to=None), TODAY)) == []
    ended = (date(2023, 1, 1), "EXPIRED")
    assert codes(agreement_stage(replace(trail, stages=(ended, executed, active)), TODAY)) == []
    # Of one day those that stop come last; what is to come says nothing yet; what has no day neither.
    assert codes(agreement_stage(replace(trail, stages=((date(2021, 2, 1), "SUSPENDED"), active)), TODAY)) == FOUND
    assert codes(agreement_stage(replace(trail, stages=((date(2021, 2, 1), "TERMINATED"), active)), TODAY)) == []
    assert codes(agreement_stage(replace(trail, stages=((date(2024, 1, 1), "EXPIRED"), active)), TODAY)) == FOUND
    assert codes(agreement_stage(replace(trail, stages=((None, "EXPIRED"), active)), TODAY)) == FOUND


def test_an_amendment_carries_an_agreement_on() -> None:
    active = (date(2021, 2, 1), "ACTIVE")
    trail = PaperTrail("a", None, date(2022, 12, 31), (active,), ((date(2022, 6, 1), date(2024, 12, 31)),))
    assert codes(agreement_stage(trail, TODAY)) == []
    assert codes(agreement_stage(trail, date(2025, 1, 1))) == FOUND
    late = replace(trail, amended_to=((date(2025, 1, 1), date(2026, 1, 1)),))
    assert codes(agreement_stage(late, TODAY)) == FOUND
    # Of two ends amended on one day the earlier holds (9.2 D5).
    both = replace(trail, amended_to=((date(2022, 6, 1), date(2024, 1, 1)), (date(2022, 6, 1), date(2023, 1, 1))))
    assert codes(agreement_stage(both, TODAY)) == FOUND


def test_an_amendment_takes_the_end_away() -> None:
    active = (date(2021, 2, 1), "ACTIVE")
    trail = PaperTrail("a", None, date(2022, 12, 31), (active,), ((date(2022, 6, 1), None),))
    assert codes(agreement_stage(trail, TODAY)) == []
    assert codes(agreement_stage(replace(trail, amended_to=((date(2024, 1, 1), None),)), TODAY)) == FOUND
    # A later amendment sets an end again; of the two of one day the end holds, whatever their order.
    on, end = date(2022, 6, 1), date(2023, 1, 1)
    assert codes(agreement_stage(replace(trail, amended_to=((on, None), (date(2022, 7, 1), end))), TODAY)) == FOUND
    for ends in permutations(((on, None), (on, end))):
        assert codes(agreement_stage(replace(trail, amended_to=ends), TODAY)) == FOUND


def test_a_register_that_says_otherwise_is_wrong() -> None:
    ended = PaperTrail("a", "ACTIVE", None, ((date(2021, 1, 1), "TERMINATED"),))
    assert codes(agreement_stage(ended, TODAY)) == FOUND
    assert codes(agreement_stage(replace(ended, stated_stage="TERMINATED"), TODAY)) == []
    assert codes(agreement_stage(PaperTrail("a", "ACTIVE", date(2022, 1, 1), ()), TODAY)) == FOUND
    assert codes(agreement_stage(PaperTrail("a", None, date(2022, 1, 1), ()), TODAY)) == []


def test_r17_protected_data_that_leaves_under_no_agreement() -> None:
    flow = Transfer("f", ("sde",), ("dol",), frozenset({"PERSONAL"}), ())
    (found,) = transfer_without_agreement(flow)
    assert (found.code, found.severity) == ("R17", Severity.WARNING)
    for fine in (
        replace(flow, recipients=("sde",)),
        replace(flow, providers=()),
        replace(flow, classes=frozenset({"PUBLIC", "UNDETERMINED"})),
        replace(flow, agreements=("a",)),
    ):
        assert codes(transfer_without_agreement(fine)) == []


# Reading the facts


def check(nodes: list[NodeStatement], edges: list[EdgeStatement]) -> list[tuple[str, str]]:
    async def run() -> list[Finding]:
        store = SqliteStore.open(":memory:", Tables(MODEL))
        await store.migrate()
        at = datetime(2023, 1, 1, tzinfo=UTC)
        source = key("source", "x")
        await store.write(Batch(source=source, by="test", at=at, day=TODAY, nodes=nodes, edges=edges))
        try:
            return await check_rules(store, TODAY)
        finally:
            await store.close()

    return codes(asyncio.run(run()))


def test_a_graph_without_a_plan_needs_no_chief_data_officer() -> None:
    dataset = NodeStatement(Dataset(urn=key("dataset", "d"), title="D"))
    plan = NodeStatement(PlanVersion(urn=key("plan-version", "p"), title="P"), valid_to=date(2020, 1, 1))
    assert check([dataset], []) == []
    assert check([dataset, plan], []) == [("R1", "")]


def test_only_who_holds_office_today_counts() -> None:
    plan = NodeStatement(PlanVersion(urn=key("plan-version", "p"), title="P"))
    opm = NodeStatement(Agency(urn=key("agency", "opm"), name="OPM"))
    offices = [Appointment(urn=key("appointment", str(i)), role=PersonRole.CDO) for i in range(3)]
    nodes = [
        NodeStatement(offices[0], valid_to=TODAY),
        NodeStatement(offices[1], valid_from=TODAY),
        NodeStatement(offices[2], valid_from=date(2024, 1, 1)),
    ]
    ada = NodeStatement(Person(urn=key("person", "ada"), name="Ada"))
    within = [EdgeStatement(Appointment.within, office.urn, opm.entity.urn) for office in offices]
    within += [EdgeStatement(Appointment.held_by, office.urn, ada.entity.urn) for office in offices]
    assert check([plan, opm, ada, *nodes], within) == []
    another = NodeStatement(replace(offices[0], urn=key("appointment", "9")))
    # A second one, within no agency and held by nobody.
    assert check([plan, opm, ada, *nodes, another], within) == [("R1", key("appointment", "9"))] * 3


def test_amendments_and_stages_are_read() -> None:
    paper = Agreement(urn=key("agreement", "a"), title="A", effective_to=date(2022, 1, 1))
    active = StageEvent(urn=key("stage-event", "s"), stage="ACTIVE", occurred_on=date(2021, 1, 1))  # type: ignore[arg-type]
    edges = [EdgeStatement(Agreement.stages, paper.urn, active.urn)]
    nodes = [NodeStatement(paper), NodeStatement(active)]
    assert check(nodes, edges) == [("AGREEMENT_EXPIRED_YET_ACTIVE", paper.urn)]
    for changes, carried_on in (
        ('{"effectiveTo": "2024-01-01"}', True),
        ('{"effectiveTo": null}', True),
        ('{"addTerms": []}', False),
        ("{}", False),
        ("[1]", False),
        ("{", False),
    ):
        amendment = Amendment(urn=key("amendment", "m"), amended_on=date(2021, 6, 1), changes=changes)
        more = [*edges, EdgeStatement(Agreement.amendments, paper.urn, amendment.urn)]
        assert bool(check([*nodes, NodeStatement(amendment)], more)) is not carried_on
    # An end that is no day ends it, as in the audit: the agreement itself states none.
    endless = NodeStatement(replace(paper, effective_to=None))
    for said, expired in (("null", False), ('"soon"', True), ("7", True)):
        amendment = Amendment(
            urn=key("amendment", "m"), amended_on=date(2021, 6, 1), changes=f'{{"effectiveTo": {said}}}'
        )
        more = [*edges, EdgeStatement(Agreement.amendments, paper.urn, amendment.urn)]
        assert bool(check([endless, nodes[1], NodeStatement(amendment)], more)) is expired


def test_the_holder_of_an_end_decides_and_what_the_flow_states_stands_in() -> None:
    agencies = {name: Agency(urn=key("agency", name), name=name) for name in ("sde", "dol")}
    source, target = Dataset(urn=key("dataset", "s"), title="S"), System(urn=key("system", "t"), name="T")
    flow = Flow(urn=key("flow", "f"), title="F")
    personal = ClassificationDetermination(
        urn=key("classification-determination", "c"), classes=(Classification.PERSONAL,)
    )
    nodes = [NodeStatement(n) for n in (*agencies.values(), source, target, flow, personal)]
    edges = [
        EdgeStatement(Flow.from_asset, flow.urn, source.urn),
        EdgeStatement(Flow.to_asset, flow.urn, target.urn),
        EdgeStatement(ClassificationDetermination.classifies, personal.urn, source.urn),
        EdgeStatement(System.held_by, target.urn, agencies["dol"].urn),
        EdgeStatement(Flow.provided_by, flow.urn, agencies["sde"].urn),
    ]
    assert check(nodes, edges) == [("R17", flow.urn)]
    held = EdgeStatement(Dataset.held_by, source.urn, agencies["dol"].urn)
    assert check(nodes, [*edges, held]) == []
