"""Bursts: an hour whose answers are much more alike, or much more often all highest, than those of other hours.

Busy hours are no finding: the number of answers in an hour is not looked at, only what they say. *Null*: the time
of an answer has nothing to do with what it says, but for odds up to ``TOLERANCE`` times as high in one hour as in
the others. *Statistic*: :mod:`scan` over the stretches of 60 minutes from every quarter of an hour on that have
eight answers or more; the larger ones get more of the level, for stuffing makes its hour a large one. *Families*:
of answers from one device within ten minutes only the first counts here (the device has its own test); without a
device column a family is smaller than the eight alike answers that a finding needs.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from setara.kernel.words import Words
from setara.science.satisfaction.integrity.answers import Answers, Outcome, decided, not_computable
from setara.science.satisfaction.integrity.scan import largest_first, least_likely, windows

CODE: Final = "bursts"
NAME: Final = Words(id="Lonjakan jawaban seragam", en="Bursts of like answers")
FALSE_ALARM: Final = 0.005
TOLERANCE: Final = 1.2
HOUR: Final = 3_600


def run(answers: Answers, seed: int = 1) -> Outcome:  # noqa: ARG001 - the same call for every test
    """Look at every hour; see the module."""
    if answers.moments is None or answers.resolution > HOUR:
        why = Words(id="Berkas tidak memuat jam jawaban.", en="The file has no time of day of the answers.")
        return not_computable(CODE, NAME, FALSE_ALARM, why)
    kept = answers.visits
    order = kept[np.argsort(answers.moments[kept], kind="stable")]
    spans = windows(answers.moments[order], HOUR)
    hit, rows = least_likely(answers, order, spans, largest_first(spans), TOLERANCE)
    decision = decided(hit.p_value, FALSE_ALARM)
    if decision == "clear":
        finding = Words(
            id=f"Tidak ada jam yang jawabannya terlalu seragam ({len(spans)} rentang diperiksa).",
            en=f"No hour has answers that are too much alike ({len(spans)} stretches looked at).",
        )
        return Outcome(CODE, NAME, decision, FALSE_ALARM, finding, hit.p_value)
    stretch = order[hit.span[0] : hit.span[1]]
    start, end = (np.datetime64(int(answers.moments[at]), "s") for at in (stretch[0], stretch[-1]))
    finding = Words(
        id=f"{hit.count} dari {len(stretch)} jawaban antara {_said(start)} dan {_said(end)} (hampir) sama; "
        f"diharapkan {hit.expected:.1f}.",
        en=f"{hit.count} of {len(stretch)} answers between {_said(start)} and {_said(end)} are (nearly) the same; "
        f"{hit.expected:.1f} were expected.",
    )
    details = {"from": str(start), "to": str(end), "answers": len(stretch), "alike": hit.count}
    details["expected"] = hit.expected
    return Outcome(CODE, NAME, decision, FALSE_ALARM, finding, hit.p_value, answers.numbers(rows), details)


def _said(moment: np.datetime64) -> str:
    return str(moment).replace("T", " ")[:16]
