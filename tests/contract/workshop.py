"""Empty graphs to test on: files of their own, and a Neo4j that holds nothing but what this suite made."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, LiteralString, cast

import pytest

from catalog.stores.layout import Tables
from catalog.stores.neo4j.schema import model_of
from catalog.stores.port import Store
from tests.contract.backends import Backend, Blocking, Place
from tests.support.small_model import SMALL

__all__ = ["Neo4jGraph", "Workshop"]

_MARKER = "WaypostTestMarker"
_DELETED = 10_000
"""Nodes that are deleted at once."""


class Neo4jGraph:
    """The graph of the Neo4j that the tests were given. Refuses one that holds what no run of this suite left there.

    A marker node says that the suite may clear the graph. It is dirty while a run is under way: beside a dirty one lies
    what a run that was killed left behind, beside a clean one what a person loaded since.
    """

    def __init__(self, place: Place) -> None:
        from neo4j import GraphDatabase

        self.place = place
        self.holds = ""
        """What a test put there and left as it was, for the next that would put the same; nothing once it is cleared."""
        self._migrated: tuple[str, dict[str, Any]] | None = None
        """The model that it was brought to last, and what ``migrate`` wrote into the empty graph for it."""
        self._lock = _locked(place.uri)
        auth = (place.user or "neo4j", place.password) if place.password else None
        self._driver = GraphDatabase.driver(place.uri, auth=auth)  # pyright: ignore[reportUnknownMemberType] - untyped **config
        try:
            self.claim()
        except BaseException:
            self.close()
            raise

    def claim(self) -> None:
        """Begin a run: mark the graph as ours and dirty, or fail where it may be somebody's."""
        (held,) = self.run(
            "MATCH (n) WITH count(CASE WHEN NOT $marker IN labels(n) THEN 1 END) AS others,"
            " collect(CASE WHEN $marker IN labels(n) THEN coalesce(n.dirty, false) END) AS markers"
            " RETURN others, size(markers) > 0 AS ours, true IN markers AS dirty"
        )
        if held["others"] and not held["dirty"]:
            beside = f"beside a {_MARKER} of a run that ended well" if held["ours"] else f"and no {_MARKER}"
            pytest.fail(
                f"the Neo4j at {self.place.uri} holds {held['others']} nodes {beside}: these tests delete what they"
                " find, and do so only where they began in an empty database. Point WAYPOST_TEST_NEO4J_URI at one, or"
                " empty this one: MATCH (n) DETACH DELETE n",
                pytrace=False,
            )
        self.run(f"MERGE (m:{_MARKER} {{made_by: 'tests/contract'}}) SET m.dirty = true")

    def release(self) -> None:
        """End a run: leave the graph empty, and its marker clean."""
        self.clear()
        self.run(f"MATCH (m:{_MARKER}) SET m.dirty = false")

    def run(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        """One statement, past every store."""
        text = cast("LiteralString", statement)
        records, _, _ = self._driver.execute_query(text, {"marker": _MARKER, **values})
        return [record.data() for record in records]

    def clear(self) -> None:
        """Delete every node save the marker; constraints and indexes stay, since making them is slow."""
        self.holds = ""
        self._migrated = None
        assert self.run(f"MATCH (n:{_MARKER}) RETURN count(n) AS n")[0]["n"] == 1, "the marker is gone"
        # A few at a time: what is deleted at once must fit into the memory of a transaction.
        some = f"MATCH (n) WHERE NOT n:{_MARKER} WITH n LIMIT {_DELETED} DETACH DELETE n RETURN count(n) AS n"
        while self.run(some)[0]["n"] == _DELETED:
            pass

    def clear_for(self, tables: Tables) -> bool:
        """Clear it; whether it is then as ``migrate`` leaves an empty graph of these tables.

        So it is where it was brought to them before: to do that again takes forty statements, to put back what they
        wrote takes one.
        """
        kept = self._migrated
        self.clear()
        if kept is None or kept[0] != model_of(tables).digest():
            return False
        self.run(
            "CREATE (m:WaypostMeta) SET m = $meta"
            " WITH m UNWIND $steps AS step CREATE (s:WaypostMigration) SET s = step",
            **kept[1],
        )
        self._migrated = kept
        return True

    def bring_to(self, tables: Tables, migrate: Callable[[], object]) -> None:
        """Clear it and bring it to these tables, by ``migrate`` of a store on it where that is not known already."""
        if self.clear_for(tables):
            return
        migrate()
        (kept,) = self.run(
            "MATCH (m:WaypostMeta) RETURN properties(m) AS meta,"
            " COLLECT { MATCH (s:WaypostMigration) RETURN properties(s) } AS steps"
        )
        self._migrated = model_of(tables).digest(), kept

    def close(self) -> None:
        self._driver.close()
        self._lock.close()


def _locked(uri: str) -> Any:
    """A lock that lasts as long as the file is open: two runs on one server would clear each other's graphs."""
    name = f"waypost-tests-{hashlib.blake2b(uri.encode(), digest_size=8).hexdigest()}.lock"
    file = (Path(tempfile.gettempdir()) / name).open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        pytest.fail(f"another run of these tests is working on the Neo4j at {uri}: wait for it", pytrace=False)
    return file


class Workshop:
    """Opens stores of one backend, one after the other: each graph it opens anew is empty."""

    def __init__(
        self, backend: Backend, runner: asyncio.Runner, folder: pytest.TempPathFactory, graph: Neo4jGraph | None
    ) -> None:
        self.backend = backend
        self.graph = graph
        self._runner = runner
        self._folder = folder
        self._opened: list[Blocking] = []
        self._place: Place | None = None

    def fresh(self, tables: Tables = SMALL, *, migrated: bool = True) -> Blocking:
        """A store on an empty graph. What was opened before is closed: on a Neo4j there is one graph."""
        self.close()
        graph = self.graph
        self._place = Place(self._folder.mktemp("graph") / "graph.db") if graph is None else graph.place
        store = self.again(tables)
        if graph is None:
            if migrated:
                store.migrate()
        elif migrated:
            graph.bring_to(tables, store.migrate)
        else:
            graph.clear()
        return store

    def again(self, tables: Tables = SMALL) -> Blocking:
        """One more store on the graph that was opened last, as another process would open it."""
        assert self._place is not None, "nothing was opened yet"
        place = self._place

        async def opened() -> Store:
            return self.backend.open(place, tables)

        store = Blocking(self._runner.run(opened()), self._runner)
        self._opened.append(store)
        return store

    @property
    def place(self) -> Place:
        """Where the graph that was opened last lies."""
        assert self._place is not None, "nothing was opened yet"
        return self._place

    def close(self) -> None:
        """Close every store that is open."""
        while self._opened:
            self._opened.pop().close()
