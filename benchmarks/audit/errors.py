"""The exact detectors against the simulator's truth, and D3 and D4 held to their stated errors.

The whole protocol, with its mis-specified twins, is `setara benchmark fairness`; here are the lines that must hold.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
from benchmarks.common import Report, Result

from setara.science.events.reading import read
from setara.science.fairness.engine import audit
from setara.science.fairness_bench import measuring
from setara.science.fairness_bench.settings import APPLICANTS, FAVOURING, FULL, MONTH, OFFICERS, QUICK
from setara.science.simulate.logs import generate
from setara.science.simulate.office import SCHEMES, World

SEED = 1_000
#: Columns that the truth and the evidence share; of a step that is missing nobody knows the moment.
KEYS = {"D5": ["case", "activity"]}
KEY = ["case", "activity", "time"]


def lines(report: Report, quick: bool) -> None:
    """Exact detectors, then D3, then D4."""
    _exact(report, quick)
    _applicants(report, quick)
    _officers(report, quick)


def _exact(report: Report, quick: bool) -> None:
    """Rows on one side only, over logs with every scheme; the truth of D1 is every call that was not the rule's."""
    for detector in ("D1", "D2", "D5", "D7", "D8", "D9"):
        wrong = rows = 0
        for seed in range(1 if quick else 10):
            found, told = _both(detector, seed)
            key = KEYS.get(detector, KEY)
            wrong += found.join(told, on=key, how="anti").height + told.join(found, on=key, how="anti").height
            rows += told.height
        words = f"{detector}: rows that differ from the truth"
        report.add(Result(words, wrong, f"of {rows}", 0))


_AUDITS: dict[int, tuple[Any, pl.DataFrame]] = {}


def _both(detector: str, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    if seed not in _AUDITS:
        world = World(
            applicants=120, offices=2, days=8, honest_error=0.01, schemes=dict.fromkeys(SCHEMES, 0.02)
        )
        log, truth = generate(world, SEED + seed)
        with TemporaryDirectory() as folder:
            log.write_parquet(Path(folder) / "log.parquet")
            _AUDITS[seed] = (
                audit(read(Path(folder) / "log.parquet")),
                truth.with_columns(pl.col("time").dt.convert_time_zone("UTC")),
            )
    made, truth = _AUDITS[seed]
    found = made[detector].evidence
    if detector == "D1":
        return found, truth.filter(pl.col("rule_choice").is_not_null())
    told = truth.filter(pl.col("detector").str.split(",").list.contains(detector))
    if detector == "D8":
        return found.filter(pl.col("kind") == "print"), told.filter(pl.col("scheme") == "broker")
    return found, told


def _applicants(report: Report, quick: bool) -> None:
    size = QUICK if quick else FULL
    base, doubled = (
        next(one for one in APPLICANTS if one.slug == slug) for slug in ("base", "error-doubled")
    )
    row = measuring.favoured(base, size, 1 if quick else 5, SEED)
    power, fdp = row["power_large"], row["fdp"]
    report.add(Result("D3: favours of 5 places and more, same day", 100 * power["share"], "%", 95, True,
                      f"{power['x']} of {power['n']}, {_range(power)}"))  # fmt: skip
    report.add(Result("D3: false share of a day's list, upper end", 100 * fdp["interval"][1], "%", 5,
                      note=f"mean {100 * fdp['mean']:.1f} %, {row['office_days']} office-days"))  # fmt: skip
    report.add(Result("D3: innocents on all lists pooled", 100 * row["innocent_on_list"]["share"], "%",
                      note=f"{row['innocent_a_day']:.3f} an office-day"))  # fmt: skip
    fdp = measuring.favoured(doubled, size, 1 if quick else 5, SEED + 1)["fdp"]
    report.add(Result("D3: the same with the error rate doubled", 100 * fdp["interval"][1], "%", 10,
                      note=f"mean {100 * fdp['mean']:.1f} %"))  # fmt: skip


def _officers(report: Report, quick: bool) -> None:
    size = QUICK if quick else FULL
    honest = size.offices * MONTH.officers - FAVOURING
    row = measuring.favouring(OFFICERS[0], size, -(-size.officer_months // honest), SEED + 2)
    for name, words, limits in (
        ("look", "worth a look", (75, 1)),
        ("standing", "standing list", (None, None)),
    ):
        one, false = row[name], row[name]["false"]
        found = one["found_by"][1]
        note = f"{found['x']} of {found['n']}, {_range(found)}; median day {one['median_day']}"
        report.add(
            Result(
                f"D4 {words}: found within 10 working days", 100 * found["share"], "%", limits[0], True, note
            )
        )
        low, high = false["interval"]
        report.add(Result(f"D4 {words}: false in 10,000 officer-months", false["rate"], "officers", limits[1],
                          note=f"{false['x']} in {false['n']}, {low:.2f}-{high:.2f}"))  # fmt: skip


def _range(one: dict[str, Any]) -> str:
    low, high = one["interval"]
    return f"{100 * low:.1f}-{100 * high:.1f}"
