"""A request for one of Marquez's reads, and how it is refused: in the form of Marquez's errors, ``{"code", "message"}``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl

from catalog.access import Reader
from catalog.errors import InvalidUrn
from catalog.selection import MAX_SKIP, Compare, Op, Related, Row, Select, Selection
from catalog.stores.port import Store
from catalog.urn import Urn, kind_of
from graphql_schema import Context
from server.marquez.names import NODE_IDS, readings, urn_of

__all__ = ["MAX_LIMIT", "Asking", "NotThere", "Query", "Refused", "bad", "find", "find_node"]

MAX_LIMIT = 1_000
"""Entries of a list of namespaces, sources or tags. Those of larger things have smaller caps of their own."""

_MAX_PARAMETERS = 50
_WORDS = {"true": True, "false": False}


class Refused(Exception):
    """A request that is answered with this status, message and headers."""

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}


class NotThere(Refused):
    """There is no such thing, or its reader may not know of it."""

    def __init__(self, what: str, name: str) -> None:
        super().__init__(404, f"{what} '{name[:200]}' not found.")


class Query:
    """The parameters of a request. Those that it does not know are ignored; of one that is repeated the last one counts."""

    def __init__(self, text: bytes) -> None:
        """Raises Refused on one that cannot be read."""
        try:
            pairs = parse_qsl(
                text.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_PARAMETERS
            )
        except ValueError:
            raise bad(f"the parameters cannot be read: send at most {_MAX_PARAMETERS}, as UTF-8") from None
        self._found = dict(pairs)

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """A whole number. Raises Refused on another text, or one that is out of bounds."""
        text = self._found.get(name, str(default))
        if not (text.isascii() and text.removeprefix("-").isdecimal() and len(text) < len(str(most)) + 2):
            raise bad(f"'{name}' is '{text[:40]}': it takes a whole number from {least} to {most}")
        if not least <= int(text) <= most:
            raise bad(f"'{name}' is {int(text)}: it takes {least} to {most}")
        return int(text)

    def page(self, most: int, default: int = 100) -> tuple[int, int]:
        """How many entries to answer, and how many to leave out before them: ``limit`` and ``offset``."""
        return self.number("limit", min(default, most), 0, most), self.number("offset", 0, 0, MAX_SKIP)

    def flag(self, name: str) -> bool:
        """True or false; false where it is not given. Raises Refused on another text."""
        text = self._found.get(name, "false").lower()
        if text not in _WORDS:
            raise bad(f"'{name}' is '{text[:40]}': it takes true or false")
        return _WORDS[text]

    def text(self, name: str) -> str:
        """A text that must be there. Raises Refused."""
        text = self._found.get(name, "")
        if not text.strip():
            raise bad(f"'{name}' is missing: give it")
        return text

    def choice(self, name: str, choices: Iterable[str]) -> str | None:
        """One of these words, whatever its case; None where it is not given. Raises Refused on another."""
        text = self._found.get(name)
        if text is None:
            return None
        known = {each.lower(): each for each in choices}
        if text.lower() not in known:
            raise bad(f"'{name}' is '{text[:40]}': it takes one of {', '.join(known.values())}")
        return known[text.lower()]

    def maybe(self, name: str) -> str | None:
        """A text, or None."""
        return self._found.get(name)


class Asking:
    """One request: who asks for what, and the graph."""

    def __init__(self, context: Context, query: Query) -> None:
        self.context = context
        self.query = query

    @property
    def store(self) -> Store:
        """Where the graph is."""
        return self.context.store

    @property
    def reader(self) -> Reader:
        """Who asks."""
        return self.context.reader

    async def select(self, select: Select) -> list[Row]:
        """The rows of a selection, as of today. One round trip."""
        return (await self.store.select(Selection(select, self.reader, self.context.today))).rows


async def find_node(asking: Asking, node_id: str, below: Mapping[str, tuple[Related, ...]]) -> Row:
    """The node that a node id means, of the kinds that ``below`` names, with what is related to it. One round trip.

    Raises Refused on a text that is no node id of these kinds, and NotThere.
    """
    kinds = {kind.lower(): kind for kind in below}
    possible = readings(node_id)
    if possible is None or any(kind_of(urn) not in kinds for urn in possible):
        forms = " or ".join(f"'{NODE_IDS[kind]}'" for kind in kinds)
        raise bad(f"'nodeId' is '{node_id[:100]}': it takes {forms}")
    pages = await asking.store.select_all(
        [
            Select(kind, where=Compare("urn", Op.IN, tuple(found)), first=len(found), cursor=False, related=below[kind])
            for slug, kind in kinds.items()
            if (found := [urn for urn in possible if kind_of(urn) == slug])
        ],
        asking.reader,
        asking.context.today,
    )
    rows = {row["urn"]: row for page in pages for row in page.rows}
    found = next((rows[urn] for urn in possible if urn in rows), None)
    if found is None:
        raise NotThere("Node", node_id)
    return found


def bad(message: str) -> Refused:
    """A request that is at fault."""
    return Refused(400, message)


def find(what: str, kind: str, namespace: str, name: str) -> tuple[Urn, Compare]:
    """The URN of a dataset or job, and what finds it. Raises NotThere where no URN can hold the name."""
    try:
        urn = urn_of(kind, namespace, name)
    except InvalidUrn:
        raise NotThere(what, name) from None
    return urn, Compare("urn", Op.EQ, urn)
