"""Facts apart: of each kind, each field of all of them as one list, to be packed, and put together again.

Of facts that are packed one by one, as much is noted about each as it holds. What is one object here is one again: the columns
of a dataset and those that a flow carries, when it carries all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import chain, islice, repeat
from operator import attrgetter
from typing import Any, get_args, get_type_hints

from msgspec import Struct

from catalog.stores.scanning import Texts
from lineage.audit.facts import ColumnFlow, ColumnRef, Columns, Dataset, Facts, Flow

__all__ = ["apart", "together"]

Fields = list[list[Any]]


def _kinds() -> dict[str, type[Struct]]:
    """What there are tuples of in Facts."""
    found: dict[str, type[Struct]] = {}
    for name, hint in get_type_hints(Facts).items():
        first = next(iter(get_args(hint)), None)
        if isinstance(first, type) and issubclass(first, Struct):
            found[name] = first
    return found


_KINDS = _kinds()


def apart(facts: Facts) -> Iterator[Any]:
    """What each field of Facts holds, in order."""
    for name in Facts.__struct_fields__:
        value = getattr(facts, name)
        if name not in _KINDS:
            yield value
        elif name == "datasets":
            yield _datasets_apart(value)
        elif name == "flows":
            yield _flows_apart(value, facts.datasets)
        else:
            yield _fields(value, _KINDS[name].__struct_fields__)


def together(parts: Callable[[], Any]) -> Facts:
    """The facts; ``parts`` answers what ``apart`` did, one after the other."""
    found: dict[str, Any] = {}
    for name in Facts.__struct_fields__:
        part = parts()
        if name not in _KINDS:
            found[name] = part
        elif name == "datasets":
            found[name] = _datasets_together(part)
        elif name == "flows":
            found[name] = _flows_together(part, found["datasets"])
        else:
            found[name] = tuple(map(_KINDS[name], *part))
    return Facts(**found)


def _fields(facts: Collection[Struct], names: tuple[str, ...]) -> Fields:
    return [list(map(attrgetter(name), facts)) for name in names]


def _datasets_apart(datasets: tuple[Dataset, ...]) -> tuple[Fields, Fields]:
    columns = [each.columns for each in datasets]
    names, *others = _fields(columns, Columns.__struct_fields__)
    known: dict[tuple[str, ...], tuple[str, ...]] = {}
    for place, (dataset, refs) in enumerate(zip(datasets, names, strict=True)):
        if all(of == dataset.id for of, _ in refs):
            some = tuple([name for _, name in refs])
            names[place] = known.setdefault(some, some)
    others[-1] = [each.json if isinstance(each, Texts) else each for each in others[-1]]
    own, _, *rest = _fields(datasets, Dataset.__struct_fields__)
    return [own, *rest], [names, *others]


def _datasets_together(parts: tuple[Fields, Fields]) -> tuple[Dataset, ...]:
    (own, *rest), (names, *others) = parts
    refs = (
        tuple(zip(repeat(dataset), some)) if some and isinstance(some[0], str) else some
        for dataset, some in zip(own, names, strict=True)
    )
    others[-1] = [Texts(each) if isinstance(each, str) else each for each in others[-1]]
    return tuple(map(Dataset, own, map(Columns, refs, *others), *rest))


def _flows_apart(flows: tuple[Flow, ...], datasets: tuple[Dataset, ...]) -> tuple[Fields, Fields]:
    whole = {id(each.columns.refs): place for place, each in enumerate(datasets) if each.columns.refs}
    number = _Numbers(datasets).number
    pairs = list(chain.from_iterable([each.column_flows for each in flows]))
    from_, to, *rest = _fields(pairs, ColumnFlow.__struct_fields__)
    fields = dict(zip(Flow.__struct_fields__, _fields(flows, Flow.__struct_fields__), strict=True))
    fields["columns"] = [
        tuple(map(number, some)) if (place := whole.get(id(some))) is None else place for some in fields["columns"]
    ]
    fields["column_flows"] = [len(each.column_flows) for each in flows]
    return list(fields.values()), [list(map(number, from_)), list(map(number, to)), *rest]


def _flows_together(parts: tuple[Fields, Fields], datasets: tuple[Dataset, ...]) -> tuple[Flow, ...]:
    columns, (from_, to, *rest) = parts
    fields = dict(zip(Flow.__struct_fields__, columns, strict=True))
    refs = list(chain.from_iterable([each.columns.refs for each in datasets]))

    def numbered(some: Iterable[int | ColumnRef]) -> list[ColumnRef]:
        return [refs[each] if isinstance(each, int) else each for each in some]

    pairs = map(ColumnFlow, numbered(from_), numbered(to), *rest)
    fields["column_flows"] = [tuple(islice(pairs, number)) if number else () for number in fields["column_flows"]]
    fields["columns"] = [
        datasets[some].columns.refs if isinstance(some, int) else tuple(numbered(some)) if some else ()
        for some in fields["columns"]
    ]
    return tuple(map(Flow, *fields.values()))


class _Numbers:
    """The columns of datasets by their numbers, counted through all datasets in order."""

    def __init__(self, datasets: Iterable[Dataset]) -> None:
        self._refs: dict[str, tuple[int, tuple[ColumnRef, ...]]] = {}
        """The columns of each dataset, and the number of the first."""
        self._places: dict[str, dict[ColumnRef, int]] = {}
        start = 0
        for each in datasets:
            self._refs[each.id] = start, each.columns.refs
            start += len(each.columns.refs)

    def number(self, ref: ColumnRef) -> int | ColumnRef:
        """The number of a column; itself where no dataset has it."""
        dataset, _ = ref
        places = self._places.get(dataset)
        if places is None:
            start, refs = self._refs.get(dataset, (0, ()))
            places = self._places[dataset] = {each: place for place, each in enumerate(refs, start)}
        return places.get(ref, ref)
