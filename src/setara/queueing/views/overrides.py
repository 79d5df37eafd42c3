"""Calls out of turn: asking for one, deciding on one as the second person, and making it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from setara.applications.service import CleanDocument, clean
from setara.kernel import clock
from setara.kernel.errors import NotFound, SetaraError
from setara.kernel.phrase import phrase as _
from setara.offices.service import Office, Role, actor_of, local_date, needs, staff_of
from setara.people.service import open_blob
from setara.queueing import operations, policies, queries
from setara.queueing.forms import CounterForm, DecisionForm, OutOfTurnForm
from setara.queueing.models import OverrideRequest, Session, Ticket
from setara.queueing.overriding import second_person_on_duty
from setara.queueing.views.common import by_of, office_and_pack, on_form, status_of
from setara.rules.packs import Pack

State = OverrideRequest.State
#: How each kind of record is called.
PROOFS = {
    "paper": _("Surat yang ditunjukkan"),
    "seen": _("Dilihat sendiri oleh orang kedua"),
    "payment": _("Pembayaran"),
    "absence": _("Tanda tidak hadir"),
    "send_back": _("Diminta melengkapi berkas"),
    "error": _("Catatan kesalahan kantor"),
}
KINDS = {
    State.WAITING: "wait",
    State.APPROVED: "done",
    State.REFUSED: "stop",
    State.EXPIRED: "held",
    State.USED: "info",
    State.LAPSED: "warn",
}


@needs(policies.ASK_OVERRIDE)
@require_http_methods(["GET", "HEAD", "POST"])
def out_of_turn(request: HttpRequest) -> HttpResponse:
    """Ask to have somebody called before their turn: on a listed reason, in words, and for everybody to see.

    An urgent reason is called at once while nobody else on duty could approve it.
    """
    office, pack = office_and_pack(request)
    waiting = _waiting(request, office, pack)
    sessions = _sessions(request, office)
    chosen = {"ticket": request.GET["nomor"]} if "nomor" in request.GET else None
    sent = request.POST or None
    form = OutOfTurnForm(
        waiting, sessions, pack.override_reasons, sent, request.FILES or None, initial=chosen
    )
    error: SetaraError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            return _asked(request, office, form, waiting, sessions)
        except SetaraError as refused:
            error = on_form(form, refused)
    return _page(request, form=form, error=error)


@needs(policies.CALL_OUT_OF_TURN)
@require_POST
def use(request: HttpRequest, override: UUID) -> HttpResponse:
    """Call the ticket that a second person approved."""
    found = _request_of(request, override)
    sessions = _sessions(request, found.office)
    form = CounterForm(sessions, request.POST)
    if not form.is_valid():
        return _page(request, using=(found, form))
    session = next(s for s in sessions if str(s.pk) == form.cleaned_data["counter"])
    try:
        operations.call_out_of_turn(by_of(request, found.reason), session, found.ticket)
    except SetaraError as refused:
        return _page(request, using=(found, form), error=on_form(form, refused))
    return HttpResponseRedirect(_after_call(session, request))


@needs(policies.APPROVE_OVERRIDE)
@require_safe
def approvals(request: HttpRequest) -> HttpResponse:
    """What waits for a second person."""
    return _approvals(request)


@needs(policies.APPROVE_OVERRIDE)
@require_POST
def decide(request: HttpRequest, override: UUID) -> HttpResponse:
    """The second person says yes or no."""
    found = _request_of(request, override)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _approvals(request, form=form, about=found)
    try:
        if form.cleaned_data["decision"] == "yes":
            operations.approve_override(by_of(request), found, form.cleaned_data["saw"])
        else:
            operations.refuse_override(by_of(request), found)
    except SetaraError as refused:
        return _approvals(request, error=refused)
    return HttpResponseRedirect(reverse("approvals"))


@needs(policies.APPROVE_OVERRIDE)
@require_safe
def paper(request: HttpRequest, override: UUID) -> HttpResponse:
    """The paper that was shown with a request; every opening is recorded."""
    found = _request_of(request, override)
    if found.paper is None:
        raise NotFound(_("Tidak ada surat pada permintaan ini."), remedy=_("Kembali ke daftar persetujuan."))
    operations.open_override_paper(by_of(request), found)
    response = HttpResponse(open_blob(found.paper), content_type=found.paper.mime)
    response["Content-Disposition"] = 'inline; filename="surat"'
    response["Cache-Control"] = "no-store, private"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _asked(
    request: HttpRequest,
    office: Office,
    form: OutOfTurnForm,
    waiting: list[tuple[str, Ticket]],
    sessions: list[Session],
) -> HttpResponse:
    data, staff = form.cleaned_data, staff_of(request)
    ticket = next(t for _step, t in waiting if str(t.pk) == data["ticket"])
    session = next((s for s in sessions if str(s.pk) == data["counter"]), None)
    by = by_of(request, data["reason"])
    urgent = office_and_pack(request)[1].override(data["reason"]).urgent
    alone = urgent and not second_person_on_duty(office, ticket.date, str(staff.pk))
    shown = _clean(data["paper"])
    if not alone or session is None or shown is not None:
        operations.ask_override(by, ticket, data["note"], shown)
    if not alone or session is None:
        return HttpResponseRedirect(reverse("out_of_turn"))
    operations.call_out_of_turn(by, session, ticket, data["note"])
    return HttpResponseRedirect(_after_call(session, request))


def _clean(upload: Any) -> CleanDocument | None:
    """The paper drawn anew; Refused (field ``paper``) for what is no picture."""
    if upload is None:
        return None
    try:
        return clean(upload.read(), declared_name=upload.name)
    except SetaraError as refused:
        refused.field = "paper"
        raise


def _page(
    request: HttpRequest,
    *,
    form: OutOfTurnForm | None = None,
    using: tuple[OverrideRequest, CounterForm] | None = None,
    error: SetaraError | None = None,
) -> HttpResponse:
    office, pack = office_and_pack(request)
    waiting, sessions = _waiting(request, office, pack), _sessions(request, office)
    staff, now = staff_of(request), clock.now()
    second = second_person_on_duty(office, local_date(office, now), str(staff.pk))
    context = {
        "form": form or OutOfTurnForm(waiting, sessions, pack.override_reasons),
        "error": error,
        "waiting": waiting,
        "sessions": sessions,
        "alone": not second,
        "requests": [_row(one, pack, now, sessions, using) for one in _requests(request, office, now)],
        "office": office,
        "back": reverse("floor" if policies.WATCH.roles & actor_of(request).roles else "counter"),
        "using": using,
    }
    shown = using[1] if using is not None else form
    return render(request, "queueing/out_of_turn.html", context, status=status_of(shown, error))


def _requests(request: HttpRequest, office: Office, now: datetime) -> list[OverrideRequest]:
    """Today's requests: a supervisor's list has everybody's, an officer's only their own."""
    rows = OverrideRequest.objects.filter(office=office, date=local_date(office, now))
    if Role.SUPERVISOR.value not in actor_of(request).roles:
        rows = rows.filter(asked_by=staff_of(request))
    return list(rows.select_related("ticket", "asked_by", "decided_by", "call").order_by("-asked_at"))


def _row(
    one: OverrideRequest,
    pack: Pack,
    now: datetime,
    sessions: list[Session],
    using: tuple[OverrideRequest, CounterForm] | None = None,
) -> dict[str, Any]:
    over = one.state in {State.WAITING, State.APPROVED} and one.expires_at <= now
    state = State.EXPIRED if over else State(one.state)
    serving = [s for s in sessions if one.step in s.steps]
    return {
        "request": one,
        "reason": pack.override(one.reason),
        "step": pack.step(one.step).name,
        "word": state.label,
        "kind": KINDS[state],
        "proofs": [(PROOFS[proof["kind"]], datetime.fromisoformat(proof["at"])) for proof in one.proofs],
        "may_see": "seen" in pack.override(one.reason).evidence and one.call_id is None,
        "pending": one.state == State.USED and one.decided_by_id is None,
        "form": (using[1] if using and using[0].pk == one.pk else CounterForm(serving))
        if state == State.APPROVED
        else None,
    }


def _approvals(
    request: HttpRequest,
    *,
    form: DecisionForm | None = None,
    about: OverrideRequest | None = None,
    error: SetaraError | None = None,
) -> HttpResponse:
    office, pack = office_and_pack(request)
    me, now = staff_of(request), clock.now()
    rows = []
    for one in queries.approvals_waiting(office, now):
        mine = about is not None and about.pk == one.pk
        rows.append(
            _row(one, pack, now, [])
            | {
                "words": open_blob(one.note).decode() if one.note else "",
                "own": one.asked_by_id == me.pk,
                "decision": form if mine else DecisionForm(auto_id=f"id_{one.pk}_%s"),
            }
        )
    context = {"rows": rows, "error": error, "office": office, "form": form}
    return render(request, "queueing/approvals.html", context, status=status_of(form, error))


def _request_of(request: HttpRequest, pk: UUID) -> OverrideRequest:
    rows = OverrideRequest.objects.select_related("ticket", "office", "paper")
    found = rows.filter(pk=pk, office=staff_of(request).office).first()
    if found is None:
        raise NotFound(
            _("Permintaan ini tidak ada di kantor ini."), remedy=_("Muat ulang daftar persetujuan.")
        )
    return found


def _after_call(session: Session, request: HttpRequest) -> str:
    """A supervisor goes back to the floor, an officer to the own counter, where the person called appears."""
    return reverse("counter" if session.staff_id == staff_of(request).pk else "floor")


def _sessions(request: HttpRequest, office: Office) -> list[Session]:
    """The open counters without a call at which this officer may have somebody called: any, or the own one."""
    today = local_date(office, clock.now())
    rows = Session.objects.filter(office=office, date=today, state=Session.State.OPEN)
    if Role.SUPERVISOR.value not in actor_of(request).roles:
        rows = rows.filter(staff=staff_of(request))
    return list(rows.select_related("counter", "staff", "office").order_by("counter__number"))


def _waiting(request: HttpRequest, office: Office, pack: Pack) -> list[tuple[str, Ticket]]:
    """(step, ticket) of everybody who waits, in the order of the rule.

    The ticket that a form names is kept although it waits no more: called meanwhile, perhaps by this very form. The
    operation knows which, and says so.
    """
    today = local_date(office, clock.now())
    waiting = [
        (str(step.name), ticket)
        for step in pack.steps
        if step.kind in {"hall", "pickup"}
        for ticket in queries.waiting(office, today, step.code)
    ]
    try:
        named = UUID(request.POST.get("ticket", ""))
    except ValueError:
        return waiting
    if not any(ticket.pk == named for _step, ticket in waiting):
        rows = Ticket.objects.filter(pk=named, office=office, date=today)
        waiting += [(str(pack.step(ticket.step).name), ticket) for ticket in rows]
    return waiting
