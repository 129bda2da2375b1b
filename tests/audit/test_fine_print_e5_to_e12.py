"""Domain 9.2 E5 to E12, purposes, papers, what is tried and what names what: each item by its id, answered by the oracle."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.audit.oracle.agreements import Reason
from tests.audit.oracle.facts import (
    Agreement,
    AgreementKind,
    Amendment,
    Approval,
    Classification,
    Column,
    ColumnRef,
    Condition,
    CoverageTerm,
    DataRequest,
    Dataset,
    Holding,
    Member,
    PartyRole,
    Process,
    Purpose,
    Redisclosure,
    SameAs,
    System,
    Unit,
    World,
)
from tests.audit.oracle.findings import Finding, flow_findings
from tests.audit.oracle.verdicts import Claim, Kind, claims
from tests.audit.small import (
    ALL,
    BASE,
    DAY,
    FRAME,
    ONLY_X,
    ONLY_Y,
    SIGNED,
    added,
    after,
    before,
    codes,
    flow_of,
    frame_changed,
    judged,
    kind,
    on,
    party,
    reasons,
    run,
    terms,
    third,
    with_agreement,
    with_flow,
)

PERSONAL, PUBLIC = Classification.PERSONAL, Classification.PUBLIC


REQUEST = (DataRequest("request", "A"),)
APPROVED = (Approval("request", "P", approved=True, on=SIGNED),)


def resulting(agreement: str | None = "A", **changes: Any) -> World:
    """R makes t of s by runs under an agreement, and sends it on to T; A names s only and lists all three."""
    parties = (party("P", PartyRole.PROVIDER), party("R", PartyRole.HUB), party("T", PartyRole.RECIPIENT))
    world = third(terms(ALL, parties=parties, redisclosure=Redisclosure(all=True), **changes))
    return added(
        with_flow(world, process="make"), processes=(Process("make"),), runs=(run("make", before(9), agreement),)
    )


# E5


@pytest.mark.parametrize(
    ("of_term", "of_agreement", "covered"),
    [
        (("any",), ("any",), True),
        (("any",), (), True),
        ((), ("any",), True),
        ((), (), False),
        (("any",), ("sales",), False),
        (("sales",), ("any",), False),
        (("sales", "research"), ("any",), True),
        (("narrow",), ("any",), False),
    ],
)
def test_e5_the_purpose_is_one_of_the_terms_and_one_of_the_agreements(
    of_term: tuple[str, ...], of_agreement: tuple[str, ...], *, covered: bool
) -> None:
    world = added(purposes=(Purpose("narrow", ("research",)),))
    world = terms(replace(ALL, purposes=of_term), world=world, permits=of_agreement)
    assert reasons(world) == (() if covered else (Reason.PURPOSE_NOT_PERMITTED,))


@pytest.mark.parametrize(("prohibited", "covered"), [("research", False), ("any", False), ("sales", True)])
def test_e5_a_prohibition_counts_here_and_above(prohibited: str, *, covered: bool) -> None:
    expected = () if covered else (Reason.PURPOSE_NOT_PERMITTED,)
    assert reasons(with_agreement(prohibits=(prohibited,))) == expected
    framed = added(frame_changed(prohibits=(prohibited,)), requests=REQUEST, approvals=APPROVED)
    assert reasons(framed) == expected


def test_e5_a_purpose_is_not_narrower_than_the_broader_one_of_another() -> None:
    world = added(purposes=(Purpose("narrow", ("research",)),))
    assert codes(world, purpose="narrow") == ()
    assert codes(world, purpose="sales") == (Reason.PURPOSE_NOT_PERMITTED,)


def test_e5_broader_chains_may_be_circular() -> None:
    world = added(purposes=(Purpose("one", ("other",)), Purpose("other", ("one",))))
    assert kind(with_flow(with_agreement(world, permits=("other",)), purpose="one")) is Kind.COVERED
    assert codes(world, purpose="one") == (Reason.PURPOSE_NOT_PERMITTED,)


# E6-E8


def test_e6_the_agreement_itself_states_a_law() -> None:
    assert reasons(with_agreement(rests_on=())) == (Reason.NO_LEGAL_BASIS,)
    world = added(with_agreement(frame_changed(rests_on=("law",)), rests_on=()), requests=REQUEST, approvals=APPROVED)
    assert reasons(world) == (Reason.NO_LEGAL_BASIS,)


def test_e7_approvals_are_asked_under_an_enterprise_agreement_or_where_a_request_led_to_it() -> None:
    assert kind(BASE) is Kind.COVERED
    assert reasons(FRAME) == (Reason.APPROVAL_MISSING,)
    assert reasons(added(requests=REQUEST)) == (Reason.APPROVAL_MISSING,)
    assert kind(added(requests=REQUEST, approvals=APPROVED)) is Kind.COVERED
    assert kind(added(FRAME, requests=REQUEST, approvals=APPROVED)) is Kind.COVERED
    assert kind(added(requests=(DataRequest("request", None),))) is Kind.COVERED
    elsewhere = added(
        requests=(*REQUEST, DataRequest("other", None)), approvals=(replace(APPROVED[0], request="other"),)
    )
    assert reasons(elsewhere) == (Reason.APPROVAL_MISSING,)


def decided(*decisions: tuple[bool, date | None], day: date = DAY) -> Kind:
    approvals = tuple(Approval("request", "P", approved=approved, on=on) for approved, on in decisions)
    return kind(added(requests=REQUEST, approvals=approvals), day)


def test_e7_the_latest_decision_counts_and_of_one_day_the_negative() -> None:
    assert decided((True, DAY)) is Kind.COVERED
    assert decided((True, DAY), day=before()) is Kind.UNCOVERED
    assert decided((True, None)) is Kind.UNCOVERED
    assert decided((False, before(9)), (True, before(5))) is Kind.COVERED
    assert decided((True, before(9)), (False, before(5))) is Kind.UNCOVERED
    assert decided((True, before(5)), (False, before(5))) is Kind.UNCOVERED
    assert decided((True, before(5)), (False, after())) is Kind.COVERED


def test_e7_each_origin_agency_approves_but_not_the_recipient() -> None:
    """s is the data of V, which P holds; then of the recipient."""
    parties = (*BASE.agreements[0].parties, party("V", PartyRole.PROVIDER))
    world = added(
        with_agreement(parties=parties, redisclosure=Redisclosure(all=True)),
        controlled_by=(Holding("s", "V"),),
        requests=REQUEST,
    )
    assert reasons(added(world, approvals=APPROVED)) == (Reason.APPROVAL_MISSING,)
    approved = added(world, approvals=(replace(APPROVED[0], agency="V"),))
    assert kind(approved) is Kind.COVERED
    assert kind(replace(world, controlled_by=(Holding("s", "R"),))) is Kind.COVERED
    nobody = replace(approved, controlled_by=(Holding("s", "V"), Holding("s", "P")))
    assert judged(nobody).parts[0].reasons == {Reason.APPROVAL_MISSING}
    lost = added(nobody, units=(Unit("lost", None),), approvals=(replace(APPROVED[0], agency="lost"),))
    assert judged(lost).parts[0].reasons == {Reason.APPROVAL_MISSING}


@pytest.mark.parametrize(
    ("fulfilled", "expires", "met"),
    [
        (DAY, None, True),
        (after(), None, False),
        (None, None, False),
        (before(9), DAY, True),
        (before(9), before(), False),
    ],
)
def test_e8_a_condition_is_met_from_its_day_to_its_last(
    fulfilled: date | None, expires: date | None, *, met: bool
) -> None:
    condition = Condition("NDA", fulfilled, expires)
    expected = () if met else (Reason.PRECONDITION_UNMET,)
    assert reasons(with_agreement(preconditions=(condition,))) == expected
    assert reasons(terms(replace(ALL, conditions=(condition,)))) == expected


# E9-E12


def tried(world: World, flow: str = "f") -> list[str]:
    return [one.agreement for one in judged(world, flow=flow).parts[0].tried]


def test_e9_tried_are_the_agreements_about_this_flow() -> None:
    stranger = Agreement("B", AgreementKind.MOU, terms=(CoverageTerm("B/1", datasets=("u",)),))
    assert tried(added(agreements=(stranger,))) == ["A"]
    naming = replace(stranger, terms=(replace(ALL, from_=after(), to=after(9)),))
    assert tried(added(agreements=(naming,))) == ["A", "B"]
    later = replace(stranger, amendments=(Amendment(after(), add_terms=(ALL,)),))
    assert tried(added(agreements=(later,))) == ["A", "B"]
    between = replace(stranger, parties=(party("P", PartyRole.HUB, None), party("R", PartyRole.HUB, None)))
    assert tried(added(agreements=(between,))) == ["A", "B"]
    halfway = replace(stranger, parties=(party("P", PartyRole.HUB),))
    assert tried(added(agreements=(halfway,))) == ["A"]
    backwards = replace(stranger, parties=(party("R", PartyRole.PROVIDER), party("P", PartyRole.RECIPIENT)))
    assert tried(added(agreements=(backwards,))) == ["A"]


def test_e9_an_agreement_under_which_a_run_wrote_the_source_is_tried() -> None:
    stranger = Agreement("B", AgreementKind.MOU, terms=(CoverageTerm("B/1", datasets=("x",)),))
    world = resulting("B")
    assert tried(added(world, agreements=(stranger,)), flow="g") == ["A", "B"]
    assert tried(added(world, agreements=(replace(stranger, id="C"),)), flow="g") == ["A"]


def test_e9_onward_it_is_the_origin_agency_that_is_a_party() -> None:
    """B, of other data, is between P and T; it is tried for P, and not directly, since R sends."""
    parties = (party("P", PartyRole.PROVIDER), party("T", PartyRole.RECIPIENT))
    other = Agreement("B", AgreementKind.MOU, parties=parties, terms=(CoverageTerm("B/1", datasets=("w",)),))
    direct, onward = judged(third(added(agreements=(other,))), flow="g").parts
    assert [[one.agreement for one in part.tried] for part in (direct, onward)] == [[], ["A", "B"]]


def test_e9_a_frame_is_tried_only_if_it_is_claimed() -> None:
    world = added(FRAME, requests=REQUEST, approvals=APPROVED)
    assert tried(world) == ["A"]
    assert tried(with_flow(world, claims=("E",))) == ["A", "E"]


def test_e9_reasons_are_a_set_and_one_that_covers_is_enough() -> None:
    late = replace(BASE.agreements[0], id="B", effective_from=after())
    assert (kind(added(agreements=(late,))), reasons(added(agreements=(late,)))) == (Kind.COVERED, ())
    both = added(with_agreement(effective_to=before()), agreements=(late, replace(late, id="C")))
    assert reasons(both) == (Reason.EXPIRED, Reason.NOT_YET)
    assert judged(added(agreements=(replace(late, effective_from=SIGNED),))).by == ("A", "B")


def test_e10_a_claim_is_checked_where_needs_is_not_no() -> None:
    def claimed(world: World, *ids: str) -> tuple[Claim, ...]:
        claiming = with_flow(world, claims=ids)
        return claims(on(claiming), flow_of(claiming))

    assert claimed(BASE, "A", "lost") == (Claim("A", None), Claim("lost", Reason.NO_AGREEMENT))
    assert claimed(with_agreement(effective_to=before()), "A") == (Claim("A", Reason.EXPIRED),)
    assert claimed(replace(BASE, held_by=BASE.held_by[:1]), "A") == (Claim("A", Reason.RECIPIENT_NOT_PERMITTED),)
    assert claimed(replace(BASE, held_by=(Holding("s", "P"), Holding("t", "P"))), "A") == ()


def test_e10_a_claim_that_fails_is_its_own_finding() -> None:
    def failing(world: World) -> set[Finding]:
        return flow_findings(on(with_flow(world, claims=("A", "lost"))))

    assert failing(BASE) == {Finding("9.2 E10", "f", "lost")}
    assert failing(with_agreement(effective_to=before())) == {
        Finding("9.2 E10", "f", "A"),
        Finding("9.2 E10", "f", "lost"),
    }


def test_e11_a_stated_same_as_makes_one_dataset_of_two() -> None:
    """The flow leaves r, of which nothing is known but that it is s."""
    world = with_flow(added(datasets=(Dataset("r"),)), source="r")
    same = SameAs("s", "r", stated=True)
    assert kind(added(world, same_as=(same,))) is Kind.COVERED
    assert kind(added(world, same_as=(replace(same, stated=False),))) is Kind.UNKNOWN
    further = added(
        world, datasets=(Dataset("q"),), same_as=(SameAs("r", "q", stated=True), SameAs("q", "s", stated=True))
    )
    assert kind(further) is Kind.COVERED


def test_e11_each_group_is_one_dataset_by_the_first_of_its_ids() -> None:
    same = (SameAs("t", "r", stated=True), SameAs("u", "v", stated=True), SameAs("w", "t", stated=True))
    lineage = on(added(same_as=same))
    assert [lineage.view.joined(one) for one in "rstuvw"] == ["r", "s", "r", "u", "u", "r"]
    assert lineage.view.holder("r") == "R"


def test_e12_naming_goes_downwards_only() -> None:
    world = added(
        with_flow(source="v2", columns=(ColumnRef("v2", "x"),)),
        datasets=(Dataset("v2", version_of="s"),),
        columns=(Column("v2", "x"),),
        held_by=(Holding("v2", "P"),),
    )
    assert kind(world) is Kind.COVERED
    assert kind(terms(ONLY_X, world=world)) is Kind.COVERED
    assert reasons(terms(ONLY_Y, world=world)) == (Reason.COLUMN_OUT_OF_SCOPE,)
    assert reasons(terms(replace(ALL, datasets=("v2",)))) == (Reason.DATASET_OUT_OF_SCOPE,)
    circle = replace(world, datasets=(Dataset("s", version_of="v2"), Dataset("v2", version_of="s"), *BASE.datasets[1:]))
    assert kind(circle) is Kind.COVERED


def test_e12_a_series_and_a_system_name_what_is_in_them_at_t() -> None:
    for group in ("series", "systems"):
        named = replace(ALL, datasets=(), **{group: ("group",)})
        world = added(terms(named), systems=(System("group", "P"),) if group == "systems" else ())
        assert kind(added(world, members=(Member("s", "group"),))) is Kind.COVERED
        for member in (Member("s", "group", None, DAY), Member("s", "another"), Member("u", "group")):
            assert reasons(added(world, members=(member,))) == (Reason.DATASET_OUT_OF_SCOPE,)
