"""Jobs, runs and columns for the hand-made graph: what reads and writes its datasets, and how their columns depend."""

from __future__ import annotations

from datetime import UTC, date, datetime

from catalog.access import Audience
from catalog.batch import Batch, EdgeStatement, NodeStatement
from catalog.model.data import Column, Dataset
from catalog.model.declare import Entity, Relation
from catalog.model.enums import Derivation, RunState, TransformationKind
from catalog.model.lineage import ColumnFlow, Flow, Job, Run
from catalog.urn import Urn, key, part
from tests.graphql.graph import ENROLLMENT, OUTCOMES, REGISTER, SOURCE

__all__ = ["AUDIT", "COLLECT", "COUNT", "COUNTED", "GRADE", "MATCH", "SASID", "TOWN", "run", "work"]

COLLECT, MATCH, AUDIT = (key("job", "test", name) for name in ("collect", "match", "audit"))
GRADE, SASID = (part(ENROLLMENT, "column", name) for name in ("grade", "SASID"))
COUNT, TOWN = (part(OUTCOMES, "column", name) for name in ("count", "town"))
COUNTED = "count(distinct SASID)"
"""What is done to SASID, in words."""
_SECRET = part(REGISTER, "column", "ssn")


def run(day: str) -> Urn:
    """The run of the match on a day of 2022."""
    return key("run", "test", day)


def work() -> Batch:
    """Collect writes Enrollment; match reads that and the hidden register and writes Outcomes; audit, for staff, reads it.

    Of Outcomes, count depends on grade (grouped by it), on SASID (counted, masked) and on a column of the register; grade
    depends on town, until 2022-02-01.
    """
    batch = Batch(SOURCE, "test", datetime(2022, 1, 5, tzinfo=UTC), date(2022, 1, 5))
    public, staff = Audience.PUBLIC, Audience.STAFF

    def add(entity: Entity, audience: Audience = public, until: date | None = None) -> None:
        batch.nodes.append(NodeStatement(entity, audience, valid_to=until))

    def tie(relation: Relation, tail: Urn, *heads: Urn, since: date | None = None) -> None:
        batch.edges.extend(EdgeStatement(relation, tail, head, since) for head in heads)

    for job, audience in ((COLLECT, public), (MATCH, public), (AUDIT, staff)):
        add(Job(urn=job, namespace="test", name=job.rpartition(":")[2], kind_of_job="batch"), audience)
    tie(Job.writes, COLLECT, ENROLLMENT, since=date(2022, 1, 10))
    tie(Job.reads, MATCH, ENROLLMENT, REGISTER)
    tie(Job.writes, MATCH, OUTCOMES)
    tie(Job.reads, AUDIT, OUTCOMES)
    for day in ("03-01", "04-01"):
        started = datetime.fromisoformat(f"2022-{day}T23:59:59+00:00")
        add(Run(urn=run(day), state=RunState.COMPLETED, started_at=started))
        tie(Run.executes, run(day), MATCH)
    for column, audience in ((COUNT, public), (TOWN, public), (_SECRET, staff)):
        add(Column(urn=column, name=column.rpartition("#")[2]), audience)
    tie(Dataset.columns, OUTCOMES, COUNT, TOWN)
    tie(Dataset.columns, REGISTER, _SECRET)
    flow = key("flow", "test", "match")
    add(Flow(urn=flow, title="Match"))
    tie(Flow.from_asset, flow, ENROLLMENT)
    tie(Flow.to_asset, flow, OUTCOMES)
    tie(Flow.via, flow, MATCH)
    counted, grouped, joined, former = (
        key("column-flow", "test", name) for name in ("counted", "grouped", "joined", "former")
    )
    direct, indirect, summed = Derivation.DIRECT, Derivation.INDIRECT, TransformationKind.AGGREGATE
    add(ColumnFlow(urn=counted, derivation=direct, transformation=summed, masking=True, description=COUNTED))
    add(ColumnFlow(urn=grouped, derivation=indirect, subtype="GROUP_BY"))
    add(ColumnFlow(urn=joined, derivation=indirect, subtype="JOIN"))
    add(ColumnFlow(urn=former, derivation=direct), until=date(2022, 2, 1))
    for step, source, target in (
        (counted, SASID, COUNT),
        (grouped, GRADE, COUNT),
        (joined, _SECRET, COUNT),
        (former, TOWN, GRADE),
    ):
        tie(ColumnFlow.from_column, step, source)
        tie(ColumnFlow.to_column, step, target)
        tie(ColumnFlow.part_of_flow, step, flow)
    return batch
