"""The desk: who comes is found, checked in once, and given a ticket on paper."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from setara.applications.service import Application, by_reference, looked, pack_of_application
from setara.booking.service import Appointment, last_appointment
from setara.kernel import clock
from setara.kernel.errors import NotFound, SetaraError
from setara.kernel.phrase import phrase as _
from setara.offices.service import Office, OfficeDay, day_of, local_date, needs, pack_of, staff_of
from setara.queueing import finding, operations, policies, queries, refusals
from setara.queueing.forms import FindForm, GroundForm
from setara.queueing.models import Ticket
from setara.queueing.views.common import KINDS, by_of, office_and_pack, on_form, status_of
from setara.rules.packs import COMPANION, Pack

S = Application.Status
#: How many arrivals the desk lists; the floor view has them all.
LISTED = 30
PAPERS = {"80": "ticket80", "58": "ticket58", "besar": "slip"}


@needs(policies.CHECK_IN)
@require_http_methods(["GET", "HEAD", "POST"])
def desk(request: HttpRequest) -> HttpResponse:
    """Find somebody. What is typed comes by POST, so that no name ends up in an address or a log."""
    form, error, found = FindForm(request.POST or None), None, []
    office, pack = office_and_pack(request)
    today = local_date(office, clock.now())
    if request.method == "POST" and form.is_valid():
        try:
            found = finding.find(office, today, form.cleaned_data["wanted"])
        except SetaraError as refused:
            error = on_form(form, refused)
        if len(found) == 1:
            return HttpResponseRedirect(_page(found[0].application, found[0].how))
    context = {
        "form": form,
        "error": error,
        "found": [
            {"name": one.name, "url": _page(one.application, one.how), "application": one.application}
            for one in found
        ],
        "away": _away(office, pack, today),
        "arrivals": _arrivals(office, pack, today),
        "open": _is_open(office, today),
    }
    return render(request, "queueing/desk.html", context, status=status_of(form, error))


@needs(policies.CHECK_IN)
@require_safe
def person(request: HttpRequest, reference: str) -> HttpResponse:
    """One person at the desk: who it is, where the application stands, and what can be done now."""
    found = by_reference(reference, staff_of(request).office_id)
    looked(request, found, "desk")
    return _person(request, found)


@needs(policies.CHECK_IN)
@require_POST
def check_in(request: HttpRequest, reference: str) -> HttpResponse:
    """Somebody with an appointment arrives; with a lawful ground through a priority lane."""
    application = by_reference(reference, staff_of(request).office_id)
    form, error = _ground_form(request, walk_in=False), None
    with_ground = bool(request.POST.get("ground") or request.POST.get("priority"))
    if with_ground and not form.is_valid():
        return _person(request, application, form=form)
    try:
        appointment = last_appointment(application)
        if appointment is None:
            refusals.check_status(application, S.BOOKED)
            raise _no_appointment()
        ground, proof = (form.cleaned_data["ground"], form.proof) if with_ground else ("", "")
        operations.check_in(by_of(request), appointment, how=_how(request), ground=ground, proof=proof)
    except SetaraError as refused:
        error = on_form(form, refused) if with_ground else refused
        return _person(request, application, form=form if with_ground else None, error=error)
    return HttpResponseRedirect(_page(application, _how(request)))


@needs(policies.CHECK_IN)
@require_POST
def walk_in(request: HttpRequest, reference: str) -> HttpResponse:
    """Somebody comes without an appointment, on a lawful ground with its proof."""
    office = staff_of(request).office
    application = by_reference(reference, office.pk)
    form = _ground_form(request, walk_in=True)
    if not form.is_valid():
        return _person(request, application, form=form)
    ground, host = form.cleaned_data["ground"], None
    if ground == COMPANION:
        label = form.cleaned_data.get("companion_of", "").strip().upper()
        today = local_date(office, clock.now())
        host = Ticket.objects.filter(office=office, date=today, label=label).first()
    try:
        operations.check_in_walk_in(by_of(request), application, ground, form.proof, companion_of=host)
    except SetaraError as refused:
        return _person(request, application, form=form, error=on_form(form, refused))
    return HttpResponseRedirect(_page(application, _how(request)))


@needs(policies.CHECK_IN)
@require_POST
def pickup(request: HttpRequest, reference: str) -> HttpResponse:
    """Somebody comes for what is ready."""
    application = by_reference(reference, staff_of(request).office_id)
    try:
        operations.check_in_pickup(by_of(request), application, how=_how(request))
    except SetaraError as refused:
        return _person(request, application, error=refused)
    return HttpResponseRedirect(_page(application, _how(request)))


@needs(policies.CHECK_IN)
@require_POST
def come_back(request: HttpRequest, reference: str) -> HttpResponse:
    """Somebody who missed the call or fetched papers waits again; from an earlier day with a new ticket."""
    application = by_reference(reference, staff_of(request).office_id)
    try:
        if (ticket := queries.open_ticket(application.pk)) is not None:
            operations.return_ticket(by_of(request), ticket)
        else:
            operations.check_in_return(by_of(request), application, how=_how(request))
    except SetaraError as refused:
        return _person(request, application, error=refused)
    return HttpResponseRedirect(_page(application, _how(request)))


@needs(policies.CHECK_IN)
@require_safe
def ticket(request: HttpRequest, ticket: UUID) -> HttpResponse:
    """The ticket on paper: ``?kertas=`` 80 or 58 (millimetres), or ``besar`` for large print."""
    office = staff_of(request).office
    found = Ticket.objects.select_related("application", "office").filter(pk=ticket, office=office).first()
    if found is None:
        raise NotFound(_("Nomor antrean ini tidak ada."), remedy=_("Cari orangnya lagi di meja depan."))
    pack = pack_of(office, found.date)
    missed = next((r for r in pack.queue.re_entry if r.code == "missed"), None)
    size = request.GET.get("kertas", "80")
    context = {
        "ticket": found,
        "office": office,
        "paper": PAPERS.get(size, PAPERS["80"]),
        "large": size == "besar",
        "lane": pack.lane(found.lane).name,
        "step": pack.step(found.step),
        "then": _steps_after(pack, found),
        "missed": missed.name if missed else "",
        "address": settings.SETARA_PUBLIC_URL + _ticket_path(found),
        "person_url": _page(found.application, "name"),
    }
    return render(request, "queueing/ticket_print.html", context)


def _person(
    request: HttpRequest,
    application: Application,
    *,
    form: GroundForm | None = None,
    error: SetaraError | None = None,
) -> HttpResponse:
    """The page of one person, with what was refused and what was typed."""
    office, pack = office_and_pack(request)
    today = local_date(office, clock.now())
    tickets = Ticket.objects.filter(application=application).order_by("-arrived_at", "-pk")
    last, appointment = tickets.first(), last_appointment(application)
    doing, why_not = _what_to_do(application, appointment, last, today)
    kinds = {one.code: one.name for one in pack_of_application(application).types}
    context: dict[str, Any] = {
        "application": application,
        "name": finding.name_of(application),
        "simulated": application.person.is_simulated,
        "kind": kinds.get(application.type, ""),
        "appointment": appointment,
        "ticket": last if last is not None and last.date == today else None,
        "earlier": last if last is not None and last.date != today else None,
        "doing": doing,
        "how": _how(request),
        "form": form or (GroundForm(pack, walk_in=doing == "walk_in") if doing in _WITH_GROUND else None),
        "form_open": form is not None,
        "error": error or (None if form is not None and form.errors else why_not),
    }
    if (now := context["ticket"]) is not None:
        context |= {
            "lane": pack.lane(now.lane).name,
            "step": pack.step(now.step),
            "kind_of": KINDS[now.status],
        }
        context["place"] = queries.place_of(now) if now.status == Ticket.Status.WAITING else None
    return render(request, "queueing/desk_person.html", context, status=status_of(form, error))


_WITH_GROUND = {"check_in", "walk_in"}


def _what_to_do(
    application: Application, appointment: Appointment | None, last: Ticket | None, today: date
) -> tuple[str, SetaraError | None]:
    """The one thing to do with this person now (empty: nothing), and why there is nothing."""
    if last is not None and last.closed_at is None:
        away = last.status in {Ticket.Status.ABSENT, Ticket.Status.SENT_BACK}
        return ("come_back" if away else ""), None
    if application.status == S.READY:
        return "pickup", None
    if last is not None and last.right_of_return is not None and application.status in {S.PAID, S.RETURNED}:
        if last.right_of_return >= today:
            return "come_back", None
        if application.status == S.RETURNED:
            return "", refusals.no_right_of_return(last.right_of_return)
    if application.status == S.PAID:
        return "walk_in", None
    if application.status == S.RETURNED and application.asked:
        return "papers", None
    try:
        refusals.check_status(application, S.BOOKED)
        if appointment is None:
            raise _no_appointment()
        refusals.check_appointment(appointment, today)
    except SetaraError as why_not:
        return "", why_not
    return "check_in", None


def _no_appointment() -> SetaraError:
    return NotFound(
        _("Permohonan ini tidak memiliki jadwal."),
        code="queueing.no_appointment",
        remedy=_("Pesankan jadwal, atau masukkan lewat jalur prioritas bila berhak."),
    )


def _ground_form(request: HttpRequest, *, walk_in: bool) -> GroundForm:
    return GroundForm(office_and_pack(request)[1], request.POST, walk_in=walk_in)


def _how(request: HttpRequest) -> str:
    """By what the person was found: a code that was scanned, else name or number."""
    value = request.POST.get("how") or request.GET.get("cara") or ""
    return value if value in {"qr", "name"} else "name"


def _page(application: Application, how: str) -> str:
    page = reverse("desk_person", args=[application.reference])
    return f"{page}?{urlencode({'cara': how})}" if how == "qr" else page


def _ticket_path(ticket: Ticket) -> str:
    return reverse("ticket", args=[ticket.token])


def _is_open(office: Office, today: date) -> bool:
    found = day_of(office, today)
    return found is not None and found.status == OfficeDay.Status.OPEN


def _steps_after(pack: Pack, ticket: Ticket) -> list[str]:
    """The names of the steps in the hall that follow the ticket's own."""
    same = [step for step in pack.steps if step.kind == pack.step(ticket.step).kind]
    place = next(n for n, step in enumerate(same) if step.code == ticket.step)
    return [str(step.name) for step in same[place + 1 :]]


def _row(ticket: Ticket, pack: Pack) -> dict[str, Any]:
    return {
        "ticket": ticket,
        "lane": pack.lane(ticket.lane).name,
        "step": pack.step(ticket.step).name,
        "kind": KINDS[Ticket.Status(ticket.status)],
        "url": _page(ticket.application, "name"),
    }


def _arrivals(office: Office, pack: Pack, today: date) -> list[dict[str, Any]]:
    rows = Ticket.objects.filter(office=office, date=today).select_related("application")
    return [_row(ticket, pack) for ticket in rows.order_by("-arrived_at", "-pk")[:LISTED]]


def _away(office: Office, pack: Pack, today: date) -> list[dict[str, Any]]:
    """Those who missed a call or fetch papers: they come to this desk when they are back."""
    rows = Ticket.objects.filter(
        office=office,
        date=today,
        closed_at__isnull=True,
        status__in=[Ticket.Status.ABSENT, Ticket.Status.SENT_BACK],
    ).select_related("application")
    return [_row(ticket, pack) for ticket in rows.order_by("label")]
