"""Work that makes millions of values, none of which is garbage: looking for some among them would take a third of the time."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager

__all__ = ["uncollected"]


@contextmanager
def uncollected(*, stays: bool = False) -> Generator[None]:
    """No search for cycles of garbage meanwhile, in the whole process; what is let go is freed as ever.

    ``stays``: what there is at the end is for long, so that no search looks through it later either.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
        if stays:
            gc.freeze()
    finally:
        if was:
            gc.enable()
