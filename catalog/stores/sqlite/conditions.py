"""Who sees what, when, and of what a predicate is true: the conditions of every text of this store."""

from __future__ import annotations

from itertools import count

from catalog.model.declare import Shape, declared
from catalog.selection import Op
from catalog.stores.resolve import RAll, RAny, RCompare, RHas, RNeed, RNot, RNull, RPredicate, RStep
from catalog.stores.sqlite.texts import name

__all__ = ["Conditions", "among", "holds"]

_OPERATORS = {Op.EQ: "=", Op.NE: "<>", Op.LT: "<", Op.LE: "<=", Op.GT: ">", Op.GE: ">="}

_ROOM = 55
"""Symbols that a predicate may put on the parser's stack: SQLite's holds 100, and its surroundings take up to 35."""
_COMPARE, _HAS, _NEED, _LIST = 14, 13, 24, 3
"""How many a comparison takes, and how many each of these adds to what stands inside it."""


def among(param: str) -> str:
    """The set that a parameter holds as JSON."""
    return f"(SELECT value FROM json_each(:{param}))"


def holds(alias: str) -> str:
    """Whether a node or an edge holds on the day asked about."""
    return f"{alias}.valid_from <= :day AND :day < {alias}.valid_to"


class Conditions:
    """Makes the conditions of one text, and keeps the tables that stand before it."""

    def __init__(self) -> None:
        self._kinds = declared()
        self._numbers = count()
        self._tables: list[str] = []

    def keep(self, table: str, text: str) -> None:
        """Let the text begin with a table of this name, after those kept so far."""
        self._tables.append(f"{table} AS MATERIALIZED ({text})")

    def kept(self) -> str:
        """The beginning of the text."""
        return f"WITH {', '.join(self._tables)} " if self._tables else ""

    def scanned(self, alias: str, needs: tuple[RNeed, ...]) -> list[str]:
        """As ``stands`` on whatever day, where all nodes of a kind are read.

        Where nothing that may be needed is hidden, as for most who read everything, it is enough that it is led to: to look
        at what else a million nodes need would take most of the time.
        """
        found = self.stands(alias, (), ever=True)
        for need in needs:
            hidden = " OR ".join(
                f"EXISTS (SELECT 1 FROM {name(label)} WHERE audience NOT IN {among(_readers(need, label))})"
                for label in need.labels
            )
            leads = f"EXISTS (SELECT 1 FROM {name(f'e_{need.type}')} WHERE tail = {alias}.id AND retracted_at = '~')"
            found.append(f"CASE WHEN {hidden} THEN {self._needed(alias, need)} ELSE {leads} END")
        return found

    def stands(self, alias: str, needs: tuple[RNeed, ...], *, ever: bool = False, retracted: bool = False) -> list[str]:
        """The conditions for a node to be listed: seen whole (the audience first), not retracted, holding on the day."""
        found = [*self.whole(alias, needs), *([] if retracted else [f"{alias}.retracted_at = '~'"])]
        return found if ever else [*found, holds(alias)]

    def _there(self, part: RHas, alias: str) -> list[str]:
        """The conditions for a node at the end of a step to count."""
        if part.veiled:
            return [*self.seen(alias, part.needs), f"{alias}.retracted_at = '~'", holds(alias)]
        return self.stands(alias, part.needs)

    def whole(self, alias: str, needs: tuple[RNeed, ...]) -> list[str]:
        """The conditions for the reader to see a node whole."""
        return [f"+{alias}.audience IN {among('full')}", *(self._needed(alias, need) for need in needs)]

    def seen(self, alias: str, needs: tuple[RNeed, ...]) -> list[str]:
        """The conditions for the reader to see a node of a kind that knows placeholders whole or as one."""
        return [f"+{alias}.audience IN {among('seen')}", *(self._needed(alias, need) for need in needs)]

    def _needed(self, alias: str, need: RNeed) -> str:
        found: list[str] = []
        for label in need.labels:
            edge, head = self._alias("e"), self._alias("h")
            found.append(
                f"EXISTS (SELECT 1 FROM {name(f'e_{need.type}')} AS {edge} "
                f"CROSS JOIN {name(label)} AS {head} ON {head}.id = {edge}.head WHERE {edge}.tail = {alias}.id "
                f"AND {edge}.retracted_at = '~' AND {head}.audience IN {among(_readers(need, label))})"
            )
        return found[0] if len(found) == 1 else f"({' OR '.join(found)})"

    def edge(self, step: RStep, start: str, edge: str, end: str, *, ever: bool = False) -> tuple[str, list[str]]:
        """The joined tables of one step from ``start``, and the edge's conditions. Both aliases are then bound."""
        here, there = ("tail", "head") if step.forward else ("head", "tail")
        source = (
            f"{name(f'e_{step.type}')} AS {edge} CROSS JOIN {name(step.label)} AS {end} ON {end}.id = {edge}.{there}"
        )
        found = [f"{edge}.{here} = {start}", f"{edge}.retracted_at = '~'"]
        return source, found if ever else [*found, holds(edge)]

    def predicate(self, part: RPredicate, alias: str, label: str) -> str:
        """A predicate about a node of this label. Null counts as false where it stands; ``RNot`` sees to its inside.

        What is nested too deeply for SQLite's parser is looked up in tables of the nodes of which it is true.
        """
        match part:
            case RCompare():
                return _compare(part, f"{alias}.{name(part.column)}")
            case RNull(column, shape):
                absent = f"{alias}.{name(column)} IS NULL"
                return f"({absent} OR {alias}.{name(column)} = '[]')" if shape is Shape.TEXTS else absent
            case RHas():
                return self._has(part, alias) if _fits(part) else self._among(part, alias, label)
            case RAll(parts):
                return f"({' AND '.join(self._part(p, part, alias, label) for p in parts)})" if parts else "1"
            case RAny(parts):
                return f"({' OR '.join(self._part(p, part, alias, label) for p in parts)})" if parts else "0"
            case RNot(inner):
                return f"({self._part(inner, part, alias, label)}) IS NOT TRUE"

    def _part(self, part: RPredicate, whole: RPredicate, alias: str, label: str) -> str:
        """A part of a predicate; where the whole is too deep, only as deep as fits, the rest in a table."""
        if _fits(whole) or _fits(part):
            return self.predicate(part, alias, label)
        return self._among(part, alias, label)

    def _among(self, part: RPredicate, alias: str, label: str) -> str:
        return f"{alias}.id IN (SELECT id FROM {self._true(part, label)})"

    def _true(self, part: RPredicate, label: str) -> str:
        """A table of the ids of the nodes of this label of which a predicate is true."""
        if not isinstance(part, RHas):
            text = f"SELECT n.id AS id FROM {name(label)} AS n WHERE {self.predicate(part, 'n', label)}"
        elif part.where is None or _fits(part.where):
            text = f"SELECT {self._tails(part, 'e', 'x', filtered=part.where)}"
        else:
            text = f"SELECT DISTINCT {self._tails(part, 'e', 'x', among=self._true(part.where, part.step.label))}"
        table = self._alias("true")
        self.keep(table, text)
        return table

    def _has(self, part: RHas, alias: str) -> str:
        edge, end = self._alias("e"), self._alias("x")
        if part.where is not None and self._selective(part.where, part.step.label):
            # Few nodes meet it: begin with them instead of asking every node.
            return f"{alias}.id IN (SELECT {self._tails(part, edge, end, filtered=part.where)})"
        source, conditions = self.edge(part.step, f"{alias}.id", edge, end)
        conditions += self._there(part, end)
        if part.where is not None:
            conditions.append(self.predicate(part.where, end, part.step.label))
        return f"EXISTS (SELECT 1 FROM {source} WHERE {' AND '.join(conditions)})"

    def _tails(
        self, part: RHas, edge: str, end: str, *, filtered: RPredicate | None = None, among: str | None = None
    ) -> str:
        """What selects the nodes one step before those that meet a condition, beginning with the latter."""
        here, there = ("tail", "head") if part.step.forward else ("head", "tail")
        _, conditions = self.edge(part.step, "", edge, end)
        conditions[0] = f"{edge}.{there} = {end}.id"
        conditions += self._there(part, end)
        if filtered is not None:
            conditions.append(self.predicate(filtered, end, part.step.label))
        source = f"{name(part.step.label)} AS {end} CROSS JOIN {name(f'e_{part.step.type}')} AS {edge}"
        if among is not None:
            source = f"{among} CROSS JOIN {source}"
            conditions.append(f"{end}.id = {among}.id")
        return f"{edge}.{here} AS id FROM {source} WHERE {' AND '.join(conditions)}"

    def _selective(self, where: RPredicate, label: str) -> bool:
        """Whether an index finds the few nodes that meet a predicate."""
        match where:
            case RCompare(column, Op.EQ | Op.IN, _, _):
                return column == "urn" or self._kinds[label].property(column).index
            case RAll(parts):
                return any(self._selective(part, label) for part in parts)
            case RHas(step, _, inner, _):
                return inner is not None and self._selective(inner, step.label)
            case _:
                return False

    def _alias(self, letter: str) -> str:
        return f"{letter}{next(self._numbers)}"


def _readers(need: RNeed, label: str) -> str:
    """The parameter that holds the audiences of which a head of this label is seen."""
    return "seen" if label in need.veiled else "full"


def _compare(part: RCompare, column: str) -> str:
    match part.op:
        case Op.CONTAINS:
            return f"EXISTS (SELECT 1 FROM json_each({column}) WHERE value = :{part.param})"
        case Op.IN if part.shape is Shape.REAL:
            # SQLite may read a number from JSON with another last digit: compare what both sides write.
            return f"exact({column}) IN {among(part.param)}"
        case Op.IN:
            return f"{column} IN {among(part.param)}"
        case Op.STARTS_WITH:
            # Sort keys hold no U+FFFF, save that of what is missing.
            return f"({column} >= :{part.param} AND {column} < :{part.param} || char(65535))"
        case Op.WITHIN:
            # A URN is ASCII of which '~' is the last: what begins with a text is a range of the index.
            begins = f"{column} >= :{part.param} AND {column} < :{part.param} || char(127)"
            return f"({begins} AND instr(substr({column}, length(:{part.param}) + 1), ':') = 0)"
        case _:
            return f"{column} {_OPERATORS[part.op]} :{part.param}"


def _fits(part: RPredicate) -> bool:
    return _height(part) <= _ROOM


def _height(part: RPredicate) -> int:
    """About how many symbols a predicate puts on the parser's stack."""
    match part:
        case RHas(_, needs, where, _):
            return _HAS + max(_NEED if needs else _COMPARE, 0 if where is None else _height(where))
        case RAll(parts) | RAny(parts):
            return _LIST + max((_height(p) for p in parts), default=0)
        case RNot(inner):
            return 1 + _height(inner)
        case _:
            return _COMPARE
