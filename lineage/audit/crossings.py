"""Which identifiers of persons cross which boundaries, in how many flows and runs (question 10).

An identifier is a column that says which person it is, by itself (a number, a name) or together with others (a birth date):
its personalKind is DIRECT_IDENTIFIER or QUASI_IDENTIFIER. Columns of one name, in whatever case, and one kind are one
identifier.

Looked at are the flows that are live on the day and that cross a boundary between two agencies, or of which one end is not known
(domain 9, Boundary: never dropped), with the columns that flow (9.2 A12); of a provider's reviewed, declassifying process
it is the target's columns (9.2 B3). An identifier that is masked on the way counts: masking alone stops nothing (9.2 A4).
Runs are those that wrote by the day; a flow without a recorded run counts as one on its first day (9.2 A10).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from msgspec import Struct

from catalog.model.enums_data import PersonalKind
from lineage.audit.asof import Cell
from lineage.audit.facts import ColumnRef, Flow
from lineage.audit.verdicts import Audit

__all__ = ["IDENTIFIERS", "Crossing", "Crossings"]

IDENTIFIERS = frozenset((PersonalKind.DIRECT_IDENTIFIER, PersonalKind.QUASI_IDENTIFIER))


class Crossing(Struct, frozen=True):
    """An identifier that crosses one boundary; an agency of None is not known."""

    provider: str | None
    recipient: str | None
    identifier: str
    """The name of its columns; of several spellings the first in the alphabet."""
    kind: PersonalKind
    columns: tuple[ColumnRef, ...]
    flows: tuple[str, ...]
    runs: int
    """Of all those flows together; one run that several of them share counts once."""
    last_run_on: date | None

    @property
    def place(self) -> str:
        """Where it stands: by provider, then recipient, those not known last; then by name, then kind."""
        ends = f"{self.provider or '~'} {self.recipient or '~'}"
        return f"{ends} {self.identifier.casefold()} {self.kind}"


class Crossings:
    """What crosses boundaries on a day."""

    def __init__(self, audit: Audit, live: Iterable[Flow]) -> None:
        self._audit = audit
        self.columns = {
            column.ref: column for facts in audit.asof.datasets.values() for fact in facts for column in fact.columns
        }
        """Those of the catalog."""
        ends = ((flow, audit.ends(flow)) for flow in live)
        self._crossing = [(flow, pair) for flow, pair in ends if None in pair or pair[0] != pair[1]]

    def all(self, kinds: Collection[PersonalKind] = IDENTIFIERS) -> list[Crossing]:
        """What crosses of these kinds, in order."""
        found: dict[tuple[str | None, str | None, str, PersonalKind], list[tuple[ColumnRef, Flow]]] = {}
        for flow, (provider, recipient) in self._crossing:
            for dataset, name in self._cells(flow):
                kind = None if name is None else self._kind((dataset, name))
                if name is not None and kind is not None and kind in kinds:
                    key = provider, recipient, name.casefold(), kind
                    found.setdefault(key, []).append(((dataset, name), flow))
        made = (self._crossing_of(*key, parts) for key, parts in found.items())
        return sorted(made, key=lambda each: each.place)

    def undescribed(self) -> int:
        """Of how many flows that cross a boundary it is not known of every column what it says about a person."""
        return sum(any(self._untold(cell) for cell in self._cells(flow)) for flow, _ in self._crossing)

    def _untold(self, cell: Cell) -> bool:
        return cell[1] is None or self._kind((cell[0], cell[1])) is None

    def _kind(self, column: ColumnRef) -> PersonalKind | None:
        known = self.columns.get(column)
        return None if known is None else known.personal_kind

    def _cells(self, flow: Flow) -> tuple[Cell, ...]:
        """The columns that cross."""
        asof = self._audit.asof
        if not self._audit.is_output(flow):
            return asof.flowing(flow)
        return tuple(cell for target in asof.datasets_in(flow.target) for cell in asof.columns(target))

    def _crossing_of(
        self,
        provider: str | None,
        recipient: str | None,
        _folded: str,
        kind: PersonalKind,
        parts: list[tuple[ColumnRef, Flow]],
    ) -> Crossing:
        flows = {flow.id: flow for _, flow in parts}
        runs = dict(run for flow in flows.values() for run in self._runs(flow))
        return Crossing(
            provider,
            recipient,
            min(ref[1] for ref, _ in parts),
            kind,
            tuple(sorted({ref for ref, _ in parts})),
            tuple(sorted(flows)),
            len(runs),
            max(runs.values(), default=None),
        )

    def _runs(self, flow: Flow) -> list[tuple[str, date]]:
        """The runs by which it happened, with their days."""
        recorded = self._audit.flowed.ran(flow)
        if recorded is not None:
            return [(run.id, run.on) for run in recorded]
        first = flow.first_seen
        return [(flow.id, first)] if first is not None and first <= self._audit.asof.day else []
