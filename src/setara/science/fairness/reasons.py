"""D2, reasons: whether each reason for calling out of turn, or for a lane, is corroborated by another record.

Formula. A reason is proven when the log holds a record that does not come from whoever gave it: something in the
column ``proof``; for coming back after a missed call an absence mark before; for coming back with a paper an
earlier end of the same case with the outcome "missing" or "sent back". Whoever stands in a lane that needs a
ground (a priority rule's lane, a lane of the pack with grounds) needs a proof on one of the rows of the visit.
Per officer: the share unproven, drawn towards the others' by a Beta-binomial with the mean and spread of all
officers, and the probability that it is more than twice the median.

Null model. None for "unproven": a record is there or it is not. Assumptions. Proofs are recorded, and recorded
independently. Source. Empirical Bayes for league tables: D. J. Spiegelhalter, Statistics in Medicine 24 (2005).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import polars as pl

from setara.rules import packs
from setara.science.events.log import Log
from setara.science.fairness.calls import OUTCOME, Lines
from setara.science.fairness.intervals import wilson
from setara.science.fairness.result import Finding, not_computable
from setara.science.fairness.rule import OrderRule

ID, NAME = "D2", "reasons proven by other records"
#: Reasons that another kind of record proves, by words in their code (English, Indonesian).
BY_ABSENCE: Final = r"(?i)absen|missed|no.?show|not_heard|tidak.?hadir|terlewat"
BY_RETURN: Final = r"(?i)return|sent_?back|missing|kembali|lengkap"
SENT_BACK: Final = ("missing", "sent_back", "returned", "incomplete")
#: What stands where somebody had no ground for their lane.
NO_GROUND: Final = "(lane without a ground)"


def grounds() -> frozenset[str]:
    """Codes that are lawful grounds for a lane in some pack; they open a lane and never excuse a jump in it."""
    return frozenset(
        ground.code for pack in packs.all_packs() for lane in pack.lanes for ground in lane.grounds
    )


def proven(log: Log, lines: Lines) -> pl.DataFrame:
    """The calls of ``lines`` that gave a reason: ``row``, ``reason``, ``by`` (what proves it, or empty)."""
    if "reason" not in lines.frame.columns:
        return pl.DataFrame(schema={"row": pl.UInt32, "reason": pl.String, "by": pl.String})
    given = lines.frame.filter(_said("reason"))
    sent = _sent_back(log)
    given = given.join(sent, on="case", how="left", maintain_order="left")
    by = (
        pl.when(_said("proof") if "proof" in given.columns else pl.lit(False))
        .then(pl.lit("proof"))
        .when(pl.col("reason").str.contains(BY_ABSENCE) & (pl.col("back") == "missed"))
        .then(pl.lit("absence mark"))
        .when(pl.col("reason").str.contains(BY_RETURN) & (pl.col("sent_back") < pl.col("call")))
        .then(pl.lit("sent back before"))
        .otherwise(pl.lit(""))
    )
    return given.select("row", pl.col("reason").cast(pl.String), by=by)


def _said(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String).fill_null("").str.strip_chars() != ""


def _sent_back(log: Log) -> pl.DataFrame:
    """When each case was first sent away for something missing."""
    if OUTCOME not in log.frame.columns:
        return pl.DataFrame(schema={"case": pl.String, "sent_back": log.frame.schema["time"]})
    sent = log.frame.filter(pl.col(OUTCOME).is_in(SENT_BACK))
    return sent.group_by("case").agg(sent_back=pl.col("time").min())


def excuses(log: Log, lines: Lines) -> pl.DataFrame:
    """``row`` of each call whose reason is proven and excuses being called out of turn."""
    found = proven(log, lines)
    excused = (pl.col("by") != "") & ~pl.col("reason").is_in(list(grounds()))
    return found.filter(excused).select("row", proven=pl.lit(True))


def without_ground(lines: Lines, rule: OrderRule) -> pl.DataFrame:
    """The first call of each visit in a lane that needs a ground, where no row of the visit has a proof."""
    lanes = _lanes_with_grounds(rule)
    frame = lines.frame
    if not lanes or "proof" not in frame.columns:
        return frame.clear()
    visit = ("office", "day", "case")
    first = frame.sort("call", "row").group_by(visit, maintain_order=True).agg(
        row=pl.col("row").first(), lane=pl.col("lane").first(), proofs=_said("proof").any()
    )  # fmt: skip
    bare = first.filter(pl.col("lane").is_in(sorted(lanes)) & ~pl.col("proofs"))
    return frame.join(bare.select("row"), on="row", how="semi")


def _lanes_with_grounds(rule: OrderRule) -> set[str]:
    if rule.kind == "priority":
        return {rule.lane}
    if rule.kind == "pack":
        every = [each for each in packs.all_packs() if rule.pack in (each.id, each.id.partition("/")[0])]
        return {lane.code for lane in every[-1].lanes if lane.grounds} if every else set()
    return set()


def find(log: Log, lines: Lines | str, calls: pl.DataFrame | None, rule: OrderRule) -> Finding:
    """D2 of a log; ``calls`` (with depth), where there are any, say how many each of them passed."""
    if isinstance(lines, str):
        return not_computable(ID, NAME, lines)
    if "reason" not in lines.frame.columns and not _lanes_with_grounds(rule):
        return not_computable(ID, NAME, "the log has no column for the reason of a call")
    if not any(name in lines.frame.columns for name in ("proof", "absent", OUTCOME)):
        return not_computable(
            ID, NAME, "no column of the log could prove a reason: neither proof nor absence marks"
        )
    said = proven(log, lines)
    bare = without_ground(lines, rule)
    unproven = said.filter(pl.col("by") == "").select("row", "reason")
    more = bare.join(unproven, on="row", how="anti").select("row", reason=pl.lit(NO_GROUND))
    unproven = pl.concat([unproven, more])
    evidence = lines.frame.drop("reason", strict=False).join(unproven, on="row", how="inner")
    if calls is not None and "depth" in calls.columns:
        evidence = evidence.join(calls.select("row", "depth"), on="row", how="left")
    total = said.height + more.height
    kept = (
        "case",
        "activity",
        "time",
        "resource",
        "depth",
        "reason",
        "lane",
        "office",
        "day",
        "call",
        "enqueue",
    )
    evidence = evidence.sort("call", "row").select(name for name in kept if name in evidence.columns)
    counts = said.filter(pl.col("by") != "")["by"].value_counts(sort=True, name="n").rows()
    return Finding(
        ID,
        NAME,
        "attention" if evidence.height else "clear",
        effect=evidence.height / total if total else None,
        unit="share of reasons",
        interval=wilson(evidence.height, total) if total else None,
        evidence=evidence,
        explained=tuple((f"proven by: {by}", n) for by, n in counts),
        details={"reasons": total, "unproven": evidence.height, "officers": _officers(lines, said, evidence)},
    )


def _officers(lines: Lines, said: pl.DataFrame, unproven: pl.DataFrame) -> list[dict[str, Any]]:
    """Each officer's reasons, the share unproven as it is and shrunken, and P(over twice the median)."""
    n = lines.frame.join(said.select("row"), on="row").group_by("resource").agg(n=pl.len())
    x = unproven.group_by("resource").agg(x=pl.len())
    table = n.join(x, on="resource", how="full", coalesce=True).fill_null(0).sort("resource")
    table = table.with_columns(n=pl.max_horizontal("n", "x"))
    if table.is_empty():
        return []
    a, b = beta_of(table["x"].to_numpy(), table["n"].to_numpy())
    from scipy.special import betainc

    x_, n_ = table["x"].to_numpy(), table["n"].to_numpy()
    shrunken = (a + x_) / (a + b + n_)
    twice = min(2 * float(np.median(shrunken)), 1.0)
    over = 1 - betainc(a + x_, b + n_ - x_, twice)
    rows = zip(table["resource"], n_.tolist(), x_.tolist(), shrunken.tolist(), over.tolist(), strict=True)
    keys = ("resource", "reasons", "unproven", "share_shrunken", "probability_over_twice_median")
    return [dict(zip(keys, row, strict=True)) for row in rows]


def beta_of(x: Any, n: Any) -> tuple[float, float]:
    """A Beta(a, b) with the mean of all and the spread between officers beyond chance, by moments.

    With no spread beyond chance it is as heavy as all observations together, at most.
    """
    total = float(n.sum())
    mean = float((x.sum() + 0.5) / (total + 1))
    if len(n) < 2 or total <= len(n):
        return mean * total, (1 - mean) * total
    between = float((n * (x / np.maximum(n, 1) - mean) ** 2).sum())
    spread = total - float((n**2).sum()) / total
    excess = (between - (len(n) - 1) * mean * (1 - mean)) / spread if spread > 0 else 0.0
    weight = mean * (1 - mean) / excess - 1 if excess > 0 else total
    weight = float(np.clip(weight, 1.0, max(total, 1.0)))
    return mean * weight, (1 - mean) * weight
