"""A flow as it is stated: which one it is, and the derived edge that traversal follows (domain 9; the model's Flow)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from catalog.batch import EdgeStatement
from catalog.model.data import Dataset
from catalog.urn import Urn, key
from lineage.openlineage.flows import day_after

__all__ = ["Feeding", "feeds", "feeds_of", "flow_urn"]

_DIGEST_LENGTH = 32


@lru_cache(maxsize=16_384)
def flow_urn(source: str, job: str | None, target: str, purpose: str | None = None) -> Urn:
    """The URN of what flows from ``source`` through ``job`` to ``target`` for ``purpose``: the same four, the same flow.

    All are URNs; one of a job or purpose that is not known is None or empty. It is a digest, since four URNs may be longer than one can be.
    """
    ends = f"{source} {job or ''} {target} {purpose or ''}"
    return key("flow", hashlib.sha256(ends.encode()).hexdigest()[:_DIGEST_LENGTH])


def feeds(flow: Urn, source: Urn, job: Urn | None, target: Urn, first_seen: date | None = None) -> EdgeStatement:
    """The edge ``downstream`` that a flow between two datasets amounts to, from the first day that it is known of."""
    props = {"flow": flow} if job is None else {"flow": flow, "job": job}
    return EdgeStatement(Dataset.downstream, source, target, first_seen, None, props)


class Feeding(NamedTuple):
    """A flow between two datasets, as far as one feeds the other by it. Days count; None where one is not known, or it goes on."""

    flow: Urn
    job: Urn | None
    first: date | None
    last: date | None


def feeds_of(source: Urn, target: Urn, flows: Collection[Feeding]) -> EdgeStatement:
    """The edge ``downstream`` that all flows from one dataset to another amount to, one at least.

    One that goes on is named, where there is one, and of those the one with the smallest URN; the edge begins with the first of
    them, and ends with the last where all have ended (domain 9.2 A7, A11).
    """
    named = min(flows, key=lambda f: (f.last is not None, f.flow))
    firsts = [flow.first for flow in flows]
    lasts = [flow.last for flow in flows if flow.last is not None]
    begin = None if None in firsts else min(first for first in firsts if first is not None)
    end = day_after(max(lasts).isoformat()) if len(lasts) == len(flows) else None
    props = {"flow": named.flow} if named.job is None else {"flow": named.flow, "job": named.job}
    return EdgeStatement(Dataset.downstream, source, target, begin, end, props)
