"""A client that costs little: plain HTTP/1.1 over asyncio's streams, one connection that stays open for each caller."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

__all__ = ["Driven", "drive"]


@dataclass(frozen=True)
class Driven:
    """What the callers saw: milliseconds of each request that was measured, and what the client itself used."""

    latencies: list[float]
    seconds: float
    client_cpu_ms: float


def drive(url: str, bodies: Sequence[bytes], callers: int, warm_seconds: float, seconds: float) -> Driven:
    """Send the bodies in turn, each caller the next as soon as it has its answer. Raises AssertionError on an error."""
    return asyncio.run(_drive(url, bodies, callers, warm_seconds, seconds))


async def _drive(url: str, bodies: Sequence[bytes], callers: int, warm_seconds: float, seconds: float) -> Driven:
    await _all(url, bodies, callers, warm_seconds)
    began, used = time.perf_counter(), time.process_time()
    latencies = await _all(url, bodies, callers, seconds)
    return Driven(latencies, time.perf_counter() - began, (time.process_time() - used) * 1000)


async def _all(url: str, bodies: Sequence[bytes], callers: int, seconds: float) -> list[float]:
    until = time.perf_counter() + seconds
    following = itertools.cycle(_request(url, body) for body in bodies)
    found = await asyncio.gather(*(_caller(url, following, until) for _ in range(callers)))
    return [latency for each in found for latency in each]


async def _caller(url: str, following: itertools.cycle[bytes], until: float) -> list[float]:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=2**20)
    latencies: list[float] = []
    while (began := time.perf_counter()) < until:
        writer.write(next(following))
        await _answer(reader)
        latencies.append((time.perf_counter() - began) * 1000)
    writer.close()
    await writer.wait_closed()
    return latencies


async def _answer(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    body = await reader.readexactly(int(length.partition(b":")[2]))
    assert body.startswith(b'{"data":'), body[:300]


def _request(url: str, body: bytes) -> bytes:
    head = f"POST /graphql HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
