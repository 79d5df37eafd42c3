"""What a simulated office is like, in numbers that can be changed; the rule is a service pack's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final

from setara.rules import packs, schemes
from setara.rules.queue import Rule

PACK: Final = "paspor/2024-12-17"
#: The steps at which people are called, in the order of the path; the last one is on a later day.
STEPS: Final = ("document_check", "biometrics", "interview", "handover")
LANES: Final = ("priority", "booked", "pickup")
PRIORITY, BOOKED, PICKUP = range(3)
INTERVIEW, HANDOVER = 2, 3

#: What may be planted: the unlawful ones of the list that all commands share (what each is here:
#: docs/explanation/fairness-simulator.md). The number of a scheme is its place here, from 1 on.
SCHEMES: Final = tuple(scheme.slug for scheme in schemes.SCHEMES if not scheme.lawful)
NUMBER: Final[Mapping[str, int]] = {name: at for at, name in enumerate(SCHEMES, start=1)}


@dataclass(frozen=True, slots=True)
class World:
    """The parameters of a simulation; shares are of people, calls or days as named, times in minutes.

    ``honest_error``: chance that a call, where somebody can be passed, passes people by mistake; the officers'
    own rates are spread around it with a gamma distribution of shape ``care_shape`` and mean 1 (None: all
    alike). How many are passed then is geometric with ratio ``slip_ratio``, but in a share ``slip_anywhere`` of
    them any number alike. ``schemes``: name -> share of the
    applicants of an office on days when its favouring officer sits; ``favouring`` of the officers' offices have
    one (None: all). ``drift``: demand grows evenly to this multiple at the last day. ``weights``: weights of the
    lanes priority and booked where they are not the pack's (an office that keeps another rule than it published).
    """

    applicants: int = 200
    offices: int = 1
    days: int = 20
    counters: tuple[int, int, int, int] = (2, 1, 2, 1)
    officers: int = 8
    honest_error: float = 0.002
    care_shape: float | None = 2.0
    slip_ratio: float = 0.46
    slip_anywhere: float = 0.0
    schemes: Mapping[str, float] = field(default_factory=dict)
    favouring: int | None = None
    priority: float = 0.10
    families: float = 0.10
    no_shows: float = 0.03
    come_back: float = 0.5
    sent_back: float = 0.05
    outages: float = 0.05
    load: float = 0.7
    collect: bool = True
    drift: float = 1.0
    weights: tuple[int, int] | None = None
    first_office: int = 0

    def __post_init__(self) -> None:
        unknown = set(self.schemes) - set(SCHEMES)
        if unknown:
            raise ValueError(f"There is no scheme {sorted(unknown)[0]!r}. There are: {', '.join(SCHEMES)}.")
        if sum(self.schemes.values()) > 1 or any(not 0 <= rate <= 1 for rate in self.schemes.values()):
            raise ValueError("The rates of the schemes are shares of the applicants, together at most 1.")
        if min(self.applicants, self.offices, self.days) < 1:
            raise ValueError("A simulation needs at least one applicant, one office and one day.")
        if sum(self.counters) > self.officers:
            raise ValueError("An office needs at least as many officers as counters.")
        if not 0 <= self.honest_error < 1:
            raise ValueError("The honest error is a share of calls: at least 0, below 1.")

    def per_day(self, day: int) -> int:
        """How many people apply on a day (counted from 0)."""
        part = day / (self.days - 1) if self.days > 1 else 0.0
        return max(1, round(self.applicants * (1 + (self.drift - 1) * part)))

    def but(self, **changes: object) -> World:
        """The same world with something else."""
        return replace(self, **changes)  # type: ignore[arg-type]


@cache
def published_rule(step: int) -> Rule:
    """The queue rule of a step as the pack publishes it."""
    return packs.pack(PACK).queue_rule(STEPS[step])
