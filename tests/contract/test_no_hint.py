"""``catalog/access.py``: what is NONE for a reader is as if it did not exist.

The same questions to two graphs: one as it is, one made of what the reader may see. No answer may differ: no row, count,
facet, hit, hop, has_next or cursor.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from catalog.access import PUBLIC_READER, Audience, Reader
from catalog.stores.port import Change
from tests.contract.workshop import Workshop
from tests.support.compare import difference, exact
from tests.support.questions import Asker
from tests.support.reference import ReferenceStore
from tests.support.small_model import SMALL, SMALL_MODEL, VEILED_READER
from tests.support.worlds import make_world


def _visible(changes: list[Change], reader: Reader) -> list[Change]:
    """The changes of what the reader may know of: nodes by their audience, edges by both their ends."""
    seen = {c.row["urn"] for c in changes if c.what == "node" and _may_know(c, reader)}
    return [
        c
        for c in changes
        if (c.what == "edge" and {c.row["tail"], c.row["head"]} <= seen) or (c.what != "edge" and c.row["urn"] in seen)
    ]


def _may_know(change: Change, reader: Reader) -> bool:
    audience = Audience(change.row["audience"])
    return audience in reader.full or (audience in reader.placeholder and SMALL_MODEL.kind(change.type).placeholder)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "reader", [pytest.param(PUBLIC_READER, marks=pytest.mark.long_on_neo4j), VEILED_READER], ids=lambda r: r.name
)
def test_access_what_is_hidden_might_as_well_not_exist(workshop: Workshop, reader: Reader) -> None:
    @settings(
        max_examples=1 if workshop.backend.needs_neo4j and reader is VEILED_READER else 2,
        suppress_health_check=[HealthCheck.too_slow],
        phases=[Phase.generate],
        database=None,
    )
    @given(seed=st.integers(0, 2**31))
    def check(seed: int) -> None:
        world = make_world(seed, 4)
        changes = world.reference.graph.changes()
        visible = _visible(changes, reader)
        assert len(visible) < len(changes)
        asker = Asker(world, "no hint", reader)
        selections = [asker.selection() for _ in range(6)]
        searches = [asker.search() for _ in range(4)]
        walks = [asker.expansion() for _ in range(4)]
        groups = [asker.aggregate() for _ in range(4)]
        answers: list[object] = []
        for kept in (changes, visible):
            store = workshop.fresh()
            store.replay(kept)
            found = [[store.select(s) for s in selections], [store.search(s) for s in searches]]
            answers.append([*found, [store.expand(w) for w in walks], [store.aggregate(g) for g in groups]])
        different = difference(*(exact(answer) for answer in answers))
        assert different is None, f"world {seed}: {different}"

    check()


@pytest.mark.parametrize("reader", [PUBLIC_READER, VEILED_READER], ids=lambda r: r.name)
def test_access_the_oracle_gives_no_hint_either(reader: Reader) -> None:
    for seed in range(12):
        world = make_world(seed, 4)
        changes = world.reference.graph.changes()
        graphs = [ReferenceStore(SMALL), ReferenceStore(SMALL)]
        for store, kept in zip(graphs, (changes, _visible(changes, reader)), strict=True):
            store.graph.replay(kept)
        asker = Asker(world, "no hint", reader)
        for _ in range(10):
            selection, search = asker.selection(), asker.search()
            assert exact(graphs[0].select(selection)) == exact(graphs[1].select(selection))
            assert exact(graphs[0].search(search)) == exact(graphs[1].search(search))
