"""A selection, checked against the model and stripped of its values: what a store compiles to one statement.

``resolve`` answers a tree of names only (the *shape*, hashable: the key under which a store keeps its text) and the
values, which travel as parameters ``p0``, ``p1``, ... So a text cannot hold a value. Both stores answer a shape as the
same nested lists, which ``catalog/stores/rows.py`` turns into rows:

    page = [rows, total or null]          at most ``first + 1`` rows: the extra one says that there are more
    row  = [urn, *props, order key, edge id, *edge facts, *related pages]
    row  = [null, opaque id, order key, edge id, *edge facts]                          (a placeholder)

Order key and edge id are left out where the page need not say where it ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from catalog.access import Reader
from catalog.errors import InvalidRecord, InvalidSelection
from catalog.model.declare import EdgeProperty, Kind, Property, Relation, Shape
from catalog.model.schema import Step
from catalog.selection import (
    EDGE_FACTS,
    MAX_DEPTH,
    MAX_PAGE,
    MAX_PATTERNS,
    MAX_SKIP,
    All,
    Any_,
    Compare,
    Cursor,
    Has,
    IsNull,
    Not,
    Op,
    Order,
    Predicate,
    Related,
    Select,
    Selection,
)
from catalog.stores.layout import NODE_SYSTEM, Tables
from catalog.stores.port import MAX_ROOTS
from catalog.text import sort_key
from catalog.values import encode_shape

__all__ = ["Field", "RAll", "RAny", "RCompare", "RHas", "RNeed", "RNot", "RNull", "RPredicate", "Resolved", "Resolver"]
__all__ += ["RRelated", "RSelect", "RStep", "is_single", "resolve", "resolve_all"]

MAX_PREDICATES = 200
MAX_IN = 1000
_SYSTEM = NODE_SYSTEM.keys() - {"urn", "audience", "digest"}
"""What every node has and a select may ask for, besides what its kind declares."""
_COMPARABLE = (Shape.INTEGER, Shape.REAL, Shape.DATE, Shape.DATETIME)


@dataclass(frozen=True, slots=True)
class Field:
    """A stored property to answer; ``hidden`` ones are answered as null without being read."""

    name: str
    shape: Shape
    hidden: bool = False
    long: bool = False
    """Whether its values may be long: searched text and lists."""


@dataclass(frozen=True, slots=True)
class RStep:
    """A relationship to follow, in one direction, to one kind."""

    type: str
    forward: bool
    label: str
    certain: bool
    """Whether from where it starts every such relationship ends at this kind: then the kind need not be checked."""


@dataclass(frozen=True, slots=True)
class RNeed:
    """A relationship of which a head must be seen, at least as a placeholder, for its tail to be (``Kind.needs``).

    On which days edge and head hold does not matter: that is another question.
    """

    type: str
    labels: tuple[str, ...]
    """Every label that a head may have."""
    veiled: tuple[str, ...]
    """Those of them that keep placeholders: their heads may be in ``seen``, the others' must be in ``full``."""


@dataclass(frozen=True, slots=True)
class RCompare:
    """A stored property against the parameter of this name. ``shape`` is the property's."""

    column: str
    op: Op
    param: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class RNull:
    """A stored property that is absent."""

    column: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class RHas:
    """A related node, wholly visible (or ``veiled``) and holding on the day, of which ``where`` is true."""

    step: RStep
    needs: tuple[RNeed, ...]
    where: RPredicate | None
    veiled: bool
    """Whether one that is seen as a placeholder will do; then ``where`` is None."""


@dataclass(frozen=True, slots=True)
class RAll:
    """Every part."""

    parts: tuple[RPredicate, ...]


@dataclass(frozen=True, slots=True)
class RAny:
    """At least one part."""

    parts: tuple[RPredicate, ...]


@dataclass(frozen=True, slots=True)
class RNot:
    """Not the part, in two-valued logic."""

    part: RPredicate


RPredicate = RCompare | RNull | RHas | RAll | RAny | RNot


@dataclass(frozen=True, slots=True)
class RSelect:
    """One level of the tree. ``order`` is a stored property that is never null; ``after`` names three parameters."""

    label: str
    fields: tuple[Field, ...]
    where: RPredicate | None
    order: str
    order_shape: Shape
    descending: bool
    first: str
    """The parameter that holds ``first + 1``."""
    after: tuple[str, str, str] | None
    """The parameters of the cursor: order key, urn, edge."""
    skip: str | None
    """The parameter that holds how many rows are left out; None where none are."""
    total: bool
    cursor: bool
    """Whether rows say where they stand: order key and edge id."""
    ever: bool
    retracted: bool
    placeholders: bool
    """Whether placeholder rows may stand here: below the root, unfiltered, for a reader and a kind that know them."""
    needs: tuple[RNeed, ...]
    related: tuple[RRelated, ...]


@dataclass(frozen=True, slots=True)
class RRelated:
    """A level below, by a step; ``edge`` are facts of the edge to answer."""

    step: RStep
    edge: tuple[Field, ...]
    select: RSelect
    single: bool
    """Whether at most one edge between the same two nodes is answered: then the order is total without it."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """A shape, its parameters (``day``, ``full``, ``seen`` and p0, p1, ...), and the selection it came from."""

    shape: RSelect
    params: dict[str, Any]
    selection: Selection


def resolve(selection: Selection, tables: Tables, key: bytes = b"") -> Resolved:
    """Check a selection and split it into shape and values; ``key`` is what cursors were sealed by.

    Raises InvalidSelection, naming what is wrong.
    """
    resolver = Resolver(tables, selection.reader, selection.as_of, key)
    shape = resolver.select(selection.root, root=True, depth=0)
    return Resolved(shape, resolver.params, selection)


def resolve_all(
    roots: Sequence[Select], reader: Reader, as_of: date, tables: Tables, key: bytes
) -> tuple[tuple[RSelect, ...], dict[str, Any]]:
    """The shapes of several trees that are answered together, and their parameters. Raises InvalidSelection."""
    if len(roots) > MAX_ROOTS:
        raise InvalidSelection(f"{len(roots)} selections are too many at once: at most {MAX_ROOTS}")
    resolver = Resolver(tables, reader, as_of, key)
    return tuple(resolver.select(root, root=True, depth=0) for root in roots), resolver.params


class Resolver:
    """Resolves selects and predicates for one reader on one day, gathering parameters as it goes."""

    def __init__(self, tables: Tables, reader: Reader, as_of: date, key: bytes = b"") -> None:
        self.tables = tables
        self.key = key
        self.reader = reader
        full = sorted(str(a) for a in reader.full)
        seen = sorted({*full, *(str(a) for a in reader.placeholder)})
        self.params: dict[str, Any] = {"day": as_of.isoformat(), "full": full, "seen": seen}
        self._values = 0
        self._predicates = 0
        self._patterns = 0

    def kind(self, label: str) -> Kind:
        """The declared kind. Raises InvalidSelection."""
        try:
            return self.tables.model.kind(label)
        except InvalidRecord as error:
            raise InvalidSelection(str(error)) from error

    def param(self, value: Any) -> str:
        """Keep a value as a parameter; answers its name."""
        name = f"p{self._values}"
        self._values += 1
        self.params[name] = value
        return name

    def needs(self, kind: Kind) -> tuple[RNeed, ...]:
        """What else must be visible for a node of this kind to be."""
        found = {r.name: r for r in kind.relations}
        kinds = self.tables.model.kinds
        return tuple(
            RNeed(found[name].type, found[name].heads, tuple(h for h in found[name].heads if kinds[h].placeholder))
            for name in kind.needs
        )

    def step(self, kind: Kind, name: str, target: str | None) -> tuple[RStep, Step]:
        """The step of this name. Raises InvalidSelection."""
        step = self.tables.model.step(kind.label, name, target)
        kinds = {s.target.label for s in self.tables.model.steps(kind.label) if _same_way(s, step)}
        return RStep(step.relation.type, step.forward, step.target.label, certain=len(kinds) == 1), step

    def select(self, select: Select, *, root: bool, depth: int) -> RSelect:
        """Resolve one level and those below."""
        kind = self.kind(select.kind)
        if depth > MAX_DEPTH:
            raise InvalidSelection(f"the selection is over {MAX_DEPTH} levels deep: ask for less at once")
        if not 0 <= select.first <= MAX_PAGE:
            raise InvalidSelection(f"'first' is {select.first}: a page holds 0 to {MAX_PAGE} rows")
        if not 0 <= select.skip <= MAX_SKIP:
            raise InvalidSelection(f"'skip' is {select.skip}: 0 to {MAX_SKIP} rows can be left out")
        order, order_shape = self._order(kind, select.order)
        if order == "revision" and not root:
            raise InvalidSelection("only the root is ordered by revision")
        if select.retracted and order != "revision":
            raise InvalidSelection("what was retracted is told in the order of revisions only")
        where = None if select.where is None else self.predicate(kind, select.where)
        first = self.param(select.first + 1)
        after = None if select.after is None else self._after(select.after, select.order, order_shape)
        return RSelect(
            label=kind.label,
            fields=tuple(self._field(kind, name) for name in select.props),
            where=where,
            order=order,
            order_shape=order_shape,
            descending=select.order.descending,
            first=first,
            after=after,
            skip=self.param(select.skip) if select.skip else None,
            total=select.total,
            cursor=select.cursor,
            ever=select.ever,
            retracted=select.retracted,
            placeholders=not root and kind.placeholder and select.where is None and bool(self.reader.placeholder),
            needs=self.needs(kind),
            related=tuple(self._related(kind, related, depth) for related in select.related),
        )

    def predicate(self, kind: Kind, predicate: Predicate) -> RPredicate:
        """Resolve a predicate about nodes of this kind."""
        self._predicates += 1
        if self._predicates > MAX_PREDICATES:
            raise InvalidSelection(f"the filter has over {MAX_PREDICATES} parts: ask for less at once")
        match predicate:
            case Compare():
                return self._compare(kind, predicate)
            case IsNull(prop):
                declared = self.property(kind, prop)
                return RNull(declared.name, declared.shape)
            case Has():
                return self._has(kind, predicate)
            case All(parts):
                return RAll(tuple(self.predicate(kind, part) for part in parts))
            case Any_(parts):
                return RAny(tuple(self.predicate(kind, part) for part in parts))
            case Not(part):
                return RNot(self.predicate(kind, part))

    def _count_patterns(self, kind: Kind, step: str, patterns: int) -> None:
        self._patterns += patterns
        if self._patterns > MAX_PATTERNS:
            message = f"with '{step[:60]}' of {kind.label} the question has over {MAX_PATTERNS} steps to related nodes"
            raise InvalidSelection(f"{message}: a page is two, its count one, a filter one: ask for some of them apart")

    def _has(self, kind: Kind, has: Has) -> RHas:
        self._count_patterns(kind, has.step, 1)
        step, found = self.step(kind, has.step, has.target)
        if has.veiled and has.where is not None:
            raise InvalidSelection(f"of what is hidden nothing is true: ask for '{has.step[:60]}' without a condition")
        inner = None if has.where is None else self.predicate(found.target, has.where)
        veiled = has.veiled and found.target.placeholder and bool(self.reader.placeholder)
        return RHas(step, self.needs(found.target), inner, veiled)

    def property(self, kind: Kind, name: str) -> Property:
        """A declared property that this reader may filter, order and group by. Raises InvalidSelection."""
        declared = self._declared(kind, name)
        if declared.staff and not self.reader.staff_properties:
            raise InvalidSelection(f"{kind.label}.{name} is for staff: it cannot be asked about without a token")
        return declared

    def _declared(self, kind: Kind, name: str) -> Property:
        try:
            return kind.property(name)
        except KeyError:
            names = ", ".join(p.name for p in kind.properties)
            raise InvalidSelection(f"{kind.label} has no property '{name[:60]}': it has {names}") from None

    def _field(self, kind: Kind, name: str) -> Field:
        if name in _SYSTEM:
            return Field(name, NODE_SYSTEM[name])
        declared = self._declared(kind, name)
        hidden = declared.staff and not self.reader.staff_properties
        return Field(name, declared.shape, hidden, long=declared.shape is Shape.TEXTS or declared.search == "text")

    def _order(self, kind: Kind, order: Order) -> tuple[str, Shape]:
        if order.by == "urn":
            return "urn", Shape.TEXT
        if order.by == "revision":
            return "revision", Shape.INTEGER
        declared = self.property(kind, order.by)
        if not declared.order:
            names = ", ".join(p.name for p in kind.properties if p.order)
            raise InvalidSelection(f"{kind.label} cannot be ordered by '{order.by}': choose urn, {names}")
        return f"{order.by}_sort", declared.shape

    def _after(self, text: str, order: Order, shape: Shape) -> tuple[str, str, str]:
        cursor = Cursor.decode(text, order, self.key)
        numeric = shape in (Shape.INTEGER, Shape.BOOLEAN, Shape.REAL)
        if isinstance(cursor.key, str) is numeric:
            raise InvalidSelection("'after' is no cursor of ours: pass the end cursor of an earlier page")
        return self.param(cursor.key), self.param(cursor.urn), self.param(cursor.edge)

    def _related(self, kind: Kind, related: Related, depth: int) -> RRelated:
        self._count_patterns(kind, related.step, 2 + related.select.total)
        step, found = self.step(kind, related.step, related.select.kind)
        facts = {p.name: p for p in found.relation.props}
        unknown = set(related.edge) - set(facts) - set(EDGE_FACTS)
        if unknown:
            raise InvalidSelection(f"{found.relation.type} has no fact '{min(unknown)}'")
        edge = tuple(Field(name, _edge_shape(facts.get(name))) for name in related.edge)
        single = is_single(found.relation, ever=related.select.ever)
        return RRelated(step, edge, self.select(related.select, root=False, depth=depth + 1), single)

    def _compare(self, kind: Kind, compare: Compare) -> RPredicate:
        op, value = compare.op, compare.value
        if compare.prop == "urn":
            name, shape, ordered = "urn", Shape.TEXT, False
        else:
            declared = self.property(kind, compare.prop)
            name, shape, ordered = declared.name, declared.shape, declared.order
        allowed = {
            Op.EQ: shape is not Shape.TEXTS,
            Op.NE: shape is not Shape.TEXTS,
            Op.IN: shape is not Shape.TEXTS,
            Op.CONTAINS: shape is Shape.TEXTS,
            Op.STARTS_WITH: shape is Shape.TEXT and ordered,
            Op.WITHIN: name == "urn",
        }.get(op, shape in _COMPARABLE)
        if not allowed:
            raise InvalidSelection(f"{kind.label}.{compare.prop} is {shape.value}: it takes no {op.value}")
        if (op is Op.IN) is not isinstance(value, tuple):
            raise InvalidSelection(f"{op.value} takes {'a tuple of values' if op is Op.IN else 'one value'}")
        try:
            if isinstance(value, tuple):
                if len(value) > MAX_IN:
                    raise InvalidSelection(f"IN takes at most {MAX_IN} values, not {len(value)}")
                stored: Any = [encode_shape(compare.prop, shape, v) for v in value]
            elif op is Op.STARTS_WITH:
                stored = sort_key(str(value))
                name = f"{name}_sort"
            else:
                inner = Shape.TEXT if shape is Shape.TEXTS else shape
                stored = encode_shape(compare.prop, inner, value)
        except InvalidRecord as error:
            raise InvalidSelection(f"{kind.label}: {error}") from error
        compared = RCompare(name, op, self.param(stored), shape)
        if op is not Op.STARTS_WITH:
            return compared
        # The sort key of what is missing is a text too.
        return RAll((compared, RNot(RNull(compare.prop, shape))))


def is_single(relation: Relation, *, ever: bool) -> bool:
    """Whether it leads from a node to another at most once, on a day or ``ever``.

    Assertions about the same two ends do not overlap in time, save those of different sources.
    """
    return not (relation.per_source or ever)


def _same_way(one: Step, other: Step) -> bool:
    return one.relation.type == other.relation.type and one.forward is other.forward


def _edge_shape(declared: EdgeProperty | None) -> Shape:
    return declared.shape if declared else Shape.TEXT
