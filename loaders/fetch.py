"""Bytes of a source, from a file or an address: bounded, streamed, never more than was asked for."""

from __future__ import annotations

import os
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, NamedTuple, Self
from urllib.parse import urlsplit

import httpx

from loaders.errors import LoaderError

__all__ = ["MAX_BYTES", "Content", "Shared", "is_url", "name_of", "open_content", "read_bytes", "shown"]

MAX_BYTES = 512 * 1024 * 1024
"""Size of a source that is read; a catalog of 100,000 datasets has about 300 MB."""

_BLOCK_BYTES = 1024 * 1024
_HELD_BYTES = 16 * 1024 * 1024
_TIMEOUT_SECONDS = 30.0


class Shared(NamedTuple):
    """A content on its way to another process."""

    descriptor: int
    name: str
    ours: bool
    state: tuple[int, int]


class Content:
    """The bytes of a source, read as often as needed; what is large is not held, but read again from its file.

    Raises LoaderError where that cannot be read any more, or is another than it was.
    """

    def __init__(self, file: IO[bytes], name: str, *, ours: bool) -> None:
        self.name = name
        self.size = file.seek(0, os.SEEK_END)
        self._file = file
        self._ours = ours
        self._state = self._look()
        self._shared: int | None = None
        weakref.finalize(self, file.close)

    def blocks(self) -> Iterator[bytes]:
        """All of it, from its beginning."""
        at = 0
        while block := self.piece(at, _BLOCK_BYTES):
            yield block
            at += len(block)

    def piece(self, start: int, length: int) -> bytes:
        """So many bytes from there on; fewer where it ends before."""
        try:
            if self._shared is None:
                self._file.seek(start)
                found = self._file.read(length)
            else:
                found = os.pread(self._shared, length, start)
        except OSError as error:
            raise _unreadable(self.name, error) from error
        if self._look() != self._state:
            raise LoaderError("unreadable", f"{self.name} was changed while it was read: load it again")
        return found

    def share(self) -> Shared:
        """What another process that is given the descriptor may read it by, with ``of``, while this one does."""
        # Each says where it reads: the place in a file that is open in two processes is one.
        self._shared = self._file.fileno()
        self._file.flush()
        return Shared(self._shared, self.name, self._ours, self._state)

    @classmethod
    def of(cls, shared: Shared) -> Self:
        """What another process shares."""
        content = cls(os.fdopen(shared.descriptor, "rb", 0), shared.name, ours=shared.ours)
        content._shared, content._state = shared.descriptor, shared.state
        return content

    def _look(self) -> tuple[int, int]:
        """What differs when somebody else writes to the file."""
        if self._ours:
            return self.size, 0
        state = os.fstat(self._file.fileno())
        return state.st_size, state.st_mtime_ns


def is_url(location: str) -> bool:
    """Whether a location is an address to fetch rather than a file."""
    return urlsplit(location).scheme in ("http", "https")


def shown(location: str) -> str:
    """A location as it may be shown and kept: an address without user and password."""
    parts = urlsplit(location)
    if not is_url(location) or "@" not in parts.netloc:
        return location
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def name_of(location: str) -> str:
    """What a file is called where a record of it is named: without its folder, host and query."""
    if is_url(location):
        return urlsplit(location).path.rpartition("/")[2] or shown(location)
    return Path(location).name


def read_bytes(location: str) -> bytes:
    """The content of a file or address, as ``open_content`` finds it."""
    content = open_content(location)
    return content.piece(0, content.size)


def open_content(location: str) -> Content:
    """The content of a file or address. Raises LoaderError, naming the location and what to do."""
    if is_url(location):
        return _fetch(location)
    scheme = urlsplit(location).scheme
    if len(scheme) > 1 and "://" in location:
        raise LoaderError(
            "unreadable", f"{location} is of the scheme '{scheme}': give a path, or an http or https address"
        )
    return _read(Path(location))


def _read(path: Path) -> Content:
    too_large = f"{path} has over {MAX_BYTES} bytes: split it"
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise LoaderError("size", too_large)
        file = path.open("rb", _BLOCK_BYTES)
    except OSError as error:
        raise _unreadable(str(path), error) from error
    if size > _HELD_BYTES:
        return Content(file, str(path), ours=False)
    with file:
        return _kept(iter(lambda: file.read(_BLOCK_BYTES), b""), str(path), too_large)


def _kept(blocks: Iterable[bytes], name: str, too_large: str) -> Content:
    """What comes once (or is small, or a pipe), kept in memory or, where it is large, in a file that nobody else sees."""
    file = tempfile.SpooledTemporaryFile(_HELD_BYTES, buffering=_BLOCK_BYTES)  # noqa: SIM115 - closed with the content
    size = 0
    try:
        for block in blocks:
            size += len(block)
            if size > MAX_BYTES:
                raise LoaderError("size", too_large)
            file.write(block)
    except OSError as error:
        file.close()
        message = (
            f"{name} cannot be kept in {tempfile.gettempdir()} while it is read ({error.strerror}): make room there"
        )
        raise LoaderError("unreadable", message) from error
    except BaseException:
        file.close()
        raise
    return Content(file, name, ours=True)


def _unreadable(name: str, error: OSError) -> LoaderError:
    return LoaderError("unreadable", f"{name}: {error.strerror}: give the path of a readable file")


def _fetch(url: str) -> Content:
    # A compressed answer is asked not to be sent: a megabyte of it can inflate to a gigabyte before it is counted.
    headers = {"Accept-Encoding": "identity", "User-Agent": "waypost"}
    name = shown(url)
    try:
        with httpx.stream("GET", url, headers=headers, timeout=_TIMEOUT_SECONDS, follow_redirects=False) as answer:
            if answer.has_redirect_location:
                target = shown(answer.headers["Location"])
                raise LoaderError("unreadable", f"{name} leads to {target}: give that address, if you trust it")
            if answer.status_code != int(httpx.codes.OK):
                raise LoaderError("unreadable", f"{name} answered {answer.status_code}: give the address of the file")
            if answer.headers.get("Content-Encoding", "identity") != "identity":
                raise LoaderError("unreadable", f"{name} answered compressed: fetch it by hand and load the file")
            too_large = f"{name} answers more than {MAX_BYTES} bytes: fetch and split it by hand"
            return _kept(answer.iter_raw(), name, too_large)
    except httpx.TimeoutException as error:
        message = f"{name} did not answer within {_TIMEOUT_SECONDS:g} seconds: try again later"
        raise LoaderError("unreadable", message) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise LoaderError("unreadable", f"{name} cannot be fetched ({error}): check the address") from error
