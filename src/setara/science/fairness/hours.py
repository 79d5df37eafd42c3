"""Service out of hours and without a call: exact, where hours are given or calls are recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

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
    codes, names = log.codes("activity")
    kept = np.isin(names, model.steps)[codes]
    if "absent" in log.frame.columns:
        kept &= log.frame["absent"].is_null().to_numpy()
    if model.hours is not None:
        return _outside(log.frame.filter(pl.Series(kept)), model, model.hours)
    if "call" in log.frame.columns:
        return _uncalled(log, kept)
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


def _uncalled(log: Log, kept: NDArray[np.bool_]) -> Hours:
    """``kept``: which rows are steps of the model."""
    codes, names = log.codes("activity")
    uncalled = log.frame["call"].is_null().to_numpy()
    of, bare = (np.bincount(codes[mask], minlength=len(names)) for mask in (kept, kept & uncalled))
    called = (of > 0) & (of - bare >= CALLED * of)
    hall = [name for name, is_called in zip(names, called, strict=True) if is_called]
    if not hall:
        return Hours(EMPTY, "")
    steps = log.frame
    by = ["office", "day"] if "office" in steps.columns else ["day"]
    rows = steps.filter(pl.Series(kept & uncalled & called[codes]))
    inside = steps.lazy().filter(pl.Series(kept & ~uncalled)).join(rows.lazy().select(by).unique(), on=by, how="semi",
                                                                   nulls_equal=True)  # fmt: skip
    span = inside.group_by(by).agg(opens=pl.col("call").min(), closes=pl.col("time").max()).collect()
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
