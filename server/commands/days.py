"""Days as they are given to a command."""

import re
from datetime import date

import typer

__all__ = ["DAY", "day"]

DAY = "YYYY-MM-DD"
"""How a day is written, as the help says it."""


def day(text: str) -> date:
    """A day that was typed. Raises ``typer.BadParameter``, which names the option."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise typer.BadParameter(f"there is no day '{text}': mend its month or its day") from None
    raise typer.BadParameter(f"'{text}' is no day: write it as in 2022-03-31")
