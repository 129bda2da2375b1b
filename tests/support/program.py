"""The program as its user runs it: as a process, on a port of its own, asked over HTTP."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from tests.support.patience import PATIENCE

__all__ = ["ask", "ended", "free_port", "running"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(
    *arguments: str, until: str, environment: Mapping[str, str] | None = None, within_seconds: float = PATIENCE
) -> Generator[tuple[subprocess.Popen[str], list[str]]]:
    """A process of ours that has printed ``until``, and the lines up to there; killed at the end if it still runs."""
    command = [sys.executable, "-c", "from server.main import main; main()", *arguments]
    settings = {**os.environ, **(environment or {})}
    with subprocess.Popen(command, env=settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        watchdog = threading.Timer(within_seconds, process.kill)
        watchdog.start()
        try:
            assert process.stdout
            lines: list[str] = []
            for line in process.stdout:
                lines.append(line)
                if until in line:
                    break
            else:
                assert process.stderr
                pytest.fail(f"it ended without '{until}': {lines} {process.stderr.read()}")
            yield process, lines
        finally:
            watchdog.cancel()
            process.kill()


def ended(process: subprocess.Popen[str], number: signal.Signals) -> tuple[int, str]:
    """How a process ends on a signal, and what it says then."""
    process.send_signal(number)
    _, told = process.communicate(timeout=PATIENCE)
    return process.returncode, told


def ask(port: int, query: str) -> dict[str, Any]:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/graphql",
        json.dumps({"query": query}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - loopback
        found: dict[str, Any] = json.load(answer)
        return found
