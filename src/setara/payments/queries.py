"""Reads of this room."""

from __future__ import annotations

from datetime import datetime

from setara.applications.service import Application
from setara.ledger.service import Prepared
from setara.payments.models import Bill, Payment

_LIVE = Prepared(
    lambda pk: Bill.objects.filter(application_id=pk, status__in=[Bill.Status.OPEN, Bill.Status.PAID])
)


def live_bill(application: Application) -> Bill | None:
    """The application's bill that is open or paid; None when it has none or the last one expired."""
    return _LIVE.first(application.pk)


def last_bill(application: Application) -> Bill | None:
    """The newest bill of the application, whatever became of it."""
    return Bill.objects.filter(application=application).order_by("-issued_at", "-pk").first()


def payment_of(application: Application) -> Payment | None:
    """The payment that settled the application's fee."""
    return Payment.objects.select_related("bill").filter(
        bill__application=application, bill__status=Bill.Status.PAID
    ).first()  # fmt: skip


def bills_to_expire(now: datetime, limit: int = 200) -> list[Bill]:
    """Open bills whose time is over, the oldest first."""
    return list(
        Bill.objects.select_related("application__office")
        .filter(status=Bill.Status.OPEN, expires_at__lte=now)
        .order_by("expires_at", "pk")[:limit]
    )
