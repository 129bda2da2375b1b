"""Domain 9.2 B, does it need an agreement; each item by its id, answered by the oracle."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.audit.oracle.agreements import Reason
from tests.audit.oracle.classes import Known
from tests.audit.oracle.facts import (
    Classification,
    Column,
    ColumnRef,
    Flow,
    Holding,
    Process,
    World,
)
from tests.audit.oracle.findings import Finding, flow_findings
from tests.audit.oracle.verdicts import Kind
from tests.audit.small import (
    BASE,
    REVIEW,
    REVIEWED,
    SIGNED,
    added,
    after,
    before,
    classed,
    column_flow,
    determined,
    judged,
    kind,
    need,
    on,
    reasons,
    run,
    third,
    why,
    with_flow,
)

PERSONAL, PUBLIC, UNDETERMINED = Classification.PERSONAL, Classification.PUBLIC, Classification.UNDETERMINED


# B1, B2


@pytest.mark.parametrize(
    ("classes", "target", "expected"),
    [
        ((PERSONAL,), "R", Known.YES),
        ((PERSONAL,), "P", Known.NO),
        ((PERSONAL,), None, Known.UNKNOWN),
        ((UNDETERMINED,), "R", Known.UNKNOWN),
        ((UNDETERMINED,), "P", Known.NO),
        ((UNDETERMINED,), None, Known.UNKNOWN),
        ((PUBLIC,), "R", Known.NO),
        ((PUBLIC,), None, Known.NO),
    ],
)
def test_b1_needs_is_crosses_and_restricted(
    classes: tuple[Classification, ...], target: str | None, expected: Known
) -> None:
    held = (Holding("s", "P"), *((Holding("t", target),) if target else ()))
    assert need(replace(classed(*classes), held_by=held)) is expected


def test_b1_an_unknown_holder_is_found_also_where_nothing_is_needed() -> None:
    world = replace(classed(PUBLIC), held_by=(Holding("s", "P"),))
    assert kind(world) is Kind.NOT_NEEDED
    assert Finding("9.2 B1", "f", "recipient") in flow_findings(on(world))


def test_b1_only_the_flowing_columns_count() -> None:
    world = added(determinations=(determined("s", PUBLIC, column="x"), determined("s", UNDETERMINED, column="y")))
    assert need(with_flow(world, columns=(ColumnRef("s", "x"),))) is Known.NO
    assert need(with_flow(world, columns=(ColumnRef("s", "y"),))) is Known.UNKNOWN
    assert need(replace(BASE, columns=())) is Known.YES


def test_b1_without_column_information_the_class_of_the_dataset_decides() -> None:
    """s is PUBLIC and of unknown columns; another flow brought PERSONAL data into one of them."""
    world = added(
        replace(classed(PUBLIC), columns=()),
        determinations=(determined("v", PERSONAL),),
        flows=(Flow("h", "v", "s", column_flows=(column_flow("v.a", "s.b"),), first_seen=SIGNED),),
        columns=(Column("v", "a"),),
    )
    assert need(world) is Known.YES


def test_b2_covers_is_two_valued() -> None:
    """What cannot be shown fails with its code: without a purpose a flow is not covered."""
    assert reasons(with_flow(purpose=None)) == (Reason.PURPOSE_UNKNOWN,)
    assert why(with_flow(purpose=None)) == ()


# B3


def declassified(process: Process = REVIEWED) -> World:
    """BASE where f is the output of a reviewed, declassifying process, whose result is PERSONAL all the same."""
    world = with_flow(classed(PERSONAL), process="aggregate")
    return added(world, processes=(process,), reviews=(REVIEW,), runs=(run("aggregate", before(10)),))


def test_b3_of_the_providers_declassifying_flow_the_class_of_the_target_decides() -> None:
    assert kind(declassified()) is Kind.NOT_NEEDED
    restricted = added(declassified(), determinations=(determined("t", PERSONAL),))
    assert kind(restricted) is Kind.COVERED


@pytest.mark.parametrize("agency", ["R", None])
def test_b3_where_anyone_else_runs_it_the_class_of_the_source_decides(agency: str | None) -> None:
    assert need(declassified(replace(REVIEWED, agency=agency))) is Known.YES


def test_b3_every_step_must_be_stopped() -> None:
    assert need(added(declassified(), runs=(run("aggregate", before(20)),))) is Known.YES
    assert need(replace(declassified(), runs=(run("aggregate", after()),))) is Known.YES
    seen = replace(REVIEW, columns=(ColumnRef("t", "x"),))
    assert need(replace(declassified(), reviews=(seen,))) is Known.NO
    assert need(added(replace(declassified(), reviews=(seen,)), columns=(Column("t", "z"),))) is Known.YES


def test_b3_nothing_is_owed_onward_where_the_process_stands_between() -> None:
    """Domain 9, Onward: R aggregates what came from P and sends the result, PROTECTED, to T."""
    world = added(
        third(process="aggregate"),
        processes=(replace(REVIEWED, agency="R"),),
        reviews=(REVIEW,),
        runs=(run("aggregate", before(10)),),
        determinations=(determined("u", Classification.PROTECTED),),
    )
    assert [part.agency for part in judged(world, flow="g").parts] == ["R"]
    assert [part.agency for part in judged(replace(world, reviews=()), flow="g").parts] == ["R", "P"]
