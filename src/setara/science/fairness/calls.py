"""The calls of a log as a table: who joined which line when, when they were called, and when they were away.

A call is a row with a moment of joining (``enqueue``) and a moment of calling (``call``, or ``start`` where the
log has no ``call``). Everything else is counted and left out; nothing is filled in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from setara.science.events.log import Log
from setara.science.events.moments import how, parsed
from setara.science.fairness.fast import comes_again, line_numbers

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
#: Numbers beside the texts, equal where these are: of step (office, day, activity), line (step, lane) and case.
STEP, LINE, CASE = "step:", "line:", "case:"


@dataclass(frozen=True)
class Lines:
    """All calls of a log, in the order of its rows.

    ``frame`` has ``row`` (the row of the log), the columns ``KEPT`` as far as the log has them (``office``,
    ``activity``, ``lane`` and ``resource`` always, empty text for nothing), ``enqueue``, ``call``, ``since`` and
    ``until`` (present strictly between), ``missed`` (called in vain), ``again`` (not the ticket's first call
    there; ``before`` is then the moment of the call before, ``back`` why: "missed" or "returned").
    Where they come from a log, the numbers ``STEP``, ``LINE`` and ``CASE`` stand beside.
    ``left_out`` says which rows are not in it, and how many; ``marks`` whether the log has absence marks.
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
    step, line, _ = line_numbers(log)
    numbers = {STEP: step, LINE: line, CASE: log.cases.codes()}
    frame = log.frame.with_row_index("row")
    table = frame.select(
        "row",
        *(pl.col(name) for name in KEPT if name in frame.columns),
        *(_blank(name) for name in ("office", "lane", "resource") if name not in frame.columns),
        "enqueue",
        pl.col(moment).alias("call"),
        *(pl.col(name) for name in ASKED if name in frame.columns),
        *(pl.Series(name, each) for name, each in numbers.items()),
    )
    table, left_out = _vain_marks(_as_moments(table)), []
    reasons = {
        "rows without a moment of joining or of calling": pl.col("enqueue").is_null()
        | pl.col("call").is_null(),
        "calls before the moment of joining": pl.col("call") < pl.col("enqueue"),
    }
    if OUTCOME in table.columns:
        reasons["calls taken back as a wrong press"] = pl.col(OUTCOME).cast(pl.String) == UNDONE
    for words, bad in reasons.items():
        flags = table.select(bad.fill_null(value=False).alias("bad"))["bad"]
        if flags.any():
            left_out.append((words, int(flags.sum())))
            table = table.filter(~flags)
    texts = [name for name in ("office", "lane", "resource", "activity")
             if table.schema[name] != pl.String or table[name].null_count()]  # fmt: skip
    table = table.with_columns(pl.col(name).cast(pl.String).fill_null("") for name in texts)
    return Lines(_presence(table, comes_again(log, step)), tuple(left_out), marks=log.has("absent"))


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
    if alone.is_empty():
        return table.with_columns(mark=pl.lit(None, dtype=table["call"].dtype))
    marks = alone.group_by(TICKET).agg(mark=pl.col("absent").min())
    return table.join(marks, on=TICKET, how="left", nulls_equal=True)


def _presence(table: pl.DataFrame, some_again: bool) -> pl.DataFrame:
    """When each ticket stood in the line: from joining to the call, less the time it is known to be away.

    Only tickets with several calls (a few) are looked at one after the other, the others all at once.
    """
    absent = pl.col("absent") if "absent" in table.columns else pl.lit(None, dtype=table.schema["call"])
    mark = pl.when(pl.col("mark") >= pl.col("enqueue")).then(pl.col("mark"))
    table = table.with_columns(
        missed=(absent >= pl.col("call")).fill_null(value=False),
        until=pl.min_horizontal("call", absent, mark),
    ).drop("mark")
    if not some_again:
        moment = table.schema["call"]
        return table.with_columns(
            again=pl.lit(value=False), before=pl.lit(None, dtype=moment), since="enqueue", back=pl.lit("")
        )
    # Two tickets that shared a hash would only be looked at more closely.
    several = table.filter(table.select(STEP, CASE).hash_rows().is_duplicated())
    again = _again(several).select("row", "again", "before", "since", "back")
    table = table.join(again, on="row", how="left", maintain_order="left")
    return table.with_columns(
        pl.col("again").fill_null(value=False), pl.coalesce("since", "enqueue"), pl.col("back").fill_null("")
    )


def _again(several: pl.DataFrame) -> pl.DataFrame:
    """The calls of tickets that have several: which came again, after which, and since when they stood there.

    A ticket called in vain is away until its next call, or until it came back where that is recorded. One that is
    called again without a new moment of joining is counted once, not once a row.
    """
    table = several.sort(*TICKET, "call", "row")
    same = pl.all_horizontal(pl.col(name) == pl.col(name).shift(1) for name in TICKET).fill_null(value=False)
    table = table.with_columns(again=same)
    before = pl.when("again").then(pl.col("call").shift(1))
    overlaps = pl.col("again") & (pl.col("enqueue") <= before)
    in_vain = pl.col("missed").shift(1)
    came_back = _came_back(table)
    since = (
        pl.when(came_back.is_not_null() & pl.col("again"))
        .then(pl.max_horizontal("enqueue", came_back))
        .when(overlaps & in_vain)
        .then(pl.col("call"))
        .when(overlaps)
        .then(before)
        .otherwise(pl.col("enqueue"))
    )
    back = pl.when(~pl.col("again")).then(pl.lit("")).when(in_vain).then(pl.lit("missed"))
    return table.with_columns(before=before, since=since, back=back.otherwise(pl.lit("returned")))


def _came_back(table: pl.DataFrame) -> pl.Expr:
    moment = isinstance(table.schema.get(RETURNED), pl.Datetime)
    return pl.col(RETURNED) if moment else pl.lit(None, dtype=table["call"].dtype)


@dataclass(frozen=True)
class Grouped:
    """The rows of a table in the order of their groups, as the kernels want them.

    ``order``: the rows, group after group; ``starts`` has one more than groups; moments in microseconds, in
    that order.
    """

    order: NDArray[np.int64]
    starts: NDArray[np.int64]
    key: NDArray[np.int64]
    since: NDArray[np.int64]
    until: NDArray[np.int64]
    call: NDArray[np.int64]

    def back(self, values: NDArray[Any]) -> NDArray[Any]:
        """A figure of each row, from this order into that of the table."""
        out = np.empty_like(values)
        out[self.order] = values
        return out


def grouped(frame: pl.DataFrame, by: tuple[str, ...]) -> Grouped:
    """The rows of ``frame`` grouped by the columns ``by`` (no nulls but in days)."""
    code = np.zeros(frame.height, np.int64)
    for name in by:
        values = frame[name]
        numbers = (
            values.cast(pl.Categorical).to_physical() if values.dtype == pl.String else values.to_physical()
        )
        part = numbers.cast(pl.Int64).fill_null(-1).to_numpy()
        part = part - (part.min() if len(part) else 0)
        code = code * (int(part.max()) + 1 if len(part) else 1) + part
        if len(code) and int(code.max()) > 2**40:  # keep the product of so many columns inside 63 bits
            code = np.unique(code, return_inverse=True)[1].astype(np.int64)
    order = np.argsort(code, kind="stable")
    sorted_code = code[order]
    heads = np.flatnonzero(np.diff(sorted_code)) + 1
    starts = np.concatenate([[0], heads, [len(code)]]) if len(code) else np.zeros(1)
    key, since, until, call = (one[order] for one in moments(frame))
    return Grouped(order, starts.astype(np.int64), key, since, until, call)


def moments(frame: pl.DataFrame) -> tuple[NDArray[np.int64], ...]:
    """Joining, ``since``, ``until`` and call of the rows of a table, in microseconds; shared where they are equal."""
    key, call = (frame[name].dt.timestamp("us").to_numpy() for name in ("enqueue", "call"))
    since, until = (frame[name].dt.timestamp("us").to_numpy() for name in ("since", "until"))
    since, until = (key if (since == key).all() else since), (call if (until == call).all() else until)
    return key, since, until, call
