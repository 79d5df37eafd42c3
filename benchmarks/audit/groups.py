"""`--by` held to its error rate: random attributes stay silent, a planted difference is found.

Each log has 600 to 1,000 cases of up to eight activities, six officers, long-tailed durations over twenty days.
The null logs get three attributes at random, each dealt to the cases by themselves: a coin, ten levels, a number.
The planted ones get a two-level attribute whose cases have one activity 0.15 more often.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
from benchmarks.common import Report, Result

from setara.science.events.log import Log
from setara.science.fairness.groups import compare
from setara.science.fairness.intervals import wilson
from setara.science.fairness.measures import cases_of

START = datetime(2026, 1, 5, tzinfo=UTC)
ACTIVITIES = tuple("abcdefgh")


def a_log(rng: np.random.Generator, cases: int, attributes: dict[str, Any], planted: Any = None) -> Log:
    """A log of independent cases; ``planted`` (0 or 1 a case) makes activity ``d`` 0.15 more likely."""
    likely = np.asarray([1.0, 0.97, 0.7, 0.4, 0.3, 0.15, 0.05, 1.0])
    chance = np.broadcast_to(likely, (cases, len(likely))).copy()
    if planted is not None:
        chance[:, 3] += 0.15 * planted
    done = rng.random(chance.shape) < chance
    case, activity = np.nonzero(done)
    minutes = np.cumsum(np.exp(rng.normal(3, 1, chance.shape)), axis=1)[case, activity]
    day = rng.integers(0, 20, cases)
    begin = day * 1440.0 + rng.uniform(480, 720, cases)
    moment = pl.Series(((begin[case] + minutes) * 60e6).astype(np.int64)).cast(pl.Duration("us"))
    officer = rng.integers(0, 6, len(case))
    frame = pl.DataFrame(
        {
            "case": [f"{each:05}" for each in case],
            "activity": [ACTIVITIES[each] for each in activity],
            "resource": [f"R{each}" for each in officer],
            "time": moment,
            "day": [(START + timedelta(days=int(day[each]))).date() for each in case],
        }
        | {name: np.asarray(values)[case].astype(str) for name, values in attributes.items()}
    ).with_columns(time=pl.lit(START).cast(pl.Datetime("us", "UTC")) + pl.col("time"))
    return Log(frame, {}, case_attributes=tuple(attributes))


def _attention(rng: np.random.Generator, planted: bool) -> bool:
    cases = 1_000 if planted else int(rng.integers(600, 1_001))
    if planted:
        group = rng.permutation(np.arange(cases) % 2)
        log = a_log(rng, cases, {"group": group}, group)
        found = compare(log, cases_of(log), ["group"], seed=int(rng.integers(1 << 30)))
        return any(one.measure == "activity:d" for one in found.attention)
    attributes = {
        "coin": rng.integers(0, 2, cases),
        "ten": rng.integers(0, 10, cases),
        "number": np.round(rng.gamma(4, 10, cases), 1),
    }
    log = a_log(rng, cases, attributes)
    seed = int(rng.integers(1 << 30))
    return bool(compare(log, cases_of(log), list(attributes), min_effect=0.0, seed=seed).attention)


def lines(report: Report, quick: bool) -> None:
    """Add the two lines of `--by`."""
    rng = np.random.default_rng(20261124)
    for name, planted, logs, limit in (
        ("--by: random attributes with any attention", False, 20 if quick else 1_000, 0.065),
        ("--by: planted difference of 0.15 found", True, 8 if quick else 200, 0.95),
    ):
        hits = sum(_attention(rng, planted) for _ in range(logs))
        low, high = wilson(hits, logs)
        note = f"{hits} of {logs} logs, 95 % interval {low:.3f} to {high:.3f}"
        report.add(Result(name, hits / logs, "of logs", limit, at_least=planted, note=note))
