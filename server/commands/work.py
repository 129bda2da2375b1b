"""What commands on a store have in common."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from catalog.stores.port import Store
from server.settings import MOST_SECONDS, Settings

__all__ = ["with_store"]

T = TypeVar("T")


async def with_store(
    settings: Settings,
    work: Callable[[Store], Awaitable[T]],
    *,
    make: bool = True,
    bulk: bool = False,
    patient: bool = False,
) -> T:
    """Open the store of these settings, do the work, and let go of it whatever happened; the rest as ``open_store``.

    ``patient`` is for work that reads everything, for which nobody waits in a queue: a read may take an hour.
    """
    # Not at the top: the stores are a second of imports, which --help need not pay.
    from server.stores import open_store

    if patient:
        settings = settings.model_copy(update={"query_timeout_seconds": MOST_SECONDS})
    store = open_store(settings, make=make, bulk=bulk)
    try:
        return await work(store)
    finally:
        await store.close()
