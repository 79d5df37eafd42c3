"""Finding events: by type, days, ticket, application. Nothing typed is kept but what it was found to mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet

from setara.applications.service import by_reference
from setara.kernel.errors import Invalid, NotFound
from setara.kernel.phrase import phrase as _
from setara.ledger.models import Event as Row
from setara.ledger.models import Head
from setara.ledger.queries import events_of_office
from setara.offices.service import Office, zone_of
from setara.queueing.service import Ticket

#: Events on one page, and read at once for a file.
PAGE: Final = 50
BLOCK: Final = 2000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched for. A ticket means its own events and those of its application on that day."""

    type: str = ""
    first: date | None = None
    last: date | None = None
    label: str = ""
    ticket: UUID | None = None
    application: UUID | None = None

    def __bool__(self) -> bool:
        """Whether anything narrows the search."""
        return self != Wanted()

    def as_event(self) -> dict[str, Any]:
        """The fields of the event that records the search."""
        return {
            "type": self.type,
            "date_from": self.first and self.first.isoformat(),
            "date_to": self.last and self.last.isoformat(),
            "label": self.label,
            "application": self.application and str(self.application),
            "ticket": self.ticket and str(self.ticket),
        }


@dataclass(frozen=True, slots=True)
class Page:
    """Events, newest first, and the number from which older ones go on (None: there are none)."""

    rows: list[Row]
    older: int | None

    @property
    def first(self) -> int | None:
        """The smallest number on the page."""
        return self.rows[-1].seq if self.rows else None

    @property
    def last(self) -> int | None:
        """The largest number on the page."""
        return self.rows[0].seq if self.rows else None


def wanted(office: Office, typed: dict[str, Any], today: date) -> Wanted:
    """What the form means. ``Invalid`` with the field when a ticket or application is not to be found."""
    first, last = typed.get("date_from"), typed.get("date_to")
    if first and last and last < first:
        raise Invalid({"date_to": _("Tanggal akhir lebih awal daripada tanggal mulai.")})
    ticket = application = None
    label = (typed.get("label") or "").strip().upper()
    if label:
        first = last = first or last or today
        found = Ticket.objects.filter(office=office, date=first, label=label).first()
        if found is None:
            raise Invalid({"label": _("Nomor ini tidak ada pada tanggal itu. Isi tanggalnya juga.")})
        ticket, application = found.pk, found.application_id
    if reference := (typed.get("reference") or "").strip():
        try:
            application = by_reference(reference, office.pk).pk
        except NotFound as error:
            raise Invalid({"reference": error.message}) from None
        except Invalid as error:
            raise Invalid({"reference": next(iter(error.errors.values()))}) from None
    return Wanted(typed.get("type") or "", first, last, label, ticket, application)


def matching(office: Office, what: Wanted) -> QuerySet[Row]:
    """The events meant, in order."""
    rows = events_of_office(office.pk)
    if what.type:
        rows = rows.filter(type=what.type)
    if what.ticket:
        rows = rows.filter(Q(ticket=what.ticket) | Q(application=what.application))
    elif what.application:
        rows = rows.filter(application=what.application)
    if what.first:
        rows = rows.filter(occurred_at__gte=_midnight(office, what.first))
    if what.last:
        rows = rows.filter(occurred_at__lt=_midnight(office, what.last + timedelta(days=1)))
    return rows


def page(office: Office, what: Wanted, before: int | None) -> Page:
    """One page of the events meant, those with numbers below ``before``."""
    rows = matching(office, what)
    if before is not None:
        rows = rows.filter(seq__lt=before)
    found = list(rows.order_by("-seq")[: PAGE + 1])
    return Page(found[:PAGE], found[PAGE - 1].seq if len(found) > PAGE else None)


def blocks(office: Office, what: Wanted, until: int) -> Iterator[Row]:
    """All events meant up to the number ``until``, read in blocks."""
    last = 0
    rows = matching(office, what).filter(seq__lte=until)
    while block := list(rows.filter(seq__gt=last)[:BLOCK]):
        yield from block
        last = block[-1].seq


def head(office: Office) -> int:
    """The number of the office's last event."""
    return Head.objects.filter(office=office.pk).values_list("last", flat=True).first() or 0


def _midnight(office: Office, day: date) -> datetime:
    return datetime.combine(day, time(), zone_of(office)).astimezone(UTC)
