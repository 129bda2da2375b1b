"""One node of a manifest as statements: its job, the datasets that it makes or finds, and what flows (domain 9)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from catalog.batch import EdgeStatement, NodeStatement
from catalog.model.data import Dataset
from catalog.model.enums import DataForm
from catalog.model.lineage import Flow, Job
from catalog.model.own import Source
from lineage.flows import feeds, flow_urn
from loaders.dbt.columns import columns_of
from loaders.dbt.naming import JOBS, Names, Table
from loaders.dbt.project import Node
from loaders.fields import Fields
from loaders.own_words import keep_words
from loaders.record import Record

__all__ = ["Owners", "add_lineage", "state_job", "state_table"]

_VOLATILE = "created_at"
"""When dbt last read the file that a node is written in: of a node that did not change it is another each time."""


@dataclass(frozen=True, slots=True)
class Owners:
    """Who answers for nodes: the owner that a node names, else that of its group. dbt asks for a name or an address."""

    groups: Mapping[str, Fields] = field(default_factory=dict[str, Fields])
    """The groups of the manifest by their names."""

    def of(self, node: Fields) -> tuple[str | None, str | None]:
        """The name and the e-mail address, as far as there are any. Raises RefusedRecord."""
        owner = node.object("owner")
        config = node.object("config")
        group = self.groups.get(node.text("group") or (config.text("group") if config else None) or "")
        if owner is None and group is not None:
            owner = group.object("owner")
        return (owner.text("name"), owner.text("email")) if owner else (None, None)


def state_job(node: Node, record: Record, names: Names, owners: Owners) -> None:
    """Add the job of a node to its record. Raises RefusedRecord, naming the field."""
    fields = node.fields
    name, email = owners.of(fields)
    kind = fields.text("type") if node.kind == "exposure" else None
    job = Job(
        urn=names.job(node.id),
        namespace=JOBS,
        name=node.id,
        kind_of_job=f"dbt {node.kind.replace('_', ' ')}" + (f": {kind}" if kind else ""),
        description=fields.prose("description"),
        owner=name or email,
    )
    record.nodes.append(NodeStatement(job))


def state_table(
    node: Node, table: Table, record: Record, *, found: Fields | None, owners: Owners, source: Source
) -> None:
    """Add a dataset with its columns and this project's own words. ``found`` is what the catalog has of it.

    Raises RefusedRecord, naming the field.
    """
    fields = node.fields
    is_relation = node.kind not in ("exposure", "saved_query")
    name, email = owners.of(fields)
    dataset = Dataset(
        urn=table.urn,
        identifier=node.id,
        title=table.title,
        description=fields.prose("description") or (_comment(found) if found else None),
        form=DataForm.TABLE if node.kind != "exposure" else None,
        keywords=fields.texts("tags"),
        landing_page=fields.text("url") if node.kind == "exposure" else None,
        contact_name=name,
        contact_email=email,
    )
    record.nodes.append(NodeStatement(dataset))
    for column in columns_of(table.urn, fields, found) if is_relation else ():
        record.nodes.append(NodeStatement(column))
        record.edges.append(EdgeStatement(Dataset.columns, table.urn, column.urn))
    record.restates.append((table.urn, Dataset.columns))
    content = {key: value for key, value in fields.content.items() if key != _VOLATILE}
    keep_words(
        record,
        content,
        urn=table.record,
        identifier=node.id,
        dataset=table.urn,
        source=source.urn,
        variant="dbt manifest",
    )


def add_lineage(node: Node, read: Iterable[Table], record: Record, names: Names) -> list[EdgeStatement]:
    """Add what the job of a node reads and writes, and what flows: from each table that it reads into each that it makes.

    Answers the derived edges, which belong to the records of the datasets that they leave.
    """
    job = names.job(node.id)
    derived: list[EdgeStatement] = []
    record.edges += [EdgeStatement(Job.writes, job, target.urn) for target in node.tables]
    for source in read:
        record.edges.append(EdgeStatement(Job.reads, job, source.urn))
        for target in node.tables:
            flow = Flow(urn=flow_urn(source.urn, job, target.urn))
            record.nodes.append(NodeStatement(flow))
            record.edges += [
                EdgeStatement(Flow.from_asset, flow.urn, source.urn),
                EdgeStatement(Flow.to_asset, flow.urn, target.urn),
                EdgeStatement(Flow.via, flow.urn, job),
            ]
            derived.append(feeds(flow.urn, source.urn, job, target.urn))
    return derived


def _comment(found: Fields) -> str | None:
    """What the warehouse itself says of a table."""
    metadata = found.object("metadata")
    return metadata.prose("comment") if metadata else None
