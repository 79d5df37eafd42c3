"""D8, the lines beside the hall: places given back and taken again, books printed out of order, one who fetches many.

Formulas. *Print order* (exact): ``depth`` of a print = books of the same office approved strictly earlier and
printed strictly later. *Quota*: the gap between giving a place back and its next booking by somebody else; p of
so short a gap if gaps were exponential with the median of all others, Benjamini-Hochberg at 5 %, and at most
``QUICK`` seconds. *Collection*: books fetched by one collector; p of so many if each collector came a Poisson
number of times with the median of all as its mean, Benjamini-Hochberg at 5 %, and at least ``MANY``.

Null model. Print order: none. Quota: whoever looks takes a free place when they look, so two people seldom meet
within seconds. Collection: people fetch for themselves and their families. Assumptions. Approval is the last
decision before the print; one pool of blanks an office.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import polars as pl

from setara.science.events.log import Log
from setara.science.fairness.calls import grouped
from setara.science.fairness.exact import benjamini_hochberg
from setara.science.fairness.intervals import wilson
from setara.science.fairness.kernels import passed_and_waiting
from setara.science.fairness.prepared import Prepared
from setara.science.fairness.result import Finding, not_computable

ID, NAME = "D8", "quota, print and collection order"
PRINTS: Final = r"(?i)print|cetak"
APPROVES: Final = r"(?i)approv|adjudic|decision|setuju|putus"
CANCELS, BOOKS = r"(?i)cancel|batal|released", r"(?i)book|reserv|pesan"
QUICK, MANY, ENOUGH_GAPS = 10.0, 5, 5
SCHEMA: Final[dict[str, Any]] = {
    "kind": pl.String, "case": pl.String, "activity": pl.String, "time": pl.Datetime("us", "UTC"),
    "resource": pl.String, "depth": pl.Int64, "what": pl.String,
}  # fmt: skip


def find(prepared: Prepared) -> Finding:
    """D8: rows of evidence say their ``kind`` (print, quota, collection)."""
    frame = prepared.log.frame
    parts: list[pl.DataFrame] = []
    details: dict[str, Any] = {}
    printed = 0
    looked = {
        "print": _print_order(prepared.log),
        "quota": _quota(frame),
        "collection": _collection(frame),
    }
    for kind, (found, words, counted) in looked.items():
        details[kind] = words
        if found is not None:
            printed = counted if kind == "print" else printed
            parts.append(found)
    if not parts:
        return not_computable(ID, NAME, "; ".join(str(words) for words in details.values()))
    evidence = pl.concat([_as_evidence(part) for part in parts]).sort("kind", "time", "case")
    jumped = int((evidence["kind"] == "print").sum())
    return Finding(
        ID,
        NAME,
        "attention" if evidence.height else "clear",
        effect=jumped / printed if printed else None,
        unit="share of prints out of order" if printed else "",
        interval=wilson(jumped, printed) if printed else None,
        evidence=evidence,
        details=details,
    )


def _as_evidence(part: pl.DataFrame) -> pl.DataFrame:
    return part.select(
        pl.col(name).cast(kind) if name in part.columns else pl.lit(None, dtype=kind).alias(name)
        for name, kind in SCHEMA.items()
    )


Looked = tuple[pl.DataFrame | None, str, int]


def rows_of(log: Log, pattern: str) -> pl.DataFrame:
    """The rows of the activities whose names hold the pattern; each name is looked at once."""
    codes, names = log.codes("activity")
    hit = pl.Series(names, dtype=pl.String).str.contains(pattern).to_numpy()
    return log.frame.filter(pl.Series(hit[codes])) if hit.any() else log.frame.clear()


def _print_order(log: Log) -> Looked:
    frame, prints = log.frame, rows_of(log, PRINTS)
    approvals = rows_of(log, APPROVES).select("case", approved="time")
    if prints.is_empty() or approvals.is_empty():
        return None, "no activity that prints and one that approves before", 0
    office = pl.col("office").fill_null("") if "office" in frame.columns else pl.lit("")
    begun = pl.coalesce("start", "time") if "start" in frame.columns else pl.col("time")
    resource = pl.col("resource") if "resource" in frame.columns else pl.lit(None, dtype=pl.String)
    table = prints.select(
        "case", "activity", "time", resource.alias("resource"), office.alias("office"), printed=begun
    ).drop_nulls(["case", "printed"])
    joined = table.join(approvals.drop_nulls(), on="case").filter(pl.col("approved") <= pl.col("printed"))
    last = joined.group_by("case", "printed", maintain_order=True).agg(
        *(pl.col(name).first() for name in ("activity", "time", "resource", "office")),
        approved=pl.col("approved").max(),
    )
    last = last.with_columns(enqueue="approved", since="approved", until="printed", call="printed")
    group = grouped(last, ("office",))
    depth, _ = passed_and_waiting(group.starts, group.key, group.since, group.until, group.call)
    out = last.with_columns(depth=pl.Series(group.back(depth).astype(np.int64)), kind=pl.lit("print"))
    out = out.filter(pl.col("depth") > 0).with_columns(
        what=pl.format("printed before {} books that were approved earlier", "depth")
    )
    return out, f"{last.height} prints with an approval before, {out.height} out of order", last.height


def _quota(frame: pl.DataFrame) -> Looked:
    if "seat" not in frame.columns:
        return None, "no column seat for the place booked", 0
    rows = frame.filter(pl.col("seat").is_not_null()).with_columns(
        gone=pl.col("activity").str.contains(CANCELS), taken=pl.col("activity").str.contains(BOOKS)
    )
    rows = rows.with_columns(taken=pl.col("taken") & ~pl.col("gone")).sort(
        "seat", "time", maintain_order=True
    )
    rows = rows.with_columns(
        freed=pl.when(pl.col("gone").shift(1)).then(pl.col("time").shift(1)).over("seat"),
        holder=pl.col("case").shift(1).over("seat"),
    )
    again = rows.filter(
        pl.col("taken") & pl.col("freed").is_not_null() & (pl.col("holder") != pl.col("case"))
    )
    again = again.with_columns(gap=(pl.col("time") - pl.col("freed")).dt.total_microseconds() / 1e6)
    if again.is_empty():
        return again.select("case"), "no place changed hands", 0
    gaps = again["gap"].to_numpy()
    slow = gaps[gaps > QUICK]
    if len(slow) >= ENOUGH_GAPS:
        p = -np.expm1(-np.log(2) * gaps / float(np.median(slow)))
        words = (
            f"{len(gaps)} places changed hands; half of the others lay free for over {np.median(slow):.0f} s"
        )
    else:
        p = np.where(gaps <= QUICK, 0.0, 1.0)
        words = (
            f"{len(gaps)} places changed hands, too few to learn the usual gap: those within {QUICK:.0f} s"
        )
    quick = (benjamini_hochberg(p) <= 0.05) & (gaps <= QUICK)
    out = again.filter(pl.Series(quick)).with_columns(
        kind=pl.lit("quota"),
        what=pl.format("place {} taken {} s after it was given back", "seat", pl.col("gap").round(1)),
    )
    return out, words, 0


def _collection(frame: pl.DataFrame) -> Looked:
    if "collector" not in frame.columns:
        return None, "no column collector for who fetched the book", 0
    rows = frame.filter(pl.col("collector").is_not_null())
    counts = rows.group_by("collector").agg(n=pl.col("case").n_unique()).sort("collector")
    if counts.is_empty():
        return rows.select("case"), "nobody fetched anything", 0
    from scipy.special import gammainc

    mean = float(counts["n"].median() or 1.0)  # type: ignore[arg-type]
    p = gammainc(counts["n"].to_numpy(), mean)  # P(at least n) of a Poisson number
    many = counts.filter(pl.Series((benjamini_hochberg(p) <= 0.05) & (counts["n"].to_numpy() >= MANY)))
    out = rows.join(many, on="collector").with_columns(
        kind=pl.lit("collection"), what=pl.format("one of {} books fetched by {}", "n", "collector")
    )
    return out, f"{counts.height} collectors, {many.height} of them for many others", 0
