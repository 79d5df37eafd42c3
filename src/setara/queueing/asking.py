"""Calls out of turn before they are made: who asks, on which proof, and what the second person says."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from setara.kernel import ids


class Proof(models.TextChoices):
    """Whether a record that was there before proves the reason of a call out of turn."""

    PROVEN = "proven", _("Terbukti")
    UNPROVEN = "unproven", _("Tanpa bukti")


class Approval(models.TextChoices):
    """What the second person said of a call out of turn."""

    APPROVED = "approved", _("Disetujui orang kedua")
    PENDING = "pending", _("Belum disetujui")
    REFUSED = "refused", _("Tidak disetujui orang kedua")
    LAPSED = "lapsed", _("Tidak pernah disetujui")


class OverrideRequest(models.Model):
    """Somebody asks to have a ticket called out of turn; a second person, with their own login, decides.

    A request that waits or is approved ends by itself at ``expires_at``. An urgent one that was used while
    nobody else was on duty has no ``decided_by`` yet; it lapses at the end of the day.
    """

    class State(models.TextChoices):
        """Where the request stands."""

        WAITING = "waiting", _("Menunggu persetujuan")
        APPROVED = "approved", _("Disetujui")
        REFUSED = "refused", _("Tidak disetujui")
        EXPIRED = "expired", _("Lewat waktu")
        USED = "used", _("Sudah dipakai")
        LAPSED = "lapsed", _("Dipakai, tidak pernah disetujui")

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    office = models.ForeignKey("offices.Office", models.PROTECT, related_name="+")
    date = models.DateField()
    ticket = models.ForeignKey("queueing.Ticket", models.PROTECT, related_name="overrides")
    step = models.CharField(max_length=40)
    reason = models.CharField(max_length=60)
    asked_by = models.ForeignKey("offices.Staff", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    # The records that prove the reason, each with its kind and time; found by the system, not typed.
    proofs = models.JSONField(default=list)
    note = models.ForeignKey("people.Blob", models.PROTECT, null=True, related_name="+")
    paper = models.ForeignKey("people.Blob", models.PROTECT, null=True, related_name="+")
    decided_by = models.ForeignKey("offices.Staff", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    call = models.OneToOneField("queueing.Call", models.PROTECT, null=True, related_name="override")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"],
                condition=Q(state__in=["waiting", "approved"]),
                name="queueing_one_override",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")),
                name="queueing_override_second_person",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "refused"]) | Q(decided_by__isnull=False),
                name="queueing_override_decided",
            ),
        ]
        indexes = [models.Index(fields=["office", "date", "state"], name="queueing_overrides")]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.reason}"

    @property
    def proof(self) -> str:
        """Whether a record proves the reason."""
        return Proof.PROVEN if self.proofs else Proof.UNPROVEN
