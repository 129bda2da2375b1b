"""The goals that a dataset serves: those that sources name, and those that follow from what it feeds (question 52)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from catalog.model.enums import ServesHow
from catalog.selection import Order, Row
from graphql_schema.core.chosen import Chosen
from graphql_schema.core.plan import HIDDEN, MAX_FIRST, Get, Mapped, Rows, shape_of

__all__ = ["ServedGoals"]


class _Link(NamedTuple):
    """A way to goals by something that stands between."""

    step: str
    kind: str
    onward: str
    how: ServesHow
    """What an entry that follows so says."""


_LINKS = (
    _Link("serves", "Metric", "measures", ServesHow.DERIVED_FROM_METRIC),
    _Link("downstream", "Dataset", "serves", ServesHow.DERIVED_ALONG_LINEAGE),
)


@dataclass(frozen=True, slots=True)
class ServedGoals(Mapped):
    """Entries of a goal and how it is known, by the goal's number.

    Stated ones first, as each source says it; then, unless ``derived`` is false, what follows from them: the dataset serves a
    metric that measures the goal, or a dataset that it flows into serves it. All is read with the dataset, in one round trip.
    """

    def plan(self, chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        ways = [_stated(chosen, rows)]
        if chosen.args["derived"]:
            ways += [_derived(chosen, rows, link) for link in _LINKS]

        def get(row: Row) -> list[Any]:
            found = [entry for way in ways for entry in way(row)]
            return [shown for _, shown in sorted(found, key=lambda entry: entry[0])][:MAX_FIRST]

        return get

    def leads(self) -> tuple[str, str] | None:
        """See ``Mapped``."""
        return "serves", "Goal"

    def size(self, _first: int, /) -> int:
        """See ``Mapped``: what is usual."""
        return 30


_Way = Callable[[Row], Iterator[tuple[tuple[Any, ...], Any]]]
"""The entries of a row, each with what it is ordered by."""


def _stated(chosen: Chosen, rows: Rows) -> _Way:
    goals, shape = _goals(chosen)
    goals.facts |= dict.fromkeys(("how", "source"))
    name = rows.relate("serves", goals)

    def entries(row: Row) -> Iterator[tuple[tuple[Any, ...], Any]]:
        for goal in row[name].rows:
            said = goal["@edge"]
            yield (goal["number"], goal["urn"], 0, said["source"], str(said["how"])), shape(goal)

    return entries


def _derived(chosen: Chosen, rows: Rows, link: _Link) -> _Way:
    goals, shape = _goals(chosen)
    # What the entry says of itself is that of the edge that it follows from.
    goals.facts.clear()
    between = Rows(link.kind, first=MAX_FIRST, read=True)
    between.facts |= dict.fromkeys(("source", "valid_from"))
    inner = between.relate(link.onward, goals)
    name = rows.relate(link.step, between)

    def entries(row: Row) -> Iterator[tuple[tuple[Any, ...], Any]]:
        seen: set[tuple[str, str, str]] = set()
        for middle in row[name].rows:
            for goal in () if HIDDEN in middle else middle[inner].rows:
                source = middle["@edge"]["source"]
                if (goal["urn"], middle["urn"], source) not in seen:
                    seen.add((goal["urn"], middle["urn"], source))
                    said = {**middle["@edge"], "how": link.how, "reason": middle["urn"]}
                    yield (
                        (goal["number"], goal["urn"], 1, source, str(link.how) + middle["urn"]),
                        shape({**goal, "@edge": said}),
                    )

    return entries


def _goals(chosen: Chosen) -> tuple[Rows, Get]:
    rows = Rows("Goal", order=Order("number"), first=MAX_FIRST, read=True)
    shape = shape_of(chosen, rows)
    rows.props["number"] = None
    return rows, shape
