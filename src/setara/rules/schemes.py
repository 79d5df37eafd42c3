"""The ways in which somebody is preferred, unlawfully or lawfully: one list for every command.

``setara day`` plants them through the real operations of an office, ``setara simulate`` into a simulated log, and
what finds them is judged against what was planted. The unlawful ones are what the Ombudsman found in offices (number
before the others, escorted through all steps, the fast lane sold, served before opening, no interview) and what
such people would do where the system watches (a listed reason that nothing proves, slow work so that somebody pays).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Scheme:
    """One way of being preferred. ``lawful``: the rule or a proven reason allows it. ``day``: ``setara day`` can
    plant it; the others need many days or a whole office and belong to ``setara simulate`` alone."""

    slug: str
    lawful: bool
    words: str
    day: bool = True


SCHEMES: Final[tuple[Scheme, ...]] = (
    Scheme("single-jump", False, "called before others at one step"),
    Scheme("escort", False, "called before others at every step of the visit"),
    Scheme("false-reason", False, "called before others on a listed reason that no record proves"),
    Scheme("false-priority", False, "admitted to the priority lane without its ground"),
    Scheme("off-hours", False, "served before the doors open"),
    Scheme("skipped-interview", False, "let through without the interview"),
    Scheme("slow-walk", False, "left waiting at the counter while others who paid are served"),
    Scheme("pair", False, "handed by one officer to a certain other one"),
    Scheme("quota-leak", False, "given a seat that was kept back from the public", day=False),
    Scheme("broker", False, "one of many who come by the same third party", day=False),
    Scheme("adaptive", False, "preferred only as far as the officer believes to be unseen", day=False),
    Scheme("proven-override", True, "called before others on a proven and approved reason"),
    Scheme("missed-call", True, "back after a missed call, by the published list"),
    Scheme("family", True, "a companion who stands behind the person accompanied"),
    Scheme("send-back", True, "back with a missing paper, at the first place"),
)
BY_SLUG: Final = {scheme.slug: scheme for scheme in SCHEMES}
#: The slugs that ``setara day --scheme`` knows.
DAY: Final = tuple(scheme.slug for scheme in SCHEMES if scheme.day)


def parse(text: str, known: Iterable[str] = tuple(BY_SLUG)) -> tuple[str, float]:
    """``SLUG:RATE`` as slug and share (0 < share <= 1); ValueError that says what can be given instead.

    The rate is the share of the applicants for whom the scheme is tried; ``5%`` is read as 0.05.
    """
    slug, colon, share = text.partition(":")
    slugs = tuple(known)
    if slug not in slugs:
        raise ValueError(f"There is no scheme {slug!r}. There are: {', '.join(slugs)}.")
    number = share.strip()
    try:
        rate = float(number[:-1]) / 100 if number.endswith("%") else float(number)
    except ValueError:
        rate = 0.0
    if not colon or not 0 < rate <= 1:
        raise ValueError(f"{text!r}: give the scheme and its share of the applicants, such as {slug}:0.05.")
    return slug, rate
