"""Staffing after the day was opened: who sits where from now on, and which steps a counter serves."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from setara.kernel import clock
from setara.kernel.errors import NotFound, SetaraError
from setara.kernel.phrase import phrase as _
from setara.offices.service import (
    Duty,
    OfficeDay,
    Role,
    Staff,
    change_roster,
    counters_of,
    day_of,
    local_date,
    needs,
    staff_of,
)
from setara.queueing import operations, policies, queries
from setara.queueing.forms import MoveForm, PlaceForm
from setara.queueing.models import Call, Session
from setara.queueing.views.common import by_of, office_and_pack, on_form, status_of

_NOT_ON_ROSTER = {Role.ADMINISTRATOR.value, Role.AUDITOR.value}


@needs(policies.MOVE_COUNTER)
@require_safe
def counters(request: HttpRequest) -> HttpResponse:
    """Every counter with its officer and steps, and the roster of today."""
    return _page(request)


@needs(policies.MOVE_COUNTER)
@require_POST
def move(request: HttpRequest, session: UUID) -> HttpResponse:
    """Let an open counter serve other steps."""
    office, pack = office_and_pack(request)
    found = Session.objects.filter(pk=session, office=office).first()
    if found is None:
        raise NotFound(_("Loket ini tidak ada di kantor ini."), remedy=_("Muat ulang halaman loket."))
    form = MoveForm(pack, request.POST, auto_id=f"m{found.pk}_%s")
    if not form.is_valid():
        return _page(request, moving=(found, form))
    try:
        operations.move_counter(by_of(request), found, form.cleaned_data["steps"])
    except SetaraError as refused:
        return _page(request, moving=(found, form), error=on_form(form, refused))
    return HttpResponseRedirect(reverse("counters"))


@needs(policies.MOVE_COUNTER)
@require_POST
def place(request: HttpRequest) -> HttpResponse:
    """Somebody comes, sits elsewhere, or goes home."""
    office, _pack = office_and_pack(request)
    form = _place_form(request, request.POST)
    if not form.is_valid():
        return _page(request, placing=form)
    day = day_of(office, local_date(office, clock.now()))
    if day is None:
        raise NotFound(_("Hari layanan ini belum dibuka."), remedy=_("Buka hari layanan lebih dulu."))
    who, where = form.chosen()
    try:
        change_roster(by_of(request), day, who, where, leaves=form.cleaned_data["place"] == PlaceForm.HOME)
    except SetaraError as refused:
        if refused.field == "counter":
            refused.field = "place"
        return _page(request, placing=form, error=on_form(form, refused))
    return HttpResponseRedirect(reverse("counters"))


def _place_form(request: HttpRequest, data: Any = None) -> PlaceForm:
    office = staff_of(request).office
    people = Staff.objects.filter(office=office, active=True).order_by("label")
    staff = [one for one in people if not set(one.roles) <= _NOT_ON_ROSTER]
    return PlaceForm(staff, list(counters_of(office)), data)


def _page(
    request: HttpRequest,
    *,
    moving: tuple[Session, MoveForm] | None = None,
    placing: PlaceForm | None = None,
    error: SetaraError | None = None,
) -> HttpResponse:
    office, pack = office_and_pack(request)
    today = local_date(office, clock.now())
    names = {step.code: step.name for step in pack.steps}
    sessions = {
        one.counter_id: one
        for one in Session.objects.filter(office=office, date=today)
        .exclude(state=Session.State.CLOSED)
        .select_related("staff", "counter")
    }
    busy = set(Call.objects.filter(office=office, ended_at__isnull=True).values_list("counter_id", flat=True))
    rows = []
    for counter in counters_of(office):
        session = sessions.get(counter.pk)
        mine = moving is not None and session is not None and moving[0].pk == session.pk
        rows.append(
            {
                "counter": counter,
                "session": session,
                "busy": counter.pk in busy,
                "steps": [names.get(s, s) for s in (session.steps if session else counter.steps)],
                "form": moving[1]
                if mine and moving
                else MoveForm(pack, initial={"steps": session.steps}, auto_id=f"m{session.pk}_%s")
                if session
                else None,
                "open": mine,
            }
        )
    duties = Duty.objects.filter(day__office=office, day__date=today).select_related("staff", "counter")
    day = day_of(office, today)
    context = {
        "rows": rows,
        "duties": duties.order_by("staff__label"),
        "place_form": placing or _place_form(request),
        "day_open": day is not None and day.status == OfficeDay.Status.OPEN,
        "favours": queries.favours_declined(office, today),
        "error": error,
        "office": office,
        "moving": moving[1] if moving else None,
        "placing": placing,
    }
    shown = moving[1] if moving else placing
    return render(request, "queueing/counters.html", context, status=status_of(shown, error))
