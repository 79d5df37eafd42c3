"""The counter: one big button, and then the one step that the person at the counter needs.

The officer never chooses whom to call. Everything that is refused is explained on the same screen.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from setara.applications.service import Need, pack_of_application, requirements_of
from setara.casework import operations, policies
from setara.casework.forms import CorrectionForm, StepForm, TransferForm
from setara.casework.models import StepRun
from setara.casework.operations.transfers import earlier_steps
from setara.casework.panels import kind_of, panel
from setara.casework.views import recording
from setara.casework.views.common import by_of, on_form, status_of
from setara.kernel import clock
from setara.kernel.errors import Conflict, NotFound, SetaraError
from setara.ledger.service import By, system
from setara.offices.service import (
    Counter,
    Staff,
    actor_of,
    counters_of,
    day_of,
    duty_of,
    local_date,
    needs,
    pack_of,
    staff_of,
)
from setara.queueing import service as queueing
from setara.queueing.service import Call, Session, Ticket


@needs(policies.COUNTER)
@require_safe
def counter(request: HttpRequest) -> HttpResponse:
    """The counter as it stands: closed, on its break, waiting, calling, or serving."""
    return screen(request)


@needs(policies.COUNTER)
@require_safe
def counter_fragment(request: HttpRequest) -> HttpResponse:
    """How many wait for this counter; the part of the page that renews itself."""
    staff = staff_of(request)
    session = queueing.open_session(staff)
    context = {
        "waiting": _waiting(session, actor_of(request).steps) if session else [],
        "said": queueing.said_now(staff.office, clock.now()),
    }
    return render(request, "casework/_waiting.html", context)


@needs(policies.COUNTER)
@require_POST
def act(request: HttpRequest, action: str) -> HttpResponse:
    """A button of the counter: buka, istirahat, lanjut, tutup, panggil, ulang, mulai, absen, batal, mundur."""
    staff = staff_of(request)
    try:
        if action == "buka":
            queueing.open_counter(by_of(request), _counter_of(request, staff))
        else:
            _press(request, action, staff)
    except SetaraError as refused:
        return screen(request, error=refused)
    return HttpResponseRedirect(reverse("counter"))


@needs(policies.COUNTER)
@require_POST
def finish(request: HttpRequest, call: UUID) -> HttpResponse:
    """The step is over: how it ended, by the pack's outcomes."""
    running = call_of(staff_of(request), call)
    shown = panel(running)
    if shown.kind == "capture" and "take" in request.POST:
        taken = recording.take(request, running)
        return screen(request, taken=taken, error=taken.error)
    captured = shown.kind == "capture" and "outcome" not in request.POST
    form = shown.form(request.POST)
    if not captured and not form.is_valid():
        return screen(request, form=form, taken=_kept(request, running, shown.kind))
    try:
        if captured:
            recording.finish(request, running)
        else:
            _end(request, running, shown.kind, form)
    except SetaraError as refused:
        error = refused if captured else on_form(form, refused)
        kept = _kept(request, running, shown.kind)
        return screen(request, form=None if captured else form, error=error, taken=kept)
    return HttpResponseRedirect(reverse("counter"))


@needs(policies.COUNTER)
@require_POST
def put_right(request: HttpRequest, run: UUID) -> HttpResponse:
    """The last result was a wrong press: say what it should have been, and why."""
    staff = staff_of(request)
    found = StepRun.objects.filter(pk=run, staff=staff).select_related("case__application__office").first()
    if found is None:
        raise NotFound(_("Hasil ini tidak ada."), remedy=_("Muat ulang halaman loket."))
    form = correction_form(found, request.POST)
    if not form.is_valid():
        return screen(request, correction=form)
    data = form.cleaned_data
    try:
        operations.correct(
            by_of(request, data["reason"]), found, data["outcome"], data.get("missing", ()), form.words
        )
    except SetaraError as refused:
        return screen(request, correction=form, error=on_form(form, refused))
    return HttpResponseRedirect(reverse("counter"))


def screen(
    request: HttpRequest,
    *,
    form: StepForm | None = None,
    correction: CorrectionForm | None = None,
    moving: TransferForm | None = None,
    taken: recording.Taken | None = None,
    error: SetaraError | None = None,
) -> HttpResponse:
    """The page of the counter, with what was refused and what was typed."""
    staff = staff_of(request)
    session = queueing.open_session(staff)
    call = queueing.current_call(session) if session else None
    context: dict[str, Any] = {
        "session": session,
        "error": error,
        "office": staff.office,
        "device": bool(settings.SETARA_DEVICE_URL),
        "said": queueing.said_now(staff.office, clock.now()),
    }
    if session is None:
        context |= _places(staff, actor_of(request).steps)
    elif call is None:
        context |= {
            "waiting": _waiting(session, actor_of(request).steps),
            "last": (last := _last_run(staff, session)),
            "correction": correction or (correction_form(last) if last else None),
            "correcting": correction is not None,
        }
        if last is not None:
            pack = pack_of_application(last.case.application)
            context["last_words"] = (pack.step(last.step).name, pack.outcome(last.step, last.outcome).name)
    else:
        shown = panel(call)
        context |= {
            "call": call,
            "panel": shown,
            "form": form or (shown.form() if call.started_at else None),
            "taken": (taken := taken or recording.Taken()),
            "file_error": taken.error if taken.error is not None and taken.error.field == "file" else None,
            "complete": taken.complete(shown.step.captures),
            "moving": moving or _moving_form(call),
            "elapsed": int((clock.now() - (call.started_at or call.called_at)).total_seconds()),
            "calls_made": call.repeats + 1,
            "calls_needed": pack_of(staff.office, call.date).queue.max_calls,
        }
    shown_form = form or correction or moving
    return render(request, "casework/counter.html", context, status=status_of(shown_form, error))


def _moving_form(call: Call) -> TransferForm | None:
    """The form that moves the person to an earlier step; None where there is no earlier one."""
    steps = earlier_steps(pack_of_application(call.ticket.application), call.step) if call.started_at else []
    return TransferForm(steps) if steps else None


def correction_form(run: StepRun, data: Any = None) -> CorrectionForm:
    """The other ways in which the step of ``run`` may have ended."""
    application = run.case.application
    pack = pack_of_application(application)
    step = pack.step(run.step)
    others = [o for o in step.outcomes if o.code != run.outcome and o.goes_to != "done"]
    papers: list[Need] = requirements_of(application) if kind_of(step) in {"check", "judge"} else []
    form = CorrectionForm(pack, step, papers, data, outcomes=others, auto_id="fix_%s")
    for name in ("to", "seen"):
        form.fields.pop(name, None)
    return form


_OF_COUNTER = {
    "istirahat": queueing.pause_counter,
    "lanjut": queueing.resume_counter,
    "tutup": queueing.close_counter,
}
_OF_CALL = {
    "ulang": queueing.repeat_call,
    "mulai": queueing.start_service,
    "absen": queueing.mark_absent,
    "batal": queueing.undo_call,
    "mundur": queueing.recuse,
}


def _press(request: HttpRequest, action: str, staff: Staff) -> None:
    """What a button does while a counter is open. The form names its counter or call, so that one that is
    sent twice finds the answer of the first time."""
    if action == "panggil":
        _call_next(request, _session_of(request, staff))
    elif action in _OF_COUNTER:
        _OF_COUNTER[action](by_of(request), _session_of(request, staff))
    elif action in _OF_CALL:
        _OF_CALL[action](by_of(request), call_of(staff, _uuid(request.POST.get("call", ""))))
    else:
        raise NotFound(_("Tombol ini tidak ada."), remedy=_("Muat ulang halaman loket."))


def _call_next(request: HttpRequest, session: Session) -> None:
    """Call whom the rule gives; the first press of the day lets the draw at the opening run before it."""
    try:
        queueing.call_next(by_of(request), session)
    except SetaraError as refused:
        if refused.code != "queueing.draw_first":
            raise
        queueing.draw_opening(By(system("opening", session.office_id)), session.office)
        queueing.call_next(by_of(request), session)


def _end(request: HttpRequest, call: Call, kind: str, form: StepForm) -> None:
    """End the step with the tool of its kind."""
    by, data, note = by_of(request), form.cleaned_data, form.words
    missing, hold = data.get("missing", ()), data.get("hold_reason") or None
    if kind == "hand_over":
        operations.hand_over(by, call, data["to"] or "self", data["outcome"], note)
    elif kind == "judge":
        operations.interview(by, call, data["outcome"], note, missing, hold)
    elif kind == "capture":
        kept = recording.kept(request, call)
        operations.capture(by, call, kept.photo, kept.fingerprints, data["outcome"], note, hold)
    else:
        operations.check_documents(by, call, data["outcome"], missing, note, hold)


def _kept(request: HttpRequest, call: Call, kind: str) -> recording.Taken | None:
    """What was recorded before the form was refused; a foreign recording is dropped."""
    if kind != "capture":
        return None
    try:
        return recording.kept(request, call)
    except SetaraError:
        return None


def _session_of(request: HttpRequest, staff: Staff) -> Session:
    rows = Session.objects.select_related("counter", "staff", "office")
    session = rows.filter(pk=_uuid(request.POST.get("session", "")), staff=staff).first()
    if session is None:
        raise Conflict(
            _("Loket Anda belum dibuka atau sudah ditutup."),
            code="casework.no_counter",
            remedy=_("Buka loket lebih dulu."),
        )
    return session


def _uuid(text: str) -> UUID:
    """An id of a form; one that is none fits nothing."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def call_of(staff: Staff, call: UUID) -> Call:
    """The officer's own call, also when it is over: a form that is sent twice finds its first answer."""
    rows = Call.objects.select_related(
        "ticket__application__office",
        "ticket__application__person",
        "ticket__office",
        "counter",
        "staff",
        "session",
    )
    found = rows.filter(pk=call, staff=staff).first()
    if found is None:
        raise Conflict(
            _("Panggilan ini tidak ada di loket Anda."),
            code="casework.call_gone",
            rule=_("Satu loket melayani satu nomor pada satu waktu."),
            remedy=_("Panggil berikutnya."),
        )
    return found


def _counter_of(request: HttpRequest, staff: Staff) -> Counter:
    number = request.POST.get("counter", "")
    found = Counter.objects.filter(office=staff.office, number=number).first() if number.isdecimal() else None
    if found is None:
        raise NotFound(_("Pilih salah satu loket."), remedy=_("Pilih loket dari daftar di bawah."))
    return found


def _places(staff: Staff, steps: frozenset[str]) -> dict[str, Any]:
    """The counters at which this officer may sit down; the one on the roster first."""
    today = local_date(staff.office, clock.now())
    duty, day = duty_of(staff, today), day_of(staff.office, today)
    names = {step.code: step.name for step in pack_of(staff.office, today).steps}
    taken = {
        session.counter_id: session.staff.label
        for session in Session.objects.filter(office=staff.office)
        .exclude(state=Session.State.CLOSED)
        .select_related("staff")
    }
    mine = duty.counter_id if duty else None
    places = [
        {
            "counter": one,
            "steps": [str(names.get(step, step)) for step in one.steps if step in steps],
            "taken_by": taken.get(one.pk),
            "planned": one.pk == mine,
        }
        for one in counters_of(staff.office)
        if steps & set(one.steps)
    ]
    places.sort(key=lambda place: not place["planned"])
    return {"places": places, "day_open": day is not None and day.closed_at is None}


def _waiting(session: Session, steps: frozenset[str]) -> list[dict[str, Any]]:
    """How many wait for this counter: one row for each of its steps, with the lanes."""
    pack = pack_of(session.office, session.date)
    rows = (
        Ticket.objects.filter(office=session.office, date=session.date, status=Ticket.Status.WAITING)
        .values("step", "lane")
        .annotate(n=Count("pk"))
        .order_by()
    )
    count = {(row["step"], row["lane"]): row["n"] for row in rows}
    mine = [step for step in session.steps if step in steps]
    return [
        {
            "step": pack.step(code).name,
            "total": sum(n for (step, _lane), n in count.items() if step == code),
            "lanes": [
                (lane.name, count[code, lane.code]) for lane in pack.lanes if (code, lane.code) in count
            ],
        }
        for code in mine
        if any(step.code == code for step in pack.steps)
    ]


def _last_run(staff: Staff, session: Session) -> StepRun | None:
    """What this officer finished last at this counter, while it may still be put right."""
    rows = StepRun.objects.select_related("case__application__office", "call__ticket")
    return rows.filter(staff=staff, call__session=session).order_by("-ended_at", "-pk").first()
