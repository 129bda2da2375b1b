"""Files that were matched (question 20; domain R34), and what went wrong (question 22), from the domain and the readings."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from lineage.audit.asof import AsOf
from lineage.audit.incidents import Incidents, Notice, notice_of
from lineage.audit.matches import happened, of_files
from lineage.audit.record_words import DutyStatus, NoticeStatus
from lineage.audit.records import AgreementText, Incident, LinkageRun
from tests.audit.kept import kept, on_day
from tests.audit.oracle.facts import Flow, World
from tests.audit.small import BASE, DAY, FRAME, SIGNED, added, after, before, run, third, with_agreement, with_flow

WEDNESDAY = DAY
DUE = date(2022, 6, 8)
LATER = after(30)


@pytest.mark.parametrize(
    ("matched", "due"),
    [
        (WEDNESDAY, DUE),
        (date(2022, 6, 3), date(2022, 6, 10)),
        (date(2022, 6, 4), date(2022, 6, 10)),
        (date(2022, 6, 5), date(2022, 6, 10)),
        (date(2022, 6, 6), date(2022, 6, 13)),
        (date.max, None),
    ],
)
def test_files_are_due_five_business_days_after_the_match(matched: date, due: date | None) -> None:
    assert of_files(LinkageRun("m", matched_on=matched), date.max).due_on == due


@pytest.mark.parametrize(
    ("destroyed", "day", "status", "late"),
    [
        (None, DUE, DutyStatus.OPEN, 0),
        (None, date(2022, 6, 9), DutyStatus.OVERDUE, 1),
        (DUE, DUE, DutyStatus.FULFILLED, 0),
        (date(2022, 6, 10), date(2022, 6, 20), DutyStatus.FULFILLED, 2),
        (date(2022, 6, 10), date(2022, 6, 9), DutyStatus.OVERDUE, 1),
    ],
)
def test_files_are_destroyed_in_time_late_or_not(
    destroyed: date | None, day: date, status: DutyStatus, late: int
) -> None:
    found = of_files(LinkageRun("m", matched_on=WEDNESDAY, destroyed_on=destroyed), day)
    assert (found.status, found.days_late) == (status, late)


def test_as_long_as_they_are_not_matched_it_is_not_known_by_when() -> None:
    for run_ in (LinkageRun("m"), LinkageRun("m", received_on=before(), matched_on=after())):
        assert (of_files(run_, DAY).status, of_files(run_, DAY).days_late) == (DutyStatus.UNKNOWN, None)
    assert of_files(LinkageRun("m", matched_on=DAY), DAY).due_on == DUE, "known from the day of the match on"
    gone = LinkageRun("m", destroyed_on=DAY)
    assert of_files(gone, DAY).status is DutyStatus.FULFILLED


def test_a_run_has_begun_once_its_files_came_in_or_were_matched() -> None:
    runs = (
        LinkageRun("later", received_on=after()),
        LinkageRun("in", received_on=DAY, matched_on=after()),
        LinkageRun("matched", matched_on=DAY),
        LinkageRun("undated"),
        LinkageRun("ended", matched_on=before(), valid_to=DAY),
    )
    facts = kept(linkage_runs=runs)
    assert [each.id for each in happened(AsOf(facts, DAY))] == ["in", "matched", "undated"]


def noticed(told: date | None, hours: int | None, day: date = LATER, began: date | None = DAY) -> Notice:
    return notice_of(Incident("i", occurred_on=began, notified_on=told), hours, day)


@pytest.mark.parametrize(
    ("hours", "days", "expected"),
    [
        (24, 0, NoticeStatus.IN_TIME),
        (24, 1, NoticeStatus.UNKNOWN),
        (24, 2, NoticeStatus.LATE),
        (72, 2, NoticeStatus.IN_TIME),
        (72, 3, NoticeStatus.UNKNOWN),
        (72, 4, NoticeStatus.LATE),
        (36, 0, NoticeStatus.IN_TIME),
        (36, 1, NoticeStatus.UNKNOWN),
        (36, 2, NoticeStatus.UNKNOWN),
        (36, 3, NoticeStatus.LATE),
        (12, 0, NoticeStatus.UNKNOWN),
        (12, 2, NoticeStatus.LATE),
        (24, -1, NoticeStatus.UNKNOWN),
    ],
)
def test_notice_is_in_time_or_late_where_no_hour_could_change_that(
    hours: int, days: int, expected: NoticeStatus
) -> None:
    found = noticed(after(days), hours)
    assert (found.status, found.days, found.hours) == (expected, days, hours)


def test_who_is_not_told_yet_may_still_be_in_time() -> None:
    assert noticed(None, 72, after(3)).status is NoticeStatus.OPEN
    assert noticed(None, 72, after(4)).status is NoticeStatus.OVERDUE
    assert noticed(after(1), 72, after(1)).status is NoticeStatus.IN_TIME, "they are told on the day"
    later = noticed(after(5), 72, after(4))
    assert (later.status, later.told_on, later.days) == (NoticeStatus.OVERDUE, None, None)
    assert (noticed(None, 72).due_on, noticed(None, 30).due_on) == (after(3), after(2))


def test_without_a_day_or_a_time_it_cannot_be_told() -> None:
    assert noticed(DAY, None).status is NoticeStatus.UNKNOWN
    assert noticed(DAY, 24, began=None).status is NoticeStatus.UNKNOWN
    assert noticed(None, 10**12).due_on is None


def incidents(
    *some: Incident, world: World = BASE, day: date = DAY, hours: tuple[AgreementText, ...] = ()
) -> Incidents:
    return on_day(kept(world, incidents=some, texts=hours), day).recorded.incidents


def touched(incident: Incident, world: World = BASE) -> tuple[list[str], tuple[str, ...]]:
    found = incidents(incident, world=world)
    return [flow.id for flow in found.flows(incident)], found.agreements(incident)


def test_an_incident_has_happened_from_its_day_on() -> None:
    some = Incident("now", occurred_on=DAY), Incident("later", occurred_on=after()), Incident("undated")
    ended = Incident("ended", occurred_on=before(), valid_to=DAY)
    assert [each.id for each in incidents(*some, ended).all] == ["now", "undated"]


def test_touched_are_the_flows_named_and_those_into_the_data_named() -> None:
    world = third()
    assert touched(Incident("i", ("f",)), world)[0] == ["f"]
    assert touched(Incident("i", ("t",)), world)[0] == ["f"], "not what left it"
    assert touched(Incident("i", ("u", "f", "lost")), world)[0] == ["f", "g"]
    assert touched(Incident("i", ("t",), occurred_on=SIGNED), world)[0] == ["f"]
    earlier = Incident("i", ("t",), occurred_on=date(2021, 12, 31))
    assert touched(earlier, world)[0] == []
    again = added(with_flow(process="p"), runs=(run("p", before(9)), run("p", DAY)))
    assert touched(Incident("i", ("t",), occurred_on=before(9)), again)[0] == ["f"]
    assert touched(Incident("i", ("t",), occurred_on=before(10)), again)[0] == []


def test_its_agreements_are_named_claimed_ran_under_or_name_what_flowed() -> None:
    apart = with_agreement(terms=())
    assert touched(Incident("i", ("f",)))[1] == ("A",)
    assert touched(Incident("i", ("f",)), with_agreement(effective_to=before()))[1] == ("A",)
    assert touched(Incident("i", ("f",)), apart)[1] == ()
    assert touched(Incident("i", ("f",)), with_agreement(parties=BASE.agreements[0].parties[:1]))[1] == ()
    assert touched(Incident("i", ("f",), under=("Z",)), apart)[1] == ("Z",)
    assert touched(Incident("i", ("f",)), with_flow(apart, claims=("B",)))[1] == ("B",)
    ran = added(with_flow(apart, process="p"), runs=(run("p", before(2), "C"), run("p", DAY, "D")))
    assert touched(Incident("i", ("f",), occurred_on=before()), ran)[1] == ("C",)
    assert touched(Incident("i", ("f",)), ran)[1] == ("C", "D")


def test_the_shortest_time_of_an_agreement_or_one_above_it_counts() -> None:
    incident = Incident("i", under=("A",), occurred_on=before(2), notified_on=before(2))
    hours = AgreementText("A", notice_hours=48), AgreementText("E", notice_hours=24), AgreementText("B", notice_hours=1)
    assert incidents(incident, world=FRAME, hours=hours).notice(incident).hours == 24
    assert incidents(incident, hours=hours).notice(incident).hours == 48
    assert incidents(incident).notice(incident) == Notice(NoticeStatus.UNKNOWN, None, None, before(2), 0)


def test_a_flow_of_a_system_is_touched_once() -> None:
    both = replace(BASE, flows=(*BASE.flows, Flow("e", "s", "t", first_seen=SIGNED)))
    assert touched(Incident("i", ("t", "f", "e")), both)[0] == ["e", "f"]
