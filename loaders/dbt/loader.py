"""Loading a dbt project from its manifest, with its catalog and the results of a run where they are given."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Self, cast

from catalog.batch import EdgeStatement
from catalog.errors import InvalidUrn
from catalog.model.data import Dataset
from catalog.model.enums import SourceKind
from catalog.model.lineage import Job
from catalog.model.own import Source
from catalog.urn import Urn, key
from loaders.dbt.artifacts import Artifact, read_artifact
from loaders.dbt.naming import Names, main_database, project_name
from loaders.dbt.parse import Owners, add_lineage, state_job, state_table
from loaders.dbt.project import problem_of, read_nodes, reads
from loaders.dbt.rules import DbtRule
from loaders.dbt.runs import read_invocation, state_run
from loaders.errors import LoaderError
from loaders.fetch import shown
from loaders.fields import Fields, RefusedRecord
from loaders.record import Problem, Record

__all__ = ["DbtLoader"]


class DbtLoader:
    """The nodes of a project, and the results of one call of dbt: ``open`` reads the files.

    A record is a node of the manifest, a result, or an entry of the catalog that is of no node. A node that breaks a rule is
    kept out; then no list of what reads or feeds what is whole, and nothing that was so before ends.
    """

    kind = "dbt"
    local = False

    def __init__(
        self,
        manifest: Artifact,
        catalog: Artifact | None,
        results: Artifact | None,
        *,
        namespace: str | None,
        as_of: date | None,
        location: str,
    ) -> None:
        project = project_name(manifest) or manifest.name
        self.location = location
        self.source = _source(manifest, project)
        self.names = Names(project, manifest.told("adapter_type"), namespace)
        # A clock that goes ahead must not make a day that is to come.
        self.day = as_of or min(manifest.generated_at(), datetime.now(UTC)).date()
        read = [artifact for artifact in (manifest, catalog, results) if artifact]
        self.digest = hashlib.sha256(b"\0".join(artifact.raw for artifact in read)).hexdigest()
        self._nodes = read_nodes(manifest, self.names)
        # Of what cannot be read it is not known which datasets it lists.
        self.complete = all(node.is_read for node in self._nodes.values())
        self._records = list(self._of_nodes(manifest, catalog))
        if catalog:
            self._records += self._of_no_node(catalog)
        if results:
            self._records += self._of_results(results)
        self.expected: int | None = len(self._records)

    @classmethod
    def open(
        cls,
        location: str,
        *,
        catalog: str | None = None,
        run_results: str | None = None,
        namespace: str | None = None,
        as_of: date | None = None,
    ) -> Self:
        """The files by paths or addresses. Raises LoaderError where one is none of dbt's that is read here.

        ``namespace`` is the warehouse as OpenLineage names it; without it the names are those of BigQuery, or of the project
        alone. ``as_of`` is the day that they speak of: by default the one on which dbt wrote the manifest.
        """
        return cls(
            read_artifact(location, "manifest"),
            read_artifact(catalog, "catalog") if catalog else None,
            read_artifact(run_results, "run-results") if run_results else None,
            namespace=namespace,
            as_of=as_of,
            location=shown(location),
        )

    def records(self) -> Iterator[Record]:
        """The nodes in the order of the manifest, then what is wrong with the catalog, then the results in their order."""
        yield from self._records

    def listed(self) -> set[str]:
        """The URNs of what the project says of its datasets, also of those that have a problem."""
        return {table.record for node in self._nodes.values() for table in node.tables}

    def _of_nodes(self, manifest: Artifact, catalog: Artifact | None) -> list[Record]:
        """One record a node. First what each is by itself, since of one that is kept out nothing may flow."""
        owners = Owners(_owners(manifest))
        found = {**catalog.section("nodes"), **catalog.section("sources")} if catalog else {}
        stated: dict[Urn, _Stated] = {}
        made: dict[str, Record] = {}
        for node in self._nodes.values():
            record = made[node.id] = Record(_place(manifest, node.section, node.id), node.raw, identifier=node.id)
            parts = {table.urn: Record(record.place, None) for table in node.tables}
            try:
                if node.problem is None and node.is_job:
                    state_job(node, record, self.names, owners)
                for table in node.tables if node.problem is None else ():
                    there = Fields(found[node.id], "catalog") if node.id in found else None
                    state_table(node, table, parts[table.urn], found=there, owners=owners, source=self.source)
            except (RefusedRecord, InvalidUrn) as error:
                node.problem = problem_of(error)
            if node.problem is None:
                for urn, part in parts.items():
                    # Of what one node makes and another finds, the one that makes it speaks.
                    if urn not in stated or (node.is_job and not stated[urn].is_made):
                        stated[urn] = _Stated(record, part, is_made=node.is_job)
        self._connect(made, {urn: each.record for urn, each in stated.items()})
        for each in stated.values():
            each.record.nodes += each.part.nodes
            each.record.edges += each.part.edges
            each.record.restates += each.part.restates
        refused = {node.id: node.problem for node in self._nodes.values() if node.problem}
        return [_refused(record, refused[id_]) if id_ in refused else record for id_, record in made.items()]

    def _connect(self, made: Mapping[str, Record], tails: Mapping[Urn, Record]) -> None:
        """Add what flows. Where a node is kept out no list of it is whole, and what else flowed before does not end."""
        whole = all(node.problem is None for node in self._nodes.values())
        derived: list[EdgeStatement] = []
        for node in self._nodes.values():
            if node.problem is None and node.is_job:
                record, job = made[node.id], self.names.job(node.id)
                derived += add_lineage(node, reads(node, self._nodes), record, self.names)
                if whole:
                    record.restates += [(job, Job.reads), (job, Job.writes)]
        # Of several flows between two datasets the one with the smallest URN is named.
        derived.sort(key=lambda edge: edge.props["flow"], reverse=True)
        for edge in {(edge.tail, edge.head): edge for edge in derived}.values():
            tails[edge.tail].edges.append(edge)
        if whole:
            for urn, record in tails.items():
                record.restates.append((urn, Dataset.downstream))

    def _of_no_node(self, catalog: Artifact) -> Iterator[Record]:
        """The entries of the catalog that are of no node: the two files are not of one project, or not of one time."""
        for section in ("nodes", "sources"):
            for id_, raw in catalog.section(section).items():
                if id_ not in self._nodes:
                    message = f"the manifest has no {id_[:120]!r}"
                    remedy = "write both with one run of 'dbt docs generate'"
                    problem = Problem(DbtRule.UNKNOWN_NODE, "$", message, remedy)
                    yield Record(_place(catalog, section, id_), raw, identifier=id_, problem=problem)

    def _of_results(self, results: Artifact) -> Iterator[Record]:
        call = read_invocation(results)
        for index, raw in enumerate(_listed(results)):
            record = Record(f"{results.name}: results[{index}]", raw)
            try:
                state_run(Fields(raw), record, call, self._nodes, self.names)
            except (RefusedRecord, InvalidUrn) as error:
                record = _refused(record, problem_of(error))
            yield record


@dataclass(frozen=True, slots=True)
class _Stated:
    """What is said of a dataset, and the record of the node that says it."""

    record: Record
    part: Record
    is_made: bool


def _source(manifest: Artifact, project: str) -> Source:
    """A project in one of the databases that it is built in, such as that of development and that of production."""
    database = main_database(manifest)
    try:
        urn = key("source", "dbt", *filter(None, (project, database)))
    except InvalidUrn as error:
        message = f"{manifest.name}: the project cannot be named ({error}): load the file as dbt wrote it"
        raise LoaderError(DbtRule.NO_ARTIFACT, message) from error
    title = f"{project} in {database}" if database else project
    return Source(urn=urn, title=title, kind_of_source=SourceKind.HARVEST, format="dbt")


def _owners(manifest: Artifact) -> dict[str, Fields]:
    """The groups of the manifest by their names."""
    found: dict[str, Fields] = {}
    for raw in manifest.section("groups").values():
        with suppress(RefusedRecord):
            group = Fields(raw)
            found[group.required("name")] = group
    return found


def _listed(results: Artifact) -> list[Any]:
    """The results as they came. Raises LoaderError where there is no list of them."""
    found = results.content.content.get("results")
    if not isinstance(found, list):
        message = f"{results.name}: 'results' is no list: load the file as dbt wrote it"
        raise LoaderError(DbtRule.NO_ARTIFACT, message)
    return cast("list[Any]", found)


def _place(artifact: Artifact, section: str, id_: str) -> str:
    return f"{artifact.name}: {section}[{id_[:200]!r}]"


def _refused(record: Record, problem: Problem) -> Record:
    return Record(record.place, record.raw, identifier=record.identifier, problem=problem)
