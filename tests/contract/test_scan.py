"""``scan``: everything of some kinds at once, and nothing that the reader may not see."""

from __future__ import annotations

import pytest

from catalog.access import PUBLIC_READER, STAFF_READER, Audience
from catalog.errors import InvalidRecord, InvalidSelection
from catalog.stores import scan as scanning
from catalog.stores.port import Scan
from tests.contract.backends import Blocking
from tests.support.reference import ReferenceStore
from tests.support.small_model import TDataset, small_urn
from tests.support.statements import DAY, edge, node, retract, said

Graph = Blocking | ReferenceStore

FED = Scan((("TDataset", ("title",)),), (("TDataset", "upstream"),), PUBLIC_READER)


def _d(name: str) -> str:
    return small_urn(TDataset, name)


def _fed(graph: Graph) -> None:
    """a of b, b of c which is for staff; d was retracted, and so was what it was made of."""
    graph.write(said(*(node(TDataset, name, title=name) for name in "bda")))
    graph.write(said(node(TDataset, "c", Audience.STAFF)))
    graph.write(said(*(edge(TDataset.upstream, tail, head, DAY) for tail, head in ("ab", "bc", "ad"))))
    graph.write(said(retracts=[retract(TDataset, "d")]))


def test_scan_1_what_the_reader_sees_whole_on_whatever_days(graph: Graph) -> None:
    _fed(graph)
    found = graph.scan(FED)
    assert found.nodes == {"TDataset": [(_d("a"), None, None, "a"), (_d("b"), None, None, "b")]}
    assert found.edges == {("TDataset", "upstream"): [(_d("a"), _d("b"), DAY.isoformat(), None, None)]}
    whole = graph.scan(Scan(FED.nodes, FED.edges, STAFF_READER))
    assert [row[0] for row in whole.nodes["TDataset"]] == [_d("a"), _d("b"), _d("c")]
    assert len(whole.edges["TDataset", "upstream"]) == 2


def test_scan_2_it_says_of_which_revision_it_is(graph: Graph) -> None:
    assert graph.scan(FED).revision == 0
    _fed(graph)
    assert graph.scan(FED).revision == graph.revision()


@pytest.mark.parametrize(
    ("query", "error"),
    [
        (Scan((("Nope", ()),), (), PUBLIC_READER), InvalidSelection),
        (Scan((("TDataset", ("nope",)),), (), PUBLIC_READER), InvalidSelection),
        (Scan((("TDataset", ()),), (("TDataset", "nope"),), PUBLIC_READER), InvalidRecord),
        (Scan((("TAgency", ()),), (("TDataset", "upstream"),), PUBLIC_READER), InvalidSelection),
    ],
    ids=["kind", "property", "relationship", "an end that is not scanned"],
)
def test_scan_4_what_is_not_declared_is_refused(store: Blocking, query: Scan, error: type[Exception]) -> None:
    with pytest.raises(error):
        store.scan(query)


def test_scan_4_too_much_is_refused(store: Blocking, monkeypatch: pytest.MonkeyPatch) -> None:
    _fed(store)
    monkeypatch.setattr(scanning, "MAX_SCANNED", 1)
    with pytest.raises(InvalidSelection, match="there are over 1 of TDataset: too many to be read at once"):
        store.scan(FED)
