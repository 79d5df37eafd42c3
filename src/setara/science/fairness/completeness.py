"""D9, completeness: what was handed out against what was paid, captured and called. Set arithmetic.

Formula. Differences of sets: cases with a book (an activity that prints, or a ``serial``) without a payment or
without a capture before it; serial numbers on two cases, and numbers missing between the lowest and the highest
of their series; captures without a call at the counter, where the log records the calls of that activity.

Null model. None. Assumptions. The log covers the whole time in which a case may have been paid and captured: a
case whose first event is in the first part of the log may lack what lies before, so only kinds of records that
most books have (``USUAL``) are asked for. Stock identities (opening + received - printed - spoiled = counted)
need the stock book, which no event log holds; the office has it.
"""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from setara.science.events.log import Log
from setara.science.fairness.prepared import Prepared
from setara.science.fairness.queues import PRINTS, rows_of
from setara.science.fairness.result import Finding, not_computable

ID, NAME = "D9", "completeness"
PAYS: Final = r"(?i)\bpaid|\.paid|payment|bayar"
CAPTURES: Final = r"(?i)biometric|capture|photo|finger|foto|sidik"
USUAL: Final = 0.8
SCHEMA: Final[dict[str, Any]] = {
    "kind": pl.String, "case": pl.String, "activity": pl.String, "time": pl.Datetime("us", "UTC"),
    "resource": pl.String, "what": pl.String,
}  # fmt: skip


def find(prepared: Prepared) -> Finding:
    """D9: rows of evidence say their ``kind`` (payment, capture, serial twice, serial missing, no call)."""
    log = prepared.log
    has_serial = "serial" in log.frame.columns
    books = log.frame.filter(pl.col("serial").is_not_null()) if has_serial else rows_of(log, PRINTS)
    parts: list[pl.DataFrame] = []
    details: dict[str, Any] = {"books": books["case"].n_unique()}
    for kind, pattern in (("payment", PAYS), ("capture", CAPTURES)):
        found, words = _without(log, books, kind, pattern)
        details[kind] = words
        parts += [] if found is None else [found]
    if has_serial and books.height:
        parts += [_twice(books), _missing(books)]
    no_call, words = _without_call(log)
    details["calls of captures"] = words
    parts += [] if no_call is None else [no_call]
    if not parts:
        return not_computable(
            ID, NAME, "; ".join(str(words) for words in details.values() if isinstance(words, str))
        )
    evidence = pl.concat([_as_evidence(part) for part in parts]).sort("kind", "time", "case")
    return Finding(
        ID,
        NAME,
        "attention" if evidence.height else "clear",
        effect=float(evidence.height),
        unit="records without their counterpart",
        evidence=evidence,
        details=details,
    )


def _as_evidence(part: pl.DataFrame) -> pl.DataFrame:
    return part.select(
        pl.col(name).cast(kind) if name in part.columns else pl.lit(None, dtype=kind).alias(name)
        for name, kind in SCHEMA.items()
    )


def _without(log: Log, books: pl.DataFrame, kind: str, pattern: str) -> tuple[pl.DataFrame | None, str]:
    """Books without such a record before, where most books have one."""
    records = rows_of(log, pattern).group_by("case").agg(at=pl.col("time").min())
    if books.is_empty() or records.is_empty():
        return None, f"no books, or no activity of {kind}"
    each = (
        books.sort("time").group_by("case", maintain_order=True).first().join(records, on="case", how="left")
    )
    bare = each.filter(pl.col("at").is_null() | (pl.col("at") > pl.col("time")))
    if bare.height > (1 - USUAL) * each.height:
        return (
            None,
            f"only {each.height - bare.height} of {each.height} books have a {kind} before: not asked for",
        )
    out = bare.with_columns(kind=pl.lit(kind), what=pl.lit(f"a book without a {kind} before"))
    return out, f"{bare.height} of {each.height} books without one before"


def _twice(books: pl.DataFrame) -> pl.DataFrame:
    cases = books.group_by("serial").agg(n=pl.col("case").n_unique()).filter(pl.col("n") > 1)
    return books.join(cases, on="serial").with_columns(
        kind=pl.lit("serial twice"), what=pl.format("serial {} is on {} cases", "serial", "n")
    )


def _missing(books: pl.DataFrame) -> pl.DataFrame:
    """Numbers missing inside a series, where series are dense; one row a gap, at the book after it."""
    parts = books.with_columns(
        series=pl.col("serial").str.extract(r"^(.*?)(\d+)$", 1),
        number=pl.col("serial").str.extract(r"^(.*?)(\d+)$", 2).cast(pl.Int64, strict=False),
    ).drop_nulls("number").sort("series", "number")  # fmt: skip
    parts = parts.with_columns(gap=(pl.col("number") - pl.col("number").shift(1)).over("series") - 1)
    dense = parts.group_by("series").agg(
        n=pl.col("number").n_unique(), span=pl.col("number").max() - pl.col("number").min() + 1
    )
    dense = dense.filter((pl.col("n") >= 20) & (pl.col("n") >= USUAL * pl.col("span")))
    gaps = parts.join(dense, on="series").filter(pl.col("gap") > 0)
    return gaps.with_columns(
        kind=pl.lit("serial missing"), what=pl.format("{} numbers before {} have no case", "gap", "serial")
    )


def _without_call(log: Log) -> tuple[pl.DataFrame | None, str]:
    captures = rows_of(log, CAPTURES)
    if "call" not in log.frame.columns or captures.is_empty():
        return None, "no column call, or no captures"
    bare = captures.filter(pl.col("call").is_null())
    if bare.height > (1 - USUAL) * captures.height:
        return None, "calls of captures are not recorded"
    out = bare.with_columns(kind=pl.lit("no call"), what=pl.lit("a capture without a call"))
    return out, f"{bare.height} of {captures.height} captures without a call"
