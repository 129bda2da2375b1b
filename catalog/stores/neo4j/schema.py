"""The schema of a Neo4j, derived from the model: its constraints and indexes, and the state that a database keeps.

Nodes carry their kind's label and ``Resource``; an edge that was retracted is kept under the type ``WAS`` with its own
type as a property, the earlier words of a node as a ``WaypostSnapshot``, what was worked out of the graph as the pieces of a
``WaypostImage``; ``WaypostMeta`` is the graph's own state, and the node whose lock orders writes. Community edition has no
existence or type constraints: the write plan keeps those rules.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec

from catalog.stores.layout import EDGE_SYSTEM, KindLayout, Tables

__all__ = ["BASE", "SCHEMA_VERSION", "Index", "Model", "model_of", "names_of", "wanted"]

SCHEMA_VERSION = 1
"""Grows when what is stored changes in a way that an older version would misread."""


@dataclass(frozen=True, slots=True)
class Index:
    """A constraint or an index: its definition, as ``SHOW INDEXES`` tells of it."""

    name: str
    type: str
    """RANGE or FULLTEXT."""
    entity: str
    """NODE or RELATIONSHIP."""
    of: str
    """The label or relationship type."""
    properties: tuple[str, ...]
    unique: bool = False

    def create(self) -> str:
        """The statement that makes it."""
        if self.unique:
            (prop,) = self.properties
            return f"CREATE CONSTRAINT {self.name} IF NOT EXISTS FOR (n:{self.of}) REQUIRE n.{prop} IS UNIQUE"
        listed = ", ".join(f"n.{p}" for p in self.properties)
        if self.type == "FULLTEXT":
            return (
                f"CREATE FULLTEXT INDEX {self.name} IF NOT EXISTS FOR (n:{self.of}) ON EACH [{listed}] "
                f"OPTIONS {{indexConfig: {{`fulltext.analyzer`: '{ANALYZER}'}}}}"
            )
        pattern = f"(n:{self.of})" if self.entity == "NODE" else f"()-[n:{self.of}]-()"
        return f"CREATE INDEX {self.name} IF NOT EXISTS FOR {pattern} ON ({listed})"

    def drop(self) -> list[str]:
        """The statements that take away what has its name: a constraint keeps its index, so it goes first."""
        return [f"DROP CONSTRAINT {self.name} IF EXISTS", f"DROP INDEX {self.name} IF EXISTS"]

    def told(self) -> list[Any]:
        """The row that a Neo4j answers for it."""
        analyzer = ANALYZER if self.type == "FULLTEXT" else None
        return [self.name, self.type, self.entity, [self.of], list(self.properties), self.unique, analyzer]


ANALYZER = "whitespace"
"""Searched text is kept as tokens of our own making (ADR 5): nothing is left to analyse."""

BASE = (
    Index("waypost_meta", "RANGE", "NODE", "WaypostMeta", ("id",), unique=True),
    Index("waypost_migration", "RANGE", "NODE", "WaypostMigration", ("name",), unique=True),
    Index("waypost_snapshot", "RANGE", "NODE", "WaypostSnapshot", ("key",), unique=True),
    Index("waypost_resource_revision", "RANGE", "NODE", "Resource", ("revision", "urn")),
    Index("waypost_snapshot_revision", "RANGE", "NODE", "WaypostSnapshot", ("revision", "key")),
    Index("waypost_was_revision", "RANGE", "RELATIONSHIP", "WAS", ("revision", "id")),
)
"""What there is whatever the model declares."""


def wanted(tables: Tables) -> list[Index]:
    """The constraints and indexes of a model, those of ``BASE`` first."""
    found = list(BASE)
    for layout in tables.by_label.values():
        found += _of_kind(layout)
    for type_ in tables.model.relations:
        found.append(Index(f"revision_{type_}", "RANGE", "RELATIONSHIP", type_, ("revision", "id")))
    return found


def _of_kind(layout: KindLayout) -> list[Index]:
    label = layout.kind.label
    found = [Index(f"urn_{label}", "RANGE", "NODE", label, ("urn",), unique=True)]
    found += [Index(f"sort_{label}_{p.name}", "RANGE", "NODE", label, (f"{p.name}_sort", "urn")) for p in layout.sorts]
    found += [Index(f"value_{label}_{p.name}", "RANGE", "NODE", label, (p.name,)) for p in layout.props if p.index]
    if layout.kind.placeholder:
        found.append(Index(f"opaque_{label}", "RANGE", "NODE", label, ("opaque",)))
    if layout.searchable:
        found.append(Index(f"search_{label}", "FULLTEXT", "NODE", label, ("search_text",)))
    return found


def names_of(tables: Tables) -> list[str]:
    """Every property a statement may name. Neo4j warns of one that it has never seen, on an empty graph of every one."""
    columns = {c.name for layout in tables.by_label.values() for c in layout.columns()}
    facts = {p.name for found in tables.model.relations.values() for relation in found for p in relation.props}
    state = {"was", "snapshot_of", "key", "lease", "lease_until", "lock", "model", "digest", "next_edge", "opaque_key"}
    state |= {"version", "types", "settled", "name", "checksum", "at"}
    state |= {"maker", "made", "piece", "pieces", "content"}
    return sorted({*columns, *facts, *EDGE_SYSTEM, *state})


class Model(msgspec.Struct, frozen=True):
    """What a database was last brought to: the names it may hold, and how what is derived was derived."""

    kinds: dict[str, dict[str, str]]
    """Label to property to shape."""
    relations: dict[str, dict[str, str]]
    """Relationship type to property to shape."""
    derived: dict[str, str]
    """Label to ``KindLayout.derivation``."""
    indexes: list[str]
    """The statements that make them."""

    def text(self) -> str:
        """As the database keeps it."""
        return msgspec.json.encode(self).decode()

    def digest(self) -> str:
        """Tells one model from another."""
        return hashlib.sha256(msgspec.json.encode([SCHEMA_VERSION, self])).hexdigest()


@lru_cache(maxsize=8)
def model_of(tables: Tables) -> Model:
    """What a database is brought to by this version."""
    return Model(
        kinds={label: {p.name: p.shape.value for p in each.props} for label, each in tables.by_label.items()},
        relations={
            type_: {p.name: p.shape.value for p in found[0].props} for type_, found in tables.model.relations.items()
        },
        derived={label: each.derivation() for label, each in tables.by_label.items()},
        indexes=[index.create() for index in wanted(tables)],
    )
