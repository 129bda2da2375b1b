"""What a check says: one finding a thing that is wrong, with the remedy in its message."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from catalog.model.words import Described

__all__ = ["Finding", "Severity", "in_order"]


class Severity(Described):
    """How much a finding matters. The gravest first."""

    ERROR = "ERROR", "What cannot be so is said, or a rule that must hold does not."
    WARNING = "WARNING", "Something is owed or doubtful."
    NOTE = "NOTE", "Worth knowing."


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. ``code`` is stable; ``message`` says what is wrong and what to do."""

    code: str
    severity: Severity
    urn: str
    """The node it is about, or the node that the edge leaves; "" where there is none."""
    message: str


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """The gravest first, then by code, node and message."""
    rank = list(Severity)
    return sorted(findings, key=lambda f: (rank.index(f.severity), f.code, f.urn, f.message))
