"""Questions, papers, checking: the pages of a draft, written once for both ways."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.formats import number_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from setara.applications.cleaning import MAX_BYTES, CleanDocument, Kind, clean, thumbnail
from setara.applications.forms import AnswerForm, SubmitForm, UploadForm, read_date
from setara.applications.models import Application
from setara.applications.operations import answer, attach, submit
from setara.applications.queries import (
    Need,
    answers_of,
    may_hand_in,
    outstanding,
    pack_of_application,
    requirements_of,
)
from setara.applications.summary import paper
from setara.applications.ways import Way, both, posted, show
from setara.kernel.errors import Invalid, NotFound, Refused, SetaraError
from setara.kernel.workdays import format_date, format_when
from setara.people.service import open_blob, open_person
from setara.rules import packs
from setara.rules.packs import Question

GET_AND_POST = require_http_methods(["GET", "HEAD", "POST"])
Status = Application.Status


def _question(request: HttpRequest, way: Way, code: str) -> HttpResponse:
    """One question of the pack."""
    if way.application.status != Status.DRAFT:
        return HttpResponseRedirect(way.next_page())
    answers = answers_of(way.application)
    asked = packs.questions_for(pack_of_application(way.application), answers)
    question = next((q for q in asked if q.code == code), None)
    if question is None:
        return HttpResponseRedirect(way.next_page())
    given = answers.get(code)
    form = AnswerForm(posted(request), question=question, initial={"answer": _typed(question, given)})
    if request.method == "POST" and form.is_valid():
        value = form.cleaned_data["answer"]
        try:
            answer(way.by(request), way.application, {code: value})
            return HttpResponseRedirect(way.next_page())
        except Invalid as wrong:
            form.add_error("answer", " ".join(str(text) for text in wrong.errors.values()))
        except Refused as refused:
            show(form, refused)
    at = asked.index(question)
    back = way.url("question", asked[at - 1].code) if at else way.url("person")
    context = way.context(form=form, back=back, number=at + 1)
    return render(request, "applications/question.html", context, status=_status(form))


def _typed(question: Question, given: Any) -> Any:
    return read_date(given) if question.kind == "date" and isinstance(given, str) else given


def _documents(request: HttpRequest, way: Way) -> HttpResponse:
    """The papers of this case, and what is there of them."""
    if way.application.status not in {Status.DRAFT, Status.RETURNED}:
        return HttpResponseRedirect(way.next_page())
    found = requirements_of(way.application)
    asked = set(outstanding(way.application))
    absent = [need for need in found if need.missing or need.code in asked]
    back = ""
    if way.application.status == Status.DRAFT:
        questions = packs.questions_for(pack_of_application(way.application), answers_of(way.application))
        back = way.url("question", questions[-1].code) if questions else way.url("person")
    context = way.context(
        back=back,
        tasks=[_task(way, need) for need in found],
        absent=len(absent),
        check_url=way.url("check"),
        application_url=way.url("application"),
    )
    return render(request, "applications/documents.html", context)


def _task(way: Way, need: Need) -> dict[str, Any]:
    more = {"hint": str(need.requirement.help)}
    if may_hand_in(way.application, need.code):
        more["url"] = way.url("document", need.code)
    return paper(need, way.application) | more


def _document(request: HttpRequest, way: Way, requirement: str) -> HttpResponse:
    """One paper: what is asked, what is there, and a way to hand in or to replace it."""
    if way.application.status not in {Status.DRAFT, Status.RETURNED}:
        return HttpResponseRedirect(way.next_page())
    need = _need(way, requirement)
    if not may_hand_in(way.application, requirement):
        return HttpResponseRedirect(way.url("documents"))
    form = UploadForm()
    error: SetaraError | None = None
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES)
        if _too_big(request) and "file" not in request.FILES:
            form.is_valid()
            form.errors.pop("file", None)
            form.add_error("file", _too_big_text())
        elif form.is_valid():
            upload = form.cleaned_data["file"]
            accepted = frozenset(Kind(mime) for mime in need.requirement.accepts)
            try:
                # Drawing anew is work of the processor and stays outside the transaction.
                document = clean(upload.read(), declared_name=upload.name, accepted=accepted)
                made = attach(way.by(request), way.application, requirement, document)
            except Refused as refused:
                error = refused
                form.add_error("file", str(refused.message))
            else:
                text = ngettext(
                    "%(name)s diterima, %(n)d halaman.", "%(name)s diterima, %(n)d halaman.", made.pages
                )
                messages.success(request, text % {"name": need.requirement.name, "n": made.pages})
                return HttpResponseRedirect(way.url("documents"))
    context = way.context(
        form=form,
        error=error,
        need=need,
        file_hint=_("%(kinds)s, paling besar %(limit)s MB.")
        % {"kinds": ", ".join(Kind(m).name for m in need.requirement.accepts), "limit": _megabytes()},
        documents_url=way.url("documents"),
        picture_url=way.url("picture", need.code),
        when=when(need, way),
        is_picture=need.document is not None and need.document.blob.mime == Kind.JPEG,
    )
    return render(request, "applications/document.html", context, status=_status(form))


def _picture(request: HttpRequest, way: Way, requirement: str) -> HttpResponse:  # noqa: ARG001
    """A small picture of what was received, so that people see whether it can be read."""
    document = _need(way, requirement).document
    if document is None or document.blob.mime != Kind.JPEG:
        raise _no_document()
    data = open_blob(document.blob)
    small = thumbnail(CleanDocument(data, Kind.JPEG, 0, 0, 1, "", len(data)), 480)
    return HttpResponse(small, content_type=Kind.JPEG.value, headers={"Cache-Control": "no-store, private"})


def _need(way: Way, requirement: str) -> Need:
    found = next((need for need in requirements_of(way.application) if need.code == requirement), None)
    if found is None:
        raise _no_document()
    return found


def _no_document() -> NotFound:
    return NotFound(
        _("Dokumen ini tidak diminta untuk permohonan ini."),
        code="applications.requirement_unknown",
        remedy=_("Pilih dokumen dari daftar persyaratan."),
    )


def _too_big(request: HttpRequest) -> bool:
    return int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BYTES


def _too_big_text() -> str:
    return _("Berkas ini terlalu besar. Paling besar %(limit)s MB; foto lagi dengan mutu sedang.") % {
        "limit": _megabytes()
    }


def _megabytes() -> str:
    return str(number_format(MAX_BYTES // 1024 // 1024))


def when(need: Need, way: Way) -> str:
    """When the document came, on the office's wall clock."""
    if need.document is None:
        return ""
    return format_when(need.document.uploaded_at, way.application.office.zone, get_language() or "id")


def _check(request: HttpRequest, way: Way) -> HttpResponse:
    """Everything that was said, once more, before it is handed in."""
    application = way.application
    if application.status != Status.DRAFT:
        return HttpResponseRedirect(way.next_page())
    pack, answers = pack_of_application(application), answers_of(application)
    form = SubmitForm(posted(request), assisted=way.assisted)
    if packs.next_question(pack, answers) is not None:
        return HttpResponseRedirect(way.next_page())
    error: SetaraError | None = None
    if request.method == "POST" and (not way.assisted or form.is_valid()):
        try:
            submit(way.by(request), application, confirmed_aloud=way.assisted)
            return HttpResponseRedirect(way.next_page())
        except (Invalid, Refused) as refused:
            error = refused
    found = requirements_of(application)
    context = way.context(
        form=form,
        error=error,
        person=person_rows(way),
        answers=answer_rows(way, pack, answers),
        papers=[_paper_row(way, need) for need in found],
        absent=any(need.missing for need in found),
        fee=packs.fee(pack, answers),
        years=packs.validity_years(pack, answers),
        pack=pack,
        documents_url=way.url("documents"),
    )
    status = error.status if error else _status(form)
    return render(request, "applications/check.html", context, status=status)


def person_rows(way: Way) -> list[dict[str, Any]]:
    """The person's data as rows of a summary list."""
    data = open_person(way.application.person)
    url = way.url("person")
    born = _date(data.birth_date)
    rows = [
        {"key": _("Nama lengkap"), "value": data.name, "change_url": url},
        {"key": _("NIK"), "value": data.nik, "change_url": url},
        {"key": _("Lahir"), "value": ", ".join(p for p in (data.birth_place, born) if p), "change_url": url},
        {
            "key": _("Jenis kelamin"),
            "value": _("Perempuan") if data.sex == "female" else _("Laki-laki"),
            "change_url": url,
        },
    ]
    if way.application.contact == Application.Contact.SMS:
        rows.append({"key": _("Kabar lewat SMS ke"), "value": data.phone, "change_url": url})
    elif way.application.contact == Application.Contact.EMAIL:
        rows.append({"key": _("Kabar lewat surel ke"), "value": data.email, "change_url": url})
    else:
        rows.append({"key": _("Kabar"), "value": _("Slip cetak")})
    return rows


def answer_rows(way: Way, pack: packs.Pack, answers: packs.Answers) -> list[dict[str, Any]]:
    """The answers as rows of a summary list."""
    return [
        {
            "key": str(question.text),
            "value": spoken(question, answers[question.code]),
            "change_url": way.url("question", question.code),
        }
        for question in packs.questions_for(pack, answers)
        if question.code in answers
    ]


def spoken(question: Question, value: Any) -> str:
    """An answer in words."""
    if question.kind == "bool":
        return _("Ya") if value else _("Tidak")
    if question.kind == "date":
        found = read_date(str(value))
        return _date(found) if found else str(value)
    return next((str(o.name) for o in question.options if o.code == value), str(value))


def _date(day: date) -> str:
    return format_date(day, get_language() or "id", weekday=False)


def _paper_row(way: Way, need: Need) -> dict[str, Any]:
    return {
        "key": str(need.requirement.name),
        "value": paper(need, way.application)["word"],
        "change_url": way.url("document", need.code),
    }


def _status(form: Form) -> int:
    return 422 if form.is_bound and form.errors else 200


question, assist_question = both(GET_AND_POST(_question))
documents, assist_documents = both(require_safe(_documents))
document, assist_document = both(GET_AND_POST(_document))
picture, assist_picture = both(require_safe(_picture))
check, assist_check = both(GET_AND_POST(_check))
