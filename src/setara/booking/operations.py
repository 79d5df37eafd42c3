"""The only writers of this room: opening the windows of a day, booking, moving an appointment."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import IntegrityError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from setara.applications.service import Application, lock, move_to, pack_of_application
from setara.booking import events, policies, seats, windows
from setara.booking.models import Appointment, Quota, Seat, Window
from setara.kernel.errors import Refused
from setara.ledger.service import By, Op, operation
from setara.offices.service import Office, calendar_of, local_date, zone_of

Status = Application.Status


def open_windows(by: By, office: Office, day: date) -> list[Window]:
    """The windows of ``day``, made from the quota in force when they are not there yet.

    Calling it again, also at the same moment from elsewhere, changes nothing. Raises ``Refused``:
    ``booking.not_working_day``, ``booking.no_quota``.
    """
    made = _windows_on(office, day)
    if not made:
        try:
            make_windows(By(by.actor, by.reason, f"windows {office.pk} {day}"), office, day)
        except IntegrityError:  # somebody else, under another name, was quicker
            if not _windows_on(office, day):
                raise
        made = _windows_on(office, day)
    return made


@operation
def make_windows(op: Op, office: Office, day: date) -> None:
    """Make the windows of one day and their places; use :func:`open_windows`, which may be repeated."""
    op.permit(policies.OPEN, office=office.pk)
    hours = calendar_of(office).hours(day)
    if not hours:
        raise not_working_day()
    planned: dict[tuple[str, str], Window] = {}
    for quota in quotas(office, day, Quota.Channel.BOOKED):
        for start, end, places in windows.plan(
            day,
            zone_of(office),
            hours,
            first=quota.first,
            last=quota.last,
            minutes=quota.minutes,
            places=quota.per_day,
        ):
            key = (start.isoformat(), end.isoformat())
            new = Window(office=office, date=day, starts=start, ends=end, capacity=0)
            planned.setdefault(key, new).capacity += places
    if not planned:
        raise Refused(
            _("Belum ada tempat yang dibuka untuk hari itu."),
            code="booking.no_quota",
            rule=_("Tempat dibuka menurut kuota kantor yang berlaku pada hari itu."),
            remedy=_("Pilih hari lain, atau minta kantor menetapkan kuotanya."),
        )
    made = Window.objects.bulk_create(planned.values())
    Seat.objects.bulk_create(
        [Seat(window=window, number=n) for window in made for n in range(1, window.capacity + 1)],
        batch_size=2000,
    )
    op.record(
        events.WindowsOpened(
            date=day.isoformat(),
            places=sum(w.capacity for w in made),
            windows=[[w.starts.isoformat(), w.ends.isoformat(), w.capacity] for w in made],
        ),
        office=office.pk,
    )


@operation
def book(op: Op, application: Application, window: Window) -> Appointment:
    """Give the application one place in ``window``. Only a paid application without an appointment books.

    Raises ``Refused``: ``booking.other_office``, ``booking.already``, ``booking.not_paid``,
    ``booking.window_past``, ``booking.not_working_day``, ``booking.full``.
    """
    op.permit(policies.BOOK, office=application.office_id, application=application.pk)
    held = lock(op, application)
    if Appointment.objects.filter(application=held, status=Appointment.Status.BOOKED).exists():
        raise Refused(
            _("Permohonan ini sudah mempunyai jadwal."),
            code="booking.already",
            rule=_("Satu permohonan memegang satu tempat, supaya tempat cukup bagi semua orang."),
            remedy=_("Lihat jadwal Anda, atau pindahkan ke waktu lain."),
        )
    if held.status != Status.PAID:
        raise Refused(
            _("Jadwal baru dapat dipilih setelah biaya dibayar."),
            code="booking.not_paid",
            rule=_("Tempat diberikan kepada permohonan yang sudah dibayar."),
            remedy=_("Bayar dahulu, lalu pilih jadwal."),
        )
    seat = _take(op, held, window)
    made = Appointment.objects.create(
        application=held, office_id=held.office_id, window=window, date=window.date, booked_at=op.now
    )
    move_to(op, application, Status.BOOKED)
    op.record(
        events.Booked(
            appointment=str(made.pk),
            seat=str(seat),
            starts=window.starts.isoformat(),
            ends=window.ends.isoformat(),
        ),
        office=held.office_id,
        application=held.pk,
    )
    return made


@operation
def move_appointment(op: Op, application: Application, window: Window) -> Appointment:
    """Move the application's appointment to ``window``, as often and as late as its pack allows.

    The old place is free again at once; if the new one cannot be had, the old one stays. Raises
    ``Refused``: ``booking.no_appointment``, ``booking.moves_used``, ``booking.too_late``,
    ``booking.same_window`` and those of :func:`book`.
    """
    op.permit(policies.MOVE, office=application.office_id, application=application.pk)
    held = lock(op, application)
    old = (
        Appointment.objects.select_for_update(of=("self",))
        .select_related("window")
        .filter(application=held, status=Appointment.Status.BOOKED)
        .first()
    )
    if old is None:
        raise Refused(
            _("Permohonan ini belum mempunyai jadwal."),
            code="booking.no_appointment",
            rule=_("Hanya jadwal yang sudah dipesan yang dapat dipindahkan."),
            remedy=_("Pilih jadwal terlebih dahulu."),
        )
    check_move(op, held, old)
    if old.window_id == window.pk:
        raise Refused(
            _("Ini jadwal Anda yang sekarang."),
            code="booking.same_window",
            rule=_("Pindah jadwal berarti memilih waktu yang lain."),
            remedy=_("Pilih waktu lain, atau biarkan jadwal Anda seperti sekarang."),
        )
    seats.release(held.pk)
    seat = _take(op, held, window)
    old.status = Appointment.Status.MOVED
    old.save(update_fields=["status"])
    made = Appointment.objects.create(
        application=held,
        office_id=held.office_id,
        window=window,
        date=window.date,
        booked_at=op.now,
        moves=old.moves + 1,
    )
    op.record(
        events.Moved(
            appointment=str(made.pk),
            earlier=str(old.pk),
            seat=str(seat),
            from_starts=old.window.starts.isoformat(),
            starts=window.starts.isoformat(),
            ends=window.ends.isoformat(),
            moves=made.moves,
        ),
        office=held.office_id,
        application=held.pk,
    )
    return made


def check_move(op: Op, application: Application, appointment: Appointment) -> None:
    """Refuse a move that the pack does not allow any more (too often, too late)."""
    refusal = why_not_move(application, appointment, local_date(application.office, op.now))
    if refusal is not None:
        raise refusal


def why_not_move(application: Application, appointment: Appointment, today: date) -> Refused | None:
    """Why this appointment can no longer be moved on ``today``, or None when it can."""
    rule = pack_of_application(application).reschedule
    limit = _(
        "Jadwal dapat dipindah paling banyak %(times)s kali, paling lambat %(days)s hari sebelumnya."
    ) % {
        "times": rule.max,
        "days": rule.latest_days_before,
    }
    if appointment.moves >= rule.max:
        return Refused(
            _("Jadwal ini sudah pernah dipindah."),
            code="booking.moves_used",
            rule=limit,
            remedy=_("Datanglah pada jadwal Anda, atau bicaralah dengan meja depan kantor."),
        )
    if today > appointment.date - timedelta(days=rule.latest_days_before):
        return Refused(
            _("Jadwal ini sudah terlalu dekat untuk dipindah."),
            code="booking.too_late",
            rule=limit,
            remedy=_("Datanglah pada jadwal Anda, atau bicaralah dengan meja depan kantor."),
        )
    return None


def quotas(office: Office, day: date, channel: str) -> list[Quota]:
    """The quota rows of the office that are in force on ``day``, in a fixed order."""
    in_force = Q(valid_until__isnull=True) | Q(valid_until__gte=day)
    return list(
        Quota.objects.filter(in_force, office=office, channel=channel, valid_from__lte=day).order_by(
            "first", "pk"
        )
    )


def not_working_day() -> Refused:
    """The refusal for a day on which the office is shut."""
    return Refused(
        _("Kantor tutup pada hari itu."),
        code="booking.not_working_day",
        rule=_("Jadwal hanya ada pada hari kerja kantor, bukan hari libur atau cuti bersama."),
        remedy=_("Pilih hari lain."),
        field="window",
    )


def _take(op: Op, application: Application, window: Window) -> int:
    """One place in ``window``, or the refusal that says why not."""
    if window.office_id != application.office_id:
        raise Refused(
            _("Jadwal ini milik kantor lain."),
            code="booking.other_office",
            rule=_("Permohonan dilayani di kantor yang Anda pilih pada awal pengisian."),
            remedy=_("Pilih jadwal di kantor permohonan ini."),
            field="window",
        )
    if window.ends <= op.now:
        raise Refused(
            _("Waktu itu sudah lewat."),
            code="booking.window_past",
            rule=_("Hanya waktu yang akan datang yang dapat dipesan."),
            remedy=_("Pilih waktu lain."),
            field="window",
        )
    if not calendar_of(application.office).hours(window.date):
        raise not_working_day()
    if window.channel != Quota.Channel.BOOKED or (seat := seats.claim(window, application.pk)) is None:
        raise Refused(
            _("Tempat pada waktu itu baru saja habis."),
            code="booking.full",
            rule=_("Jumlah tempat pada setiap waktu tetap; yang memesan lebih dahulu mendapatkannya."),
            remedy=_("Pilih waktu lain yang masih ada tempatnya."),
            field="window",
        )
    return seat


def _windows_on(office: Office, day: date) -> list[Window]:
    return list(
        Window.objects.filter(office=office, date=day, channel=Quota.Channel.BOOKED).order_by("starts")
    )
