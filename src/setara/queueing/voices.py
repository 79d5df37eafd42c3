"""What people in the hall say about a call, and what the office says to all of them: objections, announcements."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from setara.kernel import ids


class Objection(models.Model):
    """*Saya keberatan*: somebody objects to one call. The supervisor owes an answer in words within a working day."""

    class Via(models.TextChoices):
        """Where it was made."""

        TICKET = "ticket", _("Halaman nomor antrean")
        KIOSK = "kiosk", _("Layar di ruang tunggu")
        DESK = "desk", _("Meja depan")

    class Finding(models.TextChoices):
        """What the supervisor found; empty until answered."""

        BY_RULE = "by_rule", _("Panggilan sesuai aturan")
        LAWFUL = "lawful", _("Di luar giliran dengan alasan yang sah")
        WRONG = "wrong", _("Panggilan keliru")

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    office = models.ForeignKey("offices.Office", models.PROTECT, related_name="objections")
    date = models.DateField()
    call = models.ForeignKey("queueing.Call", models.PROTECT, related_name="objections")
    # Who objects; none for somebody who did so without showing a number.
    ticket = models.ForeignKey("queueing.Ticket", models.PROTECT, null=True, related_name="objections")
    via = models.CharField(max_length=8, choices=Via.choices)
    # The words of both sides are sealed: they may name people.
    words = models.ForeignKey("people.Blob", models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    due_on = models.DateField()
    finding = models.CharField(max_length=8, choices=Finding.choices, default="", blank=True)
    answer = models.ForeignKey("people.Blob", models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey("offices.Staff", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["call", "ticket"], name="queueing_one_objection_each"),
            # An answer is somebody's, has words and says what was found; without one there is none of these.
            models.CheckConstraint(
                condition=Q(answered_at=None, answered_by=None, answer=None, finding="")
                | (
                    Q(answered_at__isnull=False, answered_by__isnull=False, answer__isnull=False)
                    & ~Q(finding="")
                ),
                name="queueing_objection_answered_whole",
            ),
        ]
        indexes = [models.Index(fields=["office", "date"], name="queueing_objections")]

    def __str__(self) -> str:
        return f"{self.call_id} {self.finding}"


class Announcement(models.Model):
    """Words of the office to everybody who waits: on the board, on tickets, on the kiosk. It ends by itself."""

    class Kind(models.TextChoices):
        """How it is shown."""

        NOTICE = "notice", _("Pemberitahuan")
        OUTAGE = "outage", _("Gangguan")

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    office = models.ForeignKey("offices.Office", models.PROTECT, related_name="announcements")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.NOTICE)
    text_id = models.CharField(max_length=240)
    text_en = models.CharField(max_length=240)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("offices.Staff", models.PROTECT, related_name="+")
    ends_at = models.DateTimeField()
    # Taken back before its time.
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("made_at")), name="queueing_announcement_ends_after"
            ),
        ]
        indexes = [models.Index(fields=["office", "ends_at"], name="queueing_announcements")]

    def __str__(self) -> str:
        return f"{self.kind} {self.made_at:%Y-%m-%d %H:%M}"
