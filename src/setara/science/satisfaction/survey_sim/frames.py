"""A simulated file as a table with the usual column names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import polars as pl

from setara.science.satisfaction.survey_sim.model import CHANNELS, GROUPS, Simulated, importance


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


def offsets_of(instrument: str) -> tuple[float, ...]:
    """How much better each column does than the mean: people expect more than they perceive, most of all on time."""
    if instrument != "servqual":
        return ()
    perceived = [0.2, -0.1, 0.2, 0.1, -0.5, 0.0, -0.1, -0.4, 0.1, -0.1, -0.3, 0.1, -0.2]
    perceived += [0.1, 0.2, 0.2, 0.0, -0.1, -0.2, 0.0, 0.1, 0.0]
    return (*[0.8] * 22, *perceived)


def truth(made: Simulated, names: Sequence[str], instrument: str) -> dict[str, Any]:
    """What is true of a file: means over all visitors, of the honest respondents, of the file; rows not given."""
    file_means = np.nanmean(made.scores, axis=0)
    means = {"visitors": made.true_means, "honest_respondents": made.honest_means, "file": file_means}
    return {
        "instrument": instrument,
        "design": asdict(made.design) | {"start": made.design.start.isoformat()},
        "means": {who: dict(zip(names, map(float, values), strict=True)) for who, values in means.items()},
        "index": {who: float(values.mean()) for who, values in means.items()},
        "importance": dict(zip(names, map(float, importance(len(names))), strict=True)),
        "tampered_rows": (np.flatnonzero(made.tampered) + 2).tolist(),
    }


def frame(made: Simulated, names: Sequence[str]) -> pl.DataFrame:
    """The file: respondent, time, seconds, device, channel, groups, one column an element, overall satisfaction.

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
    columns["overall"] = made.overall.astype(np.int64)
    return pl.DataFrame(columns)
