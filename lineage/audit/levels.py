"""The lattice of classes (domain 7; 9.2 A1 to A3): a level is a set of classes as bits, and a join is their union."""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct

from catalog.model.enums_data import Classification
from lineage.audit.words import Known

__all__ = ["UNDECIDED", "Level", "classes_of", "level_of", "mask_of", "restricted"]

_BITS = {
    Classification.OPEN: 1,
    Classification.PUBLIC: 2,
    Classification.PROTECTED: 4,
    Classification.PERSONAL: 8,
    Classification.PRIVATE: 16,
    Classification.UNDETERMINED: 32,
}
UNDECIDED = _BITS[Classification.UNDETERMINED]
_RESTRICTED = _BITS[Classification.PROTECTED] | _BITS[Classification.PERSONAL] | _BITS[Classification.PRIVATE]
_STRICTEST = (
    (Classification.PERSONAL, Classification.PRIVATE),
    (Classification.PROTECTED,),
    (Classification.PUBLIC,),
    (Classification.OPEN,),
)


class Level(Struct, frozen=True):
    """What a join keeps (9.2 A3)."""

    known: frozenset[Classification]
    """The strictest known classes: none, one, or PERSONAL with PRIVATE."""
    undecided: bool
    """Whether anything is undecided; then UNDETERMINED is what is shown (domain R16)."""


@lru_cache
def mask_of(classes: frozenset[Classification]) -> int:
    """The bits of classes that stand together (9.2 A1); of none it is undecided."""
    mask = 0
    for each in classes:
        mask |= _BITS[each]
    return mask or UNDECIDED


@lru_cache
def level_of(mask: int) -> Level:
    """The level that bits stand for."""
    for group in _STRICTEST:
        found = frozenset(each for each in group if mask & _BITS[each])
        if found:
            return Level(found, bool(mask & UNDECIDED))
    return Level(frozenset(), undecided=True)


@lru_cache
def classes_of(mask: int) -> tuple[Classification, ...]:
    """The level as it is shown: UNDETERMINED beside what is known where anything is undecided (domain R16).

    In the order of ``Classification``.
    """
    level = level_of(mask)
    found = level.known | {Classification.UNDETERMINED} if level.undecided else level.known
    return tuple(each for each in Classification if each in found)


def restricted(mask: int) -> Known:
    """Whether it is stricter than PUBLIC: the known part first (9.2 A2, A3)."""
    if mask & _RESTRICTED:
        return Known.YES
    return Known.UNKNOWN if mask & UNDECIDED or not mask else Known.NO
