"""How much is kept of one job or dataset. A job that writes to a new name each day would else be kept with all of them.

Below the bounds nothing is lost. Above them the graph keeps everything, and what is let go of begins anew with an event that
speaks of it.
"""

from __future__ import annotations

import msgspec

from lineage.openlineage.record import Record
from lineage.openlineage.registers import Registers, Span

__all__ = ["KEPT_SPANS", "MAX_COLUMNS", "MAX_FEEDS", "MAX_SCHEMAS", "MAX_SPANS", "forget", "listed_columns"]

MAX_SPANS = 4_000
"""Flows, steps, reads and writes that the record of a job holds."""
KEPT_SPANS = 3_000
"""So many are left where there were more: those that go on, and of the others the latest."""
MAX_FEEDS = 4_000
"""Flows into it that the record of a dataset holds; those that go on are kept in any case."""
MAX_SCHEMAS = 50
"""Sets of columns that the record of a dataset holds; of older ones it keeps when each column was listed."""
MAX_COLUMNS = 10_000
"""Columns of older schemas that it keeps."""

_OF = {
    "flow": ("cross", "cross happened", "explicit", "explicit happened", "failed"),
    "step": ("steps",),
    "reads": ("reads",),
    "writes": ("writes",),
}


def forget(record: Record) -> None:
    """Let go of what is over longest, where there is too much."""
    if len(record.spans) > MAX_SPANS:
        _forget_spans(record)
    if len(record.feeds) > MAX_FEEDS:
        over = sorted((feed.last, name) for name, feed in record.feeds.items() if feed.last)
        for _, name in over[: len(record.feeds) - MAX_FEEDS]:
            del record.feeds[name]
    if len(record.registers.spans.get("schemas", ())) > MAX_SCHEMAS:
        _forget_schemas(record.registers)


def listed_columns(registers: Registers) -> dict[str, Span]:
    """When each column was first and last listed: over all schemas that list it."""
    found = dict(registers.spans.get("columns", {}))
    for digest, span in registers.spans.get("schemas", {}).items():
        _list(registers, digest, span, found)
    return found


def _list(registers: Registers, digest: str, span: Span, found: dict[str, Span]) -> None:
    for name in msgspec.json.decode(registers.latest[f"@columns {digest}"].value, type=list[str]):
        first, last = found.get(name, span)
        found[name] = min(first, span[0]), max(last, span[1])


def _forget_spans(record: Record) -> None:
    over = sorted((values[1], name) for name, values in record.spans.items() if values[1])
    for _, name in over[: len(record.spans) - KEPT_SPANS]:
        what, _, key = name.partition(" ")
        del record.spans[name]
        for kept in _OF[what]:
            record.registers.spans.get(kept, {}).pop(key, None)
        record.registers.latest.pop(f"@step {key}", None)


def _forget_schemas(registers: Registers) -> None:
    schemas = registers.spans["schemas"]
    columns = registers.spans.setdefault("columns", {})
    oldest = sorted(schemas, key=lambda digest: (schemas[digest][1], digest))
    for digest in oldest[: len(schemas) - MAX_SCHEMAS]:
        _list(registers, digest, schemas.pop(digest), columns)
        del registers.latest[f"@columns {digest}"]
    for name in sorted(columns, key=lambda each: (columns[each][1], each))[: max(len(columns) - MAX_COLUMNS, 0)]:
        del columns[name]
