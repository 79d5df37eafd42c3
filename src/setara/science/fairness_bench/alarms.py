"""D10 on simulated offices, and what happens where the lane rule of the office is not the one it is held against."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from setara.science.events.log import Log
from setara.science.fairness import applicants, change, officers
from setara.science.fairness.prepared import Options, prepare
from setara.science.fairness.rule import OrderRule
from setara.science.fairness_bench.calls import known
from setara.science.fairness_bench.measuring import rate
from setara.science.fairness_bench.settings import STATED_ERROR, Size
from setara.science.progress import Progress, silent
from setara.science.simulate.logs import generate
from setara.science.simulate.office import PACK, World
from setara.science.simulate.running import Simulation

#: What an office takes up after its honest days.
TAKEN_UP = (("single-jump", 0.01), ("escort", 0.01), ("escort", 0.02))


def alarms(size: Size, seed: int, progress: Progress = silent) -> list[dict[str, Any]]:
    """False alarms of honest offices in the first row, then the delay after favours begin."""
    world = size.month().but(offices=size.alarm_offices, days=size.alarm_days)
    progress("change alarms", 0, 1 + len(TAKEN_UP))
    quiet = _streams(world, seed)
    false = days = 0
    for x, n in quiet.values():
        usual = change.usual_share(x[: change.USUAL], n[: change.USUAL], STATED_ERROR)
        found = change.alarm(x[change.USUAL :], n[change.USUAL :], usual)
        false += found.at is not None
        days += len(x) - change.USUAL if found.at is None else found.at + 1
    rows: list[dict[str, Any]] = [
        {"words": "nothing changes", "office_days": days, "false_in_ten_years": rate(false, days, change.RUN)}
    ]
    after = min(size.alarm_days // 4, 60)
    before = min(size.alarm_days // 4, 60)
    for done, (scheme, share_) in enumerate(TAKEN_UP):
        changed = _streams(world.but(days=after, schemes={scheme: share_}), seed + 1)
        delays, dated = [], []
        for office, (later_x, later_n) in changed.items():
            x = np.append(quiet[office][0][:before], later_x)
            n = np.append(quiet[office][1][:before], later_n)
            usual = change.usual_share(x[: change.USUAL], n[: change.USUAL], STATED_ERROR)
            found = change.alarm(x[change.USUAL :], n[change.USUAL :], usual)
            late = np.inf if found.at is None else found.at + 1 - (before - change.USUAL)
            if late > 0:  # an alarm before the change is a false one, counted above
                delays.append(late)
                if found.since is not None:
                    dated.append(abs(found.since - (before - change.USUAL)))
        median = float(np.median(delays)) if delays else np.inf
        rows.append(
            {
                "words": f"{scheme}, 1 in {round(1 / share_)}",
                "offices": len(delays),
                "median_delay": median if np.isfinite(median) else None,
                "within": after,
                "alarmed": float(np.isfinite(delays).mean()) if delays else None,
                "median_error_of_date": float(np.median(dated)) if dated else None,
            }
        )
        progress("change alarms", done + 2, 1 + len(TAKEN_UP))
    return rows


def _streams(world: World, seed: int) -> dict[int, tuple[Any, Any]]:
    """Calls out of turn and calls of each office, day by day."""
    table = pl.concat([change.days_of(known([day]).calls) for day in Simulation(world, seed).days()])
    table = table.sort("office", "day")
    return {
        int(office[0]): (part["out_of_turn"].to_numpy(), part["calls"].to_numpy())
        for office, part in table.group_by("office", maintain_order=True)
    }


def lanes(size: Size, seed: int, progress: Progress = silent) -> list[dict[str, Any]]:
    """Offices that keep the published weights of the lanes, and offices that keep others, held against the pack."""
    out = []
    for done, (words, weights) in enumerate(
        (("the lanes as published (2 : 3)", None), ("another lane rule (1 : 9)", (1, 9)))
    ):
        world = size.month().but(
            offices=2, days=size.lane_days, weights=weights, schemes={"single-jump": 0.01}, priority=0.25
        )
        log, _ = generate(world, seed)
        utc = [name for name, kind in log.schema.items() if isinstance(kind, pl.Datetime)]
        frame = log.with_columns(pl.col("time").dt.date().alias("day")).with_columns(
            pl.col(utc).dt.convert_time_zone("UTC")
        )
        prepared = prepare(
            Log(frame, {}), Options(rule=OrderRule("pack", pack=PACK), honest_error=STATED_ERROR)
        )
        out.append(
            {
                "words": words,
                "calls": prepared.fit.calls,
                "explained": prepared.fit.explained,
                "of_the_officer_in_the_middle": prepared.fit.typical,
                "fits": prepared.fit.fits,
                "d3": applicants.find(prepared).decision,
                "d4": officers.find(prepared).decision,
            }
        )
        progress("another lane rule", done + 1, 2)
    return out
