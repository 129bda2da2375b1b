"""A client that costs little: plain HTTP/1.1 over asyncio's streams, one connection that stays open for each caller."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

__all__ = ["Driven", "Target", "drive"]


@dataclass(frozen=True)
class Target:
    """Where bodies are sent, and what an answer is that is none of an error. A GET sends each as the end of its path."""

    path: str = "/graphql"
    headers: tuple[str, ...] = ("Content-Type: application/json",)
    status: int = 200
    begins: bytes = b""
    method: str = "POST"


_GRAPHQL = Target(begins=b'{"data":')


@dataclass(frozen=True)
class Driven:
    """What the callers saw: milliseconds of each request that was measured, and what the client itself used."""

    latencies: list[float]
    seconds: float
    client_cpu_ms: float


def drive(
    url: str, bodies: Sequence[bytes], callers: int, warm_seconds: float, seconds: float, *, target: Target = _GRAPHQL
) -> Driven:
    """Send the bodies in turn, each caller the next as soon as it has its answer. Raises AssertionError on an error."""
    sent = [_request(url, body, target) for body in bodies]
    return asyncio.run(_drive(url, sent, callers, warm_seconds, seconds, target=target))


async def _drive(
    url: str, sent: Sequence[bytes], callers: int, warm_seconds: float, seconds: float, *, target: Target
) -> Driven:
    if warm_seconds:
        await _all(url, sent, callers, warm_seconds, target)
    began, used = time.perf_counter(), time.process_time()
    latencies = await _all(url, sent, callers, seconds, target)
    return Driven(latencies, time.perf_counter() - began, (time.process_time() - used) * 1000)


async def _all(url: str, sent: Sequence[bytes], callers: int, seconds: float, target: Target) -> list[float]:
    until = time.perf_counter() + seconds
    following = itertools.cycle(sent)
    found = await asyncio.gather(*(_caller(url, following, until, target) for _ in range(callers)))
    return [latency for each in found for latency in each]


async def _caller(url: str, following: itertools.cycle[bytes], until: float, target: Target) -> list[float]:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=2**20)
    latencies: list[float] = []
    while (began := time.perf_counter()) < until:
        writer.write(next(following))
        await _answer(reader, target)
        latencies.append((time.perf_counter() - began) * 1000)
    writer.close()
    await writer.wait_closed()
    return latencies


async def _answer(reader: asyncio.StreamReader, target: Target) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d" % target.status), head
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    body = await reader.readexactly(int(length.partition(b":")[2]))
    assert body.startswith(target.begins), body[:300]


def _request(url: str, body: bytes, target: Target) -> bytes:
    path, sent = (target.path + body.decode(), b"") if target.method == "GET" else (target.path, body)
    lines = [f"{target.method} {path} HTTP/1.1", f"Host: {urlsplit(url).netloc}", *target.headers]
    return "\r\n".join([*lines, f"Content-Length: {len(sent)}", "", ""]).encode() + sent
