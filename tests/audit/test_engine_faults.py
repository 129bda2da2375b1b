"""Do the random worlds tell the engine from one with a fault? Each planted fault must show in the world noted for it."""

from __future__ import annotations

import sys

import pytest

from tests.audit.answers import expected, given
from tests.audit.oracle.worlds import make_scenario
from tests.audit.planted import FAULTS, Fault


@pytest.mark.parametrize("fault", [pytest.param(fault, id=fault.name) for fault in FAULTS])
def test_a_planted_fault_is_found(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = make_scenario(fault.world)
    wanted = expected(scenario.world, scenario.day)
    assert given(scenario.world, scenario.day) == wanted, "without the fault nothing differs"
    right = vars(fault.owner)[fault.function]
    monkeypatch.setattr(fault.owner, fault.function, fault.planted())
    for name, module in list(sys.modules.items()):
        if name.startswith("lineage.audit.") and vars(module).get(fault.function) is right:
            monkeypatch.setattr(module, fault.function, vars(fault.owner)[fault.function])
    assert _differs(fault), f"no answer of world {fault.world} differs: look for another world"


def _differs(fault: Fault) -> bool:
    """Whether an answer is another, or none comes."""
    scenario = make_scenario(fault.world)
    wanted = expected(scenario.world, scenario.day)
    try:
        found = given(scenario.world, scenario.day)
    except (KeyError, IndexError):
        return True
    return found != wanted
