"""How much is kept of one job. A job that writes to a new name each day would else be kept with all of them for ever."""

from __future__ import annotations

from lineage.openlineage.record import Record

__all__ = ["KEPT_SPANS", "MAX_SPANS", "forget"]

MAX_SPANS = 4_000
"""Flows, steps, reads and writes that the record of a job holds."""
KEPT_SPANS = 3_000
"""So many are left where there were more: those that go on, and of the others the latest."""

_OF = {
    "flow": ("cross", "cross happened", "explicit", "explicit happened", "failed"),
    "step": ("steps",),
    "reads": ("reads",),
    "writes": ("writes",),
}


def forget(record: Record) -> None:
    """Let go of what is over longest, where there is too much. The graph keeps it; an event about it begins it anew."""
    if len(record.spans) <= MAX_SPANS:
        return
    over = sorted((values[1], name) for name, values in record.spans.items() if values[1])
    for _, name in over[: len(record.spans) - KEPT_SPANS]:
        what, _, key = name.partition(" ")
        del record.spans[name]
        for kept in _OF[what]:
            record.registers.spans.get(kept, {}).pop(key, None)
        record.registers.latest.pop(f"@step {key}", None)
