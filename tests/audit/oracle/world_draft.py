"""What the makers of a random world share: the day, the names, and what they have drawn so far."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tests.audit.oracle.facts import Purpose

__all__ = ["AGENCIES", "AGREEMENTS", "DAY", "PURPOSES", "SERIES", "SYSTEM", "Draft", "some"]

DAY = date(2022, 6, 1)
"""The day asked about, which the days of the facts lie around."""

AGENCIES = ("agency:a", "agency:b", "agency:c", "agency:d")
AGREEMENTS = ("agreement:0", "agreement:1", "agreement:2")
SYSTEM = "system:one"
SERIES = "series:one"
PURPOSES = (
    Purpose("purpose:any"),
    Purpose("purpose:research", ("purpose:any",)),
    Purpose("purpose:evaluation", ("purpose:research", "purpose:audit")),
    Purpose("purpose:audit", ("purpose:evaluation",)),
    Purpose("purpose:sales", ("purpose:any",)),
)
"""Evaluation and audit are each broader than the other: `broader` chains may be circular (9.2 E5)."""


@dataclass(frozen=True)
class Draft:
    """The datasets of a world in the making."""

    rng: random.Random
    holders: dict[str, str]
    """The agency that each dataset really has, whatever the facts say."""
    columns: dict[str, tuple[str, ...]]
    """The columns that each dataset really has."""
    members: dict[str, str]
    """The one group, SERIES or SYSTEM, that a dataset is in."""

    def chance(self, share: float) -> bool:
        """True in this share of all draws."""
        return self.rng.random() < share

    def day(self, *distances: int) -> date:
        """A day so many days from the one asked about."""
        return DAY + timedelta(days=self.rng.choice(distances or (-200, -30, -2, -1, 0, 1, 30)))

    def past(self) -> date:
        """A day by which most things have happened."""
        return self.day(-400, -200, -100, -30, -1, 0)

    def datasets_of(self, end: str) -> list[str]:
        """The datasets that an end of a flow really stands for."""
        return [end] if end in self.holders else [dataset for dataset, group in self.members.items() if group == end]


def some(rng: random.Random, things: Sequence[str], share: float) -> tuple[str, ...]:
    """Each of them with this chance, in their order."""
    return tuple(one for one in things if rng.random() < share)
