"""Faults put into the text of a module of ours, to see whether a test finds them."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

__all__ = ["planted"]


def planted(patch: pytest.MonkeyPatch, module: ModuleType, right: str, wrong: str) -> ModuleType:
    """The module with a fault in it, made anew; the one in use stays as it is. ``right`` must stand in it once."""
    text = Path(module.__file__ or "").read_text(encoding="utf-8")
    assert text.count(right) == 1, f"write the fault anew: {right}"
    made = ModuleType(f"faulty.{module.__name__}")
    # Where dataclasses and the like look for the names of their annotations.
    patch.setitem(sys.modules, made.__name__, made)
    exec(compile(text.replace(right, wrong), made.__name__, "exec"), made.__dict__)  # noqa: S102 - our own text
    return made
