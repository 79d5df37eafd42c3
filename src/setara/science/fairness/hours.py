"""Service out of hours and without a call: exact, where hours are given or calls are recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import Final

import polars as pl

from setara.science.events.log import Log
from setara.science.fairness.model import Model

#: A step to which people are called: so many of its rows have a call.
CALLED: Final = 0.9
EMPTY: Final = pl.DataFrame(
    schema={"case": pl.String, "activity": pl.String, "time": pl.Datetime("us", "UTC"), "what": pl.String}
)
OUTSIDE, UNCALLED = "out of hours", "without a call"


@dataclass(frozen=True)
class Hours:
    """What was found, and by which rule; the rule is empty where nothing could be said."""

    evidence: pl.DataFrame
    rule: str


def out_of_hours(log: Log, model: Model) -> Hours:
    """Rows of steps of the model that were served when nobody should have been."""
    steps = log.frame.lazy().filter(pl.col("activity").is_in(list(model.steps))).collect()
    if "absent" in steps.columns:
        steps = steps.filter(pl.col("absent").is_null())
    if model.hours is not None:
        return _outside(steps, model, model.hours)
    if "call" in steps.columns:
        return _uncalled(steps)
    return Hours(EMPTY, "")


def _outside(steps: pl.DataFrame, model: Model, hours: tuple[time, time]) -> Hours:
    begins = _begin(steps)
    if model.zone is not None:
        clock = begins.dt.convert_time_zone(model.zone.key).dt.time()
    elif "offset" in steps.columns:
        clock = (begins + pl.duration(minutes="offset")).dt.time()
    else:
        clock = begins.dt.time()
    opens, closes = hours
    found = steps.filter((clock < opens) | (clock >= closes))
    rule = f"service that begins before {opens:%H:%M} or from {closes:%H:%M} on, as the model says"
    return Hours(_rows(found.with_columns(what=pl.lit(OUTSIDE))), rule)


def _begin(steps: pl.DataFrame) -> pl.Expr:
    return pl.coalesce(role for role in ("start", "call", "time") if role in steps.columns)


def _uncalled(steps: pl.DataFrame) -> Hours:
    called = steps.group_by("activity").agg(share=pl.col("call").is_not_null().mean())
    hall = called.filter(pl.col("share") >= CALLED)["activity"]
    if hall.is_empty():
        return Hours(EMPTY, "")
    by = ["office", "day"] if "office" in steps.columns else ["day"]
    inside = steps.filter(pl.col("call").is_not_null())
    span = inside.group_by(by).agg(opens=pl.col("call").min(), closes=pl.col("time").max())
    rows = steps.filter(pl.col("activity").is_in(hall.implode()) & pl.col("call").is_null())
    rows = rows.with_columns(_begin(steps).alias("begins:")).join(span, on=by, how="left", nulls_equal=True)
    outside = (
        pl.col("opens").is_null()
        | (pl.col("begins:") < pl.col("opens"))
        | (pl.col("begins:") > pl.col("closes"))
    )
    rows = rows.with_columns(what=pl.when(outside).then(pl.lit(OUTSIDE)).otherwise(pl.lit(UNCALLED)))
    rule = (
        f"steps to which people are called ({', '.join(sorted(hall))}), done without a call; out of hours before the "
        "first call of the office's day or after the last service that was called"
    )
    return Hours(_rows(rows), rule)


def _rows(found: pl.DataFrame) -> pl.DataFrame:
    kept = ("case", "activity", "time", "resource", "what", "office", "start")
    return found.select(name for name in kept if name in found.columns)
