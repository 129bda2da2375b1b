"""The only way to the graph. Every method's docstring is its contract, clause by clause; ``tests/contract`` tests each.

Both stores answer alike: same values, same order, same cursors. Every method raises StoreUnavailable when the database
cannot be reached and StoreTimeout past the deadline the store was opened with; a read leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple, Protocol

from catalog.access import Reader
from catalog.batch import Batch, WriteResult
from catalog.selection import Page, Predicate, Select, Selection
from catalog.stores.table import Table

__all__ = ["Aggregate", "Change", "ChangePage", "Ends", "Expand", "Expansion", "Hit", "Hop", "Image", "Near", "Nearby"]
__all__ += [
    "MAX_CHANGES",
    "MAX_FACET_STEPS",
    "MAX_FRONTIER",
    "MAX_GROUPS",
    "MAX_HOP_STEPS",
    "MAX_ROOTS",
    "MAX_SCANNED",
    "Scan",
    "Scanned",
]
__all__ += ["URN_NAMESPACE", "SearchPage", "SearchQuery", "Store"]

MAX_ROOTS = 50
MAX_FRONTIER = 10_000
MAX_GROUPS = 1000
MAX_CHANGES = 10_000
MAX_FACET_STEPS = 3
MAX_HOP_STEPS = 3
MAX_SCANNED = 2_000_000
"""Nodes of one kind that a scan reads."""
URN_NAMESPACE = "urn_namespace"
"""What ``Aggregate`` counts by besides properties: a URN without its last segment, up to and with the ':' before it."""


@dataclass(frozen=True, slots=True)
class Expand:
    """One hop from every node of a frontier, along what leads from a kind to the same kind."""

    kind: str
    step: str
    """One step, or several with dots between them (at most MAX_HOP_STEPS), such as ``writes.read_by``."""
    frontier: tuple[str, ...]
    """URNs, or the opaque ids that an earlier hop answered; at most MAX_FRONTIER. What is not there leads nowhere.

    A node is known by one id only: its URN where the reader sees it whole, its opaque id where as a placeholder.
    """
    reader: Reader
    as_of: date
    ever: bool = False
    limit: int = 10_000
    """Hops that are answered at most."""
    by: str | None = None
    """A step to one kind, by which nodes are put together: one that the reader sees whole, and that leads by it to one that
    the reader sees whole, is known by the URN of the latter (of several the first) and by no id of its own.
    """
    where: Predicate | None = None
    """What hops are told apart by (``Hop.pairs``): what is true of their ends."""
    via: Predicate | None = None
    """As ``where``, of the node after the first of several steps."""
    same: str | None = None
    """A relationship of the kind with itself that says which nodes are one (domain 9.2 E11): two are where a statement of it
    holds that is not proposed nor denied (``status``), and none holds, either way, that denies it. Not together with ``by``.
    """
    begins: bool = False
    """Whether the walk begins here: then what is one with the nodes of the frontier is wanted as well."""


class Hop(NamedTuple):
    """One edge walked: the ids of both ends, each a URN, or an opaque id where the reader sees a placeholder."""

    start: str
    end: str
    pairs: int = 1
    """Pairs of nodes that it stands for, one unless nodes are put together. With ``where`` only those are counted whose end
    (and, where nodes are put together, whose start as well) the reader sees whole and of which it is true; with ``via`` only
    those between which there is such a node. So there may be none.
    """


@dataclass(frozen=True, slots=True)
class Expansion:
    """Hops ordered by (start, end), without repeats; ``cut`` says that there are more than ``limit``."""

    hops: list[Hop]
    cut: bool
    same: list[Hop] = field(default_factory=list[Hop])
    """With ``same`` every step of no length between the nodes that are one with an end, both ways, ordered by (start, end)."""
    same_cut: bool = False
    """Whether there are more of those than ``limit``; then none is told."""


@dataclass(frozen=True, slots=True)
class Scan:
    """All nodes of some kinds and all that stands between them, on whatever days it holds."""

    nodes: tuple[tuple[str, tuple[str, ...]], ...]
    """Kinds, and the properties that are wanted of each."""
    edges: tuple[tuple[str, str], ...]
    """Kinds, and the names of relationships that are declared on them. Heads of kinds that are not scanned are left out."""
    reader: Reader
    parts: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    """Kinds, the names of relationships, and the properties that are wanted of their heads, all of one kind: what there is so
    much of that it is read together for each tail, such as the columns of a dataset. That kind is not among ``nodes``.
    """
    lists: tuple[tuple[str, str], ...] = ()
    """Kinds, and the names of relationships that lead to what is read in parts: all heads together for each tail."""
    joins: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = ()
    """Kinds that are not among ``nodes``, the names of relationships, and the properties that are wanted: of what there is so
    much of, and that only says where it leads, that it is read at once with its heads. Heads of kinds that are not scanned
    are left out.
    """
    only: tuple[str, ...] | None = None
    """URNs of the nodes that alone are read, of whatever kind, as if there were no others; what is read in parts is read with
    its tails. None: all.
    """


@dataclass(slots=True)
class Scanned:
    """The answer of a scan. A span that is open at an end has None there; a list of texts is a tuple."""

    revision: int
    """That of which the answer is."""
    nodes: dict[str, Table] = field(default_factory=dict[str, Table])
    """Kind to rows of (urn, valid_from, valid_to, each property as ``select`` answers it), ordered by urn."""
    edges: dict[tuple[str, str], Table] = field(default_factory=dict[tuple[str, str], Table])
    """(kind, name) to rows of (tail, head, valid_from, valid_to, each fact in the order of declaration), in no order."""
    parts: dict[tuple[str, str], Table] = field(default_factory=dict[tuple[str, str], Table])
    """(kind, name) to rows of (tail, keys, ends, each property): of all heads of a tail together, in one order.

    Such a head goes by its key, here and where an edge or a list leads to it; what a key is, is the store's own. To one that
    stands under no tail that the reader sees, no edge leads. ``ends`` are
    the days on which the edge, or the head, holds no more: the earlier of the two. Keys are a tuple, and so is what else there
    is, or what can be walked through as often; None where there is nothing of any of the heads.
    """
    shared: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    """(kind, name) of the parts of which a head stands under several tails."""
    lists: dict[tuple[str, str], Table] = field(default_factory=dict[tuple[str, str], Table])
    """(kind, name) to rows of (tail, keys), each tail once, in no order. A key that is in no part leads nowhere."""
    joins: dict[str, Table] = field(default_factory=dict[str, Table])
    """Kind to rows of (a key of the node, the head by each relationship, the days from which each leads there no more, each
    property), ordered by urn: one for each combination of heads that the reader sees whole.
    """


@dataclass(frozen=True, slots=True)
class Near:
    """Edges that leave some nodes, or lead to them."""

    nodes: tuple[str, ...]
    """URNs; at most MAX_FRONTIER. Of what is not there no edge is told."""
    out: tuple[tuple[str, str], ...] = ()
    """Kinds, and the names of relationships that are declared on them, that leave the nodes."""
    into: tuple[tuple[str, str], ...] = ()
    """As ``out``, of those that lead to the nodes."""
    limit: int = 10_000
    """Edges that are answered at most."""


class Ends(NamedTuple):
    """The type of an edge, and its ends by their URNs."""

    type: str
    tail: str
    head: str


@dataclass(frozen=True, slots=True)
class Nearby:
    """Edges in order, without repeats; ``cut`` says that there are more than ``limit``."""

    edges: list[Ends]
    cut: bool


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """Full text over one kind. ``text`` is plain words; nothing in it is syntax."""

    kind: str
    text: str
    reader: Reader
    as_of: date
    where: Predicate | None = None
    facets: tuple[str, ...] = ()
    """What all hits are counted by. Each is a path, with dots in it: steps, each to one kind, at most MAX_FACET_STEPS;
    at their end a property declared ``facet``, or nothing, and then the values are URNs. ``size``, ``held_by`` and
    ``distributions.format`` are paths. One that ends with ``?`` counts whether there is a value: True, or False.
    """
    first: int = 20
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A node found. ``tier`` 0: its title is the words; 1: begins with them; 2: holds them all; 3: its text does."""

    urn: str
    tier: int


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Hits ordered by (tier, folded title, urn), the total before paging, and for each facet (value, count).

    ``names`` says what the nodes are called whose URNs a facet counted: the first text that their kind declares as a
    title, where there is one and the reader may read it.
    """

    hits: list[Hit]
    total: int
    has_next: bool
    end_cursor: str | None
    facets: dict[str, list[tuple[Any, int]]] = field(default_factory=dict[str, list[tuple[Any, int]]])
    names: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Aggregate:
    """How many nodes of a kind there are for each value of ``by``.

    That is a path like a facet's, but to any property; or ``URN_NAMESPACE``.
    """

    kind: str
    by: str
    reader: Reader
    as_of: date
    where: Predicate | None = None
    first: int = MAX_GROUPS


@dataclass(frozen=True, slots=True)
class Change:
    """The state of one node, edge or snapshot that a revision touched last.

    ``what`` is "node", "snapshot" or "edge"; ``type`` its label or relationship type; ``row`` the stored properties
    (without those that ``KindLayout.derive`` makes), for an edge with ``tail`` and ``head``. The row of a snapshot is
    ``urn``, ``recorded_at``, ``retracted_at`` (the moment its words were replaced), ``revision`` and ``content``: all else
    that the node held.
    """

    revision: int
    what: str
    type: str
    row: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Changes ordered by (revision, what: node < snapshot < edge, key); ``cursor`` continues after the last."""

    changes: list[Change]
    cursor: str
    has_next: bool


class Image(NamedTuple):
    """What somebody worked out of the graph, as bytes that are their own."""

    revision: int
    """That of which it is."""
    maker: str
    """What made it: whoever is another does not read it."""
    content: bytes


class Store(Protocol):
    """A property graph of the declared model."""

    @property
    def name(self) -> str:
        """What this store is, for people: "sqlite" or "neo4j"."""
        ...

    async def migrate(self) -> list[str]:
        """Bring the database to the schema of this version.

        1. Answers the names of the steps taken, in order; a second call answers none.
        2. Two processes at once take each step once. A step cut off half-way is taken again.
        3. A database that a newer version wrote, or whose taken steps were altered, is refused with MigrationError.
        4. A database that holds what is not ours is refused with MigrationError, untouched.
        """
        ...

    async def select(self, selection: Selection) -> Page:
        """Answer a tree of nodes.

        1. One round trip: one statement, one record, whatever is nested.
        2. Rows hold ``urn`` and the properties asked for; dates and times as ISO text; staff properties are None for a
           reader without them.
        3. A row is there when the reader sees the node whole and it holds on ``as_of`` (``ever``: on any day); below
           the root its edge must hold as well, and a placeholder stands as ``{"@hidden": id}``, ordered as if it had no
           value to order by and its opaque id were its URN. At the root there are no placeholders.
        4. Order is total: (order key, urn, edge), reversed whole when descending. What is missing comes last.
        5. Paging: at most ``first`` rows after ``after`` and ``skip`` more; ``has_next`` and ``end_cursor`` (unless the select goes without
           ``cursor``) continue; ``total`` counts all, without placeholders. Nobody can read the number of an edge
           from a cursor, nor make one of it: it is sealed by ``opaque_key``, which a store asks for once, before its
           first answer. Pages over a graph that changes neither miss nor repeat what stood all the time.
        6. A kind that ``needs`` other nodes is seen only with all of them.
        7. Logic is two-valued (``catalog/selection.py``).
        8. What the model does not declare, or is over a bound, raises InvalidSelection before anything is read.
        9. On SQLite an answer is of one moment. Neo4j reads what is committed, record by record: an answer given while a
           batch commits may hold part of it. ``changes`` never does, on either.
        """
        ...

    async def select_all(self, roots: Sequence[Select], reader: Reader, as_of: date) -> list[Page]:
        """Answer several trees at once: of each the page that ``select`` would answer, in their order.

        1. One round trip for all of them; none for none. At most MAX_ROOTS.
        """
        ...

    async def expand(self, query: Expand) -> Expansion:
        """Walk one hop from a whole frontier.

        1. One round trip.
        2. Both ends of a hop are nodes that the reader sees whole or as a placeholder; others are not there. So are those
           between its steps.
        3. Hops are distinct and ordered by (start, end); ``cut`` is true exactly where the limit left some out.
        4. With ``by`` a hop stands for all pairs of nodes that have its ids; ``pairs`` counts those that pass ``where`` and
           ``via``, whatever the limit cuts. A node that is seen as a placeholder passes nothing, and is put together with nothing.
        5. With ``same`` what is one is told however long the chain from an end, and a cycle does no harm; a node that the
           reader does not see joins nothing. ``pairs`` says whether the end of a step passes ``where``.
        """
        ...

    async def scan(self, query: Scan) -> Scanned:
        """Read everything of some kinds and relationships.

        1. A node is there when the reader sees it whole, on whatever days it holds; an edge, of whatever source, when both
           its ends are. What was retracted is not.
        2. The answer is of one revision.
        3. A statement for each kind and each relationship, however much there is.
        4. What the model does not declare raises InvalidSelection or InvalidRecord before anything is read; over
           MAX_SCANNED nodes of a kind raise InvalidSelection.
        5. What is joined stands with each way it leads.
        6. Where ``only`` some nodes are read, nothing is answered that would not be, were there no others.
        """
        ...

    async def near(self, query: Near) -> Nearby:
        """Tell what is one edge away, to who follows ``changes``: of the graph as it is stored, whoever may see it.

        1. Edges that were not retracted, on whatever days they hold and whatever is said of their ends.
        2. Distinct, ordered by (type, tail, head); ``cut`` is true exactly where the limit left some out.
        3. One round trip; none where no relationship is declared on, or leads to, a kind of the nodes.
        4. What the model does not declare, or is over a bound, raises InvalidRecord or InvalidSelection.
        """
        ...

    async def search(self, query: SearchQuery) -> SearchPage:
        """Find nodes by words (ADR 5).

        1. A hit holds every word, folded, in a title or text property; the last word of three letters or more may be
           the beginning of one. No word at all finds every node, in tier 3.
        2. Hits are ordered by (tier, folded title, urn); paging as in ``select``.
        3. ``total`` and the facets count all hits that the reader sees whole, that hold on ``as_of`` and of which
           ``where`` is true. Facet values are ordered by (count descending, value); at most MAX_GROUPS.
        4. A facet counts a hit once under each of its different values; one with ``?`` counts each hit once. A node
           along a path counts where the reader sees it whole, and it and the edge to it hold on ``as_of``.
        5. One round trip, whatever is counted.
        """
        ...

    async def aggregate(self, query: Aggregate) -> list[tuple[Any, int]]:
        """Count nodes by value: (value, count), ordered by (count descending, value), nodes without a value left out.

        1. Counts nodes as ``select`` would list them, under their values as a facet of ``search`` would.
        """
        ...

    async def write(self, batch: Batch) -> WriteResult:
        """Say what is so.

        1. Atomic: all of it or, where it raises, nothing.
        2. Idempotent: the same batch again changes nothing and moves no revision.
        3. One revision a batch that changes anything (save the journal), greater than every one before; none becomes
           visible before a smaller one.
        4. What ``catalog/stores/plan.py`` decides: nothing is overwritten. An edge is retracted and added; a node's words before are
           kept as a snapshot.
        5. A node that several sources speak of is the merge of what each says, property by property, by precedence; in
           whatever order they are written (ADR 10).
        6. Concurrent writers: as if one after the other; races and lost commits are retried, not shown.
        7. Where what the batch ``expects`` is no more so, it raises Conflict and writes nothing: compared in the transaction
           that writes, so that of two who read the same and write at once one is told. What is found as the batch states
           it is no conflict (clause 2).
        8. What the batch ``withdraws`` is left as the other sources alone would have made it, in whatever order all spoke; save
           what another source's assertion stands on, which is kept (ADR 13).
        """
        ...

    async def changes(self, since: str, limit: int = 1000) -> ChangePage:
        """What changed after a cursor ("" for all), retirements included.

        1. Complete and ordered: replayed into an empty store it makes the same graph, history included.
        2. The journal is left out: its nodes, and the edges that leave them.
        3. A cursor we did not make raises InvalidSelection.
        """
        ...

    async def replay(self, changes: Sequence[Change]) -> int:
        """Take over changes as another store answered them, in order; answers the revision reached. Idempotent.

        1. Images are let go of: of a revision that comes in pieces an image would be of the first.
        """
        ...

    async def keep_image(self, name: str, image: Image) -> None:
        """Keep what was worked out of the graph beside it, in the place of what is kept under that name (ADR 19).

        1. No part of the graph: no revision comes of it, and no other read nor ``changes`` tells of it.
        2. Whole, or not at all: where it is cut off, or two keep at once, ``image`` answers one of them, that before, or none.
        3. Where others hold the lock of writes for longer than a moment it raises StoreUnavailable: it can be done without.
        """
        ...

    async def image(self, name: str) -> Image | None:
        """What was kept last under a name; None where nothing was.

        1. Content is what was kept, byte for byte.
        """
        ...

    async def opaque_key(self) -> bytes:
        """A key of this graph's own, never told, by which ids and cursors are made opaque. It never changes."""
        ...

    async def revision(self) -> int:
        """The revision of the last write that changed anything; 0 for an empty graph."""
        ...

    async def check(self) -> None:
        """Return when the database answers and its schema is this version's; else raise what is wrong."""
        ...

    async def close(self) -> None:
        """Let go of the database. Calling it twice is harmless."""
        ...
