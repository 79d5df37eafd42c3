"""Channel gaps: one channel far above or below the others.

People who answer at the kiosk are others than those who answer at home, so that a gap is expected. *Null*: the mean
of a channel is within ``MARGIN`` of the scale's length (half a point on 1-4) of the mean of the others. *Statistic*:
Welch's t of the respondents' own means against that margin, one-sided in the direction of the gap, times the number
of channels of ten answers or more (Bonferroni).
"""

from __future__ import annotations

from math import sqrt
from typing import Final

import numpy as np
from scipy import stats

from setara.kernel.words import Words
from setara.science.satisfaction.integrity.answers import Answers, Floats, Outcome, decided, not_computable
from setara.science.satisfaction.intervals import MINIMUM_CELL

CODE: Final = "channels"
NAME: Final = Words(id="Selisih antarsaluran", en="Channel gaps")
FALSE_ALARM: Final = 0.001
MARGIN: Final = 1 / 6


def run(answers: Answers, seed: int = 1) -> Outcome:  # noqa: ARG001 - the same call for every test
    """Compare each channel with the rest; see the module."""
    why = Words(
        id=f"Perlu dua saluran dengan masing-masing {MINIMUM_CELL} jawaban.",
        en=f"It needs two channels of {MINIMUM_CELL} answers each.",
    )
    if answers.channel is None:
        return not_computable(CODE, NAME, FALSE_ALARM, why)
    rows = np.flatnonzero((answers.channel >= 0) & ~np.isnan(answers.own))
    channel = answers.channel[rows]
    counts = np.bincount(channel) if len(channel) else np.zeros(0, dtype=np.int64)
    large = np.flatnonzero((counts >= MINIMUM_CELL) & (len(rows) - counts >= MINIMUM_CELL))
    if not len(large):
        return not_computable(CODE, NAME, FALSE_ALARM, why)
    values = answers.own[rows]
    margin = MARGIN * (answers.high - answers.low)
    tested = [(*_beyond(values[channel == one], values[channel != one], margin), int(one)) for one in large]
    p, gap, which = min(tested)
    p = min(1.0, p * len(tested))
    details = {"gap": gap, "margin": margin, "answers": int(counts[which])}
    if decided(p, FALSE_ALARM) == "clear":
        widest = max(tested, key=lambda one: abs(one[1]))[1]
        finding = Words(
            id=f"Selisih terbesar satu saluran dengan lainnya {widest:+.2f}; belum pasti melebihi {margin:.2f}.",
            en=f"The widest gap of one channel to the others is {widest:+.2f}; it is not surely beyond {margin:.2f}.",
        )
        return Outcome(CODE, NAME, "clear", FALSE_ALARM, finding, p, details=details)
    found = answers.numbers(rows[channel == which])
    finding = Words(
        id=f"Satu saluran (baris {found[0]} dan lainnya, {len(found)} jawaban) berselisih {gap:+.2f} dari lainnya.",
        en=f"One channel (row {found[0]} and others, {len(found)} answers) is {gap:+.2f} from the others.",
    )
    return Outcome(CODE, NAME, "attention", FALSE_ALARM, finding, p, found, details)


def _beyond(one: Floats, others: Floats, margin: float) -> tuple[float, float]:
    """p-value of a gap beyond the margin, two-sided, and the gap."""
    gap = float(one.mean() - others.mean())
    parts = one.var(ddof=1) / len(one), others.var(ddof=1) / len(others)
    error = sqrt(sum(parts))
    if abs(gap) <= margin:
        return 1.0, gap
    if error < 1e-12:
        return 0.0, gap
    free = sum(parts) ** 2 / (parts[0] ** 2 / (len(one) - 1) + parts[1] ** 2 / (len(others) - 1))
    return min(1.0, 2 * float(stats.t.sf((abs(gap) - margin) / error, free))), gap
