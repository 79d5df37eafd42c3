"""What `setara audit` must reach: the comparison of groups held to its error rate."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.audit import errors, groups
from benchmarks.common import Report, heading, options


def main(arguments: Sequence[str] | None = None) -> int:
    """All lines; exit code 1 when something is short."""
    chosen = options("audit", __doc__, arguments)
    report = Report("audit", quick=chosen.quick)
    heading(report)
    groups.lines(report, chosen.quick)
    errors.lines(report, chosen.quick)
    return report.finish(chosen.json)


if __name__ == "__main__":
    sys.exit(main())
