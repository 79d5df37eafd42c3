"""The bill of an application, and the address to which the treasury sends its notices."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from setara.applications.service import Application, Way, both
from setara.kernel import clock
from setara.kernel.errors import Conflict, NotFound, Refused, SetaraError, Unavailable
from setara.kernel.money import format_rupiah
from setara.ledger.service import By, outside
from setara.offices.service import public
from setara.payments.gateway import SIGNATURE_HEADER
from setara.payments.models import Bill
from setara.payments.operations import check_payment, fee_lines, record_payment, refuse_notice, request_bill
from setara.payments.queries import last_bill, payment_of
from setara.payments.treasury import treasury

log = logging.getLogger(__name__)


def _bill(request: HttpRequest, way: Way) -> HttpResponse:
    """The billing code, how long it is good, how to pay; a new one when it has expired."""
    application = way.application
    if application.status == Application.Status.DRAFT:
        return HttpResponseRedirect(way.next_page())
    error: SetaraError | None = None
    if request.method == "POST":
        try:
            if "check" in request.POST:
                _have_i_paid(request, way)
            else:
                request_bill(way.actor, application, key=request.POST.get("idempotency_key"))
            return HttpResponseRedirect(way.url("bill"))
        except (Refused, Unavailable, Conflict) as refused:
            error = refused
            application.refresh_from_db(fields=["status"])
    page = bill_page(application)
    if page["paid"] is not None and application.status == Application.Status.SUBMITTED:
        application.refresh_from_db(fields=["status"])  # the notice came in while this page was being made
    context = way.context(error=error, **page)
    context |= {
        "next_url": way.next_page(),
        "slip_url": way.url("slip"),
        "application_url": way.url("application"),
    }
    return render(request, "payments/bill.html", context, status=error.status if error else 200)


def _have_i_paid(request: HttpRequest, way: Way) -> None:
    if check_payment(way.actor, way.application) is None:
        messages.info(
            request,
            _(
                "Kas negara belum mencatat pembayaran ini. Kadang perlu beberapa menit; simpan bukti bayar Anda."
            ),
        )


def bill_page(application: Application) -> dict[str, Any]:
    """The state of the fee: its lines, the code and its time, or the payment."""
    bill, now = last_bill(application), clock.now()
    paid = payment_of(application)
    good = bill is not None and bill.status == Bill.Status.OPEN and bill.expires_at > now
    return {
        "lines": lines(bill.lines if bill else fee_lines(application)),
        "amount": bill.amount if bill else application.fee,
        "amount_text": format_rupiah(bill.amount) if bill else "",
        "bill": bill,
        "paid": paid,
        "good": good,
        "expired": bill is not None and not good and paid is None,
        "settled": paid is not None or application.status != Application.Status.SUBMITTED,
        "code": grouped(bill.code) if bill else "",
        "left": minutes_left(bill, now) if bill and good else None,
        "bank_url": _bank(bill) if bill and good else "",
    }


def lines(stored: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines of a bill in the reader's language."""
    english = (get_language() or "id").startswith("en")
    return [{"name": one["name_en"] if english else one["name"], "amount": one["amount"]} for one in stored]


def grouped(code: str) -> str:
    """A billing code as people read it aloud: five groups of three digits."""
    return " ".join(code[i : i + 3] for i in range(0, len(code), 3))


def minutes_left(bill: Bill, now: datetime) -> int:
    """Whole minutes until the code expires, never more than there are."""
    return int((bill.expires_at - now).total_seconds() // 60)


def _bank(bill: Bill) -> str:
    """Where a visitor of the demo may play the bank; a real office has no such page."""
    if not settings.SETARA_DEMO:
        return ""
    return f"{settings.SETARA_TREASURY_URL}/bank?{urlencode({'code': bill.code})}"


@csrf_exempt
@public
@require_POST
def treasury_notice(request: HttpRequest) -> HttpResponse:
    """A notice of payment (JSON), proven by its HMAC. The same notice again answers the same.

    What does not fit its bill is refused (422, 404, 409) and, where the bill is ours, written down, so that a
    person looks at the money.
    """
    notice = treasury().verify_notice(request.body, request.headers.get(SIGNATURE_HEADER, ""))
    by = By(outside("treasury"))
    try:
        paid = record_payment(by, notice.code, notice.ntpn, notice.paid_at, notice.amount)
    except NotFound:
        log.warning("a payment notice names a billing code that is not of this office")
        raise
    except (Refused, Conflict) as error:
        key = f"{error.code} {notice.ntpn}"
        refuse_notice(By(by.actor, key=key), notice.code, notice.ntpn, error.code, notice.amount)
        raise
    return JsonResponse({"ntpn": paid.ntpn, "late": paid.late})


bill, assist_bill = both(require_http_methods(["GET", "HEAD", "POST"])(_bill))
