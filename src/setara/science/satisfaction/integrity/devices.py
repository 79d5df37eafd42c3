"""Devices: one device whose answers are much more alike, or much more often all highest, than all others'.

Families and kiosks are no finding. *Null*: which device an answer came from has nothing to do with what it says,
but for odds up to ``TOLERANCE`` times as high on one device as on the others: those who use the kiosk are other
people than those who answer at home. *Statistic*: :mod:`scan` over each device with eight answers or more and over
each hour of it.
Devices with fewer answers (families) are not looked at.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from setara.kernel.words import Words
from setara.science.satisfaction.integrity.answers import Answers, Outcome, decided, not_computable
from setara.science.satisfaction.integrity.bursts import HOUR
from setara.science.satisfaction.integrity.kinds import Ints
from setara.science.satisfaction.integrity.scan import evenly, least_likely, segments, windows

CODE: Final = "devices"
NAME: Final = Words(id="Pola perangkat", en="Device patterns")
FALSE_ALARM: Final = 0.005
TOLERANCE: Final = 1.5


def run(answers: Answers, seed: int = 1) -> Outcome:  # noqa: ARG001 - the same call for every test
    """Look at every device, whole and hour by hour; see the module."""
    if answers.device is None or not (answers.device >= 0).any():
        why = Words(id="Berkas tidak memuat kolom perangkat.", en="The file has no column of devices.")
        return not_computable(CODE, NAME, FALSE_ALARM, why)
    order, spans = _groups(answers, answers.device)
    hit, rows = least_likely(answers, order, spans, evenly(spans), TOLERANCE)
    decision = decided(hit.p_value, FALSE_ALARM)
    if decision == "clear":
        total = int(np.count_nonzero(np.bincount(answers.device[answers.device >= 0])))
        finding = Words(
            id=f"Tidak ada perangkat yang jawabannya terlalu seragam ({total} perangkat).",
            en=f"No device has answers that are too much alike ({total} devices).",
        )
        return Outcome(CODE, NAME, decision, FALSE_ALARM, finding, hit.p_value)
    stretch = order[hit.span[0] : hit.span[1]]
    numbers = answers.numbers(rows)
    finding = Words(
        id=f"{hit.count} dari {len(stretch)} jawaban dari satu perangkat (baris {numbers[0]} dan lainnya) (hampir) "
        f"sama; diharapkan {hit.expected:.1f}.",
        en=f"{hit.count} of {len(stretch)} answers from one device (row {numbers[0]} and others) are (nearly) "
        f"the same; {hit.expected:.1f} were expected.",
    )
    details: dict[str, Any] = {"answers": len(stretch), "alike": hit.count, "expected": hit.expected}
    return Outcome(CODE, NAME, decision, FALSE_ALARM, finding, hit.p_value, numbers, details)


def _groups(answers: Answers, device: Ints) -> tuple[Ints, Ints]:
    """The rows by device and time, and the stretches: devices, and hours of devices."""
    if answers.moments is None or answers.resolution > HOUR:
        order = np.argsort(device, kind="stable")
        return order, segments(device[order])
    span = int(answers.moments[answers.timed].max() - answers.moments[answers.timed].min()) + 2 * HOUR
    since = np.where(answers.timed, answers.moments - answers.moments[answers.timed].min(), span - HOUR)
    key = device * (2 * span) + since  # the hours of one device never reach those of the next
    order = np.argsort(key, kind="stable")
    whole = segments(device[order])
    hours = windows(key[order], HOUR)
    named = device[order][hours[:, 0]] >= 0 if len(hours) else np.zeros(0, dtype=bool)
    return order, np.unique(np.vstack([whole, hours[named]]), axis=0)
