"""From a document to one selection: a pure function, tested without a store."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import FieldNode, FragmentDefinitionNode, OperationDefinitionNode, get_variable_values, parse, validate

from catalog.access import PUBLIC_READER
from catalog.errors import InvalidSelection, InvalidUrn
from catalog.model.enums import PersonRole
from catalog.selection import All, Any_, Compare, Has, IsNull, Not, Op, Order, Page, Related, Select
from graphql_schema import build_schema
from graphql_schema.core.chosen import Document, choose
from graphql_schema.core.plan import Plan
from graphql_schema.core.roots import SelectRoot
from tests.graphql.graph import TODAY

ENROLLMENT = "urn:waypost:dataset:key:test:enrollment"


def plan(text: str, **variables: Any) -> Plan:
    """The plan of the first root field of a document that is valid."""
    schema = build_schema().graphql
    parsed = parse(text)
    assert validate(schema, parsed) == []
    operation = next(d for d in parsed.definitions if isinstance(d, OperationDefinitionNode))
    fragments = {d.name.value: d for d in parsed.definitions if isinstance(d, FragmentDefinitionNode)}
    values = get_variable_values(schema, operation.variable_definitions or (), variables)
    assert not isinstance(values, list), values
    root = operation.selection_set.selections[0]
    assert isinstance(root, FieldNode)
    query = schema.query_type
    assert query
    chosen = choose(Document(schema, fragments, values, PUBLIC_READER, TODAY), query, [root])
    assert isinstance(chosen.mapped, SelectRoot)
    return chosen.mapped.begin(chosen)


def dataset(chosen: str) -> Select:
    """The selection of fields of one dataset."""
    return plan(f'{{ dataset(urn: "{ENROLLMENT}") {{ {chosen} }} }}').select


def datasets(arguments: str) -> Select:
    """The selection of a list with arguments."""
    return plan(f"{{ datasets({arguments}) {{ totalCount }} }}").select


def test_only_what_is_chosen_is_asked_for() -> None:
    assert dataset("urn __typename") == Select("Dataset", (), Compare("urn", Op.EQ, ENROLLMENT), first=1, cursor=False)
    assert dataset("title modified title").props == ("title", "modified")


def test_a_step_is_a_level_below() -> None:
    found = dataset("agency { name dataOfficer { since person { name } } }")
    officer = Select(
        "Appointment",
        ("valid_from",),
        Compare("role", Op.EQ, PersonRole.AGENCY_DATA_OFFICER),
        first=1,
        cursor=False,
        related=(Related("r0", "held_by", Select("Person", ("name",), first=1, cursor=False)),),
    )
    agency = Select("Agency", ("name",), first=1, cursor=False, related=(Related("r0", "data_officer", officer),))
    assert found.related == (Related("r0", "held_by", agency),)


def test_every_alias_is_a_level_of_its_own() -> None:
    found = dataset("a: columns(first: 2) { edges { node { name } } } b: columns { totalCount } columns { totalCount }")
    order = Order("position")
    assert [r.name for r in found.related] == ["r0", "r1", "r2"]
    assert found.related[0].select == Select("Column", ("name",), order=order, first=2, cursor=False)
    # Nothing of the rows is chosen: they are counted and not read.
    assert found.related[1].select == Select("Column", order=order, first=0, total=True, cursor=False)


def test_aliases_below_the_same_rows_do_not_meet() -> None:
    found = (
        dataset("""columns { edges {
        a: node { name x: dataset { title } }
        b: node { label x: dataset { modified } }
    } }""")
        .related[0]
        .select
    )
    assert found.props == ("name", "label")
    assert [r.select.props for r in found.related] == [("title",), ("modified",)]


def test_facts_of_an_edge_are_asked_of_the_edge() -> None:
    (found,) = dataset("goals(derived: false) { how since goal { title } }").related
    assert set(found.edge) == {"how", "valid_from", "source"}
    assert found.select == Select("Goal", ("title", "number"), order=Order("number"), first=100, cursor=False)


def test_fragments_are_flattened_and_fields_merged() -> None:
    found = plan(
        """
        query { dataset(urn: "URN") { ...A agency { name } ... on Dataset { modified ...B } } }
        fragment A on Dataset { title ...B agency { ...C } }
        fragment B on Dataset { issued agency { abbreviation } }
        fragment C on Agency { branch }
        """.replace("URN", ENROLLMENT)
    ).select
    assert found.props == ("title", "issued", "modified")
    assert [r.select.props for r in found.related] == [("abbreviation", "branch", "name")]


@pytest.mark.parametrize(
    ("yes", "no", "props"),
    [(True, False, ("title", "issued", "rights")), (False, True, ("title", "license", "modified"))],
)
def test_skip_and_include_are_evaluated(yes: bool, no: bool, props: tuple[str, ...]) -> None:
    text = """
        query ($yes: Boolean!, $no: Boolean!) { dataset(urn: "URN") {
            title
            issued @include(if: $yes)
            license @skip(if: $yes)
            ... @include(if: $no) { modified }
            ...A @skip(if: $no)
        } }
        fragment A on Dataset { rights }
        """
    assert plan(text.replace("URN", ENROLLMENT), yes=yes, no=no).select.props == props


def test_a_page_of_a_list() -> None:
    found = plan('query ($n: Int!) { datasets(first: $n, after: "abc") { pageInfo { hasNextPage } } }', n=7).select
    assert found == Select("Dataset", order=Order("title"), first=7, after="abc", cursor=False)
    assert plan("{ datasets { pageInfo { endCursor } } }").select.cursor
    assert datasets("first: 7").first == 0


@pytest.mark.parametrize("first", [-1, 101])
def test_a_page_over_the_cap_is_refused(first: int) -> None:
    with pytest.raises(InvalidSelection, match=f"'first' is {first}: a page holds 0 to 100"):
        datasets(f"first: {first}")
    with pytest.raises(InvalidSelection, match=f"'first' is {first}"):
        dataset(f"columns(first: {first}) {{ totalCount }}")


def test_an_order() -> None:
    assert datasets("orderBy: {field: MODIFIED}").order == Order("modified")
    assert datasets("orderBy: {field: URN, direction: DESC}").order == Order("urn", descending=True)
    text = "query ($o: DatasetOrder) { datasets(orderBy: $o) { totalCount } }"
    assert plan(text, o={"field": "ISSUED", "direction": "DESC"}).select.order == Order("issued", descending=True)


@pytest.mark.parametrize(
    ("text", "predicate"),
    [
        ("{}", All(())),
        ("{title: null}", All(())),
        ('{title: {eq: "a"}}', Compare("title", Op.EQ, "a")),
        (
            '{title: {startsWith: "a", isNull: false}}',
            All((Not(IsNull("title")), Compare("title", Op.STARTS_WITH, "a"))),
        ),
        ('{keywords: {contains: "a"}}', Compare("keywords", Op.CONTAINS, "a")),
        ("{updateFrequency: {in: [DAILY, WEEKLY]}}", Compare("update_frequency", Op.IN, ("DAILY", "WEEKLY"))),
        (
            '{or: [{title: {eq: "a"}}, {not: {highPriority: {eq: true}}}]}',
            Any_((Compare("title", Op.EQ, "a"), Not(Compare("high_priority", Op.EQ, True)))),
        ),
        ("{or: []}", Any_(())),
        ("{and: [{}, {}]}", All((All(()), All(())))),
        ('{agency: {abbreviation: {eq: "SDE"}}}', Has("held_by", Compare("abbreviation", Op.EQ, "SDE"), "Agency")),
        ("{goal: {}}", Has("serves", All(()), "Goal")),
    ],
)
def test_a_filter(text: str, predicate: Any) -> None:
    assert datasets(f"filter: {text}").where == predicate


def test_a_data_officer_is_one_by_the_role() -> None:
    role = Compare("role", Op.EQ, PersonRole.AGENCY_DATA_OFFICER)
    found = plan(
        '{ agencies(filter: {dataOfficer: {title: {eq: "a"}}}) { edges { node { dataOfficers { totalCount } } } } }'
    )
    assert found.select.where == Has("data_officer", All((role, Compare("title", Op.EQ, "a"))), "Appointment")
    (seat,) = found.select.related
    assert seat.select == Select("Appointment", where=role, first=0, total=True, cursor=False, ever=True)


def test_a_filter_that_is_too_deep_is_refused() -> None:
    deep: dict[str, Any] = {}
    for _ in range(11):
        deep = {"not": deep}
    with pytest.raises(InvalidSelection, match="over 10 levels deep"):
        plan("query ($f: DatasetFilter) { datasets(filter: $f) { totalCount } }", f=deep)


@pytest.mark.parametrize(
    ("urn", "said"), [("x", "is no Waypost URN"), ("urn:waypost:goal:key:a", "is the URN of another kind")]
)
def test_a_key_that_is_no_urn_of_the_kind_is_refused(urn: str, said: str) -> None:
    with pytest.raises(InvalidUrn, match=said):
        plan(f'{{ dataset(urn: "{urn}") {{ title }} }}')


def test_the_answer_is_shaped_by_response_key() -> None:
    found = plan(f'{{ dataset(urn: "{ENROLLMENT}") {{ t: title __typename one: columns {{ n: totalCount }} }} }}')
    page = Page([{"urn": ENROLLMENT, "title": "Enrollment", "r0": Page([], total=3)}])
    assert found.shape(page) == {"t": "Enrollment", "__typename": "Dataset", "one": {"n": 3}}
    assert found.shape(Page([])) is None
