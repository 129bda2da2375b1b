"""Identity: the grammar of URNs (ADR 1), and the ways in and out of it.

    urn      = "urn:waypost:" kind ":" scheme ":" segment *( ":" segment ) *( "#" segment )
    kind     = the slug of a declared kind: "dataset", "agency-listing"
    scheme   = "ol"       two segments: OpenLineage namespace, name
             | "dcat"     two segments: the catalog's key, the identifier within it
             | "socrata"  two segments: domain, four-by-four, both in lower case
             | "key"      one or more segments: an authority's own key, widest part first
    segment  = 1*( A-Z a-z 0-9 - . _ ~ / @ + , = ; ! $ ' ( ) * & ) and "%XX" for each UTF-8 byte of anything else

What follows "#" names a part of the thing before it: a column of a dataset, a party of an agreement. A URN is ASCII, at
most 2,048 characters long, and compares by code point, so that every store sorts it alike. Parsing and formatting are
inverse: ``parse(format(x)) == x`` and, for every text that parses, ``format(parse(t)) == t``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NewType
from urllib.parse import unquote_to_bytes

from catalog.errors import InvalidUrn

__all__ = [
    "DOMAIN",
    "FOUR_BY_FOUR",
    "MAX_URN_LENGTH",
    "SCHEMES",
    "Urn",
    "UrnParts",
    "dcat",
    "format_urn",
    "key",
    "openlineage",
    "parse",
    "part",
]
__all__ += ["is_urn", "kind_of", "socrata"]

Urn = NewType("Urn", str)
"""A text that is known to follow the grammar. Made only by the functions of this module."""

MAX_URN_LENGTH = 2048
SCHEMES = {"ol": 2, "dcat": 2, "socrata": 2, "key": 0}
"""Scheme to its number of segments; 0 means one or more."""
DOMAIN = r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?"
FOUR_BY_FOUR = r"[a-z0-9]{4}-[a-z0-9]{4}"
"""The two segments of a Socrata portal's asset, as regular expressions."""

_PREFIX = "urn:waypost:"
_AFTER_PREFIX = len(_PREFIX)
_PLAIN = "-._~/@+,=;!$'()*&"
_SAFE = f"A-Za-z0-9{re.escape(_PLAIN)}"
_SAFE_TEXT = re.compile(f"[{_SAFE}]+")
_UNSAFE = re.compile(f"[^{_SAFE}]".encode())
_SEGMENT_TEXT = re.compile(f"(?:[{_SAFE}]|%[0-9A-F]{{2}})+")
_SLUG = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_ESCAPED_ASCII = "|".join(f"{code:02X}" for code in range(128) if not _SAFE_TEXT.fullmatch(chr(code)))
_PLAIN_SEGMENT = f"(?:[{_SAFE}]++|%(?:{_ESCAPED_ASCII}))++"
_PLAIN_URN = re.compile(f"{_PREFIX}{_SLUG.pattern}:(?:dcat|ol):{_PLAIN_SEGMENT}:{_PLAIN_SEGMENT}")
"""URNs that are seen to parse; there are others."""
_FOUR_BY_FOUR = re.compile(FOUR_BY_FOUR)
_DOMAIN = re.compile(DOMAIN)


@dataclass(frozen=True, slots=True)
class UrnParts:
    """A parsed URN, with its segments unescaped."""

    kind: str
    scheme: str
    segments: tuple[str, ...]
    parts: tuple[str, ...] = ()


def format_urn(parts: UrnParts) -> Urn:
    """Write the URN of these parts. Raises InvalidUrn where the grammar has no text for them."""
    if not _SLUG.fullmatch(parts.kind):
        raise InvalidUrn(f"'{parts.kind}' is no kind: expected a slug such as 'dataset' or 'agency-listing'")
    _check_segments(parts.scheme, parts.segments, "/".join(parts.segments))
    body = ":".join(map(_escape, parts.segments))
    tail = "".join("#" + _escape(segment) for segment in parts.parts)
    return _bounded(f"{_PREFIX}{parts.kind}:{parts.scheme}:{body}{tail}")


@lru_cache(maxsize=4096)
def parse(text: str) -> UrnParts:
    """Read a URN. Raises InvalidUrn, naming the first thing that is wrong."""
    _bounded(text)
    if not text.startswith(_PREFIX):
        raise InvalidUrn(f"'{text[:80]}' is no Waypost URN: expected it to begin with '{_PREFIX}'")
    head, *parts = text[len(_PREFIX) :].split("#")
    kind, _, rest = head.partition(":")
    scheme, _, body = rest.partition(":")
    if not _SLUG.fullmatch(kind):
        raise InvalidUrn(f"'{text[:80]}' has no kind: expected '{_PREFIX}<kind>:<scheme>:<segment>'")
    segments = body.split(":")
    unescaped = tuple(map(_unescape, segments))
    _check_segments(scheme, unescaped, text)
    return UrnParts(kind, scheme, unescaped, tuple(map(_unescape, parts)))


def is_urn(text: str) -> bool:
    """Whether a text is one of our URNs, without checking the rest of it."""
    return text.startswith(_PREFIX)


def kind_of(text: str) -> str:
    """The kind's slug of a text that is a URN, without checking the rest of it."""
    if not text.startswith(_PREFIX):
        return ""
    end = text.find(":", _AFTER_PREFIX)
    return text[_AFTER_PREFIX:] if end < 0 else text[_AFTER_PREFIX:end]


def openlineage(kind: str, namespace: str, name: str) -> Urn:
    """The URN of what OpenLineage names by (namespace, name). Both are kept as they are."""
    return format_urn(UrnParts(kind, "ol", (namespace, name)))


def dcat(kind: str, catalog: str, identifier: str) -> Urn:
    """The URN of what a DCAT catalog calls by ``identifier``; ``catalog`` is the key under which it is harvested."""
    return _bounded(_of_catalog(kind, catalog) + _escape(identifier))


def socrata(kind: str, domain: str, four_by_four: str) -> Urn:
    """The URN of an asset of a Socrata portal. Case is folded, as the portals do. Raises InvalidUrn on another shape."""
    return format_urn(UrnParts(kind, "socrata", (domain.lower(), four_by_four.lower())))


def key(kind: str, *segments: str) -> Urn:
    """The URN of what an authority calls by its own key, widest part first: ``key('agency', 'ct', 'opm')``."""
    return format_urn(UrnParts(kind, "key", segments))


def part(whole: str, kind: str, *names: str) -> Urn:
    """The URN of a part of ``whole``: ``part(dataset, 'column', 'SASID')``. The whole's own kind is not kept."""
    if len(whole) > MAX_URN_LENGTH or not _PLAIN_URN.fullmatch(whole):
        parse(whole)
    rest = whole[len(_PREFIX) :].partition(":")[2]
    return _bounded(f"{_PREFIX}{kind}:{rest}" + "".join("#" + _escape(name) for name in names))


@lru_cache(maxsize=64)
def _of_catalog(kind: str, catalog: str) -> str:
    """What the URNs of one kind in one catalog begin with."""
    return format_urn(UrnParts(kind, "dcat", (catalog, "x"))).removesuffix("x")


def _check_segments(scheme: str, segments: tuple[str, ...], text: str) -> None:
    if scheme not in SCHEMES:
        raise InvalidUrn(f"'{scheme[:40]}' in '{text[:80]}' is no scheme: expected one of {', '.join(SCHEMES)}")
    expected, count = SCHEMES[scheme], len(segments)
    if count == 0 or (expected and count != expected):
        wanted = f"{expected} segments" if expected else "at least one segment"
        raise InvalidUrn(f"'{text[:80]}' has {count} segments: scheme '{scheme}' takes {wanted}")
    if scheme == "socrata":
        domain, four_by_four = segments
        if not _DOMAIN.fullmatch(domain):
            raise InvalidUrn(f"'{domain[:80]}' is no domain: expected one such as 'data.ct.gov', in lower case")
        if not _FOUR_BY_FOUR.fullmatch(four_by_four):
            raise InvalidUrn(f"'{four_by_four[:80]}' is no four-by-four: expected one such as 'pb5x-kf8z'")


@lru_cache(maxsize=4096)
def _escape(segment: str) -> str:
    if not segment:
        raise InvalidUrn("a URN has no empty segment: give every part of the key a text")
    if _SAFE_TEXT.fullmatch(segment):
        return segment
    try:
        raw = segment.encode()
    except UnicodeEncodeError as error:
        raise InvalidUrn(f"{segment[:40]!r} cannot be written in UTF-8: remove the lone surrogate") from error
    return _UNSAFE.sub(lambda byte: b"%%%02X" % byte[0][0], raw).decode("ascii")


def _unescape(text: str) -> str:
    if not _SEGMENT_TEXT.fullmatch(text):
        raise InvalidUrn(f"'{text[:80]}' is no segment: expected plain characters, or %XX in capitals for other ones")
    if "%" not in text:
        return text
    try:
        segment = unquote_to_bytes(text).decode()
    except UnicodeDecodeError as error:
        raise InvalidUrn(f"'{text[:80]}' does not hold UTF-8: escape the bytes of a UTF-8 text") from error
    if _escape(segment) != text:
        raise InvalidUrn(f"'{text[:80]}' escapes what needs no escape: write '{_escape(segment)[:80]}'")
    return segment


def _bounded(text: str) -> Urn:
    if len(text) > MAX_URN_LENGTH:
        raise InvalidUrn(f"a URN of {len(text)} characters is too long: at most {MAX_URN_LENGTH} are kept")
    return Urn(text)
