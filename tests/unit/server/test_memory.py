"""What a process holds of memory once it let go of what was large."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import pytest

_HELD = """
import sys
from pathlib import Path
from server.memory import give_back

def held():
    (found,) = (line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("RssAnon"))
    return int(found) // 1024

if sys.argv[1] == "give back":
    give_back()
large = b"x" * (30 << 20)
del large
# The next is made where those are kept that are wanted often; what stands after it keeps it there.
large, after = b"x" * (20 << 20), b"x" * (200 << 10)
print(held())
del large
print(held())
"""


def _given_back(how: str) -> int:
    """How many MB a process holds less once it let go of 20."""
    command = [sys.executable, "-c", _HELD, how]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    ((before, after),) = pairwise(map(int, told))
    return before - after


@pytest.mark.skipif(sys.platform != "linux", reason="reads what Linux tells of a process")
def test_a_large_block_is_given_back_once_it_is_let_go() -> None:
    assert _given_back("give back") >= 19
