"""Hostile bodies: no JSON, not in UTF-8, compressed, nested, batched, of another type, by another method."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator

from server.graphql_http import MAX_BODY_BYTES
from tests.graphql.hostile import HONEST, JSON, Attack, asked, family

__all__ = ["bodies"]

_BAD, _TYPE = "BAD_REQUEST", "UNSUPPORTED_MEDIA_TYPE"


def _batch(count: int) -> bytes:
    return b"[" + b", ".join([HONEST] * count) + b"]"


def _lists(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


def _variables(inner: bytes) -> bytes:
    return b'{"query": "{ goals { totalCount } }", "variables": ' + inner + b"}"


def _deep_variables(levels: int) -> bytes:
    return _variables(b'{"a": ' + _lists(levels) + b"}")


def _deep_objects(levels: int) -> bytes:
    return _variables(b'{"a":' * levels + b"1" + b"}" * levels)


def _deep_extensions(levels: int) -> bytes:
    return b'{"query": "{ goals { totalCount } }", "extensions": {"a": ' + _lists(levels) + b"}}"


def _many_variables(count: int) -> bytes:
    return _variables(b"{" + b", ".join(b'"a%d": 1' % n for n in range(count)) + b"}")


def _empty_lists(count: int) -> bytes:
    return _variables(b'{"a": [' + b",".join([b"[]"] * count) + b"]}")


def _large(size: int) -> bytes:
    head = b'{"query": "{ goals { totalCount } }", "extensions": {"a": "'
    return head + b"x" * (size - len(head) - 3) + b'"}}'


def _twice(count: int) -> bytes:
    return b"{" + b'"query": "{ goals { totalCount } }", ' * count + b'"query": "{"}'


def _number(text: bytes) -> bytes:
    query = b'{"query": "query ($n: Int!) { goals(first: $n) { totalCount } }", "variables": {"n": '
    return query + text + b"}}"


_TEXTS: dict[str, tuple[bytes, ...]] = {
    "no JSON": (b"", b" ", b"{", b"}", b"nil", b"{'query': 1}", HONEST + b"x", HONEST * 2, HONEST[:-1], b" " * 900_000),
    "JSON that is no request": (b"1", b"null", b'"x"', b"true", b"{}", b"[]", b'{"query": null}', b'{"query": 1}'),
    "members of wrong types": (
        b'{"query": {"a": 1}}',
        b'{"query": ["{ a }"]}',
        b'{"query": "{ a }", "variables": []}',
        b'{"query": "{ a }", "variables": "x"}',
        b'{"query": "{ a }", "variables": 1}',
        b'{"query": "{ a }", "operationName": ["x"]}',
        b'{"query": "{ a }", "operationName": {}}',
        b'{"query": "{ a }", "extensions": []}',
    ),
    "not in UTF-8": (
        b'{"query": "\xff\xfe"}',
        b'{"query": "\xc0\xaf"}',
        b'{"query": "\xed\xa0\x80"}',
        b'{"query": "\xf8\x88\x80\x80\x80"}',
        b'{"query": "{ a }\x80"}',
        HONEST.decode().encode("utf-16"),
        HONEST.decode().encode("utf-32"),
        b"\xef\xbb\xbf" + HONEST,
    ),
    "half of a pair": (
        b'{"query": "\\ud800"}',
        b'{"query": "{ a }", "variables": {"a": "\\udc00"}}',
        b'{"query": "{ dataset(urn: \\"\\\\ud800\\") { title } }"}',
        b'{"query": "{ dataset(urn: \\"\\\\u{D800}\\") { title } }"}',
    ),
    "NUL bytes in a body": (b"\0", b"\0" * 900_000, HONEST + b"\0", b'{"query": "{ a }\0"}', b'{"query\0": "{ a }"}'),
    "numbers of no Int": tuple(
        map(
            _number,
            (b"1e999", b"-1e999", b"NaN", b"Infinity", b"1" * 5_000, b"1" * 900_000, b"1.5", b"0x10", b"01", b"1e9"),
        )
    ),
    "values of no Int": tuple(map(_number, (b"true", b'"1"', b"[1]", b"null", b"{}", b"[[[[1]]]]", b'"\\u0000"'))),
    "no such operation": (
        b'{"query": "query A { __typename }", "operationName": "B"}',
        b'{"query": "query A { __typename } query B { __typename }", "operationName": "\\u0000"}',
        b'{"query": "query A { __typename }", "operationName": "' + b"B" * 900_000 + b'"}',
        b'{"query": "fragment A on Query { __typename }"}',
    ),
}
_CODES = {"NUL bytes in a body": _BAD, "numbers of no Int": f"{_BAD} INVALID_SELECTION"}


def _typed(size: int, content: bytes, **headers: str) -> Attack:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Attack("a body of another type", size, content, frozenset({_TYPE}), headers=named)


def _types() -> Iterator[Attack]:
    for size, name in enumerate(
        (
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/graphql",
            "application/xml",
            "application/json; charset=utf-16",
            "application/json-patch+json",
            "text/plain; application/json",
            "a" * 8_000,
            ";" * 8_000,
        )
    ):
        yield _typed(size, HONEST, content_type=name)
    yield Attack("a body of no type", 0, HONEST, frozenset({_TYPE}), headers={})
    bomb = gzip.compress(b" " * 50_000_000, 9)
    for size, (coding, content) in enumerate(
        (
            ("gzip", gzip.compress(HONEST)),
            ("gzip", bomb),
            ("deflate", zlib.compress(HONEST)),
            ("br", b"x"),
            ("gzip, gzip", bomb),
        )
    ):
        yield _typed(20 + size, content, content_type=JSON, content_encoding=coding)
    # What does not say that it is compressed is no JSON.
    yield Attack("gzip by stealth", len(bomb), bomb, frozenset({_BAD}), headers={"Content-Type": JSON})


def _methods() -> Iterator[Attack]:
    codes = frozenset({"METHOD_NOT_ALLOWED"})
    for size in (10, 1_000, 30_000):
        path = "/graphql?query=" + "{goals{totalCount}}" * (size // 10)
        yield Attack("a query by GET", size, b"", codes, "GET", path, {"Accept": JSON})
    for size, method in enumerate(("HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY", "X" * 500)):
        yield Attack("another method", size, HONEST, codes, method, headers={"Content-Type": JSON, "Accept": JSON})


def _headers() -> Iterator[Attack]:
    for size, accept in enumerate(("image/png", "text/html", ",".join(["a/b;q=0.1"] * 5_000), "application/json;q=0")):
        headers = {"Content-Type": JSON, "Accept": accept}
        yield Attack("another type wanted", size, HONEST, frozenset({"NOT_ACCEPTABLE"}), headers=headers)
    for size, secret in enumerate(("Bearer x", "Bearer " + "x" * 60_000, "Basic eA==", "", "Bearer a b", "\x7f")):
        headers = {"Content-Type": JSON, "Authorization": secret}
        yield Attack("credentials of nobody", size, HONEST, frozenset({"UNAUTHENTICATED"}), headers=headers)


def bodies() -> Iterator[Attack]:
    """All of them."""
    either = f"{_BAD} LIMIT_EXCEEDED"
    yield from family("a batch", either, _batch, (1, 2, 100, 20_000))
    yield from family("lists in lists", _BAD, _lists, (1, 500, 100_000, 450_000))
    yield from family("lists in variables", either, _deep_variables, (51, 900, 100_000, 400_000))
    yield from family("objects in variables", either, _deep_objects, (51, 900, 100_000))
    yield from family("lists in extensions", _BAD, _deep_extensions, (1_500, 100_000, 400_000))
    yield from family("variables", either, _many_variables, (10_001, 70_000))
    yield from family("empty lists in variables", either, _empty_lists, (10_001, 300_000))
    yield from family("a large body", "PAYLOAD_TOO_LARGE", _large, (MAX_BODY_BYTES + 1, 5_000_000))
    yield from family("a query given twice", _BAD, _twice, (1, 10_000))
    yield from family("a query in a batch in a batch", _BAD, lambda n: b"[" * n + HONEST + b"]" * n, (2, 900))
    yield from family("half a text", _BAD, lambda n: asked("{ a" * n)[:-20], (1, 200_000))
    for name, texts in _TEXTS.items():
        for size, text in enumerate(texts):
            yield Attack(name, size, text, frozenset(_CODES.get(name, _BAD).split()), headers={"Content-Type": JSON})
    yield from _types()
    yield from _methods()
    yield from _headers()
