"""The promise of a file: when its clock runs, and by which date it is kept."""

from __future__ import annotations

from datetime import date, datetime

from setara.applications.service import pack_of_application, papers_came_at
from setara.casework.models import Case
from setara.offices.service import calendar_of


def due_on(case: Case, as_of: datetime) -> date | None:
    """The date by which the file is promised, holds counted; None before the clock has started.

    While a hold that stops the clock lasts, the earliest date still possible if it ended ``as_of``. One that waits
    for papers stops the clock until the last of them has come, whenever an officer looks at them.
    """
    if case.clock_started_at is None:
        return None
    pack = pack_of_application(case.application)
    came_at = papers_came_at(case.application) if pack.step(case.step).kind == "back" else None
    spans = [(hold.started_at, hold.ended_at or came_at) for hold in case.holds.all() if hold.stops_clock]
    calendar = calendar_of(case.office)
    return calendar.due_date_with_holds(case.clock_started_at, pack.clock.working_days, spans, as_of=as_of)
