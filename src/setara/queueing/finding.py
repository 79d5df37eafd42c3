"""Finding the person who stands at the desk: by QR code, by reference, or by name.

Names lie sealed. They are opened only for those who may stand here today: the office's appointments of the
day, its open tickets, what is ready to be collected, and visits that may be taken up again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from django.db.models import Q

from setara.applications.service import Application, by_reference
from setara.booking.service import Appointment, appointment_by_token
from setara.kernel import ids
from setara.kernel.errors import Invalid, NotFound
from setara.kernel.phrase import phrase as _
from setara.offices.service import Office
from setara.people.service import VaultError, open_person
from setara.queueing import refusals
from setara.queueing.models import Ticket
from setara.queueing.queries import ticket_by_token

_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,32}")
_REFERENCE_LIKE = re.compile(r"(?=.*\d)[0-9A-Za-z]{3,4}[\s.-]?[0-9A-Za-z]{3,4}")
#: Names shorter than this would list half of the day.
SHORTEST = 3
MOST = 12


@dataclass(frozen=True, slots=True)
class Found:
    """An application that may be meant, its person's name, and how it was found (``qr`` or ``name``)."""

    application: Application
    name: str
    how: str


def find(office: Office, today: date, text: str) -> list[Found]:
    """Whom ``text`` means: the content of a QR code, a reference, or a part of a name.

    ``Invalid`` (field ``wanted``) for what can be none of them, ``NotFound`` when nobody fits, ``Refused``
    for the code of another office.
    """
    text = text.strip()
    if (token := token_in(text)) is not None:
        return [_of_token(office, token)]
    if (reference := _reference_in(text)) is not None:
        application = by_reference(reference, office.pk)
        return [Found(application, name_of(application), "name")]
    words = text.casefold().split()
    if sum(len(word) for word in words) < SHORTEST:
        raise Invalid({"wanted": _("Ketik paling sedikit %(n)s huruf dari namanya.", n=SHORTEST)})
    found = [
        Found(application, name, "name")
        for application in _who_may_come(office, today)
        if all(word in (name := name_of(application)).casefold() for word in words)
    ]
    if not found:
        raise _nobody()
    return sorted(found, key=lambda one: one.name)[:MOST]


def name_of(application: Application) -> str:
    """The person's name; a dash when the data were erased."""
    try:
        return open_person(application.person).name
    except (NotFound, VaultError):
        return "–"


def _who_may_come(office: Office, today: date) -> Iterable[Application]:
    status = Application.Status
    booked = Appointment.objects.filter(office=office, date=today).values("application")
    here = Ticket.objects.filter(office=office, date=today).values("application")
    back = Ticket.objects.filter(office=office, right_of_return__gte=today).values("application")
    return (
        Application.objects.select_related("person", "office")
        .filter(office=office)
        .filter(
            Q(pk__in=booked) | Q(pk__in=here) | Q(pk__in=back) | Q(status__in=[status.READY, status.PAID])
        )
    )


def token_in(text: str) -> str | None:
    """The token of a scanned address, or of a bare code."""
    if "/" in text:
        parts = [part for part in urlsplit(text).path.split("/") if part]
        text = parts[-1] if parts else ""
    return text if _TOKEN.fullmatch(text) else None


def _reference_in(text: str) -> str | None:
    """The reference that was typed; None for a name. What can only be a reference, but is none, is refused."""
    try:
        return ids.parse_reference(text, field="wanted")
    except Invalid:
        if _REFERENCE_LIKE.fullmatch(text):
            raise
        return None


def _of_token(office: Office, token: str) -> Found:
    ticket = ticket_by_token(token)
    holder = ticket or appointment_by_token(token)
    if holder.office_id != office.pk:
        raise refusals.other_office(holder.office)
    return Found(holder.application, name_of(holder.application), "qr")


def _nobody() -> NotFound:
    return NotFound(
        _("Tidak ada orang dengan nama itu yang terjadwal, sedang di kantor, atau dapat mengambil hari ini."),
        code="queueing.nobody_found",
        rule=_("Nama hanya dicari di antara orang yang dapat datang ke kantor ini hari ini."),
        remedy=_("Cari dengan nomor permohonan, atau bantu orang ini mengajukan permohonan."),
    )
