"""Texts of a stranger's catalog as plain text: HTML taken off, entities read, white space in order.

The words as they came stay in the catalog record. What is no HTML (``age < 5``, ``R&D``) is left as it is.
"""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

__all__ = ["never_closed", "plain_text", "without_tags"]

_TAGS = (
    "a|abbr|article|b|big|blockquote|body|br|caption|center|cite|code|col|dd|div|dl|dt|em|font|h[1-6]|head|hr|html|i|img|li"
    "|link|meta|ol|p|pre|q|s|script|section|small|span|strike|strong|style|sub|sup|table|tbody|td|tfoot|th|thead|title|tr"
    "|tt|u|ul"
)
_MARKED_UP = re.compile(rf"</?(?:{_TAGS})(?:\s[^<>]*)?/?>|<!--", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:[a-zA-Z][a-zA-Z0-9]{1,30}|#\d{1,7}|#x[0-9a-fA-F]{1,6});")
_TAG = re.compile(r"<[^<>]*>")
_UNSEEN = frozenset(("script", "style", "title"))
_HIDING = re.compile(r"<(?:(script|style|title)(?:\s[^<>]*)?(?<!/)>|!--)", re.IGNORECASE)
_ENDS = {name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in _UNSEEN} | {"!--": re.compile("-->")}
_USUAL_TAG = re.compile(rf"""</?({_TAGS})(?:[ \t\n\r\f]+[a-z-]+="[^"<>]*")*[ \t\n\r\f]*/?>""", re.IGNORECASE | re.ASCII)
_LINES = frozenset(
    [
        "address",
        "article",
        "blockquote",
        "br",
        "caption",
        "dd",
        "div",
        "dl",
        "dt",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "li",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tr",
        "ul",
    ]
)
_RARE_SPACES = "\t\v\f\x1c\x1d\x1e\x1f"
"""Those of ASCII, besides the space and the ends of lines."""
_BLANK_LINES = re.compile(r"\n{3,}")


def plain_text(text: str) -> str:
    """The text without HTML. Lists and paragraphs become lines; at most one blank line stands between two."""
    if _MARKED_UP.search(text):
        text = _of_usual(text) or _of_any(text)
    elif _ENTITY.search(text):
        text = html.unescape(text)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii() and not any(space in text for space in _RARE_SPACES):
        while "  " in text:
            text = text.replace("  ", " ")
        text = text.replace(" \n", "\n").replace("\n ", "\n")
    else:
        text = "\n".join(" ".join(line.split()) for line in text.split("\n"))
    if "\n\n\n" in text:
        text = _BLANK_LINES.sub("\n\n", text)
    return text.strip()


def _of_usual(text: str) -> str:
    """What ``_of_any`` makes of it, in a twentieth of the time; nothing where it holds more than usual tags."""
    parts = _USUAL_TAG.split(_seen(text))
    tags = [name.lower() for name in parts[1::2]]
    if text.count("<") > len(tags) or not _UNSEEN.isdisjoint(tags):
        return ""
    parts[1::2] = map(_break, tags)
    if "&" in text:
        parts[::2] = [_seen(html.unescape(data)) for data in parts[::2]]
    return "".join(parts)


def _of_any(text: str) -> str:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return "".join(reader.parts)


def _seen(data: str) -> str:
    """Text of a page as it is shown: a line break is a space like any other."""
    return data.replace("\n", " ").replace("\r", " ")


def _break(tag: str) -> str:
    """What a tag does to the text around it."""
    if tag in _LINES:
        return "\n"
    return " " if tag in ("td", "th") else ""


def without_tags(text: str) -> str:
    """The text with every tag taken off, whatever it hides: empty where the HTML holds no words at all."""
    return html.unescape(_TAG.sub("", text)).strip()


def never_closed(text: str) -> str | None:
    """The tag that hides all the rest of the text from a reader, since it is never closed; None where there is none."""
    end = 0
    while found := _HIDING.search(text, end):
        name = (found[1] or "!--").lower()
        closed = _ENDS[name].search(text, found.end())
        if closed is None:
            return f"<{name}>" if found[1] else "<!--"
        end = closed.end()
    return None


class _Reader(HTMLParser):
    """Gathers what a reader of the page would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See ``HTMLParser``."""
        del attrs
        self._unseen += tag in _UNSEEN
        self.parts.append(_break(tag))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See ``HTMLParser``: a tag without content is one break, not two."""
        del attrs
        self.parts.append(_break(tag))

    def handle_endtag(self, tag: str) -> None:
        """See ``HTMLParser``."""
        self._unseen = max(0, self._unseen - (tag in _UNSEEN))
        self.parts.append(_break(tag))

    def handle_data(self, data: str) -> None:
        """See ``HTMLParser``."""
        if not self._unseen:
            self.parts.append(_seen(data))
