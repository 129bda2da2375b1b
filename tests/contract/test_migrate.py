"""``migrate``, ``check``, ``close``, and one more entity on a graph that stands."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import ClassVar

import pytest

from catalog.errors import CatalogError, InvalidSelection, MigrationError
from catalog.model.declare import Entity, Relation, declared, entity, prop, rel
from catalog.model.schema import Model
from catalog.selection import Order, Related, Select
from catalog.stores.layout import Tables
from catalog.stores.port import SearchQuery
from tests.contract.backends import BACKENDS, Blocking
from tests.contract.workshop import Workshop
from tests.support.small_model import LABELS, TAgency, TDataset, TGoal
from tests.support.statements import DAY, ask, edge, node, said, urns


def test_store_has_the_name_of_its_kind(workshop: Workshop) -> None:
    assert workshop.fresh().name == workshop.backend.name
    assert set(BACKENDS) == {"sqlite", "neo4j"}


def test_migrate_1_answers_the_steps_it_took_and_then_none(workshop: Workshop) -> None:
    store = workshop.fresh(migrated=False)
    steps = store.migrate()
    assert steps
    assert len(set(steps)) == len(steps)
    assert store.migrate() == []
    assert workshop.again().migrate() == []
    store.check()


def test_migrate_1_keeps_what_is_there(workshop: Workshop) -> None:
    store = workshop.fresh()
    store.write(said(node(TAgency, "a")))
    again = workshop.again()
    again.migrate()
    assert urns(again.select(ask(Select("TAgency")))) == ["a"]
    assert again.revision() == 1


def test_migrate_2_many_at_once_take_each_step_once(workshop: Workshop) -> None:
    store = workshop.fresh(migrated=False)
    others = [workshop.again().store for _ in range(4)]

    async def all_at_once() -> list[list[str]]:
        return await asyncio.gather(*(each.migrate() for each in others))

    taken = [step for steps in store.wait(all_at_once()) for step in steps]
    assert taken
    assert len(set(taken)) == len(taken)
    store.check()
    store.write(said(node(TAgency, "a")))


def _by_hand(workshop: Workshop, sql: str, cypher: str) -> None:
    """Do something to the graph past every store."""
    if workshop.graph is not None:
        workshop.graph.run(cypher)
        return
    with closing(sqlite3.connect(workshop.place.file)) as db, db:
        db.execute(sql)


def test_migrate_2_a_step_that_was_cut_off_is_taken_again(workshop: Workshop) -> None:
    """A process was killed before it recorded what it did; on a Neo4j it held the lease."""
    workshop.fresh()
    _by_hand(
        workshop,
        "DELETE FROM migration WHERE name LIKE 'model-%'",
        "MATCH (m:WaypostMeta) SET m.digest = null, m.lease = 'of the dead', m.lease_until = timestamp() + 1000",
    )
    store = workshop.again()
    with pytest.raises(MigrationError, match="waypost migrate"):
        store.check()
    (step,) = store.migrate()
    assert step.startswith("model-")
    store.check()


def test_migrate_2_what_was_taken_away_is_made_again(workshop: Workshop) -> None:
    workshop.fresh()
    _by_hand(workshop, 'DROP INDEX "ix_TAgency_name_sort"', "DROP INDEX sort_TAgency_name")
    store = workshop.again()
    assert len(store.migrate()) == 1
    assert store.migrate() == []


def test_migrate_2_an_index_of_another_definition_is_made_anew(workshop: Workshop) -> None:
    workshop.fresh()
    _by_hand(workshop, 'DROP INDEX "ix_TAgency_name_sort"', "DROP INDEX sort_TAgency_name")
    _by_hand(
        workshop,
        'CREATE INDEX "ix_TAgency_name_sort" ON "TAgency"(name)',
        "CREATE INDEX sort_TAgency_name FOR (n:TAgency) ON (n.name)",
    )
    store = workshop.again()
    assert len(store.migrate()) == 1
    assert store.migrate() == []


@pytest.mark.parametrize(
    ("sql", "cypher"),
    [
        ("UPDATE migration SET checksum = 'x'", "MATCH (m:WaypostMigration) SET m.checksum = 'x'"),
        ("INSERT INTO migration VALUES ('9999', 'x', '')", "CREATE (:WaypostMigration {name: '9999', checksum: 'x'})"),
    ],
    ids=["altered", "of a newer version"],
)
def test_migrate_3_steps_that_are_not_ours_are_refused(workshop: Workshop, sql: str, cypher: str) -> None:
    workshop.fresh()
    _by_hand(workshop, sql, cypher)
    with pytest.raises(MigrationError):
        workshop.again().migrate()


def test_migrate_3_a_database_of_a_newer_model_is_refused(workshop: Workshop) -> None:
    newer = workshop.fresh(_enlarged())
    newer.write(said(node(TLater, "1", title="x")))
    store = workshop.again()
    with pytest.raises(MigrationError, match="TLater"):
        store.migrate()
    with pytest.raises(MigrationError):
        store.check()
    newer.check()


def test_migrate_4_a_database_of_others_is_refused_untouched(workshop: Workshop) -> None:
    store = workshop.fresh(migrated=False)
    if workshop.graph is not None:
        workshop.graph.run("CREATE (:Movie {title: 'x'})")
        try:
            with pytest.raises(MigrationError):
                store.migrate()
            held = workshop.graph.run(
                "MATCH (n) UNWIND labels(n) AS l WITH DISTINCT l ORDER BY l RETURN collect(l) AS all"
            )
            assert held == [{"all": ["Movie", "WaypostTestMarker"]}]
        finally:
            workshop.graph.clear()
        return
    store.close()
    workshop.close()
    with closing(sqlite3.connect(workshop.place.file)) as db:
        db.execute("DROP TABLE IF EXISTS movie")
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            pytest.fail(f"opening a store made {name}: it may only look")
        db.execute("CREATE TABLE movie (title TEXT)")
        db.commit()
    with pytest.raises(MigrationError):
        workshop.again().migrate()
    workshop.close()
    with closing(sqlite3.connect(workshop.place.file)) as db:
        assert [name for (name,) in db.execute("SELECT name FROM sqlite_master")] == ["movie"]


def test_check_raises_while_the_schema_is_not_there(workshop: Workshop) -> None:
    store = workshop.fresh(migrated=False)
    with pytest.raises(CatalogError):
        store.check()
    store.migrate()
    store.check()


def test_close_twice_is_harmless(workshop: Workshop) -> None:
    store = workshop.fresh()
    store.write(said(node(TAgency, "a")))
    store.close()
    store.close()


@entity(group="test")
class TLater(Entity):
    """One more entity, as a later issue would declare it: a class, and nothing else."""

    title: str | None = prop("Title.", order=True, search="title")
    weight: float | None = prop("Weight.", order=True, facet=True)
    about: ClassVar[Relation] = rel("T_ABOUT", ("TDataset", "TAgency"), "What it is about.", inverse="laters")


def _enlarged() -> Tables:
    return Tables(Model({label: declared()[label] for label in (*LABELS, "TLater")}))


def _traits_changed() -> Tables:
    """The small model, in which lists of goals can be ordered by ``area``, and searches look into it."""
    goal = declared()["TGoal"]
    properties = tuple(replace(p, order=True, search="text") if p.name == "area" else p for p in goal.properties)
    kinds = {label: declared()[label] for label in LABELS}
    return Tables(Model({**kinds, "TGoal": replace(goal, properties=properties)}))


def test_what_is_derived_is_made_anew_where_the_declaration_changed(workshop: Workshop) -> None:
    before = workshop.fresh()
    before.write(said(node(TGoal, "1", area="West"), node(TGoal, "2", area="East"), node(TGoal, "3")))
    with pytest.raises(InvalidSelection):
        before.select(ask(Select("TGoal", order=Order("area"))))
    store = workshop.again(_traits_changed())
    with pytest.raises(MigrationError):
        store.check()
    assert store.migrate()
    store.check()
    assert urns(store.select(ask(Select("TGoal", order=Order("area"))))) == ["2", "1", "3"]
    found = store.search(SearchQuery("TGoal", "west", ask(Select("x")).reader, DAY))
    assert [hit.urn.rpartition(":")[2] for hit in found.hits] == ["1"]
    assert store.revision() == 1


def test_one_more_entity_costs_a_class(workshop: Workshop) -> None:
    before = workshop.fresh()
    before.write(said(node(TDataset, "d", title="old"), node(TAgency, "a"), edge(TDataset.held_by, "d", "a")))
    with pytest.raises(InvalidSelection):
        before.select(ask(Select("TLater")))
    store = workshop.again(_enlarged())
    store.migrate()
    assert store.migrate() == []
    store.check()
    batch = said(
        node(TLater, "1", title="Zweite", weight=0.1 + 0.2),
        node(TLater, "2", title="erste"),
        edge(TLater.about, "1", "d"),
        edge(TLater.about, "1", "a", to=TAgency),
    )
    assert store.write(batch).created == {"TLater": 2, "T_ABOUT": 2}
    assert not store.write(batch).changed
    _read_the_new(store)
    _read_the_old(store)
    replica = store.all_changes()
    other = workshop.fresh(_enlarged())
    other.replay(replica)
    assert other.all_changes() == replica


def _read_the_new(store: Blocking) -> None:
    about = Related("about", "about", Select("TDataset", ("title",)))
    page = store.select(ask(Select("TLater", ("weight",), order=Order("title"), related=(about,))))
    assert urns(page) == ["2", "1"]
    assert page.rows[1]["weight"] == 0.1 + 0.2
    assert urns(page.rows[1]["about"]) == ["d"]
    found = store.search(SearchQuery("TLater", "zwei", ask(Select("x")).reader, DAY, facets=("weight",)))
    assert [hit.urn.rpartition(":")[2] for hit in found.hits] == ["1"]
    assert found.facets == {"weight": [(0.1 + 0.2, 1)]}


def _read_the_old(store: Blocking) -> None:
    laters = Related("laters", "laters", Select("TLater"))
    holder = Related("holder", "held_by", Select("TAgency", related=(laters,)))
    (row,) = store.select(ask(Select("TDataset", ("title",), related=(holder, laters)))).rows
    assert (row["title"], urns(row["holder"]), urns(row["laters"])) == ("old", ["a"], ["1"])
    assert urns(row["holder"].rows[0]["laters"]) == ["1"]
