"""Simulated days as the table of calls that detectors get, and what is true of its people.

The simulator knows depth and length of the line; that the order oracle finds the same is tested separately
(``science/fairness/tests/test_against_truth.py``), so that measuring does not have to go through a log.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from setara.science.simulate import hall
from setara.science.simulate.office import STEPS
from setara.science.simulate.running import Day

#: The proven reason of a family excuses a call; a false one does not.
PER_OFFICER = 100


@dataclass(frozen=True)
class Known:
    """``calls``: columns of :data:`setara.science.fairness.honest.NEEDED`, ``depth`` and ``cause``, calls at which
    somebody could be passed. ``favoured``: visits on whom a favour that passed somebody was planted, with
    ``places`` gained."""

    calls: pl.DataFrame
    favoured: pl.DataFrame


def known(days: Iterable[Day]) -> Known:
    """The calls and the truth of some days."""
    parts = [(day, day.calls[day.calls[:, hall.WAITING] >= 2]) for day in days]
    numbers = np.concatenate([calls for _, calls in parts])
    office = np.concatenate([np.full(len(calls), day.office) for day, calls in parts])
    on = np.concatenate([np.full(len(calls), day.day) for day, calls in parts])
    excused = numbers[:, hall.CAUSE] == hall.LAWFUL
    depth = numbers[:, hall.DEPTH]
    frame = pl.DataFrame(
        {
            "case": numbers[:, hall.WHO],
            "office": office,
            "day": on,
            "step": numbers[:, hall.AT],
            "officer": numbers[:, hall.OFFICER] + office * PER_OFFICER,
            "call": numbers[:, hall.CALLED],
            "waiting": numbers[:, hall.WAITING],
            "depth": depth,
            "unexplained": np.where(excused, 0, depth),
            "cause": numbers[:, hall.CAUSE],
        }
    )
    calls = frame.with_columns(
        activity=pl.col("step").replace_strict(dict(enumerate(STEPS)), return_dtype=pl.String),
        resource=pl.format("P{}", pl.col("officer")),
        time=pl.col("call"),
    ).drop("step", "officer")
    favours = calls.filter((pl.col("cause") == hall.FAVOUR) & (pl.col("unexplained") > 0))
    favoured = favours.group_by("office", "day", "case").agg(places=pl.col("unexplained").sum())
    return Known(calls, favoured.sort("office", "day", "case"))
