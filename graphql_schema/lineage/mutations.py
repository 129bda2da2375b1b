"""Mutations of the lineage domain: what flows, and who looked at what is let out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from catalog.access import PUBLIC_READER, STAFF_READER, Audience
from catalog.batch import Batch, EdgeStatement, NodeStatement
from catalog.by_hand import BY_HAND
from catalog.forms import Form, Written
from catalog.model.disclosure import DisclosureReview as ReviewKind
from catalog.model.lineage import Flow as FlowKind
from catalog.model.own import LineageRecord
from catalog.selection import Compare, Op, Select, Selection
from catalog.sources import present
from catalog.urn import Urn, kind_of
from graphql_schema.core.context import Context
from graphql_schema.core.declare import roots
from graphql_schema.core.mutations import done, mutation, thing
from graphql_schema.lineage.types import DisclosureReview, Flow
from lineage.by_hand import feed
from lineage.flows import Feeding, flow_urn
from lineage.openlineage.record import Record, decode_record, encode_record, record_urn

__all__ = ["LineageMutation"]


def _flow_of(content: Mapping[str, Any]) -> Urn:
    """The same ends, job and purpose are the same flow (the domain's key)."""
    purposes = content.get("for_purpose") or ()
    purpose = purposes[0] if len(purposes) == 1 else None
    return flow_urn(content["from_asset"], content.get("via"), content["to_asset"], purpose)


async def _feed(written: Written, batch: Batch, context: Context) -> None:
    """State which dataset feeds which, as it follows from all flows that are stated by hand."""
    heads = {edge.relation.name: edge.head for edge in batch.edges if edge.tail == written.urn}
    source, target = heads[FlowKind.from_asset.name], heads[FlowKind.to_asset.name]
    if {kind_of(source), kind_of(target)} != {"dataset"}:
        return
    store, day = context.store, batch.day
    urn = record_urn(BY_HAND.urn, source)
    asked = Select("LineageRecord", ("registers",), Compare("urn", Op.EQ, urn), first=1, ever=True)
    rows = (await store.select(Selection(asked, STAFF_READER, day))).rows
    public = await present((source, target, written.urn), store, PUBLIC_READER, day)
    audience = next(node.audience for node in batch.nodes if node.entity.urn == written.urn)
    is_public = audience is Audience.PUBLIC or (audience is None and written.urn in public)
    kept = LineageRecord(urn=urn, about=source, registers=rows[0]["registers"]) if rows else None
    record = decode_record(kept.registers) if kept else Record()
    batch.expects[urn] = kept
    flow = cast("FlowKind", written.entity)
    feeding = Feeding(flow.urn, heads.get(FlowKind.via.name), flow.first_seen, flow.last_seen)
    edge = feed(record, source, target, feeding, tells=is_public or not {source, target} <= public)
    batch.nodes.append(NodeStatement(encode_record(urn, source, record)))
    if isinstance(edge, EdgeStatement):
        batch.edges.append(edge)
    elif edge is not None:
        batch.retracts_edges.append(edge)


_FLOW = Form("Flow", about=(FlowKind.from_asset, FlowKind.to_asset), identify=_flow_of)
_REVIEW = Form("DisclosureReview", about=(ReviewKind.reviews,), must=("decided_on",))


@done("A flow that was stated, by whom and why.")
class StatedFlow:
    """See the description."""

    flow: Flow | None = thing("Flow")


@done("A look at what a job makes that was recorded, by whom and why.")
class ReviewedProcess:
    """See the description."""

    disclosure_review: DisclosureReview | None = thing("DisclosureReview")


@roots
class LineageMutation:
    """See the fields."""

    state_flow: StatedFlow | None = mutation(
        "stateFlow",
        _FLOW,
        "State that data moves, has moved or is to move, from one dataset or system to another.",
        then=_feed,
    )
    review_process: ReviewedProcess | None = mutation(
        "reviewProcess",
        _REVIEW,
        "Record what a review of a process decided; it speaks for runs after the day of the decision.",
    )
