"""Who says what: each source's words of a flow and of an edge, also where two disagree (ADR 10, 13)."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from catalog.access import PUBLIC_READER, STAFF_READER, Audience
from catalog.batch import Batch, NodeStatement
from catalog.model.data import Dataset
from catalog.urn import key, openlineage
from lineage.flows import flow_urn
from lineage.openlineage.event import read_event
from loaders.openlineage.intake import Intake
from loaders.openlineage.loader import events_source
from tests.graphql.graph import Asker, open_store
from tests.support.openlineage import event

ONE, OTHER = events_source("one"), events_source("other", 40)
A, B = (openlineage("dataset", "warehouse", name) for name in "ab")
FLOW = flow_urn(A, openlineage("job", "etl", "j"), B)
_SAID = "said { source precedence since validFrom validTo closedReason words { property value } }"
_QUERY = f"""query ($flow: ID!, $dataset: ID!) {{
  node(urn: $flow) {{ {_SAID} ... on Flow {{ firstSeen lastSeen }} }}
  dataset(urn: $dataset, asOf: "2026-11-03") {{ upstream {{ edges {{ source since until node {{ urn }} }} }} }}
}}"""


def test_two_sources_that_disagree_are_both_shown(tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        store = runner.run(open_store(tmp_path / "graph.db", []))
        # By one the flow ended, by the other it goes on, from an earlier day.
        for source, days in ((ONE, ("03", "05")), (OTHER, ("02",))):
            told = [event("COMPLETE", day, run=day, inputs="a", outputs="b") for day in days[:1]]
            told += [event("COMPLETE", day, run=day, inputs="c", outputs="d") for day in days[1:]]
            runner.run(Intake(store, source, "test").take([read_event(each) for each in told]))
        asker = Asker(store, runner)
        found = asker.data(_QUERY, flow=FLOW, dataset=B, reader=STAFF_READER)
        said = {saying["source"]: saying for saying in found["node"]["said"]}
        assert list(said) == [OTHER.urn, ONE.urn], "the first in rank first"
        words = {
            source: {word["property"]: json.loads(word["value"]) for word in saying["words"]}
            for source, saying in said.items()
        }
        assert words == {
            OTHER.urn: {"title": "a to b", "first_seen": "2026-11-02"},
            ONE.urn: {"title": "a to b", "first_seen": "2026-11-03", "last_seen": "2026-11-03"},
        }
        assert [said[urn]["precedence"] for urn in said] == [40, 60]
        edges = sorted(found["dataset"]["upstream"]["edges"], key=lambda edge: edge["since"])
        assert [(edge["source"], edge["since"], edge["until"]) for edge in edges] == [
            (OTHER.urn, "2026-11-02", None),
            (ONE.urn, "2026-11-03", "2026-11-04"),
        ]
        runner.run(store.close())


def test_of_a_node_that_one_source_speaks_of_it_holds_the_words_and_staff_properties_stay_hidden(
    tmp_path: Path,
) -> None:
    urn = key("dataset", "test", "x")
    source, other = key("source", "a"), key("source", "b")
    entity = Dataset(urn=urn, title="T", keywords=("k",), contact_email="x@example.org")

    def said(by: Any, stated: Dataset) -> Batch:
        at = datetime(2022, 3, 1, tzinfo=UTC)
        return Batch(
            by, "test", at, at.date(), nodes=[NodeStatement(stated, Audience.PUBLIC, valid_to=date(2030, 1, 1))]
        )

    query = f"query ($urn: ID!) {{ node(urn: $urn) {{ {_SAID} }} }}"
    with asyncio.Runner() as runner:
        store = runner.run(open_store(tmp_path / "graph.db", [said(source, entity)]))
        asker = Asker(store, runner)
        for others in ([], [other]):
            for by in others:
                runner.run(store.write(said(by, Dataset(urn=urn, title="U"))))
            for reader, staff in ((PUBLIC_READER, False), (STAFF_READER, True)):
                first = asker.data(query, urn=urn, reader=reader)["node"]["said"][0]
                words = {word["property"]: word["value"] for word in first["words"]}
                expected = {"title": '"T"', "keywords": '["k"]'}
                assert words == expected | ({"contact_email": '"x@example.org"'} if staff else {})
                assert (first["source"], first["since"], first["validTo"]) == (source, "2022-03-01", "2030-01-01")
                assert asker.round_trips == 1
        runner.run(store.close())
