"""Quota rules, windows, seats, appointments. A seat is a row: it cannot be given twice."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from setara.kernel import ids


class Quota(models.Model):
    """How many places an office gives on a working day: split evenly over windows between two times."""

    class Channel(models.TextChoices):
        """Booked by anyone online or assisted, or kept for walk-ins with a lawful ground."""

        BOOKED = "booked", _("Dipesan")
        PRIORITY = "priority", _("Prioritas, datang langsung")

    office = models.ForeignKey(
        "offices.Office", models.PROTECT, related_name="quotas", verbose_name=_("kantor")
    )
    channel = models.CharField(_("jalur"), max_length=10, choices=Channel.choices, default=Channel.BOOKED)
    per_day = models.PositiveIntegerField(_("tempat per hari"))
    first = models.TimeField(_("jendela pertama"))
    last = models.TimeField(_("akhir jendela terakhir"))
    minutes = models.PositiveSmallIntegerField(_("panjang jendela (menit)"), default=30)
    valid_from = models.DateField(_("berlaku dari"))
    valid_until = models.DateField(_("berlaku sampai"), null=True, blank=True)
    source = models.CharField(_("dasar"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("kuota")
        verbose_name_plural = _("kuota")
        constraints = [
            models.CheckConstraint(condition=Q(first__lt=F("last")), name="booking_quota_order"),
            models.CheckConstraint(condition=Q(minutes__gt=0), name="booking_quota_minutes"),
        ]

    def __str__(self) -> str:
        return f"{self.office_id} {self.channel} {self.per_day}"


class Window(models.Model):
    """A span of arrival on one day, with its number of seats."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    office = models.ForeignKey("offices.Office", models.PROTECT, related_name="windows")
    date = models.DateField()
    channel = models.CharField(max_length=10, choices=Quota.Channel.choices, default=Quota.Channel.BOOKED)
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    capacity = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["office", "channel", "starts"], name="booking_window_once"),
            models.CheckConstraint(condition=Q(starts__lt=F("ends")), name="booking_window_order"),
        ]
        indexes = [models.Index(fields=["office", "date"], name="booking_window_day")]

    def __str__(self) -> str:
        return f"{self.office_id} {self.starts}"


class Seat(models.Model):
    """One place in a window, free or taken."""

    window = models.ForeignKey(Window, models.PROTECT, related_name="seats")
    number = models.PositiveIntegerField()
    application = models.ForeignKey(
        "applications.Application", models.PROTECT, null=True, related_name="seats"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["window", "number"], name="booking_seat_once"),
            models.UniqueConstraint(
                fields=["application"], condition=Q(application__isnull=False), name="booking_one_seat_each"
            ),
        ]
        indexes = [
            models.Index(fields=["window"], condition=Q(application__isnull=True), name="booking_seat_free")
        ]

    def __str__(self) -> str:
        return f"{self.window_id} {self.number}"


class Appointment(models.Model):
    """A booked visit: when, and the token of its QR code."""

    class Status(models.TextChoices):
        """What became of it."""

        BOOKED = "booked", _("Dipesan")
        ARRIVED = "arrived", _("Datang")
        MISSED = "missed", _("Tidak datang")
        MOVED = "moved", _("Dijadwal ulang")
        GIVEN_UP = "given_up", _("Dibatalkan")

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    application = models.ForeignKey("applications.Application", models.PROTECT, related_name="appointments")
    office = models.ForeignKey("offices.Office", models.PROTECT, related_name="appointments")
    window = models.ForeignKey(Window, models.PROTECT, related_name="appointments")
    date = models.DateField()
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.BOOKED)
    token = models.CharField(max_length=32, unique=True, default=ids.token)
    booked_at = models.DateTimeField()
    moves = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application"], condition=Q(status="booked"), name="booking_one_open_appointment"
            )
        ]
        indexes = [models.Index(fields=["office", "date", "status"], name="booking_appointment_day")]

    def __str__(self) -> str:
        return f"{self.office_id} {self.date}"
