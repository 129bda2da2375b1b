"""The engine gives the thirteen rows of domain 9.1, its leaks and its lapse sets, as they are written."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from msgspec import structs

from catalog.model.enums_sharing import AgreementStage
from lineage.audit.asof import AsOf
from lineage.audit.days import Days
from lineage.audit.facts import Dataset, Facts, SameAs, StageEvent
from lineage.audit.lapse import Lapses
from lineage.audit.leaks import Leaks
from lineage.audit.verdicts import Verdict
from lineage.audit.what_if import changes
from lineage.audit.words import Grade, Reason, VerdictKind, Why
from tests.audit.adapted import adapted
from tests.audit.answers import audit_of
from tests.audit.oracle.worked import AGGREGATE, COPY, ENROLLMENT, INPUT, LINKED, OUTCOMES, SNAP, WORKED

FACTS = adapted(WORKED)
LAST_DAY = date(2023, 2, 28)
ROW_13 = date(2022, 4, 20)
COVERED = Verdict(VerdictKind.COVERED, by=("A",))
UNNEEDED = Verdict(VerdictKind.NOT_NEEDED)


def uncovered(*reasons: Reason) -> Verdict:
    return Verdict(VerdictKind.UNCOVERED, reasons=reasons)


def without_frame() -> Facts:
    """The facts where E is terminated on 2022-04-01."""
    ended = StageEvent(AgreementStage.TERMINATED, date(2022, 4, 1))
    agreements = (structs.replace(one, events=(ended,)) if one.id == "E" else one for one in FACTS.agreements)
    return structs.replace(FACTS, agreements=tuple(agreements))


@pytest.mark.parametrize(
    ("flow", "day", "expected"),
    [
        pytest.param("1", date(2022, 3, 20), COVERED, id="row 1"),
        pytest.param("3", date(2022, 3, 20), uncovered(Reason.APPROVAL_MISSING), id="row 2"),
        pytest.param("3", ROW_13, COVERED, id="row 3"),
        pytest.param("4", date(2022, 5, 2), uncovered(Reason.COLUMN_OUT_OF_SCOPE), id="row 4"),
        pytest.param("5", date(2022, 5, 9), uncovered(Reason.PURPOSE_NOT_PERMITTED), id="row 5"),
        pytest.param("6", date(2022, 6, 1), uncovered(Reason.NO_AGREEMENT, Reason.RECIPIENT_NOT_PERMITTED), id="row 6"),
        pytest.param("7", date(2022, 6, 20), UNNEEDED, id="row 7"),
        pytest.param("7", date(2022, 7, 20), UNNEEDED, id="row 8"),
        pytest.param("1", LAST_DAY, COVERED, id="row 9"),
        pytest.param("1", LAST_DAY + timedelta(days=1), uncovered(Reason.EXPIRED), id="row 10"),
        pytest.param("11", date(2021, 1, 1), UNNEEDED, id="row 11"),
        pytest.param(
            "12",
            date(2022, 5, 1),
            Verdict(VerdictKind.UNKNOWN, why=(Why.CLASS_UNDETERMINED,)),
            id="row 12",
        ),
    ],
)
def test_a_row_of_the_worked_pathway(flow: str, day: date, expected: Verdict) -> None:
    audit = audit_of(FACTS, day)
    one = next(each for each in FACTS.flows if each.id == f"flow:{flow}")
    assert audit.verdicts()[one.id] == expected
    assert structs.replace(audit.verdict(one), parts=()) == expected


def test_row_13_and_what_else_changes_where_the_enterprise_agreement_is_terminated() -> None:
    before, after = audit_of(FACTS, ROW_13).verdicts(), audit_of(without_frame(), ROW_13).verdicts()
    found = {each.flow: each for each in changes(before, after)}
    assert found["flow:3"].before == COVERED
    assert found["flow:3"].after == uncovered(Reason.PARENT_NOT_ACTIVE)
    assert set(found) == {flow for flow in before if before[flow] != after[flow]}


def test_rows_5_and_6_are_judged_for_both_origins() -> None:
    audit = audit_of(FACTS, date(2022, 6, 1))
    flows = {each.id: each for each in FACTS.flows}
    five, six = (audit.verdict(flows[id_]).parts for id_ in ("flow:5", "flow:6"))
    refused = {Reason.PURPOSE_NOT_PERMITTED}
    assert [(part.agency, part.reasons) for part in five] == [("DOL", refused), ("DSS", refused), ("SDE", refused)]
    refused = {Reason.RECIPIENT_NOT_PERMITTED}
    direct = {Reason.NO_AGREEMENT}
    assert [(part.agency, part.reasons) for part in six] == [("UConn", direct), ("DSS", refused), ("SDE", refused)]


def test_row_7_leaks_nothing_and_row_8_three_datasets() -> None:
    assert Leaks(audit_of(FACTS, date(2022, 6, 20)).classes).found().leaks == ()
    found = Leaks(audit_of(FACTS, date(2022, 7, 20)).classes).found().leaks
    assert [(one.protected, one.open, one.grade) for one in found] == [
        (LINKED, OUTCOMES, Grade.POSSIBLE),
        (SNAP, OUTCOMES, Grade.POSSIBLE),
        (ENROLLMENT, OUTCOMES, Grade.POSSIBLE),
    ]
    assert found[2].datasets == (ENROLLMENT, LINKED, AGGREGATE, OUTCOMES)
    assert found[2].last_to_stop == "DOL"


def test_the_lapse_sets() -> None:
    lapses = Lapses(audit_of(FACTS, LAST_DAY), audit_of(FACTS, LAST_DAY + timedelta(days=1)))
    found = lapses.of("A")
    assert found.flows == ("flow:1", "flow:3")
    assert set(found.cut_off) == {LINKED, AGGREGATE, OUTCOMES}
    assert set(found.thinned) == {COPY, INPUT}
    assert set(lapses.of("E").flows) >= set(found.flows)
    assert lapses.single_points() == ("A", "E")


def test_what_is_one_is_so_on_its_days_and_as_long_as_nobody_denies_it() -> None:
    """E11: the entry of a warehouse, of which nothing is known but that it is one with ENROLLMENT."""
    day = date(2022, 6, 1)
    other = "dataset:of-a-warehouse"
    base = structs.replace(FACTS, datasets=(*FACTS.datasets, Dataset(other)))

    def named(on: date, *same: SameAs) -> str:
        return AsOf(structs.replace(base, same_as=same), on).dataset(max(other, ENROLLMENT))

    first, own = min(other, ENROLLMENT), max(other, ENROLLMENT)
    stated = SameAs(ENROLLMENT, other, stated=True, valid_from=day, valid_to=day + timedelta(days=9))
    assert [named(day + timedelta(days=n), stated) for n in (-1, 0, 8, 9)] == [own, first, first, own]
    denied = SameAs(other, ENROLLMENT, stated=False, denied=True, valid_from=day + timedelta(days=3))
    assert [named(day + timedelta(days=n), stated, denied) for n in (2, 3)] == [first, own]
    assert named(day, structs.replace(denied, denied=False)) == own


def test_audits_of_several_days_take_what_is_one_as_of_each() -> None:
    last = LAST_DAY
    other = "dataset:of-a-warehouse"
    ending = SameAs(ENROLLMENT, other, stated=True, valid_to=last + timedelta(days=1))
    facts = structs.replace(FACTS, datasets=(*FACTS.datasets, Dataset(other)), same_as=(ending,))
    days = Days(audit_of(facts, last))
    assert days.at(last).asof.dataset(max(other, ENROLLMENT)) == min(other, ENROLLMENT)
    assert days.at(last + timedelta(days=1)).asof.dataset(max(other, ENROLLMENT)) == max(other, ENROLLMENT)
    # A flow of the first is found under its own name in the second.
    flows = {each.id: each for each in days.at(last).asof.facts.flows}
    given = {each.id: each for each in facts.flows}
    assert all(days.at(last + timedelta(days=1)).asof.flow(flows[id_]) == given[id_] for id_ in flows)
    assert any(flows[id_] != given[id_] for id_ in flows)
