"""Domain 9.2 C, holders, origins, onward; each item by its id, answered by the oracle."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.audit.oracle.agreements import Reason
from tests.audit.oracle.classes import Known
from tests.audit.oracle.facts import (
    Classification,
    Collected,
    ColumnRef,
    CoverageTerm,
    Dataset,
    Flow,
    Holding,
    PartyRole,
    Redisclosure,
    System,
    Unit,
    World,
)
from tests.audit.oracle.findings import Finding, flow_findings
from tests.audit.oracle.origins import holders, origin_agencies, origins
from tests.audit.oracle.verdicts import Kind, Why
from tests.audit.small import (
    BASE,
    DAY,
    REVIEW,
    REVIEWED,
    SIGNED,
    added,
    before,
    classed,
    determined,
    judged,
    kind,
    need,
    on,
    party,
    run,
    third,
    why,
    with_agreement,
    with_flow,
)

PERSONAL, PUBLIC, UNDETERMINED = Classification.PERSONAL, Classification.PUBLIC, Classification.UNDETERMINED
THREE = (party("P", PartyRole.PROVIDER), party("R", PartyRole.RECIPIENT), party("T", PartyRole.RECIPIENT))
PERMITTED = third(with_agreement(parties=THREE, redisclosure=Redisclosure(datasets=("t",))))
"""R may pass P's data on to T."""


# C1, C2


def test_c1_the_stated_agency_stands_in_for_a_holder_that_is_not_known() -> None:
    nobody = with_flow(replace(BASE, held_by=()), provider="P", recipient="R")
    assert kind(nobody) is Kind.UNKNOWN
    assert why(nobody) == (Why.ORIGIN_UNKNOWN,)
    assert need(nobody) is Known.YES
    two = with_flow(added(held_by=(Holding("t", "T"),)), recipient="R")
    assert kind(two) is Kind.COVERED
    assert why(with_flow(two, recipient=None)) == (Why.RECIPIENT_UNKNOWN,)


def test_c1_the_holder_decides_and_a_difference_is_found() -> None:
    world = with_flow(recipient="T")
    assert kind(world) is Kind.COVERED
    assert Finding("9.2 C1", "f", "recipient") in flow_findings(on(world))
    assert flow_findings(on(with_flow(recipient="R"))) == set()
    assert flow_findings(on(with_flow(replace(BASE, held_by=BASE.held_by[:1]), recipient="T"))) == set()


def test_c1_only_units_fold_into_their_agency() -> None:
    units = (Unit("bureau", "P"), Unit("lost", None))
    world = added(replace(BASE, held_by=(Holding("s", "bureau"), Holding("t", "R"))), units=units)
    assert kind(world) is Kind.COVERED
    assert kind(replace(world, held_by=(Holding("s", "bureau"), Holding("t", "P")))) is Kind.NOT_NEEDED
    assert why(replace(world, held_by=(Holding("s", "lost"), Holding("t", "R")))) == (Why.PROVIDER_UNKNOWN,)
    signed = with_agreement(world, parties=(party("bureau", PartyRole.PROVIDER), party("R", PartyRole.RECIPIENT)))
    assert kind(signed) is Kind.COVERED


def test_c1_the_holder_of_a_system_is_its_agency() -> None:
    world = added(with_flow(target="system"), systems=(System("system", "R"),))
    assert kind(world) is Kind.COVERED
    assert why(replace(world, systems=(System("system", None),))) == (Why.RECIPIENT_UNKNOWN,)


def test_c2_a_dataset_is_the_data_of_who_controls_it_or_else_holds_it() -> None:
    lineage = on(added(controlled_by=(Holding("s", "T"), Holding("t", "T", None, DAY))))
    assert [lineage.view.owner(dataset) for dataset in ("s", "t")] == ["T", "R"]
    two = on(added(controlled_by=(Holding("s", "T"), Holding("s", "P"))))
    assert two.view.owner("s") is None


# C3


def test_c3_origins_are_the_roots_and_what_is_collected_under_something() -> None:
    world = third()
    assert origins(on(world), "u") == {"s"}
    assert origins(on(added(world, collected_under=(Collected("t", "program"),))), "u") == {"s", "t"}
    assert origins(on(added(world, collected_under=(Collected("t", "program", None, DAY),))), "u") == {"s"}


def test_c3_every_member_of_a_cycle_that_nothing_feeds_is_an_origin() -> None:
    back = Flow("back", "t", "s", first_seen=SIGNED)
    world = added(third(), flows=(back,))
    assert origins(on(world), "u") == {"s", "t"}
    fed = added(world, flows=(Flow("feed", "v", "s", first_seen=SIGNED),), determinations=(determined("v", PERSONAL),))
    assert origins(on(fed), "u") == {"v"}


def test_c3_a_dataset_that_feeds_itself_is_a_root() -> None:
    assert origins(on(added(flows=(Flow("loop", "s", "s", first_seen=SIGNED),))), "t") == {"s"}


def test_c3_public_data_have_no_origin_and_a_stopped_step_hides_one() -> None:
    assert origins(on(classed(PUBLIC, world=third())), "u") == set()
    world = added(
        third(with_flow(process="aggregate")),
        processes=(REVIEWED,),
        reviews=(REVIEW,),
        runs=(run("aggregate", before(10)),),
        determinations=(determined("t", PERSONAL),),
    )
    assert origins(on(world), "u") == {"t"}
    assert origins(on(replace(world, reviews=())), "u") == {"s"}


def test_c3_an_undecided_root_is_an_origin() -> None:
    world = added(
        third(), flows=(Flow("h", "v", "t", first_seen=SIGNED),), datasets=(Dataset("v"),), held_by=(Holding("v", "V"),)
    )
    assert set(origin_agencies(on(world), ["u"])) == {"P", "V"}


def test_c3_an_origin_whose_agency_is_not_known_is_an_unknown() -> None:
    world = added(PERMITTED, controlled_by=(Holding("s", "P"), Holding("s", "V")))
    parts = judged(world, flow="g").parts
    assert [(part.agency, part.kind) for part in parts][1:] == [(None, Kind.UNKNOWN)]
    covered = added(
        with_agreement(
            world, parties=(*THREE, party("R", PartyRole.PROVIDER)), terms=(CoverageTerm("A/1", datasets=("s", "t")),)
        )
    )
    assert (kind(covered, flow="g"), why(covered, flow="g")) == (Kind.UNKNOWN, (Why.ORIGIN_UNKNOWN,))


def test_c3_the_recipients_of_an_agencys_data() -> None:
    """Question 16: who holds data that came from P, directly or derived."""
    assert holders(on(third()), "P") == {("R", "t"), ("T", "u")}
    assert holders(on(third(replace(BASE, held_by=BASE.held_by[:2]))), "P") == {("R", "t"), (None, "u")}
    assert holders(on(third()), "R") == {("T", "u")}
    assert holders(on(added(controlled_by=(Holding("u", "P"),))), "P") == {("R", "t"), ("T", "u")}


# C4, C5


def onward(world: World) -> frozenset[Reason]:
    """Why P does not permit g."""
    (found,) = [part for part in judged(world, flow="g").parts if part.agency == "P" and not part.direct]
    return found.reasons


def test_c4_an_agreement_with_the_origin_permits_the_redisclosure() -> None:
    assert onward(PERMITTED) == set()


@pytest.mark.parametrize(
    ("parties", "expected"),
    [
        ((party("P", PartyRole.RECIPIENT), *THREE[1:]), Reason.PARTY_MISSING),
        ((THREE[0], THREE[2]), Reason.PARTY_MISSING),
        (THREE[:2], Reason.RECIPIENT_NOT_PERMITTED),
        ((*THREE[:2], party("T", PartyRole.PROVIDER)), Reason.RECIPIENT_NOT_PERMITTED),
    ],
)
def test_c4_who_must_be_a_party(parties: tuple[object, ...], expected: Reason) -> None:
    assert onward(with_agreement(PERMITTED, parties=parties)) == {expected}


def test_c4_the_sender_may_be_a_party_in_any_role() -> None:
    world = with_agreement(PERMITTED, parties=(THREE[0], party("R", PartyRole.OPERATOR), THREE[2]))
    assert onward(world) == set()


def test_c4_redisclosure_is_none_all_or_a_list_and_binds_the_hub_too() -> None:
    def permitting(redisclosure: Redisclosure) -> frozenset[Reason]:
        parties = (THREE[0], party("R", PartyRole.HUB), THREE[2])
        return onward(with_agreement(PERMITTED, redisclosure=redisclosure, parties=parties))

    assert permitting(Redisclosure(all=True)) == set()
    assert permitting(Redisclosure(datasets=("t",))) == set()
    assert permitting(Redisclosure(datasets=("s",))) == {Reason.REDISCLOSURE_NOT_PERMITTED}
    assert permitting(Redisclosure()) == {Reason.REDISCLOSURE_NOT_PERMITTED}


def test_c4_the_terms_name_the_source_or_every_dataset_of_the_origin() -> None:
    """t came of two datasets of P, s and v."""
    world = added(
        PERMITTED,
        datasets=(Dataset("v"),),
        held_by=(Holding("v", "P"),),
        determinations=(determined("v", PERSONAL),),
        flows=(Flow("h", "v", "t", first_seen=SIGNED),),
    )
    assert onward(world) == {Reason.DATASET_OUT_OF_SCOPE}
    assert onward(with_agreement(world, terms=(CoverageTerm("A/1", datasets=("s", "v")),))) == set()
    assert onward(with_agreement(world, terms=(CoverageTerm("A/1", datasets=("t",)),))) == set()


def test_c4_the_terms_hold_the_columns_that_left_the_origin() -> None:
    narrow = (CoverageTerm("A/1", datasets=("s",), columns=(ColumnRef("s", "x"),)),)
    world = with_agreement(PERMITTED, terms=narrow)
    assert onward(world) == {Reason.COLUMN_OUT_OF_SCOPE}
    assert onward(with_flow(world, columns=(ColumnRef("s", "x"),))) == set()


def test_c4_only_what_left_towards_the_source_counts() -> None:
    """y left s for another dataset, and for t through a reviewed process; x is what left for t unstopped."""
    narrow = (CoverageTerm("A/1", datasets=("s",), columns=(ColumnRef("s", "x"),)),)
    world = added(
        with_flow(with_agreement(PERMITTED, terms=narrow), columns=(ColumnRef("s", "x"),)),
        datasets=(Dataset("w"), Dataset("v")),
        held_by=(Holding("w", "R"), Holding("v", "V")),
        determinations=(determined("w", PUBLIC), determined("v", PERSONAL)),
        flows=(
            Flow("elsewhere", "s", "w", first_seen=SIGNED),
            Flow("stopped", "s", "t", process="aggregate", first_seen=SIGNED),
            Flow("anothers", "v", "t", first_seen=SIGNED),
        ),
        processes=(REVIEWED,),
        reviews=(replace(REVIEW, on=before(500)),),
    )
    assert onward(world) == set()


def test_c4_nothing_is_owed_to_the_recipient() -> None:
    back = replace(third(), held_by=(*BASE.held_by[:2], Holding("u", "P")))
    assert [part.agency for part in judged(back, flow="g").parts] == ["R"]


def test_c5_the_verdict_is_the_worst_of_its_parts() -> None:
    found = judged(PERMITTED, flow="g")
    assert [part.kind for part in found.parts] == [Kind.UNCOVERED, Kind.COVERED]
    assert (found.kind, found.by, found.reasons) == (Kind.UNCOVERED, ("A",), (Reason.NO_AGREEMENT,))
