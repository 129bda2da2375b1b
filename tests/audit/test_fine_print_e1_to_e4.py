"""Domain 9.2 E1 to E4, the data that the terms hold: each item by its id, answered by the oracle."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.audit.oracle.agreements import Reason
from tests.audit.oracle.facts import (
    AgreementKind,
    Classification,
    ColumnRef,
    Condition,
    CoverageTerm,
    Dataset,
    Flow,
    Holding,
    Member,
    PartyRole,
    Process,
    Redisclosure,
    System,
    World,
)
from tests.audit.oracle.verdicts import Kind
from tests.audit.small import (
    ALL,
    BASE,
    DAY,
    ONLY_X,
    ONLY_Y,
    SIGNED,
    added,
    after,
    before,
    determined,
    judged,
    kind,
    party,
    reasons,
    run,
    terms,
    third,
    with_agreement,
    with_flow,
)

PERSONAL, PUBLIC = Classification.PERSONAL, Classification.PUBLIC


# E1-E3


@pytest.mark.parametrize("role", [PartyRole.OPERATOR, PartyRole.AUTHORIZED_REPRESENTATIVE])
def test_e1_operators_and_representatives_neither_provide_nor_receive(role: PartyRole) -> None:
    giving, taking = BASE.agreements[0].parties
    assert reasons(with_agreement(parties=(replace(giving, role=role), taking))) == (Reason.PARTY_MISSING,)
    assert reasons(with_agreement(parties=(giving, replace(taking, role=role)))) == (Reason.RECIPIENT_NOT_PERMITTED,)
    assert kind(with_agreement(parties=(giving, replace(taking, role=role), taking))) is Kind.COVERED


def test_e1_the_order_of_clause_2() -> None:
    """PARTY_MISSING, RECIPIENT_NOT_PERMITTED, UNSIGNED; an enterprise agreement is signed as soon as one has."""
    kinds: dict[str, Any] = {"kind": AgreementKind.ENTERPRISE_MOU}
    stranger = party("V", PartyRole.OPERATOR)
    giving, taking = party("P", PartyRole.PROVIDER, None), party("R", PartyRole.RECIPIENT)
    assert reasons(with_agreement(**kinds, parties=(stranger,))) == (Reason.PARTY_MISSING,)
    assert reasons(with_agreement(**kinds, parties=(stranger, giving))) == (Reason.RECIPIENT_NOT_PERMITTED,)
    assert reasons(with_agreement(**kinds, parties=(giving, taking))) == (Reason.UNSIGNED,)
    twice = (replace(giving, signed_on=SIGNED), replace(giving, role=PartyRole.HUB), taking)
    assert kind(with_agreement(**kinds, parties=twice)) is Kind.COVERED


def test_e1_recipients_of_the_terms_are_tested_after_the_dataset() -> None:
    elsewhere = replace(ALL, recipients=("V",))
    assert reasons(terms(elsewhere)) == (Reason.RECIPIENT_NOT_PERMITTED,)
    assert reasons(terms(replace(elsewhere, datasets=("u",)))) == (Reason.DATASET_OUT_OF_SCOPE,)
    assert kind(terms(elsewhere, replace(ALL, id="A/2", recipients=("R",)))) is Kind.COVERED
    assert reasons(terms(elsewhere, replace(ONLY_X, id="A/2"))) == (Reason.COLUMN_OUT_OF_SCOPE,)


def test_e2_the_recipient_sends_on_where_the_agreement_permits_redisclosure_of_the_source() -> None:
    """R sends t on to T under an agreement that names t and in which R is a recipient only."""
    parties = (party("P", PartyRole.PROVIDER), party("R", PartyRole.RECIPIENT), party("T", PartyRole.RECIPIENT))
    world = third(terms(ALL, CoverageTerm("A/2", datasets=("t",)), parties=parties))
    assert judged(world, flow="g").parts[0].reasons == {Reason.PARTY_MISSING}
    for permitted in (Redisclosure(all=True), Redisclosure(datasets=("t",))):
        assert judged(with_agreement(world, redisclosure=permitted), flow="g").parts[0].kind is Kind.COVERED
    refused = with_agreement(world, redisclosure=Redisclosure(datasets=("s",)))
    assert judged(refused, flow="g").parts[0].reasons == {Reason.PARTY_MISSING}


def test_e3_the_terms_left_hold_the_columns_together() -> None:
    assert kind(terms(ONLY_X, ONLY_Y)) is Kind.COVERED
    assert reasons(terms(ONLY_X)) == (Reason.COLUMN_OUT_OF_SCOPE,)
    assert reasons(terms(ONLY_X, replace(ONLY_Y, purposes=("sales",)))) == (Reason.PURPOSE_NOT_PERMITTED,)
    unmet = replace(ONLY_Y, conditions=(Condition("IRB", None),))
    assert reasons(terms(ONLY_X, unmet)) == (Reason.PRECONDITION_UNMET,)
    assert kind(with_flow(terms(ONLY_X, unmet), columns=(ColumnRef("s", "x"),))) is Kind.COVERED
    assert kind(terms(ALL, unmet)) is Kind.COVERED


def test_e3_terms_of_different_agreements_are_never_added_up() -> None:
    world = terms(ONLY_X)
    other = replace(BASE.agreements[0], id="B", terms=(ONLY_Y,))
    assert reasons(replace(world, agreements=(*world.agreements, other))) == (Reason.COLUMN_OUT_OF_SCOPE,)


def test_e3_only_terms_in_force_count() -> None:
    assert reasons(terms(replace(ALL, from_=after()))) == (Reason.DATASET_OUT_OF_SCOPE,)
    assert kind(terms(replace(ALL, from_=DAY, to=DAY))) is Kind.COVERED


def test_e3_a_system_as_source_needs_terms_for_each_of_its_datasets() -> None:
    members = (Member("s", "system"), Member("v", "system"))
    world = added(
        with_flow(source="system"),
        systems=(System("system", "P"),),
        members=members,
        datasets=(Dataset("v"),),
        held_by=(Holding("v", "P"),),
        determinations=(determined("v", PERSONAL),),
    )
    assert reasons(world) == (Reason.DATASET_OUT_OF_SCOPE,)
    second = CoverageTerm("A/2", datasets=("v",))
    assert kind(terms(ALL, second, world=world)) is Kind.COVERED
    assert reasons(terms(ALL, replace(second, recipients=("T",)), world=world)) == (Reason.RECIPIENT_NOT_PERMITTED,)
    assert kind(terms(replace(ALL, datasets=(), systems=("system",)), world=world)) is Kind.COVERED
    empty = replace(world, members=())
    assert reasons(terms(ALL, world=added(empty, determinations=(determined("system", PERSONAL),)))) == (
        Reason.DATASET_OUT_OF_SCOPE,
    )


def test_e2_redisclosure_must_be_permitted_of_every_dataset_of_a_system() -> None:
    parties = (party("P", PartyRole.RECIPIENT), party("R", PartyRole.RECIPIENT))
    world = added(
        with_flow(with_agreement(parties=parties, terms=(replace(ALL, systems=("system",)),)), source="system"),
        systems=(System("system", "P"),),
        members=(Member("s", "system"), Member("v", "system")),
        datasets=(Dataset("v"),),
        held_by=(Holding("v", "P"),),
        determinations=(determined("v", PERSONAL),),
    )
    part = with_agreement(world, redisclosure=Redisclosure(datasets=("s",)))
    assert reasons(part) == (Reason.PARTY_MISSING,)
    assert kind(with_agreement(world, redisclosure=Redisclosure(datasets=("s", "v")))) is Kind.COVERED


# E4


def resulting(agreement: str | None = "A", **changes: Any) -> World:
    """R makes t of s by runs under an agreement, and sends it on to T; A names s only and lists all three."""
    parties = (party("P", PartyRole.PROVIDER), party("R", PartyRole.HUB), party("T", PartyRole.RECIPIENT))
    world = third(terms(ALL, parties=parties, redisclosure=Redisclosure(all=True), **changes))
    return added(
        with_flow(world, process="make"), processes=(Process("make"),), runs=(run("make", before(9), agreement),)
    )


def fed(world: World, *classes: Classification, agreement: str | None = None) -> World:
    """The world in which v, of these classes, flows into t as well."""
    return added(
        world,
        datasets=(Dataset("v"),),
        held_by=(Holding("v", "R"),),
        determinations=(determined("v", *classes),),
        flows=(Flow("h", "v", "t", process="more"),),
        processes=(Process("more"),),
        runs=(run("more", before(9), agreement),),
    )


def test_e4_what_runs_under_the_agreement_made_of_what_it_names_is_in_scope() -> None:
    assert (kind(resulting(), flow="g"), judged(resulting(), flow="g").by) == (Kind.COVERED, ("A",))
    assert judged(resulting(None), flow="g").parts[0].reasons == {Reason.DATASET_OUT_OF_SCOPE}


def test_e4_every_run_must_be_under_it() -> None:
    world = added(resulting(), runs=(run("make", before(5)),))
    assert judged(world, flow="g").parts[0].reasons == {Reason.DATASET_OUT_OF_SCOPE}
    assert kind(added(resulting(), runs=(run("make", after()),)), flow="g") is Kind.COVERED


def test_e4_an_unrestricted_input_is_passed_over_and_another_restricted_one_ends_it() -> None:
    assert kind(fed(resulting(), PUBLIC), flow="g") is Kind.COVERED
    assert judged(fed(resulting(), PERSONAL), flow="g").parts[0].reasons == {Reason.DATASET_OUT_OF_SCOPE}
    assert judged(fed(resulting(), PERSONAL, agreement="A"), flow="g").parts[0].reasons == {Reason.DATASET_OUT_OF_SCOPE}
    assert judged(fed(resulting()), flow="g").parts[0].reasons == {Reason.DATASET_OUT_OF_SCOPE}


def test_e4_every_named_dataset_that_is_reached_must_run_under_it_and_hold_what_follows() -> None:
    both = replace(ALL, datasets=("s", "v"))
    outside = terms(both, world=fed(resulting(), PERSONAL))
    assert judged(outside, flow="g").parts[0].reasons == {Reason.DATASET_OUT_OF_SCOPE}
    inside = fed(resulting(), PERSONAL, agreement="A")
    assert judged(terms(both, world=inside), flow="g").parts[0].kind is Kind.COVERED
    for_r = replace(ALL, id="A/2", datasets=("v",), recipients=("R",))
    assert judged(terms(ALL, for_r, world=inside), flow="g").parts[0].reasons == {Reason.RECIPIENT_NOT_PERMITTED}


def test_e4_resultant_data_decides_onward_before_what_the_origins_terms_name() -> None:
    """9.2 C4: s alone would permit it for P; v, which is R's, does not."""
    for_r = replace(ALL, id="A/2", datasets=("v",), recipients=("R",))
    parts = judged(terms(ALL, for_r, world=fed(resulting(), PERSONAL, agreement="A")), flow="g").parts
    assert [(part.agency, part.reasons) for part in parts[1:]] == [("P", {Reason.RECIPIENT_NOT_PERMITTED})]


def test_e4_what_reaches_no_named_dataset_is_not_resultant() -> None:
    """t is restricted by itself and made of PUBLIC data."""
    world = replace(resulting(), determinations=(determined("s", PUBLIC), determined("t", PERSONAL)))
    assert judged(world, flow="g").parts[0].reasons == {Reason.DATASET_OUT_OF_SCOPE}


def test_e4_it_walks_through_what_is_not_named() -> None:
    """t made w, by a run under A as well, and w is what goes to T."""
    world = added(
        resulting(),
        datasets=(Dataset("w"),),
        held_by=(Holding("w", "R"),),
        flows=(Flow("i", "t", "w", process="again"), Flow("j", "w", "u", purpose="research")),
        processes=(Process("again"),),
        runs=(run("again", before(5), "A"),),
    )
    assert judged(world, flow="j").parts[0].kind is Kind.COVERED


def test_e4_the_terms_of_what_was_reached_must_hold_what_follows() -> None:
    world = resulting()
    assert judged(terms(ONLY_X, world=world), flow="g").parts[0].reasons == {Reason.COLUMN_OUT_OF_SCOPE}
    narrow = with_flow(terms(ONLY_X, world=world), columns=(ColumnRef("s", "x"),))
    assert kind(narrow, flow="g") is Kind.COVERED
    for term, code in (
        (replace(ALL, recipients=("R",)), Reason.RECIPIENT_NOT_PERMITTED),
        (replace(ALL, purposes=("sales",)), Reason.PURPOSE_NOT_PERMITTED),
        (replace(ALL, conditions=(Condition("IRB", None),)), Reason.PRECONDITION_UNMET),
    ):
        assert judged(terms(term, world=world), flow="g").parts[0].reasons == {code}


def test_e4_a_named_source_is_judged_by_its_own_terms() -> None:
    named = replace(ALL, id="A/2", datasets=("t",), columns=(ColumnRef("t", "z"),))
    assert judged(terms(ALL, named, world=resulting()), flow="g").parts[0].reasons == {Reason.COLUMN_OUT_OF_SCOPE}
