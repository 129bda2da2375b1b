"""A hop from a frontier as one SQL statement (``Store.expand``)."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import msgspec

from catalog.stores.port import Expand, Expansion, Hop
from catalog.stores.query import RExpand, RHop, same_of
from catalog.stores.resolve import RStep
from catalog.stores.sqlite.conditions import Conditions, among, holds
from catalog.stores.sqlite.texts import name

__all__ = ["compile_expand", "expand"]


@lru_cache(maxsize=256)
def compile_expand(shape: RExpand) -> str:
    """The statement of one hop from a frontier of URNs and opaque ids: rows of (start, end, pairs).

    Where it is asked which nodes are one, a last row has the steps between those as one JSON text.
    """
    return _Hop(shape).text()


def expand(db: sqlite3.Connection, query: Expand, shape: RExpand, params: Mapping[str, Any]) -> Expansion:
    """Carry it out. Where nothing is said to be one, which costs next to nothing to know, the text is one without it."""
    if shape.same is not None and not db.execute(f"SELECT 1 FROM {_edges(shape.same)} LIMIT 1").fetchone():
        shape = replace(shape, same=None)
    hops = list(map(Hop._make, db.execute(compile_expand(shape), params)))
    steps: list[Any] = [] if shape.same is None else msgspec.json.decode(hops.pop().start)
    return Expansion(hops[: query.limit], len(hops) > query.limit, *same_of(query, steps))


def _edges(step: RStep) -> str:
    return name(f"e_{step.type}")


_EITHER_WAY = (("tail", "head"), ("head", "tail"))


class _Hop:
    """The making of one text."""

    def __init__(self, shape: RExpand) -> None:
        self.shape = shape
        self.made = Conditions()
        self.on_day = [] if shape.ever else [holds("n")]
        self.whole = self.made.whole("n", shape.end.needs)

    def text(self) -> str:
        """The statement: the nodes of the frontier, then what they lead to."""
        shape, made = self.shape, self.made
        sources: list[str] = []
        conditions: list[str] = []
        at = "s.i"
        for number, leg in enumerate(shape.legs):
            end = "n" if leg is shape.end else f"m{number}"
            source, found = made.edge(leg.step, at, f"e{number}", end, ever=shape.ever)
            seen = made.seen(end, leg.needs) if leg.placeholders else made.whole(end, leg.needs)
            sources.append(source)
            conditions += [*found, f"{end}.retracted_at = '~'", *([] if shape.ever else [holds(end)]), *seen]
            at = f"{end}.id"
        # Tables of their own keep what is nested low: SQLite's parser gives up at a depth of a hundred symbols.
        made.keep("start", " UNION ALL ".join(self._starts()))
        columns = f"s.a AS a, {self._id()} AS b"
        found = f"FROM start AS s CROSS JOIN {' CROSS JOIN '.join(sources)} WHERE {' AND '.join(conditions)}"
        # Grouped and not DISTINCT, which would keep a table of its own beside the one that puts them in order.
        end, of_pairs = ("", "") if shape.same is None else (", n.id AS j", ", j")
        hops = f"SELECT {columns}, 1 AS p{end} {found} GROUP BY a, b ORDER BY a, b LIMIT :first"
        if not shape.is_plain:
            made.keep("pairs", f"SELECT DISTINCT {columns}, s.i AS i, n.id AS j, {self._passes()} AS w {found}")
            hops = f"SELECT a, b, sum(w) AS p{of_pairs} FROM pairs GROUP BY a, b ORDER BY a, b LIMIT :first"
        if shape.same is not None:
            made.keep("hops", hops)
            hops = f"SELECT a, b, p FROM hops UNION ALL SELECT ({self._one(shape.same)}), NULL, NULL"
        return made.kept() + hops

    def _one(self, same: RStep) -> str:
        """The steps of no length between the nodes that are one with an end, as JSON."""
        shape, made = self.shape, self.made
        label = name(shape.label)
        met = ["SELECT j AS i FROM hops"]
        if shape.begins:
            met.append("SELECT i FROM start")
        on: list[str] = []
        steps: list[str] = []
        for number, step in enumerate((same, replace(same, forward=not same.forward))):
            edge, other = f"o{number}", f"x{number}"
            source, found = made.edge(step, "one.i", edge, other, ever=shape.ever)
            found += [self._joins(same, edge), f"{other}.retracted_at = '~'", *([] if shape.ever else [holds(other)])]
            found += [f"{other}.id <> one.i", *self._seen(other)]
            on.append(f"SELECT {other}.id FROM one CROSS JOIN {source} WHERE {' AND '.join(found)}")
            passes = "1" if shape.where is None else f"({' AND '.join([*self._whole(other), self._true(other)])})"
            columns = f"{self._id('n')} AS a, {self._id(other)} AS b, {passes} AS w"
            ends = f"one CROSS JOIN {label} AS n ON n.id = one.i CROSS JOIN {source}"
            steps.append(f"SELECT {columns} FROM {ends} WHERE {' AND '.join(found)}")
        made.keep("one(i)", f"{' UNION '.join([*met, *on])} LIMIT :most")
        made.keep("steps", f"{' UNION '.join(steps)} ORDER BY a, b LIMIT :first")
        return "SELECT json_group_array(json_array(a, b, w)) FROM steps"

    def _joins(self, same: RStep, edge: str) -> str:
        """Whether a statement makes its ends one: it is neither proposed nor denied, and nobody denies it."""
        found = [f"ifnull({edge}.status, 'STATED') = 'STATED'"]
        # Each way by itself: SQLite takes no index for both at once.
        for tail, head in _EITHER_WAY:
            denied = [
                f"d.tail = {edge}.{tail}",
                f"d.head = {edge}.{head}",
                "d.status = 'DENIED'",
                "d.retracted_at = '~'",
            ]
            if not self.shape.ever:
                denied.append(holds("d"))
            found.append(f"NOT EXISTS (SELECT 1 FROM {_edges(same)} AS d WHERE {' AND '.join(denied)})")
        return " AND ".join(found)

    def _starts(self) -> list[str]:
        """What selects the nodes of the frontier: id, what the reader knows each by, and whether it passes the filter."""
        shape, table = self.shape, f"{name(self.shape.label)} AS n"
        stands = ["n.retracted_at = '~'", *self.on_day]
        passes = "1" if shape.by is None else self._true()
        own = [f"n.urn IN {among('frontier')}", *stands, *self.whole]
        found: list[str] = []
        if shape.by is not None:
            first = self._group(shape.by)
            source, edge = self.made.edge(_back(shape.by.step, shape.label), "g.id", "h", "n", ever=shape.ever)
            grouped = [f"g.urn IN {among('frontier')}", *edge, *stands, *self.whole, f"g.urn = {first}"]
            of = f"{name(shape.by.step.label)} AS g CROSS JOIN {source}"
            found.append(
                f"SELECT DISTINCT n.id AS i, g.urn AS a, {passes} AS w FROM {of} WHERE {' AND '.join(grouped)}"
            )
            own.append(f"{first} IS NULL")
        found.append(f"SELECT n.id AS i, n.urn AS a, {passes} AS w FROM {table} WHERE {' AND '.join(own)}")
        if shape.end.placeholders:
            veiled = [f"n.opaque IN {among('frontier')}", *stands, *self._veiled()]
            of_none = passes if shape.where is None else "0" if shape.by else "1"
            found.append(f"SELECT n.id, n.opaque, {of_none} FROM {table} WHERE {' AND '.join(veiled)}")
        return found

    def _veiled(self) -> list[str]:
        return [*self.made.seen("n", self.shape.end.needs), f"NOT ({' AND '.join(self.whole)})"]

    def _whole(self, node: str) -> list[str]:
        return self.whole if node == "n" else self.made.whole(node, self.shape.end.needs)

    def _seen(self, node: str) -> list[str]:
        """Whether the reader sees a node, at least as what a hop leads to may be seen."""
        end = self.shape.end
        return self.made.seen(node, end.needs) if end.placeholders else self._whole(node)

    def _id(self, node: str = "n") -> str:
        """What the reader knows the node at the end by."""
        whole = f"{node}.urn" if self.shape.by is None else f"ifnull({self._group(self.shape.by)}, n.urn)"
        if not self.shape.end.placeholders:
            return whole
        return f"CASE WHEN {' AND '.join(self._whole(node))} THEN {whole} ELSE {node}.opaque END"

    def _group(self, by: RHop) -> str:
        """The URN of what a node that is seen whole is put together by; null where there is none."""
        source, conditions = self.made.edge(by.step, "n.id", "ge", "gx", ever=self.shape.ever)
        stands = [*conditions, *self.made.stands("gx", by.needs, ever=self.shape.ever)]
        return f"(SELECT min(gx.urn) FROM {source} WHERE {' AND '.join(stands)})"

    def _passes(self) -> str:
        """Whether a pair counts: 0 or 1."""
        shape, made = self.shape, self.made
        found = ["s.w"]
        if shape.where is not None:
            found += [*self.whole, self._true()]
        if shape.via is not None:
            between = shape.legs[0]
            found += made.whole("m0", between.needs)
            found.append(f"(({made.predicate(shape.via, 'm0', between.step.label)}) IS TRUE)")
        return f"({' AND '.join(found)})"

    def _true(self, node: str = "n") -> str:
        """Whether the filter is true of a node that is seen whole: 0 or 1."""
        where = self.shape.where
        return "1" if where is None else f"(({self.made.predicate(where, node, self.shape.label)}) IS TRUE)"


def _back(step: RStep, label: str) -> RStep:
    """The same step the other way, to where it began."""
    return RStep(step.type, not step.forward, label, certain=False)
