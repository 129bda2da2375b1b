"""Batches on their way from the process that reads them."""

from __future__ import annotations

import gc

from catalog.batch import EdgeStatement, NodeStatement
from catalog.model.data import Dataset
from catalog.model.people import Agency
from catalog.urn import key
from loaders.batches import packed
from loaders.record import Record


def test_a_batch_that_was_sent_waits_for_no_collector() -> None:
    """Garbage is looked for rarely: what sends a batch, in a circle, would keep all of the batches before it."""
    agency, dataset = key("agency", "a"), key("dataset", "d")
    nodes = [
        NodeStatement(Agency(urn=agency, name="A")),
        NodeStatement(Dataset(urn=dataset, identifier="d", title="D")),
    ]
    record = Record("here", {"a": 1}, nodes, [EdgeStatement(Dataset.held_by, dataset, agency)])
    packed([record])
    gc.collect()
    gc.disable()
    try:
        assert packed([record])
        assert gc.collect() == 0
    finally:
        gc.enable()
