"""What the oracle answers of 10,000 random worlds, as a digest of each: to ask it takes four times as long as to ask the engine.

``python -m tests.audit.recorded`` asks it and records that anew, which takes minutes: after every change of the oracle, the worlds
or the questions. Nothing here looks at the engine.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from concurrent.futures import ProcessPoolExecutor
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple, cast

from tests.audit.answers import expected, expected_rarely
from tests.audit.oracle.worlds import make_scenario

__all__ = ["RARELY", "WORLDS", "Record", "digest", "expected_of", "maker", "read"]

WORLDS = 10_000
RARELY = 10
"""Of every so manieth world all questions are asked, also those that take long."""
_HERE = Path(__file__).parent
_FILE = _HERE / "recorded.txt"
_DIGITS = 8
_IN_A_LINE = 12


class Record(NamedTuple):
    """The digests of the answers, by the seed of the world, and of what they were made."""

    maker: str
    digests: list[str]


def maker() -> str:
    """Tells the oracle, the worlds and the questions from any others."""
    found = hashlib.sha256()
    for file in (_HERE / "answers.py", *sorted((_HERE / "oracle").glob("*.py"))):
        found.update(file.read_bytes())
    return found.hexdigest()[:16]


def read() -> Record:
    """What was recorded."""
    first, *lines = _FILE.read_text(encoding="ascii").splitlines()
    digits = "".join(lines)
    return Record(first, [digits[place : place + _DIGITS] for place in range(0, len(digits), _DIGITS)])


def expected_of(seed: int) -> dict[str, Any]:
    """What the oracle answers of a world."""
    scenario = make_scenario(seed)
    found = expected(scenario.world, scenario.day)
    return found | expected_rarely(scenario.world, scenario.day) if seed % RARELY == 0 else found


def _asked(seed: int) -> str:
    return digest(expected_of(seed))


def digest(answers: dict[str, Any]) -> str:
    """Of answers that are equal, and of no others: one pair in four thousand million is mistaken."""
    return hashlib.sha256(_text(answers).encode()).hexdigest()[:_DIGITS]


def _text(value: Any) -> str:
    """The value in words, without the order of what has none."""
    if isinstance(value, Mapping):
        pairs = cast("Mapping[Any, Any]", value).items()
        return f"{{{','.join(sorted(f'{_text(key)}:{_text(each)}' for key, each in pairs))}}}"
    if isinstance(value, AbstractSet):
        return f"<{','.join(sorted(map(_text, cast('AbstractSet[Any]', value))))}>"
    if isinstance(value, list):
        return f"[{','.join(map(_text, cast('list[Any]', value)))}]"
    if isinstance(value, tuple):
        return f"({','.join(map(_text, cast('tuple[Any, ...]', value)))})"
    return repr(str(value)) if isinstance(value, str) else _plain(value)


def _plain(value: object) -> str:
    if isinstance(value, Enum):
        raise TypeError(f"{value!r} of the oracle is not that of the engine: compare their names")
    return repr(value)


def main() -> None:
    """Ask the oracle, and record it."""
    with ProcessPoolExecutor() as pool:
        digests = list(pool.map(_asked, range(WORLDS), chunksize=100))
    lines = ["".join(digests[place : place + _IN_A_LINE]) for place in range(0, WORLDS, _IN_A_LINE)]
    _FILE.write_text("\n".join([maker(), *lines, ""]), encoding="ascii")
    sys.stdout.write(f"{_FILE}: {len(digests)} worlds\n")


if __name__ == "__main__":
    main()
