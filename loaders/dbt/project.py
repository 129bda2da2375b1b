"""The nodes of a manifest, and which tables each of them reads and makes.

Not every node is a table. An ephemeral model has no relation in the database: dbt puts its SQL into that of the models which
refer to it (https://docs.getdbt.com/docs/build/materializations). So do semantic models and metrics with what asks for them.
Each is a job that reads and writes nothing; what refers to it reads what it reads, or lineage would end there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.errors import InvalidUrn
from catalog.urn import Urn
from loaders.dbt.artifacts import Artifact
from loaders.dbt.naming import JOBS, Names, Table
from loaders.dbt.rules import DbtRule
from loaders.fields import Fields, RefusedRecord, Rule
from loaders.record import Problem

__all__ = ["SECTIONS", "Node", "problem_of", "read_nodes", "reads"]

SECTIONS = ("nodes", "sources", "exposures", "metrics", "semantic_models", "saved_queries", "unit_tests", "functions")
"""The parts of a manifest that hold nodes. Macros, docs, groups and selectors are none; what is disabled is no part of it."""

_TABLES = ("model", "seed", "snapshot", "source")
_OTHERS = (
    "analysis",
    "exposure",
    "function",
    "metric",
    "operation",
    "saved_query",
    "semantic_model",
    "sql_operation",
    "test",
    "unit_test",
)
_READS_NOTHING = ("source", "unit_test")
"""A unit test depends on a model and reads rows that are written into it."""


@dataclass(slots=True)
class Node:
    """A node of a manifest, as far as the others are concerned."""

    id: str
    section: str
    raw: Any
    kind: str = ""
    fields: Fields = field(default_factory=lambda: Fields({}))
    refers_to: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    is_read: bool = False
    """Whether its tables are known, whatever else may be wrong with it."""
    problem: Problem | None = None

    @property
    def is_job(self) -> bool:
        """Whether dbt does it: everything but the tables that it finds."""
        return self.kind != "source"


def read_nodes(manifest: Artifact, names: Names) -> dict[str, Node]:
    """Every node of a manifest by its unique id, those that break a rule among them, with their problem."""
    nodes: dict[str, Node] = {}
    for section in SECTIONS:
        for id_, raw in manifest.section(section).items():
            node = nodes[id_] = Node(id_, section, raw)
            try:
                _read(node, names)
            except (RefusedRecord, InvalidUrn) as error:
                node.problem = problem_of(error)
    for node in nodes.values():
        if node.problem is None:
            node.problem = _dangling(node, nodes)
    return nodes


def reads(node: Node, nodes: Mapping[str, Node]) -> list[Table]:
    """The tables that a node reads, itself or through nodes that are none, in the order of their URNs.

    What was kept out is passed over.
    """
    found: dict[Urn, Table] = {}
    seen, ahead = {node.id}, [] if node.kind in _READS_NOTHING else list(node.refers_to)
    while ahead:
        id_ = ahead.pop()
        if id_ in seen or nodes[id_].problem is not None:
            continue
        seen.add(id_)
        if nodes[id_].tables:
            found |= {table.urn: table for table in nodes[id_].tables}
        else:
            ahead += nodes[id_].refers_to
    return [found[urn] for urn in sorted(found)]


def problem_of(error: RefusedRecord | InvalidUrn) -> Problem:
    """Why a record is kept out."""
    if isinstance(error, RefusedRecord):
        return error.problem
    return Problem(Rule.IDENTIFIER, "$.unique_id", str(error), "give it a shorter name of characters that can be seen")


def _read(node: Node, names: Names) -> None:
    fields = node.fields = Fields(node.raw)
    stated = fields.identifier("unique_id")
    if stated != node.id:
        message = f"{stated[:60]!r} stands under {node.id[:60]!r}"
        raise fields.refusal(DbtRule.UNIQUE_ID, "unique_id", message, "load the manifest as dbt wrote it")
    node.kind = fields.required("resource_type")
    if node.kind not in _TABLES + _OTHERS:
        message = f"{node.kind[:60]!r} is no type of node that is known here"
        raise fields.refusal(DbtRule.RESOURCE_TYPE, "resource_type", message, "ask for it to be added")
    depends_on = fields.object("depends_on")
    node.refers_to = depends_on.texts("nodes") if depends_on else ()
    node.tables = tuple(_tables(node, names))
    node.is_read = True


def _tables(node: Node, names: Names) -> Iterator[Table]:
    """The tables that a node stands for, as dbt makes them."""
    fields = node.fields
    if node.kind == "exposure":
        # What is made of the data outside of dbt: its name is the project's.
        yield names.dataset((JOBS, node.id), fields.text("label") or fields.required("name"))
    elif node.kind == "saved_query":
        for export in fields.objects("exports"):
            config = export.object("config") or Fields({})
            name = config.text("alias") or export.required("name")
            yield names.table(config.text("database"), config.text("schema_name"), name, name)
    elif _has_relation(node):
        # The name in the database. A node's own is another where the project says so.
        own = fields.required("name")
        name = fields.text("identifier" if node.kind == "source" else "alias") or own
        version = fields.text("version")
        title = f"{own} v{version}" if version else own
        yield names.table(fields.text("database"), fields.text("schema"), name, title)


def _has_relation(node: Node) -> bool:
    config = node.fields.object("config")
    if node.kind == "test":  # one that keeps the rows that fail
        return node.fields.has("relation_name")
    return node.kind in _TABLES and not (config and config.text("materialized") == "ephemeral")


def _dangling(node: Node, nodes: Mapping[str, Node]) -> Problem | None:
    missing = next((id_ for id_ in node.refers_to if id_ not in nodes), None)
    if missing is None:
        return None
    message = f"the manifest has no {missing[:120]!r}"
    return Problem(DbtRule.UNKNOWN_NODE, "$.depends_on.nodes", message, "load the manifest as dbt wrote it, whole")
