"""Images, which Neo4j keeps as nodes of a piece each: one of all would be more than a transaction should hold.

Each piece is written by itself, and the first last: it tells how many there are, and takes away those of other images. So what
is half written is never read, and goes with the next.
"""

from __future__ import annotations

import secrets
from typing import Any

from catalog.stores.neo4j.session import Bolt
from catalog.stores.port import Image

__all__ = ["FORGET", "find", "keep"]

_PIECE = 1_000_000
"""Bytes."""
FORGET = "MATCH (i:WaypostImage) DELETE i"
_PUT = "MERGE (i:WaypostImage {made: $made, piece: $piece}) SET i.name = $name, i.content = $content"
_BEGIN = """
MATCH (i:WaypostImage {made: $made, piece: 0})
SET i.pieces = $pieces, i.revision = $revision, i.maker = $maker
WITH i
MATCH (other:WaypostImage {name: i.name}) WHERE other.made <> i.made
DELETE other
"""
_FIND = """
MATCH (first:WaypostImage {name: $name}) WHERE first.pieces IS NOT NULL
MATCH (i:WaypostImage {made: first.made})
WITH first, i ORDER BY i.piece
RETURN [first.pieces, first.revision, first.maker, i.content]
"""


async def keep(bolt: Bolt, name: str, image: Image) -> None:
    """Keep an image under a name."""
    made = secrets.token_hex(8)
    pieces = range(0, len(image.content), _PIECE) or (0,)
    for piece, start in enumerate(pieces):
        row = {"made": made, "piece": piece, "name": name, "content": image.content[start : start + _PIECE]}
        await bolt.write(lambda tx, row=row: tx.run(_PUT, row))
    told = {"made": made, "pieces": len(pieces), "revision": image.revision, "maker": image.maker}
    await bolt.write(lambda tx: tx.run(_BEGIN, told))


async def find(bolt: Bolt, name: str) -> Image | None:
    """The image under a name; None where a piece is missing."""
    found: list[list[Any]] = await bolt.read_each(_FIND, {"name": name}, lambda found, row: found.append(row))
    if not found or len(found) != found[0][0]:
        return None
    _, revision, maker, _ = found[0]
    return Image(revision, maker, b"".join(content for *_, content in found))
