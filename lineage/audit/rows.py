"""What was scanned of a store, by what is asked of it: what a relationship leads to from a node, the columns, the days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Container, Hashable, Iterable, Iterator, Sequence
from datetime import date
from itertools import chain, groupby, repeat
from operator import itemgetter
from typing import Any, TypeVar

from msgspec import Struct

from catalog.model import MODEL
from catalog.model.enums_data import PersonalKind
from catalog.stores.port import Scanned
from catalog.stores.table import Table
from lineage.audit.facts import ColumnRef, Columns

__all__ = ["Days", "Rows"]

_T = TypeVar("_T")
_UNMET: tuple[ColumnRef, ...] = (("", ""),)
"""Stands where columns are yet to be put together."""
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
        """Columns by key, of those that anything but a list of all columns of a dataset leads to."""
        self._lists = scanned.lists
        self._joins = scanned.joins
        self._keys: Sequence[tuple[Hashable, ...]] = ()
        self._together: Sequence[tuple[ColumnRef, ...]] = ()
        """The keys of the columns of each dataset, and these columns, in order."""
        self._one: dict[tuple[str, str], dict[str, Any]] = {}
        self._several: dict[tuple[str, str], dict[str, tuple[Any, ...]]] = {}
        self.columns = dict[str, Columns]()
        """Those of each dataset, in order."""
        columns = "Dataset", "columns"
        self._read_columns(scanned.parts.pop(columns), shared=columns in scanned.shared)

    def _read_columns(self, table: Table, *, shared: bool) -> None:
        """Take the columns of datasets, of which there are so many that each of them is made by what walks through them."""
        datasets, keys, ends, ids, names, kinds, seen = table.columns
        orders = {some: _order(some) for some in set(names)}
        alike = {some for some in orders if len(set(some)) < len(some)}
        places = [
            _order(list(zip(some, own, strict=True))) if some in alike else orders[some]
            for some, own in zip(names, ids, strict=True)
        ]
        refs = [tuple(zip(repeat(dataset), some)) for dataset, some in zip(datasets, names, strict=True)]
        columns = map(Columns, refs, map(self._days, seen), map(self._days, ends), map(_personal_kinds, kinds), ids)
        found = [each if order is None else _ordered(each, order) for each, order in zip(columns, places, strict=True)]
        # Which columns a list names must not hang on what else is read: so one that is shared is looked up by itself.
        self._keys = () if shared else keys
        self._together = [
            tuple(dict.fromkeys(each.refs)) if some in alike else each.refs
            for each, some in zip(found, names, strict=True)
        ][: len(self._keys)]
        asked = self._asked_for(set(map(id, self._keys)))
        both = zip(chain.from_iterable(keys), chain.from_iterable(refs), strict=True)
        led = ((key, ref) for key, ref in both if key in asked)
        # Of the datasets that have one column the last holds.
        self.refs = dict(sorted(led, key=itemgetter(1)) if shared else led)
        self.columns = dict(zip(datasets, found, strict=True))

    def _asked_for(self, whole: Container[int]) -> set[Hashable]:
        """What relationships lead to, where to columns, besides lists that are those of a whole dataset: few of all columns."""
        leading = (rows.columns[1] for ends, rows in self.edges.items() if "Column" in MODEL.relation(*ends).heads)
        joined = (ends for rows in self._joins.values() for ends in rows.columns[1:])
        some = (keys for rows in self._lists.values() for keys in rows.columns[1] if id(keys) not in whole)
        return set(chain.from_iterable(chain(leading, joined, some)))

    def _days(self, texts: Sequence[str | None] | None) -> tuple[date | None, ...] | None:
        return None if texts is None else tuple(map(self.day.__getitem__, texts))

    def made(self, facts: Iterable[_T], *kinds: str) -> tuple[_T, ...]:
        """Facts, once the rows of the kinds that they were made of are let go."""
        found = tuple(facts)
        for kind in kinds:
            del self.nodes[kind]
            for tables in (self.edges, self._lists, self._one, self._several):
                for named in [each for each in tables if each[0] == kind]:
                    del tables[named]
        return found

    def ordered(self, kind: str, name: str) -> Table:
        """The rows of a relationship by tail, head and days."""
        table = self.edges[kind, name]
        tails, heads, since, until, *_ = table.columns
        keys = list(zip(tails, heads, (day or "" for day in since), (day or _OPEN for day in until), strict=True))
        order = _order(keys)
        return table if order is None else Table([list(map(each.__getitem__, order)) for each in table.columns])

    def ends(self, kind: str, name: str) -> dict[str, Any]:
        """Where a relationship to one leads from each node: to the one that stands.

        Of several over time that is the latest, of several at once the first.
        """
        found = self._one.get((kind, name))
        if found is None:
            rows = self.edges[kind, name]
            found = dict(zip(*rows.columns[:2], strict=True))
            if len(found) < len(rows):
                led: dict[str, list[tuple[Any, str | None]]] = defaultdict(list)
                for tail, head, _, until, *_ in rows:
                    led[tail].append((head, until))
                found |= {tail: self._standing(heads) for tail, heads in led.items() if heads[1:]}
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
        return self.all_ends(kind, name).get(tail, ())

    def all_ends(self, kind: str, name: str) -> dict[str, tuple[Any, ...]]:
        """Where a relationship leads from each node from which it leads anywhere: all, whenever they stand, in order."""
        found = self._several.get((kind, name))
        if found is None:
            tails, heads, *_ = self.edges[kind, name].columns
            found = dict(zip(tails, zip(heads), strict=True))
            if len(found) < len(tails):
                led: dict[str, set[Any]] = defaultdict(set)
                for tail, head in zip(tails, heads, strict=True):
                    led[tail].add(head)
                found |= {tail: self._sorted(some) for tail, some in led.items() if len(some) > 1}
            self._several[kind, name] = found
        return found

    def _sorted(self, heads: Collection[Any]) -> tuple[Any, ...]:
        return tuple(sorted(heads) if self.refs.keys().isdisjoint(heads) else sorted(heads, key=self._place))

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
        """The columns to which a relationship leads from each node, in order; equal ones are one tuple.

        Keys of all columns of a dataset are mostly the very tuple that was read with it, which is known at once: to look at
        the keys themselves takes ten times as long.
        """
        tails, keys = self._lists[kind, name].columns
        same = dict(zip(map(id, self._keys), self._together, strict=True))
        found = list(map(same.get, map(id, keys), repeat(_UNMET)))
        if _UNMET in found:
            refs, equal = self.refs, {columns: columns for columns in self._together}
            for place, some in enumerate(keys):
                if found[place] is _UNMET:
                    columns = tuple(sorted({refs[key] for key in some if key in refs}))
                    found[place] = equal.setdefault(columns, columns)
        return dict(zip(tails, found, strict=True))


def _personal_kinds(names: Sequence[str | None] | None) -> tuple[PersonalKind | None, ...] | None:
    return None if names is None else tuple(PersonalKind(name) if name else None for name in names)


def _order(names: Sequence[Any]) -> Sequence[int] | None:
    """The places of names, in the order of names; None where that is as they are."""
    found = sorted(range(len(names)), key=names.__getitem__)
    return None if found == list(range(len(names))) else found


class _Ordered(Struct, frozen=True, gc=False):
    """Values in an order of their places, which are looked up only as somebody walks through them."""

    values: Iterable[Any]
    order: Sequence[int]

    def __iter__(self) -> Iterator[Any]:
        """Each value."""
        return map(list(self.values).__getitem__, self.order)


def _ordered(columns: Columns, order: Sequence[int]) -> Columns:
    def ordered(part: tuple[_T, ...] | None) -> tuple[_T, ...] | None:
        return None if part is None else tuple(map(part.__getitem__, order))

    ids = columns.ids
    return Columns(
        tuple(map(columns.refs.__getitem__, order)),
        ordered(columns.first_days),
        ordered(columns.valid_tos),
        ordered(columns.personal_kinds),
        ordered(ids) if ids is None or isinstance(ids, tuple) else _Ordered(ids, order),
    )
