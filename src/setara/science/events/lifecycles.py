"""Lifecycles joined into one row an activity instance: schedule = enqueue, start, complete = time.

Events belong together by ``concept:instance`` inside case and activity; among those that state the same one (or
none) first in, first out: a start takes the longest scheduled instance that has not started, a completion the
longest started one, else the longest scheduled one, else it stands alone. At the same moment a schedule comes
before a start, and a start before a completion. Other transitions are ignored and counted.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import polars as pl
from numba import njit

from setara.science.events.log import MOMENT

_STAGES: Final = {
    "schedule": 0, "scheduled": 0, "enqueue": 0, "enqueued": 0,
    "start": 1, "started": 1, "begin": 1, "begun": 1,
    "complete": 2, "completed": 2, "end": 2, "ended": 2, "finish": 2, "finished": 2,
}  # fmt: skip
_MOMENT_OF: Final = ("enqueue", "start", "time")


def joined(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[str], bool]:
    """One row an activity instance, what is to be said about it, and whether rows were taken together or out.

    A column that was taken for a lifecycle and names no known stage is put back as an attribute; so is the one
    of the instances, which tells nothing more once the rows are joined.
    """
    if "lifecycle" not in frame.columns:
        return _without(frame), [], False
    stages = frame["lifecycle"].str.to_lowercase().replace_strict(_STAGES, default=None, return_dtype=pl.Int8)
    if stages.null_count() == frame.height:
        return _without(frame.rename({"lifecycle": "attribute:lifecycle"})), [], False
    unstated = frame["lifecycle"].is_null()
    stages = stages.set(unstated, 2)  # an event without a transition is one that happened
    frame = frame.with_columns(stages.alias("stage:"))
    other = frame.filter(pl.col("stage:").is_null())
    said = []
    if other.height:
        counts = other["lifecycle"].value_counts(sort=True).rows()
        listed = ", ".join(f"{count:,} {name}" for name, count in counts[:8])
        more = f" and {len(counts) - 8} more kinds" if len(counts) > 8 else ""
        said.append(f"Transitions other than schedule, start and complete were ignored: {listed}{more}.")
        frame = frame.filter(pl.col("stage:").is_not_null())
    if (frame["stage:"] == 2).all():
        return _without(frame.drop("lifecycle", "stage:")), said, bool(other.height)
    events = frame.height
    frame = _taken_together(frame)
    said.append(f"{events:,} events with lifecycles were joined into {frame.height:,} activities.")
    if open_ := int(frame["open:"].sum()):
        said.append(
            f"{open_:,} of them are never completed; their last known moment stands in for the completion."
        )
    frame = frame.drop("open:")
    return _without(frame), said, True


def _without(frame: pl.DataFrame) -> pl.DataFrame:
    if "instance" not in frame.columns:
        return frame
    return frame.rename({"instance": "attribute:concept:instance"})


def _taken_together(frame: pl.DataFrame) -> pl.DataFrame:
    group = ["case", "activity", *(["instance"] if "instance" in frame.columns else [])]
    keyed = frame.with_row_index("row:").with_columns(pl.struct(group).hash(seed=4).alias("group:"))
    keyed = keyed.sort("group:", "time", "stage:", "row:")
    instance = _instances(keyed["group:"].to_numpy(), keyed["stage:"].to_numpy())
    keyed = keyed.with_columns(pl.Series("instance:", instance)).sort("instance:", "stage:")
    for stage, role in enumerate(_MOMENT_OF):
        moment = (
            pl.when(pl.col("stage:") == stage).then("time").max().over("instance:").alias(f"found:{role}")
        )
        keyed = keyed.with_columns(moment)
    # What only the start or the schedule states holds for the activity, too.
    keep = [name for name in frame.columns if name not in {"time", "stage:", "lifecycle", *group}]
    keyed = keyed.with_columns(pl.col(keep).forward_fill().over("instance:"))
    last = keyed.filter(pl.col("instance:").is_last_distinct())
    known = [pl.col(f"found:{role}") for role in ("time", "start", "enqueue")]
    last = last.with_columns(pl.coalesce(known).alias("time"), pl.col("found:time").is_null().alias("open:"))
    for role in ("enqueue", "start"):
        if last[f"found:{role}"].null_count() < last.height:
            own = [role] if role in last.columns else []
            last = last.with_columns(pl.coalesce(f"found:{role}", *own).cast(MOMENT).alias(role))
    first = keyed.group_by("instance:").agg(pl.col("row:").min().alias("first:"))
    last = last.join(first, on="instance:", how="left").sort("first:")
    kept = dict.fromkeys((*frame.columns, "enqueue", "start", "open:"))
    return last.select(name for name in kept if name in last.columns and name not in {"stage:", "lifecycle"})


@njit(cache=True)
def _instances(groups: Any, stages: Any) -> Any:  # pragma: no cover - compiled
    """For each event (sorted by group, time, stage) the number of its instance: two queues a group."""
    size = len(groups)
    instance = np.empty(size, dtype=np.uint32)
    scheduled, started = np.empty(size, dtype=np.uint32), np.empty(size, dtype=np.uint32)
    count = 0
    s_head = s_tail = t_head = t_tail = 0
    for at in range(size):
        if at == 0 or groups[at] != groups[at - 1]:
            s_head = s_tail = t_head = t_tail = 0
        stage = stages[at]
        if (
            stage == 0
            or (stage == 1 and s_head == s_tail)
            or (stage == 2 and t_head == t_tail and s_head == s_tail)
        ):
            own = count
            count += 1
        elif stage == 2 and t_head < t_tail:
            own = started[t_head]
            t_head += 1
        else:
            own = scheduled[s_head]
            s_head += 1
        instance[at] = own
        if stage == 0:
            scheduled[s_tail] = own
            s_tail += 1
        elif stage == 1:
            started[t_tail] = own
            t_tail += 1
    return instance
