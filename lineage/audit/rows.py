"""What was scanned of a store, by what is asked of it: what a relationship leads to from a node, the columns, the days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Sequence
from datetime import date
from itertools import chain, groupby, repeat
from operator import attrgetter, itemgetter
from typing import Any, TypeVar

from catalog.model.enums_data import PersonalKind
from catalog.stores.port import Scanned
from catalog.stores.table import Table
from lineage.audit.facts import Column, ColumnRef

__all__ = ["Days", "Rows"]

_T = TypeVar("_T")
_OPEN = "~"
"""After every day: the end of what has none."""


class Days(dict[str | None, date | None]):
    """Days by their texts, each of which is read once."""

    def __missing__(self, text: str | None) -> date | None:
        """Read a text that was not met before."""
        found = self[text] = date.fromisoformat(text[:10]) if text else None
        return found


class Rows:
    """Nodes by urn; columns by the keys by which the store knows them."""

    def __init__(self, scanned: Scanned) -> None:
        self.nodes = scanned.nodes
        self.edges = scanned.edges
        self.day = Days()
        self.refs: dict[Hashable, ColumnRef] = {}
        """Columns by key."""
        self._lists = scanned.lists
        self._joins = scanned.joins
        self._together: dict[tuple[Hashable, ...], tuple[ColumnRef, ...]] = {}
        """The columns of several keys, in order; equal ones are one tuple."""
        self._one: dict[tuple[str, str], dict[str, Any]] = {}
        self._tails: dict[tuple[str, str], dict[str, list[Sequence[Any]]]] = {}
        self.columns = self._read_columns(scanned.parts.pop(("Dataset", "columns")))
        """The columns of each dataset, in order."""

    def _read_columns(self, table: Table) -> dict[str, tuple[Column, ...]]:
        day = self.day.__getitem__
        found: dict[str, tuple[Column, ...]] = {}
        refs: list[list[ColumnRef]] = []
        for dataset, keys, ends, urns, names, kinds, seen in table:
            made: list[ColumnRef] = list(zip(repeat(dataset), names))
            personal = (PersonalKind(kind) if kind else None for kind in kinds) if any(kinds) else repeat(None)
            columns = list(map(Column, made, map(day, seen), map(day, ends), personal, urns))
            refs.append(made)
            ordered = sorted(made)
            if ordered != made:
                columns.sort(key=attrgetter("ref"))
            self._together[keys] = tuple(ordered)
            found[dataset] = tuple(columns)
        self.refs = dict(zip(chain.from_iterable(table.columns[1]), chain.from_iterable(refs), strict=True))
        return found

    def made(self, facts: Iterable[_T], *kinds: str) -> tuple[_T, ...]:
        """Facts, once the rows of the kinds that they were made of are let go."""
        found = tuple(facts)
        for kind in kinds:
            del self.nodes[kind]
            for tables in (self.edges, self._lists, self._one, self._tails):
                for named in [each for each in tables if each[0] == kind]:
                    del tables[named]
        return found

    def ends(self, kind: str, name: str) -> dict[str, Any]:
        """Where a relationship to one leads from each node: to the one that stands.

        Of several over time that is the latest, of several at once the first.
        """
        found = self._one.get((kind, name))
        if found is None:
            rows = self.edges[kind, name]
            found = dict(zip(*rows.columns[:2], strict=True))
            if len(found) < len(rows):
                several = {tail: rows for tail, rows in self._by_tail(kind, name).items() if rows[1:]}
                found |= {tail: self._standing([(row[1], row[3]) for row in rows]) for tail, rows in several.items()}
            self._one[kind, name] = found
        return found

    def _standing(self, heads: list[tuple[Any, str | None]]) -> Any:
        """Of what is led to until some day."""
        last = max(until or _OPEN for _, until in heads)
        return min((head for head, until in heads if (until or _OPEN) == last), key=self._place)

    def joined(self, kind: str, count: int) -> Sequence[Sequence[Any]]:
        """Columns of what was read with where it leads by so many relationships: the one that stands of each, the properties."""
        table = self._joins.pop(kind)
        keys, *columns = table.columns
        if len(set(keys)) == len(keys):
            return [*columns[:count], *columns[2 * count :]]
        rows = [self._of_one(list(some), count) for _, some in groupby(table, itemgetter(0))]
        return Table.of(rows, len(columns) - count).columns

    def _of_one(self, rows: list[Sequence[Any]], count: int) -> Sequence[Any]:
        heads = (self._standing([(row[place], row[place + count]) for row in rows]) for place in range(1, count + 1))
        return (*heads, *rows[0][1 + 2 * count :])

    def heads(self, kind: str, name: str, tails: Iterable[str]) -> Iterable[Any]:
        """The one that stands (see ``ends``) of each of these nodes, or None."""
        return map(self.ends(kind, name).get, tails)

    def one(self, kind: str, name: str, tail: str) -> Any:
        """The one that stands (see ``ends``); None where there is none."""
        return self.ends(kind, name).get(tail)

    def several(self, kind: str, name: str, tail: str) -> tuple[Any, ...]:
        """All, whenever they stand; each once, in order."""
        rows = self._by_tail(kind, name).get(tail)
        return tuple(sorted({row[1] for row in rows}, key=self._place)) if rows else ()

    def tails(self, kind: str, name: str) -> Collection[str]:
        """The nodes from which the relationship leads anywhere."""
        return self._by_tail(kind, name)

    def _by_tail(self, kind: str, name: str) -> dict[str, list[Sequence[Any]]]:
        known = self._tails.get((kind, name))
        if known is not None:
            return known
        found: dict[str, list[Sequence[Any]]] = defaultdict(list)
        for row in self.edges[kind, name]:
            found[row[0]].append(row)
        self._tails[kind, name] = found
        return found

    def _place(self, head: Any) -> tuple[str, ...]:
        """Where it stands in an order that is the same in every store."""
        return self.refs.get(head) or (head,)

    def by_urn(self, kind: str) -> dict[str, Sequence[Any]]:
        """The rows of a kind."""
        return {row[0]: row for row in self.nodes[kind]}

    def columns_of(self, kind: str, name: str, tail: str) -> tuple[ColumnRef, ...]:
        """The columns among what a relationship leads to."""
        return tuple(self.refs[key] for key in self.several(kind, name, tail) if key in self.refs)

    def lists(self, kind: str, name: str) -> dict[str, tuple[ColumnRef, ...]]:
        """The columns to which a relationship leads from each node, in order; equal ones are one tuple."""
        together, refs = self._together, self.refs
        same = {columns: columns for columns in together.values()}
        found: dict[str, tuple[ColumnRef, ...]] = {}
        for tail, keys in self._lists[kind, name]:
            columns = together.get(keys)
            if columns is None:
                columns = tuple(sorted({refs[key] for key in keys if key in refs}))
                columns = together[keys] = same.setdefault(columns, columns)
            found[tail] = columns
        return found
