"""Who says what of a node: the words of each source, of which the node is the merge (ADR 10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
import strawberry

from catalog.access import Audience
from catalog.batch import PRECEDENCE
from catalog.model import MODEL
from catalog.selection import Row
from catalog.stores.claims import Claim, claims_of, order
from catalog.values import ALWAYS, NEVER
from graphql_schema.core.chosen import Chosen
from graphql_schema.core.declare import part, view
from graphql_schema.core.plan import Get, Mapped, Rows, Value, shape_of

__all__ = ["MAX_SAID", "SaidOf", "Saying"]

MAX_SAID = 100
"""Sources of one node that are told, the first in rank."""

_SPAN = ("valid_from", "valid_to", "closed_reason")


@dataclass(frozen=True, slots=True)
class SaidOf(Mapped):
    """What each source says of the node, the first in rank first."""

    def plan(self, chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        rows.props |= dict.fromkeys(("claims", "source", *_SPAN))
        shape = shape_of(chosen, rows)
        return lambda row: [shape(_saying(claim, row)) for claim in _claims(row)[:MAX_SAID]]


@dataclass(frozen=True, slots=True)
class _WordsOf(Mapped):
    """The properties of which a source says something, with what it says, as far as the reader may see them."""

    def plan(self, chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        declared = MODEL.kinds[rows.kind].properties
        seen = [prop.name for prop in declared if chosen.reader.staff_properties or not prop.staff]
        # Of a node that one source speaks of, the node itself holds the words.
        rows.props |= dict.fromkeys(seen)
        shape = shape_of(chosen, rows)

        def words(saying: dict[str, Any]) -> list[dict[str, Any]]:
            said = ((name, saying["words"].get(name)) for name in seen)
            return [shape({"property": n, "value": _text(value)}) for n, value in said if value not in (None, [])]

        return words


@view("A property of which a source says something.")
class SaidWord:
    """See the description."""

    property: str = part(Value("property"), "The property's name in the model (`docs/model.md`).")
    value: str = part(Value("value"), 'What it says, as JSON: a text stands in quotes, a day as "2022-03-20".')


@view("What one source says of a node.")
class Saying:
    """See the description."""

    source: strawberry.ID = part(Value("source"), "URN of the source.")
    precedence: int = part(
        Value("precedence"), "Its rank, from 1 to 100: property by property the smaller number goes first."
    )
    since: date | None = part(Value("since"), "The day since which it says so; null where that is not known.")
    valid_from: date | None = part(
        Value("valid_from"), "The first day on which it says that this holds; null where it says none."
    )
    valid_to: date | None = part(
        Value("valid_to"), "The first day on which it says that this holds no more; null where it says none."
    )
    closed_reason: str | None = part(
        Value("closed_reason"), "Why it says that this holds no more; null without an end."
    )
    words: list[SaidWord] = part(
        _WordsOf(),
        "The properties of which it says something, in the order of the model; none where it only says the end.",
    )


def _claims(row: Row) -> list[Claim]:
    """What sources say of a node, by rank. Of what was written before claims were kept, its source says it."""
    text = row["claims"]
    return order(claims_of(text)) if text else [Claim(row["source"], PRECEDENCE, "", Audience.PUBLIC)]


def _saying(claim: Claim, row: Row) -> dict[str, Any]:
    is_alone = claim.props is None
    span = {name: row[name] if is_alone else getattr(claim, name) for name in _SPAN}
    return {
        "source": claim.source,
        "precedence": claim.rank,
        "since": claim.day or None,
        "valid_from": None if span["valid_from"] == ALWAYS else span["valid_from"],
        "valid_to": None if span["valid_to"] == NEVER else span["valid_to"],
        "closed_reason": span["closed_reason"],
        "words": row if is_alone else claim.props,
    }


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()
