"""Days that run out for the applicant: to come back or bring what is missing, and to collect what is ready.

Nothing ends by itself when such a day has passed. The person is told, the page says it, and the office decides.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from setara.applications.service import Application, pack_of_application, papers_came_at
from setara.casework.models import Case, Hold, Lapse
from setara.offices.service import Office, local_date, pack_by_id
from setara.queueing.service import Ticket, last_visit

S, Kind = Application.Status, Lapse.Kind
#: What ran out longer ago than this is looked for no more.
RECENT = timedelta(days=60)


def return_until(case: Case) -> date | None:
    """Until when a visit may be continued or what is missing may be brought; None where nothing is waited for."""
    application = case.application
    if application.status != S.RETURNED or case.status != Case.Status.OPEN:
        return None
    if pack_of_application(application).step(case.step).kind == "hall":
        visit = last_visit(application)
        return visit.right_of_return if visit is not None else None
    hold = next((one for one in case.holds.all() if one.ended_at is None), None)
    return hold.return_by if hold is not None and papers_came_at(application) is None else None


def collect_until(case: Case) -> date | None:
    """Until when what is ready should be collected; None unless it is ready."""
    if case.application.status != S.READY:
        return None
    days = pack_of_application(case.application).uncollected_days
    return local_date(case.office, case.joined_at) + timedelta(days=days)


def ran_out(case: Case, kind: str, today: date) -> date | None:
    """The day that ran out (of the reminder: that is near), or None when it has not."""
    if kind == Kind.RETURN:
        until = return_until(case)
        return until if until is not None and until < today else None
    until = collect_until(case)
    if until is None or kind == Kind.COLLECT:
        return until if until is not None and until < today else None
    ahead = timedelta(days=pack_of_application(case.application).uncollected_reminder_days)
    return until if ahead and until - ahead <= today <= until else None


def to_note(office: Office, now: datetime, limit: int = 200) -> list[tuple[Case, str]]:
    """The files of an office with a day that ran out, or is near, and that was not noted yet."""
    found: list[tuple[Case, str]] = []
    today = local_date(office, now)
    for case in [*_returned(office, today), *_ready(office, now)]:
        noted = {(lapse.kind, lapse.until) for lapse in case.lapses.all()}
        for kind in Kind.values:
            until = ran_out(case, kind, today)
            if until is not None and (kind, until) not in noted:
                found.append((case, kind))
    return found[:limit]


def _returned(office: Office, today: date) -> list[Case]:
    span = (today - RECENT, today - timedelta(days=1))
    visits = Ticket.objects.filter(application=OuterRef("pk"), right_of_return__range=span)
    holds = Hold.objects.filter(case=OuterRef("pk"), ended_at__isnull=True, return_by__range=span)
    rows = Case.objects.filter(office=office, status=Case.Status.OPEN, application__status=S.RETURNED)
    rows = rows.filter(Q(Exists(visits)) | Q(Exists(holds)))
    return list(
        rows.select_related("application__office", "office").prefetch_related("lapses").order_by("pk")
    )


def _ready(office: Office, now: datetime) -> list[Case]:
    rows = Case.objects.filter(office=office, status=Case.Status.OPEN, application__status=S.READY)
    found: list[Case] = []
    for pack_id in sorted(set(rows.order_by().values_list("application__pack", flat=True))):
        pack = pack_by_id(office, pack_id)
        term = timedelta(days=pack.uncollected_days)
        ahead = timedelta(days=pack.uncollected_reminder_days)
        some = rows.filter(
            application__pack=pack_id, joined_at__gt=now - term - RECENT, joined_at__lte=now - term + ahead
        )
        found += (
            some.select_related("application__office", "office").prefetch_related("lapses").order_by("pk")
        )
    return found
