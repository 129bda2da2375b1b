"""The rules of classes, domain R10 to R16 and the four findings of section 7, answered by the oracle."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from lineage.audit.day import DayAudit
from lineage.audit.report import report
from tests.audit.adapted import adapted
from tests.audit.oracle.classes import restricted
from tests.audit.oracle.facts import (
    Classification,
    Column,
    Dataset,
    Determination,
    HighValue,
    PlannedPublication,
    World,
)
from tests.audit.oracle.findings import class_findings
from tests.audit.small import DAY, SIGNED, added, after, determined, known, on

OPEN, PUBLIC, PROTECTED = Classification.OPEN, Classification.PUBLIC, Classification.PROTECTED
PERSONAL, PRIVATE = Classification.PERSONAL, Classification.PRIVATE
WHOLE = frozenset("ABCDE")
D = Dataset("d")


def rules(*said: Determination, dataset: Dataset = D, columns: tuple[Column, ...] = ()) -> set[str]:
    return found(World(datasets=(dataset,), columns=columns, determinations=said))


def found(world: World) -> set[str]:
    return {one.rule for one in class_findings(on(world))}


def engine_rules(*said: Determination) -> set[str]:
    day = DayAudit(adapted(World(datasets=(D,), determinations=said)), DAY)
    return {str(one.rule) for one in day.class_findings}


def met(criteria: frozenset[str]) -> Determination:
    """OPEN, with these criteria."""
    return replace(determined("d", OPEN), open_criteria=criteria)


def reasoned(*classes: Classification, column: str | None = None) -> Determination:
    return replace(determined("d", *classes, column=column), reasons=("VIOLATES_LAW",))


@pytest.mark.parametrize("class_", [PERSONAL, PRIVATE])
def test_r10_personal_and_private_are_protected(class_: Classification) -> None:
    assert restricted(known(class_)) is restricted(known(PROTECTED))
    assert known(PROTECTED, class_) == known(class_)


def test_r11_open_implies_public_and_needs_every_criterion() -> None:
    assert known(OPEN, PUBLIC) == known(PUBLIC)
    assert rules(met(WHOLE)) == set()
    assert rules(met(frozenset("ABDE"))) == {"R11"}
    assert rules(determined("d", OPEN)) == {"R11"}
    assert rules(determined("d", PUBLIC)) == set()


def test_r11_goes_by_the_determination_of_the_day() -> None:
    """Neither an earlier one nor a later one shows anything; of a version that of what it is a version of does (9.2 A5, A6)."""
    lesser = met(frozenset("ABD"))
    later, earlier = (replace(met(WHOLE), on=each) for each in (after(), SIGNED - timedelta(days=1)))
    for found_ in (rules, engine_rules):
        assert found_(lesser, later) == {"R11"}
        assert found_(earlier, lesser) == {"R11"}
        assert found_(lesser, replace(later, on=DAY)) == set()
    version = World(datasets=(D, Dataset("v", "d")), determinations=(met(WHOLE),))
    assert found(version) == set()
    assert DayAudit(adapted(version), DAY).class_findings == []


@pytest.mark.parametrize("class_", [PROTECTED, PERSONAL, PRIVATE])
def test_r12_open_and_protected_contradict(class_: Classification) -> None:
    assert "R12" in rules(determined("d", OPEN, class_))
    assert "R12" in rules(determined("d", OPEN), determined("d", class_))
    assert "R12" not in rules(determined("d", OPEN), determined("d", class_, on=after()))


def test_r13_comes_with_the_reason() -> None:
    """That it would violate a law contradicts, that it is a burden need not."""
    burden = replace(reasoned(PUBLIC, PROTECTED), reasons=("UNDUE_BURDEN", "FOI_EXEMPT_1_210_B"))
    world = World(
        datasets=(D,), columns=(Column("d", "x"),), determinations=(burden, reasoned(OPEN, PRIVATE, column="x"))
    )
    told = {(str(each.rule), each.column): each.reasons for each in report(DayAudit(adapted(world), DAY)).classes}
    assert told["R13", None] == ("FOI_EXEMPT_1_210_B", "UNDUE_BURDEN")
    assert told["R12", "x"] == ("VIOLATES_LAW",)
    assert told["R14_LAW", "x"] == ()


def test_r13_public_and_protected_are_a_warning() -> None:
    assert rules(reasoned(PUBLIC, PROTECTED)) == {"R13"}


def test_r14_protected_has_a_reason_personal_is_shown_private_names_a_law() -> None:
    assert rules(determined("d", PROTECTED)) == {"R14 reason"}
    assert rules(reasoned(PROTECTED)) == set()
    assert rules(reasoned(PERSONAL)) == {"R14 personal"}
    assert rules(reasoned(PERSONAL), dataset=replace(D, declared_personal=True)) == set()
    assert rules(reasoned(PERSONAL), columns=(Column("d", "x", personal=True),)) == set()
    assert rules(reasoned(PRIVATE)) == {"R14 law"}
    assert rules(replace(reasoned(PRIVATE), laws=("law",))) == set()
    assert rules(replace(reasoned(PRIVATE), laws=("law",)), determined("d", PRIVATE)) == set()


def test_r14_a_personal_column_is_one_of_the_dataset_and_for_a_column_itself() -> None:
    columns = (Column("d", "x"), Column("d", "y", personal=True))
    assert rules(reasoned(PERSONAL), columns=columns) == set()
    assert rules(reasoned(PERSONAL), columns=columns[:1]) == {"R14 personal"}
    assert "R14 personal" in rules(reasoned(PERSONAL), columns=(replace(columns[1], first_day=after()),))
    assert "R14 personal" in rules(reasoned(PERSONAL), columns=(replace(columns[1], valid_to=DAY),))
    assert rules(reasoned(PERSONAL), columns=(Column("other", "y", personal=True),)) == {"R14 personal"}
    of_y = (reasoned(PERSONAL), reasoned(PERSONAL, column="y"))
    assert rules(*of_y, columns=columns) == set()
    assert rules(reasoned(PERSONAL), reasoned(PERSONAL, column="x"), columns=columns) == {"R14 personal"}


def test_r15_a_column_raises_its_dataset() -> None:
    columns = (Column("d", "x", personal=True), Column("d", "y"))
    assert rules(determined("d", PUBLIC), reasoned(PERSONAL, column="x"), columns=columns) == {"R15"}


def test_r16_undetermined_is_reported_as_itself() -> None:
    assert rules() == {"R16"}
    assert rules(determined("d", Classification.UNDETERMINED)) == {"R16"}


def test_high_value_and_public_but_neither_open_nor_planned() -> None:
    """Domain 7, the fourth finding."""
    world = World(datasets=(D,), determinations=(determined("d", PUBLIC),), high_values=(HighValue("d", SIGNED),))
    assert found(world) == {"7 planned publication"}
    assert found(added(world, planned=(PlannedPublication("d", DAY),))) == set()
    assert found(added(world, planned=(PlannedPublication("d", after()),))) == {"7 planned publication"}
    assert found(replace(world, high_values=(HighValue("d", after()),))) == set()
    assert found(replace(world, determinations=(met(WHOLE),))) == set()
    assert found(replace(world, determinations=(replace(met(WHOLE), classes=frozenset((OPEN, PUBLIC))),))) == set()
    assert found(replace(world, determinations=(reasoned(PUBLIC, PROTECTED),))) == {"R13"}
    assert found(replace(world, determinations=(reasoned(PROTECTED),))) == set()
    assert found(replace(world, high_values=(HighValue("other", SIGNED), HighValue("d", DAY)))) == {
        "7 planned publication"
    }
    assert found(replace(world, high_values=(HighValue("other", SIGNED),))) == set()
    assert found(added(world, planned=(PlannedPublication("other", DAY),))) == {"7 planned publication"}
