"""What must hold of the engine on any facts, whatever they are: its answers are held to each other on random worlds."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any, cast

import pytest
from msgspec import Struct, structs

from catalog.model.enums_data import Classification
from catalog.model.enums_sharing import AgreementStage
from lineage.audit.facts import Agreement, Facts, Redisclosure, StageEvent
from lineage.audit.findings import class_findings, flow_findings
from lineage.audit.leaks import Leaks
from lineage.audit.verdicts import Audit, Verdict
from lineage.audit.words import Reason, VerdictKind
from tests.audit.adapted import adapted
from tests.audit.answers import audit_of
from tests.audit.oracle.world_draft import AGENCIES
from tests.audit.oracle.worlds import make_scenario

CHUNK = 20


def on_worlds(law: Callable[[int], None]) -> Callable[[int], None]:
    """A test of a law on 60 worlds in the usual run, on 2,000 in the long one."""
    firsts = range(0, 2000, CHUNK)
    chunks = [pytest.param(first, marks=[pytest.mark.long] if first >= 3 * CHUNK else []) for first in firsts]

    @pytest.mark.parametrize("first", chunks)
    def held(first: int) -> None:
        for seed in range(first, first + CHUNK):
            law(seed)

    return held


def world(seed: int) -> tuple[Facts, date]:
    scenario = make_scenario(seed)
    return adapted(scenario.world), scenario.day


def verdicts(facts: Facts, day: date) -> dict[str, Verdict]:
    return audit_of(facts, day).verdicts()


def of_kind(found: dict[str, Verdict], kind: VerdictKind) -> set[str]:
    return {flow for flow, verdict in found.items() if verdict.kind is kind}


@on_worlds
def test_adding_an_agreement_never_uncovers(seed: int) -> None:
    facts, day = world(seed)
    model = facts.agreements[seed % len(facts.agreements)]
    added = structs.replace(model, id="agreement:added", redisclosure=Redisclosure(all=True))
    before = verdicts(facts, day)
    after = verdicts(structs.replace(facts, agreements=(*facts.agreements, added)), day)
    assert of_kind(before, VerdictKind.COVERED) <= of_kind(after, VerdictKind.COVERED)
    assert of_kind(after, VerdictKind.NOT_NEEDED) == of_kind(before, VerdictKind.NOT_NEEDED)


@on_worlds
def test_ending_an_agreement_never_covers(seed: int) -> None:
    facts, day = world(seed)
    ended = facts.agreements[seed % len(facts.agreements)].id
    before = verdicts(facts, day)
    after = verdicts(structs.replace(facts, agreements=tuple(_ended(one, ended, day) for one in facts.agreements)), day)
    assert of_kind(after, VerdictKind.COVERED) <= of_kind(before, VerdictKind.COVERED)
    assert all(ended not in verdict.by for verdict in after.values())


def _ended(agreement: Agreement, ended: str, day: date) -> Agreement:
    if agreement.id != ended:
        return agreement
    return structs.replace(agreement, events=(*agreement.events, StageEvent(AgreementStage.TERMINATED, day)))


@on_worlds
def test_a_stricter_class_never_makes_uncovered_anything_else_and_removes_no_leak(seed: int) -> None:
    """But for data that becomes the result of what an agreement names (9.2 E4): there restricted data is walked through."""
    facts, day = world(seed)
    stricter = tuple(
        structs.replace(one, classes=one.classes | {Classification.PERSONAL}) if index == seed % 7 else one
        for index, one in enumerate(facts.determinations)
    )
    changed = structs.replace(facts, determinations=stricter)
    before, after = verdicts(facts, day), verdicts(changed, day)
    for flow in of_kind(before, VerdictKind.UNCOVERED):
        by_result = after[flow].kind is VerdictKind.COVERED and Reason.DATASET_OUT_OF_SCOPE in before[flow].reasons
        assert by_result or after[flow].kind is VerdictKind.UNCOVERED
    assert _leaking(facts, day) <= _leaking(changed, day)


def _leaking(facts: Facts, day: date) -> set[tuple[str, str]]:
    return {(one.protected, one.open) for one in Leaks(audit_of(facts, day).classes).found().leaks}


@on_worlds
def test_between_two_days_on_which_no_date_falls_nothing_changes(seed: int) -> None:
    facts, day = world(seed)
    dates = set(_dates(facts))
    near = (day + timedelta(days=distance) for distance in range(-10, 400))
    quiet = [each for each in near if dates.isdisjoint({each, each + timedelta(days=1)})]
    for each in (quiet[0], random.Random(seed).choice(quiet)):
        assert _all(audit_of(facts, each)) == _all(audit_of(facts, each + timedelta(days=1)))


def _dates(value: Any) -> Iterator[date]:
    if isinstance(value, date):
        yield value
    elif isinstance(value, Struct):
        for field in value.__struct_fields__:
            yield from _dates(getattr(value, field))
    elif isinstance(value, tuple):
        for each in cast("tuple[Any, ...]", value):
            yield from _dates(each)


@on_worlds
def test_the_order_of_facts_changes_nothing(seed: int) -> None:
    facts, day = world(seed)
    rng = random.Random(seed)
    shuffled = {
        field: tuple(rng.sample(value, len(value)))
        for field in facts.__struct_fields__
        if field != "records" and (value := getattr(facts, field))
    }
    assert _all(audit_of(structs.replace(facts, **shuffled), day)) == _all(audit_of(facts, day))


@on_worlds
def test_the_names_of_agencies_change_nothing(seed: int) -> None:
    facts, day = world(seed)
    names: dict[str, str] = dict(zip(AGENCIES, random.Random(seed).sample(AGENCIES, len(AGENCIES)), strict=True))
    before, after = verdicts(facts, day), verdicts(_renamed(facts, names), day)
    assert before == after


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, Struct):
        return structs.replace(
            value, **{field: _renamed(getattr(value, field), names) for field in value.__struct_fields__}
        )
    if isinstance(value, tuple):
        return tuple(_renamed(each, names) for each in cast("tuple[Any, ...]", value))
    return names.get(value, value) if type(value) is str else value


def _all(audit: Audit) -> dict[str, Any]:
    """Answers of every part, whatever the order in which they come."""
    return {
        "verdicts": {flow.id: audit.verdict(flow) for flow in audit.asof.facts.flows},
        "verdicts of all": audit.verdicts(),
        "classes": {each: audit.classes.level_of_dataset(each) for each in audit.classes.all_datasets()},
        "leaks": Leaks(audit.classes).found().leaks,
        "findings": [*class_findings(audit.classes), *flow_findings(audit)],
    }
