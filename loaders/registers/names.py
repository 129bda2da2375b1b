"""Names of a register as parts of keys."""

from __future__ import annotations

import hashlib

from catalog.text import MAX_SLUG, fold, slug

__all__ = ["segment"]


def segment(name: str) -> str:
    """A name as a segment of a key: a slug; of one that a slug does not hold whole, with a digest of it behind.

    Names that differ by case, white space or punctuation only have one.
    """
    folded, made = fold(name), slug(name)
    if made and len(made) < MAX_SLUG and folded.isascii():
        return made
    return f"{made}-{hashlib.blake2b(folded.encode(), digest_size=6).hexdigest()}".lstrip("-")
