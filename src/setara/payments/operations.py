"""The only writers of this room, and the one call that speaks with the treasury before it writes."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from setara.applications.service import Application, answers_of, lock, move_to, pack_of_application
from setara.kernel import clock
from setara.kernel.errors import Conflict, NotFound, Refused
from setara.ledger.service import Actor, By, Op, operation, outside, require, system
from setara.payments import events, policies
from setara.payments.gateway import Treasury
from setara.payments.models import Bill, Payment
from setara.payments.queries import last_bill, live_bill, payment_of
from setara.payments.treasury import treasury as configured
from setara.rules import packs

Status = Application.Status


def request_bill(
    actor: Actor, application: Application, key: str | None = None, *, treasury: Treasury | None = None
) -> Bill:
    """The billing code of an application: the one it has while that is good, else a new one.

    Asks the treasury outside any transaction and then records. If the treasury does not answer
    (``Unavailable``, ``treasury_down``) or this process dies between the two, nothing is lost: the next call
    names the same order, and gets the code that the treasury gave for it. Raises ``Refused``:
    ``payments.not_submitted``, ``payments.already_paid``.
    """
    require(policies.BILL, actor, office=application.office_id, application=str(application.pk))
    now = clock.now()
    application.refresh_from_db(fields=["status", "fee", "answers", "private", "pack"])
    current = live_bill(application)
    if current is not None and current.status == Bill.Status.OPEN and current.expires_at > now:
        return current
    check_billable(application, current)
    client = treasury or configured()
    if last_bill(application) is not None:
        # The old code may have been paid in time and the notice be late: nobody shall pay twice for that.
        check_payment(actor, application, treasury=client)
        application.refresh_from_db(fields=["status"])
        check_billable(application, live_bill(application))
    if current is not None:
        with contextlib.suppress(Conflict):  # somebody else has just closed it
            expire_bill(By(system("payments", application.office_id), key=f"expire {current.code}"), current)
    lines = fee_lines(application)
    attempt = Bill.objects.filter(application=application).count() + 1
    minutes = pack_of_application(application).billing.expiry_minutes
    given = client.issue_bill(
        order=f"{application.reference}-{attempt}",
        amount=sum(int(line["amount"]) for line in lines),
        payer_label=application.reference,
        issued_at=now,
        expires_at=now + timedelta(minutes=minutes),
    )
    # The code itself makes a repeated call harmless, also one without a key or with another.
    by = By(actor, key=f"bill {given.code}" if key is None else f"{key} {given.code}")
    return record_bill(by, application, given.code, given.amount, lines, given.expires_at)


def check_payment(
    actor: Actor, application: Application, *, treasury: Treasury | None = None
) -> Payment | None:
    """Ask the treasury whether the newest code was paid, and write it down if so; None if it was not.

    For people whose notice is late. Outside any transaction; raises ``Unavailable`` (``treasury_down``).
    """
    require(policies.BILL, actor, office=application.office_id, application=str(application.pk))
    if (paid := payment_of(application)) is not None:
        return paid
    bill = last_bill(application)
    if bill is None:
        return None
    state = (treasury or configured()).status(bill.code)
    if state.ntpn is None or state.paid_at is None:
        return None
    by = By(outside("treasury", application.office_id))
    return record_payment(by, bill.code, state.ntpn, state.paid_at, state.amount)


@operation
def record_bill(
    op: Op,
    application: Application,
    code: str,
    amount: int,
    lines: Sequence[dict[str, str | int]],
    expires_at: datetime,
) -> Bill:
    """Write down the billing code that the treasury gave. Use :func:`request_bill`.

    Raises ``Refused``: ``payments.not_submitted``, ``payments.already_paid``, ``payments.open_bill``.
    """
    op.permit(policies.BILL, office=application.office_id, application=application.pk)
    lock(op, application)
    current = live_bill(application)
    check_billable(application, current)
    if current is not None:
        raise Refused(
            _("Permohonan ini masih mempunyai kode pembayaran yang berlaku."),
            code="payments.open_bill",
            rule=_("Satu permohonan mempunyai satu kode pembayaran pada satu waktu."),
            remedy=_("Bayar dengan kode yang sudah ada, atau tunggu sampai batas waktunya lewat."),
        )
    attempt = Bill.objects.filter(application=application).count() + 1
    made = Bill.objects.create(
        application=application,
        code=code,
        amount=amount,
        lines=list(lines),
        issued_at=op.now,
        expires_at=expires_at,
    )
    op.record(
        events.Billed(
            bill=str(made.pk),
            amount=amount,
            lines=[{"code": line["code"], "amount": line["amount"]} for line in lines],
            expires_at=expires_at.isoformat(),
            attempt=attempt,
        ),
        office=application.office_id,
        application=application.pk,
    )
    return made


def record_payment(by: By, code: str, ntpn: str, paid_at: datetime, amount: int | None = None) -> Payment:
    """Write down a payment that the treasury confirmed; a second notice of the same NTPN changes nothing.

    Money that came after the code had expired is honoured and marked ``late`` by when it was *paid*, not by
    when we heard of it; money for an application that was paid already, or is cancelled, is
    written down as surplus. Raises
    ``NotFound`` (``payments.unknown_code``), ``Refused`` (``payments.amount``, ``payments.ntpn``).
    """
    if (known := _known(code, ntpn)) is not None:
        return known
    try:
        return take_payment(replace(by, key=f"ntpn {ntpn}"), code, ntpn, paid_at, amount)
    except Conflict:
        if (known := _known(code, ntpn)) is not None:
            return known
        raise


@operation
def take_payment(op: Op, code: str, ntpn: str, paid_at: datetime, amount: int | None = None) -> Payment:
    """One payment of one bill; use :func:`record_payment`, which may be repeated."""
    found = Bill.objects.select_related("application").filter(code=code).first()
    op.permit(policies.PAY, office=None if found is None else found.application.office_id)
    if found is None:
        raise _unknown_code()
    application = lock(op, found.application)
    bill = Bill.objects.select_for_update().get(pk=found.pk)
    if Payment.objects.filter(bill=bill).exists():
        raise Conflict(
            _("Kode ini sudah dibayar."),
            code="payments.paid_twice",
            rule=_("Satu kode pembayaran dibayar satu kali."),
            remedy=_("Cocokkan nomor penerimaan (NTPN) dengan laporan kas negara."),
        )
    if amount is not None and amount != bill.amount:
        raise wrong_amount()
    other_paid = Bill.objects.filter(application=application, status=Bill.Status.PAID).exists()
    if not other_paid:
        # A newer code that is still open is not needed any more: this money settles the fee.
        Bill.objects.filter(application=application, status=Bill.Status.OPEN).exclude(pk=bill.pk).update(
            status=Bill.Status.EXPIRED
        )
        Bill.objects.filter(pk=bill.pk).update(status=Bill.Status.PAID)
        if application.status == Status.SUBMITTED:
            move_to(op, application, Status.PAID)
    late, unneeded = paid_at > bill.expires_at, other_paid or application.status == Status.CANCELLED
    made = Payment.objects.create(bill=bill, ntpn=ntpn, paid_at=paid_at, noticed_at=op.now, late=late)
    op.record(
        events.Paid(
            bill=str(bill.pk),
            ntpn=ntpn,
            amount=bill.amount,
            paid_at=paid_at.isoformat(),
            late=late,
            surplus=unneeded,
        ),
        office=application.office_id,
        application=application.pk,
    )
    return made


@operation
def refuse_notice(op: Op, code: str, ntpn: str, why: str, received: int) -> None:
    """Write down that a signed notice did not fit its bill, so that somebody looks at the money."""
    bill = Bill.objects.select_related("application").filter(code=code).first()
    op.permit(policies.PAY, office=None if bill is None else bill.application.office_id)
    if bill is None:
        raise _unknown_code()
    op.record(
        events.NoticeRefused(bill=str(bill.pk), ntpn=ntpn, why=why, expected=bill.amount, received=received),
        office=bill.application.office_id,
        application=bill.application_id,
    )


@operation
def expire_bill(op: Op, bill: Bill) -> Bill:
    """Close a code whose time is over. Raises ``Refused`` (``payments.not_expired``), ``Conflict``
    (``payments.not_open``)."""
    application = bill.application
    op.permit(policies.EXPIRE, office=application.office_id)
    lock(op, application)
    bill.refresh_from_db(fields=["status", "expires_at"])
    if bill.status != Bill.Status.OPEN:
        raise Conflict(
            _("Kode ini sudah tidak terbuka lagi."),
            code="payments.not_open",
            remedy=_("Muat ulang halaman pembayaran."),
        )
    if op.now < bill.expires_at:
        raise Refused(
            _("Kode ini masih berlaku."),
            code="payments.not_expired",
            rule=_("Kode pembayaran berlaku sampai batas waktunya."),
            remedy=_("Tunggu sampai batas waktunya lewat."),
        )
    bill.status = Bill.Status.EXPIRED
    bill.save(update_fields=["status"])
    op.record(
        events.Expired(bill=str(bill.pk), expired_at=bill.expires_at.isoformat()),
        office=application.office_id,
        application=application.pk,
    )
    return bill


def check_billable(application: Application, current: Bill | None) -> None:
    """Refuse a code for what was not handed in yet, or is paid already."""
    if application.status == Status.DRAFT:
        raise Refused(
            _("Permohonan ini belum dikirim."),
            code="payments.not_submitted",
            rule=_("Biaya dibayar setelah permohonan lengkap dan dikirim."),
            remedy=_("Lengkapi permohonan, periksa jawabannya, lalu kirim."),
        )
    if application.status == Status.CANCELLED:
        raise Refused(
            _("Permohonan ini sudah dibatalkan."),
            code="payments.cancelled",
            rule=_("Permohonan yang dibatalkan tidak dibayar."),
            remedy=_("Ajukan permohonan baru. Kode yang lama jangan dibayar."),
        )
    if application.status != Status.SUBMITTED or (current is not None and current.status == Bill.Status.PAID):
        raise Refused(
            _("Biaya permohonan ini sudah dibayar."),
            code="payments.already_paid",
            rule=_("Satu permohonan dibayar satu kali."),
            remedy=_("Lanjutkan dengan memilih jadwal, atau lihat permohonan Anda."),
        )


def fee_lines(application: Application) -> list[dict[str, Any]]:
    """The lines of the application's fee as plain data: code, name in both languages, amount."""
    price = packs.fee(pack_of_application(application), answers_of(application))
    return [
        {"code": line.code, "name": line.name.id, "name_en": line.name.en, "amount": line.amount}
        for line in price.lines
    ]


def wrong_amount() -> Refused:
    """The refusal of a payment of another amount than the bill's."""
    return Refused(
        _("Jumlah yang dibayar berbeda dari tagihannya."),
        code="payments.amount",
        rule=_("Biaya dibayar tepat sebesar tagihan."),
        remedy=_("Kantor dan kas negara mencocokkan pembayaran ini; uangnya tercatat."),
    )


def _unknown_code() -> NotFound:
    return NotFound(
        _("Kode pembayaran ini bukan milik kantor ini."),
        code="payments.unknown_code",
        remedy=_("Cocokkan dengan laporan kas negara."),
    )


def _known(code: str, ntpn: str) -> Payment | None:
    known = Payment.objects.select_related("bill").filter(ntpn=ntpn).first()
    if known is not None and known.bill.code != code:
        raise Refused(
            _("Nomor penerimaan ini sudah dipakai untuk tagihan lain."),
            code="payments.ntpn",
            rule=_("Satu nomor penerimaan (NTPN) membuktikan satu pembayaran."),
            remedy=_("Cocokkan dengan laporan kas negara."),
        )
    return known
