"""Choosing a day and a window, the slip, and the officer's overview of an application that they help with."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from setara.applications.service import (
    ASSIST,
    Application,
    Way,
    access_code,
    application_context,
    both,
    helped,
    may_show_code,
    pack_of_application,
    posted,
    requirements_of,
)
from setara.booking.forms import WindowForm, free
from setara.booking.models import Appointment, Window
from setara.booking.operations import book, move_appointment, why_not_move
from setara.booking.queries import DayFree, last_appointment, next_free_days, open_appointment
from setara.booking.summary import appointment_context
from setara.kernel import clock
from setara.kernel.errors import Conflict, Refused, SetaraError
from setara.kernel.workdays import format_date
from setara.offices.service import local_date, needs
from setara.payments.service import live_bill, payment_context

Status = Application.Status
#: Days shown at once.
DAYS = 10


def _schedule(request: HttpRequest, way: Way) -> HttpResponse:
    """The appointment, or a day, then a window. Full ones are shown as full."""
    application = way.application
    appointment = open_appointment(application)
    if appointment is None and application.status != Status.PAID:
        return HttpResponseRedirect(way.next_page())
    # The form says what it is for: a booking that is sent twice must never become a move.
    moving = "pindah" in request.GET
    if appointment is not None and request.method != "POST":
        today = local_date(application.office, clock.now())
        refusal = why_not_move(application, appointment, today) if moving else None
        if refusal is not None or not moving:
            return _show(request, way, appointment, refusal)
    days = next_free_days(application.office, DAYS)
    chosen = _chosen(request, days)
    if chosen is None:
        return _choose_day(request, way, days, moving)
    form = WindowForm(posted(request), day=chosen, zone=application.office.zone)
    if request.method == "POST" and form.is_valid():
        window = Window.objects.get(pk=form.cleaned_data["window"])
        act = move_appointment if moving else book
        try:
            act(way.by(request), application, window)
            return HttpResponseRedirect(way.url("schedule"))
        except (Refused, Conflict) as error:
            # The numbers have changed meanwhile: show them as they are now, with what was refused.
            fresh = next(
                (d for d in next_free_days(application.office, DAYS) if d.date == chosen.date), chosen
            )
            form = WindowForm(request.POST, day=fresh, zone=application.office.zone)
            form.is_valid()
            form.add_error("window", f"{error.message} {error.remedy}")
    back = way.url("schedule") + ("?pindah=1" if moving else "")
    title = format_date(chosen.date, request.LANGUAGE_CODE)
    context = way.context(form=form, day=chosen, title=title, moving=moving, back=back)
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "booking/window.html", context, status=status)


def _chosen(request: HttpRequest, days: list[DayFree]) -> DayFree | None:
    try:
        wanted = date.fromisoformat(request.GET.get("hari", ""))
    except ValueError:
        return None
    return next((day for day in days if day.date == wanted), None)


def _choose_day(request: HttpRequest, way: Way, days: list[DayFree], moving: bool) -> HttpResponse:
    here = way.url("schedule")
    more = {"pindah": "1"} if moving else {}
    tasks: list[dict[str, Any]] = []
    for day in days:
        line: dict[str, Any] = {
            "label": format_date(day.date, request.LANGUAGE_CODE),
            "state": "done" if day.free else "stop",
            "word": free(day.free),
        }
        if day.free:
            line["url"] = f"{here}?{urlencode({'hari': day.date.isoformat(), **more})}"
        tasks.append(line)
    context = way.context(tasks=tasks, moving=moving, any_free=any(d.free for d in days), back=here)
    return render(request, "booking/day.html", context)


def _show(
    request: HttpRequest, way: Way, appointment: Appointment, error: SetaraError | None = None
) -> HttpResponse:
    rule = pack_of_application(way.application).reschedule
    context = way.context(
        appointment=appointment,
        error=error,
        rule=rule,
        qr_title=_("Kode QR jadwal Anda"),
        move_url=way.url("schedule") + "?pindah=1",
        slip_url=way.url("slip"),
        application_url=way.url("application"),
        papers=[str(need.requirement.name) for need in requirements_of(way.application)],
        **appointment_context(way.application),
    )
    return render(request, "booking/appointment.html", context, status=error.status if error else 200)


def _slip(request: HttpRequest, way: Way) -> HttpResponse:
    """The large-print slip: for people without a telephone it is all they need."""
    application = way.application
    code = access_code(application) if may_show_code(request, application) else ""
    found = last_appointment(application)
    bill = live_bill(application)
    good = bill is not None and bill.status == "open" and bill.expires_at > clock.now()
    context = way.context(
        code=f"{code[:4]} {code[4:]}" if code else "",
        appointment=found if found is not None and found.status == "booked" else None,
        bill=bill if good else None,
        bill_code=" ".join(bill.code[i : i + 3] for i in range(0, 15, 3)) if bill else "",
        papers=[str(need.requirement.name) for need in requirements_of(application)],
        product=str(pack_of_application(application).product.name),
        resume_url=settings.SETARA_PUBLIC_URL + reverse("resume"),
        qr_title=_("Kode QR jadwal Anda"),
        back=way.url("application"),
        code_url=way.url("code"),
    )
    return render(request, "booking/slip.html", context)


@needs(ASSIST)
@never_cache
@require_safe
def assist_application(request: HttpRequest, reference: str) -> HttpResponse:
    """What an officer who helps sees of an application: where it stands, what comes next, the slip."""
    way = helped(request, reference)
    application = way.application
    walk_in = application.channel == Application.Channel.WALK_IN
    paid = application.status == Status.PAID
    to_desk = application.status in {Status.BOOKED, Status.READY} or (walk_in and paid)
    context = way.context(
        next_url=way.next_page(),
        goes_on=application.status in {Status.DRAFT, Status.SUBMITTED} or (paid and not walk_in),
        next_word=_next_word(application),
        desk_url=reverse("desk_person", args=[application.reference]) if to_desk else "",
        slip_url=way.url("slip"),
        code_url=way.url("code"),
        schedule_url=way.url("schedule"),
        documents_url=way.url("documents") if application.status == Status.RETURNED else "",
        qr_title=_("Kode QR jadwal"),
        assist_url=reverse("assist"),
        **application_context(application),
        **payment_context(application),
        **appointment_context(application),
    )
    return render(request, "booking/assist_application.html", context)


def _next_word(application: Application) -> str:
    return {
        Status.DRAFT: _("Lanjutkan pengisian"),
        Status.SUBMITTED: _("Lanjut: bayar"),
        Status.PAID: _("Lanjut: pilih jadwal"),
    }.get(Status(application.status), "")


schedule, assist_schedule = both(require_http_methods(["GET", "HEAD", "POST"])(_schedule))
slip, assist_slip = both(require_safe(_slip))
