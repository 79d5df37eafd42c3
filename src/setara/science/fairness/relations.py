"""D6, relation enrichment: whether people linked to the staff, or to each other, wait less than the others.

Formula. ``linked`` = cases with a value in a column of relations (``relation``, ``related_to``, ``linked``,
``agency``, ``phone_group``, ``family_card``; "no", "false" and "0" are none). For each call: its wait in ranks
inside office, day, activity, lane and hour of joining; effect = mean rank of the others less that of the linked,
inside those strata (0 to 1: share of the line that is jumped). Beside it Mantel and Haenszel's odds ratio for
"called out of turn".

Null model. The link could as well have been dealt out to the visits of the same hour at random; drawn by
permuting it inside the strata. Assumptions. Relations are declared honestly, and come from the inspectorate: they
are personal data and stand in no log that goes round. A small effect over many calls is a question, no answer.
Source. N. Mantel and W. Haenszel, JNCI 22 (1959).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import polars as pl

from setara.science.fairness.draws import durations
from setara.science.fairness.groups import weighted
from setara.science.fairness.intervals import Z95
from setara.science.fairness.prepared import Prepared
from setara.science.fairness.result import Finding, not_computable

ID, NAME = "D6", "people with relations to the staff"
COLUMNS: Final = ("relation", "related_to", "linked", "agency", "phone_group", "family_card")
NONE: Final = ("", "no", "none", "false", "0", "tidak")
FEWEST: Final = 10


def find(prepared: Prepared) -> Finding:
    """D6 over the first column of relations that the log has."""
    frame = prepared.log.frame
    column = next(
        (name for each in COLUMNS for name in (each, f"case:{each}") if name in frame.columns), None
    )
    if column is None:
        why = f"the log has no column of relations ({', '.join(COLUMNS)}); the inspectorate holds them"
        return not_computable(ID, NAME, why)
    if prepared.calls is None:
        return not_computable(ID, NAME, prepared.no_calls)
    said = pl.col(column).cast(pl.String).fill_null("").str.strip_chars().str.to_lowercase()
    linked = frame.select("case", linked=~said.is_in(NONE)).group_by("case").agg(pl.col("linked").any())
    calls = prepared.calls.join(linked, on="case", how="left").with_columns(
        hour=pl.col("enqueue").dt.truncate("1h"),
        wait=(pl.col("call") - pl.col("enqueue")).dt.total_microseconds(),
    )
    place = ("office", "day", "activity", "lane", "hour")
    calls = calls.with_columns(
        rank=(pl.col("wait").rank().over(place) - 0.5) / pl.len().over(place), here=pl.len().over(place)
    )
    calls = calls.filter(pl.col("here") > 1).sort(*place, "row")
    n = int(calls["linked"].sum())
    if n < FEWEST or n == calls.height:
        return not_computable(ID, NAME, f"only {n} of {calls.height} comparable calls are of linked people")
    return _tested(calls, place, column, prepared.options.seed)


def _tested(calls: pl.DataFrame, place: tuple[str, ...], column: str, seed: int) -> Finding:
    stratum = calls.select(pl.struct(place).rank("dense")).to_series().to_numpy().astype(np.int64) - 1
    label, rank = calls["linked"].to_numpy(), calls["rank"].to_numpy()
    (p,) = durations([label], rank, stratum, np.random.default_rng(seed))
    strata = int(stratum.max()) + 1
    n, total, square = (np.bincount(stratum, w, strata) for w in (None, rank, rank**2))
    n1, sum1 = (np.bincount(stratum[label], w, strata) for w in (None, rank[label]))
    both = (n1 > 0) & (n1 < n)
    n1, n0 = n1[both].astype(float), (n - n1)[both].astype(float)
    effect = -weighted(sum1[both] / n1, (total - sum1)[both] / n0, n1, n0)
    variance = np.maximum(square[both] / (n1 + n0) - (total[both] / (n1 + n0)) ** 2, 0) * (1 / n1 + 1 / n0)
    weight = n1 * n0 / (n1 + n0)
    half = Z95 * float(np.sqrt(((weight / weight.sum()) ** 2 * variance).sum()))
    ahead = calls.filter(pl.col("linked") & (pl.col("unexplained") > 0)).sort("depth", descending=True)
    found = p <= 0.05 and effect > 0
    kept = ("case", "activity", "time", "resource", "depth", "office", "day", "lane", "enqueue", "call")
    return Finding(
        ID,
        NAME,
        "attention" if found else "clear",
        effect=effect,
        unit="share of the line by which linked people wait less",
        interval=(effect - half, effect + half),
        q_value=p,
        evidence=ahead.select(name for name in kept if name in ahead.columns) if found else ahead.clear().select(
            name for name in kept if name in ahead.columns
        ),
        details={"column": column, "linked_calls": int(label.sum()), "calls": calls.height,
                 "odds_ratio_out_of_turn": _odds(calls, stratum)},
    )  # fmt: skip


def _odds(calls: pl.DataFrame, stratum: np.ndarray[Any, Any]) -> float | None:
    """Mantel and Haenszel's common odds ratio of being called out of turn, linked against others."""
    label, out = calls["linked"].to_numpy(), (calls["unexplained"] > 0).to_numpy()
    strata = int(stratum.max()) + 1
    a, b, c, d = (
        np.bincount(stratum[mask], minlength=strata).astype(float)
        for mask in (label & out, label & ~out, ~label & out, ~label & ~out)
    )
    n = a + b + c + d
    below = float((b * c / n).sum())
    return float((a * d / n).sum()) / below if below > 0 else None
