"""The body of a request: never more of it than its cap, compressed or not."""

import zlib

from starlette.datastructures import Headers
from starlette.types import Receive

__all__ = ["BadEncoding", "ClientGone", "TooLarge", "read_body", "unpacked"]


class ClientGone(Exception):
    """The client hung up before it had said everything: there is nobody to answer."""


class TooLarge(Exception):
    """The body is over its cap."""


class BadEncoding(Exception):
    """The body is not in the encoding that it is said to be in."""


async def read_body(headers: Headers, receive: Receive, most: int) -> bytes:
    """The body as it came. Raises TooLarge as soon as it is over so many bytes, and ClientGone."""
    declared = headers.get("content-length", "0")
    if declared.isdecimal() and int(declared[:20]) > most:
        raise TooLarge
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > most:
            raise TooLarge
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def unpacked(body: bytes, encoding: str, most: int) -> bytes:
    """The body without compression. Raises TooLarge, before it is made, on one that is over so many bytes, and BadEncoding."""
    match encoding.strip().lower():
        case "" | "identity":
            return body
        case "gzip":
            unpack = zlib.decompressobj(wbits=31)
            try:
                found = unpack.decompress(body, most + 1)
            except zlib.error as error:
                raise BadEncoding("it is no gzip") from error
            if len(found) > most:
                raise TooLarge
            if not unpack.eof or unpack.unused_data:
                raise BadEncoding("its gzip does not end where the body ends")
            return found
        case other:
            raise BadEncoding(f"'{other[:40]}' is no encoding that is read here")
