"""Hostile documents: too deep, too wide, too many, round in a circle, not of the language, not of the schema."""

from __future__ import annotations

from collections.abc import Iterator

from graphql_schema.core import bounds, checks, limits
from tests.graphql.graph import ENROLLMENT
from tests.graphql.hostile import Attack, Maker, asked, family

__all__ = ["documents"]

_DATASET = f'dataset(urn: "{ENROLLMENT}")'
_LIMIT, _BAD = "LIMIT_EXCEEDED", "BAD_REQUEST"
_EITHER = f"{_LIMIT} {_BAD}"


def _of(inner: str, after: str = "") -> bytes:
    return asked(f"{{ {_DATASET} {{ {inner} }} }} {after}")


def _deep(levels: int) -> bytes:
    return _of("agency { " + "parent { " * (levels - 3) + "name" + " }" * (levels - 2))


def _inline(levels: int) -> bytes:
    return _of("... { " * levels + "title" + " }" * levels)


def _fields(count: int) -> bytes:
    ten = "fragment Ten on Dataset { urn title issued modified license rights spatial category identifier keywords }"
    spreads, rest = divmod(count - 1, 10)
    return _of("...Ten " * spreads + "urn " * rest, ten)


def _aliases(count: int) -> bytes:
    return _of(" ".join(f"a{n}: title" for n in range(count)))


def _root_aliases(count: int) -> bytes:
    return asked("{ " + " ".join(f"a{n}: goals {{ totalCount }}" for n in range(count)) + " }")


def _conflicts(count: int) -> bytes:
    return _of(" ".join(f"a: {name}" for name in ("title", "urn") * count))


def _nested_conflicts(count: int) -> bytes:
    return _of(" ".join(f"agency {{ a: {name} parent {{ b: {name} }} }}" for name in ("name", "urn") * count))


def _directives(count: int) -> bytes:
    return _of("title " + "... @skip(if: false) { urn } " * count)


def _unknown_directives(count: int) -> bytes:
    return asked("{ __typename " + "@a " * count + "}")


def _fragments(count: int) -> bytes:
    spread = " ".join(f"...F{n}" for n in range(count))
    return _of(spread, " ".join(f"fragment F{n} on Dataset {{ title }}" for n in range(count)))


def _unused(count: int) -> bytes:
    return _of("title", " ".join(f"fragment F{n} on Dataset {{ ...F{n + 1} ...F{n + 1} }}" for n in range(count)))


def _chain(count: int) -> bytes:
    links = (
        f"fragment F{n} on Agency {{ a: parent {{ ...F{n + 1} }} b: parent {{ ...F{n + 1} }} }}" for n in range(count)
    )
    return _of("agency { ...F0 }", " ".join([*links, f"fragment F{count} on Agency {{ name }}"]))


def _flat_chain(count: int) -> bytes:
    links = (f"fragment F{n} on Dataset {{ ...F{n + 1} ...F{n + 1} }}" for n in range(count))
    return _of("...F0", " ".join([*links, f"fragment F{count} on Dataset {{ title }}"]))


def _wide_chain(width: int) -> bytes:
    links = (f"fragment F{n} on Dataset {{ {f'...F{n + 1} ' * width} }}" for n in range(20))
    return _of("...F0", " ".join([*links, "fragment F20 on Dataset { title }"]))


def _cycle(length: int) -> bytes:
    return _of("...F0", " ".join(f"fragment F{n} on Dataset {{ ...F{(n + 1) % length} }}" for n in range(length)))


def _deep_cycle(length: int) -> bytes:
    links = (f"fragment F{n} on Agency {{ parent {{ ...F{(n + 1) % length} }} }}" for n in range(length))
    return _of("agency { ...F0 }", " ".join(links))


def _mesh(count: int) -> bytes:
    """Every fragment spreads all of them."""
    spread = " ".join(f"...F{n}" for n in range(count))
    return _of(spread, " ".join(f"fragment F{n} on Dataset {{ {spread} }}" for n in range(count)))


def _spreads(count: int) -> bytes:
    return _of("...F " * count, "fragment F on Dataset { title }")


def _operations(count: int) -> bytes:
    return asked("query A { __typename } query B { __typename } " * count)


def _nameless(count: int) -> bytes:
    return asked("{ __typename } " * count)


def _tokens(count: int) -> bytes:
    return asked("{" + " a" * (count - 2) + "}")


def _unknown_fields(count: int) -> bytes:
    return asked("{ " + " ".join(f"dataset{n:03}" for n in range(count)) + " }")


def _unknown_arguments(count: int) -> bytes:
    return asked("{ datasets(" + " ".join(f"filter{n}: 1" for n in range(count)) + ") { totalCount } }")


def _unknown_types(count: int) -> bytes:
    declared = " ".join(f"$a{n}: DatasetFilterr{n}" for n in range(count))
    return asked(f"query ({declared}) {{ goals {{ totalCount }} }}")


def _unknown_conditions(count: int) -> bytes:
    return _of(" ".join(f"... on DatasetConnectionn{n} {{ title }}" for n in range(count)))


def _long_names(length: int) -> bytes:
    """Errors that would each say the name of the operation."""
    return asked(
        f"query {'Q' * length} {{ " + " ".join(f"goals(first: $a{n}) {{ totalCount }}" for n in range(19)) + " }"
    )


def _long_field(length: int) -> bytes:
    return asked("{ " + "dataset" * (length // 7) + " }")


def _lines(count: int) -> bytes:
    """Errors after many lines, whose number is sought from the first for each of them."""
    return asked("\n" * count + "{ " + " ".join(f"a{n}" for n in range(500)) + " }")


def _comments(count: int) -> bytes:
    return asked("#\n" * count + "{ a }")


def _unused_variables(count: int) -> bytes:
    return asked("query (" + " ".join(f"$a{n}: Int" for n in range(count)) + ") { __typename }")


def _same_variables(count: int) -> bytes:
    return asked("query (" + "$a: Int " * count + ") { goals(first: $a) { totalCount } }")


def _missing_subfields(count: int) -> bytes:
    return asked("{ " + "goals " * min(count, 20) + "datasets { edges } " * 2 + "}")


def _leaf_subfields(count: int) -> bytes:
    return _of("title { a " * count + "}" * count)


def _text(unit: str, end: str = "") -> Maker:
    return lambda count: asked(unit * count + end)


def documents() -> Iterator[Attack]:
    """All of them."""
    yield from _shapes()
    yield from _texts()


def _shapes() -> Iterator[Attack]:
    """What is of the language, and too much of it."""
    yield from family("levels of fields", _LIMIT, _deep, (limits.MAX_DEPTH + 1, 21, 60, 180))
    yield from family("levels of inline fragments", _EITHER, _inline, (201, 600))
    yield from family("fields", _LIMIT, _fields, (limits.MAX_FIELDS + 1, 1_500, 5_000))
    yield from family("aliases", _LIMIT, _aliases, (limits.MAX_ALIASES + 1, 200, 600))
    yield from family("aliases of root fields", _LIMIT, _root_aliases, (limits.MAX_ALIASES + 1, 200, 280))
    yield from family("fields that conflict", _EITHER, _conflicts, (2, 10, 11, 300))
    yield from family("fields that conflict in depth", _EITHER, _nested_conflicts, (2, 5, 10, 80))
    yield from family("directives", _LIMIT, _directives, (limits.MAX_DIRECTIVES + 1, 100, 200))
    yield from family("unknown directives", _EITHER, _unknown_directives, (1, 20, 21, 900))
    yield from family("fragments", _LIMIT, _fragments, (limits.MAX_FRAGMENTS + 1, 100, 200))
    yield from family("fragments that nobody spreads", _EITHER, _unused, (1, 29, limits.MAX_FRAGMENTS + 1, 150))
    yield from family("chained fragments", _LIMIT, _chain, (12, 20, 29, 60, 100))
    yield from family("chained fragments without depth", _LIMIT, _flat_chain, (10, 20, 29, 60, 150))
    yield from family("chained fragments, each wide", _LIMIT, _wide_chain, (2, 10, 40))
    yield from family("fragments in a circle", _BAD, _cycle, (1, 2, 5, limits.MAX_FRAGMENTS))
    yield from family("fragments in a wide circle", _LIMIT, _cycle, (limits.MAX_FRAGMENTS + 1, 150))
    yield from family("fragments in a circle of fields", _EITHER, _deep_cycle, (1, 2, 5, 29, 100))
    yield from family("fragments that all spread all", _EITHER, _mesh, (2, 9, 10, 20, 29))
    yield from family("spreads", _LIMIT, _spreads, (limits.MAX_SPREADS + 1, 900))
    yield from family("operations", _BAD, _operations, (2, 50, 200))
    yield from family("operations without a name", _BAD, _nameless, (2, 600))


def _texts() -> Iterator[Attack]:
    """What is too long, not of the language, or not of the schema."""
    yield from family("tokens", _LIMIT, _tokens, (checks.MAX_TOKENS + 1, 10_000, 45_000))
    yield from family("characters", _LIMIT, _text(" ", "{ a }"), (bounds.MAX_CHARACTERS, 500_000, 900_000))
    yield from family("unknown fields", _EITHER, _unknown_fields, (1, 100, 900))
    yield from family("unknown arguments", _BAD, _unknown_arguments, (1, 100, 600))
    yield from family("unknown types of variables", _EITHER, _unknown_types, (1, 100, 450))
    yield from family("unknown conditions", _EITHER, _unknown_conditions, (1, 100, 300))
    yield from family("a long name of an operation", _EITHER, _long_names, (1_000, 90_000))
    yield from family("a long name of a field", _EITHER, _long_field, (7, 7_000, 90_000))
    yield from family("errors after many lines", _EITHER, _lines, (1_900, 2_001, 95_000))
    yield from family("comments", _EITHER, _comments, (1_900, 2_001, 49_000))
    yield from family("variables that nobody uses", _EITHER, _unused_variables, (1, 100, 101, 450))
    yield from family("a variable declared again", _EITHER, _same_variables, (2, 100, 101, 450))
    yield from family("objects without fields", _BAD, _missing_subfields, (1, 20))
    yield from family("fields of a text", _EITHER, _leaf_subfields, (1, 9, 300))
    yield from family("open braces", _EITHER, _text("{"), (1, 500, 1_990, 90_000))
    yield from family("open braces with names", _EITHER, _text("{a"), (10, 199, 201, 900))
    yield from family("open brackets", _EITHER, _text("{a(b:", "[" * 900), (1, 50))
    yield from family("open parentheses", _EITHER, _text("("), (1, 90_000))
    yield from family("open variables", _EITHER, _text("query ($a: " + "[" * 500), (1, 3))
    yield from family("signs of no language", _BAD, _text("\u2603"), (1, 90_000))
    yield from family("NUL bytes", _BAD, _text("\0", "{ goals { totalCount } }"), (1, 90_000))
    yield from family("only spaces and commas", _EITHER, _text(" ,"), (0, 1, 9_900, 49_000))
    yield from family("definitions of types", _BAD, _text("type A { b: Int } "), (1, 200))
    yield from family("mutations", "UNAUTHENTICATED", _text("mutation { a } "), (1,))
    yield from family("subscriptions", _BAD, _text("subscription { a } "), (1,))
    yield from family("an unclosed text", _BAD, _text('{ a(b: "', "x" * 90_000), (1,))
    yield from family("an unclosed block", _BAD, _text('{ a(b: """', "x" * 90_000), (1,))
