"""The root field that counts what flows between agencies: every flow is read once, and the fields chosen of the agencies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from catalog.errors import InvalidSelection
from catalog.model.enums import Classification
from catalog.selection import MAX_PAGE, NO_EDGE, All, Cursor, Order, Row
from graphql_schema.core.chosen import Chosen
from graphql_schema.core.context import Context
from graphql_schema.core.filters import FilterTest, predicate
from graphql_schema.core.plan import HIDDEN, Rows
from graphql_schema.core.reading import EFFORT, Completeness, read_pages
from graphql_schema.core.roots import Root, known_urn
from graphql_schema.core.telling import NodeAt, Telling
from lineage.agency_flows import (
    DEFAULT_CELLS,
    MAX_CELLS,
    MAX_FLOWS,
    AgencyCell,
    Determined,
    Movement,
    cells_of,
    class_of,
    holder_of,
)
from lineage.ends import is_live

__all__ = ["FindAgencyFlows", "SideOf"]

_ORDER = Order("flows", descending=True)
"""What cursors of cells are made for."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the fields of the answer are read from."""

    cells: list[AgencyCell]
    total: int
    """Cells in all."""
    has_next: bool
    end_cursor: str | None
    counted: int
    """Flows that the cells of all pages count."""
    completeness: Completeness


@dataclass(frozen=True, slots=True)
class FindAgencyFlows(Root):
    """A page of the matrix of agencies: a round trip for each MAX_PAGE flows, and one for the agencies of the page."""

    tests: Mapping[str, FilterTest]
    """Those of a filter of flows."""

    effort: ClassVar[int] = EFFORT
    usual_first: ClassVar[int] = DEFAULT_CELLS
    max_first: ClassVar[int] = MAX_CELLS

    async def answer(self, chosen: Chosen, context: Context, as_of: date) -> Any:
        """See ``Root``."""
        args = chosen.args
        first, after = args["first"], args.get("after")
        if not 0 <= first <= MAX_CELLS:
            raise InvalidSelection(f"'first' is {first}: a page holds 0 to {MAX_CELLS} edges; go on with 'after'")
        place = None if after is None else _place(after)
        wanted = _wanted(args)
        telling = Telling(chosen)
        live, given = is_live(as_of), args.get("filter")
        flows = Rows("Flow", live if given is None else All((live, predicate(given, self.tests))))
        movements, completeness = await read_pages(flows, _movement(flows), MAX_FLOWS, context, as_of)
        cells = [cell for cell in cells_of(movements) if wanted(cell)]
        beyond = cells if place is None else [cell for cell in cells if cell.place > place]
        page = beyond[:first]
        end = _cursor(page[-1]) if page else None
        counted = sum(cell.flows for cell in cells)
        answer = _Answer(page, len(cells), len(beyond) > first, end, counted, completeness)
        return await telling.tell(answer, context, as_of)

    def size(self, first: int, /) -> int:
        """See ``Mapped``."""
        return first


@dataclass(frozen=True, slots=True)
class SideOf(NodeAt):
    """The agency on a side of a cell, or None: the two count with their cell, and not for themselves."""

    brings: ClassVar[int] = 0


def _wanted(args: Mapping[str, Any]) -> Callable[[AgencyCell], bool]:
    """Which cells are asked for."""
    agency = args.get("agency")
    if agency is not None:
        known_urn(agency, "Agency")

    def wanted(cell: AgencyCell) -> bool:
        concerns = agency is None or agency in (cell.provider, cell.recipient)
        return concerns and not (args["crossing"] and cell.is_crossing is False)

    return wanted


def _movement(rows: Rows) -> Callable[[Row], Movement]:
    """Add to the rows of flows what each is counted by; answers how to read it."""
    sources, targets = _ends(rows, "from_asset"), _ends(rows, "to_asset")
    stated = {step: rows.relate(step, _some("Agency")) for step in ("provided_by", "received_by")}
    jobs = rows.relate("via", _some("Job"))

    def get(row: Row) -> Movement:
        source, target = sources(row), targets(row)
        classes = [class_of(*determined) for determined in source.determined] or [class_of((), ())]
        return Movement(
            holder_of(source.holders, _urns(row[stated["provided_by"]].rows)),
            holder_of(target.holders, _urns(row[stated["received_by"]].rows)),
            frozenset(source.datasets),
            frozenset(_urns(row[jobs].rows)),
            frozenset[Classification]().union(*classes),
        )

    return get


@dataclass(frozen=True, slots=True)
class _End:
    """What stands at one end of a flow."""

    datasets: list[str]
    holders: list[str]
    determined: list[tuple[list[Determined], list[Determined]]]
    """Of each dataset: its determinations, and those of what it is an edition of."""


def _ends(flows: Rows, step: str) -> Callable[[Row], _End]:
    """Add the datasets and systems at one end of a flow, by whom they are held, and how datasets are classed."""
    datasets, systems, editions = _some("Dataset"), _some("System"), _some("Dataset")
    held = {rows.kind: rows.relate("held_by", _some("Agency")) for rows in (datasets, systems)}
    own, edition = _determined(datasets), datasets.relate("version_of", editions)
    others = _determined(editions)
    names = {rows.kind: flows.relate(step, rows) for rows in (datasets, systems)}

    def get(row: Row) -> _End:
        found = {kind: _seen(row[name].rows) for kind, name in names.items()}
        return _End(
            [each["urn"] for each in found["Dataset"]],
            [urn for kind, rows in found.items() for each in rows for urn in _urns(each[held[kind]].rows)],
            [
                (own(each), [said for other in _seen(each[edition].rows) for said in others(other)])
                for each in found["Dataset"]
            ],
        )

    return get


def _determined(datasets: Rows) -> Callable[[Row], list[Determined]]:
    """Add the determinations of datasets."""
    determinations = _some("ClassificationDetermination")
    determinations.props |= dict.fromkeys(("classes", "valid_from"))
    name = datasets.relate("classifications", determinations)

    def get(row: Row) -> list[Determined]:
        return [
            Determined(tuple(Classification(each) for each in said["classes"]), said["valid_from"] or "")
            for said in _seen(row[name].rows)
        ]

    return get


def _some(kind: str) -> Rows:
    return Rows(kind, first=MAX_PAGE, read=True)


def _seen(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if HIDDEN not in row]


def _urns(rows: Sequence[Row]) -> list[str]:
    return [row["urn"] for row in _seen(rows)]


def _cursor(cell: AgencyCell) -> str:
    return Cursor(cell.flows, f"{cell.provider or ''} {cell.recipient or ''}", NO_EDGE).encode(_ORDER)


def _place(after: str) -> tuple[Any, ...]:
    """Where the page before ended. Raises InvalidSelection on a cursor that is none of ours."""
    cursor = Cursor.decode(after, _ORDER)
    provider, space, recipient = cursor.urn.partition(" ")
    if not space or not isinstance(cursor.key, int):
        raise InvalidSelection("'after' is no cursor of ours: pass the end cursor of an earlier page")
    return AgencyCell(provider or None, recipient or None, cursor.key).place
