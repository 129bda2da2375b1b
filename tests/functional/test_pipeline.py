"""The way of a record, on a real store: accounted for, idempotent, and one at fault never fails the others."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from catalog.access import PUBLIC_READER, STAFF_READER, Reader
from catalog.batch import EdgeStatement
from catalog.model.data import Dataset
from catalog.model.people import Agency
from catalog.selection import Compare, Op, Order, Page, Related, Select, Selection
from catalog.stores.port import Store
from catalog.urn import key
from loaders.dcat_us.loader import DcatUsLoader
from loaders.pipeline import load
from loaders.quarantine import kept_out
from loaders.record import Record
from loaders.report import LoadReport
from loaders.waypost_file.loader import WaypostFileLoader

DATASETS: list[dict[str, Any]] = [
    {"identifier": f"d{i}", "title": f"Title {i}", "publisher": {"name": "Roads"}, "distribution": [{"format": "csv"}]}
    for i in range(5)
]


def catalog(tmp_path: Path, datasets: list[Any], as_of: date = date(2021, 1, 1)) -> DcatUsLoader:
    path = tmp_path / "roads.json"
    path.write_text(json.dumps({"dataset": datasets}), encoding="utf-8")
    return DcatUsLoader.open(str(path), as_of=as_of)


def datasets(runner: asyncio.Runner, store: Store, on: date, reader: Reader = PUBLIC_READER) -> Page:
    forms = Related("forms", "distributions", Select("Distribution", props=("format",)))
    select = Select("Dataset", props=("title", "contact_email"), related=(forms,), total=True)
    return runner.run(store.select(Selection(select, reader, on)))


def accounts(report: LoadReport) -> tuple[int, int, int, int]:
    assert report.read == report.written + report.unchanged + len(report.quarantined)
    return report.read, report.written, report.unchanged, len(report.quarantined)


def test_the_same_input_twice_writes_nothing(tmp_path: Path, runner: asyncio.Runner, store: Store) -> None:
    first = runner.run(load(catalog(tmp_path, DATASETS), store))
    revision = runner.run(store.revision())
    second = runner.run(load(catalog(tmp_path, DATASETS), store))

    assert accounts(first) == (5, 5, 0, 0)
    assert accounts(second) == (5, 0, 5, 0)
    assert not second.changed
    assert runner.run(store.revision()) == revision == second.revision
    assert datasets(runner, store, date(2021, 1, 1)).total == 5


def test_a_change_is_written_and_what_left_a_record_is_closed(
    tmp_path: Path, runner: asyncio.Runner, store: Store
) -> None:
    runner.run(load(catalog(tmp_path, DATASETS), store))
    changed = [{**DATASETS[0], "title": "New", "distribution": [{"format": "pdf"}]}, *DATASETS[1:]]

    report = runner.run(load(catalog(tmp_path, changed, date(2021, 6, 1)), store))

    assert accounts(report) == (5, 1, 4, 0)
    assert report.closed == {"HAS_DISTRIBUTION": 1}
    before, after = (datasets(runner, store, day).rows[0] for day in (date(2021, 5, 31), date(2021, 6, 1)))
    assert [form["format"] for form in before["forms"].rows] == ["csv"]
    assert [form["format"] for form in after["forms"].rows] == ["pdf"]


def test_a_record_at_fault_is_kept_out_with_its_raw_text(tmp_path: Path, runner: asyncio.Runner, store: Store) -> None:
    bad = {"identifier": "d9", "title": None}
    report = runner.run(load(catalog(tmp_path, [*DATASETS[:2], bad, *DATASETS[2:]]), store))

    assert accounts(report) == (6, 5, 0, 1)
    (kept_out,) = report.quarantined
    assert (kept_out.place, kept_out.raw, kept_out.problem.rule) == ("roads.json: dataset[2]", bad, "required")
    assert json.loads(report.to_json())["quarantined"][0]["raw"] == bad
    assert "roads.json: dataset[2]: $.title: required: it is missing or blank: state it" in report.to_text()


def test_a_record_that_the_graph_refuses_never_fails_its_batch(
    tmp_path: Path, runner: asyncio.Runner, store: Store
) -> None:
    class Faulty(DcatUsLoader):
        def records(self) -> Iterator[Record]:
            for index, record in enumerate(super().records()):
                if index == 3:
                    nowhere = key("agency", "nowhere")
                    record.edges.append(EdgeStatement(Dataset.held_by, record.nodes[0].entity.urn, nowhere))
                yield record

    catalog(tmp_path, DATASETS)
    report = runner.run(load(Faulty.open(str(tmp_path / "roads.json")), store))

    assert accounts(report) == (5, 4, 0, 1)
    assert report.quarantined[0].problem.rule == "INVALID_BATCH"
    assert "urn:waypost:agency:key:nowhere is not in the graph" in report.quarantined[0].problem.message


def test_the_account_is_kept_in_the_journal_and_moves_no_revision(
    tmp_path: Path, runner: asyncio.Runner, store: Store
) -> None:
    report = runner.run(load(catalog(tmp_path, DATASETS), store))

    select = Select("LoadRun", props=("read", "written", "unchanged", "quarantined", "state"))
    page = runner.run(store.select(Selection(select, STAFF_READER, date(2021, 1, 1))))

    (row,) = page.rows
    assert row["urn"] == report.run
    assert (row["read"], row["written"], row["unchanged"], row["quarantined"]) == (5, 5, 0, 0)
    assert row["state"] == "COMPLETED"
    assert runner.run(store.revision()) == report.revision


WAYPOST_FILE = """
waypost: 1
source: {urn: 'urn:waypost:source:key:t', title: T}
nodes:
- {kind: Agency, urn: 'urn:waypost:agency:key:a', name: A, links: {part_of: 'urn:waypost:agency:key:b'}}
- {kind: Agency, urn: 'urn:waypost:agency:key:b', name: B, links: {part_of: 'urn:waypost:agency:key:nobody'}}
- {kind: Agency, urn: 'urn:waypost:agency:key:c', name: C, links: {part_of: 'urn:waypost:agency:key:d'}}
- {kind: Agency, urn: 'urn:waypost:agency:key:d', name: D}
"""


def test_nothing_stands_of_what_is_kept_out_for_where_it_leads(
    tmp_path: Path, runner: asyncio.Runner, store: Store
) -> None:
    """b leads to nobody, and so a leads to what is kept out: both are, with every word of theirs."""
    path = tmp_path / "agencies.yaml"
    path.write_text(WAYPOST_FILE, encoding="utf-8")
    report = runner.run(load(WaypostFileLoader(str(path)), store))

    assert accounts(report) == (4, 2, 0, 2)
    assert [(q.place, q.problem.rule, q.problem.path) for q in report.quarantined] == [
        ("agencies.yaml:6: nodes[1]", "dangling", "links.part_of"),
        ("agencies.yaml:5: nodes[0]", "dangling", "links.part_of"),
    ]
    assert agencies(runner, store) == ["C", "D"]

    # What they lead to comes from another source, and then the same file takes in the rest.
    path.write_text(
        "waypost: 1\nsource: {urn: 'urn:waypost:source:key:o', title: O}\n"
        "nodes: [{kind: Agency, urn: 'urn:waypost:agency:key:nobody', name: N}]",
        encoding="utf-8",
    )
    runner.run(load(WaypostFileLoader(str(path)), store))
    path.write_text(WAYPOST_FILE, encoding="utf-8")
    assert accounts(runner.run(load(WaypostFileLoader(str(path)), store))) == (4, 2, 2, 0)
    assert agencies(runner, store) == ["A", "B", "C", "D", "N"]


BARE = """
waypost: 1
source: {urn: 'urn:waypost:source:key:t', title: T}
nodes:
- {kind: CoverageTerm, urn: 'urn:waypost:coverage-term:key:a', links: {covers: 'urn:waypost:dataset:key:d'}}
- {kind: Agreement, urn: 'urn:waypost:agreement:key:a', title: A, links: {terms: 'urn:waypost:coverage-term:key:a'}}
- {kind: Dataset, urn: 'urn:waypost:dataset:key:d', title: D}
"""


def test_a_node_of_links_alone_is_stated_where_nobody_has(tmp_path: Path, runner: asyncio.Runner, store: Store) -> None:
    path = tmp_path / "terms.yaml"
    path.write_text(BARE, encoding="utf-8")
    assert accounts(runner.run(load(WaypostFileLoader(str(path)), store))) == (3, 3, 0, 0)
    assert terms(runner, store) == [(None, ["D"])]
    assert accounts(runner.run(load(WaypostFileLoader(str(path)), store))) == (3, 0, 3, 0)

    # Of what another source says of it nothing is taken back by one that states links alone.
    other = tmp_path / "other.yaml"
    other.write_text(
        "waypost: 1\nsource: {urn: 'urn:waypost:source:key:o', title: O}\n"
        "nodes: [{kind: CoverageTerm, urn: 'urn:waypost:coverage-term:key:a', title: Line 1}]",
        encoding="utf-8",
    )
    runner.run(load(WaypostFileLoader(str(other)), store))
    assert accounts(runner.run(load(WaypostFileLoader(str(path)), store))) == (3, 0, 3, 0)
    assert terms(runner, store) == [("Line 1", ["D"])]


def test_a_node_of_links_alone_is_kept_out_with_what_it_leads_to_and_played_again(
    tmp_path: Path, runner: asyncio.Runner, store: Store
) -> None:
    path = tmp_path / "terms.yaml"
    path.write_text("\n".join(BARE.splitlines()[:-1]), encoding="utf-8")
    report = runner.run(load(WaypostFileLoader(str(path)), store))
    assert [(each.problem.rule, each.problem.path) for each in report.quarantined] == [
        ("dangling", "links.covers"),
        ("dangling", "links.terms"),
    ]
    assert terms(runner, store) == []
    path.write_text("\n".join([*BARE.splitlines()[:4], BARE.splitlines()[-1]]), encoding="utf-8")
    runner.run(load(WaypostFileLoader(str(path)), store))
    kept = runner.run(kept_out(store, report.run))
    assert accounts(runner.run(load(WaypostFileLoader.replay(kept, "kept.yaml"), store))) == (2, 2, 0, 0)
    assert terms(runner, store) == [(None, ["D"])]


def terms(runner: asyncio.Runner, store: Store) -> list[tuple[str | None, list[str]]]:
    """The terms by title, each with the titles of the datasets that it covers."""
    covered = Related("covered", "covers", Select("Dataset", props=("title",)))
    select = Select("CoverageTerm", props=("title",), related=(covered,))
    found = runner.run(store.select(Selection(select, STAFF_READER, date.max))).rows
    return [(row["title"], [each["title"] for each in row["covered"].rows]) for row in found]


def test_what_is_looked_up_by_its_text_is_as_long_as_both_stores_index(
    tmp_path: Path, runner: asyncio.Runner, store: Store
) -> None:
    path = tmp_path / "agencies.yaml"
    longest = "\u00e9" * 2048
    for text, rules in ((longest, {"dangling"}), (f"{longest}x", {"dangling", "size"})):
        path.write_text(WAYPOST_FILE.replace("name: D", f"name: D, abbreviation: {text}"), encoding="utf-8")
        report = runner.run(load(WaypostFileLoader(str(path)), store))
        assert {kept_out.problem.rule for kept_out in report.quarantined} == rules
    select = Select("Agency", props=("name",), where=Compare("abbreviation", Op.EQ, longest))
    assert [row["name"] for row in runner.run(store.select(Selection(select, STAFF_READER, date.max))).rows] == ["D"]


def agencies(runner: asyncio.Runner, store: Store) -> list[str]:
    select = Select("Agency", props=("name",), order=Order("name"))
    page = runner.run(store.select(Selection(select, STAFF_READER, date(2022, 1, 1))))
    return [row["name"] for row in page.rows]


TWO = """\
waypost: 1
source: {urn: 'urn:waypost:source:key:t', title: T}
nodes:
- {kind: Agency, urn: 'urn:waypost:agency:key:a', name: A, valid_from: 2020-01-01}
- {kind: Agency, urn: 'urn:waypost:agency:key:b', name: B}
"""


@pytest.mark.parametrize(("name", "written", "unchanged"), [("B", 0, 1), ("Bee", 1, 0)])
def test_a_node_that_the_graph_refuses_is_accounted_for_once(
    tmp_path: Path, runner: asyncio.Runner, store: Store, *, name: str, written: int, unchanged: int
) -> None:
    """Links come after nodes: those of a node that was kept out are not written, nor is it counted again with them."""
    path = tmp_path / "file.yaml"
    path.write_text(TWO, encoding="utf-8")
    assert accounts(runner.run(load(WaypostFileLoader(str(path)), store))) == (2, 2, 0, 0)
    ends = "valid_to: 2019-01-01, links: {part_of: 'urn:waypost:agency:key:b'}"
    path.write_text(TWO.replace("valid_from: 2020-01-01", ends).replace("name: B", f"name: {name}"), encoding="utf-8")
    report = runner.run(load(WaypostFileLoader(str(path)), store))

    assert accounts(report) == (2, written, unchanged, 1)
    assert [(q.place, q.problem.rule) for q in report.quarantined] == [("file.yaml:4: nodes[0]", "INVALID_BATCH")]
    assert report.created == {}
    assert agencies(runner, store) == ["A", name]
    again = WaypostFileLoader.replay(runner.run(kept_out(store, report.run)), "kept.ndjson")
    assert accounts(runner.run(load(again, store))) == (1, 0, 0, 1)


def test_of_a_record_that_is_refused_for_its_edges_alone_the_nodes_stand(
    tmp_path: Path, runner: asyncio.Runner, store: Store
) -> None:
    """The edge would end before it began, which no file can say: it comes from a loader of one's own."""

    class Faulty(WaypostFileLoader):
        def records(self) -> Iterator[Record]:
            first, second = super().records()
            ends = first.nodes[0].entity.urn, second.nodes[0].entity.urn
            first.edges.append(EdgeStatement(Agency.part_of, *ends, date(2021, 1, 1), date(2020, 1, 1)))
            yield from (first, second)

    path = tmp_path / "file.yaml"
    path.write_text(TWO, encoding="utf-8")
    report = runner.run(load(Faulty(str(path)), store))

    assert accounts(report) == (2, 1, 0, 1)
    assert [(q.place, q.problem.rule) for q in report.quarantined] == [("file.yaml:4: nodes[0]", "INVALID_BATCH")]
    assert agencies(runner, store) == ["A", "B"]
    assert "PART_OF" not in report.created


@pytest.mark.real_data
def test_a_real_catalog_again_moves_nothing(real_data: Path, runner: asyncio.Runner, store: Store) -> None:
    path = str(real_data / "dcat-us-1.1" / "healthdata.gov.2019.data.json")
    first = runner.run(load(DcatUsLoader.open(path), store))
    again = runner.run(load(DcatUsLoader.open(path), store))

    assert accounts(first) == (1762, 1656, 0, 106)
    assert accounts(again) == (1762, 0, 1656, 106)
    assert again.revision == first.revision
    assert datasets(runner, store, first_day(path)).total == 1656


def first_day(path: str) -> date:
    return DcatUsLoader.open(path).day
