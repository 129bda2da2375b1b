"""What is one edge away from some nodes as one SQL statement (``Store.near``)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from catalog.stores.near import RNear
from catalog.stores.sqlite.conditions import among
from catalog.stores.sqlite.texts import name

__all__ = ["compile_near"]


@lru_cache(maxsize=256)
def compile_near(shape: tuple[RNear, ...]) -> str:
    """The statement: rows of (type, tail, head)."""
    branches = " UNION ".join(branch for of in shape for branch in _branches(of))
    return f"{branches} ORDER BY 1, 2, 3 LIMIT :first"


def _branches(of: RNear) -> Iterator[str]:
    """A table a branch; what is found by an index comes first in each."""
    given, here, there = ("t", "tail", "head") if of.tail is None else ("h", "head", "tail")
    other = "h" if of.tail is None else "t"
    led = "" if of.tail is None else f" AND t.kind = '{of.tail}'"
    for type_ in of.types:
        yield (
            f"SELECT '{type_}', t.urn, h.urn FROM {name(of.label)} AS n CROSS JOIN node AS {given} ON {given}.id = n.id "
            f"CROSS JOIN {name(f'e_{type_}')} AS e ON e.{here} = n.id AND e.retracted_at = '~' "
            f"CROSS JOIN node AS {other} ON {other}.id = e.{there} WHERE n.urn IN {among(of.label)}{led}"
        )
