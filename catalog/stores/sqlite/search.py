"""Full text, counts and hops as one SQL statement each (ADR 5). Only whole words of ``a-z0-9`` reach FTS5."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from catalog.model.declare import Shape
from catalog.stores.port import MAX_GROUPS
from catalog.stores.query import RAggregate, RGroup, RSearch
from catalog.stores.sqlite.conditions import Conditions
from catalog.stores.sqlite.texts import json_value, name

__all__ = ["compile_aggregate", "compile_search", "match"]


def match(words: list[str], *, prefix: bool) -> dict[str, str]:
    """The parameters that words become: FTS5's query, and the texts that a title is compared with for its tier.

    Every word must be there; the last one may be the beginning of a word where ``prefix`` says so.
    """
    last = len(words) - 1
    ends = ["" if prefix and i == last else " " for i in range(len(words))]
    asked = [f'"{word}"{"" if end else "*"}' for word, end in zip(words, ends, strict=True)]
    phrase = " ".join(words)
    params = {"match": " ".join(dict.fromkeys(asked)), "phrase": phrase, "opening": phrase + "".join(ends[-1:])}
    return params | {f"t{i}": f" {word}{ends[i]}" for i, word in enumerate(words)}


@lru_cache(maxsize=512)
def compile_search(shape: RSearch) -> str:
    """The statement of a search: [total, rows of [urn, tier, title key], a list of (value, count, name) a facet]."""
    made = Conditions()
    label = name(shape.label)
    conditions = made.stands("n", shape.needs)
    source = f"{label} AS n"
    if shape.words:
        fts = name(f"fts_{shape.label}")
        source = f"{fts} AS f CROSS JOIN {label} AS n ON n.id = f.rowid"
        conditions.insert(0, f"{fts} MATCH :match")
    if shape.where is not None:
        conditions.append(made.predicate(shape.where, "n", shape.label))
    columns = ["n.id AS i", "n.urn AS u", f"n.{name(shape.title_sort)} AS k", "n.search_title AS t"]
    columns += [f"n.{name(g.column)} AS g{i}" for i, g in enumerate(shape.facets) if not g.hops]
    hits = f"SELECT {', '.join(columns)} FROM {source} WHERE {' AND '.join(conditions)}"
    after = "WHERE (tier, k, u) > (:tier, :key, :after) " if shape.after else ""
    rows = (
        "(SELECT group_concat('[' || json_quote(u) || ',' || tier || ',' || json_quote(k) || ']', ',') "
        f"FROM (SELECT u, k, tier FROM (SELECT u, k, {_tier(shape)} AS tier FROM hit) "
        f"{after}ORDER BY tier, k, u LIMIT :first))"
    )
    facets = [_groups(made, group, _Counted("hit AS n", "n.i", f"n.g{i}")) for i, group in enumerate(shape.facets)]
    made.keep("hit", hits)
    return (
        f"{made.kept()}SELECT '[' || (SELECT count(*) FROM hit) || ',[' || ifnull({rows}, '') || '],["
        + "' || ',' || '".join(f"' || {facet} || '" for facet in facets)
        + "]]'"
    )


@lru_cache(maxsize=512)
def compile_aggregate(shape: RAggregate) -> str:
    """The statement of a count: a list of (value, count)."""
    made = Conditions()
    conditions = made.stands("n", shape.needs)
    if shape.where is not None:
        conditions.append(made.predicate(shape.where, "n", shape.label))
    value = f"n.{name(shape.group.column)}"
    if shape.group.namespace:
        # Cut, from the right, every sign that is no ':'.
        value = f"rtrim({value}, replace({value}, ':', ''))"
    counted = _Counted(f"{name(shape.label)} AS n", "n.id", value, tuple(conditions))
    groups = _groups(made, shape.group, counted)
    return f"{made.kept()}SELECT {groups}"


@dataclass(frozen=True, slots=True)
class _Counted:
    """Nodes to count: their tables, their id and value, and the conditions they meet."""

    nodes: str
    id: str
    value: str
    conditions: tuple[str, ...] = ()


def _groups(made: Conditions, group: RGroup, of: _Counted) -> str:
    """A scalar: the values of nodes and how many nodes have each, as JSON made."""
    joined, value, conditions = _values(made, group, of)
    shape = Shape.TEXT if group.shape is Shape.TEXTS else group.shape
    if group.presence:
        there = f"SELECT 1 FROM {' CROSS JOIN '.join(joined or ['(SELECT 1)'])} WHERE {' AND '.join(conditions)}"
        each = f"SELECT EXISTS ({there}) AS v FROM {of.nodes} WHERE {' AND '.join(of.conditions or ('1',))}"
        shape = Shape.BOOLEAN
    else:
        once = f"DISTINCT {of.id}, " if joined else ""
        where = " AND ".join([*of.conditions, *conditions])
        each = f"SELECT {once}{value} AS v FROM {' CROSS JOIN '.join([of.nodes, *joined])} WHERE {where}"
    found = f"SELECT v, count(*) AS c FROM ({each}) GROUP BY v ORDER BY c DESC, v LIMIT {MAX_GROUPS}"
    row = [json_value("v", shape), "c"]
    if group.title is not None:
        label = name(group.hops[-1].step.label)
        title = f"(SELECT t.{name(group.title)} FROM {label} AS t WHERE t.urn = v)"
        row.append(json_value(title, Shape.TEXT))
    listed = " || ',' || ".join(row)
    return f"(SELECT '[' || ifnull(group_concat('[' || {listed} || ']', ','), '') || ']' FROM ({found}))"


def _values(made: Conditions, group: RGroup, of: _Counted) -> tuple[list[str], str, list[str]]:
    """The tables to join to nodes for their values, each value, and the conditions that it meets."""
    joined: list[str] = []
    conditions: list[str] = []
    start, value = of.id, of.value
    for number, hop in enumerate(group.hops):
        end = f"x_{number}"
        source, along = made.edge(hop.step, start, f"e_{number}", end)
        joined.append(source)
        conditions += [*along, *made.stands(end, hop.needs)]
        start, value = f"{end}.id", f"{end}.{name(group.column)}"
    if group.shape is Shape.TEXTS:
        joined.append(f"json_each({value}) AS j")
        value = "j.value"
    return joined, value, [*conditions, f"{value} IS NOT NULL"]


def _tier(shape: RSearch) -> str:
    if not shape.words:
        return "3"
    every = " AND ".join(f"instr(' ' || t || ' ', :t{i})" for i in range(shape.words))
    return (
        "CASE WHEN t = :phrase THEN 0 WHEN substr(t || ' ', 1, length(:opening)) = :opening THEN 1 "
        f"WHEN {every} THEN 2 ELSE 3 END"
    )
