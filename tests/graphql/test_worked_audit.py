"""The audit of the demo catalog: the thirteen rows of the worked pathway (domain 9.1), from the facts of either store."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from catalog.access import STAFF_READER
from catalog.model.enums import AgreementStage
from catalog.stores.port import Change
from lineage.audit.asof import AsOf
from lineage.audit.facts import Facts, StageEvent
from lineage.audit.flowed import Flowed
from lineage.audit.gather import gather
from lineage.audit.verdicts import Audit, Verdict
from tests.contract.backends import BACKENDS
from tests.graphql.demo import filled

STORES = [pytest.param(each.name, marks=[pytest.mark.neo4j] * each.needs_neo4j) for each in BACKENDS.values()]
FLOW, AGREEMENT, AGENCY = (f"urn:waypost:{kind}:key:ct:" for kind in ("flow", "agreement", "agency"))
LAST_DAY = date(2023, 2, 28)

Row = tuple[str, list[str]]
"""A verdict, and by what or why."""
_NOT_NEEDED: Row = ("NOT_NEEDED", [])


@pytest.fixture(scope="module", params=STORES)
def facts(
    request: pytest.FixtureRequest, demo_catalog: list[Change], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Facts]:
    graph = request.getfixturevalue("neo4j_graph") if BACKENDS[request.param].needs_neo4j else None
    file = tmp_path_factory.mktemp("audit") / "graph.db"
    with asyncio.Runner() as runner:
        store = filled(runner, request.param, file, graph, demo_catalog)
        yield runner.run(gather(store, STAFF_READER, ZoneInfo("America/New_York"))).facts
        runner.run(store.close())


def judged(facts: Facts, flow: str, day: date) -> Verdict:
    audit = Audit(Flowed(AsOf(facts, day)))
    (asked,) = (each for each in audit.asof.facts.flows if each.id == FLOW + flow)
    one, among_all = audit.verdict(asked), audit.verdicts()[asked.id]
    assert told(one) == told(among_all)
    return one


def told(verdict: Verdict) -> Row:
    return str(verdict.kind), [*(urn.rpartition(":")[2] for urn in verdict.by), *verdict.reasons, *verdict.why]


@pytest.mark.parametrize(
    ("row", "flow", "day", "expected"),
    [
        (1, "1-enrollment-to-hub", date(2022, 3, 20), ("COVERED", ["dsa-a"])),
        (2, "2-snap-to-hub", date(2022, 3, 20), ("UNCOVERED", ["APPROVAL_MISSING"])),
        (3, "2-snap-to-hub", date(2022, 4, 20), ("COVERED", ["dsa-a"])),
        (4, "4-enrollment-to-uconn", date(2022, 5, 2), ("UNCOVERED", ["COLUMN_OUT_OF_SCOPE"])),
        (5, "5-linked-file-to-uconn", date(2022, 5, 9), ("UNCOVERED", ["PURPOSE_NOT_PERMITTED"])),
        (6, "6-copy-to-opm", date(2022, 6, 1), ("UNCOVERED", ["NO_AGREEMENT", "RECIPIENT_NOT_PERMITTED"])),
        (7, "7-linked-file-to-aggregate", date(2022, 6, 20), _NOT_NEEDED),
        (8, "7-aggregate-to-open", date(2022, 7, 20), _NOT_NEEDED),
        (9, "1-enrollment-to-hub", LAST_DAY, ("COVERED", ["dsa-a"])),
        (10, "1-enrollment-to-hub", date(2023, 3, 1), ("UNCOVERED", ["EXPIRED"])),
        (11, "11-directory-to-hub", date(2021, 1, 1), _NOT_NEEDED),
        (11, "11-directory-to-hub", date(2024, 1, 1), _NOT_NEEDED),
        (12, "12-new-file-to-hub", date(2022, 5, 1), ("UNKNOWN", ["CLASS_UNDETERMINED"])),
    ],
)
def test_a_row_of_the_worked_pathway(facts: Facts, row: int, flow: str, day: date, expected: Row) -> None:
    assert told(judged(facts, flow, day)) == expected, f"row {row}"


def test_row_13_is_uncovered_where_the_enterprise_agreement_is_terminated(facts: Facts) -> None:
    ended = StageEvent(AgreementStage.TERMINATED, date(2022, 4, 1))
    agreements = tuple(
        replace(each, events=(*each.events, ended)) if each.id == AGREEMENT + "e-mou" else each
        for each in facts.agreements
    )
    found = judged(replace(facts, agreements=agreements), "2-snap-to-hub", date(2022, 4, 20))
    assert told(found) == ("UNCOVERED", ["PARENT_NOT_ACTIVE"])


def test_rows_5_and_6_are_owed_to_both_origins(facts: Facts) -> None:
    for flow, day, direct, onward in (
        ("5-linked-file-to-uconn", date(2022, 5, 9), "PURPOSE_NOT_PERMITTED", "PURPOSE_NOT_PERMITTED"),
        ("6-copy-to-opm", date(2022, 6, 1), "NO_AGREEMENT", "RECIPIENT_NOT_PERMITTED"),
    ):
        first, *others = judged(facts, flow, day).parts
        assert (first.direct, set(first.reasons)) == (True, {direct})
        assert [(part.direct, part.agency, set(part.reasons)) for part in others] == [
            (False, AGENCY + "dss", {onward}),
            (False, AGENCY + "sde", {onward}),
        ]
