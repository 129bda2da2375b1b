"""What the events of one source have said so far: registers to which any order of events comes to the same (ADR 12).

``told`` is what one event says, ``absorb`` adds it to what is known, and ``settle`` tells jobs what their runs amount to. A run's
events add up before anything is paired: the inputs of its START flow into the outputs of its COMPLETE. So events may come in any
order, twice or late, in one process or in several: ``merge`` is commutative, associative and idempotent. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from catalog.urn import Urn, kind_of
from lineage.openlineage.event import Event, EventType
from lineage.openlineage.registers import Change, Known, Registers, Span, join
from lineage.openlineage.said import FAILED, pairs_of, said

__all__ = ["absorb", "fold", "fold_all", "merge", "settle", "told", "wanted"]


def merge(one: Known, other: Known) -> Known:
    """What follows from all events that either knows of. Neither is changed."""
    merged: Known = {}
    for known in (one, other):
        for urn, registers in known.items():
            join(merged.setdefault(urn, Registers({}, {})), registers)
    _settle_all(merged, list(merged))
    return merged


def fold(known: Known, event: Event) -> dict[Urn, Change]:
    """Add one event to what is known, as ``absorb`` does."""
    return absorb(known, told(event))


def told(event: Event) -> Known:
    """What one event says, and what follows of that alone."""
    known = said(event)
    _settle_all(known, list(known))
    return known


def absorb(known: Known, news: Known) -> dict[Urn, Change]:
    """Add what some events tell to what is known; answers how much that changed of what. What did not change is not there.

    ``news`` is what ``told`` answers of an event, or ``fold_all`` of several. ``known`` must hold what ``wanted`` names, where
    there is such.
    """
    changes: dict[Urn, Change] = {}
    grown: list[Urn] = []
    for urn, registers in news.items():
        held = known.get(urn)
        # Of what was not known before, the news tell themselves what follows.
        was_known = held is not None and not held.is_empty
        if _add(known, urn, registers, changes) and was_known:
            grown.append(urn)
    for urn in grown:
        for job, registers in settle(urn, known[urn]):
            _add(known, job, registers, changes)
    return changes


def wanted(known: Known, news: Known) -> set[Urn]:
    """The jobs that these news reach besides those they are about: of a run, and of what was dropped."""
    found: set[Urn] = set()
    for urn, registers in news.items():
        held = known.get(urn)
        if held is None or held.is_empty:
            continue  # the news are about all that follows of them alone
        if kind_of(urn) == "run" or "dropped" in held.spans or "dropped" in registers.spans:
            found.update(Urn(job) for job in held.spans.get("jobs", ()))
    return found


def fold_all(events: Iterable[Event]) -> Known:
    """What is known from these events alone."""
    known: Known = {}
    for event in events:
        fold(known, event)
    return known


def _add(known: Known, urn: Urn, registers: Registers, changes: dict[Urn, Change]) -> Change:
    held = known.get(urn)
    if held is None:
        held = known[urn] = Registers({}, {})
    change = join(held, registers)
    if change:
        changes[urn] = max(changes.get(urn, Change.NOTHING), change)
    return change


def _settle_all(known: Known, urns: Iterable[Urn]) -> None:
    for urn in urns:
        for job, registers in settle(urn, known[urn]):
            join(known.setdefault(job, Registers({}, {})), registers)


def settle(urn: Urn, registers: Registers) -> Iterator[tuple[Urn, Registers]]:
    """What a run amounts to for its jobs, and a dataset that was dropped for those that read or write it.

    It grows as the registers do: what follows from some of a run's events is within what follows from all. Where only the
    last time matters, the span begins before everything, since the first one told would depend on the order.
    """
    kind = kind_of(urn)
    if kind == "dataset" and "dropped" in registers.spans:
        (_, dropped) = registers.spans["dropped"][""]
        for job in registers.spans.get("jobs", {}):
            yield Urn(job), Registers({}, {"dropped": {urn: ("", dropped)}})
    elif kind == "run" and "events" in registers.spans:
        for job in registers.spans["jobs"]:
            found = _run_of(job, registers.spans)
            if found:
                yield Urn(job), Registers({}, found)


def _run_of(job: str, spans: Mapping[str, Mapping[str, Span]]) -> dict[str, dict[str, Span]]:
    events = spans["events"]
    span = min(first for first, _ in events.values()), max(last for _, last in events.values())
    is_complete = EventType.COMPLETE in events
    wrote = "wrote" in spans

    def listed(what: str) -> list[str]:
        found = list(spans.get(f"{what} {job}", ()))
        return found + list(spans.get(f"tried {what} {job}", ())) if wrote else found

    reads, writes = listed("reads"), listed("writes")
    made: dict[str, dict[str, Span]] = {}
    for what, keys in (("reads", reads), ("writes", writes)):
        made[what] = dict.fromkeys(keys, span)
    pairs = {"cross": pairs_of(reads, writes), "explicit": listed("explicit")}
    for what, found in pairs.items():
        made[what] = dict.fromkeys(found, span)
        if is_complete or wrote:
            made[f"{what} happened"] = made[what]
    if failures := [events[type_][1] for type_ in FAILED if type_ in events]:
        failed = max(failures)
        made["failed"] = dict.fromkeys([*pairs["cross"], *pairs["explicit"]], ("", failed))
    if is_complete:
        ended = events[EventType.COMPLETE][1]
        told = {"flows": any(pairs.values()), "reads": bool(reads), "writes": bool(writes)}
        made["completed"] = {what: ("", ended) for what, is_told in told.items() if is_told}
    return {what: keys for what, keys in made.items() if keys}
