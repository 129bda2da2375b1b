"""The oracle gives the thirteen rows of domain 9.1 and its lapse sets, exactly as they are written."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.audit.oracle.agreements import Reason
from tests.audit.oracle.facts import (
    Agreement,
    AgreementKind,
    ColumnRef,
    CoverageTerm,
    Flow,
    Party,
    PartyRole,
    Stage,
    StageEvent,
    World,
)
from tests.audit.oracle.lapse import lapse, lineage_of
from tests.audit.oracle.leaks import leaks
from tests.audit.oracle.steps import Grade
from tests.audit.oracle.verdicts import Kind, Verdict, Why, verdict
from tests.audit.oracle.worked import AGGREGATE, COPY, ENROLLMENT, INPUT, LINKED, OUTCOMES, SNAP, WORKED

LAST_DAY = date(2023, 2, 28)
COVERED = Verdict(Kind.COVERED, by=("A",))
UNCOVERED_TWICE = Verdict(Kind.UNCOVERED, reasons=(Reason.NO_AGREEMENT, Reason.RECIPIENT_NOT_PERMITTED))


def judged(id_: str, day: date, world: World = WORKED) -> Verdict:
    return verdict(lineage_of(world, day), flow_of(id_, world))


def flow_of(id_: str, world: World = WORKED) -> Flow:
    return next(flow for flow in world.flows if flow.id == f"flow:{id_}")


def changed(agreement: str, **changes: Any) -> World:
    agreements = tuple(replace(one, **changes) if one.id == agreement else one for one in WORKED.agreements)
    return replace(WORKED, agreements=agreements)


@pytest.mark.parametrize(
    ("row", "flow", "day", "expected"),
    [
        (1, "1", date(2022, 3, 20), COVERED),
        (2, "3", date(2022, 3, 20), Verdict(Kind.UNCOVERED, reasons=(Reason.APPROVAL_MISSING,))),
        (3, "3", date(2022, 4, 20), COVERED),
        (4, "4", date(2022, 5, 2), Verdict(Kind.UNCOVERED, reasons=(Reason.COLUMN_OUT_OF_SCOPE,))),
        (5, "5", date(2022, 5, 9), Verdict(Kind.UNCOVERED, reasons=(Reason.PURPOSE_NOT_PERMITTED,))),
        (6, "6", date(2022, 6, 1), UNCOVERED_TWICE),
        (7, "7", date(2022, 6, 20), Verdict(Kind.NOT_NEEDED)),
        (8, "7", date(2022, 7, 20), Verdict(Kind.NOT_NEEDED)),
        (9, "1", LAST_DAY, COVERED),
        (10, "1", date(2023, 3, 1), Verdict(Kind.UNCOVERED, reasons=(Reason.EXPIRED,))),
        (11, "11", date(2021, 1, 1), Verdict(Kind.NOT_NEEDED)),
        (11, "11", date(2024, 1, 1), Verdict(Kind.NOT_NEEDED)),
        (12, "12", date(2022, 5, 1), Verdict(Kind.UNKNOWN, why=(Why.CLASS_UNDETERMINED,))),
    ],
)
def test_a_row_of_the_worked_pathway(row: int, flow: str, day: date, expected: Verdict) -> None:
    assert replace(judged(flow, day), parts=()) == expected, f"row {row}"


def test_row_13_is_uncovered_where_the_enterprise_agreement_is_terminated() -> None:
    world = changed("E", events=(StageEvent(Stage.TERMINATED, date(2022, 4, 1)),))
    found = judged("3", date(2022, 4, 20), world)
    assert (found.kind, found.reasons) == (Kind.UNCOVERED, (Reason.PARENT_NOT_ACTIVE,))


def test_row_5_is_uncovered_for_both_origins() -> None:
    parts = judged("5", date(2022, 5, 9)).parts
    assert [(part.direct, part.agency, part.reasons) for part in parts] == [
        (True, "DOL", {Reason.PURPOSE_NOT_PERMITTED}),
        (False, "DSS", {Reason.PURPOSE_NOT_PERMITTED}),
        (False, "SDE", {Reason.PURPOSE_NOT_PERMITTED}),
    ]


def test_flow_5_would_be_covered_with_the_purpose_evaluation() -> None:
    found = verdict(lineage_of(WORKED, date(2022, 5, 9)), replace(flow_of("5"), purpose="evaluation"))
    assert (found.kind, found.by) == (Kind.COVERED, ("A",))


def test_the_hub_may_redisclose_nothing_but_the_matrix() -> None:
    other = Flow("flow:x", LINKED, COPY, purpose="evaluation")
    world = changed("A", redisclosure=replace(WORKED.agreements[1].redisclosure, datasets=()))
    parts = verdict(lineage_of(world, date(2022, 5, 9)), other).parts
    refused = {Reason.REDISCLOSURE_NOT_PERMITTED}
    assert [part.reasons for part in parts] == [set(), refused, refused]


def test_row_6_has_no_agreement_and_neither_origin_permits_the_recipient() -> None:
    parts = judged("6", date(2022, 6, 1)).parts
    assert [(part.direct, part.agency, part.reasons) for part in parts] == [
        (True, "UConn", {Reason.NO_AGREEMENT}),
        (False, "DSS", {Reason.RECIPIENT_NOT_PERMITTED}),
        (False, "SDE", {Reason.RECIPIENT_NOT_PERMITTED}),
    ]


def test_row_7_leaks_nothing() -> None:
    assert leaks(lineage_of(WORKED, date(2022, 6, 20))) == []


def test_row_8_leaks_three_datasets_into_an_open_one() -> None:
    found = leaks(lineage_of(WORKED, date(2022, 7, 20)))
    assert [(one.protected, one.open, one.grade) for one in found] == [
        (LINKED, OUTCOMES, Grade.POSSIBLE),
        (SNAP, OUTCOMES, Grade.POSSIBLE),
        (ENROLLMENT, OUTCOMES, Grade.POSSIBLE),
    ]
    assert found[2].agencies == ("SDE", "DOL", "DOL", "DOL")
    assert found[2].last_to_stop == "DOL"
    assert found[2].datasets == (ENROLLMENT, LINKED, AGGREGATE, OUTCOMES)


def test_lapse_of_the_agreement() -> None:
    found = lapse(WORKED, "A", LAST_DAY)
    assert found.flows == ("flow:1", "flow:3")
    assert set(found.cut_off) == {LINKED, AGGREGATE, OUTCOMES}
    assert set(found.thinned) == {COPY, INPUT}
    assert found.undecided == ()
    assert found.runs == ("run:1/2023-03-01",)


def test_lapse_of_the_enterprise_agreement_contains_it() -> None:
    assert set(lapse(WORKED, "E", LAST_DAY).flows) >= set(lapse(WORKED, "A", LAST_DAY).flows)


def test_lapse_where_a_second_agreement_covers_one_flow() -> None:
    second = Agreement(
        id="B",
        kind=AgreementKind.MOU,
        effective_from=date(2022, 1, 1),
        effective_to=date(2024, 1, 1),
        parties=(
            Party("SDE", PartyRole.PROVIDER, date(2022, 1, 1)),
            Party("DOL", PartyRole.RECIPIENT, date(2022, 1, 1)),
        ),
        terms=(
            CoverageTerm(
                "B/1",
                datasets=(ENROLLMENT,),
                columns=tuple(ColumnRef(ENROLLMENT, name) for name in ("SASID", "name", "DOB")),
            ),
        ),
        permits=("evaluation",),
        rests_on=("34 CFR 99.35",),
    )
    world = replace(WORKED, agreements=(*WORKED.agreements, second))
    assert lapse(world, "A", LAST_DAY).flows == ("flow:3",)
