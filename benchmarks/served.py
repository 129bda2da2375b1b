"""A real server, ``waypost serve``, as a process of its own on a store, and what its process has used of the processor."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.http_client import Driven
from server.neo4j_server import free_port

__all__ = ["Served", "cpu_ms", "figures", "served"]

_READY_SECONDS = 60.0
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Served:
    """Where it listens, and its process."""

    url: str
    pid: int


@contextmanager
def served(store: str, environment: Mapping[str, str] | None = None) -> Generator[Served]:
    """Serve a store until the end of the block. Raises RuntimeError where the server does not become ready."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("waypost")), "serve", "--port", str(port)]
    variables = {**os.environ, "WAYPOST_STORE": store, **(environment or {})}
    with subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        url = f"http://127.0.0.1:{port}"
        try:
            _wait(url, process)
            yield Served(url, process.pid)
        finally:
            process.terminate()


def cpu_ms(pid: int) -> float:
    """What a process has used of the processor so far, itself and the kernel for it, all its threads. Linux only."""
    # The name of the program, in parentheses, may hold spaces.
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / _TICKS


def figures(
    server: Served, database: int | None, driving: Callable[[], Driven], *, unit: str = "requests", size: int = 1
) -> dict[str, float]:
    """What a drive measures: how many units a second, ``size`` in each request, latency, and CPU a unit of each process."""
    pids = [pid for pid in (server.pid, database) if pid]
    load, began = os.getloadavg()[0], [cpu_ms(pid) for pid in pids]
    driven = driving()
    used = [cpu_ms(pid) - was for pid, was in zip(pids, began, strict=True)]
    count = len(driven.latencies) * size
    cuts = statistics.quantiles(driven.latencies, n=100, method="inclusive")
    found = {
        f"{unit}_per_second": count / driven.seconds,
        "p50_ms": cuts[49],
        "p95_ms": cuts[94],
        "p99_ms": cuts[98],
        "server_cpu_ms": used[0] / count,
        "client_cpu_ms": driven.client_cpu_ms / count,
        "load_before": load,
    }
    if database:
        found["database_cpu_ms"] = used[1] / count
    return {key: round(value, 3) for key, value in found.items()}


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _READY_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/health/ready", timeout=2) as answer:  # noqa: S310 - our own address
                if answer.status == 200:
                    return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.2)
    raise RuntimeError("the server did not become ready: start it by hand with 'waypost serve' to see why")
