"""The grammar of URNs (ADR 1): both ways, for everything that sources call by name."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import InvalidUrn
from catalog.urn import (
    DOMAIN,
    FOUR_BY_FOUR,
    MAX_URN_LENGTH,
    SCHEMES,
    UrnParts,
    dcat,
    format_urn,
    key,
    kind_of,
    openlineage,
    parse,
    part,
    socrata,
)

SEGMENT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
KIND = st.from_regex(r"[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,5}){0,2}", fullmatch=True)


@st.composite
def parts(draw: st.DrawFn) -> UrnParts:
    scheme = draw(st.sampled_from(sorted(SCHEMES)))
    count = SCHEMES[scheme] or draw(st.integers(1, 4))
    segments = tuple(draw(SEGMENT) for _ in range(count))
    if scheme == "socrata":
        segments = (draw(st.from_regex(DOMAIN, fullmatch=True)), draw(st.from_regex(FOUR_BY_FOUR, fullmatch=True)))
    return UrnParts(draw(KIND), scheme, segments, tuple(draw(st.lists(SEGMENT, max_size=2))))


@given(parts())
def test_what_is_formatted_is_read_back(given_parts: UrnParts) -> None:
    urn = format_urn(given_parts)

    assert parse(urn) == given_parts
    assert urn.isascii()
    assert kind_of(urn) == given_parts.kind


@given(st.one_of(st.text(max_size=60), parts().map(format_urn), parts().map(lambda p: format_urn(p).lower())))
def test_what_parses_is_written_the_same_again(text: str) -> None:
    try:
        found = parse(text)
    except InvalidUrn:
        return

    assert format_urn(found) == text


@given(SEGMENT, SEGMENT)
def test_an_openlineage_name_is_kept_both_ways(namespace: str, name: str) -> None:
    assert parse(openlineage("dataset", namespace, name)) == UrnParts("dataset", "ol", (namespace, name))


@given(st.from_regex(DOMAIN, fullmatch=True), st.from_regex(FOUR_BY_FOUR, fullmatch=True))
def test_an_asset_of_a_portal_has_one_urn_however_it_is_written(domain: str, four: str) -> None:
    urn = socrata("dataset", domain, four)

    assert socrata("dataset", domain.upper(), four.upper()) == urn
    assert parse(urn) == UrnParts("dataset", "socrata", (domain, four))


@given(SEGMENT, SEGMENT, SEGMENT)
def test_a_part_is_told_from_its_whole_and_from_other_parts(catalog: str, identifier: str, column: str) -> None:
    whole = dcat("dataset", catalog, identifier)
    urn = part(whole, "column", column)

    assert parse(urn) == UrnParts("column", "dcat", (catalog, identifier), (column,))
    assert part(urn, "column", "x") != part(whole, "column", column + "#x")


@given(
    parts().map(format_urn),
    st.integers(0, 60),
    st.sampled_from(["", ":", "#", "%", "%41", "%3A", "%3a", "%C3%A9", "%FF", "é", "A"]),
)
def test_only_what_is_a_urn_has_parts(urn: str, at: int, put: str) -> None:
    text = urn[:at] + put + urn[at:]
    try:
        parse(text)
    except InvalidUrn as error:
        with pytest.raises(InvalidUrn, match=f"^{re.escape(str(error))}$"):
            part(text, "column", "x")
    else:
        assert parse(part(text, "column", "x")).parts[-1] == "x"


@given(st.lists(parts(), min_size=2, max_size=2, unique=True))
def test_two_things_never_share_a_urn(two: list[UrnParts]) -> None:
    assert format_urn(two[0]) != format_urn(two[1])


@pytest.mark.parametrize(
    ("urn", "text"),
    [
        (
            openlineage("dataset", "postgres://db:5432", "public.snap"),
            "urn:waypost:dataset:ol:postgres%3A//db%3A5432:public.snap",
        ),
        (
            dcat("dataset", "healthdata.gov", "https://x.gov/a?b=1"),
            "urn:waypost:dataset:dcat:healthdata.gov:https%3A//x.gov/a%3Fb=1",
        ),
        (socrata("dataset", "Data.CT.gov", "PB5X-KF8Z"), "urn:waypost:dataset:socrata:data.ct.gov:pb5x-kf8z"),
        (key("agency", "ct", "opm"), "urn:waypost:agency:key:ct:opm"),
        (
            part(key("dataset", "ct", "sde", "enrollment"), "column", "race #1"),
            "urn:waypost:column:key:ct:sde:enrollment#race%20%231",
        ),
    ],
)
def test_urns_are_readable(urn: str, text: str) -> None:
    assert urn == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "begin with"),
        ("urn:isbn:1", "begin with"),
        ("urn:waypost:Dataset:key:a", "no kind"),
        ("urn:waypost:dataset:web:a", "no scheme"),
        ("urn:waypost:dataset:ol:a", "takes 2 segments"),
        ("urn:waypost:dataset:key:", "no segment"),
        ("urn:waypost:dataset:socrata:Data.CT.gov:pb5x-kf8z", "no domain"),
        ("urn:waypost:dataset:socrata:data.ct.gov:PB5X-KF8Z", "no four-by-four"),
        ("urn:waypost:dataset:key:a b", "no segment"),
        ("urn:waypost:dataset:key:%41", "escapes what needs no escape"),
        ("urn:waypost:dataset:key:%e9", "no segment"),
        ("urn:waypost:dataset:key:%FF", "does not hold UTF-8"),
        ("urn:waypost:dataset:key:a#", "no segment"),
        ("urn:waypost:dataset:key:" + "a" * MAX_URN_LENGTH, "too long"),
    ],
)
def test_what_is_no_urn_is_refused_with_the_reason(text: str, says: str) -> None:
    with pytest.raises(InvalidUrn, match=says):
        parse(text)


@pytest.mark.parametrize(("domain", "four"), [("data ct", "pb5x-kf8z"), ("data.ct.gov", "pb5x"), ("", "pb5x-kf8z")])
def test_what_is_no_four_by_four_is_refused(domain: str, four: str) -> None:
    with pytest.raises(InvalidUrn):
        socrata("dataset", domain, four)


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(InvalidUrn, match="surrogate"):
        key("dataset", "\ud800")
