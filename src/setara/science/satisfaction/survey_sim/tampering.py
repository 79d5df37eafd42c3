"""What somebody may do to an answer file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from setara.science.satisfaction.survey_sim.model import FIRST_HOUR, HOURS, Floats, Simulated

#: ``highest``: every answer the highest. ``copies``: one row again and again, at most one item changed.
KINDS: Final = ("highest", "copies")
#: ``hour``: all within one hour, each on a device of its own. ``device``: from one device, over all days.
PLACES: Final = ("hour", "device")


@dataclass(frozen=True, slots=True)
class Tampering:
    """Rows put into a file: ``share`` of the honest rows are added (0.1 of 150: 15 rows)."""

    kind: str
    place: str
    share: float = 0.1


def tamper(honest: Simulated, what: Tampering, seed: int) -> Simulated:
    """The file with stuffed rows among its own, in the order of time. Raises ValueError for an unknown kind."""
    if what.kind not in KINDS or what.place not in PLACES:
        raise ValueError(f"tampering is one of {', '.join(KINDS)}, within one of {', '.join(PLACES)}")
    rng = np.random.default_rng([seed, 77])
    n, extra = len(honest.scores), max(1, round(what.share * len(honest.scores)))
    rows = _rows(honest, what.kind, extra, rng)
    picked = rng.choice(n, extra)
    own_devices = int(honest.device.max()) + 1 + np.arange(extra)
    if what.place == "hour":
        day = (
            rng.choice(np.unique(honest.time.astype("datetime64[D]")))
            .astype("datetime64[s]")
            .astype(np.int64)
        )
        start = day + 3_600 * FIRST_HOUR + rng.integers(0, 3_600 * (len(HOURS) - 1))
        time, device = start + rng.integers(0, 3_600, extra), own_devices
    else:
        moments = honest.time.astype(np.int64)[picked]
        time, device = moments + rng.integers(-1_800, 1_800, extra), np.full(extra, own_devices[0])
    order = np.argsort(np.concatenate([honest.time.astype(np.int64), time]), kind="stable")
    seconds = np.round(rng.lognormal(np.log(5.0 * honest.scores.shape[1]), 0.4, extra), 1)
    groups = {name: np.concatenate([one, one[picked]])[order] for name, one in honest.groups.items()}
    return replace(
        honest,
        scores=np.vstack([honest.scores, rows])[order],
        time=np.concatenate([honest.time, time.astype("datetime64[s]")])[order],
        seconds=np.concatenate([honest.seconds, seconds])[order],
        device=np.concatenate([honest.device, device])[order],
        channel=np.concatenate([honest.channel, np.ones(extra, dtype=np.int64)])[order],
        groups=groups,
        overall=np.concatenate([honest.overall, np.round(rows.mean(axis=1))])[order],
        tampered=np.concatenate([honest.tampered, np.ones(extra, dtype=bool)])[order],
    )


def _rows(honest: Simulated, kind: str, extra: int, rng: np.random.Generator) -> Floats:
    low, high, k = honest.design.low, honest.design.high, honest.scores.shape[1]
    if kind == "highest":
        return np.full((extra, k), float(high))
    whole = np.flatnonzero(~np.isnan(honest.scores).any(axis=1))
    rows = np.tile(honest.scores[rng.choice(whole)], (extra, 1))
    changed = rng.random(extra) < 0.5
    rows[np.flatnonzero(changed), rng.integers(0, k, int(changed.sum()))] = rng.integers(
        low, high + 1, int(changed.sum())
    )
    return rows
