"""D3, favoured applicants: whose visit was out of turn by more than honest mistakes explain.

Formula. S = sum over the calls of one case on one day of -log P0(depth >= d | step, length of the line), where P0
is the null model of :mod:`setara.science.fairness.honest`: a call is out of turn with the stated honest error, and
then passes a geometric number of people. p = P(S >= s) under that model, given how long the lines were that the
case met: one call out of turn anywhere, or two, exactly; three and more by their bound. Cases that nobody could
have been passed for (never two in a line) are no tests. Benjamini-Hochberg at ``LEVEL`` among the cases of one
office and day.

Null model. Honest mistakes only: each call independently, at the stated rate, the tail learnt from other officers.
Assumptions. The stated rate is not below the true one (twice the rate about doubles the false findings); reasons
that are proven are excused before. A case on the list was called out of turn: whether as a favour, people decide.
Source. Y. Benjamini and Y. Hochberg, JRSS B 57 (1995).
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from setara.science.fairness.exact import benjamini_hochberg
from setara.science.fairness.honest import Honest, learn, tail, too_few
from setara.science.fairness.intervals import wilson
from setara.science.fairness.prepared import Prepared
from setara.science.fairness.result import Finding, not_computable

ID, NAME = "D3", "favoured applicants"
LEVEL: Final = 0.025
VISIT: Final = ("office", "day", "case")
EVIDENCE: Final = (
    "case", "activity", "time", "resource", "depth", "waiting", "office", "day", "call", "places",
    "p_value", "q_value",
)  # fmt: skip


def find(prepared: Prepared) -> Finding:
    """D3: the calls out of turn of the cases on the lists of their days."""
    calls = prepared.calls
    why = prepared.not_by_rule or (too_few(calls.height) if calls is not None else "no calls")
    if why or calls is None:
        return not_computable(ID, NAME, why)
    honest_error = prepared.options.honest_error
    tested = visits(calls, learn(calls, honest_error))
    listed = tested.filter(pl.col("q_value") <= LEVEL)
    evidence = _evidence(calls, listed)
    could = tests(calls)
    total = int(could["tests"].sum())
    return Finding(
        ID,
        NAME,
        "attention" if listed.height else "clear",
        effect=listed.height / total if total else 0.0,
        unit="share of visits",
        interval=wilson(listed.height, total),
        q_value=float(tested["q_value"].min()) if tested.height else 1.0,  # type: ignore[arg-type]
        evidence=evidence,
        explained=(("out of turn, but as honest mistakes are", tested.height - listed.height),),
        details={
            "honest_error": honest_error,
            "level": LEVEL,
            "visits": total,
            "office_days": could.height,
            "listed": listed.height,
            "places_gained": int(listed["places"].sum()),
        },
    )


def tests(calls: pl.DataFrame) -> pl.DataFrame:
    """How many cases of each office and day met a line in which somebody could be passed (``tests``)."""
    return (
        calls.filter(pl.col("waiting") >= 2)
        .group_by("office", "day")
        .agg(tests=pl.col("case").n_unique())
        .sort("office", "day")
    )


def visits(calls: pl.DataFrame, honest: Honest) -> pl.DataFrame:
    """Every visit with a call out of turn: ``office``, ``day``, ``case``, ``places`` (people passed in all),
    ``score`` (S), ``p_value`` and ``q_value`` among the visits of its office and day; sorted by these."""
    could = calls.filter(pl.col("waiting") >= 2)
    marked = could.filter(pl.col("unexplained") > 0).select(VISIT).unique()
    rows = could.join(marked, on=list(VISIT), how="semi", nulls_equal=True).sort(*VISIT, "call")
    found: list[tuple[Any, ...]] = []
    for key, part in rows.group_by(VISIT, maintain_order=True):
        met = list(part.select("activity", "resource", "waiting", "unexplained").iter_rows())
        score, p = _p_value(met, honest)
        found.append((*key, int(part["unexplained"].sum()), score, p))
    schema = {name: rows.schema[name] for name in VISIT} | {
        "places": pl.Int64, "score": pl.Float64, "p_value": pl.Float64,
    }  # fmt: skip
    table = pl.DataFrame(found, schema=schema, orient="row")
    sizes = tests(calls)
    table = table.join(sizes, on=["office", "day"], how="left", nulls_equal=True)
    return _with_q(table)


def _with_q(table: pl.DataFrame) -> pl.DataFrame:
    """q by Benjamini-Hochberg in each office and day; visits without a call out of turn have p = 1."""
    parts = []
    for _, part in table.group_by("office", "day", maintain_order=True):
        p = np.ones(int(part["tests"][0]))
        p[: part.height] = part["p_value"].to_numpy()
        parts.append(part.with_columns(q_value=pl.Series(benjamini_hochberg(p)[: part.height])))
    done = pl.concat(parts) if parts else table.with_columns(q_value=pl.lit(1.0))
    return done.drop("tests").sort("office", "day", "q_value", "p_value", "case")


def _p_value(met: list[tuple[str, str, int, int]], honest: Honest) -> tuple[float, float]:
    """Score and p of one visit: ``met`` has step, officer, length of the line and depth of each of its calls."""
    chances = [honest.error * tail(honest.ratio(step, officer), waiting) for step, officer, waiting, _ in met]
    values = [-np.log(one) for one in chances]
    score = sum(float(value[depth - 1]) for value, (*_, depth) in zip(values, met, strict=True) if depth > 0)
    p = sum(_reaching(value, chance, score) for value, chance in zip(values, chances, strict=True))
    for at, (value, chance) in enumerate(zip(values, chances, strict=True)):
        exactly = chance - np.append(chance[1:], 0.0)
        for other, other_chance in zip(values[at + 1 :], chances[at + 1 :], strict=True):
            rest = np.append(other_chance, 0.0)[np.searchsorted(other, score - value - 1e-9)]
            p += float((exactly * rest).sum())
    p += math.comb(len(met), 3) * honest.error**3
    return score, min(p, 1.0)


def _reaching(values: NDArray[np.float64], chances: NDArray[np.float64], score: float) -> float:
    """The chance that one call alone scores at least ``score``; values rise with the depth."""
    at = int(np.searchsorted(values, score - 1e-9))
    return float(chances[at]) if at < len(chances) else 0.0


def _evidence(calls: pl.DataFrame, listed: pl.DataFrame) -> pl.DataFrame:
    """The calls out of turn of the visits on the list, the surest visit first."""
    rows = calls.filter(pl.col("unexplained") > 0).with_columns(depth="unexplained")
    rows = rows.join(listed, on=list(VISIT), how="inner", nulls_equal=True)
    rows = rows.sort("q_value", "p_value", "case", "call")
    return rows.select(name for name in EVIDENCE if name in rows.columns)
