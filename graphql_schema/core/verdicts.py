"""What the audit says of flows: of all that are live, of one, and counted by who gives to whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.model.enums_data import Classification
from graphql_schema.core.found import Answer, Listed, page_of, passes
from graphql_schema.core.roots import known_urns
from lineage.audit.day import DayAudit
from lineage.audit.facts import Flow
from lineage.audit.levels import classes_of
from lineage.audit.report import FlowRow, flow_row
from lineage.audit.verdicts import Audit, Verdict
from lineage.audit.words import VerdictKind

__all__ = ["Counts", "PathwayRow", "SummaryFound", "VerdictRow", "flow_verdicts", "pathway_summary", "verdict_of"]
__all__ += ["verdict_row"]


@dataclass(slots=True)
class VerdictRow(Answer):
    """A live flow with its verdict, and the classes of what flows."""

    row: FlowRow
    classes: tuple[Classification, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many flows have each verdict."""

    not_needed: int
    covered: int
    uncovered: int
    unknown: int

    @property
    def flows(self) -> int:
        """Of all verdicts."""
        return self.not_needed + self.covered + self.uncovered + self.unknown


def _counts(kinds: Counter[VerdictKind]) -> Counts:
    return Counts(*(kinds[kind] for kind in VerdictKind))


@dataclass(frozen=True, slots=True)
class PathwayRow:
    """The live flows from one agency to one; None: one that is not known."""

    provider: str | None
    recipient: str | None
    counts: Counts

    @property
    def place(self) -> str:
        """Where it stands: by provider, then recipient; one that is not known last."""
        return f"{self.provider or '~'} {self.recipient or '~'}"


@dataclass(slots=True)
class SummaryFound(Listed[PathwayRow]):
    """A page of pairs, and the counts of all of them."""

    counts: Counts


def verdict_of(day: DayAudit, flow: str, _args: Mapping[str, Any]) -> VerdictRow | None:
    """The verdict of a flow; None where it is not live on the day."""
    found = day.live.get(flow)
    return None if found is None else _row(day, found)


def flow_verdicts(day: DayAudit, args: Mapping[str, Any]) -> Listed[VerdictRow]:
    """A page of the verdicts of live flows, by urn of the flow: of those that pass every test that is given."""
    known_urns(args, {"provider": "Agency", "recipient": "Agency", "dataset": "Dataset"})
    if args.get("dataset") is not None:
        args = {**args, "dataset": day.audit.asof.dataset(args["dataset"])}
    flows = day.grouped.flows
    page = page_of(_places(day, args), lambda place: flows[place].id, "flow", args)
    return Listed([_row(day, flows[place]) for place in page.edges], page.total, page.has_next, page.end_cursor)


def pathway_summary(day: DayAudit, args: Mapping[str, Any]) -> SummaryFound:
    """The live flows counted by provider, recipient and verdict; a page of the pairs."""
    counted = {
        (provider, recipient): kinds
        for (provider, recipient), kinds in day.grouped.pathways.items()
        if not args["crossing"] or provider is None or provider != recipient
    }
    pairs = sorted((PathwayRow(*ends, _counts(kinds)) for ends, kinds in counted.items()), key=lambda pair: pair.place)
    page = page_of(pairs, lambda pair: pair.place, "pair", args)
    total = _counts(sum(counted.values(), Counter[VerdictKind]()))
    return SummaryFound(page.edges, page.total, page.has_next, page.end_cursor, total)


def _row(day: DayAudit, flow: Flow) -> VerdictRow:
    return verdict_row(day.audit, flow, day.verdicts[flow.id])


def verdict_row(audit: Audit, flow: Flow, verdict: Verdict) -> VerdictRow:
    """A flow with its verdict in an audit."""
    return VerdictRow(flow_row(audit, flow, verdict, flow), _classes(audit, flow))


def _classes(audit: Audit, flow: Flow) -> tuple[Classification, ...]:
    """The strictest classes of what flows, as they are shown."""
    classes = audit.classes
    return classes_of(classes.of_flowing(classes.flowing(audit.asof.flowing(flow))))


def _places(day: DayAudit, args: Mapping[str, Any]) -> Sequence[int]:
    """Where the flows stand that pass every test that is given."""
    grouped = day.grouped
    found: Sequence[int] = range(len(grouped.flows))
    if any(args.get(name) is not None for name in ("verdicts", "reasons", "why", "provider", "recipient")):
        found = grouped.places(lambda verdict: _passes(verdict, args), args.get("provider"), args.get("recipient"))
    if args["unpermitted"]:
        found = [place for place in found if grouped.flows[place].id in day.unpermitted]
    if args.get("dataset") is not None:
        there = set(found)
        found = [place for place in grouped.at.get(args["dataset"], ()) if place in there]
    if args.get("classification") is not None:
        masks = grouped.masks
        wanted = {mask for mask in set(masks) if args["classification"] in classes_of(mask)}
        found = [place for place in found if masks[place] in wanted]
    return found


def _passes(verdict: Verdict, args: Mapping[str, Any]) -> bool:
    return (
        passes(args.get("verdicts"), verdict.kind)
        and passes(args.get("reasons"), *verdict.reasons)
        and passes(args.get("why"), *verdict.why)
    )
