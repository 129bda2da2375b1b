"""What commands on a store have in common."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from catalog.stores.port import Store
from server.settings import Settings

__all__ = ["with_store"]

T = TypeVar("T")


async def with_store(
    settings: Settings, work: Callable[[Store], Awaitable[T]], *, make: bool = True, bulk: bool = False
) -> T:
    """Open the store of these settings, do the work, and let go of it whatever happened; the rest as ``open_store``."""
    # Not at the top: the stores are a second of imports, which --help need not pay.
    from server.stores import open_store

    store = open_store(settings, make=make, bulk=bulk)
    try:
        return await work(store)
    finally:
        await store.close()
