"""What is owed under agreements (question 11; domain 3.4, R20), from the domain and the readings that the rule states."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from catalog.model.enums_sharing import ObligationKind, ObligationStart
from lineage.audit.duties import Duty
from lineage.audit.record_words import DutyStatus
from lineage.audit.records import AgreementText, Certificate, DataRequest, Obligation
from tests.audit.kept import kept, on_day
from tests.audit.oracle.facts import (
    Amendment,
    Classification,
    Dataset,
    Flow,
    Holding,
    NewEnd,
    PartyRole,
    Stage,
    StageEvent,
    Unit,
    World,
)
from tests.audit.small import BASE, DAY, SIGNED, added, after, before, classed, determined, party, run, with_agreement

DESTROY = Obligation("o", ObligationKind.DESTROY, "A", "R", due_on=DAY)
REPORT = Obligation("o", ObligationKind.REPORT, "A", "R", due_on=DAY)
GONE = Certificate("c", DAY, "A", "R")
LONG_AGO = SIGNED + timedelta(days=1)


def owed(*obligations: Obligation, world: World = BASE, day: date = DAY, **records: Any) -> list[Duty]:
    return on_day(kept(world, obligations=obligations, **records), day).recorded.duties.all()


def one(obligation: Obligation, **more: Any) -> Duty:
    (found,) = owed(obligation, **more)
    return found


def told(duty: Duty) -> tuple[DutyStatus, int | None]:
    return duty.standing.status, duty.standing.days_late


def held(obligation: Obligation, world: World = BASE, day: date = DAY, **records: Any) -> tuple[str, ...]:
    duties = on_day(kept(world, obligations=(obligation,), **records), day).recorded.duties
    return duties.still_held(duties.all()[0])


def due(obligation: Obligation, **more: Any) -> date | None:
    return one(obligation, **more).standing.due_on


def test_the_last_day_is_in_time_and_the_next_is_overdue() -> None:
    assert told(one(REPORT)) == (DutyStatus.OPEN, 0)
    assert told(one(REPORT, day=after(3))) == (DutyStatus.OVERDUE, 3)


def test_what_is_done_is_done_from_its_day_on() -> None:
    late = Obligation("o", ObligationKind.REPORT, "A", "R", due_on=before(2), fulfilled_on=DAY)
    assert told(one(late, day=before())) == (DutyStatus.OVERDUE, 1)
    assert told(one(late)) == told(one(late, day=after(9))) == (DutyStatus.FULFILLED, 2)


def test_without_a_due_day_it_cannot_be_told_unless_it_is_done() -> None:
    undated = Obligation("o", ObligationKind.REPORT, "A", "R")
    assert told(one(undated)) == (DutyStatus.UNKNOWN, None)
    done = Obligation("o", ObligationKind.REPORT, "A", "R", fulfilled_on=DAY)
    assert told(one(done)) == (DutyStatus.FULFILLED, None)
    lost = Obligation("o", ObligationKind.REPORT, "lost", "R", None, ObligationStart.BEGIN, 3)
    assert told(one(lost)) == (DutyStatus.UNKNOWN, None)


def counted(start: ObligationStart, days: int = 30) -> Obligation:
    return Obligation("o", ObligationKind.REPORT, "A", "R", None, start, days)


def test_it_is_counted_from_a_day_of_the_agreement() -> None:
    signed_later = with_agreement(executed_on=before(7), effective_to=DAY)
    expected = {
        ObligationStart.SIGNATURE: before(7) + timedelta(days=30),
        ObligationStart.BEGIN: SIGNED + timedelta(days=30),
        ObligationStart.END: DAY + timedelta(days=30),
    }
    assert {start: due(counted(start), world=signed_later) for start in ObligationStart} == expected
    assert due(counted(ObligationStart.END)) is None, "it goes on"
    assert due(counted(ObligationStart.END, 10**9), world=signed_later) is None, "no day of the calendar"


def test_signatures_count_once_all_have_signed() -> None:
    parties = party("P", PartyRole.PROVIDER, before(5)), party("R", PartyRole.RECIPIENT, before(3))
    both = with_agreement(executed_on=None, parties=parties)
    assert due(counted(ObligationStart.SIGNATURE), world=both) == before(3) + timedelta(days=30)
    unsigned = with_agreement(executed_on=None, parties=(*parties[:1], party("R", PartyRole.RECIPIENT, None)))
    assert due(counted(ObligationStart.SIGNATURE), world=unsigned) is None


def test_the_end_is_the_one_of_the_day_asked_about() -> None:
    longer = Amendment(before(), new_end=NewEnd(after(100)))
    amended = with_agreement(effective_to=after(10), amendments=(longer,))
    assert due(counted(ObligationStart.END), world=amended, day=before(2)) == after(40)
    assert due(counted(ObligationStart.END), world=amended) == after(130)
    stopped = StageEvent(Stage.TERMINATED, before(10))
    terminated = with_agreement(effective_to=after(10), events=(stopped,))
    assert due(counted(ObligationStart.END), world=terminated) == before(11) + timedelta(days=30)
    again = with_agreement(effective_to=after(10), events=(stopped, StageEvent(Stage.RENEWED, before(5))))
    assert due(counted(ObligationStart.END), world=again) == after(40)


def test_the_earlier_day_of_the_obligation_counts_else_that_of_the_agreement() -> None:
    texts = (AgreementText("A", destroy_by=after(2)),)
    assert due(Obligation("o", ObligationKind.DESTROY, "A", "R", due_on=after(5)), texts=texts) == after(5)
    assert due(Obligation("o", ObligationKind.DESTROY, "A", "R"), texts=texts) == after(2)
    assert due(Obligation("o", ObligationKind.RETURN, "A", "R"), texts=texts) == after(2)
    report = Obligation("o", ObligationKind.REPORT, "A", "R")
    assert [each.standing.due_on for each in owed(report, texts=texts)] == [after(2), None], "the last is the report"
    fixed = Obligation("o", ObligationKind.REPORT, "A", "R", after(60), ObligationStart.END, 30)
    assert due(fixed, world=with_agreement(effective_to=DAY)) == after(30)


def test_a_day_of_fulfilment_shows_no_destruction() -> None:
    said = Obligation("o", ObligationKind.DESTROY, "A", "R", due_on=DAY, fulfilled_on=before())
    assert told(one(said, day=after())) == (DutyStatus.OVERDUE, 1)
    assert told(one(Obligation("o", ObligationKind.DESTROY, None, "R", DAY, fulfilled_on=DAY))) == (DutyStatus.OPEN, 0)
    back = Obligation("o", ObligationKind.RETURN, "A", "R", due_on=DAY, fulfilled_on=before())
    assert told(one(back, day=after())) == (DutyStatus.FULFILLED, 0)


def test_a_certificate_of_who_owes_it_shows_it() -> None:
    found = one(DESTROY, day=after(), certificates=(GONE,))
    assert (told(found), found.standing.done_on, found.certificates) == ((DutyStatus.FULFILLED, 0), DAY, ("c",))
    assert told(one(DESTROY, day=before(), certificates=(GONE,))) == (DutyStatus.OPEN, 0)
    led = DataRequest("q", led_to="A")
    by_request = Certificate("c", DAY, "q", "R")
    assert told(one(DESTROY, certificates=(by_request,), requests=(led,))) == (DutyStatus.FULFILLED, 0)
    unit = added(units=(Unit("r1", "R"),))
    assert told(one(DESTROY, world=unit, certificates=(Certificate("c", DAY, "A", "r1"),))) == (DutyStatus.FULFILLED, 0)


@pytest.mark.parametrize(
    "certificate",
    [
        Certificate("c", DAY, "A", "P"),
        Certificate("c", DAY, "A", None),
        Certificate("c", DAY, "B", "R"),
        Certificate("c", DAY, None, "R"),
        Certificate("c", DAY, "A", "R", valid_to=DAY),
        Certificate("c", DAY, "A", "R", datasets=("other",)),
    ],
    ids=["another's", "nobody's", "of another agreement", "of none", "taken back", "of other data"],
)
def test_another_certificate_does_not(certificate: Certificate) -> None:
    assert told(one(DESTROY, certificates=(certificate,))) == (DutyStatus.OPEN, 0)
    assert held(DESTROY, certificates=(certificate,)) == ("t",)


@pytest.mark.parametrize("names", [(), ("s",), ("t",), ("other", "t")])
def test_what_a_certificate_names_is_gone(names: tuple[str, ...]) -> None:
    certificate = Certificate("c", DAY, "A", "R", names)
    assert held(DESTROY, certificates=(certificate,)) == ()
    assert told(one(DESTROY, certificates=(certificate,))) == (DutyStatus.FULFILLED, 0)


def test_what_was_written_on_that_day_or_later_is_held() -> None:
    same_day = Certificate("c", SIGNED, "A", "R")
    assert (held(DESTROY, certificates=(same_day,)), told(one(DESTROY, certificates=(same_day,)))[0]) == (
        ("t",),
        DutyStatus.OPEN,
    )
    assert held(DESTROY, certificates=(Certificate("c", LONG_AGO, "A", "R"),)) == ()


def test_what_was_made_of_it_is_held_too_by_who_holds_it() -> None:
    world = added(
        datasets=(Dataset("v"),),
        held_by=(Holding("v", "R"),),
        flows=(Flow("g", "t", "v", first_seen=SIGNED), Flow("h", "t", "u", first_seen=SIGNED)),
    )
    assert held(DESTROY, world) == ("t", "v")
    assert held(DESTROY, world, certificates=(Certificate("c", DAY, "A", "R", ("t",)),)) == ()
    assert held(DESTROY, world, day=SIGNED - timedelta(days=1)) == ()


def test_data_that_is_known_to_be_public_may_be_kept() -> None:
    assert held(DESTROY, classed(Classification.PUBLIC)) == ()
    assert held(DESTROY, classed(Classification.UNDETERMINED)) == ("t",)


@pytest.mark.parametrize(
    ("flow", "expected"),
    [
        (Flow("f", "z", "t", first_seen=SIGNED), ()),
        (Flow("f", "z", "t", first_seen=SIGNED, claims=("A",)), ("t",)),
        (Flow("f", "s", "t", first_seen=SIGNED, last_seen=before(9)), ("t",)),
    ],
    ids=["of other data", "claimed", "ended"],
)
def test_data_came_under_an_agreement_that_names_it_or_is_claimed(flow: Flow, expected: tuple[str, ...]) -> None:
    other = determined("z", Classification.PERSONAL)
    world = replace(
        added(datasets=(Dataset("z"),), held_by=(Holding("z", "P"),), determinations=(other,)), flows=(flow,)
    )
    assert held(DESTROY, world) == expected


def test_where_nobody_is_named_each_recipient_and_hub_owes_it() -> None:
    hub = party("H", PartyRole.HUB)
    world = with_agreement(parties=(*BASE.agreements[0].parties, hub))
    unnamed = Obligation("o", ObligationKind.DESTROY, "A", None, due_on=DAY)
    assert told(one(unnamed, world=world, certificates=(GONE,))) == (DutyStatus.OPEN, 0)
    both = GONE, Certificate("d", before(), "A", "H")
    found = one(unnamed, world=world, certificates=both)
    assert (told(found), found.certificates) == ((DutyStatus.FULFILLED, 0), ("d", "c"))


def test_an_agreement_that_ends_the_keeping_is_owed_by_each_that_no_obligation_names() -> None:
    hub = party("H", PartyRole.HUB)
    world = with_agreement(parties=(*BASE.agreements[0].parties, hub))
    texts = (AgreementText("A", destroy_by=DAY),)
    found = owed(DESTROY, world=world, texts=texts)
    assert [(each.obligation, each.owed_by) for each in found] == [(None, "H"), ("o", "R")]
    assert [each.owed_by for each in owed(REPORT, world=world, texts=texts) if each.obligation is None] == ["H", "R"]
    unnamed = Obligation("o", ObligationKind.DESTROY, "A", None)
    assert [each.obligation for each in owed(unnamed, world=world, texts=texts)] == ["o"]
    unsigned = with_agreement(
        executed_on=None, parties=(party("P", PartyRole.PROVIDER, None), party("R", PartyRole.RECIPIENT, None))
    )
    assert owed(world=unsigned, texts=texts) == []
    half = with_agreement(parties=(party("P", PartyRole.PROVIDER), party("R", PartyRole.RECIPIENT, None)))
    assert [each.owed_by for each in owed(world=half, texts=texts)] == ["R"], "one signature is enough to owe it"


def test_what_does_not_hold_on_the_day_is_not_owed() -> None:
    ended = Obligation("o", ObligationKind.REPORT, "A", "R", valid_from=before(9), valid_to=DAY)
    assert owed(ended) == []
    assert len(owed(ended, day=before())) == 1
    assert on_day(kept(obligations=(ended,))).recorded.duties.find("o") is None


def test_one_is_found_by_its_id() -> None:
    other = Obligation("p", ObligationKind.REPORT, "A", "R")
    duties = on_day(kept(obligations=(REPORT, other))).recorded.duties
    assert [found.obligation for found in map(duties.find, ("p", "o")) if found is not None] == ["p", "o"]


def test_nothing_is_held_of_what_is_not_to_be_destroyed_or_of_no_agreement() -> None:
    assert held(REPORT) == ()
    assert held(Obligation("o", ObligationKind.DESTROY, "lost", "R")) == ()
    assert held(Obligation("o", ObligationKind.RETURN, "A", "R")) == ("t",)


def test_data_came_under_the_agreement_that_it_ran_under() -> None:
    ran = added(with_agreement(terms=()), runs=(run("p", before(2), "A"), run("p", after(), "A")))
    world = replace(ran, flows=(replace(BASE.flows[0], process="p"),))
    assert held(DESTROY, world) == held(DESTROY, world, day=before(2)) == ("t",)
    assert held(DESTROY, world, day=before(3)) == ()
    unnamed = replace(world, runs=(run("p", before(2)), run("p", after(), "A")))
    assert held(DESTROY, unnamed) == (), "it ran under it only later"


def test_they_come_by_due_day_those_without_one_last() -> None:
    some = [
        Obligation(id_, ObligationKind.REPORT, "A", "R", day) for id_, day in (("a", None), ("b", after()), ("c", DAY))
    ]
    assert [each.obligation for each in owed(*some)] == ["c", "b", "a"]
