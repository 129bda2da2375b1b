"""Rules that must hold (domain 5), as pure functions over plain values. What breaks one is a finding, never a refusal.

Every function takes what is known of one thing, or of all of a kind, on one day and answers its findings; ``check_rules``
reads the facts of a store and asks them all. The predicates of the audit (coverage, leaks, lapses) are not here: they
are in ``lineage``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

import msgspec

from catalog.access import STAFF_READER
from catalog.findings import Finding, Severity, in_order
from catalog.model.enums import AgreementStage, Classification, PersonRole
from catalog.selection import Compare, Op, Page, Related, Row, Select, Selection
from catalog.stores.paging import every_row
from catalog.stores.port import Store
from catalog.values import day_before

__all__ = ["Determined", "HighValue", "Office", "PaperTrail", "Transfer", "agreement_stage", "check_rules"]
__all__ += [
    "chief_data_officer",
    "classes_that_stand",
    "contradicting_classes",
    "high_value",
    "new_end",
    "transfer_without_agreement",
]

_PROTECTED = frozenset((Classification.PROTECTED, Classification.PERSONAL, Classification.PRIVATE))
_ENDED = frozenset(
    (AgreementStage.EXPIRED, AgreementStage.TERMINATED, AgreementStage.WITHDRAWN, AgreementStage.REJECTED)
)
_IN_FORCE = frozenset((AgreementStage.ACTIVE, AgreementStage.RENEWED))


@dataclass(frozen=True, slots=True)
class Office:
    """An appointment that holds on the day asked about."""

    urn: str
    agencies: tuple[str, ...]
    """Where it sits."""
    people: tuple[str, ...]
    """Who holds it."""


@dataclass(frozen=True, slots=True)
class HighValue:
    """A determination of high value."""

    urn: str
    criteria: tuple[str, ...]
    determined_on: date | None
    determiner: str | None
    people: tuple[str, ...] = ()
    """Who made it."""
    agencies: tuple[str, ...] = ()
    """Who holds the dataset it is about."""


@dataclass(frozen=True, slots=True)
class Determined:
    """What a determination of class says of one thing, and the day since which it holds ("" for ever)."""

    of: str
    classes: frozenset[str]
    since: str = ""


@dataclass(frozen=True, slots=True)
class PaperTrail:
    """What is on file of an agreement. Days are last days and count."""

    urn: str
    stated_stage: str | None
    effective_to: date | None
    stages: tuple[tuple[date | None, str], ...]
    amended_to: tuple[tuple[date, date | None], ...] = ()
    """(day of an amendment, new last day; None: no end)."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """A flow, with who holds its ends, the classes that its source is said to have, and the agreements named for it."""

    urn: str
    providers: tuple[str, ...]
    recipients: tuple[str, ...]
    classes: frozenset[str]
    agreements: tuple[str, ...]


def chief_data_officer(offices: Sequence[Office], seats: Collection[str] = ()) -> Iterator[Finding]:
    """R1: exactly one chief data officer holds office, within one agency; one person holds an appointment (domain 4).

    ``seats`` are the agencies that the jurisdiction's law seats the officer in; none where it states none.
    """
    if not offices:
        yield _finding("R1", "", "nobody is chief data officer today: state the appointment of the one who is")
    for office in offices[1:]:
        message = f"{offices[0].urn} is chief data officer as well: end the one that is over"
        yield _finding("R1", office.urn, message)
    for office in offices:
        if len(office.agencies) != 1:
            message = f"the chief data officer sits within {len(office.agencies)} agencies: state the one"
            yield _finding("R1", office.urn, message)
        elif seats and not set(office.agencies) <= set(seats):
            message = f"the chief data officer sits within {office.agencies[0]}, and the law says {' or '.join(sorted(seats))}"
            yield _finding("R1", office.urn, f"{message}: correct the appointment or the jurisdiction")
        if len(office.people) != 1:
            message = f"{len(office.people)} persons hold the office of chief data officer: state the one"
            yield _finding("R1", office.urn, message)


def high_value(determination: HighValue, heads: Collection[tuple[str, str]]) -> Iterator[Finding]:
    """R9: high value needs a criterion and a dated determination by the head of the agency.

    ``heads`` are (person, agency) of those who headed an agency on the day of the determination. One that names its
    author only in words cannot be checked, and is taken at them.
    """
    if not determination.criteria:
        yield _finding("R9", determination.urn, "it names no criterion: state which of A to H the dataset meets")
    if determination.determined_on is None:
        yield _finding("R9", determination.urn, "it has no date: state the day on which it was made")
    if not determination.people and not determination.determiner:
        yield _finding("R9", determination.urn, "nobody made it: state the head of the agency who did")
    for person in determination.people:
        if determination.determined_on and not any((person, agency) in heads for agency in determination.agencies):
            message = f"{person} did not head the agency that holds the dataset on {determination.determined_on}"
            yield _finding("R9", determination.urn, f"{message}: state who did, or the appointment")


def classes_that_stand(determinations: Iterable[Determined]) -> dict[str, frozenset[str]]:
    """Of each thing, the classes of the latest determination in force; those of several of one day together.

    9.2 A1 and A6. ``determinations`` are those that hold on the day asked about.
    """
    latest: dict[str, tuple[str, frozenset[str]]] = {}
    for found in determinations:
        since, classes = latest.get(found.of, ("", frozenset()))
        if found.since >= since:
            latest[found.of] = found.since, found.classes | (classes if found.since == since else frozenset())
    return {of: classes for of, (_, classes) in latest.items()}


def contradicting_classes(urn: str, classes: Iterable[str]) -> Iterator[Finding]:
    """R12: open and protected contradict one another."""
    found = frozenset(classes)
    if Classification.OPEN in found and (protected := sorted(found & _PROTECTED)):
        message = f"it says OPEN and {', '.join(protected)} at once: determine which holds"
        yield _finding("R12", urn, message)


def agreement_stage(trail: PaperTrail, today: date) -> Iterator[Finding]:
    """8.2: whether an agreement is in force follows from its days and events; a paper that says otherwise is wrong."""
    events = sorted((on, stage) for on, stage in trail.stages if on is not None and on <= today)
    # Of events on one day those that stop are applied last (9.2 D3).
    last = max(events, key=lambda e: (e[0], e[1] in _ENDED))[1] if events else None
    # Of the ends amended on one day the earlier holds (9.2 D5).
    ends = sorted(trail.amended_to, key=lambda each: (each[0], each[1] or date.max), reverse=True)
    amended = {on: to for on, to in ends if on <= today}
    end = amended[max(amended)] if amended else trail.effective_to
    if end is not None and end < today and (last in _IN_FORCE or (last is None and trail.stated_stage in _IN_FORCE)):
        message = f"it ended on {end}, and its last stage is {last or trail.stated_stage}"
        remedy = "state its end as an event, or the amendment that carried it on"
        yield _finding("AGREEMENT_EXPIRED_YET_ACTIVE", trail.urn, f"{message}: {remedy}")
    if last in _ENDED and trail.stated_stage in _IN_FORCE:
        message = f"its register says {trail.stated_stage}, and its last event is {last}: correct the one that is wrong"
        yield _finding("AGREEMENT_EXPIRED_YET_ACTIVE", trail.urn, message)


def transfer_without_agreement(transfer: Transfer) -> Iterator[Finding]:
    """R17, as far as it can be seen without the audit: protected data leaves an agency, and no agreement is named."""
    crosses = bool(transfer.providers and transfer.recipients) and set(transfer.providers) != set(transfer.recipients)
    if crosses and transfer.classes & _PROTECTED and not transfer.agreements:
        message = "protected data leaves its agency, and neither the flow nor a run of its job names an agreement"
        remedy = "state the agreement, or ask the audit whether one covers it"
        yield Finding("R17", Severity.WARNING, transfer.urn, f"{message}: {remedy}")


async def check_rules(store: Store, today: date) -> list[Finding]:
    """What breaks a rule today, the gravest first."""
    found: list[Finding] = []
    if await _has_plan(store, today):
        offices = [_office(row) async for row in every_row(store, _CDO, today)]
        laws = [row async for row in every_row(store, _JURISDICTIONS, today)]
        found += chief_data_officer(offices, {urn for row in laws for urn in _urns(row, "chief_officer_in_Agency")})
    determinations = [_high_value(row) async for row in every_row(store, _HIGH_VALUE, today)]
    heads = {day: await _heads(store, day) for day in {d.determined_on for d in determinations} if day}
    for determination in determinations:
        day = determination.determined_on
        found += high_value(determination, heads[day] if day else ())
    determined = [each async for row in every_row(store, _CLASSES, today) for each in _determined(row)]
    for urn, classes in classes_that_stand(determined).items():
        found += contradicting_classes(urn, classes)
    async for row in every_row(store, _PAPERS, today):
        found += agreement_stage(_paper_trail(row), today)
    async for row in every_row(store, _FLOWS, today):
        found += transfer_without_agreement(_transfer(row))
    return in_order(found)


# Reading the facts

_FEW = 100
"""Related rows that are read of each: more officers of an agency, or parties of a paper, there are not."""


def _to(step: str, kind: str, *related: Related, props: tuple[str, ...] = (), ever: bool = False) -> Related:
    name = f"{step}_{kind}"
    return Related(name, step, Select(kind, props=props, first=_FEW, ever=ever, related=related))


_CDO = Select(
    "Appointment",
    where=Compare("role", Op.EQ, PersonRole.CDO),
    related=(_to("within", "Agency"), _to("held_by", "Person")),
)
_HEADS = Select(
    "Appointment",
    where=Compare("role", Op.EQ, PersonRole.AGENCY_HEAD),
    related=(_to("within", "Agency"), _to("held_by", "Person")),
)
_HIGH_VALUE = Select(
    "HighValueDetermination",
    props=("criteria", "determined_on", "determiner"),
    related=(_to("determined_by", "Person"), _to("finds_high_value", "Dataset", _to("held_by", "Agency"))),
)
_CLASSES = Select(
    "ClassificationDetermination",
    props=("classes", "valid_from"),
    related=(_to("classifies", "Dataset"), _to("classifies", "Column")),
)
_JURISDICTIONS = Select("Jurisdiction", related=(_to("chief_officer_in", "Agency"),))
_PAPERS = Select(
    "Agreement",
    props=("stated_stage", "effective_to"),
    related=(
        _to("stages", "StageEvent", props=("stage", "occurred_on")),
        _to("amendments", "Amendment", props=("amended_on", "changes")),
    ),
)
_SOURCE = (_to("held_by", "Agency"), _to("classifications", "ClassificationDetermination", props=("classes",)))
_FLOWS = Select(
    "Flow",
    related=(
        _to("from_asset", "Dataset", *_SOURCE),
        _to("from_asset", "System", _to("held_by", "Agency")),
        _to("to_asset", "Dataset", _to("held_by", "Agency")),
        _to("to_asset", "System", _to("held_by", "Agency")),
        _to("provided_by", "Agency"),
        _to("received_by", "Agency"),
        _to("claims", "Agreement"),
        _to("via", "Job", _to("runs", "Run", _to("ran_under", "Agreement"))),
    ),
)


async def _has_plan(store: Store, today: date) -> bool:
    """A graph without any plan is a mere harvest, and nobody need be chief officer of it."""
    page = await store.select(Selection(Select("PlanVersion", first=1, ever=True), STAFF_READER, today))
    return bool(page.rows)


async def _heads(store: Store, day: date) -> set[tuple[str, str]]:
    """(person, agency) of those who head an agency on a day."""
    found: set[tuple[str, str]] = set()
    async for row in every_row(store, _HEADS, day):
        found |= {(person, agency) for person in _urns(row, "held_by_Person") for agency in _urns(row, "within_Agency")}
    return found


def _office(row: Row) -> Office:
    return Office(row["urn"], _urns(row, "within_Agency"), _urns(row, "held_by_Person"))


def _high_value(row: Row) -> HighValue:
    datasets = _below(row, "finds_high_value_Dataset")
    return HighValue(
        urn=row["urn"],
        criteria=tuple(row["criteria"]),
        determined_on=_day(row["determined_on"]),
        determiner=row["determiner"],
        people=_urns(row, "determined_by_Person"),
        agencies=tuple(urn for dataset in datasets for urn in _urns(dataset, "held_by_Agency")),
    )


def _determined(row: Row) -> Iterator[Determined]:
    # One that is about nothing, which is another finding, still must not contradict itself.
    of = (*_urns(row, "classifies_Dataset"), *_urns(row, "classifies_Column")) or (row["urn"],)
    return (Determined(urn, frozenset(row["classes"]), row["valid_from"] or "") for urn in of)


def _paper_trail(row: Row) -> PaperTrail:
    amended = [(_day(a["amended_on"]), a["changes"]) for a in _below(row, "amendments_Amendment")]
    return PaperTrail(
        urn=row["urn"],
        stated_stage=row["stated_stage"],
        effective_to=_day(row["effective_to"]),
        stages=tuple((_day(s["occurred_on"]), s["stage"]) for s in _below(row, "stages_StageEvent")),
        amended_to=tuple((on, to) for on, changes in amended if on for to in _amended_to(changes, on)),
    )


def _transfer(row: Row) -> Transfer:
    source, *_ = [*_below(row, "from_asset_Dataset"), *_below(row, "from_asset_System"), {}]
    target, *_ = [*_below(row, "to_asset_Dataset"), *_below(row, "to_asset_System"), {}]
    runs = [run for job in _below(row, "via_Job") for run in _below(job, "runs_Run")]
    return Transfer(
        urn=row["urn"],
        # The holder decides; what the flow states stands in where there is none (9.2 C1).
        providers=_urns(source, "held_by_Agency") or _urns(row, "provided_by_Agency"),
        recipients=_urns(target, "held_by_Agency") or _urns(row, "received_by_Agency"),
        classes=frozenset(
            name for found in _below(source, "classifications_ClassificationDetermination") for name in found["classes"]
        ),
        agreements=(
            *_urns(row, "claims_Agreement"),
            *(urn for run in runs for urn in _urns(run, "ran_under_Agreement")),
        ),
    )


def new_end(said: Any, on: date) -> date | None:
    """The end that an amendment of a day states; None: until ended.

    Of an end that cannot be read it is not known that it lies ahead: what cannot be shown fails (9.2 B2).
    """
    try:
        return None if said is None else date.fromisoformat(said[:10])
    except (TypeError, ValueError):
        return day_before(on)


def _amended_to(changes: str | None, on: date) -> tuple[date | None, ...]:
    """The last day that an amendment sets, None where that is no end; nothing where it sets none or its text cannot be read."""
    try:
        read = msgspec.json.decode(changes or "{}")
    except msgspec.DecodeError:
        return ()
    said = cast("dict[str, Any]", read) if isinstance(read, dict) else {}
    return (new_end(said["effectiveTo"], on),) if "effectiveTo" in said else ()


def _below(row: Row, name: str) -> list[Row]:
    page = row.get(name)
    return page.rows if isinstance(page, Page) else []


def _urns(row: Row, name: str) -> tuple[str, ...]:
    return tuple(found["urn"] for found in _below(row, name))


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _finding(code: str, urn: str, message: str) -> Finding:
    return Finding(code, Severity.ERROR, urn, message)
