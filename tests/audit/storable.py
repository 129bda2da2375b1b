"""Random worlds as a graph can hold them: ids are URNs, and what the model has no words for is not so.

A graph knows no unit that holds data, no agreement, column or system that is only spoken of, no run that is said to have
written nothing, no review that saw nothing, no determination of no class, and no span without a day.
"""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from datetime import date
from typing import Any, Protocol, TypeVar, cast

from catalog.urn import key
from tests.audit.oracle.facts import Agreement, Classification, ColumnRef, CoverageTerm, Flow, Holding, Run, World

__all__ = ["storable", "world_of"]

_SLUGS = {"series": "dataset-series", "process": "job", "request": "data-request"}
_SAME = ("dataset", "agency", "unit", "system", "program", "law", "purpose", "run", "flow", "agreement")
_ID = re.compile(rf"({'|'.join((*_SLUGS, *_SAME))}):(.+)")
_WORLD = re.compile(r"^urn:waypost:[a-z-]+:key:w(\d+):")


class _Spanned(Protocol):
    @property
    def valid_from(self) -> date | None: ...

    @property
    def valid_to(self) -> date | None: ...


_S = TypeVar("_S", bound=_Spanned)


def storable(world: World, number: int) -> World:
    """The world as a graph holds it; ids tell its number."""
    return cast("World", _named(_Fitting(world).world(), number))


def world_of(urn: str) -> int:
    """The number of the world of which an id is."""
    found = _WORLD.match(urn)
    assert found is not None, urn
    return int(found[1])


def _named(value: Any, number: int) -> Any:
    if isinstance(value, str) and type(value) is str:
        found = _ID.fullmatch(value)
        if found is None:
            return value
        kind = "coverage-term" if "/" in value and found[1] == "agreement" else _SLUGS.get(found[1], found[1])
        return key(kind, f"w{number}", found[2])
    if isinstance(value, tuple):
        return tuple(_named(each, number) for each in cast("tuple[Any, ...]", value))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: _named(getattr(value, field.name), number) for field in fields(value)})
    return value


def _spanned(facts: tuple[_S, ...]) -> tuple[_S, ...]:
    """Those that hold on some day."""
    return tuple(f for f in facts if f.valid_from is None or f.valid_to is None or f.valid_from < f.valid_to)


class _Fitting:
    def __init__(self, world: World) -> None:
        self._world = world
        self._columns = {ColumnRef(each.dataset, each.name) for each in world.columns}
        self._agreements = {each.id for each in world.agreements}
        self._systems = {each.id for each in world.systems}
        self._units = {each.id: each.agency for each in world.units}

    def world(self) -> World:
        """All of it."""
        old = self._world
        determinations = tuple(
            replace(each, classes=each.classes or frozenset((Classification.UNDETERMINED,)))
            for each in old.determinations
            if (each.column is None or ColumnRef(each.dataset, each.column) in self._columns)
            and (each.on is None or each.valid_to is None or each.on < each.valid_to)
        )
        return replace(
            old,
            systems=tuple(replace(each, agency=self._agency(each.agency)) for each in old.systems),
            members=_spanned(old.members),
            held_by=self._holdings(old.held_by),
            controlled_by=self._holdings(old.controlled_by),
            collected_under=_spanned(old.collected_under),
            publications=_spanned(old.publications),
            determinations=determinations,
            planned=(),
            agreements=tuple(map(self._agreement, old.agreements)),
            runs=tuple(map(self._run, old.runs)),
            reviews=tuple(replace(r, columns=self._known(r.columns or ()) or None) for r in old.reviews),
            flows=tuple(map(self._flow, old.flows)),
        )

    def _agency(self, id_: str | None) -> str | None:
        return None if id_ is None else self._units.get(id_, id_)

    def _known(self, refs: tuple[ColumnRef, ...]) -> tuple[ColumnRef, ...]:
        return tuple(ref for ref in refs if ref in self._columns)

    def _holdings(self, holdings: tuple[Holding, ...]) -> tuple[Holding, ...]:
        """By agencies; of an agency one a dataset."""
        found: dict[tuple[str, str], Holding] = {}
        for each in _spanned(holdings):
            agency = self._agency(each.agency)
            if agency is not None:
                found.setdefault((each.dataset, agency), replace(each, agency=agency))
        return tuple(found.values())

    def _agreement(self, one: Agreement) -> Agreement:
        return replace(
            one,
            under=tuple(each for each in one.under if each in self._agreements),
            terms=tuple(map(self._term, one.terms)),
            amendments=tuple(replace(a, add_terms=tuple(map(self._term, a.add_terms))) for a in one.amendments),
        )

    def _term(self, term: CoverageTerm) -> CoverageTerm:
        systems = tuple(each for each in term.systems if each in self._systems)
        return replace(term, systems=systems, columns=self._known(term.columns))

    def _run(self, run: Run) -> Run:
        outputs = [
            replace(each, columns=None if each.columns is None else self._names(each.dataset, each.columns))
            for each in run.outputs or ()
        ]
        agreement = run.agreement if run.agreement in self._agreements else None
        return replace(run, outputs=tuple(o for o in outputs if o.columns != ()) or None, agreement=agreement)

    def _names(self, dataset: str, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in names if ColumnRef(dataset, name) in self._columns)

    def _flow(self, flow: Flow) -> Flow:
        steps = (each for each in flow.column_flows if {each.from_, each.to} <= self._columns)
        return replace(
            flow,
            columns=self._known(flow.columns),
            column_flows=tuple(steps),
            provider=self._agency(flow.provider),
            recipient=self._agency(flow.recipient),
            claims=tuple(each for each in flow.claims if each in self._agreements),
        )
