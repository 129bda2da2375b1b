"""The examples of docs/examples on the demo catalog, on both stores, with their answers written by hand."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from graphql import OperationDefinitionNode, parse

from catalog.access import PUBLIC_READER, STAFF_READER, Reader
from catalog.stores.port import Change, Store
from graphql_schema import Audits, Context, Request, answer, build_schema
from tests.contract.backends import BACKENDS
from tests.graphql.demo import filled
from tests.graphql.example_answers import CASES as OTHER_CASES
from tests.graphql.example_answers import Case
from tests.graphql.example_audits import AUDIT_CASES
from tests.graphql.example_page import ENROLLMENT_PAGE, POPULATION, POPULATION_PAGE
from tests.graphql.graph import VEILED_READER
from tests.graphql.record_answers import RECORD_CASES
from tests.graphql.sharing_answers import SHARING_CASES
from tests.support.pages import ROOT
from tests.support.patience import PATIENCE

CASES = [*OTHER_CASES, *AUDIT_CASES, *SHARING_CASES]
_DAY = date(2022, 12, 31)
_FOLDER = ROOT / "docs" / "examples"
_FILES = sorted(_FOLDER.glob("*.graphql"))
_PAGE = ROOT / "docs" / "examples.md"
_STORES = [pytest.param(b.name, marks=[pytest.mark.neo4j] if b.needs_neo4j else []) for b in BACKENDS.values()]
_OF_STAFF = {"21-access-to-data-of-persons", "22-incidents-and-notice"}
"""Examples that find something for staff only."""
_PAGED_OF_AUDITS = {
    "10-identifiers-across-boundaries": ("identifierCrossings", "first", "after"),
    "11-past-destruction-date": ("obligations", "first", "after"),
    "12-legal-bases-not-borne-out": ("basisGaps", "first", "after"),
    "19-ways-to-link": ("linkagePaths", "first", "after"),
    "20-linkage-runs": ("linkageRuns", "first", "after"),
    "21-access-to-data-of-persons": ("outputAccess", "first", "after"),
    "22-incidents-and-notice": ("incidents", "first", "after"),
    "01-flows-without-cover": ("flowVerdicts", "first", "after"),
    "04-single-points-of-failure": ("singlePointsOfFailure", "first", "after"),
    "05-changed-verdicts": ("verdictChanges", "first", "after"),
    "07-passed-on-without-permission": ("flowVerdicts", "first", "after"),
    "08-pairs-with-many-agreements": ("agreementPairs", "first", "after"),
    "09-pairs-without-enterprise-agreement": ("agreementPairs", "first", "after"),
    "13-unused-agreements": ("unusedAgreements", "first", "after"),
    "14-coverage-calendar": ("coverageCalendar", "first", "after"),
    "71-leaks": ("leaks", "first", "after"),
}
_PAGED = {
    **_PAGED_OF_AUDITS,
    "30-agreements-between": ("agreementsBetween", "first", "after"),
    "32-agencies-without-data-officer": ("agencies", "first", "after"),
    "37-stale-datasets": ("staleDatasets", "first", "after"),
    "44-datasets-of-an-agency": ("search", "first", "after"),
    "53-what-stands-behind-goals": ("goals", "first", "after"),
    "61-changes-of-datasets": ("datasetChanges", "first", "after"),
    "62-resolve-an-identifier": ("datasets", "first", "after"),
    "66-facets-of-a-search": ("search", "first", "after"),
    "70-flows-between-agencies": ("agencyFlows", "first", "after"),
    "68-dataset-page": ("dataset.columns", "columns", "columnsAfter"),
}
"""Example to the list that it pages through, and the variables for how many and after which."""
_WALKED = {"17-columns-upstream-and-downstream": "columnLineage"}
"""Example to the walk that goes on after the end of an answer."""


@dataclass
class Demo:
    """The demo catalog in a store."""

    runner: asyncio.Runner
    store: Store
    audits: Audits

    def ask(
        self,
        example: str,
        variables: Mapping[str, Any] | None = None,
        reader: Reader | None = None,
        today: date = _DAY,
    ) -> tuple[dict[str, Any], int]:
        """The data of the answer and the round trips it took; for the public unless told. Fails on any error."""
        reader = reader or (STAFF_READER if example in _OF_STAFF else PUBLIC_READER)
        counted: Any = self.store
        before = counted.round_trips
        request = Request((_FOLDER / f"{example}.graphql").read_text(encoding="utf-8"), variables)
        context = Context(self.store, reader, today, "example", audits=self.audits)
        found = self.runner.run(answer(build_schema(), request, context, PATIENCE))
        assert found.errors == []
        assert found.data is not None
        return found.data, counted.round_trips - before


@pytest.fixture(scope="module", params=_STORES)
def demo(
    request: pytest.FixtureRequest, demo_catalog: list[Change], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Demo]:
    graph = request.getfixturevalue("neo4j_graph") if BACKENDS[request.param].needs_neo4j else None
    file = tmp_path_factory.mktemp("examples") / "graph.db"
    with asyncio.Runner() as runner:
        store = filled(runner, request.param, file, graph, demo_catalog)
        audits = Audits(store, ZoneInfo("America/New_York"))
        for reader in (PUBLIC_READER, STAFF_READER):
            # Whoever asks first has the graph read, which is no part of what their question takes.
            runner.run(audits.ask(reader, _DAY, lambda _: None))
        yield Demo(runner, store, audits)
        runner.run(store.close())


def _without_cursors(found: Any) -> Any:
    """The same answer with ``...`` for each cursor."""
    if isinstance(found, dict):
        entries = cast("dict[str, Any]", found)
        return {k: ... if k == "endCursor" and v else _without_cursors(v) for k, v in entries.items()}
    return [_without_cursors(each) for each in cast("list[Any]", found)] if isinstance(found, list) else found


@pytest.mark.parametrize("case", CASES, ids=[f"{c.example[:2]}-{i}" for i, c in enumerate(CASES)])
def test_an_example_answers_its_question(demo: Demo, case: Case) -> None:
    found, round_trips = demo.ask(case.example, case.variables)
    assert _without_cursors(found) == case.answer
    assert round_trips == case.round_trips


@pytest.mark.parametrize("case", RECORD_CASES, ids=lambda case: case.example[:2])
def test_an_example_of_the_audit_answers_its_question(demo: Demo, case: Case) -> None:
    found, round_trips = demo.ask(case.example, case.variables)
    assert _without_cursors(found) == case.answer
    # Facts that are kept are not read again.
    assert 1 <= round_trips <= case.round_trips


def test_the_dataset_page_is_one_request_and_one_round_trip(demo: Demo) -> None:
    found, round_trips = demo.ask("68-dataset-page")
    assert _without_cursors(found) == ENROLLMENT_PAGE
    assert round_trips == 1


def test_the_public_is_told_which_fields_are_kept_from_it_and_of_no_hidden_dataset(demo: Demo) -> None:
    found, _ = demo.ask("68-dataset-page", {"urn": POPULATION})
    assert _without_cursors(found) == POPULATION_PAGE


def test_a_reader_of_placeholders_is_told_of_a_hidden_dataset_upstream(demo: Demo) -> None:
    found, _ = demo.ask("68-dataset-page", {"urn": POPULATION}, VEILED_READER)
    page, expected = found["dataset"], deepcopy(POPULATION_PAGE)["dataset"]
    ((edge,), total) = page["upstream"]["edges"], page["upstream"]["totalCount"]
    assert (edge["node"], total) == (None, 0)
    assert edge["hiddenId"]
    assert "population-mart" not in str(page)
    expected["upstream"] = page["upstream"]
    assert _without_cursors(page) == expected


def test_nothing_is_kept_from_staff(demo: Demo) -> None:
    found, _ = demo.ask("68-dataset-page", {"urn": POPULATION}, STAFF_READER)
    page, expected = found["dataset"], deepcopy(POPULATION_PAGE)["dataset"]
    expected["withheldFields"] = []
    expected["agency"]["dataOfficer"]["person"] |= {"email": "doc-ado@example.org", "withheldFields": []}
    expected["upstream"] = {
        "totalCount": 1,
        "edges": [{"hiddenId": None, "node": {"title": "Population reporting tables"}}],
    }
    assert _without_cursors(page) == expected


def _list(data: dict[str, Any], path: str) -> dict[str, Any]:
    for key in path.split("."):
        data = data[key]
    return data


# Lists of an audit are cut after it was made, whichever store its facts are from.
_OF_PAGED = [pytest.param(name, marks=[pytest.mark.long_on_neo4j] * (name in _PAGED_OF_AUDITS)) for name in _PAGED]


@pytest.mark.parametrize("example", _OF_PAGED)
def test_one_pages_on_by_the_end_cursor(demo: Demo, example: str) -> None:
    path, first, after = _PAGED[example]
    at_once = _list(demo.ask(example)[0], path)
    whole = at_once["edges"]
    assert whole
    found: list[Any] = []
    more, cursor = True, None
    while more and len(found) < len(whole):
        page = _list(demo.ask(example, {first: 1, after: cursor})[0], path)
        found += page["edges"]
        more, cursor = page["pageInfo"]["hasNextPage"], page["pageInfo"]["endCursor"]
    assert (found, more) == (whole, at_once["pageInfo"]["hasNextPage"])


@pytest.mark.parametrize("example", _OF_PAGED)
def test_its_defaults_find_something_whenever_it_is_tried(demo: Demo, example: str) -> None:
    # Long after all that the demo tells of, whose agreements have ended.
    assert _list(demo.ask(example, today=date(2040, 1, 1))[0], _PAGED[example][0])["edges"]


@pytest.mark.parametrize("example", _WALKED)
def test_one_walks_on_by_the_end_cursor(demo: Demo, example: str) -> None:
    whole = demo.ask(example, {"depth": 20})[0][_WALKED[example]]
    assert whole["endCursor"] is None
    assert len(whole["nodes"]) > 3
    found: list[Any] = []
    cursor = None
    while True:
        page = demo.ask(example, {"first": 3, "after": cursor})[0][_WALKED[example]]
        found += page["nodes"]
        cursor = page["endCursor"]
        if cursor is None:
            break
    assert found == whole["nodes"]


def test_every_example_that_has_pages_is_paged_through() -> None:
    assert {file.stem for file in _FILES if "endCursor" in file.read_text(encoding="utf-8")} == {*_PAGED, *_WALKED}
    answered = {case.example for case in (*CASES, *RECORD_CASES)} | {"68-dataset-page"}
    assert {file.stem for file in _FILES} == answered


@pytest.mark.parametrize("file", _FILES, ids=lambda file: file.stem)
def test_the_page_says_what_the_example_says(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    question = text.partition("\n")[0].removeprefix("# ")
    number = file.stem.partition("-")[0]
    sections = _PAGE.read_text(encoding="utf-8").split("\n## ")[1:]
    (section,) = (section for section in sections if section.startswith(f"{number}. "))
    assert section.partition("\n")[0] == f"{number}. {question}"
    assert f"](examples/{file.name})" in section
    (told,) = re.findall(r"^\*\*Variables\.\*\* (.*?)\n\n", section, re.DOTALL | re.MULTILINE)
    (operation,) = (d for d in parse(text).definitions if isinstance(d, OperationDefinitionNode))
    names = [variable.variable.name.value for variable in operation.variable_definitions or ()]
    assert re.findall(r"`\$(\w+)`", told) == names


def test_the_page_has_a_section_for_each_example_and_no_other() -> None:
    told = re.findall(r"^## (\d+)\. ", _PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert told == [file.stem.partition("-")[0] for file in _FILES]
