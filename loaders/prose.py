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
_SPACES = re.compile(r"[^\S\n]+")
_EDGES = re.compile(r" ?\n ?")
_BLANK_LINES = re.compile(r"\n{3,}")


def plain_text(text: str) -> str:
    """The text without HTML. Lists and paragraphs become lines; at most one blank line stands between two."""
    if _MARKED_UP.search(text):
        reader = _Reader()
        reader.feed(text)
        reader.close()
        text = "".join(reader.parts)
    elif _ENTITY.search(text):
        text = html.unescape(text)
    text = _SPACES.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _BLANK_LINES.sub("\n\n", _EDGES.sub("\n", text)).strip()


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
        self._break(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See ``HTMLParser``: a tag without content is one break, not two."""
        del attrs
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        """See ``HTMLParser``."""
        self._unseen = max(0, self._unseen - (tag in _UNSEEN))
        self._break(tag)

    def handle_data(self, data: str) -> None:
        """See ``HTMLParser``."""
        if not self._unseen:
            # In HTML a line break is a space like any other.
            self.parts.append(data.replace("\n", " ").replace("\r", " "))

    def _break(self, tag: str) -> None:
        if tag in _LINES:
            self.parts.append("\n")
        elif tag in ("td", "th"):
            self.parts.append(" ")
