"""The lines of a source: the same whether it is gzipped, in whatever blocks it comes, and none of one that is cut off."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.errors import LoaderError
from loaders.fetch import open_content
from loaders.lines import lines, unpacked
from loaders.openlineage.files import texts_of

EVENT = b'{"eventTime": "2022-03-20T12:00:00Z"}\n'


@given(blocks=st.lists(st.binary(max_size=8).map(lambda b: b.replace(b"x", b"\n"))), most=st.integers(1, 12))
def test_lines_are_those_of_all_blocks_together(blocks: list[bytes], most: int) -> None:
    assert list(lines(blocks, most)) == [line[:most] for line in b"".join(blocks).split(b"\n")]


@pytest.mark.parametrize("times", [1, 3], ids=["one file", "several after one another"])
def test_what_is_gzipped_is_read_as_it_was(tmp_path: Path, times: int) -> None:
    path = tmp_path / "source.gz"
    path.write_bytes(gzip.compress(EVENT * 100_000) * times)
    assert b"".join(unpacked(open_content(str(path)))) == EVENT * 100_000 * times


@pytest.mark.parametrize("kept", [3, -1, -20])
def test_what_is_cut_off_is_no_sound_gzip(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "events.ndjson.gz"
    path.write_bytes(gzip.compress(EVENT * 3)[:kept])
    with pytest.raises(zlib.error):
        list(unpacked(open_content(str(path))))
    with pytest.raises(LoaderError, match=r"^gzip: .* is no sound gzip .*fetch it again"):
        list(texts_of(open_content(str(path))))
