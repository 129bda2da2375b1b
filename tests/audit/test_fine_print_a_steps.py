"""Domain 9.2 A8 to A14, steps and leaks: each item by its id, answered by the oracle."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.audit.oracle.classes import Known, restricted
from tests.audit.oracle.facts import (
    Classification,
    Column,
    ColumnRef,
    CoverageTerm,
    Dataset,
    DisclosureReview,
    Flow,
    Holding,
    Member,
    Process,
    Publication,
    Run,
    RunState,
    System,
    TransformationKind,
    World,
    Written,
)
from tests.audit.oracle.leaks import leaks
from tests.audit.oracle.steps import Grade, declassifies
from tests.audit.oracle.verdicts import Kind
from tests.audit.small import (
    BASE,
    DAY,
    REVIEW,
    REVIEWED,
    SIGNED,
    added,
    after,
    before,
    column_flow,
    determined,
    effective,
    flow_of,
    judged,
    kind,
    known,
    on,
    opened,
    reasons,
    run,
    third,
    with_agreement,
    with_flow,
)

OPEN, PUBLIC, PERSONAL = Classification.OPEN, Classification.PUBLIC, Classification.PERSONAL


def aggregated(*reviews: DisclosureReview, runs: tuple[date, ...] = (before(10),), **process: Any) -> World:
    """BASE where f goes by P's declassifying process, which ran on these days."""
    made = replace(REVIEWED, **process)
    world = with_flow(process="aggregate")
    return added(world, processes=(made,), reviews=reviews, runs=tuple(run("aggregate", day) for day in runs))


def stopped(world: World, day: date = DAY) -> bool:
    """Whether the class of s does not reach t."""
    return restricted(effective(world, "t", day)) is not Known.YES


# A8-A11


def test_a8_needs_looks_at_effective_classes_and_a_leak_at_own_ones() -> None:
    """t is PUBLIC by itself and holds what came from s, which is PERSONAL."""
    world = third()
    assert kind(world, flow="g") is Kind.UNCOVERED
    found = leaks(on(replace(world, publications=(Publication("u", "portal", public=True),))))
    assert [(one.protected, one.open) for one in found] == [("s", "u")]


@pytest.mark.parametrize(
    ("process", "expected"),
    [
        (REVIEWED, True),
        (replace(REVIEWED, declassifies=False), False),
        (replace(REVIEWED, suppression_rule=None), False),
        (replace(REVIEWED, method=TransformationKind.COPY), False),
        (replace(REVIEWED, method=None), False),
        (replace(REVIEWED, method=TransformationKind.REDACT, suppression_rule=None), True),
        (replace(REVIEWED, method=TransformationKind.PSEUDONYMIZE), False),
        (replace(REVIEWED, method=TransformationKind.PSEUDONYMIZE, link_destroyed_on=DAY), True),
        (replace(REVIEWED, method=TransformationKind.PSEUDONYMIZE, link_destroyed_on=after()), False),
        (None, False),
    ],
)
def test_a9_what_declassifies(process: Process | None, *, expected: bool) -> None:
    assert declassifies(process, DAY) is expected


def test_a10_a_step_is_stopped_by_a_review_before_each_run() -> None:
    assert stopped(aggregated(REVIEW))
    assert not stopped(aggregated())
    assert not stopped(aggregated(replace(REVIEW, on=before(10))))
    assert not stopped(aggregated(replace(REVIEW, on=None)))
    assert not stopped(aggregated(replace(REVIEW, approved=False)))
    assert not stopped(aggregated(replace(REVIEW, rule="another")))
    assert not stopped(aggregated(replace(REVIEW, process="another")))
    assert not stopped(aggregated(REVIEW, runs=(before(10), before(20))))
    assert stopped(aggregated(REVIEW, runs=(before(10), after())))
    assert not stopped(aggregated(REVIEW, declassifies=False))


def test_a10_a_withdrawn_review_stands_until_its_day() -> None:
    world = aggregated(replace(REVIEW, withdrawn_on=DAY))
    assert [stopped(world, day) for day in (before(), DAY)] == [True, False]


def test_a10_a_review_stands_for_the_columns_it_saw_and_the_rule_of_the_run() -> None:
    assert stopped(aggregated(replace(REVIEW, columns=(ColumnRef("t", "x"),))))
    assert not stopped(aggregated(replace(REVIEW, columns=(ColumnRef("t", "y"),))))
    world = aggregated(REVIEW, replace(REVIEW, rule="another"))
    assert stopped(added(world, runs=(run("aggregate", before(5), rule="another"),)))
    assert not stopped(added(world, runs=(run("aggregate", before(5), rule="a third"),)))


def test_a10_a_flow_without_recorded_runs_counts_as_one_run_on_first_seen() -> None:
    early = replace(REVIEW, on=before(200))
    world = with_flow(aggregated(early, runs=()), first_seen=before(199))
    assert stopped(world)
    assert not stopped(with_flow(world, first_seen=before(200)))


def test_a10_a_column_that_no_run_wrote_has_no_step_into_it() -> None:
    wrote_y = run("copy", before(3), outputs=(Written("t", ("y",)),))
    world = added(with_flow(process="copy"), processes=(Process("copy"),), runs=(wrote_y,))
    lineage = on(world)
    assert lineage.into(("t", "x")) == []
    assert {step.from_ for step in lineage.into(("t", "y"))} == {("s", "x"), ("s", "y")}


def test_a10_what_a_run_wrote() -> None:
    def wrote(*outputs: Written, ago: int = 3) -> list[tuple[str, str | None]]:
        made = run("copy", before(ago), outputs=outputs)
        world = added(
            with_flow(process="copy"), processes=(Process("copy"),), runs=(made, run("copy", before(9), outputs=()))
        )
        return [cell for cell in on(world).columns("t") if on(world).into(cell)]

    assert wrote(Written("t")) == [("t", "x")]
    assert wrote(Written("t", ("x", "new"))) == [("t", "new"), ("t", "x")]
    assert wrote(Written("t", ("new",)), ago=0) == [("t", "new")]
    assert wrote(Written("u", ("x",)), Written("u")) == []
    assert wrote(Written("t", ("x", "new")), ago=-1) == []


def test_a10_a_run_to_come_names_no_column() -> None:
    runs = (run("copy", before(3)), run("copy", after(), outputs=(Written("t", ("new",)),)))
    assert on(added(with_flow(process="copy"), processes=(Process("copy"),), runs=runs)).columns("t") == [("t", "x")]


def test_a10_any_run_that_wrote_the_dataset_wrote_it_where_its_columns_are_not_known() -> None:
    made = run("copy", before(3), outputs=(Written("u", ("new",)),))
    world = added(with_flow(process="copy", target="u"), processes=(Process("copy"),), runs=(made,))
    lineage = on(world)
    assert [bool(lineage.into(cell)) for cell in lineage.columns("u")] == [True, True]
    assert sorted(lineage.columns("u"), key=str) == [("u", "new"), ("u", None)]


def test_a11_a_flow_has_happened_when_a_run_completed_or_wrote() -> None:
    def happened(*runs: RunState, first_seen: date | None = None, wrote: bool = False) -> bool:
        outputs = (Written("t"),) if wrote else None
        world = added(
            with_flow(process="copy", first_seen=first_seen),
            processes=(Process("copy"),),
            runs=tuple(run("copy", before(), state=state, outputs=outputs) for state in runs),
        )
        return on(world).happened(flow_of(world))

    assert happened(RunState.COMPLETE)
    assert not happened(RunState.FAIL, first_seen=before(9))
    assert happened(RunState.FAIL, wrote=True)
    assert happened(RunState.ABORT, RunState.COMPLETE)
    assert happened(first_seen=DAY)
    assert not happened(first_seen=after())
    assert not happened()


def test_a11_a_run_counts_from_its_day_on() -> None:
    world = added(with_flow(process="copy"), processes=(Process("copy"),), runs=(run("copy", DAY),))
    assert [on(world, day).happened(flow_of(world)) for day in (before(), DAY)] == [False, True]


def test_a11_a_flow_is_planned_until_a_run_of_any_day_completed_or_wrote() -> None:
    def live(made: Run) -> bool:
        world = added(with_flow(process="copy", first_seen=None), processes=(Process("copy"),), runs=(made,))
        return on(world).live(flow_of(world))

    assert live(run("copy", before()))
    assert live(run("copy", before(), state=RunState.FAIL))
    assert not live(run("copy", after()))
    assert live(run("copy", after(), state=RunState.SCHEDULED))
    assert not live(run("copy", after(), state=RunState.FAIL, outputs=(Written("t"),)))


def test_a11_live_is_what_began_or_is_planned_and_has_not_ended() -> None:
    def live(**changes: Any) -> bool:
        world = with_flow(**changes)
        return on(world).live(flow_of(world))

    assert live()
    assert live(first_seen=None)
    assert not live(first_seen=after())
    assert live(last_seen=DAY)
    assert not live(last_seen=before())


def test_a11_data_stays_where_it_came_though_the_flow_has_ended() -> None:
    assert effective(with_flow(last_seen=before()), "t") == known(PERSONAL)
    assert effective(with_flow(first_seen=after()), "t") == known(PUBLIC)


def test_a11_a_verdict_is_defined_for_a_planned_flow() -> None:
    assert kind(with_flow(first_seen=None)) is Kind.COVERED


# A12-A14


def test_a12_flowing_are_the_stated_then_the_read_then_all_columns() -> None:
    def flowing(world: World) -> list[tuple[str, str | None]]:
        return on(world).view.flowing(flow_of(world))

    stated = with_flow(columns=(ColumnRef("s", "x"),), column_flows=(column_flow("s.y", "t.x"),))
    assert flowing(stated) == [("s", "x")]
    assert flowing(with_flow(column_flows=(column_flow("s.y", "t.x"),))) == [("s", "y")]
    assert flowing(BASE) == [("s", "x"), ("s", "y")]
    assert flowing(replace(BASE, columns=())) == [("s", None)]
    ended = (Column("s", "x", valid_to=DAY), Column("s", "y", first_day=DAY), Column("s", "z", first_day=after()))
    assert flowing(replace(BASE, columns=ended)) == [("s", "y")]
    assert flowing(replace(BASE, columns=(Column("s", "x", valid_to=after()),))) == [("s", "x")]


def test_a12_unknown_columns_are_out_of_the_scope_of_a_term_that_names_columns() -> None:
    narrow = with_agreement(terms=(CoverageTerm("A/1", datasets=("s",), columns=(ColumnRef("s", "x"),)),))
    assert [code.name for code in reasons(replace(narrow, columns=()))] == ["COLUMN_OUT_OF_SCOPE"]
    assert kind(replace(BASE, columns=())) is Kind.COVERED


def test_a12_a_column_of_a_dataset_that_the_term_does_not_name_is_not_held() -> None:
    columns = (ColumnRef("u", "x"), ColumnRef("u", "y"))
    world = with_agreement(terms=(CoverageTerm("A/1", datasets=("s",), columns=columns),))
    assert [code.name for code in reasons(world)] == ["COLUMN_OUT_OF_SCOPE"]


def test_a13_a_flow_into_a_system_feeds_all_its_datasets_and_one_from_it_comes_from_all() -> None:
    members = tuple(Member(dataset, "system", *span) for dataset, *span in (("t",), ("u",), ("v", None, DAY)))
    members = (*members, Member("v", "another"))
    world = added(
        with_flow(target="system"),
        systems=(System("system", "R"),),
        members=members,
        datasets=(Dataset("v"), Dataset("w")),
        determinations=(determined("v", PUBLIC), determined("w", PUBLIC)),
        flows=(Flow("g", "system", "w", purpose="research", first_seen=SIGNED),),
    )
    lineage = on(world)
    fed = {(step.flow.id, step.from_[0], step.to[0]) for step in lineage.steps}
    assert fed == {("f", "s", "t"), ("f", "s", "u"), ("g", "t", "w"), ("g", "u", "w")}
    assert {step.grade for step in lineage.steps} == {Grade.POSSIBLE}
    assert lineage.view.holder("system") == "R"
    assert kind(world) is Kind.COVERED
    assert effective(world, "w") == known(PERSONAL)


def test_a14_the_grade_is_the_worst_over_all_paths_and_the_path_a_shortest_of_that_grade() -> None:
    """s reaches u at once, dataset-level, and over t and v by columns: severe, by the longer way."""
    world = replace(
        BASE,
        columns=(*BASE.columns, Column("u", "x"), Column("v", "x")),
        held_by=(*BASE.held_by, Holding("v", "T")),
        determinations=(determined("s", PERSONAL), determined("u", OPEN), determined("t", PUBLIC)),
        datasets=(*BASE.datasets, Dataset("v")),
        flows=(
            Flow("1", "s", "u", first_seen=SIGNED),
            Flow("2", "s", "t", column_flows=(column_flow("s.x", "t.x"),), first_seen=SIGNED),
            Flow("3", "t", "v", column_flows=(column_flow("t.x", "v.x"),), first_seen=SIGNED),
            Flow("4", "v", "u", column_flows=(column_flow("v.x", "u.x"),), first_seen=SIGNED),
        ),
    )
    (found,) = leaks(on(world))
    assert (found.grade, found.datasets, found.flows) == (Grade.SEVERE, ("s", "t", "v", "u"), ("2", "3", "4"))
    assert (found.agencies, found.last_to_stop) == (("P", "R", "T", "T"), "T")
    (found,) = leaks(on(replace(world, flows=world.flows[:3])))
    assert (found.grade, found.datasets, found.last_to_stop) == (Grade.POSSIBLE, ("s", "u"), "P")


def test_a14_ties_go_by_urn() -> None:
    world = replace(
        opened(),
        determinations=(determined("s", PERSONAL), determined("a", PUBLIC), determined("z", OPEN)),
        datasets=(Dataset("s"), Dataset("a"), Dataset("b"), Dataset("z")),
        flows=tuple(
            Flow(f"{number}", source, target, first_seen=SIGNED)
            for number, (source, target) in enumerate((("s", "b"), ("b", "z"), ("s", "a"), ("a", "z"), ("s", "a")))
        ),
    )
    (found,) = [one for one in leaks(on(world)) if one.protected == "s"]
    assert (found.datasets, found.flows) == (("s", "a", "z"), ("2", "3"))


def test_a14_open_is_what_a_determination_says_or_what_is_on_a_public_portal() -> None:
    assert leaks(on(BASE)) == []
    published = Publication("t", "portal", public=True)
    assert len(leaks(on(added(publications=(published,))))) == 1
    assert leaks(on(added(publications=(replace(published, public=False),)))) == []
    assert leaks(on(added(publications=(replace(published, valid_to=DAY),)))) == []


def test_a14_a_path_starts_at_a_column_that_is_restricted_by_itself() -> None:
    """x is PUBLIC and flows to open t; y is PERSONAL and stays."""
    world = opened(with_flow(columns=(ColumnRef("s", "x"),)))
    assert len(leaks(on(world))) == 1
    assert leaks(on(added(world, determinations=(determined("s", PUBLIC, column="x"),)))) == []


def test_a14_a_dataset_does_not_leak_into_itself() -> None:
    world = with_flow(replace(BASE, determinations=(determined("s", PERSONAL, OPEN),)), target="s", source="s")
    assert leaks(on(world)) == []
    assert judged(world).kind is Kind.NOT_NEEDED
