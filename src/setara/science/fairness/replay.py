"""The day again under a pack's queue rule: at every call the rule is asked whom it would have called.

The rule is :mod:`setara.rules.queue` in its form that goes along with a day (:mod:`setara.rules.fast`, held against
``next_ticket`` by property tests), with the people who were waiting at each moment and what the rule remembered; the
memory goes on from the call that was really made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import polars as pl

from setara.rules import packs
from setara.rules.fast import FastLine
from setara.rules.queue import Memory, Rule, Waiting, order
from setara.science.fairness.calls import BESIDE, LABEL, OPENED
from setara.science.progress import Progress, silent


@dataclass(frozen=True, slots=True)
class Asked:
    """What the rule says of one call: depth, how many waited, and the rows of those it would have called before."""

    row: int
    depth: int
    waiting: int
    before: tuple[int, ...]


def rules_of(pack: str) -> dict[str, Rule]:
    """The queue rule of each step of a pack at which people are called; a service means its newest pack.

    ValueError for an unknown one.
    """
    every = sorted(packs.all_packs(), key=lambda each: each.id)
    fitting = [each for each in every if pack in (each.id, each.id.partition("/")[0])]
    if not fitting:
        raise ValueError(
            f"There is no service pack {pack!r}. There are: {', '.join(each.id for each in every)}."
        )
    found = fitting[-1]
    return {step.code: found.queue_rule(step.code) for step in found.steps if step.kind in {"hall", "pickup"}}


def replay(frame: pl.DataFrame, pack: str, progress: Progress = silent) -> pl.DataFrame:
    """``depth``, ``waiting`` and ``ahead`` (rows of the log) for each row of ``frame`` that the pack rules.

    Depth is the place of the called ticket in the order in which the rule would have gone on from that moment.
    ValueError for a lane that the pack does not have.
    """
    rules = rules_of(pack)
    known = frame.filter(pl.col("activity").is_in(list(rules)))
    for activity in known["activity"].unique().sort():
        lanes = {lane.code for lane in rules[activity].lanes}
        strange = set(known.filter(pl.col("activity") == activity)["lane"].unique()) - lanes
        if strange:
            there = ", ".join(sorted(lanes))
            raise ValueError(
                f"The pack {pack} has no lane {sorted(strange)[0]!r} at {activity}; it has {there}."
            )
    asked: list[Asked] = []
    days = known.partition_by("office", "day", maintain_order=True)
    for done, day in enumerate(days):
        opened = _opened(day)
        for part in day.partition_by("activity", maintain_order=True):
            asked.extend(_line(part.to_dicts(), rules[part["activity"][0]], opened))
        progress("replaying the rule, day by day", done + 1, len(days))
    schema: dict[str, Any] = {
        "row": pl.UInt32,
        "depth": pl.Int32,
        "waiting": pl.Int32,
        "ahead": pl.List(pl.UInt32),
    }
    rows = [(each.row, each.depth, each.waiting, list(each.before)) for each in asked]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _opened(day: pl.DataFrame) -> datetime:
    """When the doors opened: as recorded, otherwise the first call of the day."""
    if isinstance(day.schema.get(OPENED), pl.Datetime) and day[OPENED].null_count() < day.height:
        recorded: Any = day[OPENED].drop_nulls().min()
    else:
        recorded = day["call"].min()
    moment: datetime = recorded
    return moment


def _line(rows: list[dict[str, Any]], rule: Rule, opened: datetime) -> Iterator[Asked]:
    """The calls of one step of one day in their order, each asked of the rule."""
    rows.sort(key=lambda row: (row["call"], row["row"]))
    names = [f"{row.get(LABEL) or row['case']}\0{at}" for at, row in enumerate(rows)]
    place = {name: at for at, name in enumerate(names)}
    hosts = {row[LABEL]: _alone(name, row) for name, row in zip(names, rows, strict=True) if row.get(LABEL)}
    joining = sorted(range(len(rows)), key=lambda at: rows[at]["since"])
    leaving = sorted(
        (at for at, row in enumerate(rows) if row["until"] < row["call"]), key=lambda at: rows[at]["until"]
    )
    line = FastLine(rule, Memory(opened))
    joined = left = 0
    for at, row in enumerate(rows):
        now = row["call"]
        while joined < len(joining) and rows[joining[joined]]["since"] < now:
            who = joining[joined]
            if who >= at and rows[who]["since"] < rows[who]["until"]:
                line.join(_waiting(names[who], rows[who], line.memory, hosts))
            joined += 1
        while left < len(leaving) and rows[leaving[left]]["until"] <= now:
            if leaving[left] > at and names[leaving[left]] in line:
                line.leave(names[leaving[left]])
            left += 1
        if names[at] not in line:  # called while away, or at the moment of coming: there, as the call shows
            line.join(_waiting(names[at], row, line.memory, hosts))
        given, why = line.next(now)
        before: list[str] = []
        if given != names[at]:
            before = order(list(line), rule, line.memory, now)
            before = before[: before.index(names[at])]
        yield Asked(row["row"], len(before), why.waiting, tuple(rows[place[one]]["row"] for one in before))
        line.called(names[at], why)


def _alone(name: str, row: Mapping[str, Any]) -> Waiting:
    """The ticket of a row by itself: who it is and since when."""
    rank = row.get("rank")
    return Waiting(
        ticket=name,
        lane=row["lane"],
        joined_at=row["enqueue"],
        arrived_at=row.get("arrival") or row["enqueue"],
        booked_window=row.get("window"),
        rank=None if rank in (None, "") else int(rank),
    )


def _waiting(name: str, row: Mapping[str, Any], memory: Memory, hosts: Mapping[str, Waiting]) -> Waiting:
    """The ticket as it stands in line; who comes back after a missed call waits by the published list."""
    return replace(
        _alone(name, row),
        re_entry=row["back"] or None,
        re_entered_at=row["since"] if row["back"] else None,
        re_entry_count=memory.called_in(row["lane"]) if row["since"] < row["call"] else -1_000_000,
        beside=hosts.get(row.get(BESIDE) or ""),
    )
