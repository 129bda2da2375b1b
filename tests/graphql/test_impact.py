"""What stands downstream of a dataset: random graphs against an oracle, and by hand, on both stores."""

from __future__ import annotations

import random
from typing import Any

import pytest
from graphql import parse

from catalog.access import PUBLIC_READER, STAFF_READER, Reader
from catalog.urn import key
from graphql_schema import build_schema
from graphql_schema.core import impact as served
from graphql_schema.core.limits import measure
from lineage import impact as counted
from tests.contract.workshop import Workshop
from tests.graphql.graph import DOL, ENROLLMENT, G1, G2, OUTCOMES, REGISTER, SDE, VEILED_READER, Asker, asker_of
from tests.support.flow_worlds import DAYS
from tests.support.impact_worlds import ImpactWorld, make_impact_world, said_of_all
from tests.support.planted import planted

READERS = [PUBLIC_READER, VEILED_READER, STAFF_READER]

IMPACT = """
query ($urn: ID!, $depth: Int! = 20, $first: Int! = 200, $asOf: Date) {
  impact(urn: $urn, depth: $depth, first: $first, asOf: $asOf) {
    root totalCount withoutAgency
    nodes { id depth }
    depths { depth count hiddenCount }
    agencies { agency { urn name } count depth datasets }
    goals { goal { urn title } count depth datasets }
    metrics { metric { urn text } count depth datasets }
    completeness { isComplete hiddenNodes }
  }
}
"""


def d(name: str) -> str:
    return key("dataset", "test", name)


# Random graphs.

_WORLDS_AT_ONCE = 50
_QUESTIONS = 2
"""Questions about one graph."""


def _opened(workshop: Workshop, seeds: range) -> tuple[Asker, dict[int, ImpactWorld]]:
    worlds = {seed: make_impact_world(seed) for seed in seeds}
    return asker_of(workshop, said_of_all(worlds.values())), worlds


def _compare(asker: Asker, worlds: dict[int, ImpactWorld]) -> tuple[int, int]:
    """Ask about so many worlds; answers how many questions there were, and in how many answers there was something."""
    asked = found = 0
    for seed, world in worlds.items():
        rng = random.Random(f"impact/{seed}/asked")
        for _ in range(_QUESTIONS):
            reader, day = rng.choice(READERS), rng.choice(DAYS)
            depth, first = rng.choice([1, 2, 20, 20]), rng.choice([1, 3, 1000, 1000, 1000])
            seen = [urn for urn, id_ in world.flows.ids(reader, day).items() if urn == id_]
            fed = {tail for tail, head in world.flows.pairs(reader, day) if tail != head}
            roots = [urn for urn in seen if urn in fed]
            root = rng.choice(roots) if roots and rng.random() < 0.9 else rng.choice(list(world.flows.nodes))
            variables = {"urn": root, "depth": depth, "first": first, "asOf": day.isoformat()}
            right = world.expected(root, depth, first, reader, day)
            assert asker.data(IMPACT, reader=reader, **variables) == {"impact": right}, f"world {seed}: {variables}"
            asked += 1
            found += bool(right and (right["totalCount"] or first == 1))
    return asked, found


def test_an_impact_is_what_the_whole_graph_says(workshop: Workshop) -> None:
    asked, found = _compare(*_opened(workshop, range(_WORLDS_AT_ONCE)))
    assert 5 * found >= 4 * asked


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_an_impact_is_what_the_whole_graph_says_in_two_thousand_worlds(workshop: Workshop) -> None:
    starts = range(0, 2_000, _WORLDS_AT_ONCE)
    counts = [_compare(*_opened(workshop, range(n, n + _WORLDS_AT_ONCE))) for n in starts]
    assert 5 * sum(found for _, found in counts) >= 4 * sum(asked for asked, _ in counts)


_FAULTS = {
    "the root is counted": (" if names.first(node.id) != root]", "]"),
    "hidden ones are all": ("in far.items() if dataset not in shown)", "in far.items())"),
    "the smallest group comes first": ("-group.count", "group.count"),
    "ties are reversed": ("(-group.count, group.id)", "(-group.count, [-ord(each) for each in group.id])"),
    "the farthest is told": ("depth[ids[0]]", "depth[ids[-1]]"),
    "metrics are goals": ("for metric in each.metrics", "for metric in each.goals"),
    "hidden ones have no agency": ("{names.first(node.id) for node in below if not node.hidden}", "{*far}"),
    "each name is counted": ("names = Names(graph.same)", "names = Names(())"),
    "the depths are not in order": ("in sorted(counts.items())", "in sorted(counts.items(), reverse=True)"),
}


def test_planted_faults_are_found(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    asker, worlds = _opened(workshop, range(_WORLDS_AT_ONCE))
    for right, wrong in _FAULTS.values():
        module = planted(monkeypatch, counted, right, wrong)
        monkeypatch.setattr(served, "impact_of", module.impact_of)
        with pytest.raises(AssertionError):
            _compare(asker, worlds)


# By hand.


def ask(walker: Asker, urn: str, reader: Reader = PUBLIC_READER, **arguments: Any) -> Any:
    return walker.data(IMPACT, urn=urn, reader=reader, **arguments)["impact"]


def test_who_holds_what_stands_downstream_and_what_it_serves(walker: Asker) -> None:
    found = ask(walker, REGISTER, STAFF_READER)
    assert found == {
        "root": REGISTER,
        "totalCount": 2,
        "withoutAgency": 0,
        "nodes": [{"id": REGISTER, "depth": 0}, {"id": OUTCOMES, "depth": 1}, {"id": ENROLLMENT, "depth": 2}],
        "depths": [{"depth": 1, "count": 1, "hiddenCount": 0}, {"depth": 2, "count": 1, "hiddenCount": 0}],
        "agencies": [
            {"agency": {"urn": DOL, "name": "Department of Labor"}, "count": 1, "depth": 1, "datasets": [OUTCOMES]},
            {
                "agency": {"urn": SDE, "name": "Department of Education"},
                "count": 1,
                "depth": 2,
                "datasets": [ENROLLMENT],
            },
        ],
        "goals": [
            {"goal": {"urn": G1, "title": "Open data"}, "count": 1, "depth": 2, "datasets": [ENROLLMENT]},
            {"goal": {"urn": G2, "title": "Equity"}, "count": 1, "depth": 1, "datasets": [OUTCOMES]},
        ],
        "metrics": [],
        "completeness": {"isComplete": True, "hiddenNodes": 0},
    }
    # Three hops; the datasets; agencies and goals together.
    assert walker.round_trips == 3 + 1 + 1


def test_the_officers_to_tell_are_those_of_the_day(walker: Asker) -> None:
    query = """
      query ($urn: ID!, $asOf: Date) { impact(urn: $urn, asOf: $asOf) {
        agencies { count agency { abbreviation dataOfficer { person { name } } } }
      } }
    """
    ana, ben = ({"abbreviation": "SDE", "dataOfficer": {"person": {"name": name}}} for name in ("Ana", "Ben"))
    assert walker.data(query, urn=OUTCOMES)["impact"]["agencies"] == [{"count": 1, "agency": ana}]
    later = walker.data(query, urn=OUTCOMES, asOf="2022-07-01")["impact"]["agencies"]
    assert later == [{"count": 1, "agency": ben}]


def test_what_is_hidden_is_counted_as_such_or_not_at_all(walker: Asker) -> None:
    veiled = ask(walker, d("raw"), VEILED_READER)
    assert veiled["depths"][0] == {"depth": 1, "count": 2, "hiddenCount": 1}
    assert (veiled["totalCount"], veiled["withoutAgency"]) == (6, 0)
    assert [group["count"] for group in veiled["agencies"]] == [5]
    assert veiled["completeness"] == {"isComplete": True, "hiddenNodes": 1}
    public = ask(walker, d("raw"))
    assert (public["totalCount"], public["depths"]) == (1, [{"depth": 1, "count": 1, "hiddenCount": 0}])
    assert public["completeness"] == {"isComplete": True, "hiddenNodes": 0}


def test_where_nothing_stands_downstream_nothing_is_counted(walker: Asker) -> None:
    found = ask(walker, d("side"))
    assert (found["totalCount"], found["depths"], found["agencies"], found["goals"]) == (0, [], [], [])
    assert walker.round_trips == 1 + 1
    assert ask(walker, d("nowhere")) is None
    assert ask(walker, REGISTER, VEILED_READER) is None


def test_a_list_may_be_chosen_twice(walker: Asker) -> None:
    query = (
        "query ($urn: ID!) { impact(urn: $urn) { a: agencies { agency { name } } b: agencies { agency { x: urn } } } }"
    )
    assert walker.data(query, urn=OUTCOMES)["impact"] == {
        "a": [{"agency": {"name": "Department of Education"}}],
        "b": [{"agency": {"x": SDE}}],
    }


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ('urn: "x"', "INVALID_URN", "is no Waypost URN"),
        ('urn: "urn:waypost:goal:key:a"', "INVALID_URN", "is the URN of another kind"),
        (f'urn: "{OUTCOMES}", depth: 21', "INVALID_SELECTION", "'depth' is 21: lineage takes 1 to 20"),
        (f'urn: "{OUTCOMES}", first: 1001', "INVALID_SELECTION", "'first' is 1001: lineage takes 1 to 1000"),
    ],
)
def test_a_mistake_is_named_before_anything_is_read(asker: Asker, arguments: str, code: str, said: str) -> None:
    error = asker.error(f"{{ impact({arguments}) {{ root }} }}")
    assert error["extensions"]["code"] == code
    assert said in error["message"]
    assert asker.round_trips == 0


def test_the_cost_is_counted_by_the_nodes() -> None:
    text = f'{{ impact(urn: "{OUTCOMES}", first: 10) {{ agencies {{ agency {{ dataOfficer {{ person {{ name }} }} }} }} }} }}'
    assert measure(build_schema().graphql, parse(text)).cost == 10 * (1 + 1 * (1 + 1))
