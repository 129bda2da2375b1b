"""The flows of a job, and what of it has an end, derived from its registers (domain 3.5, 9, 9.2 A11). Pure.

A flow stands where a run that completed or wrote had it, or one that is under way states it; where all that failed, it does
not (domain 9, shape of the graph). Inputs times outputs are flows only where no facet tells what flows into an output.
``lastSeen`` stays empty until a later run that completed states a list without the flow, or one of its ends is dropped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from lineage.openlineage.registers import Registers, Span

__all__ = ["day_after", "day_of", "feeds_key", "spans_of"]

_NONE: Mapping[str, Span] = {}
_BEFORE = ("", "")


class _Sighting(NamedTuple):
    """What is known of a pair: when it was stated, and when it happened."""

    stated: Span
    happened: Span | None


def spans_of(registers: Registers) -> dict[str, list[Any]]:
    """What of a job has an end, by ``what key``: first day, last day ("" where it goes on), and what else would change it.

    Of a flow the third is the first day on which it happened, "" where it has not.
    """
    spans = registers.spans
    ended = spans.get("completed", _NONE)
    dropped = {urn: span[1] for urn, span in spans.get("dropped", _NONE).items()}
    found: dict[str, list[Any]] = {}
    flows = dict(_sightings(spans))
    completed = ended.get("flows", _BEFORE)[1]
    for pair, sighting in flows.items():
        last = sighting.stated[1]
        over = completed > last or (bool(dropped) and any(dropped.get(end, "") >= last for end in pair.split(" ")))
        happened = sighting.happened
        last_day = day_of(happened[1] if happened else last) if over else ""
        found[f"flow {pair}"] = [day_of(sighting.stated[0]), last_day, day_of(happened[0]) if happened else ""]
    for what in ("reads", "writes"):
        completed = ended.get(what, _BEFORE)[1]
        for urn, span in spans.get(what, _NONE).items():
            over = completed > span[1] or dropped.get(urn, "") >= span[1]
            found[f"{what} {urn}"] = [day_of(span[0]), day_of(span[1]) if over else ""]
    told = spans.get("steps told", _NONE)
    for step, span in spans.get("steps", _NONE).items():
        (source, _), (target, _) = (line.split(" ", 1) for line in step.split("\n"))
        flow = found.get(f"flow {source} {target}")
        if flow is not None:
            over = told.get(target, _BEFORE)[1] > span[1]
            last_day = day_of(span[1]) if over else flow[1]
            said = hashlib.sha256(bytes(registers.latest[f"@step {step}"].value)).hexdigest()[:16]
            found[f"step {step}"] = [day_of(span[0]), last_day, said]
    return found


def _sightings(spans: Mapping[str, Mapping[str, Span]]) -> Iterator[tuple[str, _Sighting]]:
    """The pairs that are flows."""
    explicit, narrowed = spans.get("explicit", _NONE), spans.get("narrowed", _NONE)
    failed = spans.get("failed", _NONE)
    happenings = _either(spans.get("cross happened", _NONE), spans.get("explicit happened", _NONE))
    for pair, stated in _either(spans.get("cross", _NONE), explicit).items():
        happened = happenings.get(pair)
        if narrowed and _is_narrowed(pair, stated, explicit, narrowed):
            continue
        if happened is None and pair in failed and failed[pair][1] >= stated[1]:
            continue
        yield pair, _Sighting(stated, happened)


def _is_narrowed(pair: str, stated: Span, explicit: Mapping[str, Span], narrowed: Mapping[str, Span]) -> bool:
    """Whether a facet tells what flows into the target, and it is not this. What was over before it told so still was."""
    since = narrowed.get(pair.partition(" ")[2])
    return since is not None and pair not in explicit and stated[1] >= since[0]


def _either(one: Mapping[str, Span], other: Mapping[str, Span]) -> Mapping[str, Span]:
    """Spans that cover those of either."""
    if not one or not other:
        return one or other
    found = {**one, **other}
    for key in one.keys() & other.keys():
        (since, until), (first, last) = one[key], other[key]
        found[key] = min(since, first), max(until, last)
    return found


def feeds_key(source: str, flow: str) -> str:
    """The key under which a dataset keeps a flow into it."""
    return f"{source} {flow}"


def day_of(moment: str) -> str:
    """The day of a stored instant, in UTC."""
    return moment[:10]


def day_after(day: str) -> date:
    """The first day no more, after a last day that counts (domain 9.2 A7)."""
    last = date.fromisoformat(day)
    return last if last == date.max else last + timedelta(days=1)
