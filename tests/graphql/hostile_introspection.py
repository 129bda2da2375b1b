"""Hostile introspection: the schema is public and large, and leads round in circles."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import get_introspection_query

from tests.graphql.hostile import Attack, asked, family

__all__ = ["introspection"]


def _types_of_types(levels: int) -> bytes:
    return asked("{ __schema { types " + "{ fields { type " * levels + "{ name }" + " } }" * levels + " } }")


def _arguments_of_fields(levels: int) -> bytes:
    return asked("{ __schema { types " + "{ fields { args { type " * levels + "{ name }" + " } } }" * levels + " } }")


def _types_of_inputs(levels: int) -> bytes:
    return asked("{ __schema { types " + "{ inputFields { type " * levels + "{ name }" + " } }" * levels + " } }")


def _possible_types(levels: int) -> bytes:
    return asked(
        "{ __schema { types " + "{ interfaces { possibleTypes " * levels + "{ name }" + " } }" * levels + " } }"
    )


def _wrapped(levels: int) -> bytes:
    inner = "{ ofType " * levels + "{ name }" + " }" * levels
    return asked(f"{{ __schema {{ types {{ fields {{ type {inner} }} }} }} }}")


def _again(count: int) -> bytes:
    full = get_introspection_query(descriptions=False).partition("{")[2]
    schema = full[: full.index("fragment FullType")].rpartition("}")[0]
    return asked(
        "{ " + " ".join(f"a{n}: {schema}" for n in range(count)) + "} " + full[full.index("fragment FullType") :]
    )


def _all_types_again(count: int) -> bytes:
    return asked("{ " + " ".join(f"a{n}: __schema {{ types {{ fields {{ name }} }} }}" for n in range(count)) + " }")


def _a_type_again(count: int) -> bytes:
    query = '__type(name: "Query") { fields { args { name type { name ofType { name } } } } }'
    return asked("{ " + " ".join(f"a{n}: {query}" for n in range(count)) + " }")


def _types_again(count: int) -> bytes:
    inner = " ".join(f"a{n}: types {{ fields {{ name }} }}" for n in range(count))
    return asked(f"{{ __schema {{ {inner} }} }}")


def introspection() -> Iterator[Attack]:
    """All of them."""
    codes = "LIMIT_EXCEEDED BAD_REQUEST"
    yield from family("types of the fields of types", codes, _types_of_types, (2, 3, 5, 60))
    yield from family("types of arguments", codes, _arguments_of_fields, (2, 3, 6))
    yield from family("types of inputs", codes, _types_of_inputs, (2, 3, 9))
    yield from family("possible types", codes, _possible_types, (2, 3, 9))
    yield from family("wrapped types", codes, _wrapped, (18, 100, 600))
    yield from family("introspection again", codes, _again, (2, 8))
    yield from family("all types again", codes, _all_types_again, (20, 50, 100))
    yield from family("a type again", codes, _a_type_again, (20, 50))
    yield from family("all types again in one", codes, _types_again, (20, 50, 100))
