"""The floor: visits, tickets, counter sessions and calls."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from setara.kernel import ids
from setara.queueing.asking import Approval, OverrideRequest, Proof
from setara.queueing.doors import DoorCount, Kiosk, OpeningDraw
from setara.queueing.relations import Conflict, Favour
from setara.queueing.voices import Announcement, Objection

__all__ = [
    "Announcement", "Approval", "Call", "Conflict", "DoorCount", "Favour", "Kiosk", "Line", "Objection",
    "OpeningDraw", "OverrideRequest", "Proof", "Series", "Session", "Ticket",
]  # fmt: skip


class Ticket(models.Model):
    """One visit of one person on one day. It waits at a step, is called, is served, and goes on."""

    class Status(models.TextChoices):
        """Where the ticket stands in the hall."""

        WAITING = "waiting", _("Menunggu")
        CALLED = "called", _("Dipanggil")
        SERVING = "serving", _("Sedang dilayani")
        ABSENT = "absent", _("Tidak hadir saat dipanggil")
        DONE = "done", _("Selesai untuk hari ini")
        SENT_BACK = "sent_back", _("Melengkapi berkas")
        NOT_SERVED = "not_served", _("Belum terlayani")

    class Purpose(models.TextChoices):
        """What the person came for."""

        SERVICE = "service", _("Permohonan")
        PICKUP = "pickup", _("Pengambilan")

    class Arrival(models.TextChoices):
        """How the person was checked in."""

        QR = "qr", _("Kode QR")
        NAME = "name", _("Nama di meja depan")
        NIK = "nik", _("NIK di anjungan")
        WALK_IN = "walk_in", _("Datang langsung")

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    office = models.ForeignKey("offices.Office", models.PROTECT, related_name="tickets")
    date = models.DateField()
    application = models.ForeignKey("applications.Application", models.PROTECT, related_name="tickets")
    appointment = models.ForeignKey("booking.Appointment", models.PROTECT, null=True, related_name="tickets")
    purpose = models.CharField(max_length=8, choices=Purpose.choices, default=Purpose.SERVICE)
    arrival = models.CharField(max_length=8, choices=Arrival.choices)
    checked_in_by = models.ForeignKey("offices.Staff", models.PROTECT, null=True, related_name="+")
    lane = models.CharField(max_length=20)
    number = models.PositiveIntegerField()
    label = models.CharField(max_length=12)
    token = models.CharField(max_length=32, unique=True, default=ids.token)
    ground = models.CharField(max_length=40, default="", blank=True)
    ground_proof = models.CharField(max_length=20, default="", blank=True)
    # Whose companion this is: a lawful plus-one that must be recorded, or it looks like a favour.
    companion_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="companions")
    # When the person accompanied had joined the step at which this companion waits; None if they had not yet.
    beside_at = models.DateTimeField(null=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    step = models.CharField(max_length=40)
    arrived_at = models.DateTimeField()
    joined_at = models.DateTimeField()
    booked_window = models.DateTimeField(null=True)
    rank = models.PositiveIntegerField(null=True)
    re_entry = models.CharField(max_length=12, default="", blank=True)
    re_entry_at = models.DateTimeField(null=True)
    # How many of its lane the step had called when the ticket came back (rules.queue, mode "after").
    re_entry_count = models.PositiveIntegerField(default=0)
    calls_missed = models.PositiveSmallIntegerField(default=0)
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=40, default="", blank=True)
    right_of_return = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["office", "date", "label"], name="queueing_label_once_a_day"),
            # One open ticket per visit: a double check-in cannot make two.
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(closed_at__isnull=True),
                name="queueing_one_open_ticket",
            ),
        ]
        indexes = [
            models.Index(fields=["office", "date", "status", "step"], name="queueing_waiting"),
        ]

    def __str__(self) -> str:
        return self.label


class Series(models.Model):
    """The last ticket number given in a lane on a day."""

    office = models.ForeignKey("offices.Office", models.PROTECT)
    date = models.DateField()
    lane = models.CharField(max_length=20)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["office", "date", "lane"], name="queueing_series_once")
        ]

    def __str__(self) -> str:
        return f"{self.lane} {self.last}"


class Line(models.Model):
    """The line before one step on one day: the memory of the queue rule. Its row is locked by every call,
    so that two counters never choose from the same picture of the hall."""

    office = models.ForeignKey("offices.Office", models.PROTECT)
    date = models.DateField()
    step = models.CharField(max_length=40)
    memory = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["office", "date", "step"], name="queueing_line_once")]

    def __str__(self) -> str:
        return f"{self.date} {self.step}"


class Session(models.Model):
    """An officer at a counter, from opening to closing, with breaks."""

    class State(models.TextChoices):
        """What the counter shows."""

        OPEN = "open", _("Buka")
        BREAK = "break", _("Istirahat")
        CLOSED = "closed", _("Tutup")

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    counter = models.ForeignKey("offices.Counter", models.PROTECT, related_name="sessions")
    staff = models.ForeignKey("offices.Staff", models.PROTECT, related_name="sessions")
    office = models.ForeignKey("offices.Office", models.PROTECT, related_name="+")
    date = models.DateField()
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    # What the counter serves today, in order of preference: what it is set up for, until a supervisor moves it.
    steps = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["counter"], condition=~Q(state="closed"), name="queueing_one_session_per_counter"
            ),
            models.UniqueConstraint(
                fields=["staff"], condition=~Q(state="closed"), name="queueing_one_counter_per_officer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.counter_id} {self.staff_id}"


class Call(models.Model):
    """One call: the ticket that the rule gave, the ticket called, and what came of it."""

    class Outcome(models.TextChoices):
        """How a call ended; empty while it lasts."""

        SERVED = "served", _("Dilayani")
        ABSENT = "absent", _("Tidak hadir")
        UNDONE = "undone", _("Panggilan keliru, dibatalkan")
        SENT_BACK = "sent_back", _("Melengkapi berkas")
        CLOSED = "closed", _("Kantor tutup")
        MOVED = "moved", _("Dipindah ke langkah lain")
        RECUSED = "recused", _("Petugas mundur, ke petugas lain")

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    office = models.ForeignKey("offices.Office", models.PROTECT, related_name="calls")
    date = models.DateField()
    step = models.CharField(max_length=40)
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="calls")
    rule_ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="+", null=True)
    rule_version = models.CharField(max_length=20)
    why = models.JSONField(default=dict)
    depth = models.PositiveIntegerField(default=0)
    waiting = models.PositiveIntegerField(default=0)
    # When the ticket had joined the step: tells who was called before whom, also after it moved on.
    joined_at = models.DateTimeField()
    # What the rule remembered before this call; a wrong press gives it back.
    memory_before = models.JSONField(default=dict)
    session = models.ForeignKey(Session, models.PROTECT, related_name="calls")
    counter = models.ForeignKey("offices.Counter", models.PROTECT, related_name="calls")
    staff = models.ForeignKey("offices.Staff", models.PROTECT, related_name="calls")
    called_at = models.DateTimeField()
    repeats = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default="", blank=True)
    reason = models.CharField(max_length=60, null=True)
    # Out of turn only: whether a record proved the reason, and what the second person said.
    proof = models.CharField(max_length=8, choices=Proof.choices, default="", blank=True)
    approval = models.CharField(max_length=8, choices=Approval.choices, default="", blank=True)
    # The words of whoever called out of turn, sealed.
    note = models.ForeignKey("people.Blob", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["counter"], condition=Q(ended_at__isnull=True), name="queueing_one_call_per_counter"
            ),
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(ended_at__isnull=True), name="queueing_one_call_per_ticket"
            ),
            # Taking somebody else than the rule's choice needs a reason, in the database too.
            models.CheckConstraint(
                condition=Q(rule_ticket=F("ticket")) | Q(reason__isnull=False),
                name="queueing_out_of_turn_needs_reason",
            ),
            # And it says whether the reason was proven and approved: nothing out of turn without a standing.
            models.CheckConstraint(
                condition=Q(reason__isnull=True, proof="", approval="")
                | Q(reason__isnull=False) & ~Q(proof="") & ~Q(approval=""),
                name="queueing_out_of_turn_standing",
            ),
        ]
        indexes = [models.Index(fields=["office", "date", "called_at"], name="queueing_calls_of_day")]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.step}"
