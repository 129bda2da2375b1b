"""The days of a register: written in its own way, and often with one that stands for none (domain 13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from catalog.text import fold

__all__ = ["NO_DAY", "Days", "is_format"]

NO_DAY = frozenset(("-", "null", "1900-01-01"))
"""What stands for no day in registers of every kind (domain 13.7); folded."""
_ISO = "%Y-%m-%d"
_SOME_DAY = datetime(2014, 11, 28)  # noqa: DTZ001 - a day has no zone


@dataclass(frozen=True, slots=True)
class Days:
    """How a register writes its days."""

    formats: tuple[str, ...] = ()
    """Formats of ``strptime``, besides YYYY-MM-DD; the names of days and months are English."""
    none: frozenset[str] = NO_DAY
    """Words and days, folded, that stand for none. A day is one of them however it is written."""

    def read(self, text: str) -> date | None:
        """The day of a text that is not blank; None where it stands for none. Raises ValueError where it is no day."""
        if fold(text) in self.none:
            return None
        for each in (_ISO, *self.formats):
            try:
                found = datetime.strptime(text.strip(), each).date()  # noqa: DTZ007 - a day has no zone
            except ValueError:
                continue
            return None if found.isoformat() in self.none else found
        raise ValueError(text)


def is_format(text: str) -> bool:
    """Whether a day that is written by this format can be read by it again, whole."""
    try:
        return datetime.strptime(_SOME_DAY.strftime(text), text) == _SOME_DAY  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return False
