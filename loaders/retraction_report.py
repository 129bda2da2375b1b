"""What taking back a source's words did, statement by statement."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from typing import Any

import msgspec

from catalog.batch import WriteResult
from catalog.model.own import Source

__all__ = ["RetractionReport"]

_NAMED = 20
"""Nodes that stay and are named to people; the whole account has all."""


@dataclass(slots=True)
class RetractionReport:
    """The account of a retraction: kind by kind ``said == retracted + left + kept``, unless others wrote meanwhile.

    Nodes are counted by label, edges by relationship type: of each what the source said.
    """

    source: Source
    run: str
    is_dry: bool = False
    """Whether nothing was written, and the rest is what would come of it."""
    said: Counter[str] = field(default_factory=Counter[str])
    retracted: Counter[str] = field(default_factory=Counter[str])
    """What only this source said, and every assertion of it."""
    left: Counter[str] = field(default_factory=Counter[str])
    """Nodes that stay, in the words of others."""
    kept: Counter[str] = field(default_factory=Counter[str])
    """Nodes that stay in its words, since others' assertions stand on them and only it described them."""
    kept_urns: set[str] = field(default_factory=set[str])
    records: int = 0
    """Records of lineage events that are forgotten, so that the same events loaded again say it all anew."""
    is_settled: bool = True
    """Whether nothing is left to take back; False where the source went on speaking."""
    revision: int = 0
    seconds: float = 0.0

    @property
    def changed(self) -> bool:
        """Whether anything was, or would be, taken back."""
        return any((self.retracted, self.left, self.records))

    def tally(self, result: WriteResult) -> None:
        """Count what a write took back."""
        self.revision = result.revision
        retracted = Counter(result.retracted)
        self.records += retracted.pop("LineageRecord", 0)
        self.retracted += retracted
        self.left.update(result.updated)
        self.kept.update(result.kept)
        self.kept_urns |= result.kept_urns

    def to_text(self) -> str:
        """The account in plain lines."""
        sums = [sum(counted.values()) for counted in (self.said, self.retracted, self.left, self.kept)]
        said, retracted, left, kept = sums
        head = "would be taken back of" if self.is_dry else "taken back of"
        lines = [
            f"{head} {self.source.urn} ({self.source.title})",
            f"  statements: {said} said = {retracted} retracted + {left} left to others + {kept} kept",
        ]
        for name, counted in (("retracted", self.retracted), ("left to others", self.left), ("kept", self.kept)):
            if counted:
                lines.append(f"  {name}: " + ", ".join(f"{n} {what}" for what, n in sorted(counted.items())))
        if self.records:
            lines.append(f"  records of events forgotten: {self.records}")
        if self.kept_urns:
            named = sorted(self.kept_urns)
            lines.append("  kept, since only it describes what others' assertions stand on:")
            lines += [f"    {urn}" for urn in named[:_NAMED]]
            if len(named) > _NAMED:
                lines.append(f"    ... and {len(named) - _NAMED} more: --format json lists them all")
        lines.append(f"  revision {self.revision}, {self.seconds:.1f} s")
        return "\n".join(lines)

    def public(self) -> dict[str, Any]:
        """The whole account, for a script."""
        return {f.name: getattr(self, f.name) for f in fields(self)} | {"kept_urns": sorted(self.kept_urns)}

    def to_json(self) -> str:
        """The whole account, as the journal keeps it."""
        return msgspec.json.encode(self.public()).decode()
