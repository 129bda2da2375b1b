"""Identifiers that cross boundaries (question 10), and legal bases (question 12), from the domain and the readings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from msgspec import structs

from catalog.model import enums_data
from catalog.model.enums_data import PersonalKind
from lineage.audit.bases import BasisGap
from lineage.audit.crossings import Crossing, Crossings
from lineage.audit.facts import Columns, Determination, Facts
from lineage.audit.record_words import BasisGapKind
from lineage.audit.records import AgreementText, Law
from tests.audit.kept import kept, kinds, on_day
from tests.audit.oracle.facts import Classification, ColumnRef, Flow, Holding, PartyRole, RunState, World
from tests.audit.small import (
    BASE,
    DAY,
    REVIEW,
    REVIEWED,
    SIGNED,
    added,
    after,
    before,
    classed,
    column_flow,
    party,
    run,
    with_agreement,
    with_flow,
)

DIRECT, QUASI, SENSITIVE = PersonalKind.DIRECT_IDENTIFIER, PersonalKind.QUASI_IDENTIFIER, PersonalKind.SENSITIVE


def crossings(world: World = BASE, **of: PersonalKind | None) -> Crossings:
    return on_day(kinds(kept(world), **(of or {"x": DIRECT, "y": PersonalKind.NONE}))).recorded.crossings


def told(found: Crossings, **more: Any) -> list[tuple[str | None, str | None, str, int, int]]:
    return [(one.provider, one.recipient, one.identifier, len(one.flows), one.runs) for one in found.all(**more)]


def test_an_identifier_crosses_with_its_flow() -> None:
    (found,) = crossings().all()
    assert found == Crossing("P", "R", "x", DIRECT, (("s", "x"),), ("f",), 1, SIGNED)
    assert told(crossings(x=DIRECT, y=QUASI)) == [("P", "R", "x", 1, 1), ("P", "R", "y", 1, 1)]


def test_what_is_sensitive_only_is_no_identifier_unless_asked_for() -> None:
    found = crossings(x=SENSITIVE, y=None)
    assert told(found) == []
    assert told(found, kinds={SENSITIVE}) == [("P", "R", "x", 1, 1)]


def test_only_what_flows_crosses() -> None:
    assert told(crossings(with_flow(columns=(ColumnRef("s", "y"),)))) == []
    masked = with_flow(column_flows=(column_flow("s.x", "t.x", masked=True),))
    assert told(crossings(masked)) == [("P", "R", "x", 1, 1)], "masking alone stops nothing"


def test_only_what_crosses_a_boundary_on_the_day_counts() -> None:
    within = replace(BASE, held_by=(*BASE.held_by[:1], Holding("t", "P")))
    assert told(crossings(within)) == []
    for nobody in (0, 1):
        held_by = tuple(each for number, each in enumerate(BASE.held_by) if number != nobody)
        ends = (None, "R") if nobody == 0 else ("P", None)
        assert told(crossings(replace(BASE, held_by=held_by))) == [(*ends, "x", 1, 1)]
    assert told(crossings(with_flow(last_seen=before()))) == []
    assert told(crossings(with_flow(last_seen=DAY))) == [("P", "R", "x", 1, 1)]
    assert told(crossings(with_flow(first_seen=after()))) == []
    assert told(crossings(with_flow(first_seen=DAY))) == [("P", "R", "x", 1, 1)]
    assert told(crossings(with_flow(first_seen=None))) == [("P", "R", "x", 1, 0)], "only planned"


def test_names_that_differ_in_case_are_one_identifier() -> None:
    facts = kinds(kept(), x=DIRECT, y=DIRECT)
    s = facts.datasets[0]
    columns = Columns.of(structs.replace(c, ref=("s", "X")) if c.ref == ("s", "y") else c for c in s.columns)
    same = structs.replace(facts, datasets=(structs.replace(s, columns=columns), *facts.datasets[1:]))
    (found,) = on_day(same).recorded.crossings.all()
    assert (found.identifier, found.columns) == ("X", (("s", "X"), ("s", "x")))
    assert len(on_day(kinds(kept(), x=DIRECT, y=QUASI)).recorded.crossings.all()) == 2


def test_runs_that_wrote_by_the_day_are_counted_once() -> None:
    runs = (
        run("p", SIGNED),
        run("p", DAY),
        run("p", after()),
        run("p", before(3), state=RunState.FAIL),
    )
    second = Flow("g", "s", "t", process="p")
    world = added(with_flow(process="p"), runs=runs, flows=(second,))
    (found,) = crossings(world).all()
    assert (found.flows, found.runs, found.last_run_on) == (("f", "g"), 2, DAY)


def test_of_a_reviewed_output_it_is_the_target_that_crosses() -> None:
    world = added(
        with_flow(process="aggregate"), processes=(REVIEWED,), reviews=(REVIEW,), runs=(run("aggregate", DAY),)
    )
    assert told(crossings(world)) == []
    unreviewed = replace(world, reviews=())
    assert told(crossings(unreviewed)) == [("P", "R", "x", 1, 1)]


def test_flows_of_columns_of_which_nothing_is_said_are_counted() -> None:
    assert crossings().undescribed() == 0
    assert crossings(x=DIRECT, y=None).undescribed() == 1
    assert crossings(replace(BASE, columns=())).undescribed() == 1
    within = replace(BASE, columns=(), held_by=(*BASE.held_by[:1], Holding("t", "P")))
    assert crossings(within).undescribed() == 0


# Legal bases.

LAW = Law("law", ("States the purpose", "Says when it is destroyed"))
STATED = AgreementText("A", stated_terms=("states  the PURPOSE", "Says when it is destroyed"))


def gaps(facts: Facts) -> list[BasisGap]:
    return on_day(facts).recorded.basis_gaps


def protected(world: World = BASE, *laws: Law, by: str = "guard", **texts: Any) -> Facts:
    """The world where the class of s rests on a law."""
    facts = kept(world, laws=laws, **texts)
    first, *others = facts.determinations
    return structs.replace(facts, determinations=(structs.replace(first, laws=(by,)), *others))


def test_what_the_law_asks_for_and_the_agreement_does_not_state_is_a_gap() -> None:
    missing = BasisGap("f", "A", "law", BasisGapKind.TERMS_NOT_STATED, LAW.required_terms)
    assert gaps(kept(laws=(LAW,))) == [missing]
    part = AgreementText("A", stated_terms=("Says when it is destroyed",))
    assert gaps(kept(laws=(LAW,), texts=(part,))) == [structs.replace(missing, missing=("States the purpose",))]
    assert gaps(kept(laws=(LAW,), texts=(STATED,))) == []
    assert gaps(kept(laws=(Law("law"),))) == []
    assert gaps(kept(laws=(Law("other", ("Something",)),))) == []


def test_what_an_agreement_above_states_is_no_answer() -> None:
    world = with_agreement(under=("E",))
    frame = replace(
        BASE.agreements[0], id="E", parties=(party("P", PartyRole.PROVIDER), party("R", PartyRole.RECIPIENT))
    )
    world = added(world, agreements=(replace(frame, terms=(), rests_on=()),))
    above = structs.replace(STATED, agreement="E")
    assert [each.missing for each in gaps(kept(world, laws=(LAW,), texts=(above,)))] == [LAW.required_terms]


@pytest.mark.parametrize(
    "world",
    [
        with_flow(last_seen=before()),
        classed(Classification.PUBLIC),
        with_flow(purpose=None),
        with_agreement(effective_to=before()),
    ],
    ids=["over", "needs no cover", "not covered", "expired"],
)
def test_only_live_flows_that_rest_on_it_count(world: World) -> None:
    assert gaps(kept(world, laws=(LAW,))) == []


def test_a_claim_rests_on_the_laws_of_what_it_claims() -> None:
    claimed = with_flow(with_agreement(effective_to=before()), claims=("A", "lost"))
    assert [(each.flow, each.agreement) for each in gaps(kept(claimed, laws=(LAW,)))] == [("f", "A")]
    undecided = with_flow(classed(Classification.UNDETERMINED), claims=("A",))
    assert len(gaps(kept(undecided, laws=(LAW,)))) == 1


def test_a_law_that_protects_the_data_and_is_not_named_is_a_gap() -> None:
    law, guard = Law("law"), Law("guard")
    assert gaps(protected(BASE, law, guard)) == [BasisGap("f", "A", "guard", BasisGapKind.LAW_NOT_NAMED, ())]
    assert gaps(protected(BASE, law, by="law")) == []
    assert gaps(protected(BASE, Law("law", part_of="guard"), guard)) == [], "a section of it will do"
    assert gaps(protected(BASE, law, Law("guard", part_of="law"))) == [], "so will the text it is a section of"
    siblings = Law("law", part_of="code"), Law("guard", part_of="code"), Law("code")
    assert len(gaps(protected(BASE, *siblings))) == 1
    circle = Law("law", part_of="guard"), Law("guard", part_of="law")
    assert gaps(protected(BASE, *circle)) == []


def test_a_law_protects_the_column_that_it_was_determined_for() -> None:
    facts = kept(laws=(Law("law"), Law("guard")))
    ruled = Determination("s", "y", frozenset((enums_data.Classification.PRIVATE,)), SIGNED, laws=("guard",))
    facts = structs.replace(facts, determinations=(*facts.determinations, ruled))
    assert [each.law for each in gaps(facts)] == ["guard"]
    only_x = structs.replace(facts.flows[0], columns=(("s", "x"),))
    assert gaps(structs.replace(facts, flows=(only_x,))) == []
    over = structs.replace(ruled, valid_to=DAY)
    assert gaps(structs.replace(facts, determinations=(*facts.determinations[:-1], over))) == []
