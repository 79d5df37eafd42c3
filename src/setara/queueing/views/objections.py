"""*Saya keberatan*: on the ticket's page, on the kiosk, at the desk; and the supervisor's list with its answers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from setara.kernel import clock
from setara.kernel.errors import NotFound, SetaraError
from setara.kernel.phrase import phrase as _
from setara.ledger.service import VISITOR, By
from setara.offices.service import Office, local_date, needs, office_by_code, public, staff_of
from setara.queueing import objecting, policies
from setara.queueing.models import Objection, Ticket
from setara.queueing.operations.objections import answer_objection, object_to
from setara.queueing.queries import ticket_by_token
from setara.queueing.refusals import unknown_ticket
from setara.queueing.views.common import by_of, on_form, status_of
from setara.queueing.voice_forms import AnswerForm, ObjectionAtDeskForm, ObjectionForm

VIA = Objection.Via


@public
@require_http_methods(["GET", "HEAD", "POST"])
def from_ticket(request: HttpRequest, token: str) -> HttpResponse:
    """Object to a call of the day of one's ticket."""
    found = ticket_by_token(token)
    if found is None:
        raise unknown_ticket()
    back = reverse("ticket", args=[token])
    return _page(request, found.office, found, VIA.TICKET, back)


@public
@require_http_methods(["GET", "HEAD", "POST"])
def from_kiosk(request: HttpRequest, office: str) -> HttpResponse:
    """Object to a call without showing a number, and see how many objections there were and what became of them."""
    found = office_by_code(office)
    back = reverse("object_kiosk", args=[found.pk]) + "?terima=1"
    return _page(request, found, None, VIA.KIOSK, back + "&anjungan=1" * ("anjungan" in request.GET))


@needs(policies.OBJECT)
@require_http_methods(["GET", "HEAD", "POST"])
def at_desk(request: HttpRequest) -> HttpResponse:
    """Write down the objection of somebody who stands at the desk."""
    return _page(request, staff_of(request).office, None, VIA.DESK, reverse("object_desk") + "?terima=1")


def _page(request: HttpRequest, office: Office, ticket: Ticket | None, via: str, back: str) -> HttpResponse:
    kind = ObjectionAtDeskForm if via == VIA.DESK else ObjectionForm
    form = kind(request.POST or None, initial={"label": request.GET.get("nomor", "")[:12]})
    today, error = local_date(office, clock.now()), None
    day = ticket.date if ticket else today
    if request.method == "POST" and form.is_valid():
        by = (
            by_of(request)
            if via == VIA.DESK
            else By(VISITOR, key=request.POST.get("idempotency_key") or None)
        )
        try:
            call = objecting.the_call(office, day, form.cleaned_data["label"])
            mine = _own(office, form.cleaned_data.get("own", "")) or ticket
            object_to(by, call, mine, form.cleaned_data["words"], via)
            return HttpResponseRedirect(back)
        except SetaraError as refused:
            error = on_form(form, refused)
    context: dict[str, Any] = {
        "office": office, "ticket": ticket, "form": form, "error": error, "back": back, "via": via,
        "received": "terima" in request.GET, "counts": objecting.counts(office, today),
    }  # fmt: skip
    layout = "desk" if via == VIA.DESK else "public"
    if via == VIA.KIOSK and "anjungan" in request.GET:  # the device in the hall: large, and back to its start
        now = clock.now()
        layout = "kiosk"
        context |= {
            "now": now,
            "now_ms": int(now.timestamp() * 1000),
            "home": reverse("kiosk", args=[office.pk]),
        }
    return render(request, f"queueing/object_{layout}.html", context, status=status_of(form, error))


def _own(office: Office, typed: str) -> Ticket | None:
    """Today's ticket of the number that the objector showed at the desk; None for none."""
    if not typed.strip():
        return None
    label = objecting.label_of(typed, "own")
    found = Ticket.objects.filter(office=office, date=local_date(office, clock.now()), label=label).first()
    if found is None:
        raise NotFound(
            _("Nomor %(label)s tidak ada hari ini.", label=label),
            code="queueing.unknown_label",
            remedy=_("Periksa nomornya, atau kosongkan."),
            field="own",
        )
    return found


@needs(policies.ANSWER)
@require_safe
def objections(request: HttpRequest) -> HttpResponse:
    """Every objection that waits for an answer, the oldest first, and the last answered."""
    office, now = staff_of(request).office, clock.now()
    rows = objecting.listed(office, now)
    context: dict[str, Any] = {
        "rows": rows,
        "counts": objecting.counts(office, local_date(office, now)),
        "waiting": [row for row in rows if row.objection.answered_at is None],
        "answered": [row for row in rows if row.objection.answered_at is not None],
    }
    return render(request, "queueing/objections.html", context)


@needs(policies.ANSWER)
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, objection: UUID) -> HttpResponse:
    """One objection with all that is known of its call, and the answer."""
    office = staff_of(request).office
    found = next((one for one in objecting.one(office, objection, clock.now())), None)
    if found is None:
        raise NotFound(_("Keberatan ini tidak ada di kantor ini."), remedy=_("Kembali ke daftar keberatan."))
    form, error = AnswerForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            answer_objection(by_of(request), found.objection, data["finding"], data["words"])
            return HttpResponseRedirect(reverse("objections"))
        except SetaraError as refused:
            error = on_form(form, refused)
    context: dict[str, Any] = {"row": found, "form": form, "error": error, **objecting.facts(found.objection)}
    return render(request, "queueing/objection.html", context, status=status_of(form, error))
