"""Where lineage begins, where it ends, and what stands outside of it, as tests of a dataset. Pure.

A dataset feeds what an edge of lineage leads to, hidden or not; also where a flow leaves it, or the system that keeps it
(domain 9.2 A13), that is live on the day.
"""

from __future__ import annotations

from datetime import date

from catalog.selection import All, Any_, Compare, Has, Not, Op, Predicate

__all__ = ["is_leaf", "is_live", "is_orphan", "is_root"]


def is_live(day: date) -> Predicate:
    """Whether a flow is live on a day: it began by then or is only planned, and its last day counts (domain 9.2 A11)."""
    # A comparison with a day that is missing is false, and its negation true.
    return All((Not(Compare("first_seen", Op.GT, day)), Not(Compare("last_seen", Op.LT, day))))


def is_root(day: date) -> Predicate:
    """Whether a dataset feeds something and nothing feeds it, not even itself."""
    return All((_feeds(day), Not(_is_fed(day))))


def is_leaf(day: date) -> Predicate:
    """Whether something feeds a dataset and it feeds nothing, not even itself."""
    return All((_is_fed(day), Not(_feeds(day))))


def is_orphan(day: date) -> Predicate:
    """Whether a dataset feeds nothing and nothing feeds it."""
    return Not(Any_((_is_fed(day), _feeds(day))))


def _feeds(day: date) -> Predicate:
    return _moves("downstream", "flows_out", day)


def _is_fed(day: date) -> Predicate:
    return _moves("upstream", "flows_in", day)


def _moves(lineage: str, flows: str, day: date) -> Predicate:
    flow = Has(flows, is_live(day), "Flow")
    return Any_((Has(lineage, target="Dataset", veiled=True), flow, Has("stored_in", flow)))
