"""The example of our file format is the worked pathway of the specification, to the letter (domain 9.1)."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.protocols import Validator

import loaders.demo
from catalog.model.document import file_schema
from catalog.urn import kind_of
from loaders.waypost_file.loader import WaypostFileLoader
from loaders.waypost_file.parse import compose, value_of

FILE = Path(loaders.demo.__file__).parent / "pathway.yaml"
E_MOU, DSA_A, DSA_B = (f"urn:waypost:agreement:key:ct:{name}" for name in ("e-mou", "dsa-a", "dsa-b"))
EVALUATION, ADMINISTRATION = "Evaluation of education programs", "Program administration"
ENROLLMENT, SNAP, LINKED, COPY = (
    "Enrollment",
    "SNAP participation",
    "Linked analysis file",
    "Analysis file of the evaluation",
)
DASHBOARD, AGGREGATE, OPEN = "Input of the outcomes dashboard", "Outcomes, aggregated", "Outcomes by town"
DIRECTORY, LOOKUP, NEW, INTAKE = (
    "District directory",
    "District lookup of the hub",
    "New file of student services",
    "File intake of DOL",
)


@dataclass(frozen=True)
class Row:
    """A row of the table: what flows, where to, for what, and when."""

    number: int
    flows: tuple[tuple[str, str], ...]
    """From and to; row 7 goes on from what it wrote."""
    when: date
    """Of the run; of a flow without runs, the day since which it is seen."""
    columns: frozenset[str] = frozenset()
    """Those that flow, where the row names them."""
    purpose: str = EVALUATION
    agreement: str | None = None
    """The one that its run names."""


PUBLISHED = ((LINKED, AGGREGATE), (AGGREGATE, OPEN))
ROW_1 = Row(1, ((ENROLLMENT, LINKED),), date(2022, 3, 20), frozenset({"SASID", "name", "DOB"}), agreement=DSA_A)
ROW_2 = Row(2, ((SNAP, LINKED),), date(2022, 3, 20), frozenset({"name", "DOB"}), agreement=DSA_A)
ROWS = [
    ROW_1,
    ROW_2,
    Row(3, ROW_2.flows, date(2022, 4, 20), ROW_2.columns, agreement=DSA_A),
    Row(4, ((ENROLLMENT, COPY),), date(2022, 5, 2), frozenset({"SASID", "disability"})),
    Row(5, ((LINKED, COPY),), date(2022, 5, 9), purpose=ADMINISTRATION),
    Row(6, ((COPY, DASHBOARD),), date(2022, 6, 1)),
    Row(7, PUBLISHED, date(2022, 6, 20)),
    Row(8, PUBLISHED, date(2022, 7, 20)),
    Row(9, ROW_1.flows, date(2023, 2, 28), ROW_1.columns, agreement=DSA_A),
    Row(10, ROW_1.flows, date(2023, 3, 1), ROW_1.columns, agreement=DSA_A),
    Row(11, ((DIRECTORY, LOOKUP),), date(2021, 1, 1)),
    Row(12, ((NEW, INTAKE),), date(2022, 5, 1)),
    Row(13, ROW_2.flows, date(2022, 4, 20), ROW_2.columns, agreement=DSA_A),
]
"""Row 13 asks what would be of row 3 if E had been terminated: the file says nothing of it."""


class Graph:
    """What the file states."""

    def __init__(self) -> None:
        records = list(WaypostFileLoader(str(FILE)).records())
        assert [record.problem for record in records if record.problem] == []
        self.entities: dict[str, Any] = {n.entity.urn: n.entity for r in records for n in r.nodes}
        self.edges = [edge for record in records for edge in record.edges]
        self._heads: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for edge in self.edges:
            self._heads[edge.tail, edge.relation.name].append(edge.head)

    def heads(self, tail: str, name: str) -> list[str]:
        return sorted(self._heads[tail, name])

    def head(self, tail: str, name: str) -> str:
        (found,) = self._heads[tail, name]
        return found

    def tails(self, name: str, head: str) -> list[str]:
        return [edge.tail for edge in self.edges if edge.relation.name == name and edge.head == head]

    def kind(self, slug: str) -> list[str]:
        return sorted(urn for urn in self.entities if kind_of(urn) == slug)

    def called(self, urn: str) -> str:
        """The title, or the name, of what the file states."""
        found = self.entities[urn]
        return getattr(found, "title", None) or found.name

    def between(self, source: str, target: str) -> str:
        """The one flow between two things."""
        ends = {urn: (self.head(urn, "from_asset"), self.head(urn, "to_asset")) for urn in self.kind("flow")}
        (found,) = [urn for urn, both in ends.items() if tuple(map(self.called, both)) == (source, target)]
        return found

    def runs_between(self, source: str, target: str) -> set[str]:
        """The runs of the job by which it flows."""
        jobs = self.heads(self.between(source, target), "via")
        return {run for job in jobs for run in self.tails("executes", job)}


@pytest.fixture(scope="module")
def graph() -> Graph:
    return Graph()


def names(urns: Sequence[str]) -> set[str]:
    """The last words of URNs."""
    return {urn.rpartition("#" if "#" in urn else ":")[2] for urn in urns}


def test_it_is_what_the_published_schema_describes() -> None:
    content = value_of(compose(FILE.read_bytes(), FILE.name)[1], (), [])
    validator = cast("Validator", Draft202012Validator(file_schema(), format_checker=FormatChecker()))
    assert [error.message for error in validator.iter_errors(json.loads(json.dumps(content)))] == []


def test_it_has_thirteen_rows_of_eight_flows(graph: Graph) -> None:
    assert [row.number for row in ROWS] == list(range(1, 14))
    assert len({row.flows for row in ROWS}) == 8
    # Rows 7 and 8 are two edges, one after the other; so eight flows are nine nodes.
    stated = {graph.between(*ends) for row in ROWS for ends in row.flows}
    assert stated == set(graph.kind("flow"))
    assert len(stated) == 9
    assert {graph.entities[urn].last_seen for urn in stated} == {None}, "all flows are live"
    assert len(graph.kind("agreement")) == 3, "E, A, and B which is being negotiated"
    assert len(graph.kind("coverage-term")) == 2
    assert len(graph.kind("agreement-party")) == 5 + 4 + 4
    # A job that runs has a run for each row of its flows; rows 1 and 2 are one run, and rows 3 and 13.
    assert Counter(graph.head(run, "executes").rpartition(":")[2] for run in graph.kind("run")) == {
        "match": 4,
        "extract": 1,
        "deliver": 1,
        "dashboard": 1,
        "aggregate": 2,
        "publish": 2,
    }


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"row {row.number}")
def test_a_row_is_stated_as_it_stands(graph: Graph, row: Row) -> None:
    for source, target in row.flows:
        flow = graph.between(source, target)
        assert names(graph.heads(flow, "columns")) == row.columns
        assert graph.entities[graph.head(flow, "for_purpose")].label == row.purpose
        days = {graph.entities[run].started_at.date(): run for run in graph.runs_between(source, target)}
        first = min(r.when for r in ROWS if r.flows == row.flows)
        assert graph.entities[flow].first_seen == first
        if not days:
            assert row.number in (11, 12)
            continue
        assert graph.heads(days[row.when], "ran_under") == ([row.agreement] if row.agreement else [])
        assert graph.entities[days[row.when]].state == "COMPLETED"
        # No run is there that no row tells of: all rows of the same job, since one job reads both sources of the match.
        assert set(days) == {r.when for r in ROWS for ends in r.flows if set(days.values()) & graph.runs_between(*ends)}


def test_the_agreements_are_as_signed(graph: Graph) -> None:
    frame, dsa = graph.entities[E_MOU], graph.entities[DSA_A]
    assert (frame.effective_from, frame.effective_to) == (date(2021, 9, 9), None)
    assert (dsa.effective_from, dsa.effective_to) == (date(2022, 3, 1), date(2023, 2, 28))
    assert graph.heads(DSA_A, "under") == [E_MOU]
    for agreement, day, parties in (
        (E_MOU, date(2021, 9, 9), {"opm OPERATOR", "dol HUB", "sde PROVIDER", "dss PROVIDER", "uconn RECIPIENT"}),
        (DSA_A, date(2022, 2, 15), {"dol HUB", "sde PROVIDER", "dss PROVIDER", "uconn RECIPIENT"}),
        (DSA_B, None, {"dol HUB", "sde PROVIDER", "dss PROVIDER", "uconn RECIPIENT"}),
    ):
        found = graph.heads(agreement, "parties")
        assert {f"{names([graph.head(p, 'stands_for')]).pop()} {graph.entities[p].role}" for p in found} == parties
        assert {graph.entities[p].signed_on for p in found} == {day}
    # E has no term, and B none yet.
    enrollment, snap = graph.kind("coverage-term")
    assert [graph.heads(urn, "terms") for urn in (E_MOU, DSA_A, DSA_B)] == [[], [enrollment, snap], []]
    covered = graph.heads(enrollment, "covers")
    assert names([urn for urn in covered if "#" in urn]) == {
        "SASID",
        "name",
        "DOB",
        "gender",
        "race",
        "ethnicity",
        "grade",
    }
    assert [graph.called(urn) for urn in covered if "#" not in urn] == [ENROLLMENT]
    assert [graph.called(urn) for urn in graph.heads(snap, "covers")] == [SNAP], "all columns"
    for term in (enrollment, snap):
        assert names(graph.heads(term, "recipients")) == {"dol", "uconn"}
        assert graph.entities[graph.head(term, "for_purpose")].label == EVALUATION
    assert graph.entities[graph.head(DSA_A, "permits")].label == EVALUATION
    # A legal basis for each source.
    assert {"ferpa-evaluation", "snap"} <= names(graph.heads(DSA_A, "rests_on"))
    # The hub may redisclose nothing but the matrix.
    assert [graph.called(urn) for urn in graph.heads(DSA_A, "may_pass_on")] == [LINKED]
    assert dsa.permits_redisclosure == "LISTED"
    (request,) = graph.tails("led_to", DSA_A)
    approved = {
        (*names(graph.heads(urn, "given_by")), graph.entities[urn].decided_on)
        for urn in graph.heads(request, "approvals")
        if graph.entities[urn].decision == "APPROVED"
    }
    assert approved == {("sde", date(2022, 2, 10)), ("dss", date(2022, 4, 15))}


def test_classes_are_determined_before_2021(graph: Graph) -> None:
    classes = {
        graph.called(graph.head(urn, "classifies")): set(graph.entities[urn].classes)
        for urn in graph.kind("classification-determination")
    }
    personal = {ENROLLMENT, SNAP, LINKED, COPY, DASHBOARD}
    assert {name for name, found in classes.items() if "PERSONAL" in found} == personal
    assert (classes[AGGREGATE], classes[OPEN], classes[DIRECTORY]) == ({"PUBLIC"}, {"OPEN"}, {"OPEN"})
    assert NEW not in classes
    for urn in graph.kind("classification-determination"):
        assert graph.entities[urn].determined_on < date(2021, 1, 1)


def test_holders_and_what_declassifies_are_as_told(graph: Graph) -> None:
    held = {graph.called(urn): names([graph.head(urn, "held_by")]).pop() for urn in graph.kind("dataset")}
    assert held == {
        ENROLLMENT: "sde",
        DIRECTORY: "sde",
        NEW: "sde",
        SNAP: "dss",
        LINKED: "dol",
        AGGREGATE: "dol",
        OPEN: "dol",
        LOOKUP: "dol",
        COPY: "uconn",
        DASHBOARD: "opm",
    }
    (job,) = [urn for urn in graph.kind("job") if graph.entities[urn].declassifies]
    made = graph.entities[job]
    assert (made.method, made.reviewed_on, made.suppression_rule) == (
        "AGGREGATE",
        date(2022, 6, 10),
        "Counts from 1 to 5 are kept back.",
    )
    assert names([graph.head(job, "run_by")]) == {"uconn"}
    assert names([graph.head(job, "runs_in")]) == {"p20win-hub"}
    # The second run writes a column more than the first, and of neither is it known which column made which.
    first, second = sorted(graph.tails("executes", job))
    more = set(graph.heads(second, "outputs")) - set(graph.heads(first, "outputs"))
    written = {"outcomes-aggregate", "town", "grade", "students"}
    assert (names(list(more)), names(graph.heads(first, "outputs"))) == ({"race"}, written)
    flows = {graph.head(urn, "part_of_flow") for urn in graph.kind("column-flow")}
    assert flows == {graph.between(DIRECTORY, LOOKUP)}
