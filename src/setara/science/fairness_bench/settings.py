"""The settings of the protocol: what is planted, and in which ways the world differs from what an audit assumes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from setara.science.simulate.office import World

#: What an audit is told about honest people; where the world differs, the setting says so.
STATED_ERROR: Final = 0.002
#: Twenty offices of eight officers, a month of twenty working days, about two hundred applicants a day.
MONTH: Final = World(offices=20, days=20, honest_error=STATED_ERROR)


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of a table: ``changes`` to the world; ``twin`` marks those in which the audit assumes wrongly."""

    slug: str
    words: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    twin: bool = False

    def world(self, month: World, **more: Any) -> World:
        """The world of this setting."""
        return month.but(**(dict(more) | dict(self.changes)))


def _jump(rate: float = 0.01, scheme: str = "single-jump") -> dict[str, Any]:
    return {"schemes": {scheme: rate}}


_TWINS: Final = (
    Setting("error-doubled", "honest error 0.4 %, stated 0.2 %", {"honest_error": 0.004}, twin=True),
    Setting("error-halved", "honest error 0.1 %, stated 0.2 %", {"honest_error": 0.001}, twin=True),
    Setting("drift", "demand grows by half over the month", {"drift": 1.5}, twin=True),
    Setting("deeper-mistakes", "honest mistakes reach deeper (ratio 0.6 for 0.46)", {"slip_ratio": 0.6}, twin=True),
    Setting("anywhere", "1 in 10 honest mistakes passes any number of people", {"slip_anywhere": 0.1}, twin=True),
)  # fmt: skip

#: D3: every office has one officer who favours; a favour is tried for 1 in 100 applicants on days he sits.
APPLICANTS: Final = (
    Setting("base", "single jump, honest error 0.2 %", _jump()),
    Setting("escort", "escorted along the whole way", _jump(scheme="escort")),
    Setting("false-reason", "single jump under a reason that nothing proves", _jump(scheme="false-reason")),
    *(Setting(one.slug, one.words, _jump() | dict(one.changes), one.twin) for one in _TWINS),
    Setting("no-error", "single jump, nobody errs", _jump() | {"honest_error": 0.0}),
    Setting("nobody-favours", "nobody favours anybody", {"schemes": {}}),
)

#: D4: 4 of 160 officers favour; 1 in 100 of their office's applicants on days they sit.
OFFICERS: Final = (
    Setting("base", "1 in 100, single jump, honest error 0.2 %", _jump()),
    Setting("false-reason", "1 in 100, under a reason that nothing proves", _jump(scheme="false-reason")),
    Setting("half", "1 in 200", _jump(0.005)),
    Setting("quarter", "1 in 400", _jump(0.0025)),
    Setting(
        "by-hand",
        "1 in 100, honest error 1 %, as where people call by hand",
        _jump() | {"honest_error": 0.01},
    ),
    Setting("adaptive", "1 in 100, but not in every second week", _jump(scheme="adaptive")),
    *(Setting(one.slug, one.words, _jump() | dict(one.changes), one.twin) for one in _TWINS),
    Setting("nobody-favours", "nobody favours anybody", {"schemes": {}}),
)
FAVOURING: Final = 4


@dataclass(frozen=True, slots=True)
class Size:
    """How much is simulated: months for each setting, for the first one, for alarms; and of how many offices."""

    offices: int
    days: int
    months: int
    base_months: int
    officer_months: int
    alarm_offices: int
    alarm_days: int
    lane_days: int

    def month(self) -> World:
        """The world of a month."""
        return MONTH.but(offices=self.offices, days=self.days)


FULL: Final = Size(
    offices=20, days=20, months=5, base_months=10, officer_months=40_000, alarm_offices=40, alarm_days=250,
    lane_days=5,
)  # fmt: skip
QUICK: Final = Size(
    offices=5, days=3, months=1, base_months=1, officer_months=30, alarm_offices=2, alarm_days=24, lane_days=1
)  # fmt: skip
