"""The record of a run, job or dataset: its registers, and what was last derived of them that others need. Pure."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

import msgspec

from catalog.model.own import LineageRecord
from catalog.urn import Urn, key
from lineage.openlineage.registers import Registers

__all__ = ["DERIVATION", "Feed", "Record", "decode_record", "encode_record", "record_urn"]

DERIVATION = 1
"""Version of what is derived from registers: one of another is derived anew."""


class Feed(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A flow into a dataset, as the record of the dataset keeps it: days, and the job, each "" where there is none."""

    first: str
    last: str
    job: str


class Record(msgspec.Struct, omit_defaults=True, gc=False):
    """What is kept of one run, job or dataset. Registers decide; the rest follows from the registers of all records."""

    registers: Registers = msgspec.field(default_factory=lambda: Registers({}, {}))
    spans: dict[str, list[Any]] = {}
    """What of it has an end, as it was last derived: its flows, steps, reads and writes by their keys."""
    feeds: dict[str, Feed] = {}
    """Of a dataset: the flows into it, by the URNs of where they come from and of themselves, with a blank between."""
    derivation: int = DERIVATION


_decode = msgspec.json.Decoder(Record).decode
_encode = msgspec.json.Encoder(order="sorted").encode


def decode_record(text: str) -> Record:
    """The record of a text that ``encode_record`` made."""
    return _decode(text)


def encode_record(urn: Urn, about: Urn, record: Record) -> LineageRecord:
    """The node that keeps a record."""
    return LineageRecord(urn=urn, about=about, registers=_encode(record).decode())


@lru_cache(maxsize=16_384)
def record_urn(source: Urn, about: Urn) -> Urn:
    """The URN of what one source's events said of one thing: of its digest, since two URNs may be too long for one."""
    return key("lineage-record", hashlib.sha256(f"{source} {about}".encode()).hexdigest()[:32])
