"""What an audit read and found as bytes, to be kept beside the graph, and read by the next process (ADR 19).

Facts are packed apart (``columnar``), then what was found, which speaks of the facts themselves, all as pickles that know of
each other. Whoever can write to the database could put another there: so it is read with the plain values of the audit alone,
and nothing that does anything.
"""

from __future__ import annotations

import hashlib
import pickle
import sys
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, tzinfo
from pathlib import Path
from typing import Any, NamedTuple

import catalog
import lineage
from catalog.uncollected import uncollected
from lineage.audit.columnar import apart, together
from lineage.audit.earlier import Earlier
from lineage.audit.facts import Facts
from lineage.audit.gather import Gathered
from lineage.audit.zipped import Zipping, unzipping

__all__ = ["Age", "Left", "code_of", "maker", "packed", "unpacked"]

_MODULES = ("lineage.audit.", "catalog.model.enums")
_CLASSES = frozenset(
    {
        ("builtins", "frozenset"),
        ("builtins", "set"),
        ("builtins", "list"),
        ("collections", "defaultdict"),
        ("datetime", "date"),
        ("catalog.stores.scanning", "Texts"),
    }
)
_LARGE = 1_000_000
"""Bytes of an image of which to look for garbage among what it holds would take as long as to read it."""
_LAST = frozenset(("datasets", "runs", "others"))
"""The last fields of facts in each part of an image: there is as much to read of the first as to unzip of the rest."""
_SUM = 32
_BROKEN = (
    pickle.UnpicklingError,
    zlib.error,
    OSError,
    EOFError,
    ArithmeticError,
    AttributeError,
    ImportError,
    LookupError,
    MemoryError,
    TypeError,
    ValueError,
)
"""What comes of reading what somebody else wrote."""


class Age(NamedTuple):
    """Of what is kept: the revision of its facts, and the first day that was audited."""

    revision: int
    day: date


class Left(NamedTuple):
    """The facts of a revision, and what is left of their audits of a day or more."""

    gathered: Gathered
    days: tuple[Earlier, ...]

    @property
    def age(self) -> Age:
        """How old it is."""
        return Age(self.gathered.revision, self.days[0].day)

    def near(self, day: date) -> Earlier:
        """What is left of the audit of the nearest day."""
        return min(self.days, key=lambda each: abs(each.day - day))


def maker(zone: tzinfo) -> str:
    """What makes images: its code, and the zone of their days. An image of any other is not read."""
    return f"{_CODE} {zone}"


def code_of(folders: Iterable[Path]) -> str:
    """Tells the code in some folders, and the Python that runs it, from any other: a fact may be something else there."""
    found = hashlib.sha256(sys.version.encode())
    for folder in folders:
        for file in sorted(folder.rglob("*.py")):
            code = file.read_bytes()
            found.update(f"{file.relative_to(folder)} {len(code)}\n".encode())
            found.update(code)
    return found.hexdigest()[:32]


_CODE = code_of([Path(folder) for package in (catalog, lineage) for folder in package.__path__])
"""Told as it is imported: while a process runs, another version may be installed."""


def packed(left: Left) -> bytes:
    """All of it. Other threads go on meanwhile: what is written passes through Python, some thousand times."""
    file = Zipping()
    with uncollected():
        writer = _Writer(file, protocol=5)
        for name, part in zip(Facts.__struct_fields__, apart(left.gathered.facts), strict=True):
            writer.dump(part)
            if name in _LAST:
                file.cut()
        writer.number(_spoken_of(left.gathered.facts))
        writer.dump((left.gathered.revision, left.gathered.titles, [each.parts() for each in left.days]))
        file.cut()
    content = file.content()
    return _sum(content) + content


def unpacked(image: bytes) -> Left | None:
    """What was packed; None where it is broken."""
    told, content = image[:_SUM], image[_SUM:]
    if _sum(content) != told:
        return None
    try:
        with uncollected(stays=len(content) > _LARGE), unzipping(content) as file:
            reader = _Reader(file)
            facts = together(reader.load)
            reader.known = _spoken_of(facts)
            revision, titles, days = reader.load()
            left = Left(Gathered(revision, facts, titles), tuple([Earlier.of(facts, parts) for parts in days]))
            return left if left.days else None
    except _BROKEN:
        return None


def _sum(content: bytes) -> bytes:
    """By which what a disk or a transfer altered is told before it is read: that could ask for any amount of memory."""
    return hashlib.sha256(content).digest()


def _spoken_of(facts: Facts) -> list[object]:
    """The facts of which what was found speaks, and the columns of datasets: they are told by their numbers here."""
    found: list[object] = [*facts.flows, *facts.agreements]
    found += [each.column_flows for each in facts.flows if each.column_flows]
    found += [each.columns.refs for each in facts.datasets if each.columns.refs]
    found += [term for each in facts.agreements for term in each.terms]
    return found


class _Writer(pickle.Pickler):
    """Names facts by their numbers, once it knows these."""

    _numbers: Mapping[int, int] = {}

    def number(self, facts: Iterable[object]) -> None:
        """These by their place from now on."""
        self._numbers = {id(each): place for place, each in enumerate(facts)}

    def persistent_id(self, obj: object, /) -> int | None:
        """The number of a fact; None of anything else."""
        return self._numbers.get(id(obj))


class _Reader(pickle.Unpickler):
    """Makes plain values only."""

    known: Sequence[object] = ()
    """Facts by their numbers."""

    def persistent_load(self, pid: Any, /) -> object:
        """The fact of a number."""
        return self.known[pid]

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        """A class that is none of the audit's is refused: to name one is how a pickle does harm."""
        if (module_name, global_name) in _CLASSES or (module_name.startswith(_MODULES) and global_name.isidentifier()):
            found = super().find_class(module_name, global_name)
            # What a module imports is none of its values: some of that reads any attribute of anything.
            if isinstance(found, type) and found.__module__ == module_name:
                return found
        raise pickle.UnpicklingError(f"{module_name}.{global_name} is no value of an audit")
