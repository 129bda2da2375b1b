"""Names of Marquez and URNs: both ways are inverse, whatever is in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import InvalidUrn
from catalog.urn import MAX_URN_LENGTH, Urn, UrnParts, dcat, format_urn, key, openlineage, part, socrata
from server.marquez.names import dataset_id, field_id, field_of, job_id, named, readings, urn_of, within

WORDS = st.text(
    st.one_of(st.sampled_from("ab:/#%. ~9"), st.characters(exclude_categories=["Cs"])), min_size=1, max_size=8
)
SCHEMES = st.sampled_from(["ol", "dcat", "key"])


@st.composite
def urns(draw: st.DrawFn) -> Urn:
    scheme = draw(SCHEMES)
    most = 4 if scheme == "key" else 2
    least = 1 if scheme == "key" else 2
    segments = draw(st.lists(WORDS, min_size=least, max_size=most))
    if draw(st.booleans()):
        segments[0] = "waypost:" + segments[0]
    return format_urn(UrnParts("dataset", scheme, tuple(segments), tuple(draw(st.lists(WORDS, max_size=2)))))


@given(urns())
def test_every_urn_has_a_name_of_its_own_and_is_within_its_namespace(urn: Urn) -> None:
    name = named(urn)
    assert urn_of("dataset", *name) == urn
    begins = within("dataset", name.namespace)
    assert urn.startswith(begins)
    assert ":" not in urn.removeprefix(begins)


@given(WORDS, WORDS)
def test_names_of_openlineage_are_kept(namespace: str, name: str) -> None:
    assert named(openlineage("job", namespace, name)) == (namespace, name)


@given(urns(), WORDS)
def test_a_node_id_may_mean_what_it_was_made_of(urn: Urn, column: str) -> None:
    for made, id_ in ((urn, dataset_id(urn)), (part(urn, "column", column), field_id(part(urn, "column", column)))):
        found = readings(id_)
        assert found is None or made in found
        assert found is not None or id_.count(":") > 20


def test_what_openlineage_does_not_name_is_in_a_namespace_of_ours() -> None:
    assert named(dcat("dataset", "data.example.gov", "https://x/1")) == ("waypost:dcat:data.example.gov", "https://x/1")
    assert named(socrata("dataset", "data.example.gov", "abcd-1234")) == (
        "waypost:socrata:data.example.gov",
        "abcd-1234",
    )
    assert named(key("dataset", "a", "b", "c")) == ("waypost:key:a:b", "c")
    assert named(key("dataset", "a")) == ("waypost:key", "a")
    assert named(openlineage("dataset", "waypost:x", "a")) == ("waypost:ol:waypost%3Ax", "a")


@pytest.mark.parametrize(
    ("namespace", "name"),
    [
        ("waypost:ol:warehouse", "a"),
        ("waypost:nope:a", "b"),
        ("waypost:", "b"),
        ("waypost:dcat:a:b", "c"),
        ("waypost:dcat:a b", "c"),
        ("", "b"),
        ("a", ""),
        ("a", "b" * MAX_URN_LENGTH),
        ("\ud800", "b"),
    ],
)
def test_what_no_urn_can_be_named_is_refused(namespace: str, name: str) -> None:
    with pytest.raises(InvalidUrn):
        urn_of("dataset", namespace, name)


def test_a_node_id_is_read_as_marquez_reads_it_first() -> None:
    found = readings("dataset:postgres://db:5432:public.t")
    assert found is not None
    assert found[0] == openlineage("dataset", "postgres://db:5432", "public.t")
    found = readings(job_id(openlineage("job", "a:b", "c:d")))
    assert found == [openlineage("job", *pair) for pair in (("a", "b:c:d"), ("a:b", "c:d"), ("a:b:c", "d"))]


@pytest.mark.parametrize("text", ["", "x", "dataset", "dataset:a", "run:a:b", "datasetField:a:b", "dataset" + ":" * 40])
def test_what_is_no_node_id(text: str) -> None:
    assert readings(text) is None


def test_the_names_of_a_column() -> None:
    assert field_of(part(openlineage("dataset", "n", "d"), "column", "a.b#c")) == ("n", "d", "a.b#c")
