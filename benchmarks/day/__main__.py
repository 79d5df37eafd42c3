"""`setara day` as people run it: operations in a second, and whether the cost grows with the day only linearly.

Must reach (issue 3): 200 applicants at 8 counters, at least 150 operations a second on two cores with the embedded
PostgreSQL; 2,000 applicants with 80 counters cost ten times as much, not more: at most 1.25 times the
seconds per operation.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks import common
from benchmarks.common import Report, Result

DAY = "2026-11-30"
SMALL, LARGE = (200, 8), (2000, 80)
QUICK_SMALL, QUICK_LARGE = (8, 3), (16, 6)
RUNS = 3
OPERATIONS_PER_SECOND = 150
GROWTH = 1.25


def play(applicants: int, counters: int) -> dict[str, Any]:
    """One run of the real command in a process and a database of its own; its JSON document."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "day.json"
        command = [*common.program(), "day", "--office", "depok", "--date", DAY, "--seed", "1"]
        command += ["--applicants", str(applicants), "--counters", str(counters), "--json", str(target)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        found: dict[str, Any] = json.loads(target.read_text())
    return found


def main(arguments: list[str] | None = None) -> int:
    """Measure; the exit code is 1 when a limit is missed."""
    wanted = common.options("day", __doc__, arguments, small="leave out the day of 2,000 applicants")
    report = Report("day", wanted.quick)
    common.heading(report)
    small, large = (QUICK_SMALL, QUICK_LARGE) if wanted.quick else (SMALL, LARGE)
    days = [play(*small) for _ in range(1 if wanted.quick else RUNS)]
    rates = [day["operations_per_second"] for day in days]
    spread = f"{days[0]['operations']} operations; runs: {', '.join(f'{rate:.0f}' for rate in rates)}"
    report.add(
        Result(
            f"{small[0]} applicants, {small[1]} counters",
            common.median(rates),
            "operations/s",
            OPERATIONS_PER_SECOND,
            at_least=True,
            note=spread,
        )
    )
    digests = {day["events_digest"] for day in days}
    report.add(Result("different digests under one seed", len(digests) - 1, "digests", 0))
    if not wanted.small:
        day = play(*large)
        cost = day["seconds"] / day["operations"]
        growth = cost * common.median(rates)
        note = f"{day['operations']} operations, {day['operations_per_second']:.0f} operations/s"
        report.add(
            Result(
                f"cost of one at {large[0]} applicants, {large[1]} counters",
                growth,
                "times",
                GROWTH,
                note=note,
            )
        )
    return report.finish(wanted.json)


if __name__ == "__main__":
    sys.exit(main())
