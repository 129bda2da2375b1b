"""A catalog that is read a block at a time is what it is when it is read at once, or is refused in the same words."""

from __future__ import annotations

import io
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.dcat_us import raw
from loaders.dcat_us.catalog import read_catalog
from loaders.errors import LoaderError
from loaders.fetch import Content

VALUES = st.recursive(
    st.none() | st.integers() | st.text('"\\,[]{} :é\n', max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "dataset", "}"]), inner, max_size=3)
    ),
    max_leaves=8,
)


def catalog(before: dict[str, Any], datasets: list[Any], after: dict[str, Any]) -> dict[str, Any]:
    return {**before, "dataset": datasets, **after}


CATALOGS = st.builds(
    catalog,
    st.dictionaries(st.sampled_from(["@id", "x"]), VALUES, max_size=2),
    st.lists(st.dictionaries(st.sampled_from(["title", "b"]), VALUES, max_size=3) | VALUES, max_size=6),
    st.dictionaries(st.sampled_from(["z", "keyword"]), VALUES, max_size=2),
)


class AtOnce(msgspec.Struct):
    dataset: list[msgspec.Raw]


def content(text: bytes) -> Content:
    return Content(io.BytesIO(text), "c", ours=True)


def by_blocks(text: bytes, block_bytes: int) -> list[bytes] | str:
    try:
        return list(map(bytes, read_catalog(content(text), "c", block_bytes)))
    except LoaderError as error:
        return str(error)


def at_once(text: bytes) -> list[bytes] | str:
    text = text.removeprefix(b"\xef\xbb\xbf")
    if not text.strip():
        return "not-json: c is empty: give the path of a data.json"
    try:
        return list(map(bytes, msgspec.json.decode(text, type=AtOnce).dataset))
    except msgspec.ValidationError:
        return "no-catalog: c has no list 'dataset': it is no DCAT-US 1.1 catalog"
    except msgspec.DecodeError as error:
        # What is broken in one dataset only is taken apart, whatever its size.
        if datasets := raw.split(text):
            return datasets
        return f"not-json: c is no JSON ({error}): give the path of a data.json"


@given(CATALOGS, st.sampled_from([None, 1]), st.integers(1, 64))
def test_a_catalog_is_the_same_by_blocks(whole: dict[str, Any], indent: int | None, block_bytes: int) -> None:
    text = json.dumps(whole, indent=indent).encode()

    assert by_blocks(text, block_bytes) == at_once(text)


@given(CATALOGS, st.binary(max_size=3) | st.sampled_from([b",", b"]", b"}", b'"', b"]}"]), st.data())
def test_a_broken_one_is_taken_apart_or_refused_in_the_same_words(
    whole: dict[str, Any], put: bytes, data: st.DataObject
) -> None:
    text = json.dumps(whole).encode()
    at = data.draw(st.integers(0, len(text)))
    taken = data.draw(st.integers(0, 3))
    text = text[:at] + put + text[at + taken :]

    assert by_blocks(text, data.draw(st.integers(1, 64))) == at_once(text)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xef\xbb\xbf",
        b'\xef\xbb\xbf{"dataset": [{"a": 1}]}',
        b'{"dataset": []}',
        b'{"dataset": [ ] , "x": []}',
        b'{"dataset" :\n[{"a": 1} , {"a": 2}\t]}',
        b'{"dataset": [{"a": 1},]}',
        b'{"dataset": [,{"a": 1}]}',
        b'{"dataset": [{"a": 1},,{"a": 1}]}',
        b'{"dataset": [{"a": 1} {"a": 1}]}',
        b'{"dataset": [{"a": 1}',
        b'{"dataset": [{"a": 1}]',
        b'{"dataset": [{"a": 1}]} {}',
        b'{"dataset": [{"a": 1}], "dataset": []}',
        b'{"dataset": [{"a": 1}], "d\\u0061taset": [{"a": 2}]}',
        b'{"d\\u0061taset": [{"a": 1}]}',
        b'{"a\\"dataset": [{"a": 1}]}',
        b'{"x": "\\"dataset\\": [", "dataset": [{"a": 1}]}',
        b'{"x": {"dataset": [{"a": 1}]}, "dataset": [{"a": 2}]}',
        b'{"x": {"dataset": [{"a": 1}]}}',
        b'[{"dataset": [{"a": 1}]}]',
        b'{"dataset": [1, "},", [2], null, {"a": "},"}]}',
        b'{"dataset": [{"a": [{"b": 1},{"b": 2},{"b": 3}]}], "x": [{"a": 1},{"b": 2}]}',
    ],
)
def test_what_could_be_mistaken_is_not(text: bytes) -> None:
    for block_bytes in range(1, 40):
        assert by_blocks(text, block_bytes) == at_once(text)


class Watched(Content):
    """Knows the most that was asked of it at once."""

    most = 0

    def piece(self, start: int, length: int) -> bytes:
        self.most = max(self.most, length)
        return super().piece(start, length)


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_no_more_is_held_than_a_few_blocks(separators: tuple[str, str]) -> None:
    datasets = [{"n": n, "distribution": [{"n": i} for i in range(n % 7)]} for n in range(5000)]
    text = json.dumps({"@id": "c", "dataset": datasets, "x": [{}, {}]}, separators=separators).encode()
    watched = Watched(io.BytesIO(text), "c", ours=True)

    texts = read_catalog(watched, "c", 1000)

    assert len(texts) == len(datasets)
    # And again, as a loader goes through them more than once.
    assert list(map(msgspec.json.decode, texts)) == list(map(msgspec.json.decode, texts)) == datasets
    assert watched.most <= 4000
