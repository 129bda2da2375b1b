"""Update frequencies as catalogs state them (domain 2 ``UpdateFrequency``, domain 13.6)."""

from __future__ import annotations

from catalog.model.enums import UpdateFrequency
from catalog.text import fold

__all__ = ["frequency"]

_F = UpdateFrequency
_KNOWN = {
    "r/pt1s": _F.REAL_TIME,
    "continuous": _F.REAL_TIME,
    "r/p1d": _F.DAILY,
    "daily": _F.DAILY,
    "r/p1w": _F.WEEKLY,
    "r/p7d": _F.WEEKLY,
    "weekly": _F.WEEKLY,
    "r/p2w": _F.BIWEEKLY,
    "r/p0.5m": _F.BIWEEKLY,
    "every 2 weeks": _F.BIWEEKLY,
    "r/p1m": _F.MONTHLY,
    "monthly": _F.MONTHLY,
    "r/p2m": _F.BIMONTHLY,
    "r/p3m": _F.QUARTERLY,
    "quarterly": _F.QUARTERLY,
    "r/p6m": _F.TWICE_A_YEAR,
    "semiannual": _F.TWICE_A_YEAR,
    "r/p1y": _F.ANNUALLY,
    "annual": _F.ANNUALLY,
    "annually": _F.ANNUALLY,
    "yearly": _F.ANNUALLY,
    "r/p2y": _F.EVERY_TWO_YEARS,
    "biennial": _F.EVERY_TWO_YEARS,
    "irregular": _F.AS_NEEDED,
    "as needed": _F.AS_NEEDED,
    "ad hoc": _F.AS_NEEDED,
    "no longer being updated": _F.NOT_UPDATED,
    "not updated": _F.NOT_UPDATED,
}


def frequency(stated: str | None) -> UpdateFrequency:
    """The frequency that a text states: UNKNOWN where it says nothing or is ambiguous, OTHER where we do not know it.

    "Bi-annually" and "bi-weekly" each have two readings and stay UNKNOWN (domain 11, G1.M2).
    """
    if stated is None:
        return _F.UNKNOWN
    text = fold(stated)
    if text in ("n/a", "na", "unknown", "") or text.startswith("bi-"):
        return _F.UNKNOWN
    return _KNOWN.get(text, _F.OTHER)
