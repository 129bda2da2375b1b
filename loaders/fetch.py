"""Bytes of a source, from a file or an address: bounded, streamed, never more than was asked for."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import httpx

from loaders.errors import LoaderError

__all__ = ["MAX_BYTES", "is_url", "name_of", "read_bytes", "shown"]

MAX_BYTES = 512 * 1024 * 1024
"""Size of a source that is read; a catalog of 100,000 datasets has about 300 MB."""

_TIMEOUT_SECONDS = 30.0


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
    """The content of a file or address. Raises LoaderError, naming the location and what to do."""
    if is_url(location):
        return _fetch(location)
    scheme = urlsplit(location).scheme
    if len(scheme) > 1 and "://" in location:
        raise LoaderError(
            "unreadable", f"{location} is of the scheme '{scheme}': give a path, or an http or https address"
        )
    return _read(Path(location))


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise LoaderError("size", f"{path} has over {MAX_BYTES} bytes: split it")
        return path.read_bytes()
    except OSError as error:
        raise LoaderError("unreadable", f"{path}: {error.strerror}: give the path of a readable file") from error


def _fetch(url: str) -> bytes:
    # A compressed answer is asked not to be sent: a megabyte of it can inflate to a gigabyte before it is counted.
    headers = {"Accept-Encoding": "identity", "User-Agent": "waypost"}
    content = bytearray()
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
            for chunk in answer.iter_raw():
                content += chunk
                if len(content) > MAX_BYTES:
                    raise LoaderError("size", f"{name} answers more than {MAX_BYTES} bytes: fetch and split it by hand")
    except httpx.TimeoutException as error:
        message = f"{name} did not answer within {_TIMEOUT_SECONDS:g} seconds: try again later"
        raise LoaderError("unreadable", message) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise LoaderError("unreadable", f"{name} cannot be fetched ({error}): check the address") from error
    return bytes(content)
