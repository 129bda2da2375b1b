"""The text of the schema is checked in and says everything; a type that does not fit the model is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, cast

import pytest
import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    get_named_type,
    is_introspection_type,
    is_specified_scalar_type,
)

from catalog.errors import InvalidSelection
from graphql_schema import SDL_PATH, build_schema, export_sdl
from graphql_schema.core.chosen import MAPPED
from graphql_schema.core.declare import find, many, part, roots, view
from graphql_schema.core.nodes import node
from graphql_schema.core.plan import Mapped
from graphql_schema.core.types import Connection
from graphql_schema.core.walk import NodeOfWalk
from graphql_schema.core.walks import impact
from graphql_schema.people.types import Agency, Person
from graphql_schema.schema import WaypostSchema


def test_the_text_checked_in_is_that_of_the_schema() -> None:
    assert SDL_PATH.read_text(encoding="utf-8") == export_sdl(), (
        "the schema changed: write graphql_schema.export_sdl() to graphql_schema/schema.graphql, and look at the change"
    )


_OF_THE_FEDERATION = ("_FieldSet", "link__Import", "link__Purpose")
"""Types of directives of the federation, which its specification explains."""


def _places() -> Iterator[tuple[str, str | None, Any]]:
    """(place, description, what stands there) of every type, field, argument, input field and enum value."""
    for found in build_schema().graphql.type_map.values():
        if is_introspection_type(found) or is_specified_scalar_type(found) or found.name in _OF_THE_FEDERATION:
            continue
        yield found.name, found.description, found
        if isinstance(found, (GraphQLObjectType, GraphQLInterfaceType)):
            for name, field in found.fields.items():
                yield f"{found.name}.{name}", field.description, field
                for argument, definition in field.args.items():
                    yield f"{found.name}.{name}({argument})", definition.description, definition
        elif isinstance(found, GraphQLInputObjectType):
            for name, field in found.fields.items():
                yield f"{found.name}.{name}", field.description, field
        elif isinstance(found, GraphQLEnumType):
            for name, value in found.values.items():
                yield f"{found.name}.{name}", value.description, value


def test_everything_has_a_description() -> None:
    assert [place for place, words, _ in _places() if not (words or "").strip()] == []


def test_no_description_refers_to_papers_that_a_client_cannot_open() -> None:
    assert [place for place, words, _ in _places() if re.search(r"\bL\d+|domain \d|design \d", words or "")] == []


def test_every_list_states_its_order_and_every_page_its_default_and_cap() -> None:
    schema = build_schema().graphql
    pages = 0
    for found in schema.type_map.values():
        if not isinstance(found, GraphQLObjectType) or is_introspection_type(found):
            continue
        for name, field in found.fields.items():
            place = f"{found.name}.{name}"
            if get_named_type(cast("GraphQLNamedType", field.type)).name.endswith("Connection"):
                pages += 1
                assert "Ordered by" in (field.description or ""), place
                assert set(field.args) >= {"first", "after"}, place
            if "first" in field.args:
                words = field.args["first"].description or ""
                mapped: Mapped = field.extensions[MAPPED]
                assert re.search(rf"\b[01] to {mapped.max_first}\b", words), place
                assert f"unless told: {mapped.usual_first}" in words, place
                assert field.args["first"].default_value == mapped.usual_first, place
    assert pages > 10


def test_every_root_field_takes_a_day() -> None:
    query = build_schema().graphql.query_type
    assert query is not None
    without = [name for name, field in query.fields.items() if "asOf" not in field.args]
    # The feed tells of all days.
    assert without == ["_entities", "_service", "changes"]


def test_every_optional_argument_and_choice_states_its_default() -> None:
    silent = [
        place
        for place, words, found in _places()
        if place.endswith(")") and not str(found.type).endswith("!") and "unless told" not in (words or "").lower()
    ]
    assert silent == []


def test_every_number_says_what_it_counts() -> None:
    said = re.compile(r"unit:|number|place|how many", re.IGNORECASE)
    silent = [
        place
        for place, words, found in _places()
        if get_named_type(getattr(found, "type", None)) in _numbers() and not said.search(words or "")
    ]
    assert silent == []


def _numbers() -> set[Any]:
    return {build_schema().graphql.type_map[name] for name in ("Int", "Int64", "Float") if name in _type_names()}


def _type_names() -> set[str]:
    return set(build_schema().graphql.type_map)


def test_entities_of_the_federation_to_come_are_keyed_by_urn() -> None:
    for name in ("Agency", "Dataset", "Agreement", "DataOfficer", "Goal"):
        found = build_schema().graphql.type_map[name]
        assert isinstance(found, GraphQLObjectType)
        assert str(found.fields["urn"].type) == "ID!"


# What does not fit the model stops the program.


@view("A node of a walk that is answered by the wrong type.")
class Astray:
    dataset: Person | None = part(NodeOfWalk("Dataset"), "No dataset at all.")


def test_a_property_that_the_model_does_not_have_is_refused() -> None:
    with pytest.raises(KeyError, match="colour"):

        @node("Goal")
        class Goal:
            colour: str | None


def test_a_promise_that_the_model_does_not_keep_is_refused() -> None:
    with pytest.raises(TypeError, match=r"Person.email may be missing: declare it 'str \| None'"):

        @node("Person")
        class Person:
            email: str


def test_a_step_that_the_model_does_not_have_is_refused() -> None:
    with pytest.raises(InvalidSelection, match="Goal has no step 'friends'"):

        @node("Goal")
        class Goal:
            friends: Connection[Person] = many("friends")


def test_a_step_answered_by_the_type_of_another_kind_is_refused() -> None:
    @roots
    class Roots:
        agency: Person | None = find("Agency", "No agency at all.")

    with pytest.raises(TypeError, match=r"Query.agency leads to Agency, and its type stands for Person"):
        WaypostSchema(strawberry.type(type("Query", (Roots,), {})))


def test_a_walk_along_a_step_to_another_kind_is_refused() -> None:
    with pytest.raises(InvalidSelection, match="Dataset has no step 'columns' to Dataset"):

        @roots
        class Roots:
            lineage: Person | None = impact("Dataset", "columns", "downstream", "No lineage at all.")


def test_a_walk_answered_by_the_type_of_another_kind_is_refused() -> None:
    @roots
    class Roots:
        lineage: Astray | None = impact("Dataset", "upstream", "downstream", "No lineage at all.")

    with pytest.raises(TypeError, match=r"Astray.dataset leads to Dataset, and its type stands for Person"):
        WaypostSchema(strawberry.type(type("Query", (Roots,), {})))


def test_a_field_that_says_nothing_of_the_graph_is_refused() -> None:
    @strawberry.type
    class Query:
        agency: Agency | None

    with pytest.raises(TypeError, match=r"Query.agency does not say what it stands for"):
        WaypostSchema(Query)
