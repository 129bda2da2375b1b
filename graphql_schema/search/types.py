"""Types of search."""

from __future__ import annotations

from catalog.highlight import MAX_EXCERPT
from catalog.model.words import Described
from catalog.stores.port import MAX_GROUPS
from graphql_schema.core.declare import facet, part, view
from graphql_schema.core.plan import Edges, NodeOf, Value
from graphql_schema.core.search import MAX_ENTRIES, Counted, Facets, Highlights, Missing, Objects, TierOf
from graphql_schema.core.types import PageInfo, page_info, total_count
from graphql_schema.core.words import enumeration
from graphql_schema.data.types import Dataset

__all__ = ["DatasetFacets", "Facet", "FacetValue", "Highlight", "HighlightPart", "SearchConnection", "SearchEdge"]
__all__ += ["SearchRank"]


@enumeration
class SearchRank(Described):
    """How well a hit was found, the best first."""

    TITLE = "TITLE", "Its title is the words."
    TITLE_BEGINS = "TITLE_BEGINS", "Its title begins with the words."
    TITLE_HOLDS = "TITLE_HOLDS", "Its title holds all of the words."
    TEXT = "TEXT", "Its texts hold the words, its title not all of them; every hit where no word was given."


@view("A stretch of a text that was searched: words that were looked for, or what stands between them.")
class HighlightPart:
    """See the description."""

    text: str = part(Value("text"), "The stretch as it is written there; plain text, never markup.")
    is_match: bool = part(Value("match"), "Whether it is a word that was looked for, or begins with the last of them.")


@view("Where a text of a hit holds the words: the text, or a stretch of it.")
class Highlight:
    """See the description."""

    field: str = part(Value("field"), "Name of the field of the node that it is from, such as `description`.")
    parts: list[HighlightPart] = part(
        Objects("parts"), f"Its parts in order; joined, they are at most {MAX_EXCERPT} characters of the text."
    )
    is_cut_before: bool = part(Value("cut_before"), "Whether the text has more before it.")
    is_cut_after: bool = part(Value("cut_after"), "Whether the text has more after it.")


@view("A dataset that was found.")
class SearchEdge:
    """See the description."""

    node: Dataset = part(NodeOf(), "The dataset.")
    rank: SearchRank = part(TierOf(tuple(SearchRank)), "How well it was found.")
    highlights: list[Highlight] = part(
        Highlights(),
        "Where those of its fields that are searched hold the words: of a text the stretch that holds the most of them, of"
        f" a list at most {MAX_ENTRIES} entries that hold some. Empty where no word was given.",
    )


@view("One value that hits have.")
class FacetValue:
    """See the description."""

    value: str = part(Value("value"), "The value, as a filter takes it: a text, a value of an enumeration, a URN.")
    label: str = part(Value("label"), "The value for people: of a URN the name of what it stands for.")
    count: int = part(Value("count"), "How many hits have it.")


@view("What all hits are counted by, whatever the page. A hit counts once under each of its values.")
class Facet:
    """See the description."""

    values: list[FacetValue] = part(
        Counted(Objects("values")), "The values that most hits have. Ordered by count, descending, then value."
    )
    value_count: int = part(
        Counted(Value("value_count")), f"How many values there are in all; at most {MAX_GROUPS:,} are told apart."
    )
    missing_count: int = part(Missing(), "How many hits have no value.")


@view("What the hits of a search for datasets are counted by. Only what is chosen is counted.")
class DatasetFacets:
    """See the description."""

    agency: Facet = facet("Dataset", "held_by", "The agency that has it in custody; values are URNs.")
    classification: Facet = facet(
        "Dataset",
        "classifications.classes",
        "The classes of its determination that holds on the day. What has none that the reader may see is missing here;"
        " that does not make it public.",
    )
    high_value: Facet = facet(
        "Dataset",
        "high_value_determinations?",
        "Whether a determination that it is high value holds on the day: `true` or `false`; none is missing.",
    )
    high_value_criterion: Facet = facet(
        "Dataset", "high_value_determinations.criteria", "The criteria by which it is determined to be high value."
    )
    theme: Facet = facet("Dataset", "themes", "The themes it is filed under, as stated.")
    category: Facet = facet("Dataset", "category", "The one category of its portal's list, as stated.")
    format: Facet = facet("Dataset", "distributions.format", "The formats it is offered in, as stated.")
    update_frequency: Facet = facet("Dataset", "update_frequency", "How often it is to be updated.")
    dimension: Facet = facet(
        "Dataset",
        "disaggregations.dimensions",
        "The factors it is split by, alone or with others, whether that is confirmed or only proposed.",
    )


@view("A page of the datasets that were found, and what all of them are counted by.")
class SearchConnection:
    """See the description."""

    edges: list[SearchEdge] = part(
        Edges(), "What is on the page, best first. What is taken away while the answer is made is left out."
    )
    page_info: PageInfo = page_info
    total_count: int = total_count
    facets: DatasetFacets = part(Facets(), "What all hits are counted by; beside the page, whatever its size.")
