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

from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from setara.science.fairness.calls import CASE
from setara.science.fairness.honest import Honest, learn, too_few
from setara.science.fairness.intervals import wilson
from setara.science.fairness.prepared import Prepared
from setara.science.fairness.result import Finding, not_computable
from setara.science.fairness.visit_kernels import score_and_p

ID, NAME = "D3", "favoured applicants"
LEVEL: Final = 0.025
VISIT: Final = ("office", "day", "case")
MET: Final = (*VISIT, "call", "activity", "resource", "waiting", "unexplained")
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
    could = tests(calls)
    tested = visits(calls, learn(calls, honest_error), could)
    listed = tested.filter(pl.col("q_value") <= LEVEL)
    evidence = _evidence(calls, listed)
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
    case = CASE if CASE in calls.columns else "case"
    could = calls.lazy().filter(pl.col("waiting") >= 2).group_by("office", "day")
    return could.agg(tests=pl.col(case).n_unique()).sort("office", "day").collect()


def visits(calls: pl.DataFrame, honest: Honest, could: pl.DataFrame | None = None) -> pl.DataFrame:
    """Every visit with a call out of turn: ``office``, ``day``, ``case``, ``places`` (people passed in all),
    ``score`` (S), ``p_value`` and ``q_value`` among the visits of its office and day; sorted by these.
    ``could``: the answer of :func:`tests`, where it is known."""
    rows = _met(calls)
    places = rows.group_by(VISIT, maintain_order=True).agg(
        places=pl.col("unexplained").sum().cast(pl.Int64), met=pl.len()
    )
    score, p = _scored(rows, places["met"].to_numpy(), honest)
    table = places.drop("met").with_columns(score=pl.Series(score), p_value=pl.Series(p))
    sizes = tests(calls) if could is None else could
    return _with_q(table.join(sizes, on=["office", "day"], how="left", nulls_equal=True))


def _met(calls: pl.DataFrame) -> pl.DataFrame:
    """All calls of the visits with a call out of turn, visit after visit, at which somebody could be passed."""
    could, out = pl.col("waiting") >= 2, pl.col("unexplained") > 0
    marked = calls.lazy().filter(could & out).select(VISIT).unique().collect()
    if CASE in calls.columns:  # nearly all rows are of other cases
        case = calls[CASE].to_numpy()
        some = np.zeros(int(case.max()) + 1 if len(case) else 1, dtype=np.bool_)
        some[calls.lazy().filter(could & out).select(CASE).collect()[CASE].to_numpy()] = True
        calls = calls.select(MET).filter(pl.Series(some[case]))
    rows = calls.lazy().filter(could).select(MET)
    rows = rows.join(marked.lazy(), on=list(VISIT), how="semi", nulls_equal=True)
    return rows.sort(*VISIT, "call").collect()


def _scored(
    rows: pl.DataFrame, met: NDArray[Any], honest: Honest
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Score and p of each visit; ``rows`` are the calls, visit after visit, ``met`` says how many each has."""
    pairs = rows.select("activity", "resource").unique()
    ratios = [honest.ratio(step, officer) for step, officer in pairs.iter_rows()]
    pairs = pairs.with_columns(ratio=pl.Series(ratios, dtype=pl.Float64))
    ratio = rows.join(
        pairs, on=["activity", "resource"], how="left", nulls_equal=True, maintain_order="left"
    )["ratio"]
    starts = np.concatenate([[0], np.cumsum(met)]).astype(np.int64)
    waiting, depth = (rows[name].cast(pl.Int64).to_numpy() for name in ("waiting", "unexplained"))
    score, p = score_and_p(starts, ratio.to_numpy(), waiting, depth, honest.error)
    return score, p


def _with_q(table: pl.DataFrame) -> pl.DataFrame:
    """q by Benjamini-Hochberg in each office and day; visits without a call out of turn have p = 1, and come last."""
    place = ("office", "day")
    table = table.sort(*place, "p_value")
    rank = pl.int_range(1, pl.len() + 1).over(place)
    table = table.with_columns(q_value=pl.col("p_value") * pl.col("tests") / rank)
    lowest = pl.col("q_value").cum_min(reverse=True).over(place)
    table = table.with_columns(q_value=pl.min_horizontal(lowest, pl.lit(1.0)))
    return table.drop("tests").sort("office", "day", "q_value", "p_value", "case")


def _evidence(calls: pl.DataFrame, listed: pl.DataFrame) -> pl.DataFrame:
    """The calls out of turn of the visits on the list, the surest visit first."""
    rows = calls.filter(pl.col("unexplained") > 0).with_columns(depth="unexplained")
    rows = rows.join(listed, on=list(VISIT), how="inner", nulls_equal=True)
    rows = rows.sort("q_value", "p_value", "case", "call")
    return rows.select(name for name in EVIDENCE if name in rows.columns)
