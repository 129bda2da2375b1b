"""How fast a large catalog loads into each store, and how much memory that takes, as whole commands.

    python -m benchmarks.large --datasets 100000 --output benchmarks/results/NAME.json

The catalog is made of a real one: its datasets, each identifier once, over and over under new identifiers and titles, so
that sizes and shapes are the real ones. It is loaded into an empty store, and again, which must write nothing.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.about import about, keep
from benchmarks.load import CATALOG, Loaded, fresh, load
from server.neo4j_server import LTS_VERSION

STORES = ("sqlite", "neo4j")


def datasets(catalog: Path, count: int) -> Iterator[dict[str, Any]]:
    """As many datasets as are wanted, each of its own identifier."""
    real = {each["identifier"]: each for each in msgspec.json.decode(catalog.read_bytes())["dataset"]}
    for number, each in zip(range(count), itertools.cycle(real.values()), strict=False):
        lap = number // len(real)
        yield {**each, "identifier": f"{each['identifier']}/{lap}", "title": f"{each['title']} ({lap})"}


def write(catalog: Path, count: int, path: Path) -> None:
    """Make the catalog, a dataset at a time: what this process holds would count as its child's."""
    with path.open("wb") as file:
        file.write(b'{"conformsTo":"https://project-open-data.cio.gov/v1.1/schema","dataset":[')
        for number, each in enumerate(datasets(catalog, count)):
            file.write(b",\n" * (number > 0) + msgspec.json.encode(each))
        file.write(b"]}\n")


def measure(path: Path, count: int, name: str) -> dict[str, float]:
    """Load, load again, and hold both against what the catalog lists."""
    with fresh(name) as store:
        first = load(path, store)
        again = load(path, store)
    for loaded, written in ((first, count), (again, 0)):
        figures = [loaded.report[each] for each in ("read", "written", "unchanged")]
        assert figures == [count, written, count - written], loaded.report
    assert again.report["revision"] == first.report["revision"]
    assert not first.report["quarantined"]
    return {**_figures("first", first, count), **_figures("again", again, count)}


def _figures(name: str, loaded: Loaded, count: int) -> dict[str, float]:
    return {
        f"{name}_s": loaded.seconds,
        f"{name}_cpu_s": loaded.cpu_seconds,
        f"{name}_datasets_a_second": count / loaded.seconds,
        f"{name}_datasets_a_second_of_the_load": count / loaded.report["seconds"],
        f"{name}_peak_mb": loaded.peak_mb,
    }


def main() -> None:
    """Make, load, load again, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("catalog", type=Path, nargs="?", default=CATALOG, help="the real data.json of DCAT-US 1.1")
    parser.add_argument("--datasets", type=int, default=100_000)
    parser.add_argument("--store", choices=STORES, action="append", help="only this one; may be repeated")
    parser.add_argument("--output", type=Path, help="file for the figures, as JSON")
    given = parser.parse_args()
    kept: dict[str, Any] = {
        "about": {**about(), "neo4j": LTS_VERSION},
        "catalog": given.catalog.name,
        "datasets": given.datasets,
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.data.json"
        write(given.catalog, given.datasets, path)
        kept["bytes"] = path.stat().st_size
        print(f"{given.datasets} datasets, {kept['bytes'] / 1e6:.0f} MB")
        for name in given.store or STORES:
            found = kept[name] = measure(path, given.datasets, name)
            for load_ in ("first", "again"):
                print(
                    f"{name}: {load_} load {found[f'{load_}_s']:.1f} s ({found[f'{load_}_cpu_s']:.1f} s of CPU), "
                    f"{found[f'{load_}_datasets_a_second']:,.0f} datasets a second "
                    f"({found[f'{load_}_datasets_a_second_of_the_load']:,.0f} without the start of the program and the "
                    f"first look at the file), at most {found[f'{load_}_peak_mb']:.0f} MB"
                )
    keep(kept, given.output)


if __name__ == "__main__":
    main()
