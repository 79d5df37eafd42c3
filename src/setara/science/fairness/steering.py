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

from typing import Any, Final

import numpy as np
import polars as pl

from setara.science.fairness.intervals import wilson
from setara.science.fairness.prepared import Prepared
from setara.science.fairness.result import Finding, not_computable

ID, NAME = "D7", "steering against the lot, and pairs of officers"
LOT: Final = "lot"
TWICE, LOWER = 2.0, 0.05
KEPT = ("case", "activity", "time", "resource", "counter", "lot", "office", "day", "call", "lane")


def find(prepared: Prepared) -> Finding:
    """D7: calls against the lot as evidence, pairs in ``details``; where there is no lot, pairs as evidence."""
    frame = prepared.log.frame
    pairs, why = _pairs(frame)
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
            details={"lot": "the log has no columns lot and counter", "pairs": pairs.head(20)},
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
        details={"calls_on_days_with_a_lot": seated, "pairs": why if pairs is None else pairs.head(20)},
    )


def _against_the_lot(frame: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """The rows at a counter that the lot did not give, and how many rows were at a counter on days with a lot."""
    office = [name for name in ("office",) if name in frame.columns]
    drawn = frame.filter(pl.col(LOT).is_not_null()).select(*office, "day").unique()
    rows = frame.filter(pl.col("counter").is_not_null()).join(drawn, on=[*office, "day"], how="semi")
    against = rows.filter(pl.col(LOT).cast(pl.String).fill_null("") != pl.col("counter").cast(pl.String))
    return against.select(name for name in KEPT if name in against.columns).sort("time", "case"), rows.height


def _pairs(frame: pl.DataFrame) -> tuple[pl.DataFrame | None, str]:
    """Officers who followed one another, most surprising first; or None and why not."""
    if "resource" not in frame.columns:
        return None, "the log has no column for the officer"
    office = pl.col("office") if "office" in frame.columns else pl.lit("")
    rows = frame.select("case", "day", "activity", "resource", "time", office=office).drop_nulls(
        ["case", "resource", "time", "activity"]
    )
    rows = rows.sort("case", "time", maintain_order=True)
    follows = (pl.col("case") == pl.col("case").shift(1)) & (pl.col("day") == pl.col("day").shift(1))
    rows = rows.with_columns(
        before=pl.col("resource").shift(1),
        step=pl.col("activity").shift(1),
        same=follows.fill_null(value=False),
    )
    place = ("office", "day", "step", "activity")
    rows = rows.filter(
        pl.col("same") & pl.col("before").is_not_null() & (pl.col("step") != pl.col("activity"))
    )
    if rows.is_empty():
        return None, "no case has two steps on one day"
    table = _counted(rows, place)
    table = table.filter((pl.col("before") != pl.col("resource")) & (pl.col("expected") > 0))
    if table.is_empty():
        return None, "no two officers follow one another"
    lower = _lower(table["observed"].to_numpy(), table["expected"].to_numpy())
    return table.with_columns(
        ratio=pl.col("observed") / pl.col("expected"), lower=pl.Series(lower)
    ).sort("lower", "before", "resource", descending=[True, False, False]), ""  # fmt: skip


def _counted(rows: pl.DataFrame, place: tuple[str, ...]) -> pl.DataFrame:
    """Each pair with how often it was seen and how often it was to be expected, as a product of sparse tables."""
    from scipy.sparse import csr_array

    names = pl.concat([rows["before"], rows["resource"]]).unique().sort()
    code = {name: at for at, name in enumerate(names)}
    first, second = (
        rows[name].replace_strict(code, return_dtype=pl.Int32).to_numpy() for name in ("before", "resource")
    )
    stratum = rows.select(pl.struct(place).rank("dense")).to_series().to_numpy().astype(np.int64) - 1
    size, one = (len(names), int(stratum.max()) + 1), np.ones(len(rows))
    n_p, n_q = (csr_array((one, (who, stratum)), shape=size) for who in (first, second))
    shares = n_q.multiply(1 / np.bincount(stratum)[None, :])
    expected = (n_p @ shares.T).tocoo()
    pairs = pl.DataFrame(
        {"before": names[expected.row], "resource": names[expected.col], "expected": expected.data}
    )
    seen = rows.group_by("before", "resource").agg(observed=pl.len(), cases=pl.col("case").head(40))
    return pairs.join(seen, on=("before", "resource"), how="left").with_columns(
        pl.col("observed").fill_null(0)
    )


def _lower(observed: np.ndarray[Any, Any], expected: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The lower 5 % point of each ratio under a gamma prior with the mean and spread of all pairs, by moments."""
    from scipy.special import gammaincinv

    mean = observed.sum() / expected.sum()
    spread = ((observed - mean * expected) ** 2 - mean * expected).sum() / (expected**2).sum()
    variance = max(float(spread), 1e-3)
    shape, rate = mean * mean / variance, mean / variance
    low: np.ndarray[Any, Any] = gammaincinv(shape + observed, LOWER) / (rate + expected)
    return low
