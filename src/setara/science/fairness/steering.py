"""D7, steering: who sat where, against the public lot; and officers who follow one another too often.

Formula, lot. A call at another counter than the lot gave the officer that day (columns ``lot`` and ``counter``);
on a day for which the office drew a lot, an officer without one sits there without it. Exact.

Formula, pairs. For two consecutive steps of a case on one day: observed = how often officer q followed officer
p; expected = n_p * n_q / n summed over office-day-steps, as if any free officer of the step could have taken the
case. The ratio is shrunken by a gamma-Poisson model fitted to all pairs; ``attention`` where the lower 5 % point
of its posterior is over 2.

Null model. Lot: none. Pairs: officers of a step take cases as they come free, whatever officer was before.
Assumptions. The lot is complete; a pair that works the same hours can follow one another by that alone.
Source. W. DuMouchel, The American Statistician 53 (1999), for the shrunken ratio.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from setara.science.events.log import Log
from setara.science.fairness.intervals import wilson
from setara.science.fairness.prepared import Prepared
from setara.science.fairness.result import Finding, not_computable

ID, NAME = "D7", "steering against the lot, and pairs of officers"
LOT: Final = "lot"
TWICE, LOWER = 2.0, 0.05
#: So many pairs stand in the details, and so many cases with each.
SHOWN, CASES = 20, 40
KEPT = ("case", "activity", "time", "resource", "counter", "lot", "office", "day", "call", "lane")


def find(prepared: Prepared) -> Finding:
    """D7: calls against the lot as evidence, pairs in ``details``; where there is no lot, pairs as evidence."""
    frame = prepared.log.frame
    pairs, why = _pairs(prepared.log)
    if LOT not in frame.columns or "counter" not in frame.columns:
        if pairs is None:
            return not_computable(ID, NAME, f"the log has no columns lot and counter, and {why}")
        flagged = pairs.filter(pl.col("lower") > TWICE)
        return Finding(
            ID,
            NAME,
            "attention" if flagged.height else "clear",
            effect=float(pairs["lower"].max() or 0.0),  # type: ignore[arg-type]
            unit="times as often as expected, lower bound of the most frequent pair",
            evidence=flagged,
            details={"lot": "the log has no columns lot and counter", "pairs": pairs.head(SHOWN)},
        )
    steered, seated = _against_the_lot(frame)
    flagged = pairs.filter(pl.col("lower") > TWICE) if pairs is not None else pl.DataFrame()
    share = steered.height / seated if seated else 0.0
    return Finding(
        ID,
        NAME,
        "attention" if steered.height or flagged.height else "clear",
        effect=share,
        unit="share of calls at another counter than drawn",
        interval=wilson(steered.height, seated),
        evidence=steered,
        details={"calls_on_days_with_a_lot": seated, "pairs": why if pairs is None else pairs.head(SHOWN)},
    )


def _against_the_lot(frame: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """The rows at a counter that the lot did not give, and how many rows were at a counter on days with a lot."""
    office = [name for name in ("office",) if name in frame.columns]
    drawn = frame.filter(pl.col(LOT).is_not_null()).select(*office, "day").unique()
    rows = frame.filter(pl.col("counter").is_not_null()).join(drawn, on=[*office, "day"], how="semi")
    against = rows.filter(pl.col(LOT).cast(pl.String).fill_null("") != pl.col("counter").cast(pl.String))
    return against.select(name for name in KEPT if name in against.columns).sort("time", "case"), rows.height


@dataclass(frozen=True)
class _Follows:
    """Steps that followed another of their case on the same day, a place each: officers as numbers of ``names``,
    the office-day-step as ``stratum`` (0 to ``strata``), and a row of the case in the log."""

    before: NDArray[np.int64]
    after: NDArray[np.int64]
    stratum: NDArray[np.int64]
    strata: int
    row: NDArray[np.int64]
    names: list[str]

    @property
    def pair(self) -> NDArray[np.int64]:
        """One number a pair of officers."""
        return self.before * len(self.names) + self.after


def _follows(log: Log) -> _Follows:
    """Neighbouring rows of a case that name officers, in order of time."""
    cases = log.cases
    codes, names = log.codes("resource")
    who = cases.arranged(codes)
    case = np.repeat(np.arange(cases.count, dtype=np.uint32), cases.lengths())
    acts, steps = log.codes("activity")
    act, day = cases.arranged(acts), cases.arranged(log.frame["day"].to_physical().to_numpy())
    place = np.arange(len(who)) if (who < len(names)).all() else np.flatnonzero(who < len(names))
    early, late = place[:-1], place[1:]
    follows = (case[early] == case[late]) & (day[early] == day[late]) & (act[early] != act[late])
    early, late = early[follows], late[follows]
    first = int(day.min()) if len(day) else 0
    stratum = (day[late] - first).astype(np.int64)
    if log.has("office"):
        offices, _ = log.codes("office")
        stratum += cases.arranged(offices)[late].astype(np.int64) * (int(day.max()) - first + 1)
    for one in (early, late):
        stratum *= len(steps)
        stratum += act[one]
    stratum, strata = _dense(stratum)
    row = late if cases.order is None else cases.order[late].astype(np.int64)
    return _Follows(who[early].astype(np.int64), who[late].astype(np.int64), stratum, strata, row, names)


def _dense(numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """The numbers that are in use, from 0 on in their order, and how many there are."""
    if len(numbers) and int(numbers.max()) < 4 * len(numbers) + (1 << 20):
        used = np.bincount(numbers) > 0
        return (np.cumsum(used) - 1)[numbers], int(used.sum())
    found, numbers = np.unique(numbers, return_inverse=True)
    return numbers, len(found)


def _pairs(log: Log) -> tuple[pl.DataFrame | None, str]:
    """Officers who followed one another, most surprising first; or None and why not. ``cases`` are named for those
    over ``TWICE`` and the first ``SHOWN``."""
    if not log.has("resource"):
        return None, "the log has no column for the officer"
    follows = _follows(log)
    if not len(follows.pair):
        return None, "no case has two steps on one day"
    table = _counted(follows).filter((pl.col("before") != pl.col("resource")) & (pl.col("expected") > 0))
    if table.is_empty():
        return None, "no two officers follow one another"
    lower = _lower(table["observed"].to_numpy(), table["expected"].to_numpy())
    table = table.with_columns(
        ratio=pl.col("observed") / pl.col("expected"), lower=pl.Series(lower)
    ).sort("lower", "before", "resource", descending=[True, False, False])  # fmt: skip
    named = table.filter((pl.col("lower") > TWICE) | (pl.int_range(pl.len()) < SHOWN))["pair"]
    table = table.join(_cases(log, follows, named), on="pair", how="left", maintain_order="left")
    return table.select("before", "resource", "expected", "observed", "cases", "ratio", "lower"), ""


def _cases(log: Log, follows: _Follows, pairs: pl.Series) -> pl.DataFrame:
    """Some cases of each of the pairs, by name."""
    pair = pl.Series("pair", follows.pair)
    at = pair.is_in(pairs.implode()).arg_true()
    found = pl.DataFrame({"pair": pair[at], "case": log.frame["case"][follows.row[at.to_numpy()]]})
    return found.sort("case").group_by("pair").agg(cases=pl.col("case").head(CASES))


def _counted(follows: _Follows) -> pl.DataFrame:
    """Each pair with how often it was seen and how often it was to be expected, as a product of sparse tables."""
    from scipy.sparse import csr_array

    names = pl.Series(follows.names, dtype=pl.String)
    size, one = (len(names), follows.strata), np.ones(len(follows.row))
    n_p, n_q = (
        csr_array((one, (who, follows.stratum)), shape=size) for who in (follows.before, follows.after)
    )
    shares = n_q.multiply(1 / np.bincount(follows.stratum)[None, :])
    expected = (n_p @ shares.T).tocoo()
    pairs = pl.DataFrame(
        {
            "pair": expected.row.astype(np.int64) * len(names) + expected.col,
            "before": names[expected.row],
            "resource": names[expected.col],
            "expected": expected.data,
        }
    )
    seen = pl.DataFrame({"pair": follows.pair}).group_by("pair").agg(observed=pl.len())
    return pairs.join(seen, on="pair", how="left").with_columns(pl.col("observed").fill_null(0))


def _lower(observed: np.ndarray[Any, Any], expected: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The lower 5 % point of each ratio under a gamma prior with the mean and spread of all pairs, by moments."""
    from scipy.special import gammaincinv

    mean = observed.sum() / expected.sum()
    spread = ((observed - mean * expected) ** 2 - mean * expected).sum() / (expected**2).sum()
    variance = max(float(spread), 1e-3)
    shape, rate = mean * mean / variance, mean / variance
    low: np.ndarray[Any, Any] = gammaincinv(shape + observed, LOWER) / (rate + expected)
    return low
