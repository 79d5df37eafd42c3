"""The integrity tests on the answers that a command has read."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from setara.science.satisfaction import integrity
from setara.science.satisfaction.integrity import Outcome
from setara.science.satisfaction.tables import Answers


def outcomes(answers: Answers, *, seed: int = 1) -> list[Outcome]:
    """Every integrity test on the required columns of those who answered; row numbers are those of the file."""
    taken = answers.answered
    some = answers if taken.all() else answers.take(taken)
    time = some.meta.get("time")
    seconds = some.meta.get("seconds")
    return integrity.tests(
        integrity.Answers(
            some.block(some.instrument.required if some.instrument.required[0] in some.codes else some.codes),
            float(some.instrument.low),
            float(some.instrument.high),
            time=None
            if time is None or time.dtype != pl.Datetime("us")
            else time.to_numpy().astype("datetime64[s]"),
            seconds=None if seconds is None else seconds.fill_null(float("nan")).to_numpy(),
            device=_numbered(some, "device"),
            channel=_numbered(some, "channel"),
            respondent=_numbered(some, "id"),
            rows=some.rows,
        ),
        seed=seed,
    )


def _numbered(answers: Answers, role: str) -> NDArray[np.int64] | None:
    """A column of texts as whole numbers, -1 where empty; None where the file has none."""
    if role not in answers.meta:
        return None
    texts = answers.meta[role]
    return (
        texts.set(texts == "", None)
        .cast(pl.Categorical)
        .to_physical()
        .cast(pl.Int64)
        .fill_null(-1)
        .to_numpy()
    )
