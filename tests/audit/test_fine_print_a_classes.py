"""Domain 9.2 A1 to A7, classes: each item by its id, answered by the oracle."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.audit.oracle.classes import Known, level_of, restricted
from tests.audit.oracle.facts import (
    Classification,
    Column,
    ColumnRef,
    CoverageTerm,
    Dataset,
    Holding,
    World,
)
from tests.audit.oracle.findings import Finding, class_findings
from tests.audit.oracle.leaks import leaks
from tests.audit.oracle.steps import Grade
from tests.audit.oracle.verdicts import Kind
from tests.audit.small import (
    BASE,
    DAY,
    SIGNED,
    added,
    after,
    before,
    column_flow,
    determined,
    effective,
    flow_of,
    kind,
    known,
    on,
    opened,
    with_agreement,
    with_flow,
)

OPEN, PUBLIC, PROTECTED = Classification.OPEN, Classification.PUBLIC, Classification.PROTECTED
PERSONAL, PRIVATE, UNDETERMINED = Classification.PERSONAL, Classification.PRIVATE, Classification.UNDETERMINED


def grade(world: World) -> Grade:
    (found,) = leaks(on(world))
    return found.grade


# A1-A3


def test_a1_the_strictest_of_several_classes_decides_and_the_contradiction_is_found() -> None:
    world = replace(BASE, determinations=(determined("s", OPEN, PERSONAL), determined("t", PUBLIC)))
    assert kind(world) is Kind.COVERED
    assert Finding("R12", "s", "") in class_findings(on(world))


@pytest.mark.parametrize("class_", [PROTECTED, PERSONAL, PRIVATE])
def test_a2_protected_means_protected_personal_or_private(class_: Classification) -> None:
    world = opened(replace(BASE, determinations=(determined("s", class_), determined("t", PUBLIC))))
    assert kind(world) is Kind.COVERED
    assert [one.protected for one in leaks(on(world))] == ["s"]


@pytest.mark.parametrize(
    ("classes", "strictest", "shown"),
    [
        ([OPEN, PUBLIC], {PUBLIC}, {PUBLIC}),
        ([PUBLIC, PROTECTED], {PROTECTED}, {PROTECTED}),
        ([PROTECTED, PERSONAL], {PERSONAL}, {PERSONAL}),
        ([PROTECTED, PERSONAL, PRIVATE], {PERSONAL, PRIVATE}, {PERSONAL, PRIVATE}),
        ([PERSONAL, UNDETERMINED], {PERSONAL}, {UNDETERMINED}),
        ([], set[Classification](), {UNDETERMINED}),
    ],
)
def test_a3_the_join_keeps_the_strictest_known_and_whether_anything_is_undecided(
    classes: list[Classification], strictest: set[Classification], shown: set[Classification]
) -> None:
    level = level_of(classes)
    assert (level.known, level.shown) == (strictest, shown)


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        ((PERSONAL, UNDETERMINED), Known.YES),
        ((PUBLIC, UNDETERMINED), Known.UNKNOWN),
        ((UNDETERMINED,), Known.UNKNOWN),
        ((PUBLIC,), Known.NO),
        ((OPEN,), Known.NO),
    ],
)
def test_a3_restricted_looks_at_the_known_part_first(classes: tuple[Classification, ...], expected: Known) -> None:
    assert restricted(known(*classes)) is expected


# A4


def test_a4_a_step_is_graded_by_the_column_flow() -> None:
    assert grade(opened()) is Grade.POSSIBLE
    every = [column_flow("s.x", "t.x"), column_flow("s.y", "t.x")]
    assert grade(opened(with_flow(column_flows=tuple(every)))) is Grade.SEVERE
    masked = tuple(replace(one, masked=True) for one in every)
    assert grade(opened(with_flow(column_flows=masked))) is Grade.MINOR
    indirect = tuple(replace(one, direct=False) for one in every)
    assert grade(opened(with_flow(column_flows=indirect))) is Grade.MINOR


def test_a4_a_flowing_column_that_no_column_flow_mentions_feeds_every_column() -> None:
    """x is PUBLIC and flows by column; y is PERSONAL, flows too, and no column flow mentions it."""
    world = with_flow(column_flows=(column_flow("s.x", "t.x"),), columns=(ColumnRef("s", "x"), ColumnRef("s", "y")))
    world = added(world, determinations=(determined("s", PUBLIC, column="x"),))
    assert effective(world, "t") == known(PERSONAL)
    assert grade(opened(world)) is Grade.SEVERE
    only_y = replace(opened(world), determinations=(*opened(world).determinations, determined("s", PUBLIC, column="x")))
    assert grade(only_y) is Grade.POSSIBLE


def test_a4_masking_alone_does_not_stop_a_step() -> None:
    world = with_flow(column_flows=(column_flow("s.x", "t.x", masked=True), column_flow("s.y", "t.x", masked=True)))
    assert effective(world, "t") == known(PERSONAL)


# A5-A7


def test_a5_a_column_takes_the_class_of_its_dataset_where_it_was_there() -> None:
    columns = (Column("s", "x"), Column("s", "late", first_day=SIGNED), Column("s", "later", first_day=before(1)))
    world = replace(BASE, columns=columns)
    lineage = on(world)
    assert lineage.effective_of_cell(("s", "x")) == known(PERSONAL)
    assert lineage.effective_of_cell(("s", "late")) == known(PERSONAL)
    assert lineage.effective_of_cell(("s", "later")) == known(UNDETERMINED)
    assert lineage.effective_of_cell(("s", "unheard-of")) == known(UNDETERMINED)


def test_a5_a_column_that_ended_before_the_determination_or_is_anothers_was_not_there() -> None:
    columns = (Column("s", "gone", valid_to=SIGNED), Column("s", "back", first_day=DAY), Column("t", "back"))
    lineage = on(replace(BASE, columns=columns))
    assert lineage.effective_of_cell(("s", "gone")) == known(UNDETERMINED)
    assert lineage.effective_of_cell(("s", "back")) == known(UNDETERMINED)
    returned = (*columns, Column("s", "gone", first_day=SIGNED), Column("s", "ending", valid_to=after()))
    lineage = on(replace(BASE, columns=returned))
    assert lineage.effective_of_cell(("s", "gone")) == known(PERSONAL)
    assert lineage.effective_of_cell(("s", "ending")) == known(PERSONAL)
    undated = on(replace(BASE, columns=returned, determinations=(determined("s", PERSONAL, on=None),)))
    assert undated.effective_of_cell(("s", "ending")) == known(PERSONAL)


def test_a5_the_determination_of_a_column_comes_first() -> None:
    world = added(determinations=(determined("s", PUBLIC, column="x"),))
    assert on(world).effective_of_cell(("s", "x")) == known(PUBLIC)
    assert kind(with_flow(world, columns=(ColumnRef("s", "x"),))) is Kind.NOT_NEEDED


def test_a5_an_undated_determination_speaks_only_for_columns_without_a_first_day() -> None:
    columns = (Column("s", "x"), Column("s", "late", first_day=before(500)))
    world = replace(BASE, columns=columns, determinations=(determined("s", PERSONAL, on=None),))
    lineage = on(world)
    assert lineage.effective_of_cell(("s", "x")) == known(PERSONAL)
    assert lineage.effective_of_cell(("s", "late")) == known(UNDETERMINED)


def test_a5_a_dataset_takes_its_own_then_its_bases_then_its_columns() -> None:
    datasets = (Dataset("base"), Dataset("version", version_of="base"), Dataset("loose"))
    columns = (Column("loose", "x"), Column("loose", "y"))
    said = (determined("base", PRIVATE), determined("loose", PUBLIC, column="x"), determined("loose", OPEN, column="y"))
    world = World(datasets=datasets, columns=columns, determinations=said)
    assert effective(world, "version") == known(PRIVATE)
    assert effective(world, "loose") == known(PUBLIC)
    assert effective(added(world, determinations=(determined("version", OPEN),)), "version") == known(OPEN)


def test_a5_a_derived_dataset_that_nobody_classed_stays_undetermined_with_what_is_known() -> None:
    world = replace(BASE, determinations=BASE.determinations[:1])
    assert effective(world, "t") == known(PERSONAL, UNDETERMINED)
    assert effective(world, "t").shown == {UNDETERMINED}


def test_a5_the_class_of_a_dataset_is_at_least_that_of_its_columns() -> None:
    """Domain R15."""
    world = added(determinations=(determined("t", PRIVATE, column="x"),))
    assert effective(replace(world, flows=()), "t") == known(PRIVATE)
    assert Finding("R15", "t", "") in class_findings(on(replace(world, flows=())))


def test_a6_the_latest_determination_in_force_holds_and_those_of_its_day_are_joined() -> None:
    def classed(*said: tuple[Classification, date | None, date | None]) -> frozenset[Classification]:
        made = tuple(determined("u", one, on=from_, to=to) for one, from_, to in said)
        return effective(World(datasets=(Dataset("u"),), determinations=made), "u").known

    assert classed((PERSONAL, before(9), None), (PUBLIC, before(3), None)) == {PUBLIC}
    assert classed((PERSONAL, before(9), None), (PUBLIC, before(3), DAY)) == {PERSONAL}
    assert classed((PERSONAL, before(9), None), (PUBLIC, before(3), after())) == {PUBLIC}
    assert classed((PERSONAL, before(9), None), (PUBLIC, after(), None)) == {PERSONAL}
    assert classed((PERSONAL, before(3), None), (PRIVATE, before(3), None)) == {PERSONAL, PRIVATE}
    assert classed((PERSONAL, None, None), (PUBLIC, before(3), None)) == {PUBLIC}


def test_a7_a_handover_has_one_holder_a_day_and_last_days_count() -> None:
    held = (Holding("s", "P", None, DAY), Holding("s", "T", DAY, None))
    world = replace(BASE, held_by=(*held, BASE.held_by[1]))
    assert [on(world, day).view.holder("s") for day in (before(), DAY)] == ["P", "T"]
    assert kind(with_agreement(effective_to=DAY)) is Kind.COVERED
    assert kind(with_agreement(terms=(CoverageTerm("A/1", datasets=("s",), to=DAY),))) is Kind.COVERED
    assert kind(with_agreement(terms=(CoverageTerm("A/1", datasets=("s",), to=before()),))) is Kind.UNCOVERED
    assert on(with_flow(last_seen=DAY)).live(flow_of(with_flow(last_seen=DAY)))
