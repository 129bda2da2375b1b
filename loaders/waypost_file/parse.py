"""From the text of a file to plain values, with the line of each: a narrow YAML, the same values as JSON would give.

Only what a catalog needs is read. Words such as ``no`` and ``2022-03-01`` stay text, whole numbers are decimal, a key is
its text as written. Tags, anchors, merge keys and repeated keys are refused: each lets a file say something else than
what it shows. The tree is built from the parser's events, since the library's own tree overflows the stack of the process
on a file that nests deeply.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import yaml

from catalog.stated import Flaw, Path
from catalog.text import one_line
from loaders.errors import LoaderError
from loaders.waypost_file.rules import Rule

__all__ = ["MAX_DEPTH", "Node", "compose", "decoded", "dotted", "line_of", "refusal"]
__all__ += ["value_of"]

MAX_DEPTH = 20
"""Levels of lists and objects in one another; the format has six."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one in C where it was built: ten times as quick, and the same events."""

_NULL = frozenset({"", "~", "null"})
_BOOLEAN = {"true": True, "false": False}
_INTEGER = re.compile(r"-?(?:0|[1-9]\d*)", re.ASCII)
_REAL = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_LONGEST_NUMBER = 400
_ESCAPES = re.compile(r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|.)", re.DOTALL)
_UNPRINTABLE = re.compile("[\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")


@dataclass(slots=True)
class Node:
    """A part of a file: a word (``text``), a list (``items``) or an object (``items`` and their ``keys``)."""

    line: int
    start: int
    end: int = 0
    text: str | None = None
    plain: bool = False
    """A word without quotes: it may be a number, true, false or null."""
    keys: list[Node] | None = None
    items: list[Node] = field(default_factory=list["Node"])
    refused: str | None = None
    """What makes it something else than it shows: a tag, an anchor, an alias."""


def compose(content: bytes, name: str) -> tuple[str, Node]:
    """The text of a file and its tree. Raises LoaderError, naming the line, where there is none."""
    text = decoded(content, name)
    if name.endswith(".json"):
        text = _json_as_yaml(text, name)
    try:
        return text, _tree(yaml.parse(text, Loader=_LOADER), name)  # pyright: ignore[reportUnknownMemberType]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        # What is not closed is missed after the last line.
        line = min(mark.line + 1 if mark else 1, max(1, len(text.splitlines())))
        what = " ".join(str(error.problem or error.context).split())
        if "nesting depth" in what:  # newer parsers in C stop there themselves, before they give an event
            raise _too_deep(name, line) from error
        flaw = Flaw((), Rule.YAML, f"this is no YAML ({what})", "mend the line or the one before")
        raise refusal(flaw, name, line) from error
    except yaml.reader.ReaderError as error:
        # The parser in C counts bytes and the other one characters; it is the first of its kind for both.
        line = text.count("\n", 0, text.index(chr(error.character))) + 1
        what = f"the character U+{error.character:04X} is not allowed"
        flaw = Flaw((), Rule.ENCODING, what, "take it out, or write it as an escape in quotes")
        raise refusal(flaw, name, line) from error


def decoded(content: bytes, name: str) -> str:
    """The text of a file, without its byte order mark. Raises LoaderError, naming the line, where it is no UTF-8."""
    try:
        return content.removeprefix(b"\xef\xbb\xbf").decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        flaw = Flaw((), Rule.ENCODING, "this is not UTF-8", "save the file as UTF-8")
        raise refusal(flaw, name, line) from error


def refusal(flaw: Flaw, name: str, line: int, others: int = 0) -> LoaderError:
    """That the file as a whole is refused, in one line: rule, file and line, path, what is wrong, remedy.

    ``others`` is how many things are wrong besides.
    """
    more = f" (and {others} more)" if others else ""
    message = f"{dotted(flaw.path)}: {one_line(flaw.message)}: {one_line(flaw.remedy)}{more}"
    return LoaderError(flaw.rule, f"{name}:{line}: {message}")


def value_of(node: Node, path: Path, flaws: list[Flaw]) -> Any:
    """The plain value of a node; what is wrong in it is added to ``flaws`` and left out."""
    if node.refused:
        flaws.append(Flaw(path, Rule.PLAIN, f"{node.refused} is not read here", "write the value itself"))
        return None
    if node.text is not None:
        return _word(node.text) if node.plain else node.text
    if node.keys is None:
        return [value_of(item, (*path, index), flaws) for index, item in enumerate(node.items)]
    made: dict[str, Any] = {}
    for key, item in zip(node.keys, node.items, strict=True):
        if key.text is None or key.refused or key.text == "<<":
            flaws.append(
                Flaw(path, Rule.KEY, f"a key (line {key.line}) is no plain word", "write each key as one word")
            )
        elif key.text in made:
            message = f"'{key.text[:60]}' stands a second time (line {key.line})"
            flaws.append(Flaw((*path, key.text), Rule.DUPLICATE_KEY, message, "keep one of the two"))
        else:
            made[key.text] = value_of(item, (*path, key.text), flaws)
    return made


def line_of(node: Node, path: Path) -> int:
    """The line, from 1, of what lies at ``path`` below a node; of the nearest thing above it that is there."""
    line = node.line
    for step in path:
        if node.keys is None:
            if not isinstance(step, int) or step >= len(node.items):
                break
            node = node.items[step]
            line = node.line
        else:
            found = [i for i, key in enumerate(node.keys) if key.text == step]
            if not found:
                break
            # The line of the key: a value that is a block begins on the line after it.
            line, node = node.keys[found[0]].line, node.items[found[0]]
    return line


def dotted(path: Path) -> str:
    """A path for people: nodes[3].links.held_by. A long key is cut."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{one_line(step[:60])}" for step in path)
    return text.removeprefix(".") or "the file"


def _tree(events: Iterator[Any], name: str) -> Node:
    """Build the tree; ``open_`` holds the lists and objects that have begun and not ended."""
    root: Node | None = None
    open_: list[Node] = []
    for event in events:
        kind = cast("type[Any]", type(event))
        if issubclass(kind, yaml.CollectionEndEvent):
            open_.pop().end = event.end_mark.index
            continue
        if not issubclass(kind, yaml.NodeEvent):
            if root is not None and kind is yaml.DocumentStartEvent:
                line = event.start_mark.line + 1
                flaw = Flaw((), Rule.YAML, "a second document begins (---)", "keep one document a file")
                raise refusal(flaw, name, line)
            continue
        made = _node(event)
        if not open_:
            root = made
        else:
            above = open_[-1]
            (above.items if above.keys is None or len(above.keys) > len(above.items) else above.keys).append(made)
        if made.text is None:
            open_.append(made)
        if len(open_) > MAX_DEPTH:
            raise _too_deep(name, made.line)
    if root is None:
        remedy = "say on its first line what it is, such as 'waypost: 1'"
        raise refusal(Flaw((), Rule.EMPTY, "there is nothing in it", remedy), name, 1)
    return root


def _too_deep(name: str, line: int) -> LoaderError:
    message = f"lists and objects lie more than {MAX_DEPTH} deep in one another"
    return refusal(Flaw((), Rule.DEPTH, message, "flatten them"), name, line)


def _node(event: Any) -> Node:
    begin = event.start_mark
    made = Node(begin.line + 1, begin.index)
    # Compared by type: the stubs say that marks may be missing, which the parser's own never are.
    kind = cast("type[Any]", type(event))
    if kind is yaml.ScalarEvent:
        made.end, made.text, made.plain = event.end_mark.index, str(event.value), not event.style
    elif kind is yaml.MappingStartEvent:
        made.keys = []
    elif kind is yaml.AliasEvent:
        made.text, made.refused = "", "an alias (*)"
        return made
    if event.tag or event.anchor:
        made.refused = f"the tag '{event.tag[:40]}'" if event.tag else "an anchor (&)"
    return made


def _word(text: str) -> Any:
    """What a word without quotes is."""
    if text in _NULL:
        return None
    if text in _BOOLEAN:
        return _BOOLEAN[text]
    if len(text) <= _LONGEST_NUMBER:
        if _INTEGER.fullmatch(text):
            return int(text)
        if _REAL.fullmatch(text):
            return float(text)
    return text


def _json_as_yaml(text: str, name: str) -> str:
    """JSON in the spelling that is YAML as well: no pair of escapes for one character, no bare control character."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        flaw = Flaw((), Rule.JSON, f"this is no JSON ({error.msg})", "mend the line or the one before")
        raise refusal(flaw, name, error.lineno) from error
    except RecursionError:
        return text  # it lies too deep, and the tree says on which line
    text = _ESCAPES.sub(lambda m: f"\\U{_joined(m[1], m[2]):08X}" if m[1] else m[0], text)
    return _UNPRINTABLE.sub(lambda m: f"\\u{ord(m[0]):04X}", text)


def _joined(high: str, low: str) -> int:
    return 0x10000 + ((int(high, 16) - 0xD800) << 10) + (int(low, 16) - 0xDC00)
