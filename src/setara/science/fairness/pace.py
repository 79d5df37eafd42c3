"""Waits, durations and handovers: how long people wait and are served, and who passes work to whom.

Wait: from joining (``enqueue``) to the call (or start). Service: from the start to the completion; where the log
records no start, from the call. What has no length (start and completion are the same moment) is not known.

Unusually short or long. A service is too short where it is shorter than a fifth of its step's median and lies in
the lowest 1 % of the step; too long where it takes more than three medians and lies in the highest 1 %; both only
where at least 50 durations of the step are known. That is a reason to look, no proof: short cases exist.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray

from setara.science.events.log import Log

ENOUGH: Final = 50
SHORT, LONG = 0.2, 3.0
TAIL: Final = 0.01
LISTED, PAIRS = 200, 20


def of(log: Log, done: NDArray[np.bool_] | None = None) -> dict[str, Any]:
    """Tables: ``waits`` and ``services`` by activity (seconds), ``unusual`` services, ``handovers``.

    ``done``: which rows are steps that were done; None: all. A table is empty where the log lacks its moments.
    """
    codes, names = log.codes("activity")
    if done is None:
        done = np.ones(len(codes), dtype=bool)
    served = lengths(log, "start" if log.has("start") else "call", "time")
    if served is not None:
        served = np.where(served > 0, served, -1)
    services = by_activity(codes, names, served, done)
    return {
        "waits": waits(log, done),
        "services": services,
        "unusual": _unusual(log, codes, names, served, done, services),
        "handovers": handovers(log),
    }


def waits(log: Log, done: NDArray[np.bool_] | None = None) -> pl.DataFrame:
    """Waits by activity: ``activity``, ``n``, ``median``, ``p90``, ``p95``, ``p99`` in seconds."""
    codes, names = log.codes("activity")
    waited = lengths(log, "enqueue", "call" if log.has("call") else "start")
    return by_activity(codes, names, waited, np.ones(len(codes), dtype=bool) if done is None else done)


def lengths(log: Log, early: str, late: str) -> NDArray[np.int64] | None:
    """Microseconds from one moment to another, a row each; -1 where they are not known; None: nowhere."""
    if not log.has(early, late):
        return None
    between = (log.frame[late] - log.frame[early]).to_physical().fill_null(-1)
    whole: NDArray[np.int64] = between.to_numpy()
    return whole


def by_activity(
    codes: NDArray[np.uint32], names: list[str], length: NDArray[np.int64] | None, done: NDArray[np.bool_]
) -> pl.DataFrame:
    """How the lengths of each activity are spread; lengths below 0 and rows not ``done`` do not count."""
    quantiles = {"low": TAIL, "median": 0.5, "p90": 0.9, "p95": 0.95, "p99": 1 - TAIL}
    schema = {"activity": pl.String, "n": pl.UInt32} | dict.fromkeys(quantiles, pl.Float64)
    if length is None:
        return pl.DataFrame(schema=schema)
    parted, starts = _by_code(codes, length, done, len(names))
    counted = np.diff(starts)
    rows = []
    for code in np.flatnonzero(counted):
        part = parted[starts[code] : starts[code + 1]]
        # The nearest value, as they are: no mean of two lengths that nobody had.
        places = [round(at * (len(part) - 1)) for at in quantiles.values()]
        part = np.partition(part, sorted(set(places)))
        rows.append((names[code], len(part), *(float(part[place]) / 1e6 for place in places)))
    return pl.DataFrame(rows, schema=schema, orient="row")


@njit(cache=True, nogil=True)
def _by_code(codes: Any, length: Any, done: Any, size: int) -> Any:  # pragma: no cover - compiled
    """The known lengths of the rows that count, those of one code together, and where each code begins."""
    starts = np.zeros(size + 2, dtype=np.int64)
    for row in range(len(codes)):
        starts[codes[row] + 1] += done[row] and length[row] >= 0
    for code in range(size + 1):
        starts[code + 1] += starts[code]
    to, parted = starts.copy(), np.empty(starts[-1], dtype=np.int64)
    for row in range(len(codes)):
        if done[row] and length[row] >= 0:
            parted[to[codes[row]]] = length[row]
            to[codes[row]] += 1
    return parted, starts[: size + 1]


def _unusual(
    log: Log,
    codes: NDArray[np.uint32],
    names: list[str],
    served: NDArray[np.int64] | None,
    done: NDArray[np.bool_],
    services: pl.DataFrame,
) -> pl.DataFrame:
    """The services that are too short or too long by the rule above, the farthest first, ``LISTED`` of each;
    ``of`` says how many there are of the kind."""
    kept = [name for name in ("case", "activity", "time", "resource", "office") if log.has(name)]
    blank = log.frame.clear().select(kept).with_columns(
        pl.lit(None, dtype=pl.String).alias("what"), pl.lit(None, dtype=pl.Float64).alias("seconds"),
        pl.lit(None, dtype=pl.Float64).alias("limit"), pl.lit(None, dtype=pl.UInt32).alias("of"),
    )  # fmt: skip
    if served is None:
        return blank
    shortest, longest = np.full(len(names), -1.0), np.full(len(names), np.inf)
    at = {name: code for code, name in enumerate(names)}
    for row in services.filter(pl.col("n") >= ENOUGH).iter_rows(named=True):
        shortest[at[row["activity"]]] = min(SHORT * row["median"], row["low"])
        longest[at[row["activity"]]] = max(LONG * row["median"], row["p99"])
    seconds = served / 1e6
    short, long = (seconds > 0) & (seconds < shortest[codes]) & done, (seconds > longest[codes]) & done
    found = []
    for what, mask, limits in (("too short", short, shortest), ("too long", long, longest)):
        rows = np.flatnonzero(mask)
        far = np.abs(np.log(seconds[rows] / limits[codes[rows]]))
        total = len(rows)
        rows = rows[np.argsort(-far, kind="stable")][:LISTED]
        table = log.frame.select(kept)[rows].with_columns(pl.lit(what).alias("what"))
        found.append(
            table.with_columns(
                pl.Series("seconds", seconds[rows]),
                pl.Series("limit", limits[codes[rows]]),
                pl.lit(total, dtype=pl.UInt32).alias("of"),
            )
        )
    return pl.concat([blank, *found])


def handovers(log: Log) -> pl.DataFrame:
    """Who passes work to whom: ``giver``, ``taker``, ``n``, the most frequent pairs of different people.

    A handover is a pair of neighbouring rows of a case that both name a resource.
    """
    schema = {"giver": pl.String, "taker": pl.String, "n": pl.UInt32}
    if not log.has("resource"):
        return pl.DataFrame(schema=schema)
    codes, names = log.codes("resource")
    people = log.cases.arranged(codes)
    inside = np.ones(len(people), dtype=bool)
    inside[log.cases.starts[:-1]] = False
    giver, taker = people[:-1], people[1:]
    both = inside[1:] & (giver < len(names)) & (taker < len(names)) & (giver != taker)
    pairs = giver[both].astype(np.int64) * len(names) + taker[both]
    counts = (
        pl.DataFrame({"pair": pairs})
        .lazy()
        .group_by("pair")
        .len("n")
        .sort("n", "pair", descending=[True, False])
    )
    top = counts.head(PAIRS).collect()
    who = top["pair"].to_list()
    return pl.DataFrame(
        {
            "giver": [names[one // len(names)] for one in who],
            "taker": [names[one % len(names)] for one in who],
            "n": top["n"],
        },
        schema=schema,
    )
