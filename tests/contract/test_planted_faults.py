"""Does the differential test find anything? Faults planted in the compilers' texts must all be found by it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from itertools import islice

import pytest

from catalog.selection import Page, Selection
from catalog.stores.resolve import resolve
from tests.contract.backends import BACKENDS, Blocking
from tests.contract.faults import FAULTS, Fault
from tests.contract.workshop import Workshop
from tests.support.compare import difference
from tests.support.differential import questions_of
from tests.support.questions import Asker
from tests.support.reference_graph import OPAQUE_KEY
from tests.support.small_model import SMALL
from tests.support.worlds import World, make_world

_SEED = 5
_QUESTIONS = 3000
"""Questions, each with the pages that follow, in whose texts a fault is looked for."""
_ASKED = 250
"""Statements with the fault in them that are sent at most."""
_ASKED_OF_ONE = 3
"""Of one question: more of the same shows no more."""

_PLANTS = [
    pytest.param(
        name,
        fault,
        id=f"{name}: {fault.name}",
        marks=[pytest.mark.neo4j, pytest.mark.long] if BACKENDS[name].needs_neo4j else [],
    )
    for name, faults in FAULTS.items()
    for fault in faults
]


@pytest.fixture(scope="module")
def standing(workshop_of: Callable[[str], Workshop]) -> Iterator[Callable[[str], tuple[World, Blocking]]]:
    """One world, and a store of each backend that holds it."""
    world = make_world(_SEED, 5, 20)
    stores: dict[str, Blocking] = {}

    def standing(name: str) -> tuple[World, Blocking]:
        if name not in stores:
            stores[name] = workshop_of(name).fresh()
            for batch in world.batches:
                stores[name].write(batch)
        return world, stores[name]

    yield standing
    for name in stores:
        workshop_of(name).close()


class _Compiler:
    """The compiler of a backend, wherever its modules hold it."""

    def __init__(self, backend: str) -> None:
        self.package = BACKENDS[backend].compiler.rpartition(".")[0]
        self.compile = importlib.import_module(BACKENDS[backend].compiler).compile_select

    def text(self, selection: Selection) -> str:
        return self.compile(resolve(selection, SMALL, OPAQUE_KEY).shape)

    def plant(self, fault: Fault, patch: pytest.MonkeyPatch) -> None:
        def faulty(shape: object) -> str:
            return fault.plant(self.compile(shape))

        for name, module in list(sys.modules.items()):
            if name.startswith(self.package) and getattr(module, "compile_select", None) is self.compile:
                patch.setattr(module, "compile_select", faulty)


def _is_wrong(store: Blocking, asked: Selection, right: Page) -> bool:
    """Whether the answer is another. That the database refuses the statement does not count: anyone would see it."""
    try:
        return difference(right, store.select(asked)) is not None
    except Exception:  # noqa: BLE001 - whatever a store's database raises
        return False


@pytest.mark.parametrize("backend", list(BACKENDS))
def test_at_least_twenty_faults_are_planted(backend: str) -> None:
    assert len({fault.name for fault in FAULTS[backend]}) >= 20


@pytest.mark.parametrize(("backend", "fault"), _PLANTS)
def test_planted_fault_is_found(
    standing: Callable[[str], tuple[World, Blocking]], monkeypatch: pytest.MonkeyPatch, backend: str, fault: Fault
) -> None:
    world, store = standing(backend)
    compiler = _Compiler(backend)
    asker = Asker(world, fault.name, nesting=1)
    compiler.plant(fault, monkeypatch)
    sent = 0
    for _ in range(_QUESTIONS):
        for asked, right in islice(_with_fault(compiler, fault, world, asker), _ASKED_OF_ONE):
            sent += 1
            if _is_wrong(store, asked, right):
                return
            if sent == _ASKED:
                pytest.fail(f"not found in {sent} statements: {fault}\n{fault.plant(compiler.text(asked))}")
    pytest.fail(f"in {_QUESTIONS} questions {sent} texts have what {fault.pattern!r} stands for: write the fault anew")


def _with_fault(compiler: _Compiler, fault: Fault, world: World, asker: Asker) -> Iterator[tuple[Selection, Page]]:
    """Of the next question and the pages that follow, those in whose text the fault is."""
    for asked, right in questions_of(world.reference, asker.selection()):
        text = compiler.text(asked)
        if fault.plant(text) != text:
            yield asked, right
