"""What a process holds of memory once it let go of what was large."""

from __future__ import annotations

import subprocess
import sys

import pytest

_HELD = """
from pathlib import Path
from server.memory import give_back

def held():
    (found,) = (line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("RssAnon"))
    return int(found) // 1024

give_back()
large = b"x" * (30 << 20)
del large
# The next is made where those are kept that are wanted often; what stands after it keeps it there.
large, after = b"x" * (20 << 20), b"x" * (200 << 10)
print(held())
del large
print(held())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads what Linux tells of a process")
def test_a_large_block_is_given_back_once_it_is_let_go() -> None:
    told = subprocess.run([sys.executable, "-c", _HELD], capture_output=True, text=True, check=True).stdout
    before, after = map(int, told.split())
    assert before - after >= 19
