"""Digits: seconds of the clock that no clock shows.

*Null*: the second within the minute at which people hand in their answers is uniform, whatever the hour; families and
kiosks do not change that. *Statistic*: chi-square of the seconds over the values that the clock's step allows; its
tail by 20,000 simulated files of the same size below 1,000 rows, else from the chi-square distribution. Times typed
by hand heap at round seconds, times written by a program at equal ones. Not computable where the clock shows minutes
only or fewer than 50 rows have a time. *Not innocent of*: batches that a server stamps on arrival.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from scipy import stats

from setara.kernel.words import Words
from setara.science.satisfaction.integrity.answers import Answers, Floats, Outcome, decided, not_computable

CODE: Final = "digits"
NAME: Final = Words(id="Angka detik", en="Digits of the clock")
FALSE_ALARM: Final = 0.001
FEWEST: Final = 50
_SIMULATED: Final = 20_000


def run(answers: Answers, seed: int = 1) -> Outcome:  # noqa: ARG001 - the same call for every test
    """Look at the seconds; see the module."""
    step = answers.resolution
    if answers.moments is None or step >= 60 or 60 % step or int(answers.timed.sum()) < FEWEST:
        why = Words(
            id=f"Perlu {FEWEST} waktu yang memuat detik.", en=f"It needs {FEWEST} times that show seconds."
        )
        return not_computable(CODE, NAME, FALSE_ALARM, why)
    second = answers.moments[answers.timed] % 60
    cells = 60 // step
    counts = np.bincount(second // step, minlength=cells)
    n = int(counts.sum())
    value = float(((counts - n / cells) ** 2).sum() * cells / n)
    if n < 1_000:
        drawn = _null(n, cells)
        p = float((1 + np.count_nonzero(drawn >= value - 1e-9)) / (len(drawn) + 1))
    else:
        p = float(stats.chi2.sf(value, cells - 1))
    most = int(counts.argmax())
    details = {"second": most * step, "count": int(counts[most]), "expected": n / cells}
    said = f"{counts[most]} (:{most * step:02d}; {n / cells:.1f})"
    if decided(p, FALSE_ALARM) == "clear":
        finding = Words(
            id=f"Detik tersebar seperti pada jam; terbanyak {said}.",
            en=f"Seconds are spread as clocks spread them; most {said}.",
        )
        return Outcome(CODE, NAME, "clear", FALSE_ALARM, finding, p, details=details)
    finding = Words(
        id=f"Detik tidak tersebar seperti pada jam: {counts[most]} dari {n} pada detik {most * step:02d}, diharapkan "
        f"{n / cells:.1f}.",
        en=f"Seconds are not spread as clocks spread them: {counts[most]} of {n} at second {most * step:02d}, "
        f"{n / cells:.1f} expected.",
    )
    rows = np.flatnonzero(answers.timed)[second // step == most]
    return Outcome(CODE, NAME, "attention", FALSE_ALARM, finding, p, answers.numbers(rows), details)


@lru_cache(maxsize=8)
def _null(n: int, cells: int) -> Floats:
    """The statistic in files whose seconds are uniform."""
    drawn = np.random.default_rng(17).multinomial(n, [1 / cells] * cells, size=_SIMULATED)
    return np.asarray(((drawn - n / cells) ** 2).sum(axis=1) * cells / n)
