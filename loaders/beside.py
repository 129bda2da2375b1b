"""A process beside this one that runs a part of this program: how it is started, and messages with their sizes before them."""

from __future__ import annotations

import os
import sys
from typing import IO

__all__ = ["SIZE", "answers", "command", "environment", "receive", "send", "size_of"]

SIZE = 8
"""Bytes that say how long the message is that follows them."""


def command(module: str) -> list[str]:
    """What starts the function ``main`` of a module of ours."""
    return [sys.executable, "-P", "-c", f"from {module} import main; main()"]


def environment() -> dict[str, str]:
    """What it is started with, so that it runs this very code."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def answers() -> IO[bytes]:
    """Where the other process answers. What anything prints there is no answer: it goes with what is said of errors."""
    found = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return found


def size_of(message: bytes | memoryview) -> bytes:
    """What stands before a message."""
    return len(message).to_bytes(SIZE)


def send(file: IO[bytes], message: bytes | memoryview) -> None:
    """Write a message. Raises BrokenPipeError where nobody reads it any more."""
    file.write(size_of(message))
    file.write(message)
    file.flush()


def receive(file: IO[bytes]) -> bytes:
    """The next message. Raises EOFError after the last, and where one ends in its middle."""
    size = int.from_bytes(file.read(SIZE))
    message = file.read(size)
    if not size or len(message) < size:
        raise EOFError
    return message
