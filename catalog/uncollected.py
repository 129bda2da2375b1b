"""Work that makes millions of values, none of which is garbage: looking for some among them would take a third of the time."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache

__all__ = ["uncollected"]


@contextmanager
def uncollected(*, stays: bool = False) -> Generator[None]:
    """No search for cycles of garbage meanwhile, in the whole process; what is let go is freed as ever.

    ``stays``: what there is at the end is for long, so that no search looks through it later either. The first time only: no
    search finds either what else there is then, and may be garbage later.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
        if stays:
            _freeze()
    finally:
        if was:
            gc.enable()


@cache
def _freeze() -> None:
    gc.freeze()
