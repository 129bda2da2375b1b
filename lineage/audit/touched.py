"""Whose facts a change of the graph may alter, and what must be read to make these anew (ADR 16). Pure.

A fact is about one thing. It is made of that node, of its parts as told below, and of where their edges lead; of what they lead
to it matters only that it is there, and of a column its name and dataset. Both ways are walked a step at a time: who walks asks
the ``questions`` of a walk and lets it ``learn`` the answers, until there are none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from catalog.model import MODEL
from catalog.stores.port import Change, Ends, Near
from catalog.urn import kind_of
from catalog.values import NEVER
from lineage.audit.facts import Facts
from lineage.audit.gather import KINDS, RELATIONSHIPS
from lineage.audit.merged import is_known

__all__ = ["Needed", "Touched"]

Relationship = tuple[str, str]

MOST_EDGES = 30_000
"""Edges that an answer may have: a graph of which more changed is as quickly read anew."""

_HEADS: tuple[Relationship, ...] = (
    ("Dataset", "columns"),
    ("Agreement", "parties"),
    ("Agreement", "terms"),
    ("Agreement", "stages"),
    ("Agreement", "amendments"),
    ("DataRequest", "approvals"),
    ("AuthorizedUser", "person"),
)
"""Relationships of which the head is a part of the tail."""
_TAILS: tuple[Relationship, ...] = (
    ("ClassificationDetermination", "classifies"),
    ("HighValueDetermination", "finds_high_value"),
    ("ColumnFlow", "part_of_flow"),
    ("DisclosureReview", "reviews"),
    ("DataRequest", "led_to"),
)
"""Relationships of which the tail is a part of the head."""
_COLUMNS = ("Dataset", "columns")
_APPROVALS = ("DataRequest", "approvals")
_EXECUTES = ("Run", "executes")
_WRITES = ("Job", "writes")
"""What a job writes is written by its runs: all else that is said of a job is no part of them."""

_COLUMN = MODEL.kinds["Column"].slug
_KINDS = {MODEL.kinds[label].slug: MODEL.kinds[label] for label in KINDS}
_NAMED = {(MODEL.kinds[label].slug, MODEL.relation(label, name).type): (label, name) for label, name in RELATIONSHIPS}


class _Walk:
    """Nodes that are found step by step; each is asked about once."""

    def __init__(self) -> None:
        self._asked: dict[str, set[str]] = defaultdict(set)

    def _ask(
        self, what: str, nodes: set[str], out: tuple[Relationship, ...], into: tuple[Relationship, ...]
    ) -> Iterator[Near]:
        news = nodes - self._asked[what]
        self._asked[what] |= news
        if news:
            yield Near(tuple(sorted(news)), out, into, MOST_EDGES)


class Touched(_Walk):
    """The things whose facts may be others after some changes."""

    def __init__(self, changes: Iterable[Change], facts: Facts) -> None:
        super().__init__()
        self.things = set[str]()
        """Those, and parts of theirs."""
        self._come_or_gone = set[str]()
        """What leads to these is touched as well."""
        self._writers = set[str]()
        """Jobs that write something else."""
        for change in changes:
            if change.what == "node":
                self._node(change, facts)
            elif change.what == "edge":
                self._edge(Ends(change.type, change.row["tail"], change.row["head"]))

    def _node(self, change: Change, facts: Facts) -> None:
        urn = change.row["urn"]
        if kind_of(urn) in _KINDS:
            self.things.add(urn)
            if change.row["retracted_at"] != NEVER or not is_known(facts, kind_of(urn), urn):
                self._come_or_gone.add(urn)

    def _edge(self, edge: Ends) -> None:
        named = _named(edge)
        if named is None:
            return
        self.things.add(edge.tail)
        if named in _HEADS or named in _TAILS:
            self.things.add(edge.head)
        if named == _COLUMNS:
            self._come_or_gone.add(edge.head)
        if named == _WRITES:
            self._writers.add(edge.tail)
        if named[1] in _KINDS[kind_of(edge.tail)].needs:
            self._come_or_gone.add(edge.tail)

    def questions(self) -> list[Near]:
        """What to ask next."""
        return [
            *self._ask("part", self.things, _TAILS, _HEADS),
            *self._ask("led to", self._come_or_gone, (_COLUMNS,), RELATIONSHIPS),
            *self._ask("written", self._writers, (), (_EXECUTES,)),
        ]

    def learn(self, edges: Iterable[Ends]) -> None:
        """Take an answer."""
        for edge in edges:
            named = _named(edge)
            if edge.head in self._come_or_gone or named in _HEADS or named == _EXECUTES:
                self.things.add(edge.tail)
            if named in _TAILS:
                self.things.add(edge.head)
            if named == _COLUMNS and edge.tail in self._come_or_gone:
                # With its dataset a column is gone, or there again.
                self._come_or_gone.add(edge.head)
            if named == _WRITES:
                self._writers.add(edge.tail)


class Needed(_Walk):
    """What must be read to make the facts of some things: these, their parts, and all to which an edge of them leads."""

    def __init__(self, things: Iterable[str]) -> None:
        super().__init__()
        self._whole = set(things)
        """Of what the edges are read, and the parts."""
        self._ends = set[str]()

    @property
    def nodes(self) -> tuple[str, ...]:
        """All that was found."""
        return tuple(sorted(self._whole | self._ends))

    def questions(self) -> list[Near]:
        """What to ask next."""
        columns = {urn for urn in self._ends if kind_of(urn) == _COLUMN}
        return [
            *self._ask("whole", self._whole, RELATIONSHIPS, (*_TAILS, _APPROVALS)),
            *self._ask("of a dataset", columns, (), (_COLUMNS,)),
        ]

    def learn(self, edges: Iterable[Ends]) -> None:
        """Take an answer."""
        for edge in edges:
            named = _named(edge)
            if edge.tail in self._whole:
                (self._whole if named in _HEADS or named == _EXECUTES else self._ends).add(edge.head)
            if named in _TAILS and edge.head in self._whole:
                self._whole.add(edge.tail)
            self._ends.add(edge.tail)


def _named(edge: Ends) -> Relationship | None:
    """The relationship of an edge; None of one that no fact rests on."""
    return _NAMED.get((kind_of(edge.tail), edge.type))
