"""Power, false findings and delay of D3 and D4 on simulated months."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from setara.science.fairness import applicants, honest, officers
from setara.science.fairness.intervals import Z95, wilson
from setara.science.fairness_bench.calls import PER_OFFICER, Known, known
from setara.science.fairness_bench.settings import FAVOURING, STATED_ERROR, Setting, Size
from setara.science.progress import Progress, silent
from setara.science.simulate.queue_kernel import NONE
from setara.science.simulate.running import Simulation

VISIT = ["office", "day", "case"]
#: From so many places on a favour counts as large.
LARGE = 5
#: The days by which officers are to be found, counted from 1.
BY = (5, 10, 20)


@dataclass(frozen=True)
class Month:
    """One simulated month: its calls and truth, and the names of the officers who favour."""

    known: Known
    favouring: frozenset[str]
    office_days: int


def months(setting: Setting, size: Size, n: int, seed: int, **more: Any) -> Iterator[Month]:
    """``n`` months of a setting; each has its own seed below ``seed``."""
    world = setting.world(size.month(), **more)
    for month in range(n):
        simulation = Simulation(world, seed * 100_003 + month)
        names = {
            f"P{who.patron + PER_OFFICER * office}"
            for office, who in simulation.staff.items()
            if who.patron != NONE
        }
        yield Month(known(simulation.days()), frozenset(names), world.offices * world.days)


def share(x: int, n: int) -> dict[str, Any]:
    """A share with its 95 % interval."""
    return {"x": x, "n": n, "share": x / n if n else None, "interval": list(wilson(x, n)) if n else None}


def mean_of(values: NDArray[np.float64]) -> dict[str, Any]:
    """A mean with its 95 % interval."""
    half = Z95 * float(values.std(ddof=1)) / len(values) ** 0.5 if len(values) > 1 else float("inf")
    mean = float(values.mean())
    return {"mean": mean, "interval": [max(mean - half, 0.0), min(mean + half, 1.0)]}


def rate(x: int, n: int, per: float) -> dict[str, Any]:
    """``x`` events in ``n`` units as a rate, with the exact 95 % interval of a Poisson count."""
    from scipy.stats import chi2

    low = float(chi2.ppf(0.025, 2 * x)) / 2 if x else 0.0
    high = float(chi2.ppf(0.975, 2 * x + 2)) / 2
    return {"x": x, "n": n, "rate": per * x / n, "interval": [per * low / n, per * high / n]}


def favoured(setting: Setting, size: Size, n: int, seed: int, progress: Progress = silent) -> dict[str, Any]:
    """D3 on ``n`` months: how many favours are found the same day, and how much of the lists is innocent."""
    found = of = found_large = of_large = false = listed_all = office_days = 0
    proportions: list[NDArray[np.float64]] = []
    for done, month in enumerate(months(setting, size, n, seed)):
        calls, truth = month.known.calls, month.known.favoured
        tested = applicants.visits(calls, honest.learn(calls, STATED_ERROR))
        listed = tested.filter(pl.col("q_value") <= applicants.LEVEL).select(VISIT)
        large = truth.filter(pl.col("places") >= LARGE)
        of, of_large = of + truth.height, of_large + large.height
        found += truth.join(listed, on=VISIT, how="semi").height
        found_large += large.join(listed, on=VISIT, how="semi").height
        innocent = listed.join(truth, on=VISIT, how="anti")
        false, listed_all = false + innocent.height, listed_all + listed.height
        office_days += month.office_days
        proportions.append(_false_proportions(listed, innocent, month.office_days))
        progress(f"favoured applicants: {setting.slug}", done + 1, n)
    return {
        "setting": setting.slug,
        "words": setting.words,
        "twin": setting.twin,
        "office_days": office_days,
        "favours_a_day": of / office_days,
        "power_large": share(found_large, of_large),
        "power": share(found, of),
        "fdp": mean_of(np.concatenate(proportions)),
        "innocent_on_list": share(false, listed_all),
        "innocent_a_day": false / office_days,
    }


def _false_proportions(listed: pl.DataFrame, innocent: pl.DataFrame, office_days: int) -> NDArray[np.float64]:
    """The false share of each office-day's list; 0 where it is empty."""
    day = ["office", "day"]
    counts = listed.group_by(day).agg(n=pl.len())
    counts = counts.join(innocent.group_by(day).agg(false=pl.len()), on=day, how="left").fill_null(0)
    out = np.zeros(office_days)
    out[: counts.height] = (counts["false"] / counts["n"]).to_numpy()
    return out


def favouring(setting: Setting, size: Size, n: int, seed: int, progress: Progress = silent) -> dict[str, Any]:
    """D4 on ``n`` months: by which working day the officers who favour are on a list, and who else ever is."""
    days: dict[str, list[int]] = {"look": [], "standing": []}
    false = {"look": 0, "standing": 0}
    innocent = 0
    for done, month in enumerate(months(setting, size, n, seed, favouring=FAVOURING)):
        lists = _lists(month.known.calls)
        guilty = pl.col("resource").is_in(list(month.favouring))
        innocent += lists.filter(~guilty).height
        for name, column in (("look", "first_day"), ("standing", "standing_day")):
            days[name] += [never if never is not None else -1 for never in lists.filter(guilty)[column]]
            false[name] += lists.filter(~guilty & pl.col(column).is_not_null()).height
        progress(f"favouring officers: {setting.slug}", done + 1, n)
    out: dict[str, Any] = {
        "setting": setting.slug, "words": setting.words, "twin": setting.twin, "officer_months": innocent,
        "favouring": len(days["look"]), "by": list(BY),
    }  # fmt: skip
    for name in ("look", "standing"):
        seen = np.array(days[name])
        in_time = [share(int(((seen >= 0) & (seen < by)).sum()), len(seen)) for by in BY]
        median = float(np.median(np.where(seen < 0, np.inf, seen + 1))) if len(seen) else None
        out[name] = {
            "found_by": in_time,
            "median_day": median if median is not None and np.isfinite(median) else None,
            "false": rate(false[name], innocent, 10_000),
            "day_found": np.bincount(seen[seen >= 0], minlength=size.days).tolist() if len(seen) else [],
        }
    return out


def _lists(calls: pl.DataFrame) -> pl.DataFrame:
    """D4's lists. Only calls out of turn carry evidence; of the others one an officer is kept, to be counted."""
    bare = calls.filter((pl.col("unexplained") > 0) | pl.struct("resource").is_first_distinct())
    return officers.watch(bare, honest.learn(calls, STATED_ERROR)).officers
