"""A person at a kiosk: found by the QR code of the slip or by NIK, and checked in like at the desk.

A NIK proves nothing about who stands there, so a kiosk never shows a name, and a ticket that is there already only by
its label; guesses are counted for each device.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from uuid import UUID

from setara.applications.service import Application
from setara.booking.service import Appointment, appointment_by_token
from setara.kernel import clock
from setara.kernel.errors import Conflict, Invalid, NotFound, SetaraError
from setara.kernel.phrase import phrase as _
from setara.ledger.service import By, system
from setara.ledger.service import already as already_done
from setara.offices.service import Office, local_date
from setara.people.service import guard, same_nik
from setara.queueing import operations, refusals
from setara.queueing.finding import token_in
from setara.queueing.models import Kiosk, Ticket
from setara.queueing.queries import ticket_by_token

NIK = re.compile(r"\d{16}")
_DIGITS = re.compile(r"[\d\s.-]+")


@dataclass(frozen=True, slots=True)
class _Guest:
    """What the person brought: an appointment of today, or something to collect."""

    how: str
    appointment: Appointment | None = None
    ready: Application | None = None


def by_of(kiosk: Kiosk, key: str | None = None) -> By:
    """The kiosk that acts."""
    return By(system(f"kiosk-{kiosk.number}", kiosk.office_id), key=key)


def paired(office: Office, pk: str, secret: str) -> Kiosk | None:
    """The kiosk that a device is, by what it was given when it was paired; None when that is good no longer."""
    try:
        kiosk = Kiosk.objects.select_related("office").filter(pk=UUID(pk), office=office, active=True).first()
    except ValueError:
        return None
    return kiosk if kiosk is not None and hmac.compare_digest(kiosk.secret, secret) else None


def admit(kiosk: Kiosk, text: str, key: str | None = None) -> Ticket:
    """Give the ticket to whoever stands there with ``text``: the content of a QR code, or a NIK.

    Invalid (field ``code``) for what can be neither; NotFound when nobody fits; Conflict for a second ticket; Refused
    while too many were guessed, or as at the desk. ``key``: the same form sent again gives the same ticket.
    """
    by = by_of(kiosk, key)
    for before in (operations.check_in, operations.check_in_pickup):
        if (done := already_done(before, by)) is not None:
            return done
    text = text.strip()
    digits = re.sub(r"[\s.-]", "", text)
    if NIK.fullmatch(digits):
        return _take(by, _by_nik(kiosk, digits))
    if _DIGITS.fullmatch(text):
        raise Invalid(
            {"code": _("NIK terdiri dari 16 angka. Yang diketik %(n)s angka.", n=len(digits))},
            code="queueing.kiosk_nik",
        )
    if (token := token_in(text)) is None:
        raise Invalid(
            {"code": _("Kode ini bukan kode QR dari layanan ini, dan bukan NIK.")}, code="queueing.kiosk_code"
        )
    return _take(by, _by_token(kiosk.office, token))


def _take(by: By, guest: _Guest) -> Ticket:
    if guest.appointment is not None:
        return operations.check_in(by, guest.appointment, guest.how)
    assert guest.ready is not None  # noqa: S101 - one of the two is there
    return operations.check_in_pickup(by, guest.ready, guest.how)


def _by_token(office: Office, token: str) -> _Guest:
    if (ticket := ticket_by_token(token)) is not None:
        if ticket.office_id != office.pk:
            raise refusals.other_office(ticket.office)
        if ticket.closed_at is None:
            raise already(ticket)
        application = ticket.application
    else:
        appointment = appointment_by_token(token)
        if appointment.office_id != office.pk:
            raise refusals.other_office(appointment.office)
        application = appointment.application
        if application.status != Application.Status.READY:
            _refuse_second(application)
            return _Guest("qr", appointment=appointment)
    if application.status == Application.Status.READY:
        _refuse_second(application)
        return _Guest("qr", ready=application)
    raise to_the_desk()


def _by_nik(kiosk: Kiosk, nik: str) -> _Guest:
    """Whom the NIK means; wrong ones are counted before anybody is looked for."""
    attempt = guard("kiosk", str(kiosk.pk))
    try:
        found = _of_nik(kiosk.office, nik)
    except Conflict:
        attempt.passed()
        raise
    except SetaraError:
        attempt.failed()
        raise
    attempt.passed()
    return found


def _of_nik(office: Office, nik: str) -> _Guest:
    today = local_date(office, clock.now())
    mine = Application.objects.select_related("office", "person").filter(
        office=office, person__in=same_nik(nik)
    )
    for application in mine.order_by("started_at"):
        _refuse_second(application)
    seats = Appointment.objects.filter(
        application__in=mine, office=office, date=today, status=Appointment.Status.BOOKED
    )
    if (seat := seats.order_by("window__starts").first()) is not None:
        return _Guest(Ticket.Arrival.NIK, appointment=seat)
    if (ready := mine.filter(status=Application.Status.READY).order_by("started_at").first()) is not None:
        return _Guest(Ticket.Arrival.NIK, ready=ready)
    raise to_the_desk()


def _refuse_second(application: Application) -> None:
    open_ticket = Ticket.objects.filter(application=application, closed_at__isnull=True).first()
    if open_ticket is not None:
        raise already(open_ticket)


def already(ticket: Ticket) -> Conflict:
    """One visit, one ticket; the kiosk says which and gives no second paper of it."""
    return Conflict(
        _("Sudah ada nomor antrean untuk kunjungan ini: %(label)s.", label=ticket.label),
        code="queueing.already_checked_in",
        rule=_("Satu kunjungan mendapat satu nomor antrean."),
        remedy=_(
            "Tunggu nomor %(label)s dipanggil. Bila kertasnya hilang, minta lagi di meja depan.",
            label=ticket.label,
        ),
        field="code",
    )


def to_the_desk() -> NotFound:
    """Nothing can be done here; the person is not sent away, but to people."""
    return NotFound(
        _("Tidak ada jadwal hari ini atau pengambilan untuk kode ini."),
        code="queueing.kiosk_nobody",
        rule=_("Anjungan memberi nomor kepada yang terjadwal hari ini atau mengambil yang sudah siap."),
        remedy=_("Datanglah ke meja depan: petugas membantu, juga tanpa surat dan tanpa ponsel."),
        field="code",
    )
