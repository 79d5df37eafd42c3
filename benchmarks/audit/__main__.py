"""What `setara audit` must reach: errors held to what is stated, and speed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.audit import errors, groups, speed
from benchmarks.common import Report, heading, options

SHORT = "leave out 60 million events and the CSV of 2 GB, which take ten minutes and 8 GB of disk"


def main(arguments: Sequence[str] | None = None) -> int:
    """All lines; exit code 1 when something is short."""
    chosen = options("audit", __doc__, arguments, short=SHORT)
    report = Report("audit", quick=chosen.quick)
    heading(report)
    groups.lines(report, chosen.quick)
    errors.lines(report, chosen.quick)
    speed.lines(report, chosen.quick, whole=not chosen.short)
    return report.finish(chosen.json)


if __name__ == "__main__":
    sys.exit(main())
