"""Bytes of a source: from a file, a pipe or an address, read again and again, and bounded."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from loaders import fetch
from loaders.errors import LoaderError
from loaders.fetch import open_content, read_bytes

LARGE = os.urandom(1000) * 20_000
"""More than is held in memory."""


@pytest.fixture
def address() -> Iterator[str]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = LARGE if self.path == "/large" else b"small"
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the base class
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()


@pytest.mark.parametrize("content", [b"", b"small", LARGE], ids=["empty", "small", "large"])
def test_a_file_is_read_more_than_once_and_from_any_place(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "source"
    path.write_bytes(content)

    found = open_content(str(path))

    assert found.size == len(content)
    assert b"".join(found.blocks()) == b"".join(found.blocks()) == read_bytes(str(path)) == content
    assert found.piece(3, 2) == content[3:5]
    assert found.piece(len(content), 10) == b""


@pytest.mark.parametrize(("path", "content"), [("/small", b"small"), ("/large", LARGE)], ids=["small", "large"])
def test_an_address_is_fetched_once_and_read_more_than_once(address: str, path: str, content: bytes) -> None:
    found = open_content(address + path)

    assert b"".join(found.blocks()) == b"".join(found.blocks()) == content


def test_a_pipe_is_read_more_than_once(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(LARGE,))
    writer.start()

    found = open_content(str(path))
    writer.join()

    assert b"".join(found.blocks()) == b"".join(found.blocks()) == LARGE


def test_a_large_file_that_somebody_writes_to_is_refused_and_one_that_is_replaced_stays(tmp_path: Path) -> None:
    path = tmp_path / "source"
    path.write_bytes(LARGE)
    found = open_content(str(path))
    (tmp_path / "other").write_bytes(b"other")
    (tmp_path / "other").replace(path)
    assert b"".join(found.blocks()) == LARGE

    path.write_bytes(LARGE)
    found = open_content(str(path))
    with path.open("ab") as file:
        file.write(b"more")
    with pytest.raises(LoaderError, match="was changed while it was read: load it again"):
        found.piece(0, 10)


def test_what_is_too_large_is_refused(tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "MAX_BYTES", 1000)
    path = tmp_path / "source"
    path.write_bytes(b"x" * 1001)

    with pytest.raises(LoaderError, match=r"size: .*source has over 1000 bytes: split it"):
        open_content(str(path))
    with pytest.raises(LoaderError, match=r"size: http.*/large answers more than 1000 bytes"):
        open_content(address + "/large")
    path.write_bytes(b"x" * 1000)
    assert open_content(str(path)).size == 1000
