"""What the audit says of identifiers that cross boundaries, and of legal bases that are not borne out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql_schema.core.found import Listed, page_of, passes
from graphql_schema.core.roots import known_urns
from lineage.audit.bases import BasisGap
from lineage.audit.crossings import IDENTIFIERS, Crossing
from lineage.audit.day import DayAudit

__all__ = ["CrossingsFound", "basis_gaps", "identifier_crossings"]


@dataclass(frozen=True, slots=True)
class CrossingRow:
    """An identifier that crosses a boundary, with the URNs of its columns."""

    crossing: Crossing
    columns: list[str]


@dataclass(slots=True)
class CrossingsFound(Listed[CrossingRow]):
    """A page of what crosses, and in how many flows something may that is not told."""

    undescribed: int


def identifier_crossings(day: DayAudit, args: Mapping[str, Any]) -> CrossingsFound:
    """A page of identifiers that cross boundaries, by provider, recipient and name: of those that pass every test."""
    known_urns(args, {"provider": "Agency", "recipient": "Agency"})
    crossings = day.recorded.crossings
    kinds = IDENTIFIERS if args.get("kinds") is None else frozenset(args["kinds"])
    found = [each for each in crossings.all(kinds) if _is_wanted(each, args)]
    page = page_of(found, lambda each: each.place, "crossing", args)
    rows = [CrossingRow(each, _urns(day, each)) for each in page.edges]
    return CrossingsFound(rows, page.total, page.has_next, page.end_cursor, crossings.undescribed())


def _is_wanted(crossing: Crossing, args: Mapping[str, Any]) -> bool:
    identifier = args.get("identifier")
    return (
        args.get("provider") in (None, crossing.provider)
        and args.get("recipient") in (None, crossing.recipient)
        and (identifier is None or identifier.casefold() == crossing.identifier.casefold())
    )


def _urns(day: DayAudit, crossing: Crossing) -> list[str]:
    known = day.recorded.crossings.columns
    ids = (known[ref].id for ref in crossing.columns)
    return [each for each in ids if each is not None]


@dataclass(frozen=True, slots=True)
class BasisRow:
    """What is amiss with a legal basis, and between whom the data flows."""

    gap: BasisGap
    provider: str | None
    recipient: str | None


def basis_gaps(day: DayAudit, args: Mapping[str, Any]) -> Listed[BasisRow]:
    """A page of legal bases that are not borne out, by flow, agreement and law: of those that pass every test."""
    known_urns(args, {"provider": "Agency", "recipient": "Agency", "agreement": "Agreement", "law": "Law"})
    rows = (BasisRow(gap, *day.audit.ends(day.live[gap.flow])) for gap in day.recorded.basis_gaps)
    found = [each for each in rows if _is_gap(each, args)]
    return page_of(found, lambda each: each.gap.place, "gap", args)


def _is_gap(row: BasisRow, args: Mapping[str, Any]) -> bool:
    return (
        passes(args.get("gaps"), row.gap.kind)
        and args.get("provider") in (None, row.provider)
        and args.get("recipient") in (None, row.recipient)
        and args.get("agreement") in (None, row.gap.agreement)
        and args.get("law") in (None, row.gap.law)
    )
