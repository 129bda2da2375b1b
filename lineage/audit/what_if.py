"""What would change: the same functions on changed facts, and the verdicts that differ (9.2 F6)."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from lineage.audit.verdicts import Verdict

__all__ = ["Change", "changes"]


class Change(Struct, frozen=True):
    """A flow whose verdict is another."""

    flow: str
    before: Verdict | None
    """None: there was no such flow."""
    after: Verdict | None
    """None: there is no such flow any more."""


def changes(before: Mapping[str, Verdict], after: Mapping[str, Verdict]) -> list[Change]:
    """The flows whose kind, cover, reasons or unknowns differ, by id; who was tried in vain does not count."""
    return [
        Change(flow, before.get(flow), after.get(flow))
        for flow in sorted(before.keys() | after.keys())
        if _said(before.get(flow)) != _said(after.get(flow))
    ]


def _said(verdict: Verdict | None) -> object:
    return verdict and (verdict.kind, verdict.by, verdict.reasons, verdict.why)
