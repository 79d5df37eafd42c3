"""Satisfaction: coverage of the intervals, error rates and power of the integrity tests, speed.

Must reach: issue 6, written out in each module. ``--tables`` also writes the tables of docs/satisfaction.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks import common
from benchmarks.common import Report

PARTS = ("coverage", "integrity", "speed")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure all parts, or those that are named."""
    flags = {name: f"only {name} (and others named)" for name in PARTS}
    asked = common.options(
        "satisfaction",
        __doc__,
        arguments,
        tables="write docs/satisfaction/*.md",
        fifth="a fifth of the repetitions: a look, no measurement",
        **flags,
    )
    report = Report("satisfaction", quick=asked.quick or asked.fifth)
    share = 5 if asked.fifth else 1
    common.heading(report)
    named = [name for name in PARTS if getattr(asked, name)]
    for name in named or PARTS:
        where = f"benchmarks.satisfaction.{name}"
        if find_spec(where) is None:
            continue
        part = import_module(where)
        counted = {"share": share} if hasattr(part, "table") else {}
        found = part.lines(report, asked.quick, **counted)
        if asked.tables and not asked.quick and hasattr(part, "table"):
            folder = common.CHECKOUT / "docs" / "satisfaction"
            folder.mkdir(parents=True, exist_ok=True)
            part.table(found, folder / f"{name}.md")
    return report.finish(asked.json)


if __name__ == "__main__":
    sys.exit(main())
