"""A catalog that is no JSON, taken apart: what brackets and quotes tell is what a reader of JSON would find."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.dcat_us.raw import read, shown, split, stated_names
from loaders.fields import RefusedRecord

_TEXTS = st.text(st.sampled_from('a"\\{}[],:/\n\u00e9\U0001f600'), max_size=8)
_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(
    datasets=st.lists(_VALUES, min_size=1, max_size=4),
    before=st.dictionaries(_TEXTS.filter(lambda key: key != "dataset"), _VALUES, max_size=2),
    indent=st.sampled_from([None, 1]),
    ascii_only=st.booleans(),
)
def test_the_datasets_of_what_is_json_are_those_that_json_has(
    datasets: list[Any], before: dict[str, Any], indent: int | None, ascii_only: bool
) -> None:
    catalog = {**before, "dataset": datasets, "after": [{"dataset": [1]}]}
    text = json.dumps(catalog, indent=indent, ensure_ascii=ascii_only).encode()
    assert [json.loads(dataset) for dataset in split(text)] == datasets


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"dataset",
        b'{"dataset": "[1, 2]"}',
        b'{"dataset": {"dataset": [1]}}',
        b'[{"dataset": [1]}]',
        b'{"dataset": [1, 2}',
        b'{"dataset": [1, 2',
        b'{"dataset": ["a, 2]}',
        b'{"dataset" [1, 2]}',
        b'{"dataset": [1, 2]} {',
        b'{"dataset": [1, 2], "x": nul}',
        b'{"x": nul, "dataset": [1, 2]}',
    ],
)
def test_what_would_be_a_guess_is_not_taken_apart(content: bytes) -> None:
    assert split(content) == []


def test_many_quotes_that_do_not_pair_take_no_long_time() -> None:
    assert split(b'{"dataset": ["' + b'\\"' * 1_000_000) == []


@given(_VALUES)
def test_what_json_wrote_is_read_as_it_was(value: Any) -> None:
    escaped = re.sub(r'\\(["\\])', lambda found: f"\\u{ord(found[1]):04x}", json.dumps(value))
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False), escaped):
        assert read(text.encode()) == value


@given(st.binary(max_size=20), st.sampled_from(["title", "b"]))
def test_no_bytes_do_more_than_be_refused(content: bytes, key: str) -> None:
    text = f'{{"identifier": "a", "{key}": "'.encode() + content + b'"}'
    with suppress(RefusedRecord):
        assert read(text)["identifier"] == "a"
    assert shown(text).encode().startswith(b'{"identifier"')


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (b'{"a": 1, "a": 1}', "$.a"),
        (b'{"a": {"b c": 1, "b c": 1}}', "$..['b c']"),
        (b'{"a\\n": [{"a": {"a": 1, "b": 2, "a": 1}}], "a\\n": 1}', "$['a\\n']"),
        (b'{"a": {"b": 1}, "c": {"b": 1}}', None),
        (b'{"a": "\\u0022a\\u0022: 1, \\\\u0022a: 2"}', None),
    ],
)
def test_a_key_that_stands_twice_in_one_object_is_named(text: bytes, path: str | None) -> None:
    if path is None:
        assert read(text) == json.loads(text)
        return
    with pytest.raises(RefusedRecord) as refused:
        read(text)
    assert (refused.value.problem.rule, refused.value.problem.path) == ("duplicate-key", path)


def test_of_what_cannot_be_read_every_identifier_that_it_may_have_is_found() -> None:
    text = b'{"identifier" : " a\\u0022b ", "x": [{"identifier":641, "identifier":"\xe9", "identifier": ""}], nul'
    assert stated_names(text) == {'a"b', "641"}
