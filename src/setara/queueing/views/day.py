"""The day of service: opened with a roster, closed with an outcome for everybody who came."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from setara.applications.service import Application
from setara.booking.service import appointments_on
from setara.kernel import clock
from setara.kernel.errors import Invalid, NotFound, SetaraError
from setara.offices.service import (
    Counter,
    Duty,
    Office,
    OfficeDay,
    Role,
    Staff,
    actor_of,
    calendar_of,
    counters_of,
    day_of,
    local_date,
    needs,
    pack_of,
    staff_of,
)
from setara.offices.service import open_day as open_day_operation
from setara.queueing import closing, operations, policies
from setara.queueing.forms import CloseDayForm, RosterForm
from setara.queueing.models import Ticket
from setara.queueing.views.common import by_of, on_form, status_of

#: What became of a ticket, as the list of rights says it.
OUTCOMES = {
    "not_served": gettext_lazy("Belum terlayani"),
    "absent": gettext_lazy("Tidak hadir saat dipanggil"),
    "sent_back": gettext_lazy("Melengkapi berkas"),
}
#: These neither sit at a counter nor work on files.
_NOT_ON_ROSTER = {Role.ADMINISTRATOR.value, Role.AUDITOR.value}


@needs(policies.CLOSE_DAY)
@require_safe
def day(request: HttpRequest) -> HttpResponse:
    """Today: to be opened, to be closed, or closed."""
    return _page(request)


@needs(policies.CLOSE_DAY)
@require_POST
def open_day(request: HttpRequest) -> HttpResponse:
    """Open today with the roster that was chosen."""
    office = staff_of(request).office
    form, error = _roster_form(office, _today(office), request.POST), None
    if form.is_valid():
        try:
            open_day_operation(by_of(request), office, _today(office), form.roster())
            return HttpResponseRedirect(reverse("day"))
        except Invalid as wrong:
            form.add_error(None, " ".join(str(text) for text in wrong.errors.values()))
        except SetaraError as refused:
            error = on_form(form, refused)
    return _page(request, roster=form, error=error)


@needs(policies.CLOSE_DAY)
@require_POST
def close_day(request: HttpRequest) -> HttpResponse:
    """Close today: everybody who still waits gets an outcome and a right to return."""
    office = staff_of(request).office
    form = CloseDayForm(request.POST)
    force = form.is_valid() and form.cleaned_data["force"]
    try:
        operations.close_day(by_of(request), office, _today(office), force=force)
    except SetaraError as refused:
        return _page(request, close=form, error=on_form(form, refused))
    return HttpResponseRedirect(reverse("day"))


@needs(policies.CLOSE_DAY)
@require_safe
def rights(request: HttpRequest, date: date) -> HttpResponse:
    """The rights to return of a day, to be printed and handed out: one large note for each ticket."""
    office = staff_of(request).office
    found = day_of(office, date)
    if found is None or found.status != OfficeDay.Status.CLOSED:
        raise NotFound(_("Hari ini belum ditutup."), remedy=_("Tutup dahulu hari layanannya."))
    context = {
        "office": office,
        "date": date,
        "explain": pack_of(office, date).unserved.explain,
        "rights": [{"ending": one, "word": OUTCOMES[one.outcome]} for one in closing.rights_of(office, date)],
    }
    return render(request, "queueing/rights.html", context)


def _page(
    request: HttpRequest,
    *,
    roster: RosterForm | None = None,
    close: CloseDayForm | None = None,
    error: SetaraError | None = None,
) -> HttpResponse:
    office = staff_of(request).office
    today = _today(office)
    found = day_of(office, today)
    context: dict[str, Any] = {"today": today, "day": found, "error": error, "office": office}
    if found is None:
        form: RosterForm | CloseDayForm = roster or _roster_form(office, today)
        context |= {
            "hours": calendar_of(office).hours(today),
            "why_shut": calendar_of(office).why_closed(today),
        }
        context |= {"booked": len(appointments_on(office, today))}
    else:
        form = close or CloseDayForm()
        if found.status == OfficeDay.Status.OPEN:
            plan = closing.preview(office, today)
            context |= {"plan": plan, "endings": [(e, OUTCOMES[e.outcome]) for e in plan.endings]}
        context |= {
            "roster": Duty.objects.filter(day=found)
            .select_related("staff", "counter")
            .order_by("counter__number", "staff__label"),
            "counts": _counts(office, today),
        }
    context |= {"form": form, "may_open": _may_open(request)}
    return render(request, "queueing/day.html", context, status=status_of(form, error))


def _counts(office: Office, today: date) -> dict[str, int]:
    rows = list(Ticket.objects.filter(office=office, date=today).values_list("status", flat=True))
    done = rows.count(Ticket.Status.DONE)
    return {
        "arrived": len(rows),
        "done": done,
        "left": len(rows) - done,  # during the day those who wait or are served, too
        "in_process": Application.objects.filter(office=office, status=Application.Status.IN_PROCESS).count(),
    }


def _today(office: Office) -> date:
    return local_date(office, clock.now())


def _may_open(request: HttpRequest) -> bool:
    return bool({Role.SUPERVISOR.value, Role.HEAD.value} & actor_of(request).roles)


def _roster_form(office: Office, today: date, data: Any = None) -> RosterForm:
    """Suggests for every counter somebody with the competence for its steps, the one of last time first."""
    everybody = [
        one
        for one in Staff.objects.filter(office=office, active=True)
        .prefetch_related("competences")
        .order_by("label")
        if set(one.roles) - _NOT_ON_ROSTER
    ]
    skills = {one.pk: {c.step for c in one.competences.all() if c.holds_on(today)} for one in everybody}
    last = {
        duty.counter_id: duty.staff_id
        for duty in Duty.objects.filter(day__office=office, counter__isnull=False).order_by("day__date")
    }
    counters = list(counters_of(office))
    places = _suggest(counters, everybody, skills, last)
    return RosterForm(places, everybody, data)


def _suggest(
    counters: Sequence[Counter],
    everybody: Sequence[Staff],
    skills: dict[Any, set[str]],
    last: dict[Any, Any],
) -> list[tuple[Counter, list[Staff], Staff | None]]:
    """Who is able to sit at each counter, and one suggestion each: nobody is suggested twice."""
    taken: set[Any] = set()
    found = []
    for counter in counters:
        able = [one for one in everybody if skills[one.pk] & set(counter.steps)]
        # Who sat here last time, then who can do most of the counter's steps, and nothing else.
        ranked = sorted(
            (one for one in able if one.pk not in taken),
            key=lambda one: (
                last.get(counter.pk) != one.pk,
                -len(skills[one.pk] & set(counter.steps)),
                len(skills[one.pk]),
                one.label,
            ),
        )
        who = ranked[0] if ranked else None
        if who is not None:
            taken.add(who.pk)
        found.append((counter, able, who))
    return found
