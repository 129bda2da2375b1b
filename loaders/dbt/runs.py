"""The results of one invocation of dbt as runs of the jobs of its nodes.

https://docs.getdbt.com/reference/artifacts/run-results-json describes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from catalog.batch import EdgeStatement, NodeStatement
from catalog.model.enums import RunState
from catalog.model.lineage import Run
from loaders.dbt.artifacts import Artifact, instant
from loaders.dbt.naming import Names
from loaders.dbt.project import Node
from loaders.dbt.rules import DbtRule
from loaders.fields import Fields, RefusedRecord
from loaders.record import Record

__all__ = ["Invocation", "read_invocation", "state_run"]

_RUNS = frozenset(("build", "clone", "retry", "run", "run-operation", "seed", "snapshot", "source", "test"))
"""The commands of dbt that do what a node says. Others (compile, docs generate, show) only write its SQL out: their
"success" says that it compiled, and nothing was read or written."""

_STATES = {
    "success": RunState.COMPLETED,
    "pass": RunState.COMPLETED,
    "warn": RunState.COMPLETED,
    "error": RunState.FAILED,
    "fail": RunState.FAILED,
    "runtime error": RunState.FAILED,
    "partial success": RunState.FAILED,
    "skipped": RunState.ABORTED,
}
"""dbt's words as ``dbt-ol`` reads them; it says nothing of "warn", a test whose finding is to stop nothing, nor of
"partial success", a model of which some batches were written."""
_WRITES = frozenset(("success", "partial success"))


@dataclass(frozen=True, slots=True)
class Invocation:
    """One call of dbt."""

    id: str
    does: bool
    """Whether it did what its nodes say, rather than write their SQL out."""


def read_invocation(results: Artifact) -> Invocation:
    """The call whose results these are. Raises LoaderError where it has no id, by which it is known the next time."""
    try:
        id_ = results.metadata.required("invocation_id")
        args = results.content.object("args")
        command = args.text("which") if args else None
    except RefusedRecord as refused:
        raise results.refusal(DbtRule.NO_ARTIFACT, refused) from None
    return Invocation(id_, command is None or command in _RUNS)


def state_run(result: Fields, record: Record, call: Invocation, nodes: Mapping[str, Node], names: Names) -> None:
    """Add the run of a result to its record. Raises RefusedRecord, naming the field."""
    id_ = result.required("unique_id")
    record.identifier = id_
    node = nodes.get(id_)
    if node is None or node.problem is not None or not node.is_job:
        message = f"the manifest has no {id_[:120]!r} that runs, or it was kept out"
        raise result.refusal(DbtRule.UNKNOWN_NODE, "unique_id", message, "load the manifest of the same run")
    status = result.required("status")
    wrote = call.does and status in _WRITES and bool(node.tables)
    started, ended = _times(result)
    run = Run(
        urn=names.run(call.id, id_),
        state=_STATES.get(status, RunState.OTHER) if call.does else RunState.OTHER,
        started_at=started,
        ended_at=ended,
        wrote=wrote if node.tables else None,
    )
    record.nodes.append(NodeStatement(run))
    record.edges.append(EdgeStatement(Run.executes, run.urn, names.job(id_)))
    if wrote:
        record.edges += [EdgeStatement(Run.outputs, run.urn, table.urn) for table in node.tables]


def _times(result: Fields) -> tuple[datetime | None, datetime | None]:
    """When it began and ended: its execution, without the compilation before. What was skipped has no times."""
    for step in result.objects("timing"):
        if step.text("name") == "execute":
            return instant(step, "started_at"), instant(step, "completed_at")
    return None, None
