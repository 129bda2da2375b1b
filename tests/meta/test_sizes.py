"""Modules stay small enough to be read in one sitting."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("catalog", "lineage", "graphql_schema", "loaders", "server")
MOST_LINES = 600
USUAL_LINES = 350
LONGER_PERCENT = 10


def _sizes() -> dict[str, int]:
    """Lines of each module; empty ones are left out, since they would flatter the share."""
    sizes = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
    }
    return {path: lines for path, lines in sizes.items() if lines}


def test_no_module_is_too_long() -> None:
    assert {path: lines for path, lines in _sizes().items() if lines > MOST_LINES} == {}


def test_most_modules_are_short() -> None:
    sizes = _sizes()
    longer = {path: lines for path, lines in sizes.items() if lines >= USUAL_LINES}
    assert 100 * len(longer) <= LONGER_PERCENT * len(sizes), f"of {len(sizes)} modules: {longer}"
