"""D10, the change alarm: since when an office passes people more often than it used to.

Formula. Each day an office has n calls at which somebody could be passed, and x calls out of turn without a proven
reason. The e-value of a day is the mean, over the factors g in ``GROWTH``, of the likelihood ratio

    (g p)^x (1 - g p)^(n - x) / (p^x (1 - p)^(n - x)),

p being the office's usual share. The detector adds up the evidence for a change on any of the days so far,
Shiryaev and Roberts' way: M_t = (M_(t-1) + 1) e_t. It alarms where M reaches ``RUN``; the change is dated to the day
from which on the evidence is largest.

Null model. A share of at most p on every day. Then the mean time to a false alarm is at least ``RUN`` days of an
office: ten years of 250 working days. p is the stated honest error, or, where that is more, the upper 90 % point of
the share of the office's first ``USUAL`` days, which is cautious, and blind to what was always so (D1, D3 and D4
are not). Assumption. Days of calls are independent but for the change; a new rule or a busier hall is a change too.
Source. J. Shin, A. Ramdas and A. Rinaldo, "E-detectors", New England Journal of Statistics in Data Science (2023).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from setara.science.fairness.honest import too_few
from setara.science.fairness.prepared import Prepared
from setara.science.fairness.result import Finding, not_computable

ID, NAME = "D10", "change alarm"
RUN: Final = 2_500
USUAL: Final = 10
#: So many days must follow the usual ones.
ENOUGH_DAYS: Final = 5
GROWTH: Final = (2.0, 4.0, 8.0)
MOST: Final = 0.5


@dataclass(frozen=True, slots=True)
class Alarm:
    """Day of the alarm and of the change, as places in the stream; ``level`` is the largest M."""

    at: int | None
    since: int | None
    level: float


def find(prepared: Prepared) -> Finding:
    """D10: a row of evidence for each office that changed, with the day of the change."""
    calls = prepared.calls
    why = prepared.not_by_rule or (too_few(calls.height) if calls is not None else "no calls")
    if why or calls is None:
        return not_computable(ID, NAME, why)
    streams = days_of(calls)
    rows: list[dict[str, Any]] = []
    watched, levels = 0, [0.0]
    for (office,), part in streams.group_by("office", maintain_order=True):
        if part.height < USUAL + ENOUGH_DAYS:
            continue
        watched += 1
        x, n = part["out_of_turn"].to_numpy(), part["calls"].to_numpy()
        usual = usual_share(x[:USUAL], n[:USUAL], prepared.options.honest_error)
        found = alarm(x[USUAL:], n[USUAL:], usual)
        levels.append(found.level)
        if found.at is not None and found.since is not None:
            after = slice(USUAL + found.since, None)
            rows.append(
                {
                    "office": office,
                    "since": part["day"][USUAL + found.since],
                    "alarm": part["day"][USUAL + found.at],
                    "usual_share": usual,
                    "share_since": float(x[after].sum() / n[after].sum()),
                    "level": found.level,
                }
            )
    if not watched:
        return not_computable(ID, NAME, f"no office has {USUAL + ENOUGH_DAYS} days with calls")
    growth = max((row["share_since"] / row["usual_share"] for row in rows), default=None)
    return Finding(
        ID,
        NAME,
        "attention" if rows else "clear",
        effect=growth,
        unit="times the usual share, in the office that grew most" if rows else "",
        e_value=max(levels),
        evidence=pl.DataFrame(rows),
        details={"days_to_a_false_alarm": RUN, "offices": watched, "usual_days": USUAL},
    )


def days_of(calls: pl.DataFrame) -> pl.DataFrame:
    """``office``, ``day``, ``calls`` (at which somebody could be passed) and ``out_of_turn``, in order."""
    could = calls.lazy().filter(pl.col("waiting") >= 2)
    counted = could.group_by("office", "day").agg(
        calls=pl.len().cast(pl.Int64), out_of_turn=(pl.col("unexplained") > 0).sum().cast(pl.Int64)
    )
    return counted.sort("office", "day").collect()


def usual_share(x: NDArray[np.int64], n: NDArray[np.int64], honest_error: float) -> float:
    """The share that an office is allowed: the stated one, or its first days' upper 90 % point."""
    from scipy.special import betaincinv

    some, of = int(x.sum()), int(n.sum())
    upper = float(betaincinv(some + 1, of - some, 0.9)) if some < of else 1.0
    return min(max(upper, honest_error, 1e-6), MOST)


def alarm(x: NDArray[np.int64], n: NDArray[np.int64], usual: float, run: float = RUN) -> Alarm:
    """The first alarm of one stream of days; see the module."""
    level, most, since, best = 0.0, 0.0, 0, 0.0
    for day in range(len(x)):
        e = day_e(int(x[day]), int(n[day]), usual)
        since, best = (day, 0.0) if best <= 0 else (since, best)
        best += float(np.log(e))
        level = (level + 1) * e
        most = max(most, level)
        if level >= run:
            return Alarm(day, since, most)
    return Alarm(None, None, most)


def day_e(x: int, n: int, usual: float) -> float:
    """The e-value of one day."""
    grown = np.minimum(np.array(GROWTH) * usual, (1 + usual) / 2)
    logs = x * np.log(grown / usual) + (n - x) * np.log((1 - grown) / (1 - usual))
    return float(np.exp(np.minimum(logs, 300)).mean())
