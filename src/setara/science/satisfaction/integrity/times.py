"""Impossible times: handed in before it was begun, answered faster than a hand can, two at once on one device.

These are facts and not statistics: in a file whose clocks are right there are none, so that no share of honest files
is flagged. One wrong clock is nobody's fault, though: single rows are told (``told``), and it is *attention* when
``FEWEST`` rows and ``SHARE`` of the file are concerned, or when a duration is negative. *Assumptions*: fewer than
``SECONDS_AN_ITEM`` seconds an item is no answer by a person; two answers from one device are at least that far
apart too, which is looked at only where the clock shows seconds.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from setara.kernel.words import Words
from setara.science.satisfaction.integrity.answers import Answers, Outcome, not_computable
from setara.science.satisfaction.integrity.kinds import Bools

CODE: Final = "impossible-times"
NAME: Final = Words(id="Waktu yang mustahil", en="Impossible times")
FALSE_ALARM: Final = 0.0
SECONDS_AN_ITEM: Final = 0.3
FEWEST: Final = 5
SHARE: Final = 0.02


def run(answers: Answers, seed: int = 1) -> Outcome:  # noqa: ARG001 - the same call for every test
    """Look at durations and at the answers of each device; see the module."""
    at_once = _at_once(answers)
    if answers.seconds is None and at_once is None:
        why = Words(
            id="Berkas tidak memuat lama pengisian, atau waktu sampai detik beserta perangkat.",
            en="The file has neither durations nor times to the second together with devices.",
        )
        return not_computable(CODE, NAME, FALSE_ALARM, why)
    none = np.zeros(answers.n, dtype=bool)
    given = (answers.levels > 0).sum(axis=1)
    seconds = np.full(answers.n, np.nan) if answers.seconds is None else answers.seconds
    before = np.nan_to_num(seconds, nan=1.0) < 0
    fast = ~before & (np.nan_to_num(seconds, nan=np.inf) < SECONDS_AN_ITEM * given)
    together = none if at_once is None else at_once
    found = before | fast | together
    enough = int(found.sum()) >= max(FEWEST, SHARE * answers.n) or bool(before.any())
    details: dict[str, Any] = {
        "before": int(before.sum()), "fast": int(fast.sum()), "at_once": int(together.sum()),
    }  # fmt: skip
    numbers = f"{details['before']}, {details['fast']}, {details['at_once']}"
    finding = Words(
        id=f"Selesai sebelum mulai, terlalu cepat, bersamaan di satu perangkat: {numbers} baris.",
        en=f"Finished before it began, too fast, at once on one device: {numbers} rows.",
    )
    decision = "attention" if enough else "clear"
    rows = answers.numbers(np.flatnonzero(found))
    return Outcome(CODE, NAME, decision, FALSE_ALARM, finding, None, rows, details)  # type: ignore[arg-type]


def _at_once(answers: Answers) -> Bools | None:
    """Rows handed in on the heels of another row of the same device; None where that cannot be seen."""
    if answers.moments is None or answers.device is None or answers.resolution > 1:
        return None
    rows = np.flatnonzero(answers.timed & (answers.device >= 0))
    rows = rows[np.lexsort((answers.moments[rows], answers.device[rows]))]
    gaps, same = np.diff(answers.moments[rows]), np.diff(answers.device[rows]) == 0
    given = (answers.levels[rows[1:]] > 0).sum(axis=1)
    found = np.zeros(answers.n, dtype=bool)
    found[rows[1:][same & (gaps < SECONDS_AN_ITEM * given)]] = True
    return found
