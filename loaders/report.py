"""What a load did, record by record: the product of a load, not a log (``design.md`` section 6)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields, replace

import msgspec

from catalog.batch import WriteResult
from catalog.model.own import LoadRun, Source
from loaders.quarantine import Quarantined
from loaders.record import Problem, Record

__all__ = ["LoadReport"]

_WRITTEN_BY_A_PROGRAM = frozenset(("dbt",))
"""Kinds of sources whose records nobody mends by hand, so that they are not played again."""


@dataclass(slots=True)
class LoadReport:
    """The account of a load: ``read == written + unchanged + len(quarantined)``, counted in records of the source."""

    kind: str
    source: Source
    run: str
    day: str
    read: int = 0
    written: int = 0
    unchanged: int = 0
    quarantined: list[Quarantined] = field(default_factory=list[Quarantined])
    created: Counter[str] = field(default_factory=Counter[str])
    """Nodes by label and edges by relationship type, as in ``updated``, ``closed`` and ``retracted``."""
    updated: Counter[str] = field(default_factory=Counter[str])
    closed: Counter[str] = field(default_factory=Counter[str])
    retracted: Counter[str] = field(default_factory=Counter[str])
    outranked: Counter[str] = field(default_factory=Counter[str])
    """Nodes by label of which a source of better precedence says something else, which stands."""
    warnings: Counter[str] = field(default_factory=Counter[str])
    """Rules that records broke and were taken in all the same."""
    superseded_by: str | None = None
    """The later day of which this source was loaded before: then nothing was written."""
    revision: int = 0
    seconds: float = 0.0
    _outcome: dict[str, bool] = field(default_factory=dict[str, bool], repr=False)
    """Place of a record to whether it changed anything."""

    def add(self, records: list[Record], result: WriteResult) -> None:
        """Account for records, or parts of records, that one write took in."""
        self.tally(result)
        written = result.written_urns
        for record in records:
            changed = (
                any(node.entity.urn in written for node in record.nodes)
                or any(edge.tail in written for edge in record.edges)
                or any(tail in written for tail, _ in record.restates)
            )
            self._count(record.place, changed=changed)

    def tally(self, result: WriteResult) -> None:
        """Count what a write changed."""
        self.revision = result.revision
        for mine, theirs in (
            (self.created, result.created),
            (self.updated, result.updated),
            (self.closed, result.closed),
            (self.retracted, result.retracted),
            (self.outranked, result.outranked),
        ):
            mine.update(theirs)

    def refuse(self, record: Record, problem: Problem) -> None:
        """Account for a record that was kept out."""
        before = self._outcome.pop(record.place, None)
        self.written -= before is True
        self.unchanged -= before is False
        raw = msgspec.json.decode(record.raw) if isinstance(record.raw, msgspec.Raw) else record.raw
        self.quarantined.append(Quarantined(record.place, record.identifier, problem, raw))

    def _count(self, place: str, *, changed: bool) -> None:
        before = self._outcome.get(place)
        after = changed or before is True
        self._outcome[place] = after
        self.written += after and before is not True
        self.unchanged += (not after and before is None) - (after and before is False)

    @property
    def changed(self) -> bool:
        """Whether the load changed anything."""
        return any((self.created, self.updated, self.closed, self.retracted))

    def to_text(self) -> str:
        """The account in plain lines."""
        rate = f", {self.read / self.seconds:,.0f} a second" if self.seconds else ""
        kept_out = len(self.quarantined)
        lines = [
            f"{self.kind}: {self.source.urn} as of {self.day}",
            f"  records: {self.read} read = {self.written} written + {self.unchanged} unchanged + {kept_out} quarantined",
        ]
        if self.superseded_by:
            lines.append(
                f"  nothing was written: this source is loaded as of {self.superseded_by}, and older words undo nothing"
            )
            lines.append("  if it is the newer one, say of which day it speaks: --as-of YYYY-MM-DD")
        for name in ("created", "updated", "closed", "retracted", "outranked"):
            counted = getattr(self, name)
            if counted:
                lines.append(f"  {name}: " + ", ".join(f"{n} {what}" for what, n in sorted(counted.items())))
        if self.warnings:
            told = ", ".join(f"{n} {rule}" for rule, n in sorted(self.warnings.items()))
            lines.append(f"  taken in all the same: {told}")
        lines += [f"  kept out: {_line(q)}" for q in self.quarantined[:20]]
        if len(self.quarantined) > 20:  # noqa: PLR2004 - lines that fit a screen
            lines.append(f"  ... and {len(self.quarantined) - 20} more")
        if self.quarantined and self.kind in _WRITTEN_BY_A_PROGRAM:
            lines.append(f"  to look at them: waypost quarantine {self.run}; mend what writes them, and load them anew")
        elif self.quarantined:
            lines.append(f"  to mend them: waypost quarantine {self.run} --output FILE; then: waypost replay FILE")
        lines.append(f"  revision {self.revision}, {self.seconds:.1f} s{rate}")
        return "\n".join(lines)

    def kept_in(self, run: LoadRun) -> LoadRun:
        """The run, with this account."""
        return replace(
            run,
            read=self.read,
            written=self.written,
            unchanged=self.unchanged,
            closed=self.closed.total(),
            quarantined=len(self.quarantined),
            report=self.to_json(),
        )

    def to_json(self) -> str:
        """The whole account, quarantined records with their raw text included."""
        public = {f.name: getattr(self, f.name) for f in fields(self) if not f.name.startswith("_")}
        return msgspec.json.format(msgspec.json.encode(public), indent=2).decode()


def _line(kept_out: Quarantined) -> str:
    problem = kept_out.problem
    where = f"{kept_out.place}: {problem.path}" if problem.path else kept_out.place
    return f"{where}: {problem.rule}: {problem.message}: {problem.remedy}"
