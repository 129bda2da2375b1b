"""A flow as it is stated: which one it is, and the derived edge that traversal follows (domain 9; the model's Flow)."""

from __future__ import annotations

import hashlib
from datetime import date
from functools import lru_cache

from catalog.batch import EdgeStatement
from catalog.model.data import Dataset
from catalog.urn import Urn, key

__all__ = ["feeds", "flow_urn"]

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
