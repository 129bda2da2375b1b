"""Which store the settings name. The only place that chooses one."""

from pathlib import Path

from catalog.errors import StoreUnavailable
from catalog.model import MODEL
from catalog.stores.layout import Tables
from catalog.stores.port import Store
from server.settings import Settings

__all__ = ["TABLES", "open_store"]

TABLES = Tables(MODEL)
"""The stored form of the model, the same in every store."""


def open_store(settings: Settings, *, make: bool = False, bulk: bool = False) -> Store:
    """The store of these settings, not yet connected; it is the caller's to close.

    ``make`` says that it may be made: then the folder of an embedded one is. Raises StoreUnavailable where it cannot be.
    ``bulk`` is for work that writes much and reads little.
    """
    path = settings.sqlite_path
    if path is not None:
        from catalog.stores.sqlite.store import SqliteStore

        if make:
            _make_folder(path.absolute().parent)
        return SqliteStore.open(
            path,
            TABLES,
            read_timeout_seconds=settings.query_timeout_seconds,
            write_timeout_seconds=settings.write_timeout_seconds,
            bulk=bulk,
        )
    from catalog.stores.neo4j.store import Neo4jStore

    password = settings.neo4j_password
    return Neo4jStore.open(
        settings.store,
        TABLES,
        # A server without authentication takes no user either.
        user=settings.neo4j_user if password else None,
        password=password.get_secret_value() if password else None,
        database=settings.neo4j_database,
        read_timeout_seconds=settings.query_timeout_seconds,
        write_timeout_seconds=settings.write_timeout_seconds,
        connect_timeout_seconds=settings.connect_timeout_seconds,
    )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = (
            f"the folder {folder} cannot be made ({error.strerror}): set WAYPOST_STORE to sqlite:PATH in one of yours"
        )
        raise StoreUnavailable(message) from error
