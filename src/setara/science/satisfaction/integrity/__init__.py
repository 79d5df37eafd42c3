"""Integrity of an answer file: was it tampered with?

Eight tests, one module each, none of which drops a row or changes the index: what they find stands beside it. Each
states the share of honest files it flags at most (``FALSE_ALARM``); together they flag at most the sum of these,
1.6 %, because no level is spent twice (Bonferroni). What honest files contain is written in each module: straight
lines, busy hours, families on one device, a shared kiosk.

>>> found = tests(Answers(scores, low=1, high=4, time=times, device=codes(devices)))  # doctest: +SKIP
>>> [one.as_dict() for one in found]  # doctest: +SKIP
"""

from __future__ import annotations

from types import ModuleType
from typing import Final

from setara.science.satisfaction.integrity import (
    bursts,
    channels,
    devices,
    digits,
    duplicates,
    straight,
    ties,
    times,
)
from setara.science.satisfaction.integrity.answers import Answers, Outcome, codes

TESTS: Final[tuple[ModuleType, ...]] = (bursts, straight, duplicates, devices, times, digits, ties, channels)
#: The share of honest files that all tests together flag at most.
FALSE_ALARM: Final[float] = sum(test.FALSE_ALARM for test in TESTS)

__all__ = ["FALSE_ALARM", "TESTS", "Answers", "Outcome", "codes", "tests"]


def tests(answers: Answers, *, seed: int = 1) -> list[Outcome]:  # noqa: PT028 - no test of ours
    """Every test on one file, in the order of ``TESTS``; what it lacks makes a test "not computable"."""
    return [test.run(answers, seed) for test in TESTS]
