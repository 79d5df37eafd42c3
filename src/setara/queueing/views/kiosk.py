"""The kiosk in the hall: people take their own ticket, with a slip or a NIK, without a phone and without an account.

The pages are open, but do nothing for a browser that is not a paired kiosk. The server's clock counts: what the
device thinks of the time is shown to be wrong, and used for nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from setara.kernel import clock
from setara.kernel.errors import Forbidden, SetaraError
from setara.kernel.phrase import phrase as _
from setara.ledger.service import VISITOR, By
from setara.offices.service import Office, office_by_code, pack_of, public
from setara.queueing import kiosking, operations, showing
from setara.queueing.forms import KioskForm, PairForm
from setara.queueing.models import Kiosk, Ticket
from setara.queueing.operations.kiosks import link_is_no_good
from setara.queueing.views.common import on_form, status_of

#: How long the ticket just given stays on the screen's own page, for printing it again.
SHOWN: Final = timedelta(minutes=2)
PAIRED_SECONDS: Final = 180 * 24 * 3600
PAPERS = {"80": "ticket80", "58": "ticket58"}


@public
@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def kiosk(request: HttpRequest, office: str) -> HttpResponse:
    """The start: a code is scanned (the scanner types it), or one of three ways is chosen."""
    device = _device(request, office)
    return _admitted(request, device, "queueing/kiosk.html")


@public
@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def nik(request: HttpRequest, office: str) -> HttpResponse:
    """The NIK, typed on keys large enough for a thumb."""
    return _admitted(request, _device(request, office), "queueing/kiosk_nik.html")


@public
@require_safe
def help_page(request: HttpRequest, office: str) -> HttpResponse:
    """No papers, no phone, no appointment, or a priority: where people help."""
    return render(request, "queueing/kiosk_help.html", _context(_device(request, office)))


@public
@never_cache
@require_safe
def ticket(request: HttpRequest, office: str) -> HttpResponse:
    """The ticket just given: large on the screen, printed, and printed again if the printer was away."""
    device = _device(request, office)
    found = _just_given(request, device)
    if found is None:
        return HttpResponseRedirect(reverse("kiosk", args=[device.office_id]))
    pack = pack_of(device.office, found.date)
    missed = next((r for r in pack.queue.re_entry if r.code == "missed"), None)
    context = _context(device) | {
        "ticket": found,
        "lane": pack.lane(found.lane).name,
        "step": pack.step(found.step),
        "missed": missed.name if missed else "",
        "address": settings.SETARA_PUBLIC_URL + reverse("ticket", args=[found.token]),
        "paper": PAPERS.get(request.session.get("kiosk_paper", ""), PAPERS["80"]),
    }
    return render(request, "queueing/kiosk_ticket.html", context)


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def pair(request: HttpRequest, office: str, token: str) -> HttpResponse:
    """Make this device the kiosk of the link, once."""
    row = office_by_code(office)
    pk, _dash, secret = token.partition(".")
    if request.method == "POST" and request.session.get("kiosk") == pk and _paired(request, row) is not None:
        # The same form once more: this very device is the kiosk already.
        return HttpResponseRedirect(reverse("kiosk", args=[row.pk]))
    device = kiosking.paired(row, pk, secret)
    if device is None:
        raise link_is_no_good()
    form = PairForm(request.POST if request.method == "POST" else None, initial={"paper": "80"})
    if request.method == "POST" and form.is_valid():
        paired = operations.pair_kiosk(By(VISITOR), device, secret)
        request.session.flush()
        request.session["kiosk"] = str(paired.pk)
        request.session["kiosk_secret"] = paired.secret
        request.session["kiosk_paper"] = form.cleaned_data["paper"]
        request.session.set_expiry(PAIRED_SECONDS)
        return HttpResponseRedirect(reverse("kiosk", args=[row.pk]))
    return render(
        request, "queueing/kiosk_pair.html", _context(device) | {"form": form}, status=status_of(form, None)
    )


def _device(request: HttpRequest, office: str) -> Kiosk:
    """The kiosk that this browser is; Forbidden for any other."""
    device = _paired(request, office_by_code(office))
    if device is None:
        raise Forbidden(
            _("Perangkat ini belum dipasang sebagai anjungan."),
            code="queueing.kiosk_unpaired",
            rule=_("Nomor antrean hanya diambil pada anjungan di kantor atau di meja depan."),
            remedy=_("Datanglah ke meja depan. Petugas: pasang perangkat ini dengan tautan dari pengawas."),
        )
    return device


def _paired(request: HttpRequest, office: Office) -> Kiosk | None:
    given = request.session.get("kiosk", ""), request.session.get("kiosk_secret", "")
    return kiosking.paired(office, *given) if all(given) else None


def _admitted(request: HttpRequest, device: Kiosk, template: str) -> HttpResponse:
    form = KioskForm(request.POST or None)
    error: SetaraError | None = None
    if request.method == "POST" and form.is_valid():
        key = request.POST.get("idempotency_key") or None
        try:
            given = kiosking.admit(device, form.cleaned_data["code"], key)
        except SetaraError as refused:
            error = on_form(form, refused) or None
        else:
            request.session["kiosk_ticket"] = str(given.pk)
            request.session["kiosk_given"] = clock.now().isoformat()
            return HttpResponseRedirect(reverse("kiosk_ticket", args=[device.office_id]))
    status = status_of(form, error)
    return render(request, template, _context(device) | {"form": form, "error": error}, status=status)


def _just_given(request: HttpRequest, device: Kiosk) -> Ticket | None:
    pk, at = request.session.get("kiosk_ticket"), request.session.get("kiosk_given")
    if not pk or not at or clock.now() - datetime.fromisoformat(at) > SHOWN:
        return None
    return Ticket.objects.select_related("office").filter(pk=pk, office=device.office_id).first()


def _context(device: Kiosk) -> dict[str, Any]:
    now = clock.now()
    return {
        "kiosk": device,
        "office": device.office,
        "now": now,
        "now_ms": int(now.timestamp() * 1000),
        "home": reverse("kiosk", args=[device.office_id]),
        "said": showing.said_now(device.office, now),
    }
