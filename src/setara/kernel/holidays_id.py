"""National holidays and joint leave (cuti bersama) of Indonesia, to seed an office's own table.

The seed comes from the ``holidays`` package, which matched the joint decree (SKB) of 19 Sep 2025 for
2026 exactly (PLATFORM B4.1). It is a seed only: days are added by decree with days of notice, so the
office's table, not this module, is what counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Kind = Literal["national", "joint_leave"]


@dataclass(frozen=True, slots=True, order=True)
class Holiday:
    """One free day: its date, its Indonesian name and who made it free."""

    date: date
    name: str
    kind: Kind


def seed(year: int) -> list[Holiday]:
    """Holidays and joint leave of ``year`` by date; a day that is both counts as national.

    Needs the extra ``office`` (package ``holidays``); raises ModuleNotFoundError without it.
    """
    # Late import: the package takes a while to load and only the set-up of a year needs it.
    import holidays

    found: dict[date, Holiday] = {}
    categories: tuple[tuple[str, Kind], ...] = (("government", "joint_leave"), ("public", "national"))
    for category, kind in categories:
        days = holidays.country_holidays("ID", years=year, language="id", categories=(category,))
        for day, name in days.items():
            found[day] = Holiday(day, name, kind)
    return sorted(found.values())
