"""Domain 9.2 D, agreements in time: each item by its id, answered by the oracle."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.audit.oracle.agreements import Reason, end, inactive, terms_in_force
from tests.audit.oracle.facts import (
    Agreement,
    Amendment,
    Approval,
    CoverageTerm,
    DataRequest,
    NewEnd,
    PartyRole,
    Stage,
    StageEvent,
    World,
    day_of,
)
from tests.audit.oracle.verdicts import Kind
from tests.audit.small import (
    BASE,
    DAY,
    FRAME,
    SIGNED,
    added,
    after,
    before,
    frame_changed,
    kind,
    on,
    party,
    reasons,
    with_agreement,
)

S, T = Stage.SUSPENDED, Stage.TERMINATED


def state(agreement: Agreement, day: date = DAY) -> Reason | None:
    return inactive(on(BASE, day).view, agreement)


def replayed(*events: tuple[Stage, date], day: date = DAY) -> Reason | None:
    return state(replace(BASE.agreements[0], events=tuple(StageEvent(*event) for event in events)), day)


def approved(world: World) -> World:
    return added(
        world,
        requests=(DataRequest("request", "A"),),
        approvals=(Approval("request", "P", approved=True, on=SIGNED),),
    )


def test_d1_the_codes_are_tested_in_the_order_written() -> None:
    one = replace(
        BASE.agreements[0],
        effective_from=after(),
        effective_to=before(),
        events=(StageEvent(T, SIGNED),),
        parties=(party("P", PartyRole.PROVIDER, None), party("R", PartyRole.RECIPIENT)),
        under=("lost",),
    )
    found: list[Reason | None] = [state(one)]
    for change in (
        {"effective_from": SIGNED},
        {"effective_to": None},
        {"events": ()},
        {"parties": BASE.agreements[0].parties},
        {"under": ()},
    ):
        one = replace(one, **change)
        found.append(state(one))
    assert found == [
        Reason.NOT_YET,
        Reason.EXPIRED,
        Reason.TERMINATED,
        Reason.UNSIGNED,
        Reason.PARENT_NOT_ACTIVE,
        None,
    ]


def test_d1_the_first_day_counts_and_one_that_is_not_known_is_not_yet() -> None:
    assert kind(with_agreement(effective_from=DAY)) is Kind.COVERED
    assert reasons(with_agreement(effective_from=None)) == (Reason.NOT_YET,)


@pytest.mark.parametrize("resuming", [Stage.ACTIVE, Stage.EXECUTED, Stage.RENEWED])
def test_d2_a_suspension_lasts_until_it_is_resumed(resuming: Stage) -> None:
    events = ((S, before(9)), (resuming, before(5)))
    assert replayed(*events, day=before(6)) is Reason.SUSPENDED
    assert replayed(*events, day=before(5)) is None


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        (Stage.TERMINATED, Reason.TERMINATED),
        (Stage.WITHDRAWN, Reason.TERMINATED),
        (Stage.REJECTED, Reason.TERMINATED),
        (Stage.EXPIRED, Reason.EXPIRED),
    ],
)
def test_d2_an_end_lasts_until_it_is_executed_or_renewed(ending: Stage, code: Reason) -> None:
    assert replayed((ending, before(9))) is code
    assert replayed((ending, before(9)), (Stage.ACTIVE, before(5))) is code
    assert replayed((ending, before(9)), (Stage.EXECUTED, before(5))) is None
    assert replayed((ending, before(9)), (Stage.RENEWED, before(5))) is None


def test_d2_an_end_ends_a_suspension() -> None:
    assert replayed((S, before(9)), (T, before(8))) is Reason.TERMINATED
    assert replayed((S, before(9)), (T, before(8)), (Stage.EXECUTED, before(7))) is None
    assert replayed((T, before(8)), (S, before(7))) is Reason.TERMINATED


@pytest.mark.parametrize("stage", [Stage.AMENDED, Stage.REQUESTED, Stage.DRAFTED, Stage.IN_SIGNATURE])
def test_d2_amended_and_the_stages_before_execution_change_nothing(stage: Stage) -> None:
    assert replayed((stage, before(5))) is None
    assert replayed((S, before(9)), (stage, before(5))) is Reason.SUSPENDED
    assert replayed((T, before(9)), (stage, before(5))) is Reason.TERMINATED


def test_d2_no_event_makes_active_what_dates_and_signatures_do_not() -> None:
    events = (StageEvent(Stage.EXECUTED, before(5)), StageEvent(Stage.RENEWED, before(4)))
    assert reasons(with_agreement(effective_to=before(), events=events)) == (Reason.EXPIRED,)
    unsigned = (party("P", PartyRole.PROVIDER), party("R", PartyRole.RECIPIENT, None))
    assert reasons(with_agreement(parties=unsigned, events=events)) == (Reason.UNSIGNED,)


def test_d3_an_event_has_effect_from_the_beginning_of_its_day() -> None:
    assert [replayed((S, DAY), day=day) for day in (before(), DAY)] == [None, Reason.SUSPENDED]
    assert [replayed((T, DAY), day=day) for day in (before(), DAY)] == [None, Reason.TERMINATED]
    signing = with_agreement(parties=(party("P", PartyRole.PROVIDER), party("R", PartyRole.RECIPIENT, DAY)))
    assert [kind(signing, day) for day in (before(), DAY)] == [Kind.UNCOVERED, Kind.COVERED]


def test_d3_of_events_on_one_day_those_that_stop_are_applied_last() -> None:
    assert replayed((S, DAY), (Stage.ACTIVE, DAY)) is Reason.SUSPENDED
    assert replayed((T, DAY), (Stage.EXECUTED, DAY)) is Reason.TERMINATED
    assert replayed((T, DAY), (S, DAY)) is replayed((S, DAY), (T, DAY)) is Reason.TERMINATED


def test_d4_all_parties_must_have_signed() -> None:
    third = (*BASE.agreements[0].parties, party("V", PartyRole.OPERATOR, None))
    assert reasons(with_agreement(parties=third)) == (Reason.UNSIGNED,)


def test_d4_where_no_party_has_a_day_the_execution_counts_as_everyones() -> None:
    rows = tuple(replace(row, signed_on=None) for row in BASE.agreements[0].parties)
    world = with_agreement(parties=rows, executed_on=DAY)
    assert [kind(world, day) for day in (before(), DAY)] == [Kind.UNCOVERED, Kind.COVERED]
    assert reasons(with_agreement(world, executed_on=None)) == (Reason.UNSIGNED,)


def test_d4_an_agreement_without_parties_is_unsigned() -> None:
    assert state(replace(BASE.agreements[0], parties=())) is Reason.UNSIGNED


def test_d5_an_amendment_has_effect_from_its_day_on() -> None:
    one = replace(BASE.agreements[0], effective_to=before(20), amendments=(Amendment(before(10), NewEnd(after(10))),))
    assert [state(one, day) for day in (before(11), before(10), after(10), after(11))] == [
        Reason.EXPIRED,
        None,
        None,
        Reason.EXPIRED,
    ]


def test_d5_the_latest_end_holds_and_of_one_day_the_earlier() -> None:
    def ending(*ends: tuple[date, date | None]) -> date | None:
        amendments = tuple(Amendment(on, NewEnd(to)) for on, to in ends)
        return end(replace(BASE.agreements[0], effective_to=DAY, amendments=amendments), DAY)

    assert ending() == DAY
    assert ending((before(9), after(9)), (before(5), after(1))) == after(1)
    assert ending((before(9), after(1)), (before(5), after(9))) == after(9)
    assert ending((before(5), after(9)), (before(5), after(1))) == after(1)
    assert ending((before(5), None), (before(5), after(9))) == after(9)
    assert ending((before(5), None)) is None
    assert ending((after(), after(9))) == DAY
    only_terms = replace(BASE.agreements[0], effective_to=DAY, amendments=(Amendment(before(), end_terms=("A/1",)),))
    assert end(only_terms, DAY) == DAY


def test_d5_terms_are_added_and_ended() -> None:
    second = CoverageTerm("A/2", datasets=("t",))
    amendments = (Amendment(before(5), add_terms=(second,)), Amendment(before(3), end_terms=("A/1",)))
    one = replace(BASE.agreements[0], amendments=amendments)
    assert [[term.id for term in terms_in_force(one, before(days))] for days in (6, 5, 4, 3)] == [
        ["A/1"],
        ["A/1", "A/2"],
        ["A/1", "A/2"],
        ["A/2"],
    ]


def test_d6_an_enterprise_agreement_binds_each_from_its_own_signature() -> None:
    late = frame_changed(parties=(party("P", PartyRole.PROVIDER), party("R", PartyRole.RECIPIENT, DAY)))
    assert reasons(approved(late), before()) == (Reason.PARENT_NOT_ACTIVE,)
    assert kind(approved(late), DAY) is Kind.COVERED
    twice = frame_changed(parties=(*FRAME.agreements[1].parties, party("R", PartyRole.OPERATOR, None)))
    assert kind(approved(twice)) is Kind.COVERED
    stranger = frame_changed(parties=(*FRAME.agreements[1].parties, party("V", PartyRole.RECIPIENT, None)))
    assert kind(approved(stranger)) is Kind.COVERED


def test_d6_it_is_signed_as_soon_as_one_has_signed() -> None:
    one = replace(
        FRAME.agreements[1], parties=(party("P", PartyRole.PROVIDER, None), party("V", PartyRole.PROVIDER, DAY))
    )
    assert [state(one, day) for day in (before(), DAY)] == [Reason.UNSIGNED, None]


def test_d6_who_it_does_not_list_need_not_have_signed() -> None:
    assert kind(approved(frame_changed(parties=(party("V", PartyRole.OPERATOR),)))) is Kind.COVERED
    assert kind(approved(frame_changed(parties=()))) is Kind.COVERED


@pytest.mark.parametrize(
    "change",
    [{"under": ("lost",)}, {"under": ("A",)}, {"under": ("E",)}, {"effective_to": before()}, {"effective_from": None}],
)
def test_d7_a_broken_parent_is_not_active(change: dict[str, object]) -> None:
    """Not in the catalog, a circle with the agreement or of its own, expired, of no known first day."""
    world = replace(FRAME, agreements=(FRAME.agreements[0], replace(FRAME.agreements[1], **change)))
    assert reasons(approved(world)) == (Reason.PARENT_NOT_ACTIVE,)


def test_d7_every_ancestor_counts() -> None:
    top = replace(FRAME.agreements[1], id="top", effective_to=before())
    world = frame_changed(under=("top",))
    assert reasons(approved(replace(world, agreements=(*world.agreements, top)))) == (Reason.PARENT_NOT_ACTIVE,)


def test_d8_a_timestamp_becomes_a_day_in_the_zone_of_the_state() -> None:
    zone = ZoneInfo("America/New_York")
    assert day_of(datetime(2022, 6, 1, 3, 59, tzinfo=UTC), zone) == date(2022, 5, 31)
    assert day_of(datetime(2022, 6, 1, 4, 0, tzinfo=UTC), zone) == date(2022, 6, 1)
    assert day_of(datetime(2022, 6, 1, 0, 30), zone) == date(2022, 6, 1)  # noqa: DTZ001 - without a zone on purpose
