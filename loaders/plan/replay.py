"""Items of a plan file that were kept out and come again: as a plan file of their own, and what is known of the rest."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from loaders.errors import LoaderError
from loaders.fetch import shown
from loaders.plan.format import SECTIONS, VERSION
from loaders.plan.parse import Outline, RawItem
from loaders.plan.rules import PlanRule
from loaders.quarantine import Quarantine, Quarantined
from loaders.waypost_file.written import source_text

__all__ = ["Replay", "replay_of"]

_ORDER = ("plan", *SECTIONS)


@dataclass(frozen=True, slots=True)
class Replay:
    """What a quarantine holds of one plan file."""

    content: bytes
    """A plan file of the items that come again, in the order of its sections."""
    beside: Outline
    """What the file states besides them."""
    numbers: list[int]
    """Which record of the quarantine each of these items is, from 1."""


def replay_of(quarantine: Quarantine, location: str) -> Replay:
    """Read the items of a quarantine. Raises LoaderError, naming the record, where one is no item of a plan file."""
    if not quarantine.records:
        raise LoaderError(
            PlanRule.QUARANTINE, f"{shown(location)}: it holds no record: nothing of a plan is to come again"
        )
    items = [_item(kept, number, location) for number, kept in enumerate(quarantine.records, 1)]
    beside = items[0].file
    for number, (kept, raw) in enumerate(zip(quarantine.records, items, strict=True), 1):
        if raw.file.key != beside.key:
            raise _not_one(location, number, f"it is of the plan {raw.file.key}, and the first of {beside.key}")
        beside.items.get(raw.section, {}).pop(kept.identifier or "", None)
    head = f"{VERSION[0]}: {VERSION[1]}\nsource: {source_text(quarantine.source)}\nkey: '{beside.key}'\n"
    if beside.audience is not None:
        head += f"audience: {beside.audience}\n"
    order = sorted(range(len(items)), key=lambda index: _ORDER.index(items[index].section))
    content = head + _sections([items[index] for index in order])
    return Replay(content.encode(), beside, [index + 1 for index in order])


def _item(kept: Quarantined, number: int, location: str) -> RawItem:
    try:
        raw = msgspec.convert(kept.raw, RawItem)
    except msgspec.ValidationError as error:
        raise _not_one(location, number, str(error)) from error
    if raw.section not in _ORDER or not raw.file.items.keys() <= SECTIONS.keys():
        raise _not_one(location, number, "it names a section that no plan file has")
    return raw


def _sections(items: list[RawItem]) -> str:
    text, before = "", ""
    for item in items:
        if item.section != before or item.section == "plan":
            text += f"{item.section}:\n"
        before = item.section
        begin = "  " if item.section == "plan" else "- "
        text += begin + item.text.replace("\n", "\n  ") + "\n"
    return text


def _not_one(location: str, number: int, why: str) -> LoaderError:
    message = (
        f"{shown(location)}: record {number} is no item of a plan file ({why}): mend nothing but the 'text' of 'raw'"
    )
    return LoaderError(PlanRule.QUARANTINE, message)
