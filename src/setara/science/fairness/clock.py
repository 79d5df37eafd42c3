"""Moments as people of the office read them: in the offset of the log, where it states one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from setara.science.events.log import Log


@dataclass(frozen=True, slots=True)
class Clock:
    """The offset from UTC in which moments are shown."""

    offset: timedelta = timedelta()

    @property
    def name(self) -> str:
        """Such as UTC or UTC+07:00."""
        return str(timezone(self.offset))

    def shown(self, moment: datetime | str | None) -> str:
        """Date and time to the second; nothing for None."""
        if moment is None:
            return ""
        aware = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        return f"{aware.astimezone(timezone(self.offset)):%Y-%m-%d %H:%M:%S}"


def clock_of(log: Log) -> Clock:
    """The offset that most rows state; UTC where none does."""
    if "offset" not in log.frame.columns:
        return Clock()
    usual = log.frame["offset"].drop_nulls().mode().sort()
    return Clock(timedelta(minutes=int(usual[0]))) if len(usual) else Clock()
