"""Straight-lining: rows with the same answer everywhere, gathered on one day or in one channel.

Many people answer in a straight line; that they do is told (``share``) and is no finding. *Null*: the day and the
channel of an answer have nothing to do with its being a straight line, but for odds up to ``TOLERANCE`` times as
high on one day or in one channel as in the rest. *Statistic*: the least tail probability over all days and channels
with eight answers or more (:mod:`scan`). Answers of one device within ten minutes count once.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from setara.kernel.words import Words
from setara.science.satisfaction.integrity.answers import Answers, Outcome, decided, not_computable
from setara.science.satisfaction.integrity.kinds import Ints, Kinds
from setara.science.satisfaction.integrity.scan import Hit, evenly, scan, segments

CODE: Final = "straight-lining"
NAME: Final = Words(id="Jawaban garis lurus", en="Straight-lining")
FALSE_ALARM: Final = 0.001
TOLERANCE: Final = 2.0
DAY: Final = 86_400


def run(answers: Answers, seed: int = 1) -> Outcome:  # noqa: ARG001 - the same call for every test
    """Look at every day and channel; see the module."""
    labels: list[tuple[str, Ints, Ints]] = []
    if answers.moments is not None:
        rows = answers.visits
        labels.append(("day", rows, answers.moments[rows] // DAY))
    if answers.channel is not None and (answers.channel >= 0).any():
        rows = np.flatnonzero(answers.channel >= 0)
        labels.append(("channel", rows, answers.channel[rows]))
    if not labels:
        why = Words(
            id="Berkas tidak memuat waktu maupun saluran jawaban.",
            en="The file has neither times nor channels of the answers.",
        )
        return not_computable(CODE, NAME, FALSE_ALARM, why)
    kinds = Kinds(np.array([[False], [True]]), answers.straight.astype(np.int64))
    found: list[tuple[Hit, Ints, str]] = []
    for name, rows, values in labels:
        order_of = np.argsort(values, kind="stable")
        order = rows[order_of]
        spans = segments(values[order_of])
        found.append((scan(kinds, order, spans, evenly(spans), TOLERANCE), order, name))
    hit, order, name = min(found, key=lambda one: one[0].p_value)
    p = min(1.0, len(found) * hit.p_value)
    share = float(answers.straight.mean()) if answers.n else 0.0
    details = {"share": share, "by": name, "answers": hit.span[1] - hit.span[0], "straight": hit.count}
    if decided(p, FALSE_ALARM) == "clear":
        finding = Words(
            id=f"{share:.0%} jawaban bergaris lurus, tersebar di semua hari dan saluran.",
            en=f"{share:.0%} of the answers are straight lines, spread over all days and channels.",
        )
        return Outcome(CODE, NAME, "clear", FALSE_ALARM, finding, p, details={"share": share})
    stretch = order[hit.span[0] : hit.span[1]]
    where_id, where_en = ("hari", "day") if name == "day" else ("saluran", "channel")
    finding = Words(
        id=f"{hit.count} dari {len(stretch)} jawaban pada satu {where_id} bergaris lurus; diharapkan "
        f"{hit.expected:.1f}.",
        en=f"{hit.count} of {len(stretch)} answers of one {where_en} are straight lines; {hit.expected:.1f} "
        "were expected.",
    )
    numbers = answers.numbers(stretch[answers.straight[stretch]])
    return Outcome(CODE, NAME, "attention", FALSE_ALARM, finding, p, numbers, details)
