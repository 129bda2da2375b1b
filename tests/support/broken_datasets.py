"""Datasets of a ``data.json`` that cannot be kept, one of each kind, with what must be said of it.

A dataset that is given as a value can be read as JSON, and one that is given as bytes cannot, or not without loss: it is
kept as its text.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

__all__ = ["KINDS", "MENDED", "SOUND", "Kind"]

SOUND: dict[str, Any] = {
    "@type": "dcat:Dataset",
    "identifier": "first",
    "title": "Bridges & culverts",
    "description": "<p>Every bridge, and its <b>rating</b>.</p>",
    "keyword": ["bridge", "culvert"],
    "theme": ["Transport"],
    "modified": "2021-05-06",
    "issued": "2019-02-28",
    "accrualPeriodicity": "R/P1Y",
    "publisher": {"name": "Bureau of Bridges", "subOrganizationOf": {"name": "Department of Roads"}},
    "contactPoint": {"fn": "Bridge desk", "hasEmail": "mailto:bridges@example.org"},
    "accessLevel": "public",
    "spatial": {"type": "Point", "coordinates": [-72.68, 41.76]},
    "distribution": [
        {"title": "Table", "downloadURL": "https://data.example.org/bridges.csv", "mediaType": "text/csv"}
    ],
}
"""A dataset with whom nothing is wrong."""
MENDED = {**SOUND, "identifier": "second", "title": "Tunnels"}
"""What each kind is mended to."""


@dataclass(frozen=True)
class Kind:
    """One way in which a dataset can be broken."""

    name: str
    broken: Any
    """A value, or the bytes that stand in the catalog."""
    rule: str
    path: str
    says: str = ""
    """Words that the message must have."""
    identifier: str | None = field(default="second")
    """By which name it is still known."""

    @property
    def content(self) -> bytes:
        """As it stands in the catalog."""
        return self.broken if isinstance(self.broken, bytes) else json.dumps(self.broken).encode()

    @property
    def raw(self) -> Any:
        """As it must be kept."""
        return self.broken.decode(errors="backslashreplace") if isinstance(self.broken, bytes) else self.broken


def _with(**changes: Any) -> dict[str, Any]:
    return {**MENDED, **changes}


def _without(name: str) -> dict[str, Any]:
    return {key: value for key, value in MENDED.items() if key != name}


def _text(old: str, new: bytes) -> bytes:
    """The text of the dataset with a part of it replaced; JSON that ``json`` would not write."""
    text = json.dumps(MENDED).encode()
    assert text.count(old.encode()) == 1, old
    return text.replace(old.encode(), new)


def _nested(levels: int, opens: str = "[", closes: str = "]", inner: str = "0") -> bytes:
    deep = opens * levels + inner + closes * levels
    return _text('"coordinates": [-72.68, 41.76]', f'"coordinates": {deep}'.encode())


def _organizations(*names: str) -> dict[str, Any]:
    """A publisher within others, the nearest first."""
    *above, made = [{"name": name} for name in reversed(names)]
    found: dict[str, Any] = {}
    for each in (*above, made):
        found = {**each, "subOrganizationOf": found} if found else each
    return found


_MANY = "x" * 1_000_001
_TITLE = '"title": "Tunnels"'
_ONE_FORM = MENDED["distribution"][0]

_TYPES = [
    Kind("a text instead of a dataset", "a dataset", "type", "$", "no object", None),
    Kind("a number instead of a dataset", 7, "type", "$", "no object", None),
    Kind("null instead of a dataset", None, "type", "$", "no object", None),
    Kind("a truth instead of a dataset", True, "type", "$", "no object", None),
    Kind("a list instead of a dataset", [MENDED], "type", "$", "no object", None),
    Kind("a dataset written as JSON within a text", json.dumps(MENDED), "type", "$", "no object", None),
    *(
        Kind(f"{name} is an object", _with(**{name: {"text": "x"}}), "type", f"$.{name}", "no text")
        for name in (
            "title",
            "description",
            "modified",
            "issued",
            "accrualPeriodicity",
            "accessLevel",
            "rights",
            "license",
            "temporal",
            "landingPage",
            "describedBy",
            "conformsTo",
            "isPartOf",
        )
    ),
    *(
        Kind(f"{name} is an object", _with(**{name: {"text": "x"}}), "type", f"$.{name}", "no list")
        for name in ("keyword", "theme", "language", "bureauCode", "programCode", "references")
    ),
    Kind("title is a list", _with(title=["Tunnels"]), "type", "$.title", "no text"),
    Kind("title is a truth", _with(title=True), "type", "$.title", "no text"),
    Kind("title is a number with a fraction", _with(title=20.5), "type", "$.title", "no text"),
    Kind("spatial is a truth", _with(spatial=False), "type", "$.spatial", "no text"),
    Kind("keyword is a number", _with(keyword=7), "type", "$.keyword", "no list"),
    Kind("a keyword is a list", _with(keyword=["a", ["b"]]), "type", "$.keyword[1]", "no text"),
    Kind("publisher is a text", _with(publisher="Roads"), "type", "$.publisher", "no object"),
    Kind("publisher is a list", _with(publisher=[{"name": "Roads"}]), "type", "$.publisher", "no object"),
    Kind("the publisher's name is a list", _with(publisher={"name": ["A"]}), "type", "$.publisher.name", "no text"),
    Kind(
        "what is above the publisher is a text",
        _with(publisher={"name": "A", "subOrganizationOf": "B"}),
        "type",
        "$.publisher.subOrganizationOf",
        "no object",
    ),
    Kind("contactPoint is a list", _with(contactPoint=[{"fn": "A"}]), "type", "$.contactPoint", "no object"),
    Kind("the contact's name is an object", _with(contactPoint={"fn": {}}), "type", "$.contactPoint.fn", "no text"),
    Kind("an e-mail is a list", _with(contactPoint={"hasEmail": []}), "type", "$.contactPoint.hasEmail", "no text"),
    Kind("distribution is a text", _with(distribution="a.csv"), "type", "$.distribution", "no list"),
    Kind("distribution is a number", _with(distribution=1), "type", "$.distribution", "no list"),
    Kind(
        "a distribution is a text", _with(distribution=[_ONE_FORM, "a.csv"]), "type", "$.distribution[1]", "no object"
    ),
    Kind("a distribution is null", _with(distribution=[None]), "type", "$.distribution[0]", "no object"),
    Kind("a distribution is a list", _with(distribution=[[_ONE_FORM]]), "type", "$.distribution[0]", "no object"),
    *(
        Kind(
            f"a distribution's {name} is a list",
            _with(distribution=[_ONE_FORM, {name: ["x"]}]),
            "type",
            f"$.distribution[1].{name}",
            "no text",
        )
        for name in ("title", "description", "accessURL", "downloadURL", "mediaType", "format")
    ),
]

_REQUIRED = [
    Kind("no identifier", _without("identifier"), "required", "$.identifier", identifier=None),
    Kind("identifier is null", _with(identifier=None), "required", "$.identifier", identifier=None),
    Kind("identifier is empty", _with(identifier=""), "required", "$.identifier", identifier=None),
    Kind("identifier is white space", _with(identifier=" \t\n\u00a0"), "required", "$.identifier", identifier=None),
    Kind("identifier cannot be seen", _with(identifier="\u200b\ufeff"), "required", "$.identifier", identifier=None),
    Kind("no title", _without("title"), "required", "$.title"),
    Kind("title is null", _with(title=None), "required", "$.title"),
    Kind("title is empty", _with(title=""), "required", "$.title"),
    Kind("title is white space", _with(title=" \u00a0\u2003 "), "required", "$.title"),
    Kind("title cannot be seen", _with(title="\u200b \u00ad"), "required", "$.title"),
    Kind(
        "the publisher has no name, and what is above it has",
        _with(publisher={"subOrganizationOf": {"name": "Department of Roads"}}),
        "required",
        "$.publisher.name",
    ),
]

_IDENTIFIERS = [
    Kind("identifier is an object", _with(identifier={"id": "second"}), "type", "$.identifier", identifier=None),
    Kind("identifier is a list", _with(identifier=["second"]), "type", "$.identifier", identifier=None),
    Kind("identifier is a truth", _with(identifier=True), "type", "$.identifier", identifier=None),
    Kind("identifier is a fraction", _with(identifier=1.5), "type", "$.identifier", "1.5", None),
    Kind("identifier is too long", _with(identifier="x" * 3000), "identifier", "$.identifier", "2048", "x" * 3000),
    Kind(
        "identifier is too long in its URN",
        _with(identifier="\u00e9" * 400),
        "identifier",
        "$.identifier",
        "too long",
        "\u00e9" * 400,
    ),
    *(
        Kind(f"identifier with {what}", _with(identifier=text), "identifier", "$.identifier", "nobody sees", text)
        for what, text in (
            ("a tab", "sec\tond"),
            ("a line break", "sec\nond"),
            ("an escape character", "sec\u001bond"),
            ("a zero-width space", "sec\u200bond"),
            ("a mark that turns the direction of writing", "sec\u202eond"),
            ("a separator of lines", "sec\u2028ond"),
        )
    ),
    Kind(
        "identifier of another dataset",
        _with(identifier="first"),
        "duplicate-identifier",
        "$.identifier",
        "dataset[0]",
        "first",
    ),
    Kind("another dataset once more", SOUND, "duplicate-identifier", "$.identifier", "dataset[0]", "first"),
    Kind(
        "identifier of another dataset, with white space around it",
        _with(identifier=" first\n"),
        "duplicate-identifier",
        "$.identifier",
        "dataset[0]",
        "first",
    ),
]

_DATES = [
    Kind("issued on 30 February", _with(issued="2019-02-30"), "date", "$.issued", "2019-02-30"),
    Kind(
        "issued on 29 February of no leap year", _with(issued="2021-02-29T10:00:00Z"), "date", "$.issued", "2021-02-29"
    ),
    Kind("issued in a thirteenth month", _with(issued="2019-13-01"), "date", "$.issued", "2019-13-01"),
    Kind("issued on a day of zeros", _with(issued="0000-00-00"), "date", "$.issued", "0000-00-00"),
    Kind("issued in the year 0", _with(issued="0000-01-01"), "date", "$.issued", "0000-01-01"),
    Kind("modified on 31 April", _with(modified="2021-04-31"), "date", "$.modified", "2021-04-31"),
    Kind("modified in the year 0", _with(modified="0000-05-06 10:00:00"), "date", "$.modified", "0000-05-06"),
]

_ENCODINGS = [
    Kind("U+0000 in the identifier", _with(identifier="a\0b"), "encoding", "$.identifier", "U+0000", None),
    Kind("U+0000 in the title", _with(title="a\0b"), "encoding", "$.title", "U+0000"),
    Kind("U+0000 in a keyword", _with(keyword=["a", "a\0b"]), "encoding", "$.keyword[1]", "U+0000"),
    Kind("U+0000 in the text of all keywords", _with(keyword="a,b\0,c"), "encoding", "$.keyword", "U+0000"),
    Kind("U+0000 in the publisher", _with(publisher={"name": "\0"}), "encoding", "$.publisher.name", "U+0000"),
    Kind(
        "U+0000 in a distribution",
        _with(distribution={"downloadURL": "https://x.example/\0"}),
        "encoding",
        "$.distribution[0].downloadURL",
        "U+0000",
    ),
    Kind("first half of a character", _text(_TITLE, rb'"title": "\ud83d"'), "encoding", "$", "half a character"),
    Kind("second half of a character", _text(_TITLE, rb'"title": "\ude00!"'), "encoding", "$", "half a character"),
    Kind("first half of a character, twice", _text(_TITLE, rb'"title": "\ud83d\ud83d"'), "encoding", "$", "half"),
    Kind("halves of a character turned around", _text(_TITLE, rb'"title": "\ude00\ud83d"'), "encoding", "$", "half"),
    Kind("half a character in a key", _text('"theme"', rb'"\udcff"'), "encoding", "$", "half a character"),
    Kind("Latin-1 in the title", _text(_TITLE, b'"title": "Caf\xe9"'), "encoding", "$", "0xE9"),
    Kind("Latin-1 in a key", _text('"theme"', b'"th\xe8me"'), "encoding", "$", "0xE8"),
    Kind("Latin-1 in what is not read", _text("dcat:Dataset", b"dcat:Donn\xe9es"), "encoding", "$", "0xE9"),
    Kind("Latin-1 in the identifier", _text('"second"', b'"s\xe9cond"'), "encoding", "$", "0xE9", None),
    Kind("quotes of Windows-1252", _text(_TITLE, b'"title": "\x93Tunnels\x94"'), "encoding", "$", "0x93"),
    Kind("half a character in UTF-8", _text(_TITLE, b'"title": "\xed\xa0\xbd"'), "encoding", "$", "0xED"),
    Kind("a character spelled too long", _text(_TITLE, b'"title": "\xc0\x80"'), "encoding", "$", "0xC0"),
    Kind("a character cut off", _text(_TITLE, b'"title": "Caf\xc3"'), "encoding", "$", "0xC3"),
    Kind("UTF-16 in the title", _text(_TITLE, b'"title": "\xff\xfeT\x00u\x00"'), "encoding", "$", "0xFF"),
    Kind("a blank of Latin-1 between words", _text(', "theme"', b',\xa0"theme"'), "encoding", "$", "0xA0"),
    Kind("a byte order mark within the catalog", b"\xef\xbb\xbf" + json.dumps(MENDED).encode(), "json", "$", "byte 0"),
]

_JSON = [
    Kind("a line break in a text", _text(_TITLE, b'"title": "Tun\nnels"'), "json", "$", "invalid character"),
    Kind("a tab in a text", _text(_TITLE, b'"title": "Tun\tnels"'), "json", "$", "invalid character"),
    Kind("a byte of zeros in a text", _text(_TITLE, b'"title": "Tun\0nels"'), "json", "$", "invalid character"),
    Kind("a byte of zeros between words", _text(', "theme"', b',\0"theme"'), "json", "$", "byte"),
    Kind("an escape that there is not", _text(_TITLE, rb'"title": "C:\data"'), "json", "$", "escape"),
    Kind("an escape cut short", _text(_TITLE, rb'"title": "\u12"'), "json", "$", "escape"),
    Kind("quotes within quotes", _text(_TITLE, b'"title": "The "long" tunnel"'), "json", "$", "byte"),
    Kind("NaN", _text("-72.68", b"NaN"), "json", "$", "invalid character"),
    Kind("Infinity", _text("-72.68", b"Infinity"), "json", "$", "invalid character"),
    Kind("minus Infinity", _text("-72.68", b"-Infinity"), "json", "$", "invalid character"),
    Kind("undefined", _text('"public"', b"undefined"), "json", "$", "invalid character"),
    Kind("True", _text('"public"', b"True"), "json", "$", "invalid character"),
    Kind("a word cut short", _text('"public"', b"nul"), "json", "$", "invalid character"),
    Kind("a number that begins with zero", _text("-72.68", b"-072.68"), "json", "$", "invalid"),
    Kind("a number that begins with plus", _text("41.76", b"+41.76"), "json", "$", "invalid character"),
    Kind("a number in hexadecimal", _text("41.76", b"0x29"), "json", "$", "byte"),
    Kind("a comma too many in the object", _text('"Transport"]', b'"Transport"],'), "json", "$", "byte"),
    Kind("a comma too many in a list", _text('"Transport"]', b'"Transport",]'), "json", "$", "trailing comma"),
    Kind("a comma missing", _text(', "theme"', b' "theme"'), "json", "$", "byte"),
    Kind("a colon missing", _text('"theme":', b'"theme"'), "json", "$", "byte"),
    Kind("a key without quotes", _text('"theme"', b"theme"), "json", "$", "byte"),
    Kind("single quotes", _text('"theme"', b"'theme'"), "json", "$", "byte"),
    Kind("a comment", _text(', "theme"', b', /* as of 2021 */ "theme"'), "json", "$", "byte"),
    Kind("no comma before the next dataset", json.dumps(MENDED).encode() * 2, "json", "$", "trailing"),
    Kind("nothing between two commas", b"", "json", "$", "", None),
]

_NUMBERS = [
    Kind("a number out of range", _text("-72.68", b"-1e999"), "number", "$", "out of range"),
    Kind("a number of 5,000 digits", _text("-72.68", b"9" * 5000), "number", "$", "out of range"),
]

_KEYS = [
    Kind("two titles", _text(_TITLE, b'"title": "Tunnels", "title": "Old"'), "duplicate-key", "$.title", "'title'"),
    Kind(
        "two identifiers",
        _text('"identifier": "second"', b'"identifier": "other", "identifier": "second"'),
        "duplicate-key",
        "$.identifier",
        "'identifier'",
    ),
    Kind(
        "one title spelled with an escape",
        _text(_TITLE, rb'"t\u0069tle": "Old", "title": "A \u0022tunnel\u0022, or two"'),
        "duplicate-key",
        "$.title",
        "'title'",
    ),
    Kind(
        "two names of the publisher",
        _text('"name": "Bureau of Bridges"', b'"name": "Bureau of Bridges", "name": "Roads"'),
        "duplicate-key",
        "$..name",
        "'name'",
    ),
    Kind(
        "two keys of what is not read",
        _text('"@type": "dcat:Dataset"', b'"x": {"y": 1, "z": "", "y": [1]}'),
        "duplicate-key",
        "$..y",
        "'y'",
    ),
]

_HTML = [
    Kind("title of tags alone", _with(title="<p><br/></p>"), "html", "$.title", "without any text"),
    Kind("title of a blank as an entity", _with(title="&nbsp;<br>&#8203;"), "html", "$.title", ""),
    Kind("title of a comment alone", _with(title="<!-- Tunnels -->"), "html", "$.title", "without any text"),
    Kind("title of a script alone", _with(title="<script>go()</script>"), "html", "$.title", "nothing is left"),
    Kind("title that is never closed", _with(title="<title>Tunnels"), "html", "$.title", "<title>"),
    Kind("description of a style alone", _with(description="<style>p {}</style>"), "html", "$.description", "nothing"),
    Kind(
        "style never closed", _with(description="Long. <STYLE type='a'>p {} Wide."), "html", "$.description", "<style>"
    ),
    Kind("script never closed", _with(description="<script>go() <b>Wide.</b>"), "html", "$.description", "<script>"),
    Kind("comment never closed", _with(description="Long. <!--[if mso 9]> Wide."), "html", "$.description", "<!--"),
    Kind("rights of a script alone", _with(rights="<p><script>1</script></p>"), "html", "$.rights", "nothing is left"),
    Kind(
        "a distribution's description never closed",
        _with(distribution=[{"description": "<p>One</p><!-- Two"}]),
        "html",
        "$.distribution[0].description",
        "<!--",
    ),
]

_SIZES = [
    Kind("a title too long", _with(title=_MANY), "size", "$.title", "1000001 characters"),
    Kind("a description too long", _with(description=_MANY), "size", "$.description", "1000001 characters"),
    Kind("a keyword too long", _with(keyword=["a", _MANY]), "size", "$.keyword[1]", "1000001 characters"),
    Kind("a text of keywords too long", _with(keyword=_MANY), "size", "$.keyword", "1000001 characters"),
    Kind("a place too long", _with(spatial={"x": _MANY}), "size", "$.spatial", "1000009 characters"),
    Kind("too many keywords", _with(keyword=["x"] * 5001), "size", "$.keyword", "5001 items"),
    Kind("too many distributions", _with(distribution=[{}] * 5001), "size", "$.distribution", "5001 items"),
    Kind("a dataset too large", _text('"dcat:Dataset"', b'"' + b"x" * 5_000_000 + b'"'), "size", "$", "bytes"),
    Kind(
        "nine organizations above one another",
        _with(publisher=_organizations(*"abcdefghi")),
        "size",
        "$.publisher" + ".subOrganizationOf" * 8 + ".name",
        "more than 8",
    ),
]

_NESTING = [
    Kind("51 levels", _nested(49), "depth", "$", "50 deep"),
    Kind("900 levels of lists", _nested(900), "depth", "$", "50 deep"),
    Kind("100,000 levels of lists", _nested(100_000), "depth", "$", "50 deep"),
    Kind("100,000 levels of objects", _nested(100_000, '{"a":', "}"), "depth", "$", "50 deep"),
]

_LOOPS = [
    Kind(
        "a publisher above itself",
        _with(publisher=_organizations("Roads", "State", "roads")),
        "loop",
        "$.publisher.subOrganizationOf.subOrganizationOf.name",
        "above itself",
    ),
    Kind(
        "an organization above itself",
        _with(publisher=_organizations("Bridges", "Roads", "State", "Roads")),
        "loop",
        "$.publisher.subOrganizationOf.subOrganizationOf.subOrganizationOf.name",
        "above itself",
    ),
]

KINDS = [
    *_TYPES,
    *_REQUIRED,
    *_IDENTIFIERS,
    *_DATES,
    *_ENCODINGS,
    *_JSON,
    *_NUMBERS,
    *_KEYS,
    *_HTML,
    *_SIZES,
    *_NESTING,
    *_LOOPS,
]
