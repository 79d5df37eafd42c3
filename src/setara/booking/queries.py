"""Reads of this room."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from setara.applications.service import Application
from setara.booking.models import Appointment, Quota, Seat, Window
from setara.booking.operations import open_windows, quotas
from setara.kernel import clock
from setara.kernel.errors import NotFound, Refused
from setara.ledger.service import By, system
from setara.offices.service import Office, calendar_of, local_date

#: How far ahead places are open, in calendar days (a setting of the office: ``local["horizon_days"]``).
HORIZON_DAYS = 14


@dataclass(frozen=True, slots=True)
class WindowFree:
    """A window and how many places are free in it now."""

    window: Window
    free: int

    @property
    def full(self) -> bool:
        """No place left."""
        return self.free == 0


@dataclass(frozen=True, slots=True)
class DayFree:
    """A day and its windows, in order."""

    date: date
    windows: tuple[WindowFree, ...]

    @property
    def free(self) -> int:
        """Free places of the whole day."""
        return sum(w.free for w in self.windows)


def windows_of(office: Office, date_from: date, date_to: date) -> list[WindowFree]:
    """The bookable windows on these days (both included) that are not over, with their free places."""
    free = (
        Seat.objects.filter(window=OuterRef("pk"), application__isnull=True)
        .order_by()
        .values("window")
        .annotate(n=Count("pk"))
        .values("n")
    )
    found = (
        Window.objects.filter(
            office=office,
            date__gte=date_from,
            date__lte=date_to,
            channel=Quota.Channel.BOOKED,
            ends__gt=clock.now(),
        )
        .annotate(free=Coalesce(Subquery(free, output_field=IntegerField()), 0))
        .order_by("starts")
    )
    return [WindowFree(window, window.free) for window in found]


def next_free_days(office: Office, n: int) -> list[DayFree]:
    """The next ``n`` days with bookable windows, full ones included so that people see that they are full.

    Opens the windows of days that nobody has opened yet, so that a job that did not run stops no booking.
    """
    today = local_date(office, clock.now())
    last = today + timedelta(days=int(office.local.get("horizon_days", HORIZON_DAYS)))
    ensure_windows(office, today, last)
    calendar = calendar_of(office)
    days: dict[date, list[WindowFree]] = defaultdict(list)
    for found in windows_of(office, today, last):
        if calendar.hours(found.window.date):
            days[found.window.date].append(found)
    return [DayFree(day, tuple(days[day])) for day in sorted(days)[:n]]


def ensure_windows(office: Office, first: date, last: date) -> None:
    """Open the windows of every working day from ``first`` to ``last`` that has none and has a quota."""
    there = set(
        Window.objects.filter(office=office, date__range=(first, last))
        .values_list("date", flat=True)
        .distinct()
    )
    calendar = calendar_of(office)
    every = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    wanted = [day for day in every if day not in there and calendar.hours(day)]
    if not wanted:
        return
    by = By(system("booking", office.pk))
    for day in wanted:
        if quotas(office, day, Quota.Channel.BOOKED):
            try:
                open_windows(by, office, day)
            except Refused:  # a quota that leaves no window within the opening hours of this very day
                continue


def open_appointment(application: Application) -> Appointment | None:
    """The appointment that the application holds now, with its window."""
    return (
        Appointment.objects.select_related("window")
        .filter(application=application, status=Appointment.Status.BOOKED)
        .first()
    )


def last_appointment(application: Application) -> Appointment | None:
    """The latest appointment of the application whatever became of it, with its window."""
    return (
        Appointment.objects.select_related("window").filter(application=application).order_by("-pk").first()
    )


def appointment_by_token(token: str) -> Appointment:
    """The appointment whose QR code carries ``token``; ``NotFound`` (``booking.unknown_token``)."""
    found = (
        Appointment.objects.select_related("window", "application", "office").filter(token=token).first()
        if 0 < len(token) <= 32
        else None
    )
    if found is None:
        raise NotFound(
            _("Kode QR ini tidak dikenal."),
            code="booking.unknown_token",
            remedy=_("Cari permohonannya dengan nomor permohonan atau nama."),
        )
    return found


def appointments_on(office: Office, day: date) -> list[Appointment]:
    """Every appointment for ``day`` in order of window and booking, those moved or given up left out."""
    return list(
        Appointment.objects.select_related("window", "application")
        .filter(office=office, date=day)
        .exclude(status__in=[Appointment.Status.MOVED, Appointment.Status.GIVEN_UP])
        .order_by("window__starts", "booked_at", "pk")
    )


def priority_places(office: Office, day: date) -> int | None:
    """How many walk-ins with a lawful ground the office takes on ``day``; None when no quota limits them."""
    rows = quotas(office, day, Quota.Channel.PRIORITY)
    return sum(row.per_day for row in rows) if rows else None


def places_by_day(office: Office, days: Mapping[date, object]) -> dict[date, int]:
    """All places that were opened on each of ``days``."""
    rows = (
        Window.objects.filter(office=office, date__in=list(days), channel=Quota.Channel.BOOKED)
        .values("date")
        .annotate(n=Count("seats"))
    )
    return {row["date"]: row["n"] for row in rows}
