"""What things of a dbt project are called: as OpenLineage's integration of dbt (``dbt-ol``) calls them, so that they meet.

A dataset is (namespace of the warehouse, ``database.schema.table``), a job (``dbt``, unique id of its node). A manifest does
not tell where the warehouse is: only of BigQuery the namespace follows without it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass

from catalog.urn import Urn, key, openlineage
from loaders.dbt.artifacts import Artifact
from loaders.fields import Fields, RefusedRecord

__all__ = ["JOBS", "Names", "Table", "main_database", "project_name"]

JOBS = "dbt"
"""The namespace of jobs; ``dbt-ol`` has it where OPENLINEAGE_NAMESPACE says nothing else."""

_NAMESPACES = {"bigquery": "bigquery"}
"""The namespaces that follow from the kind of warehouse alone."""


@dataclass(frozen=True, slots=True)
class Table:
    """What a node makes or stands for: a dataset, by its OpenLineage name."""

    urn: Urn
    record: Urn
    """What this project says of it."""
    title: str


class Names:
    """The URNs of one project's things. Each raises InvalidUrn where a name is too long or none."""

    def __init__(self, project: str, adapter: str | None, namespace: str | None) -> None:
        self.project = project
        self.namespace = namespace or _NAMESPACES.get(adapter or "") or f"dbt://{project}"
        self.is_assumed = namespace is None and adapter not in _NAMESPACES

    def table(self, database: str | None, schema: str | None, name: str, title: str) -> Table:
        """A table or view of the warehouse. Some warehouses have no databases, or no schemas."""
        return self.dataset((self.namespace, ".".join(filter(None, (database, schema, name)))), title)

    def dataset(self, name: tuple[str, str], title: str) -> Table:
        """A dataset by its OpenLineage namespace and name."""
        record = key("catalog-record", "dbt", self.project, *name)
        return Table(openlineage("dataset", *name), record, title)

    def job(self, node: str) -> Urn:
        """The job of a node."""
        return openlineage("job", JOBS, node)

    def run(self, invocation: str, node: str) -> Urn:
        """The run of a node in one invocation of dbt, which gives the runs of nodes no ids of their own."""
        return key("run", "dbt", invocation, node)


def project_name(manifest: Artifact) -> str | None:
    """The name of the project; older manifests have only its MD5, so that one of their packages must be it.

    Raises LoaderError where it is no text.
    """
    stated = manifest.told("project_name")
    wanted = manifest.told("project_id")
    if stated or not wanted:
        return stated
    packages = {node.split(".")[1] for node in manifest.section("nodes") if node.count(".") > 1}
    return next((p for p in sorted(packages) if _digest(p) == wanted), wanted)


def main_database(manifest: Artifact) -> str | None:
    """The database that most models are built in; a manifest does not name its target."""
    counts: Counter[str] = Counter()
    for id_, node in manifest.section("nodes").items():
        with suppress(RefusedRecord):
            if id_.startswith("model.") and (database := Fields(node).text("database")):
                counts[database] += 1
    return min(counts, key=lambda name: (-counts[name], name), default=None)


def _digest(name: str) -> str:
    return hashlib.md5(name.encode(errors="replace"), usedforsecurity=False).hexdigest()
