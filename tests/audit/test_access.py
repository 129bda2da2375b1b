"""Who has access to data of persons (question 21; domain R21), and ways to link (question 19), from the domain and the readings."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from lineage.audit.access import Access, Accesses
from lineage.audit.linking import LastRequest, Linking, Route
from lineage.audit.record_words import AccessGap, LinkageRoute
from lineage.audit.records import AuthorizedUser, DataRequest, LinkageRun
from lineage.audit.words import Reason, Why
from tests.audit.kept import kept, on_day
from tests.audit.oracle.facts import (
    Agreement,
    AgreementKind,
    Approval,
    Classification,
    Dataset,
    Flow,
    Holding,
    PartyRole,
    World,
)
from tests.audit.oracle.facts import (
    DataRequest as Request,
)
from tests.audit.small import BASE, DAY, SIGNED, added, after, before, classed, determined, party, with_agreement

READY: dict[str, Any] = {"nda_signed_on": SIGNED, "trained_on": SIGNED, "from_": SIGNED}
USER = AuthorizedUser("n", "Ann", "R", "A", **READY)


def accesses(user: AuthorizedUser, world: World = BASE, *, days: int = 365, **records: Any) -> list[Access]:
    audited = on_day(kept(world, users=(user,), **records))
    return Accesses(audited.audit, audited.recorded.received, days).all()


def lacks(user: AuthorizedUser, world: World = BASE, **more: Any) -> list[tuple[str | None, tuple[AccessGap, ...]]]:
    return [(each.dataset, each.gaps) for each in accesses(user, world, **more)]


def user(**changes: Any) -> AuthorizedUser:
    return AuthorizedUser("n", "Ann", "R", changes.pop("under", "A"), **{**READY, **changes})


def test_who_has_all_has_no_gap() -> None:
    (found,) = accesses(USER)
    assert (found.dataset, found.gaps, found.agreement) == ("t", (), "A")
    assert found.trained_until == SIGNED + timedelta(days=365)


@pytest.mark.parametrize(
    ("changes", "gap"),
    [
        ({"nda_signed_on": None}, AccessGap.NDA_MISSING),
        ({"nda_signed_on": after()}, AccessGap.NDA_MISSING),
        ({"nda_signed_on": DAY}, None),
        ({"trained_on": None}, AccessGap.TRAINING_MISSING),
        ({"trained_on": after()}, AccessGap.TRAINING_MISSING),
        ({"trained_on": DAY}, None),
        ({"trained_on": before(365)}, None),
        ({"trained_on": before(366)}, AccessGap.TRAINING_OUTDATED),
        ({"from_": None}, AccessGap.START_UNKNOWN),
    ],
)
def test_what_is_missing_on_the_day_is_a_gap(changes: dict[str, Any], gap: AccessGap | None) -> None:
    assert lacks(user(**changes)) == [("t", () if gap is None else (gap,))]


def test_how_long_training_is_current_is_said_by_who_asks() -> None:
    assert lacks(user(trained_on=before(30)), days=30) == [("t", ())]
    assert lacks(user(trained_on=before(31)), days=30) == [("t", (AccessGap.TRAINING_OUTDATED,))]


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({"from_": DAY}, 1),
        ({"from_": after()}, 0),
        ({"to": DAY}, 1),
        ({"to": before()}, 0),
        ({"valid_to": DAY}, 0),
    ],
)
def test_access_is_from_the_first_to_the_last_day(changes: dict[str, Any], count: int) -> None:
    assert len(accesses(user(**changes))) == count


def test_without_a_last_day_it_ends_with_the_agreement() -> None:
    assert len(accesses(USER, with_agreement(effective_to=DAY))) == 1
    over = with_agreement(effective_to=before())
    assert accesses(USER, over) == []
    assert lacks(user(to=DAY), over) == [("t", (AccessGap.AGREEMENT_NOT_ACTIVE,))]


def test_an_agreement_that_is_not_in_force_or_not_known_is_a_gap() -> None:
    assert lacks(USER, with_agreement(effective_from=after())) == [("t", (AccessGap.AGREEMENT_NOT_ACTIVE,))]
    gaps = AccessGap.APPROVAL_MISSING, AccessGap.AGREEMENT_NOT_ACTIVE
    assert lacks(user(under="lost", datasets=("t",))) == [("t", gaps)]
    assert lacks(user(under=None)) == [(None, gaps[1:])]


def test_it_is_to_what_is_named_or_to_all_that_came_under_the_agreement() -> None:
    world = added(
        datasets=(Dataset("v"),), held_by=(Holding("v", "R"),), flows=(Flow("g", "t", "v", first_seen=SIGNED),)
    )
    assert [each for each, _ in lacks(USER, world)] == ["t", "v"]
    assert [each for each, _ in lacks(user(datasets=("v",)), world)] == ["v"]
    assert lacks(USER, replace(BASE, flows=())) == [(None, ())]


def test_what_is_known_to_be_public_is_aggregated() -> None:
    assert lacks(user(datasets=("t",)), classed(Classification.PUBLIC)) == []
    assert lacks(user(datasets=("t",)), classed(Classification.UNDETERMINED)) == [("t", ())]


def test_each_agency_whose_data_it_is_has_to_approve_where_a_request_led_to_it() -> None:
    asked = added(requests=(Request("q", led_to="A"),))
    assert lacks(USER, asked) == [("t", (AccessGap.APPROVAL_MISSING,))]
    assert lacks(user(under="q"), asked, requests=(DataRequest("q", led_to="A"),)) == lacks(USER, asked)
    approved = added(asked, approvals=(Approval("q", "P", approved=True, on=DAY),))
    assert lacks(USER, approved) == [("t", ())]
    both = added(
        approved,
        datasets=(Dataset("z"),),
        held_by=(Holding("z", "Q"),),
        determinations=(determined("z", Classification.PERSONAL),),
        flows=(Flow("g", "z", "t", first_seen=SIGNED),),
    )
    assert lacks(USER, both) == [("t", (AccessGap.APPROVAL_MISSING,))], "Q has not approved"
    nobody = replace(both, held_by=both.held_by[:-1])
    assert lacks(USER, nobody) == [("t", (AccessGap.APPROVAL_MISSING,))], "nobody knows whose z is"
    later = added(asked, approvals=(Approval("q", "P", approved=True, on=after()),))
    assert lacks(USER, later) == [("t", (AccessGap.APPROVAL_MISSING,))]


# Ways to link.

HUB = party("H", PartyRole.HUB)
BOTH = added(
    with_agreement(
        parties=(party("P", PartyRole.PROVIDER), party("Q", PartyRole.PROVIDER), HUB),
        terms=(replace(BASE.agreements[0].terms[0], datasets=("s", "z")),),
    ),
    datasets=(Dataset("z"),),
    held_by=(Holding("z", "Q"),),
    determinations=(determined("z", Classification.PERSONAL),),
)
"""Q holds z; agreement A names s and z, and lists a hub."""
APART = replace(BOTH, agreements=())
FRAME = Agreement(
    "E",
    AgreementKind.ENTERPRISE_MOU,
    effective_from=SIGNED,
    parties=(party("P", PartyRole.PROVIDER), party("Q", PartyRole.PROVIDER), HUB, party("O", PartyRole.OPERATOR)),
)


def linking(world: World, *told: str | None, both: tuple[str, str] = ("s", "z"), **records: Any) -> Linking:
    return Linking(on_day(kept(world, **records)).audit, both, *told)


def routes(world: World, *told: str | None, **more: Any) -> list[Route]:
    return linking(world, *told, **more).routes()


def test_an_agreement_that_names_both_is_a_way_to_its_hub() -> None:
    (found,) = routes(BOTH)
    assert (found.kind, found.agreement, found.place, found.is_open) == (LinkageRoute.AGREEMENT, "A", "H", True)
    assert (found.purpose, found.ask) == ("research", ("P", "Q", "H"))
    assert [each.dataset for each in routes(BOTH, both=("z", "s"))[0].sides] == ["z", "s"]
    assert routes(BOTH, both=("s", "lost")) == routes(BOTH, both=("s", "u")) == []


def test_each_side_is_judged_as_a_new_transfer() -> None:
    ended = replace(BOTH, agreements=(replace(BOTH.agreements[0], effective_to=before()),))
    (found,) = routes(ended)
    assert [each.reasons for each in found.sides] == [(Reason.EXPIRED,), (Reason.EXPIRED,)]
    assert not found.is_open
    (found,) = routes(BOTH, None, "sales")
    assert [each.reasons for each in found.sides] == [(Reason.PURPOSE_NOT_PERMITTED,)] * 2
    asked = added(BOTH, requests=(Request("q", led_to="A"),), approvals=(Approval("q", "P", approved=True, on=DAY),))
    (found,) = routes(asked)
    assert [each.reasons for each in found.sides] == [(), (Reason.APPROVAL_MISSING,)]
    undecided = replace(BOTH, determinations=BOTH.determinations[:-1])
    (found,) = routes(undecided)
    assert [each.why for each in found.sides] == [(), (Why.CLASS_UNDETERMINED,)]


def test_without_a_hub_its_recipients_may_link() -> None:
    parties = (*BOTH.agreements[0].parties[:2], party("R", PartyRole.RECIPIENT))
    world = replace(BOTH, agreements=(replace(BOTH.agreements[0], parties=parties),))
    assert [(each.place, each.is_open) for each in routes(world)] == [("R", True)]


def test_who_wants_the_result_is_to_be_a_recipient() -> None:
    parties = (*BOTH.agreements[0].parties, party("R", PartyRole.RECIPIENT))
    world = replace(BOTH, agreements=(replace(BOTH.agreements[0], parties=parties),))
    assert [(each.place, each.is_open) for each in routes(world, "R")] == [("H", True), ("R", True)]
    assert [each.place for each in routes(world)] == ["H"]
    (found,) = routes(world, "T")
    assert (found.reasons, found.is_open) == ((Reason.RECIPIENT_NOT_PERMITTED,), False)


def test_a_frame_that_both_signed_is_a_way() -> None:
    (found,) = routes(added(APART, agreements=(FRAME,)))
    assert (found.kind, found.agreement, found.place, found.is_open) == (LinkageRoute.FRAME, "E", "H", True)
    assert found.ask == ("P", "Q", "H", "O")
    terminated = replace(FRAME, effective_to=before())
    (found,) = routes(added(APART, agreements=(terminated,)))
    assert (found.reasons, found.is_open) == ((Reason.EXPIRED,), False)


@pytest.mark.parametrize(
    ("second", "unsigned"),
    [
        (party("Q", PartyRole.PROVIDER, after()), ("Q",)),
        (party("Q", PartyRole.PROVIDER, DAY), ()),
        (party("X", PartyRole.PROVIDER), ("Q",)),
    ],
)
def test_who_has_not_signed_the_frame_is_to_sign_first(second: Any, unsigned: tuple[str, ...]) -> None:
    frame = replace(FRAME, parties=(FRAME.parties[0], second, HUB))
    (found,) = routes(added(APART, agreements=(frame,)))
    assert (found.unsigned, found.is_open) == (unsigned, not unsigned)


def test_a_frame_without_a_hub_or_without_either_agency_is_no_way() -> None:
    without = replace(FRAME, parties=FRAME.parties[:2]), replace(FRAME, parties=(HUB,))
    unsigned = replace(FRAME, parties=(*FRAME.parties[:2], party("H", PartyRole.HUB, None)))
    for frame in (*without, unsigned):
        assert routes(added(APART, agreements=(frame,))) == []


@pytest.mark.parametrize("both", [("s", "lost"), ("lost", "s"), ("lost", "lost")])
def test_there_is_no_way_where_there_is_not_both(both: tuple[str, str]) -> None:
    """A frame that the one agency signed is no way to link its data with what nobody knows of."""
    assert routes(added(APART, agreements=(FRAME,)), both=both) == []


def test_who_wants_the_result_signs_a_frame_that_lists_them() -> None:
    listed = replace(FRAME, parties=(*FRAME.parties, party("R", PartyRole.RECIPIENT, None)))
    assert routes(added(APART, agreements=(listed,)), "R")[0].unsigned == ("R",)
    assert routes(added(APART, agreements=(FRAME,)), "R")[0].unsigned == ()
    unowned = replace(APART, held_by=APART.held_by[:-1])
    assert routes(added(unowned, agreements=(FRAME,)))[0].unsigned == (None,)


def test_data_that_came_together_is_linked_where_it_first_did() -> None:
    flows = (Flow("g", "z", "t", first_seen=SIGNED), Flow("h", "t", "u", first_seen=SIGNED))
    (found,) = routes(added(APART, flows=flows))
    assert (found.kind, found.dataset, found.place, found.ask) == (LinkageRoute.LINKED, "t", "R", ("P", "Q", "R"))
    later = (replace(flows[0], first_seen=after()), flows[1])
    assert routes(added(APART, flows=later)) == []
    assert [each.dataset for each in routes(APART, both=("s", "t"))] == ["t"], "the one is in the other"


def test_data_of_one_that_comes_in_by_itself_is_linked_there_too() -> None:
    flows = (
        Flow("g", "z", "t", first_seen=SIGNED),
        Flow("h", "t", "u", first_seen=SIGNED),
        Flow("i", "s", "u", first_seen=SIGNED),
    )
    assert [each.dataset for each in routes(added(APART, flows=flows))] == ["t", "u"]
    lost = added(APART, flows=(Flow("g", "lost", "t", first_seen=SIGNED),))
    assert routes(lost, both=("s", "lost")) == []


def test_the_purpose_for_which_the_least_is_missing_is_taken() -> None:
    first = replace(BOTH.agreements[0], permits=("research", "sales"), prohibits=("research",))
    (found,) = routes(replace(BOTH, agreements=(first,)))
    assert (found.purpose, found.is_open) == ("sales", True)


def test_a_way_under_one_agreement_is_not_open_since_another_covers() -> None:
    first = replace(BOTH.agreements[0], effective_to=before())
    world = replace(BOTH, agreements=(first, replace(BOTH.agreements[0], id="B")))
    assert [(each.agreement, each.is_open) for each in routes(world)] == [("B", True), ("A", False)]
    assert [each.reasons for each in routes(world)[1].sides] == [(Reason.EXPIRED,)] * 2


def test_who_is_to_sign_comes_by_id_who_is_not_known_last() -> None:
    unowned = replace(APART, held_by=APART.held_by[:-1])
    frame = replace(FRAME, parties=(party("P", PartyRole.PROVIDER, None), HUB, party("A", PartyRole.RECIPIENT, None)))
    (found,) = routes(added(unowned, agreements=(frame,)), "A")
    assert found.unsigned == ("A", "P", None)


def test_open_ways_come_first_then_the_shortest() -> None:
    world = added(BOTH, agreements=(FRAME,), flows=(Flow("g", "z", "t", first_seen=SIGNED),))
    assert [each.kind for each in routes(world)] == list(LinkageRoute)
    ended = replace(BOTH.agreements[0], effective_to=before())
    closed = replace(world, agreements=(ended, FRAME))
    assert [each.kind for each in routes(closed)] == [LinkageRoute.LINKED, LinkageRoute.FRAME, LinkageRoute.AGREEMENT]


def last(*requests: DataRequest, world: World = BOTH, **records: Any) -> LastRequest:
    return linking(world, requests=requests, **records).last_request()


def asked(id_: str, days: int | None, **changes: Any) -> DataRequest:
    decided = None if days is None else before(days)
    return DataRequest(id_, ("s", "z"), received_on=before(100), decided_on=decided, **changes)


def test_the_last_request_for_both_that_was_decided_counts() -> None:
    assert last(asked("a", 50), asked("b", 40), asked("c", None), asked("d", -1)) == LastRequest("b", True, 60)
    assert last() == last(asked("a", None)) == LastRequest()


def test_else_the_last_one_for_data_of_both_agencies() -> None:
    like = DataRequest("a", affects=("P", "Q"), received_on=before(9), decided_on=DAY)
    other = DataRequest("b", affects=("P",), received_on=before(9), decided_on=DAY)
    assert last(like, other) == LastRequest("a", False, 9)
    assert last(like, asked("c", 50)).request == "c"
    assert last(other) == LastRequest()


def test_its_days_are_counted_from_its_receipt() -> None:
    request = asked("q", 90, led_to="A")
    runs = (
        LinkageRun("m", "q", matched_on=before(20), passed_on=before(10)),
        LinkageRun("n", "q", matched_on=before(15)),
        LinkageRun("o", "q", matched_on=after()),
        LinkageRun("p", "other", matched_on=before(90)),
    )
    signed = replace(BOTH, agreements=(replace(BOTH.agreements[0], executed_on=before(80)),))
    assert last(request, world=signed, linkage_runs=runs) == LastRequest("q", True, 10, 20, 80, 90)
    assert last(request).agreed_after is None, "it was signed before the request came"
    assert last(asked("q", 100)).decided_after == 0, "on the day that it came"
    undated = DataRequest("q", ("s", "z"), decided_on=DAY)
    assert last(undated) == LastRequest("q", True)


def test_runs_that_matched_both_are_precedents() -> None:
    runs = (
        LinkageRun("m", datasets=("s", "z"), matched_on=DAY),
        LinkageRun("later", datasets=("s", "z"), received_on=DAY, matched_on=after()),
        LinkageRun("one", datasets=("s",), matched_on=DAY),
    )
    assert linking(BOTH, linkage_runs=runs).precedents() == ("m",)
