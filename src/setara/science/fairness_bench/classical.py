"""The usual measures on the same months, so that a reader sees why not those.

Overtaking (how many applicants were overtaken on their way, arrival to leaving), the Gini coefficient of waiting
times, a league table (officers whose share of calls out of turn lies over the 95 % funnel), and a permutation of
officers inside office and step, with Benjamini-Hochberg, on counts and on depths. The tests of officers assume
that all honest officers are equally careful. They are not, and that is all it takes to accuse them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from setara.science.fairness.exact import benjamini_hochberg
from setara.science.fairness_bench.measuring import BY, months, rate, share
from setara.science.fairness_bench.settings import FAVOURING, OFFICERS, Size
from setara.science.progress import Progress, silent
from setara.science.simulate import hall
from setara.science.simulate.running import Day, Simulation

METHODS = {
    "league": "league table: over the 95 % funnel",
    "permutation-count": "permutation of counts, BH 5 %",
    "permutation-depth": "permutation of depths, BH 5 %",
}


def officers(
    size: Size, n: int, seed: int, error: float, progress: Progress = silent
) -> list[dict[str, Any]]:
    """How many of those who favour, and of those who do not, each classical test names after a month in which
    honest people err with the chance ``error``."""
    named = {name: [0, 0] for name in METHODS}
    guilty_all = innocent_all = 0
    for done, month in enumerate(months(OFFICERS[0], size, n, seed, favouring=FAVOURING, honest_error=error)):
        tested = tests(month.known.calls)
        guilty = tested["resource"].is_in(list(month.favouring)).to_numpy()
        guilty_all, innocent_all = guilty_all + int(guilty.sum()), innocent_all + int((~guilty).sum())
        for name, counts in named.items():
            picked = tested[name].to_numpy()
            counts[0] += int((picked & guilty).sum())
            counts[1] += int((picked & ~guilty).sum())
        progress("classical measures", done + 1, n)
    return [
        {
            "method": name,
            "honest_error": error,
            "words": METHODS[name],
            "found_after_days": BY[-1],
            "found": share(hit, guilty_all),
            "false": rate(false, innocent_all, 10_000),
        }
        for name, (hit, false) in named.items()
    ]


def tests(calls: pl.DataFrame) -> pl.DataFrame:
    """One row an officer, with what each method says after all days: true for named."""
    strata = ["office", "activity"]  # officers change counters by lot, so days of a step are exchangeable
    rows = calls.with_columns(
        bad=(pl.col("unexplained") > 0).cast(pl.Float64), deep=pl.col("unexplained").cast(pl.Float64)
    )
    cells = rows.group_by([*strata, "resource"]).agg(
        n=pl.len(), bad=pl.col("bad").sum(), deep=pl.col("deep").sum()
    )
    pooled = rows.group_by(strata).agg(
        total=pl.len(),
        bad_mean=pl.col("bad").mean(), deep_mean=pl.col("deep").mean(),
        bad_var=pl.col("bad").var(ddof=0), deep_var=pl.col("deep").var(ddof=0),
    )  # fmt: skip
    cells = cells.join(pooled, on=strata).filter(pl.col("total") > 1)
    spread = pl.col("n") * (pl.col("total") - pl.col("n")) / (pl.col("total") - 1)
    out = cells.group_by("resource").agg(
        (pl.col("bad") - pl.col("n") * pl.col("bad_mean")).sum().alias("bad_over"),
        (pl.col("deep") - pl.col("n") * pl.col("deep_mean")).sum().alias("deep_over"),
        (spread * pl.col("bad_var")).sum().alias("bad_var"),
        (spread * pl.col("deep_var")).sum().alias("deep_var"),
    )  # fmt: skip
    league = rows.group_by("resource").agg(calls=pl.len(), bad=pl.col("bad").sum())
    out = out.join(league, on="resource").sort("resource")
    usual = float(out["bad"].sum()) / float(out["calls"].sum())
    over = (out["bad"] - out["calls"] * usual).to_numpy() / np.sqrt(
        out["calls"].to_numpy() * usual * (1 - usual)
    )
    columns = {"league": over > 1.96}
    for name, what in (("permutation-count", "bad"), ("permutation-depth", "deep")):
        z = out[f"{what}_over"].to_numpy() / np.sqrt(np.maximum(out[f"{what}_var"].to_numpy(), 1e-12))
        columns[name] = benjamini_hochberg(_upper(z)) <= 0.05
    return out.select("resource").with_columns(pl.Series(name, values) for name, values in columns.items())


def _upper(z: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.stats import norm

    return np.asarray(norm.sf(z), np.float64)


def days(size: Size, seed: int) -> dict[str, Any]:
    """Measures of whole days: what they say of honest offices, and whether they tell a day with favours from one
    without (area under the curve; 0.5 is a coin)."""
    world = OFFICES(size)
    simulation = Simulation(world, seed)
    rows = [(_measures(day), simulation.staff[day.office].patron >= 0) for day in simulation.days()]
    values = {name: np.array([row[name] for row, _ in rows]) for name in rows[0][0]}
    with_favours = values.pop("favours") > 0
    clean = ~np.array([crooked for _, crooked in rows])
    return {
        "office_days": len(rows),
        "overtaken_in_honest_offices": float(values["overtaken"][clean].mean()),
        "overtook_in_honest_offices": float(values["overtook"][clean].mean()),
        "auc": {name: area(each[with_favours], each[clean]) for name, each in values.items()},
    }


def OFFICES(size: Size) -> Any:  # noqa: N802 - a world
    """Half of the offices favour, half do not."""
    return OFFICERS[0].world(size.month(), favouring=max(size.offices // 2, 1))


def _measures(day: Day) -> dict[str, float]:
    calls = day.calls[day.calls[:, hall.AT] < 3]
    n = int(day.calls[:, hall.WHO].max()) + 1
    waited = np.bincount(
        calls[:, hall.WHO], (calls[:, hall.CALLED] - calls[:, hall.ENQUEUE]) / hall.MINUTE, n
    )
    came, left = np.full(n, np.inf), np.full(n, -np.inf)
    np.minimum.at(came, calls[:, hall.WHO], calls[:, hall.ENQUEUE])
    np.maximum.at(left, calls[:, hall.WHO], calls[:, hall.END])
    seen = np.isfinite(came)
    waited, came, left = waited[seen], came[seen], left[seen]
    passed = (came[:, None] < came[None, :]) & (
        left[:, None] > left[None, :]
    )  # i came before j, j left before i
    bare = (day.calls[:, hall.CAUSE] == hall.FAVOUR) | (day.calls[:, hall.CAUSE] == hall.SLIP)
    return {
        "gini": gini(waited),
        "variance of waiting": float(waited.var()),
        "overtaken": float(passed.any(axis=1).mean()),
        "overtook": float(passed.any(axis=0).mean()),
        "unexplained depth": float(day.calls[bare, hall.DEPTH].sum()),
        "favours": float((day.calls[:, hall.CAUSE] == hall.FAVOUR).sum()),
    }


def gini(values: NDArray[np.float64]) -> float:
    """The Gini coefficient: 0 if all are equal."""
    ordered = np.sort(values)
    n = len(ordered)
    total = float(ordered.sum())
    return float(((2 * np.arange(1, n + 1) - n - 1) * ordered).sum() / (n * total)) if total else 0.0


def area(yes: Sequence[float] | NDArray[np.float64], no: Sequence[float] | NDArray[np.float64]) -> float:
    """The chance that a value of ``yes`` is above one of ``no``, ties counting half (area under the ROC curve)."""
    if not len(yes) or not len(no):
        return float("nan")
    less = np.searchsorted(np.sort(no), yes, side="left")
    upto = np.searchsorted(np.sort(no), yes, side="right")
    return float(((less + upto) / 2).mean() / len(no))
