"""The outbox: what applicants are told, written in the operation's transaction, sent afterwards."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from setara.kernel import ids


class Notice(models.Model):
    """One message. Its words are made when it is sent, from the kind and harmless parameters; the address
    and the access code come from the vault then and are never stored here."""

    class Status(models.TextChoices):
        """What became of it."""

        QUEUED = "queued", _("Menunggu dikirim")
        SENT = "sent", _("Terkirim")
        PRINTED = "printed", _("Dicetak pada slip")
        FAILED = "failed", _("Gagal dikirim")

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    application = models.ForeignKey("applications.Application", models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=40)
    channel = models.CharField(max_length=8)
    params = models.JSONField(default=dict)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.QUEUED)
    created_at = models.DateTimeField()
    next_try_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    message = models.CharField(max_length=80, default="")

    class Meta:
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(status="queued"), name="notices_to_send"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.status}"


class Cursor(models.Model):
    """How far the ledger of an office has been read for messages. Notices follow from events, so a crash
    between the two loses nothing: reading goes on from here."""

    office = models.CharField(max_length=40, primary_key=True)
    seq = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.office} {self.seq}"
