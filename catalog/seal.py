"""Texts that a client hands back and is to read nothing from, such as cursors that hold a revision.

Sealed by a key that the graph keeps: the text is masked by a keyed hash of its own tag, and the tag proves it ours (the
construction of synthetic initialization vectors, RFC 5297, with BLAKE2b). The same text is sealed alike, so that answers
can be compared and cached.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from catalog.errors import InvalidSelection

__all__ = ["seal", "unseal"]

_TAG_BYTES = 16


def seal(text: str, key: bytes) -> str:
    """The text as an opaque one. Any length; ``key`` at most 64 bytes."""
    plain = text.encode()
    tag = hashlib.blake2b(plain, digest_size=_TAG_BYTES, key=key, person=b"waypost-tag").digest()
    return base64.urlsafe_b64encode(tag + _masked(plain, tag, key)).decode().rstrip("=")


def unseal(sealed: str, key: bytes) -> str:
    """The text that was sealed by this key. Raises InvalidSelection on any other."""
    try:
        raw = base64.b64decode(sealed.encode("ascii") + b"=" * (-len(sealed) % 4), altchars=b"-_", validate=True)
        plain = _masked(raw[_TAG_BYTES:], raw[:_TAG_BYTES], key)
        text = plain.decode()
    except (ValueError, binascii.Error) as error:
        raise _not_ours() from error
    if not hmac.compare_digest(seal(text, key), sealed):
        raise _not_ours()
    return text


def _masked(content: bytes, tag: bytes, key: bytes) -> bytes:
    mask = bytearray()
    while len(mask) < len(content):
        count = len(mask).to_bytes(8, "big")
        mask += hashlib.blake2b(tag + count, key=key, person=b"waypost-mask").digest()
    return bytes(a ^ b for a, b in zip(content, mask, strict=False))


def _not_ours() -> InvalidSelection:
    return InvalidSelection("'after' is no cursor of ours: pass the end cursor of an earlier page")
