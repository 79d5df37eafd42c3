"""Starting, resuming and leaving: the pages that stand before an application is open."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from setara.applications import policies
from setara.applications.forms import ContactForm, HelpForm, OfficeForm, PersonForm, ReferenceForm, ResumeForm
from setara.applications.models import Application
from setara.applications.operations import amend_person, renew_code, start
from setara.applications.queries import access_code, by_reference, find
from setara.applications.ways import Way, allow_code, both, forget_code, helped, may_show_code, posted, show
from setara.kernel import clock
from setara.kernel.errors import Invalid, NotFound, Refused, SetaraError
from setara.kernel.nik import check_nik
from setara.ledger.service import VISITOR, By
from setara.offices.service import (
    SESSION_APPLICATION,
    Office,
    actor_of,
    application_id,
    hold_application,
    local_date,
    needs,
    public,
    staff_of,
)
from setara.people.service import PersonData, open_person

#: Names the question that a GET form asked, so that an empty answer is told from no answer.
SENT = "ditanya"
GET_AND_POST = require_http_methods(["GET", "HEAD", "POST"])


@public
@never_cache
@sensitive_post_parameters()
@GET_AND_POST
def apply(request: HttpRequest) -> HttpResponse:
    """Start alone: which office, how to be told, who you are. The first two travel in the address, so that
    nothing is stored before somebody decides to start, and *back* works without JavaScript."""
    offices = list(Office.objects.order_by("name"))
    chosen = request.GET.get("kantor") or (offices[0].pk if len(offices) == 1 else None)
    office = next((o for o in offices if o.pk == chosen), None)
    if office is None:
        form: Form = OfficeForm(request.GET if SENT in request.GET else None, offices=offices)
        return _first(request, form, "kantor", 1, offices=offices)
    contact = request.GET.get("kabar")
    if contact not in Application.Contact.values:
        form = ContactForm(request.GET if request.GET.get(SENT) == "kabar" else None)
        return _first(request, form, "kabar", 1, office=office, kept={"kantor": office.pk})
    person = PersonForm(posted(request), contact=contact)
    if request.method == "POST" and person.is_valid():
        by = By(VISITOR, key=request.POST.get("idempotency_key") or None)
        made = _begin(request, by, office, person, contact, Application.Channel.ONLINE)
        if made is not None:
            if SESSION_KEY not in request.session:
                request.session.cycle_key()
            hold_application(request, made.pk)
            allow_code(request, made)
            return HttpResponseRedirect(reverse("code"))
    back = "?" + urlencode({"kantor": office.pk})
    context = {"form": person, "office": office, "base": "setara/public.html", "back": back}
    return render(request, "applications/person.html", context, status=_status(person))


@needs(policies.ASSIST)
@GET_AND_POST
def assist(request: HttpRequest) -> HttpResponse:
    """The officer's door: start for somebody, or go on with an application of this office."""
    form = ReferenceForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            found = by_reference(form.cleaned_data["reference"], staff_of(request).office_id)
            return HttpResponseRedirect(reverse("assist_application", args=[found.reference]))
        except (Invalid, NotFound) as error:
            show(form, error)
    context = {"form": form, "office": staff_of(request).office, "start_url": reverse("assist_apply")}
    return render(request, "applications/assist.html", context, status=_status(form))


@needs(policies.ASSIST)
@never_cache
@sensitive_post_parameters()
@GET_AND_POST
def assist_apply(request: HttpRequest) -> HttpResponse:
    """Start for somebody: why they are helped, how to be told, who they are."""
    office = staff_of(request).office
    why = HelpForm(request.GET if SENT in request.GET else None)
    if not (why.is_bound and why.is_valid()):
        return _first(request, why, "", 1, office=office, assisted=True)
    kept = {name: why.cleaned_data[name] for name in ("alasan", "cara")}
    contact = request.GET.get("kabar")
    if contact not in Application.Contact.values:
        form = ContactForm(
            request.GET if request.GET.get(SENT) == "kabar" else None, initial={"kabar": "slip"}
        )
        return _first(request, form, "kabar", 1, office=office, kept=kept, assisted=True)
    person = PersonForm(posted(request), contact=contact)
    if request.method == "POST" and person.is_valid():
        by = By(actor_of(request), kept["alasan"], request.POST.get("idempotency_key") or None)
        made = _begin(request, by, office, person, contact, kept["cara"])
        if made is not None:
            allow_code(request, made)
            return HttpResponseRedirect(helped(request, made.reference).next_page())
    context = {
        "form": person, "office": office, "base": "setara/staff.html", "assisted": True,
        "back": "?" + urlencode(kept | {SENT: "alasan"}),
    }  # fmt: skip
    return render(request, "applications/person.html", context, status=_status(person))


def _begin(
    request: HttpRequest, by: By, office: Office, form: PersonForm, contact: str, channel: str
) -> Application | None:
    """Start, or put what is wrong beside its field. In the demo office everybody is simulated."""
    language = (get_language() or "id")[:2]
    try:
        data = form.person(language)
        made = start(
            by, office, data, contact=contact, language=language, channel=channel, simulated=office.is_demo
        )
    except (Invalid, Refused) as error:
        show(form, error)
        return None
    _warn(request, office, data)
    return made


def _warn(request: HttpRequest, office: Office, data: PersonData) -> None:
    """What is unusual about the NIK, as a question to look again; never a reason to refuse."""
    found = check_nik(data.nik, today=local_date(office, clock.now()))
    odd = [str(warning) for warning in found.warnings]
    if found.born_hint is not None and found.born_hint != data.birth_date:
        odd.append(_("Tanggal lahir yang Anda isi berbeda dari tanggal di dalam NIK."))
    if odd:
        odd.append(
            _("Bila isian Anda sesuai dengan dokumen, lanjutkan saja; permohonan tidak ditolak karenanya.")
        )
        messages.warning(request, " ".join(odd))


def _first(request: HttpRequest, form: Form, name: str, step: int, **more: object) -> HttpResponse:
    """One of the questions before the start, asked with GET."""
    assisted = bool(more.get("assisted"))
    context = {
        "form": form, "field_name": name, "step": step,
        "base": "setara/staff.html" if assisted else "setara/public.html", **more,
    }  # fmt: skip
    return render(request, "applications/first.html", context, status=_status(form))


def _status(form: Form) -> int:
    return 422 if form.is_bound and form.errors else 200


def _person(request: HttpRequest, way: Way) -> HttpResponse:
    """Put the person's data right, while the application is a draft."""
    application = way.application
    before = open_person(application.person)
    form = PersonForm(
        posted(request), contact=application.contact, initial=before.model_dump(exclude={"language"})
    )
    if request.method == "POST" and form.is_valid():
        try:
            data = form.person(before.language)
            amend_person(way.by(request), application, before.model_copy(update=data.model_dump()))
            _warn(request, application.office, data)
            return HttpResponseRedirect(way.next_page())
        except (Invalid, Refused) as error:
            show(form, error)
    context = way.context(
        form=form, base=way.base, assisted=way.assisted, back=way.url("check"), amending=True
    )
    return render(request, "applications/person.html", context, status=_status(form))


def _code(request: HttpRequest, way: Way) -> HttpResponse:
    """Reference and code, until somebody says that they are noted; later only a new code can be made."""
    if request.method == "POST":
        if "noted" in request.POST:
            forget_code(request)
            return HttpResponseRedirect(way.next_page())
        renew_code(way.by(request), way.application)
        allow_code(request, way.application)
        return HttpResponseRedirect(way.url("code"))
    shown = may_show_code(request, way.application)
    code = access_code(way.application) if shown else ""
    return render(
        request,
        "applications/code.html",
        way.context(
            code=f"{code[:4]} {code[4:]}" if code else "",
            base=way.base,
            back=way.url("application"),
            slip_url=way.url("slip"),
        ),
    )


@public
@never_cache
@sensitive_post_parameters()
@GET_AND_POST
def resume(request: HttpRequest) -> HttpResponse:
    """Open an application with its reference and code. Guesses are counted and made to wait."""
    form = ResumeForm(posted(request), initial={"reference": request.GET.get("nomor", "")})
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    error: SetaraError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            found = find(form.cleaned_data["reference"], form.cleaned_data["code"])
        except (Invalid, Refused) as wrong:
            if isinstance(wrong, Refused) and wrong.code.startswith("guess."):
                error = wrong
            else:
                show(form, wrong)
        else:
            if SESSION_KEY not in request.session:
                request.session.cycle_key()
            hold_application(request, found.pk)
            forget_code(request)
            return HttpResponseRedirect(_safe(request, wanted) or _after_resume(found))
    context = {"form": form, "error": error, "next": _safe(request, wanted)}
    return render(
        request, "applications/resume.html", context, status=error.status if error else _status(form)
    )


def _after_resume(application: Application) -> str:
    if application.status == Application.Status.DRAFT:
        return Way(application, VISITOR, assisted=False).next_page()
    return reverse("application")


def _safe(request: HttpRequest, url: str) -> str:
    safe = url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return url if safe else ""


@public
@never_cache
@GET_AND_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Close the application on this device, after asking; nothing of it is lost."""
    if request.method == "POST":
        if SESSION_KEY in request.session:  # an officer stays signed in
            forget_code(request)
            request.session.pop(SESSION_APPLICATION, None)
        else:
            request.session.flush()
        return HttpResponseRedirect(reverse("leave"))
    return render(
        request,
        "applications/leave.html",
        {"held": application_id(request) is not None, "resume_url": reverse("resume")},
    )


person, assist_person = both(GET_AND_POST(_person))
code, assist_code = both(GET_AND_POST(_code))
