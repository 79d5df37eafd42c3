"""The calls of a log as a table: who joined which line when, when they were called, and when they were away.

A call is a row with a moment of joining (``enqueue``) and a moment of calling (``call``, or ``start`` where the
log has no ``call``). Everything else is counted and left out; nothing is filled in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from setara.science.events.log import Log
from setara.science.events.moments import how, parsed

#: Columns of the table besides the attributes that detectors ask for by name.
KEPT = (
    "case",
    "activity",
    "time",
    "resource",
    "counter",
    "office",
    "day",
    "lane",
    "reason",
    "proof",
    "absent",
)
#: Attributes under which systems write that somebody came back, and the moment the doors opened.
RETURNED, OPENED, RANK, ARRIVAL = "returned", "opened", "rank", "arrival"
OUTCOME, LABEL, BESIDE = "outcome", "label", "beside"
ASKED = (RETURNED, OPENED, RANK, ARRIVAL, OUTCOME, LABEL, BESIDE, "window")
UNDONE = "undone"


@dataclass(frozen=True)
class Lines:
    """All calls of a log, sorted by office, day, activity, case and moment.

    ``frame`` has ``row`` (the row of the log), the columns ``KEPT`` as far as the log has them (``office``,
    ``activity``, ``lane`` and ``resource`` always, empty text for nothing), ``enqueue``, ``call``, ``since`` and
    ``until`` (present strictly between), ``again`` (not the ticket's first call there), ``missed`` (called in
    vain) and ``back`` (why it was called again: "missed", "returned" or nothing). ``left_out`` says which rows
    are not in it, and how many; ``marks`` whether the log has absence marks.
    """

    frame: pl.DataFrame
    left_out: tuple[tuple[str, int], ...] = ()
    marks: bool = False

    @property
    def height(self) -> int:
        """Number of calls."""
        return self.frame.height


def lines(log: Log) -> Lines | str:
    """The calls of ``log``; a sentence instead where the log does not record them."""
    moment = "call" if log.has("call") else "start" if log.has("start") else ""
    missing = [] if log.has("enqueue") else ["enqueue"]
    missing += [] if moment else ["call or start"]
    if missing:
        return f"the log has no column for {' and none for '.join(missing)}"
    frame = log.frame.with_row_index("row")
    table = frame.select(
        "row",
        *(pl.col(name) for name in KEPT if name in frame.columns),
        *(_blank(name) for name in ("office", "lane", "resource") if name not in frame.columns),
        "enqueue",
        pl.col(moment).alias("call"),
        *(pl.col(name) for name in ASKED if name in frame.columns),
    )
    table, left_out = _vain_marks(_as_moments(table)), []
    for words, bad in (
        (
            "rows without a moment of joining or of calling",
            pl.col("enqueue").is_null() | pl.col("call").is_null(),
        ),
        ("calls before the moment of joining", pl.col("call") < pl.col("enqueue")),
        ("calls taken back as a wrong press", _undone(table)),
    ):
        kept = table.filter(~bad.fill_null(False))
        if kept.height < table.height:
            left_out.append((words, table.height - kept.height))
        table = kept
    texts = [
        pl.col(name).cast(pl.String).fill_null("") for name in ("office", "lane", "resource", "activity")
    ]
    table = table.with_columns(texts).sort("office", "day", "activity", "case", "call", "row")
    return Lines(_presence(table), tuple(left_out), marks=log.has("absent"))


def _blank(name: str) -> pl.Expr:
    return pl.lit("").alias(name)


def _as_moments(table: pl.DataFrame) -> pl.DataFrame:
    """Attributes that are moments but came as text; what cannot be read as one is left out."""
    for name in (RETURNED, OPENED, ARRIVAL):
        if table.schema.get(name) == pl.String:
            reading = how(table[name].drop_nulls().head(1000).to_list())
            table = (
                table.drop(name) if reading is None else table.with_columns(parsed(pl.col(name), reading)[0])
            )
    return table


TICKET = ("office", "day", "activity", "case")


def _vain_marks(table: pl.DataFrame) -> pl.DataFrame:
    """Absence marks that stand in rows of their own, without a call, beside the calls of the same ticket."""
    if "absent" not in table.columns:
        return table.with_columns(mark=pl.lit(None, dtype=table["call"].dtype))
    alone = table.filter(pl.col("call").is_null() & pl.col("absent").is_not_null())
    marks = alone.group_by(TICKET).agg(mark=pl.col("absent").min())
    return table.join(marks, on=TICKET, how="left", nulls_equal=True)


def _undone(table: pl.DataFrame) -> pl.Expr:
    return pl.col(OUTCOME) == UNDONE if OUTCOME in table.columns else pl.lit(False)


def _presence(table: pl.DataFrame) -> pl.DataFrame:
    """When each ticket stood in the line: from joining to the call, less the time it is known to be away.

    A ticket called in vain is away until its next call, or until it came back where that is recorded; one that
    was marked absent before its call is away from the mark on. One that is called again without a new moment of
    joining is counted once, not once a row.
    """
    same = pl.all_horizontal(pl.col(name) == pl.col(name).shift(1) for name in TICKET).fill_null(False)
    absent = pl.col("absent") if "absent" in table.columns else pl.lit(None, dtype=table["call"].dtype)
    missed = (absent.is_not_null() & (absent >= pl.col("call"))).fill_null(False)
    table = table.with_columns(again=same, missed=missed)
    before = pl.col("call").shift(1)
    overlaps = pl.col("again") & (pl.col("enqueue") < before)
    came_back = _came_back(table)
    since = (
        pl.when(came_back.is_not_null() & pl.col("again"))
        .then(pl.max_horizontal("enqueue", came_back))
        .when(overlaps & pl.col("missed").shift(1))
        .then(pl.col("call"))
        .when(overlaps)
        .then(before)
        .otherwise(pl.col("enqueue"))
    )
    mark = pl.when(pl.col("mark") >= pl.col("enqueue")).then(pl.col("mark"))
    until = pl.min_horizontal("call", absent, mark)
    back = pl.when(~pl.col("again")).then(pl.lit("")).when(pl.col("missed").shift(1)).then(pl.lit("missed"))
    return table.with_columns(since=since, until=until, back=back.otherwise(pl.lit("returned"))).drop("mark")


def _came_back(table: pl.DataFrame) -> pl.Expr:
    moment = isinstance(table.schema.get(RETURNED), pl.Datetime)
    return pl.col(RETURNED) if moment else pl.lit(None, dtype=table["call"].dtype)


@dataclass(frozen=True)
class Grouped:
    """The table in the order of its groups, as the kernels want it; ``starts`` has one more than groups."""

    frame: pl.DataFrame
    starts: NDArray[np.int64]
    key: NDArray[np.int64]
    since: NDArray[np.int64]
    until: NDArray[np.int64]
    call: NDArray[np.int64]


def grouped(frame: pl.DataFrame, by: tuple[str, ...]) -> Grouped:
    """``frame`` sorted by ``by``, with the moments as microseconds."""
    frame = frame.sort(by, maintain_order=True)
    if frame.is_empty():
        starts = np.zeros(1, np.int64)
    else:
        starts = np.append(np.flatnonzero(_changes(frame, by)), frame.height).astype(np.int64)
    names = ("enqueue", "since", "until", "call")
    key, since, until, call = (frame[name].dt.timestamp("us").to_numpy().astype(np.int64) for name in names)
    return Grouped(frame, starts, key, since, until, call)


def _changes(frame: pl.DataFrame, by: tuple[str, ...]) -> NDArray[np.bool_]:
    differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift(1)) for name in by)
    changed: NDArray[np.bool_] = frame.select(differs).to_series().fill_null(True).to_numpy().copy()
    changed[0] = True
    return changed
