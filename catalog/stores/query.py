"""Searches, counts and hops, checked against the model and stripped of their values, as ``resolve`` does selections."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.errors import InvalidSelection
from catalog.model.declare import Kind, Shape
from catalog.selection import MAX_PAGE, Cursor, Order
from catalog.stores.layout import Tables
from catalog.stores.port import (
    MAX_FACET_STEPS,
    MAX_FRONTIER,
    MAX_GROUPS,
    MAX_HOP_STEPS,
    URN_NAMESPACE,
    Aggregate,
    Expand,
    Hit,
    Hop,
    SearchPage,
    SearchQuery,
)
from catalog.stores.resolve import Resolver, RNeed, RPredicate, RStep, is_single
from catalog.text import may_begin, tokens
from catalog.values import decode

__all__ = ["RAggregate", "RExpand", "RGroup", "RHop", "RLeg", "RSearch", "groups", "resolve_aggregate"]
__all__ += ["resolve_expand", "resolve_search", "same_of", "search_page"]

MAX_WORDS = 16
_RELEVANCE = Order("relevance")


@dataclass(frozen=True, slots=True)
class RHop:
    """A step to what the reader sees whole and holds on the day."""

    step: RStep
    needs: tuple[RNeed, ...]


@dataclass(frozen=True, slots=True)
class RLeg:
    """A step of a hop, to what the reader sees whole or, with ``placeholders``, as a placeholder."""

    step: RStep
    needs: tuple[RNeed, ...]
    placeholders: bool
    single: bool
    """Whether it leads from a node to another at most once."""


@dataclass(frozen=True, slots=True)
class RGroup:
    """What nodes are counted by: a stored property of what is at the end of hops; without any, of their own."""

    name: str
    hops: tuple[RHop, ...]
    column: str
    shape: Shape
    presence: bool
    """Whether it is counted only if there is a value."""
    namespace: bool
    """Whether of a URN only its namespace is counted (``URN_NAMESPACE``)."""
    title: str | None
    """The stored property that names the nodes whose URNs are counted; None where no names are answered."""


@dataclass(frozen=True, slots=True)
class RSearch:
    """A search's shape. Parameters: ``words``, ``prefix`` (the last word as a beginning, or null), ``first``, cursor."""

    label: str
    where: RPredicate | None
    needs: tuple[RNeed, ...]
    facets: tuple[RGroup, ...]
    title_sort: str
    words: int
    prefix: bool
    after: bool


@dataclass(frozen=True, slots=True)
class RAggregate:
    """A count's shape."""

    label: str
    where: RPredicate | None
    needs: tuple[RNeed, ...]
    group: RGroup


@dataclass(frozen=True, slots=True)
class RExpand:
    """A hop's shape. Parameters: ``frontier`` (URNs and opaque ids) and ``first`` (limit + 1)."""

    label: str
    legs: tuple[RLeg, ...]
    """Its steps; the last one leads to what the hop does."""
    ever: bool
    by: RHop | None
    where: RPredicate | None
    via: RPredicate | None
    """About the node after the first step."""
    same: RStep | None
    """What says which nodes are one; its other parameter is ``most``, of nodes that are looked at."""
    begins: bool

    @property
    def end(self) -> RLeg:
        """The last step; who sees where it leads also sees, on the same terms, where the hop begins."""
        return self.legs[-1]

    @property
    def is_plain(self) -> bool:
        """Whether every hop stands for one pair of nodes, and all pairs count."""
        return self.by is None and self.where is None and self.via is None

    @property
    def is_single(self) -> bool:
        """Whether it leads from a node to another at most once."""
        return len(self.legs) == 1 and self.end.single


def resolve_search(query: SearchQuery, tables: Tables) -> tuple[RSearch, dict[str, Any]]:
    """A search's shape and parameters. Raises InvalidSelection."""
    resolver = Resolver(tables, query.reader, query.as_of)
    kind = resolver.kind(query.kind)
    layout = tables.by_label[kind.label]
    if not layout.searchable:
        raise InvalidSelection(f"{kind.label} is not searched: no property of it is declared for search")
    if not 0 <= query.first <= MAX_PAGE:
        raise InvalidSelection(f"'first' is {query.first}: a page holds 0 to {MAX_PAGE} rows")
    words = tokens(query.text)
    if len(words) > MAX_WORDS:
        raise InvalidSelection(f"the search has {len(words)} words: at most {MAX_WORDS} are looked for")
    prefix = may_begin(words)
    params = resolver.params
    params |= {"words": words, "first": query.first + 1, "tier": 0, "key": "", "after": ""}
    if query.after is not None:
        cursor = Cursor.decode(query.after, _RELEVANCE)
        if not isinstance(cursor.key, str) or cursor.key[:1] not in ("0", "1", "2", "3"):
            raise InvalidSelection("'after' is no cursor of ours: pass the end cursor of an earlier page")
        params |= {"tier": int(cursor.key[0]), "key": cursor.key[1:], "after": cursor.urn}
    shape = RSearch(
        label=kind.label,
        where=None if query.where is None else resolver.predicate(kind, query.where),
        needs=resolver.needs(kind),
        facets=tuple(_group(resolver, kind, name, facet=True) for name in query.facets),
        title_sort=layout.title_sort,
        words=len(words),
        prefix=prefix,
        after=query.after is not None,
    )
    return shape, params


def resolve_aggregate(query: Aggregate, tables: Tables) -> tuple[RAggregate, dict[str, Any]]:
    """A count's shape and parameters. Raises InvalidSelection."""
    resolver = Resolver(tables, query.reader, query.as_of)
    kind = resolver.kind(query.kind)
    if not 0 <= query.first <= MAX_GROUPS:
        raise InvalidSelection(f"'first' is {query.first}: at most {MAX_GROUPS} groups are counted")
    where = None if query.where is None else resolver.predicate(kind, query.where)
    if query.by == URN_NAMESPACE:
        group = RGroup(query.by, (), "urn", Shape.TEXT, presence=False, namespace=True, title=None)
    else:
        group = _group(resolver, kind, query.by, facet=False)
    return RAggregate(kind.label, where, resolver.needs(kind), group), resolver.params


def resolve_expand(query: Expand, tables: Tables) -> tuple[RExpand, dict[str, Any]]:
    """A hop's shape and parameters. Raises InvalidSelection."""
    resolver = Resolver(tables, query.reader, query.as_of)
    kind = resolver.kind(query.kind)
    legs = _legs(resolver, kind, query.step, ever=query.ever)
    if len(query.frontier) > MAX_FRONTIER:
        raise InvalidSelection(f"a frontier of {len(query.frontier)} is too large: at most {MAX_FRONTIER}")
    if query.limit < 0:
        raise InvalidSelection(f"'limit' is {query.limit}: expected 0 or more")
    frontier = sorted(set(query.frontier))
    by = None
    if query.by is not None:
        step, found = resolver.step(kind, query.by, None)
        by = RHop(step, resolver.needs(found.target))
    where = None if query.where is None else resolver.predicate(kind, query.where)
    via = None
    if query.via is not None:
        if len(legs) == 1:
            raise InvalidSelection("there is nothing between the steps of a hop of one step")
        via = resolver.predicate(resolver.kind(legs[0].step.label), query.via)
    shape = RExpand(kind.label, legs, query.ever, by, where, via, _same(resolver, kind, query), query.begins)
    params: dict[str, Any] = {**resolver.params, "frontier": frontier, "first": query.limit + 1}
    if shape.same is not None:
        # Each node that is only found as another's name comes with two steps at least: were there more nodes, more steps
        # than the limit would be there to tell it.
        params["most"] = len(frontier) + 2 * (query.limit + 1)
    return shape, params


def _same(resolver: Resolver, kind: Kind, query: Expand) -> RStep | None:
    """What says which nodes are one. Raises InvalidSelection."""
    if query.same is None:
        return None
    if query.by is not None:
        raise InvalidSelection("nodes that are put together are not asked which are one")
    step, found = resolver.step(kind, query.same, kind.label)
    if "status" not in (each.name for each in found.relation.props):
        raise InvalidSelection(f"{kind.label}.{query.same} does not say whether it is stated: nothing is one by it")
    return step


def same_of(query: Expand, steps: Sequence[Sequence[Any]]) -> tuple[list[Hop], bool]:
    """``Expansion.same`` and ``same_cut`` of a store's answer: rows of (start, end, pairs), one more than the limit at most."""
    cut = len(steps) > query.limit
    return [] if cut else [Hop(*step) for step in steps], cut


def _legs(resolver: Resolver, kind: Kind, path: str, *, ever: bool) -> tuple[RLeg, ...]:
    """The steps of a hop, from a kind to the same kind. Raises InvalidSelection."""
    names = path.split(".")
    if len(names) > MAX_HOP_STEPS:
        raise InvalidSelection(f"'{path[:60]}' is too long: a hop has at most {MAX_HOP_STEPS} steps")
    legs: list[RLeg] = []
    at = kind
    for number, name in enumerate(names, 1):
        step, found = resolver.step(at, name, kind.label if number == len(names) else None)
        at = found.target
        placeholders = at.placeholder and bool(resolver.reader.placeholder)
        legs.append(RLeg(step, resolver.needs(at), placeholders, is_single(found.relation, ever=ever)))
    return tuple(legs)


def groups(group: RGroup, found: Iterable[Sequence[Any]], first: int = MAX_GROUPS) -> list[tuple[Any, int]]:
    """Counted values in their order: count descending, then value by code point."""
    inner = Shape.BOOLEAN if group.presence else Shape.TEXT if group.shape is Shape.TEXTS else group.shape
    counted = [(decode(inner, value), count) for value, count, *_ in found if value is not None]
    return sorted(counted, key=lambda pair: (-pair[1], pair[0]))[:first]


def search_page(query: SearchQuery, shape: RSearch, raw: Sequence[Any]) -> SearchPage:
    """The page of a store's answer: [total, rows of [urn, tier, title key], a list for each facet].

    That of a facet holds (value, count), or (value, count, name) where it has a ``title``.
    """
    total, rows, facets = raw
    hits = [Hit(urn, tier) for urn, tier, _ in rows[: query.first]]
    end = None
    if hits:
        urn, tier, title = rows[len(hits) - 1]
        end = Cursor(f"{tier}{title}", urn, 0).encode(_RELEVANCE)
    counted: dict[str, list[tuple[Any, int]]] = {}
    names: dict[str, str] = {}
    for group, found in zip(shape.facets, facets, strict=True):
        counted[group.name] = groups(group, found)
        if group.title is not None:
            listed = {value for value, _ in counted[group.name]}
            names.update((urn, title) for urn, _, title in found if urn in listed and title is not None)
    return SearchPage(hits, total, len(rows) > query.first, end, counted, names)


def _group(resolver: Resolver, kind: Kind, path: str, *, facet: bool) -> RGroup:
    """What a path counts by. Raises InvalidSelection."""
    presence = path.endswith("?")
    parts = path.removesuffix("?").split(".")
    if len(parts) > MAX_FACET_STEPS + 1:
        raise InvalidSelection(f"'{path[:60]}' is too long: a path has at most {MAX_FACET_STEPS} steps and a property")
    hops: list[RHop] = []
    while parts and (len(parts) > 1 or _is_step(resolver, kind, parts[0])):
        step, found = resolver.step(kind, parts.pop(0), None)
        kind = found.target
        hops.append(RHop(step, resolver.needs(kind)))
    if len(hops) > MAX_FACET_STEPS:
        raise InvalidSelection(f"'{path[:60]}' is too long: a path has at most {MAX_FACET_STEPS} steps")
    if not parts:
        title = _title(resolver, kind) if facet and not presence else None
        return RGroup(path, tuple(hops), "urn", Shape.TEXT, presence, namespace=False, title=title)
    declared = resolver.property(kind, parts[0])
    if facet and not declared.facet:
        raise InvalidSelection(f"{kind.label}.{declared.name} is no facet: docs/model.md says which properties are")
    return RGroup(path, tuple(hops), declared.name, declared.shape, presence, namespace=False, title=None)


def _is_step(resolver: Resolver, kind: Kind, name: str) -> bool:
    return any(step.name == name for step in resolver.tables.model.steps(kind.label))


def _title(resolver: Resolver, kind: Kind) -> str | None:
    """The property that says what a node of a kind is called, where the reader may read it."""
    for declared in kind.properties:
        if declared.search == "title" and declared.shape is Shape.TEXT:
            return None if declared.staff and not resolver.reader.staff_properties else declared.name
    return None
