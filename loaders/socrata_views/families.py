"""The lines of a file of families, compressed or not: bounded, a block at a time, as often as they are asked for."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from loaders.dcat_us import raw
from loaders.errors import LoaderError
from loaders.fetch import MAX_BYTES, Content
from loaders.lines import BYTE_ORDER_MARK, lines, unpacked
from loaders.socrata_views.rules import ViewRule

__all__ = ["Families"]

_MOST_BYTES = raw.MAX_BYTES + 1
"""Bytes of a line that are read: one more than a family may have."""


class Families:
    """The lines of a file that hold something, each with its number, from 1. A family is one line.

    Raises LoaderError where the file is no sound gzip, though it begins like one, or holds too much or nothing.
    """

    def __init__(self, content: Content, name: str) -> None:
        self._content = content
        self._name = name
        self._count = sum(1 for _ in self)
        if not self._count:
            raise LoaderError(ViewRule.NO_FAMILY, f"{name} is empty: give the path of a file with a family a line")

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        for number, line in enumerate(lines(self._blocks(), _MOST_BYTES), 1):
            if text := (line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line).strip():
                yield number, text

    def _blocks(self) -> Iterator[bytes]:
        """The bytes of the file as they were before they were compressed."""
        size = 0
        try:
            for block in unpacked(self._content):
                size += len(block)
                if size > MAX_BYTES:
                    raise LoaderError(ViewRule.SIZE, f"{self._name} inflates to over {MAX_BYTES} bytes: split it")
                yield block
        except zlib.error as error:
            message = f"{self._name} is no sound gzip file ({error}): fetch it again"
            raise LoaderError(ViewRule.NOT_GZIP, message) from error
