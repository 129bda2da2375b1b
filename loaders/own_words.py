"""What a source says of a dataset, word for word: kept beside what was made of it (``design.md`` section 2)."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from catalog.access import Audience
from catalog.batch import EdgeStatement, NodeStatement
from catalog.model.own import CatalogRecord
from catalog.urn import Urn
from loaders.record import Record

__all__ = ["keep_words"]


def keep_words(
    record: Record,
    content: Any,
    *,
    urn: Urn,
    identifier: str,
    dataset: Urn,
    source: Urn,
    variant: str,
    audience: Audience | None = None,
) -> None:
    """Add the catalog record of a dataset to what is stated. ``content`` is a value of JSON, ``variant`` the form it has."""
    raw = msgspec.json.encode(content)
    kept = CatalogRecord(
        urn=urn,
        identifier=identifier,
        raw=raw.decode(),
        content_hash=hashlib.sha256(raw).hexdigest(),
        schema_variant=variant,
    )
    record.nodes.append(NodeStatement(kept, audience))
    record.edges += [
        EdgeStatement(CatalogRecord.describes, urn, dataset),
        EdgeStatement(CatalogRecord.in_catalog, urn, source),
    ]
