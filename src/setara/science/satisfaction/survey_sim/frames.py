"""A simulated file as a table with the usual column names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from setara.science.satisfaction.survey_sim.model import CHANNELS, GROUPS, Simulated


def columns_of(instrument: str) -> tuple[list[str], int, int]:
    """Column names, lowest and highest score of an instrument that can be simulated. Raises ValueError."""
    known = {
        "skm-2017": ([f"U{i}" for i in range(1, 10)], 1, 4),
        "spkp": ([f"K{i}" for i in range(1, 9)], 1, 6),
        "spak": ([f"A{i}" for i in range(1, 6)], 1, 6),
        "servqual": ([f"{half}{i}" for half in "EP" for i in range(1, 23)], 1, 5),
    }
    if instrument not in known:
        raise ValueError(f"the instrument is one of {', '.join(known)}")
    return known[instrument]


def frame(made: Simulated, names: Sequence[str]) -> pl.DataFrame:
    """The file: respondent, time, seconds, device, channel, groups, one column an element.

    Devices are short names without meaning; a score that was not given is empty.
    """
    columns: dict[str, Any] = {
        "respondent": [f"R{i:05d}" for i in range(1, len(made.scores) + 1)],
        "time": made.time.astype("datetime64[us]"),
        "seconds": made.seconds,
        "device": [f"d{one:04d}" if one else "kiosk-1" for one in made.device.tolist()],
        "channel": [CHANNELS[one] for one in made.channel.tolist()],
    }
    for name, (labels, _shares, _effects) in GROUPS.items():
        columns[name] = [labels[one] for one in made.groups[name].tolist()]
    for i, name in enumerate(names):
        given = made.scores[:, i]
        columns[name] = pl.Series(np.nan_to_num(given, nan=0.0).astype(np.int64)).replace(0, None)
    return pl.DataFrame(columns)
