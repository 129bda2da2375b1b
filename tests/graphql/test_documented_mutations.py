"""What ``docs/mutations.md`` shows, done in its order on the demo catalog."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from catalog.stores.port import Change
from graphql_schema import build_schema
from tests.graphql.demo import filled
from tests.graphql.desk import Desk, desk_of
from tests.graphql.stated_inputs import mutations

PAGE = Path(__file__).resolve().parents[2] / "docs" / "mutations.md"
_BLOCK = re.compile(r"```graphql\n(?P<text>.*?)```(?:\n\n```json\n(?P<variables>.*?)```)?", re.DOTALL)
AGREEMENT = "urn:waypost:agreement:key:ct:mou-sde-opm-2023"


def _blocks() -> dict[str, tuple[str, dict[str, Any]]]:
    """Documents and their variables, by the name of the operation."""
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    for block in _BLOCK.finditer(PAGE.read_text(encoding="utf-8")):
        name = re.search(r"(?:query|mutation) (\w+)", block["text"])
        assert name
        found[name[1]] = block["text"], json.loads(block["variables"] or "{}")
    return found


def test_what_the_page_shows_is_done(demo_catalog: list[Change], tmp_path: Path) -> None:
    blocks = _blocks()
    history, _ = blocks.pop("ChangesOfAnAgreement")
    shown = {
        name
        for name in mutations(build_schema().graphql)
        if any(f"{name}(input" in text for text, _ in blocks.values())
    }
    assert shown == set(mutations(build_schema().graphql))
    with asyncio.Runner() as runner:
        store = filled(runner, "sqlite", tmp_path / "graph.db", None, demo_catalog)
        desk = desk_of(store, runner, datetime(2023, 3, 15, 12, tzinfo=UTC))
        answers = {name: desk.data(text, **variables) for name, (text, variables) in blocks.items()}
        _check(answers)
        (edge,) = desk.data(history, urn=AGREEMENT)["agreement"]["changesets"]["edges"]
        assert (edge["node"]["actor"], edge["node"]["operation"]) == ("desk", "recordAgreement")
        _check_again(desk, blocks, answers)
        runner.run(store.close())


def _check(answers: dict[str, Any]) -> None:
    flow = answers["StateAFlow"]["stateFlow"]
    assert flow["changeset"] == {"actor": "desk", "reason": "Told by the data officer of SDE on 2023-03-01"}
    assert flow["flow"]["verdict"] == {"verdict": "UNCOVERED"}
    signed = answers["RecordASignature"]["recordSignature"]["agreementParty"]
    assert signed == {"role": "RECIPIENT", "signedOn": "2023-02-27", "signatory": "the secretary"}
    covered = [
        edge for edge in answers["IsItCovered"]["flows"]["edges"] if edge["node"]["title"].endswith("budget office")
    ]
    assert covered == [
        {
            "node": {"title": "Enrollment for the budget office"},
            "verdict": {"verdict": "COVERED", "coveredBy": [{"title": "Memorandum on enrollment"}]},
        }
    ]
    assert (
        answers["DetermineAClass"]["determineClassification"]["classificationDetermination"]["validFrom"]
        == "2023-03-14"
    )
    assert answers["ReviewAProcess"]["reviewProcess"]["disclosureReview"]["reviews"] == {"name": "dashboard"}
    assert answers["RecordAnApproval"]["recordApproval"]["approval"]["decision"] == "WITHDRAWN"


def _check_again(desk: Desk, blocks: dict[str, tuple[str, dict[str, Any]]], answers: dict[str, Any]) -> None:
    """All of it once more writes nothing; what stands since then is what is answered."""
    before = desk.revision
    for name, (text, variables) in blocks.items():
        again = desk.data(text, **variables)
        if name not in ("StateAFlow", "RecordAnAgreement"):
            assert again == answers[name]
    assert desk.revision == before
