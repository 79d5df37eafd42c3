"""D1 where nobody wrote down a line: first come, first served on completions.

Formula. A case is ready for an activity when the one before it ended. ``depth`` of a completion = number of cases
of the same office, activity and pool of resources that were ready strictly earlier and are done strictly later.
The pool is the group that the log names (``org:group``, ``group`` or ``pool`` of the event); without one, everybody
who does the activity is one pool.

Null model. None. Assumptions. That work would be done in the order in which it becomes ready. In most offices it
need not be: cases differ, wait for others, and are worked on side by side. Completions alone cannot tell who was
called before whom ("Discovering queues from event logs with varying levels of information", A. Senderovich et al.,
2015), so this is called what it is, and judged only where the log does follow that order.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from setara.science.events.log import Log
from setara.science.fairness.calls import grouped
from setara.science.fairness.intervals import wilson
from setara.science.fairness.kernels import passed_and_waiting
from setara.science.fairness.order import FITS, NOT_BY_RULE, Fit, fit
from setara.science.fairness.result import Finding, not_computable
from setara.science.fairness.rule import OrderRule

NAME = "order of completions (first come, first served per activity and pool)"
POOLS = ("org:group", "group", "pool")
BY = ("office", "activity", "pool")


def with_depth(log: Log) -> tuple[pl.DataFrame, str]:
    """Every completion that followed another of its case, with ``depth``; and what the pools are, in words."""
    frame = log.frame.with_row_index("row")
    pool = next((name for name in POOLS if name in log.event_attributes), None)
    columns = [
        pl.col(name) if name in frame.columns else pl.lit("").alias(name) for name in ("office", "resource")
    ]
    table = frame.select(
        "row", "case", "activity", "time", "day", *columns, pool=pl.col(pool) if pool else pl.lit("")
    ).drop_nulls(["case", "activity", "time"])
    table = table.with_columns(pl.col(name).fill_null("") for name in ("office", "resource", "pool"))
    table = table.sort("case", "time", "row").with_columns(enqueue=pl.col("time").shift(1).over("case"))
    table = table.drop_nulls("enqueue").with_columns(
        call="time", since="enqueue", until="time", lane=pl.col("pool")
    )
    group = grouped(table, BY)
    depth, waiting = passed_and_waiting(group.starts, group.key, group.since, group.until, group.call)
    words = f"pools: {pool}" if pool else "one pool an activity"
    depth, waiting = group.back(depth), group.back(waiting)
    return table.with_columns(depth=pl.Series(depth), waiting=pl.Series(waiting)), words


def find(log: Log, why: str) -> tuple[Finding, Fit]:
    """D1 on completions; ``why`` is what the log lacks for the order of calling."""
    table, words = with_depth(log)
    described = fit(table, OrderRule())
    if table.is_empty():
        return not_computable("D1", NAME, f"{why}, and no case has two completions"), described
    passed = table.filter(pl.col("depth") > 0).sort("depth", "time", "row", descending=[True, False, False])
    share = passed.height / table.height
    evidence = passed.select(
        "case", "activity", "time", "resource", "depth", "waiting", "pool", ready="enqueue"
    )
    reason = f"{why}: on completions ({words}), {passed.height} of {table.height} passed one that was ready earlier. "
    follows = bool(described.fits)
    decision: Any = "attention" if follows and passed.height else "clear"
    reason += (
        "Completions follow that order, so it is held against them."
        if follows
        else f"Under {FITS:.0%} keep that order, so it is not the rule of this log: no call can be blamed."
    )
    finding = Finding(
        "D1",
        NAME if follows else f"{NAME}: {NOT_BY_RULE}",
        decision,
        why_not=reason,
        effect=share,
        unit="share of completions",
        interval=wilson(passed.height, table.height),
        evidence=evidence,
        details={"completions": table.height, "passed_somebody": passed.height, "pools": words},
    )
    return finding, described
