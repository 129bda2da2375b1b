"""Questions worth asking: GraphiQL opens with them, and ``waypost demo`` prints them."""

from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

__all__ = ["DemoQuery", "demo_queries"]


class DemoQuery(NamedTuple):
    """One question: what it asks, in words; its document; and the values of its variables."""

    title: str
    text: str
    variables: dict[str, Any]


@cache
def _texts() -> tuple[str, ...]:
    folder = files(__name__)
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".graphql"))
    return tuple((folder / name).read_text(encoding="utf-8") for name in names)


def demo_queries() -> list[DemoQuery]:
    """The questions in the order of their files. The first line of each, a comment, is its title.

    Their values stand in the documents, as defaults of variables, so that a document can be pasted anywhere.
    """
    return [DemoQuery(text.partition("\n")[0].removeprefix("#").strip(), text, {}) for text in _texts()]
