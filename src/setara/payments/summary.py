"""This room's part of a page about one application, whoever renders the page."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from setara.applications.service import Application
from setara.kernel import clock
from setara.payments.models import Bill
from setara.payments.queries import last_bill, payment_of


def payment_context(application: Application) -> dict[str, Any]:
    """``{"payments": ...}`` for the template part ``payments/_part.html``."""
    paid = payment_of(application)
    bill = None if paid else last_bill(application)
    if paid is not None:
        kind, word = "done", _("Sudah dibayar")
    elif bill is not None and bill.status == Bill.Status.OPEN and bill.expires_at > clock.now():
        kind, word = "now", _("Menunggu pembayaran")
    elif bill is not None:
        kind, word = "warn", _("Kode pembayaran sudah lewat")
    elif application.fee == 0:
        kind, word = "done", _("Tanpa biaya")
    else:
        kind, word = "wait", _("Belum dibayar")
    return {
        "payments": {"amount": application.fee, "kind": kind, "word": word, "bill": bill, "payment": paid}
    }
