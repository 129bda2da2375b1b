"""The write plan as a function: what it leaves behind."""

from __future__ import annotations

import gc
from datetime import UTC, date, datetime

from catalog.batch import Batch, EdgeStatement, NodeStatement
from catalog.model import MODEL
from catalog.model.data import Dataset
from catalog.model.own import Source
from catalog.model.people import Agency
from catalog.stores.layout import Tables
from catalog.stores.plan import plan
from catalog.stores.state import State
from catalog.urn import key


def test_a_plan_goes_with_what_it_was_made_of_and_waits_for_no_collector() -> None:
    """In a large load garbage is looked for rarely: a plan in a circle would keep several batches at once."""
    source, agency, dataset = key("source", "s"), key("agency", "a"), key("dataset", "d")
    batch = Batch(source, "test", datetime(2022, 1, 1, tzinfo=UTC), date(2022, 1, 1))
    batch.nodes += map(
        NodeStatement,
        (
            Source(urn=source, title="S"),
            Agency(urn=agency, name="A"),
            Dataset(urn=dataset, identifier="d", title="D"),
        ),
    )
    batch.edges.append(EdgeStatement(Dataset.held_by, dataset, agency))
    gc.collect()
    gc.disable()
    try:
        assert plan(batch, State(0, 1, b"key", {}, []), Tables(MODEL)).new_edges
        assert gc.collect() == 0
    finally:
        gc.enable()
