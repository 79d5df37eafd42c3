"""Files behind the hall: what waits for me, oldest promise first, and one file with what can be done now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from setara.applications.service import (
    Application,
    Document,
    by_reference,
    looked,
    pack_of_application,
    papers_came_at,
    requirements_of,
)
from setara.casework import deadlines, operations, policies, queries
from setara.casework.assigning import assigned, given_of
from setara.casework.forms import BooksForm, FindFileForm, HoldForm, StepForm
from setara.casework.models import Assignment, Book, Case, Lapse, StepRun
from setara.casework.panels import asked, names_of, person_of
from setara.casework.views.common import by_of, on_form, status_of
from setara.casework.views.counter import correction_form
from setara.kernel import clock
from setara.kernel.errors import NotFound, SetaraError
from setara.ledger.service import Actor, By
from setara.offices.service import Office, Role, actor_of, local_date, needs, pack_of, staff_of
from setara.people.service import open_blob
from setara.queueing.service import kept_away
from setara.rules.packs import Pack, Step, stock_kind

#: How many files of one step are listed; the oldest promise first, so that none is forgotten.
LISTED = 50


@needs(policies.WORK_FILES)
@require_http_methods(["GET", "HEAD", "POST"])
def backoffice(request: HttpRequest) -> HttpResponse:
    """The files that wait for the officer's own steps; a supervisor sees all of them."""
    office, form = staff_of(request).office, FindFileForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            found = by_reference(form.cleaned_data["reference"], office.pk)
            return HttpResponseRedirect(reverse("case", args=[found.reference]))
        except SetaraError as refused:
            on_form(form, refused)
    today = local_date(office, clock.now())
    pack, actor = pack_of(office, today), actor_of(request)
    steps = [step for step in pack.steps if step.kind == "back" and _concerns(actor, step)]
    context = {
        "form": form,
        "lists": [_list(office, step, today, actor) for step in steps],
        "held": [_held_row(case, today) for case in queries.held_cases(office)[:LISTED]],
        "may_receive": bool(policies.RECEIVE_BOOKS.roles & actor.roles) and bool(pack.product.stock),
    }
    return render(request, "casework/backoffice.html", context, status=status_of(form, None))


@needs(policies.WORK_FILES)
@require_safe
def case(request: HttpRequest, reference: str) -> HttpResponse:
    """One file: where it stands, its promise, its papers, and what this officer may do now."""
    found = _case_of(request, reference)
    looked(request, found.application, "file")
    return _page(request, found)


@needs(policies.WORK_FILES)
@require_POST
def end_step(request: HttpRequest, reference: str) -> HttpResponse:
    """A step of the back office ended."""
    found = _case_of(request, reference)
    pack = pack_of_application(found.application)
    # The step that the page showed: a form that is sent twice must not end the next step as well.
    shown = next((s for s in pack.steps if s.code == request.POST.get("step")), pack.step(found.step))
    form = _step_form(found, pack, shown, request.POST)
    if not form.is_valid():
        return _page(request, found, form=form)
    try:
        _end(request, found, shown, form)
    except SetaraError as refused:
        return _page(request, found, form=form, error=on_form(form, refused))
    return HttpResponseRedirect(reverse("case", args=[found.application.reference]))


@needs(policies.HOLD)
@require_POST
def hold(request: HttpRequest, reference: str) -> HttpResponse:
    """Put a waiting file on hold, for a reason that the applicant reads."""
    found = _case_of(request, reference)
    form = _hold_form(found, request.POST)
    if not form.is_valid():
        return _page(request, found, hold_form=form)
    data = form.cleaned_data
    try:
        operations.place_hold(by_of(request), found, data["reason"], data["missing"], data["note"])
    except SetaraError as refused:
        return _page(request, found, hold_form=form, error=on_form(form, refused))
    return HttpResponseRedirect(reverse("case", args=[found.application.reference]))


@needs(policies.RELEASE)
@require_POST
def release(request: HttpRequest, reference: str) -> HttpResponse:
    """Let a file on hold go on."""
    found = _case_of(request, reference)
    try:
        operations.release_hold(by_of(request), found)
    except SetaraError as refused:
        return _page(request, found, error=refused)
    return HttpResponseRedirect(reverse("case", args=[found.application.reference]))


@needs(policies.RELEASE)
@require_POST
def renew(request: HttpRequest, reference: str) -> HttpResponse:
    """Give somebody whose time has run out another term."""
    found = _case_of(request, reference)
    try:
        operations.renew_return(by_of(request), found)
    except SetaraError as refused:
        return _page(request, found, error=refused)
    return HttpResponseRedirect(reverse("case", args=[found.application.reference]))


@needs(policies.WORK_FILES)
@require_POST
def put_right(request: HttpRequest, reference: str, run: UUID) -> HttpResponse:
    """A result was a wrong press: say what it should have been, and why."""
    found = _case_of(request, reference)
    wrong = StepRun.objects.filter(pk=run, case=found).select_related("case__application__office").first()
    if wrong is None:
        raise NotFound(_("Hasil ini tidak ada."), remedy=_("Muat ulang halaman berkas."))
    form = correction_form(wrong, request.POST)
    if not form.is_valid():
        return _page(request, found, correction=form)
    data = form.cleaned_data
    try:
        operations.correct(
            by_of(request, data["reason"]), wrong, data["outcome"], data.get("missing", ()), form.words
        )
    except SetaraError as refused:
        return _page(request, found, correction=form, error=on_form(form, refused))
    return HttpResponseRedirect(reverse("case", args=[found.application.reference]))


@needs(policies.LOOK)
@require_safe
def document(request: HttpRequest, document: UUID) -> HttpResponse:
    """An uploaded paper, for whoever has the file in hand; every opening is recorded."""
    rows = Document.objects.select_related("application__office", "blob")
    found = rows.filter(pk=document, application__office=staff_of(request).office_id).first()
    if found is None:
        raise NotFound(_("Dokumen ini tidak ada di kantor ini."), remedy=_("Buka lagi dari halaman berkas."))
    operations.look_at_document(by_of(request), found)
    response = HttpResponse(open_blob(found.blob), content_type=found.blob.mime)
    response["Content-Disposition"] = f'inline; filename="{found.requirement}"'
    response["Cache-Control"] = "no-store, private"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@needs(policies.RECEIVE_BOOKS)
@require_http_methods(["GET", "HEAD", "POST"])
def stock(request: HttpRequest) -> HttpResponse:
    """The store of blank books: how many of each kind, and receiving new ones."""
    office = staff_of(request).office
    kinds = [(k.code, k.name) for k in pack_of(office, local_date(office, clock.now())).product.stock]
    form, error = BooksForm(kinds, request.POST or None), None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            operations.receive_books(by_of(request), office, data["kind"], data["first"], data["count"])
            return HttpResponseRedirect(reverse("stock"))
        except SetaraError as refused:
            error = on_form(form, refused)
    there = queries.stock_of(office)
    rows = [
        (name, *(there.get(code, {}).get(str(status), 0) for status in Book.Status.values))
        for code, name in kinds
    ]
    context = {
        "form": form,
        "error": error,
        "columns": [_("Jenis"), *(str(label) for label in Book.Status.labels)],
        "rows": rows,
        "kinds": kinds,
    }
    return render(request, "casework/stock.html", context, status=status_of(form, error))


def _page(
    request: HttpRequest,
    found: Case,
    *,
    form: StepForm | None = None,
    hold_form: HoldForm | None = None,
    correction: StepForm | None = None,
    error: SetaraError | None = None,
) -> HttpResponse:
    found.refresh_from_db()
    application, actor = found.application, actor_of(request)
    pack = pack_of_application(application)
    step, held = pack.step(found.step), queries.open_hold_of(found)
    is_open = found.status == Case.Status.OPEN
    given = assigned(found) if is_open and step.judgement else None
    able = is_open and step.kind == "back" and _mine(actor, step)
    mine = able and _may_judge(found, step, given, actor)
    last = _last_run(found, actor)
    may_hold = is_open and step.kind == "back" and (mine or _supervises(actor))
    context: dict[str, Any] = {
        "case": found,
        "application": application,
        "office": found.office,
        "step": step,
        "held": held,
        "hold_reason": pack.hold(held.reason) if held else None,
        "due": queries.due_date(found),
        "late": queries.kept(found) is False,
        "rows": [row for row in queries.timeline(application) if held is None or row.state != "now"],
        "held_papers": _asked_papers(application) if held else [],
        "held_missing": names_of(application, held.missing) if held and not application.asked else [],
        "papers_in": papers_came_at(application) if held else None,
        "mine": mine,
        "given": given,
        "given_to_me": given is not None and str(given.staff_id) == actor.id,
        "able": able,
        "may_recuse": mine and step.judgement,
        "may_reassign": given is not None and bool(policies.REASSIGN.roles & actor.roles),
        "person": person_of(application) if mine or _supervises(actor) else None,
        "needs": requirements_of(application) if mine and step.judgement else [],
        "asked": asked(application, pack) if mine and step.judgement else [],
        "book": Book.objects.filter(case=found).exclude(status=Book.Status.SPOILED).first() if mine else None,
        "next_book": _next_book(found, pack) if mine and step.uses_stock else None,
        "form": form or (_step_form(found, pack, step) if mine and held is None else None),
        "hold_form": hold_form or (_hold_form(found) if may_hold and held is None else None),
        "may_release": held is not None and bool(policies.RELEASE.roles & actor.roles),
        "lapsed": deadlines.ran_out(found, Lapse.Kind.RETURN, local_date(found.office, clock.now())),
        "may_renew": bool(policies.RELEASE.roles & actor.roles),
        "last": last,
        "last_words": (pack.step(last.step).name, pack.outcome(last.step, last.outcome).name)
        if last
        else None,
        "correction": correction or (correction_form(last) if last else None),
        "correcting": correction is not None,
        "holding": hold_form is not None,
        "error": error,
        "role": Role(step.role).label if step.role in Role.values else step.role,
    }
    status = status_of(form or hold_form or correction, error)
    return render(request, "casework/case.html", context, status=status)


@needs(policies.RECUSE)
@require_POST
def recuse(request: HttpRequest, reference: str) -> HttpResponse:
    """The officer has to do with the applicant: one tap, and the lot gives the file to another."""
    return _handed_on(request, reference, operations.recuse_file)


@needs(policies.REASSIGN)
@require_POST
def reassign(request: HttpRequest, reference: str) -> HttpResponse:
    """The officer to whom the lot gave the file is not there: draw again."""
    return _handed_on(request, reference, operations.reassign)


def _handed_on(request: HttpRequest, reference: str, act: Callable[[By, Case], Case]) -> HttpResponse:
    found = _case_of(request, reference)
    try:
        act(by_of(request), found)
    except SetaraError as refused:
        return _page(request, found, error=refused)
    return HttpResponseRedirect(reverse("case", args=[found.application.reference]))


def _asked_papers(application: Application) -> list[dict[str, Any]]:
    """What the applicant was asked for once more, and when it came."""
    names = dict(zip(application.asked, names_of(application, application.asked), strict=True))
    return [
        {"name": names[code], "came": datetime.fromisoformat(came) if came else None}
        for code, came in application.asked.items()
    ]


def _end(request: HttpRequest, found: Case, step: Step, form: StepForm) -> None:
    by, data, note = by_of(request), form.cleaned_data, form.words
    missing, reason = data.get("missing", ()), data.get("hold_reason") or None
    found.step = step.code
    if step.judgement:
        operations.adjudicate(by, found, data["outcome"], note, missing, reason)
    elif step.uses_stock:
        operations.print_book(by, found, data["outcome"], note, reason)
    else:
        operations.check_quality(by, found, data["outcome"], note, reason)


def _case_of(request: HttpRequest, reference: str) -> Case:
    """The file of this office; NotFound, in words, for another office's and before the hall opened one."""
    application: Application = by_reference(reference, staff_of(request).office_id)
    found = queries.case_of(application)
    if found is None:
        raise NotFound(
            _("Permohonan ini belum menjadi berkas."),
            code="casework.no_case",
            rule=_("Berkas dibuka pada langkah pertama di loket."),
            remedy=_("Tunggu sampai pemohon datang pada jadwalnya."),
        )
    return found


def _step_form(found: Case, pack: Pack, step: Step, data: Any = None) -> StepForm:
    papers = requirements_of(found.application) if step.judgement else []
    return StepForm(pack, step, papers, data)


def _hold_form(found: Case, data: Any = None) -> HoldForm:
    pack = pack_of_application(found.application)
    return HoldForm(pack.hold_reasons, requirements_of(found.application), data, auto_id="hold_%s")


def _concerns(actor: Actor, step: Step) -> bool:
    return _mine(actor, step) or _supervises(actor)


def _mine(actor: Actor, step: Step) -> bool:
    return step.role in actor.roles and step.code in actor.steps


def _may_judge(case: Case, step: Step, given: Assignment | None, actor: Actor) -> bool:
    """Whether the lot and the register of conflicts leave this file to the officer."""
    if not step.judgement:
        return True
    return (given is None or str(given.staff_id) == actor.id) and not kept_away(case.pk, [UUID(actor.id)])


def _supervises(actor: Actor) -> bool:
    return Role.SUPERVISOR.value in actor.roles


def _last_run(found: Case, actor: Actor) -> StepRun | None:
    """The run that may be put right here: one of the back office, the officer's own or any for a supervisor."""
    last = queries.last_run(found)
    if last is None or last.call_id is not None:
        return None
    return last if _supervises(actor) or str(last.staff_id) == actor.id else None


def _next_book(found: Case, pack: Pack) -> Book | None:
    """The blank that would be taken now."""
    kind = stock_kind(pack, found.application.answers)
    rows = Book.objects.filter(office=found.office_id, kind=kind or "", status=Book.Status.STOCK)
    return rows.order_by("serial").first()


def _list(office: Office, step: Step, today: date, actor: Actor) -> dict[str, Any]:
    waiting = queries.waiting_cases(office, step.code)
    oldest_promise = waiting.order_by(F("due_on").asc(nulls_last=True), "joined_at", "pk")
    cases: Sequence[Case] = list(oldest_promise[:LISTED])
    given = given_of(cases) if step.judgement else {}
    return {
        "step": step,
        "mine": _mine(actor, step),
        "total": len(cases) if len(cases) < LISTED else waiting.count(),
        "cases": [
            {
                "case": case,
                "given": given.get(case.pk),
                "to_me": case.pk in given and str(given[case.pk].pk) == actor.id,
                "days": (today - local_date(office, case.joined_at)).days,
                "late": case.due_on is not None and case.due_on < today,
                "today": case.due_on == today,
            }
            for case in cases
        ],
    }


def _held_row(case: Case, today: date) -> dict[str, Any]:
    pack = pack_of_application(case.application)
    held = next(h for h in case.holds.all() if h.ended_at is None)
    return {
        "case": case,
        "hold": held,
        "reason": pack.hold(held.reason).name,
        "step": pack.step(case.step).name,
        "days": (today - local_date(case.office, held.started_at)).days,
        "papers_in": papers_came_at(case.application) is not None,
    }
