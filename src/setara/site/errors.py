"""Pages for what was refused, not found, or went wrong. Each says what happened and what can be done now."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseServerError, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token

from setara.kernel.errors import Conflict, Forbidden, Invalid, NotFound, SetaraError
from setara.offices.service import staff_or_none


def refused(request: HttpRequest, error: SetaraError) -> HttpResponse:
    """The answer to a refusal: JSON for programs, a part of a page for htmx, else a page."""
    if wants_json(request):
        return JsonResponse(error.as_dict(), status=error.status)
    if request.headers.get("HX-Request"):
        part = render_to_string("site/refusal_part.html", {"error": error, "details": _details(error)})
        # Where the answer goes when the page lets htmx show refusals at all; a form without htmx gets a page.
        headers = {"HX-Retarget": "#main", "HX-Reswap": "afterbegin"}
        return HttpResponse(part, status=error.status, headers=headers)
    context = {"error": error, "details": _details(error), "base": _base(request), "back": _back(request)}
    return render(request, "site/refusal.html", context, status=error.status)


def wants_json(request: HttpRequest) -> bool:
    """Whether a program asks: an address under /api/ or one that ends in .json, or JSON accepted and no HTML."""
    if request.path.startswith("/api/") or request.path.endswith(".json"):
        return True
    return request.accepts("application/json") and not request.accepts("text/html")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """handler404. The address is not repeated: it may hold what somebody typed."""
    return refused(
        request,
        NotFound(
            _("Halaman ini tidak ada."),
            code="not_found.page",
            remedy=_("Periksa alamatnya, atau mulai dari halaman depan."),
        ),
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """handler403: what Django itself forbids, such as a page of the configuration."""
    return refused(
        request,
        Forbidden(
            _("Anda tidak berwenang melakukan tindakan ini."),
            code="forbidden.page",
            rule=_("Setiap halaman hanya terbuka bagi peran yang memerlukannya."),
            remedy=_("Kembali ke halaman petugas, atau masuk dengan akun yang sesuai."),
        ),
    )


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """handler400: a request that cannot be read, such as one that is too large."""
    return refused(
        request,
        Invalid(
            {"request": _("Kiriman terlalu besar atau tidak lengkap.")},
            message=_("Kiriman ini tidak dapat dibaca."),
            code="invalid.request",
            remedy=_("Kembali, periksa isian dan ukuran berkas, lalu kirim lagi."),
        ),
    )


def wrong_method(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """Django's empty 405, in words: an address for sending was opened (or the other way round)."""
    said = refused(
        request,
        Conflict(
            _("Alamat ini tidak dapat dipakai dengan cara ini."),
            code="method.not_allowed",
            rule=_("Sebagian alamat hanya untuk dibuka, sebagian hanya untuk mengirim formulir."),
            remedy=_("Kembali ke halaman sebelumnya, lalu tekan tombolnya lagi."),
        ),
    )
    said.status_code = answer.status_code
    said["Allow"] = answer["Allow"]
    return said


@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """CSRF_FAILURE_VIEW: a form that was open for too long, or cookies are off."""
    error = Conflict(
        _("Formulir ini sudah terlalu lama terbuka atau kuki dimatikan."),
        code="conflict.form",
        rule=_("Setiap formulir membawa tanda pengaman yang cocok dengan kuki peramban Anda."),
        remedy=_("Muat ulang halaman sebelumnya, lalu kirim lagi. Pastikan kuki diizinkan."),
    )
    response = refused(request, error)
    response.status_code = Forbidden.status
    return response


def fault(request: HttpRequest) -> HttpResponse:
    """handler500: needs neither the database nor a session, both may be what failed."""
    if wants_json(request):
        body = {"code": "error", "message": _("Terjadi kesalahan pada sistem."), "rule": "", "remedy": ""}
        return JsonResponse(body, status=500)
    return HttpResponseServerError(render_to_string("site/fault.html"))


def _details(error: SetaraError) -> list[str]:
    """The single faults of an Invalid that no form caught."""
    return [str(text) for text in error.errors.values()] if isinstance(error, Invalid) else []


def _base(request: HttpRequest) -> str:
    try:
        signed_in = staff_or_none(request) is not None
    except AttributeError:  # refused before the session middleware
        signed_in = False
    return "setara/staff.html" if signed_in else "setara/public.html"


def _back(request: HttpRequest) -> str:
    """The path of our own page from which a form was sent, or nothing."""
    referer = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(
        referer, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return ""
    parts = urlsplit(referer)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return "" if path == request.get_full_path() and request.method == "GET" else path
