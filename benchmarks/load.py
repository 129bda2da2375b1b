"""How long a real catalog takes to load into each store, and to load again, as whole commands.

    python -m benchmarks.load [CATALOG] --output benchmarks/results/NAME.json

Each round begins with nothing: a new SQLite file, and a Neo4j of its own that is started for it and stopped after.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.about import about, keep
from server.neo4j_server import LTS_VERSION, free_port, start, stop

REAL = Path(os.environ.get("WAYPOST_REAL_DATA", Path(__file__).parents[2] / "shared" / "data"))
CATALOG = REAL / "dcat-us-1.1" / "healthdata.gov.2019.data.json"


@dataclass(frozen=True, slots=True)
class Loaded:
    """One load, as a command: seconds of the whole of it, and of processors, the most memory it held, and its report."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    report: dict[str, Any]


def load(catalog: Path, store: str) -> Loaded:
    """Load a catalog. Raises CalledProcessError where that fails; what it says besides its report is passed on."""
    command = [str(Path(sys.executable).with_name("waypost")), "load", "dcat-us", str(catalog), "--format", "json"]
    with tempfile.TemporaryFile() as answer:
        began = time.perf_counter()
        process = subprocess.Popen(command, env={**os.environ, "WAYPOST_STORE": store}, stdout=answer)
        # Waited for by itself: what RUSAGE_CHILDREN says is the most of all children so far.
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
        answer.seek(0)
        unit = 1 if sys.platform == "darwin" else 1024
        return Loaded(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * unit / 1e6, json.load(answer))


@contextmanager
def fresh(name: str) -> Generator[str]:
    """The address of an empty store; migrated, since bringing up a schema is no part of a load."""
    with tempfile.TemporaryDirectory() as folder:
        if name == "sqlite":
            yield _migrated(f"sqlite:{folder}/graph.db")
            return
        home = Path(folder) / "neo4j"
        server = start(home, version=LTS_VERSION, bolt_port=free_port(), password=None)
        try:
            yield _migrated(server.uri)
        finally:
            stop(home)


def _migrated(store: str) -> str:
    command = [str(Path(sys.executable).with_name("waypost")), "migrate"]
    subprocess.run(command, env={**os.environ, "WAYPOST_STORE": store}, capture_output=True, check=True)
    return store


def main() -> None:
    """Load, load again, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("catalog", type=Path, nargs="?", default=CATALOG, help="a data.json of DCAT-US 1.1")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--output", type=Path, help="file for the figures, as JSON")
    given = parser.parse_args()
    kept: dict[str, Any] = {"about": {**about(), "neo4j": LTS_VERSION}, "catalog": given.catalog.name}
    for name in ("sqlite", "neo4j"):
        firsts: list[float] = []
        agains: list[float] = []
        for _ in range(given.rounds):
            with fresh(name) as store:
                first = load(given.catalog, store)
                again = load(given.catalog, store)
            report = first.report
            assert again.report["written"] == 0, again.report
            assert again.report["revision"] == report["revision"]
            firsts.append(first.seconds)
            agains.append(again.seconds)
            print(
                f"{name}: {report['read']} read, {report['written']} written in {first.seconds:.2f} s "
                f"({report['seconds']:.2f} s without the start of the program); again {again.seconds:.2f} s, 0 written"
            )
        kept[name] = {"first_s": statistics.median(firsts), "again_s": statistics.median(agains)}
    print(f"neo4j to sqlite: {kept['neo4j']['first_s'] / kept['sqlite']['first_s']:.1f} x")
    keep(kept, given.output)


if __name__ == "__main__":
    main()
