"""Texts as portals publish them, made plain."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.prose import never_closed, plain_text, without_tags


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("plain", "plain"),
        ("<p>One.</p><p>Two&nbsp;and <b>three</b>.</p>", "One.\n\nTwo and three."),
        ("a<br/>b<BR >c", "a\nb\nc"),
        ("<ul><li>one</li>\n<li>two</li></ul>", "one\n\ntwo"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        ("see <a href='https://x.example/?a=1&b=2'>this &amp; that</a>", "see this & that"),
        ("<style>p {}</style><script>alert(1)</script>left", "left"),
        ("<!-- a note -->left", "left"),
        ("<html><head><title>T</title><meta name='a'><body>left", "left"),
        ("Smith &amp; Wesson &#8217; &#x2019;", "Smith & Wesson \u2019 \u2019"),
        ("R&D, AT&T; 5 < 6 > 4", "R&D, AT&T; 5 < 6 > 4"),
        ("x <y, z> w", "x <y, z> w"),
        ("  a \t b\r\n\r\n\r\n\r\nc  ", "a b\n\nc"),
        ("a line\nof <i>HTML</i>", "a line of HTML"),
        ("<p>unclosed <b>bold", "unclosed bold"),
        ("<p></p>", ""),
        ("", ""),
    ],
)
def test_what_a_reader_would_see_is_left(text: str, plain: str) -> None:
    assert plain_text(text) == plain


@pytest.mark.parametrize(
    ("text", "opened"),
    [
        ("Roads", None),
        ("a <b>b", None),
        ("<head><title>T</title><body>All that follows", None),
        ("<script>if (a < b) '<!--'</script> and <STYLE type='x'>p {}</style >", None),
        ("<script/> <title /> <scripture> --> </style> a", None),
        ("<!-- <script> --> a", None),
        ("<Title lang='en'>Roads", "<title>"),
        ("<script></style>", "<script>"),
        ("<style></style><style>", "<style>"),
        ("Roads <!-- of the state", "<!--"),
        ("<!-- --> <!-- <title></title>", "<!--"),
    ],
)
def test_a_tag_that_hides_all_that_follows_is_found(text: str, opened: str | None) -> None:
    assert never_closed(text) == opened


@pytest.mark.parametrize(
    ("text", "words"),
    [("<p>&nbsp;</p>\n<br>", ""), ("<script>go()</script>", "go()"), ("<p>A</p>", "A"), ("<!-- A -->", "")],
)
def test_what_stands_between_tags_is_found_whatever_hides_it(text: str, words: str) -> None:
    assert without_tags(text) == words


@given(st.text())
def test_any_text_is_taken_and_what_is_plain_stays(text: str) -> None:
    once = plain_text(text)
    assert "\n\n\n" not in once
    assert once == once.strip()


USUAL = [
    "<p>",
    "</P >",
    "<br/>",
    "<BR />",
    '<a href="x?a=1&amp;b" class="c\nd">',
    "</a>",
    "<td>",
    "<h1\n>",
    "<b//>",
    "<i x>",
]
OTHERS = ["<o:p>", "<p\xa0>", "<a href=x>", "<script>", "</script>", "<title>", ">", "/>", '"']
WORDS = ["a", "é", "  ", "\n", "\r\n", "\t", "\x1c", "\u2028", "&amp;", "&lt;p&gt;", "&#10;", "&nbsp", "&", ";"]


@given(st.lists(st.sampled_from(USUAL + OTHERS + WORDS), max_size=8).map("".join))
def test_usual_tags_are_read_as_any_others(text: str) -> None:
    """A comment is no usual tag, and nobody sees it."""
    marked_up = f"<b>{text}</b>"
    assert plain_text(marked_up) == plain_text(marked_up + "<!-- -->")


@pytest.mark.real_data
def test_no_tag_is_left_in_a_real_catalog(real_data: Path) -> None:
    content = (real_data / "dcat-us-1.1" / "healthdata.gov.2019.data.json").read_text(encoding="utf-8")
    texts = [dataset["description"] for dataset in json.loads(content)["dataset"]]
    assert sum("<" in text for text in texts) > 1000
    left = [found for text in texts if (found := re.search(r"</?(?:p|a|br|li|ul|div|span)\b[^>]*>", plain_text(text)))]
    assert left == []
    assert not [text for text in texts if not plain_text(text)]
