"""Reading the office's state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from setara.kernel import clock
from setara.kernel.errors import NotFound
from setara.ledger.queries import events_of_office
from setara.ledger.service import Prepared
from setara.offices import memory
from setara.offices.calendar import local_date
from setara.offices.events import ConfigurationAdded, Configured
from setara.offices.models import Counter, Duty, Office, OfficeDay, Role, Staff


def office_by_code(code: str) -> Office:
    """The office with this code; NotFound when there is none."""
    try:
        return Office.objects.get(pk=code)
    except Office.DoesNotExist:
        raise NotFound(
            _("Kantor ini tidak ada."),
            code="offices.unknown",
            remedy=_("Periksa alamat halaman, atau pilih kantor dari halaman depan."),
        ) from None


def only_office() -> Office | None:
    """The office of this node when it runs exactly one; for the head of pages that belong to no office."""

    def look() -> Office | None:
        found = list(Office.objects.all()[:2])
        return found[0] if len(found) == 1 else None

    return memory.remember("only office", look)


_STAFF = Prepared(lambda pk: Staff.objects.filter(pk=pk))


def staff_by_id(pk: UUID | str) -> Staff:
    """The member of staff with this id, such as that of an officer who acts. Raises Staff.DoesNotExist."""
    return _STAFF.get(pk if isinstance(pk, UUID) else UUID(pk))


def day_of(office: Office, on: date) -> OfficeDay | None:
    """The office's day, or None when it was not opened."""
    return OfficeDay.objects.filter(office=office, date=on).first()


def duty_of(staff: Staff, on: date) -> Duty | None:
    """The line of the roster of this member of staff on a day, with its counter."""
    return (
        Duty.objects.select_related("counter").filter(staff=staff, day__date=on, left_at__isnull=True).first()
    )


def duty_today(staff: Staff) -> Duty | None:
    """:func:`duty_of` for the office's present day."""
    return duty_of(staff, local_date(staff.office, clock.now()))


def counters_of(office: Office) -> Iterable[Counter]:
    """The counters in use, by number."""
    return Counter.objects.filter(office=office, active=True).order_by("number")


@dataclass(frozen=True, slots=True)
class ConfiguredRow:
    """One recorded change of a row of settings; ``who`` is the label of the officer or the process's name."""

    seq: int
    when: datetime
    who: str
    before: list[tuple[str, object]]
    after: list[tuple[str, object]]


def configured_rows(office: Office, model: str, row: str) -> list[ConfiguredRow]:
    """What the ledger knows of one row of settings, the latest first."""
    found = (
        events_of_office(office.pk)
        .filter(type__in=[Configured.NAME, ConfigurationAdded.NAME], payload__model=model, payload__row=row)
        .order_by("-seq")
    )
    labels = {str(one.pk): str(one) for one in Staff.objects.filter(office=office)}
    return [
        ConfiguredRow(
            event.seq,
            event.occurred_at,
            labels.get(event.actor_id, event.actor_id),
            list(event.payload.get("before", {}).items()),
            list(event.payload["after"].items()),
        )
        for event in found
    ]


def demo_accounts() -> list[tuple[Role, Staff]]:
    """One simulated member of staff of the demo office for each role, in the order of the roles."""
    people = list(
        Staff.objects.filter(is_simulated=True, active=True, account__is_active=True, office__is_demo=True)
        .select_related("office", "account")
        .order_by("label")
    )
    # The accounts kept for visitors are named after their role; else who holds only this role shows it best.
    people.sort(key=lambda one: (one.account.username not in Role.values, len(one.roles)))
    found = ((role, next((one for one in people if role.value in one.roles), None)) for role in Role)
    return [(role, one) for role, one in found if one is not None]
