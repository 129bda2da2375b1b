"""Days as they are given to a command."""

from datetime import date

import typer

from catalog.values import written_day

__all__ = ["DAY", "day"]

DAY = "YYYY-MM-DD"
"""How a day is written, as the help says it."""


def day(text: str) -> date:
    """A day that was typed. Raises ``typer.BadParameter``, which names the option."""
    found = written_day(text)
    if found is None:
        raise typer.BadParameter(f"'{text}' is no day of the calendar: write it as in 2022-03-31")
    return found
