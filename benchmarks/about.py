"""What figures are worth nothing without, the machine and the commit, and where they are kept."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

__all__ = ["about", "keep"]


def about() -> dict[str, str]:
    """The machine and the commit."""
    commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit,
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
        "sqlite": sqlite3.sqlite_version,
    }


def keep(figures: dict[str, Any], file: Path | None) -> None:
    """Write figures as JSON, where a file is named for them."""
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
