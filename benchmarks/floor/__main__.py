"""What the floor must reach (issue 4): call-next under load, boards and phones that follow, the rule replayed, and
what was planted against what is listed. Each part can be run alone: `python benchmarks/floor/calls.py`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks import common
from benchmarks.common import Report

PARTS = ("calls", "live", "replay", "planted")


def main(arguments: list[str] | None = None) -> int:
    """Measure every part; the exit code is 1 when a limit is missed."""
    wanted = common.options("floor", __doc__, arguments)
    report = Report("floor", wanted.quick)
    common.heading(report)
    for part in PARTS:
        if find_spec(f"benchmarks.floor.{part}"):
            import_module(f"benchmarks.floor.{part}").lines(report, wanted.quick)
    return report.finish(wanted.json)


if __name__ == "__main__":
    sys.exit(main())
