"""D4, favouring officers: whose calls out of turn pass people as favours do, not as mistakes do.

Formula. For each call out of turn without a proven reason, in a line of w people, with depth d:

    e = (1 - k) f1(d) / ((1 - k) f0(d) + k u(d)),    k = ``FLOOR`` = 0.05,   u = 1 / (w - 1),
    f1 = half uniform, half just-arrived (geometric from the end of the line, ratio ``ARRIVED``),

f0 the depth of honest mistakes as the *other* officers of the log show it (:mod:`.honest`). The evidence against an
officer is the product over the calls so far: an e-process. A list of a day holds the officers whom e-BH at
``LEVEL`` picks from the evidence of that day: the k largest, where the k-th is at least m / (``LEVEL`` k), of m
officers. Being on a list means *worth a look*. The *standing* list is stricter and never forgets: e-BH on
A(largest so far), A(x) = (x - 1 - log x) / (log x)^2.

Null model. An honest officer's mistakes have depths from f0, but for at most a share k spread in any way; then each
factor has a mean of at most 1. How *often* somebody errs is not held against them: careless is not selective.
Assumption. Depths of honest mistakes of one officer are like those of the others. Peers who all favour hide each
other here; D1, D2, D5 and D9 need no peers.
Source. R. Wang and A. Ramdas, JRSS B 84 (2022), e-BH; L. Tavyrikov, J. Goeman and R. de Heide, arXiv 2501.19360
(2025), adjusters; the floor: estimated tails lie, measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from setara.science.fairness.honest import ARRIVED, Honest, learn, tail, too_few
from setara.science.fairness.prepared import Prepared
from setara.science.fairness.result import Finding, not_computable

ID, NAME = "D4", "favouring officers"
LEVEL: Final = 0.05
FLOOR: Final = 0.05
#: The calls that carry the evidence against one officer: at most so many are shown.
CARRYING: Final = 6
EVIDENCE: Final = (
    "case", "activity", "time", "resource", "depth", "waiting", "office", "day", "call", "e_factor",
)  # fmt: skip


@dataclass(frozen=True)
class Lists:
    """``officers``: one row each with ``resource``, ``calls`` (at which somebody could be passed), ``out_of_turn``,
    ``e_value`` (now), ``largest``, ``first_day`` (first on a day's list, or null), ``standing_day`` (first on the
    standing list). ``factors``: the calls out of turn with ``e_factor``."""

    officers: pl.DataFrame
    factors: pl.DataFrame


def find(prepared: Prepared) -> Finding:
    """D4: the calls that carry the evidence against each officer who was on a list."""
    calls = prepared.calls
    why = prepared.not_by_rule or (too_few(calls.height) if calls is not None else "no calls")
    if not why and calls is not None and _officers(calls) < 2:
        why = "fewer than two officers are named: how honest people err is learnt from the others"
    if why or calls is None:
        return not_computable(ID, NAME, why)
    lists = watch(calls, learn(calls, prepared.options.honest_error))
    listed = lists.officers.filter(pl.col("first_day").is_not_null())
    carrying = lists.factors.join(listed.select("resource"), on="resource", how="semi")
    carrying = carrying.with_columns(depth="unexplained").sort("e_factor", "call", descending=[True, False])
    carrying = carrying.group_by("resource", maintain_order=True).head(CARRYING)
    most = lists.officers["e_value"].max()
    return Finding(
        ID,
        NAME,
        "attention" if listed.height else "clear",
        effect=float(listed.height),
        unit=f"officers of {lists.officers.height} worth a look",
        e_value=float(most) if most is not None else 1.0,  # type: ignore[arg-type]
        evidence=carrying.select(name for name in EVIDENCE if name in carrying.columns),
        explained=(
            ("officers with calls out of turn whose depths are those of mistakes",
             lists.officers.filter((pl.col("out_of_turn") > 0) & pl.col("first_day").is_null()).height),
        ),
        details={
            "level": LEVEL,
            "floor": FLOOR,
            "honest_error": prepared.options.honest_error,
            "means": "worth a look; no accusation",
            "officers": lists.officers.sort("e_value", descending=True).to_dicts(),
        },
    )  # fmt: skip


def _officers(calls: pl.DataFrame) -> int:
    """How many are named."""
    return len(set(calls["resource"].unique()) - {""})


def watch(calls: pl.DataFrame, honest: Honest) -> Lists:
    """The lists of every day of a log; ``calls`` has the columns ``honest.NEEDED``."""
    named, out = (pl.col("resource") != "") & (pl.col("waiting") >= 2), pl.col("unexplained") > 0
    counted = calls.lazy().filter(named).group_by("resource").agg(
        calls=pl.len(), out_of_turn=out.sum().cast(pl.Int64)
    ).sort("resource").collect()  # fmt: skip
    factors = calls.filter(named & out).sort("day", "call", "resource")
    values = [
        factor(depth, waiting, honest.ratio(step, officer))
        for step, officer, waiting, depth in factors.select(
            "activity", "resource", "waiting", "unexplained"
        ).iter_rows()
    ]
    factors = factors.with_columns(e_factor=pl.Series(values, dtype=pl.Float64))
    return Lists(_listed(counted, factors), factors)


def factor(depth: int, waiting: int, ratio: float) -> float:
    """The e-value of one call out of turn; see the module. ``1 <= depth < waiting``."""
    longest = waiting - 1
    uniform = 1 / longest
    beyond = tail(ratio, waiting)
    honest = beyond[depth - 1] - (beyond[depth] if depth < longest else 0.0)
    arrived = (1 - ARRIVED) * ARRIVED ** (longest - depth) / (1 - ARRIVED**longest)
    favour = 0.5 * uniform + 0.5 * arrived
    return float((1 - FLOOR) * favour / ((1 - FLOOR) * honest + FLOOR * uniform))


def e_bh(e: NDArray[np.float64], level: float) -> NDArray[np.bool_]:
    """Which of the e-values e-BH picks."""
    order = np.argsort(-e, kind="stable")
    enough = e[order] * np.arange(1, len(e) + 1) >= len(e) / level
    picked = np.zeros(len(e), np.bool_)
    if enough.any():
        picked[order[: int(np.flatnonzero(enough)[-1]) + 1]] = True
    return picked


def adjusted(largest: NDArray[np.float64]) -> NDArray[np.float64]:
    """An e-value from the largest value an e-process ever had; at most 1 turns into 1/2, the limit at 1."""
    x = np.maximum(largest, 1 + 1e-6)
    log = np.log(x)
    return np.asarray((x - 1 - log) / log**2)


def _listed(counted: pl.DataFrame, factors: pl.DataFrame) -> pl.DataFrame:
    """Day by day: the product so far, its largest value, and the two lists."""
    at = {name: i for i, name in enumerate(counted["resource"])}
    logs, largest = np.zeros(len(at)), np.zeros(len(at))
    first: list[Any] = [None] * len(at)
    standing: list[Any] = [None] * len(at)
    for (day,), part in factors.group_by("day", maintain_order=True):
        for name, value in part.select("resource", "e_factor").iter_rows():
            logs[at[name]] += np.log(value)
        largest = np.maximum(largest, logs)
        e, most = np.exp(np.minimum(logs, 700)), np.exp(np.minimum(largest, 700))
        for picked, days in ((e_bh(e, LEVEL), first), (e_bh(adjusted(most), LEVEL), standing)):
            for who in np.flatnonzero(picked):
                days[who] = days[who] if days[who] is not None else day
    kind = factors.schema["day"]
    return counted.with_columns(
        e_value=pl.Series(np.exp(np.minimum(logs, 700))),
        largest=pl.Series(np.exp(np.minimum(largest, 700))),
        first_day=pl.Series(first, dtype=kind),
        standing_day=pl.Series(standing, dtype=kind),
    )
