"""State of an application and its documents."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from setara.kernel import ids


class Application(models.Model):
    """One application for one service, bound to the pack of the day it was started."""

    class Status(models.TextChoices):
        """Where the application stands, from the applicant's side."""

        DRAFT = "draft", _("Sedang diisi")
        SUBMITTED = "submitted", _("Lengkap, belum dibayar")
        PAID = "paid", _("Sudah dibayar, belum pilih jadwal")
        BOOKED = "booked", _("Jadwal sudah dipesan")
        IN_SERVICE = "in_service", _("Sedang dilayani di kantor")
        RETURNED = "returned", _("Menunggu berkas dilengkapi")
        IN_PROCESS = "in_process", _("Sedang diproses")
        READY = "ready", _("Siap diambil")
        DONE = "done", _("Selesai")
        REFUSED = "refused", _("Ditolak")
        CANCELLED = "cancelled", _("Dibatalkan")

    class Channel(models.TextChoices):
        """How the application came in; each with the same rights."""

        ONLINE = "online", _("Daring")
        ASSISTED = "assisted", _("Dibantu petugas")
        WALK_IN = "walk_in", _("Datang langsung (prioritas)")

    class Contact(models.TextChoices):
        """How the applicant is told things; a printed slip needs neither phone nor e-mail."""

        SMS = "sms", _("SMS")
        EMAIL = "email", _("Surel")
        SLIP = "slip", _("Slip cetak")

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    reference = models.CharField(max_length=20, unique=True)
    office = models.ForeignKey("offices.Office", models.PROTECT, related_name="applications")
    pack = models.CharField(max_length=60)
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="applications")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.DRAFT)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.ONLINE)
    contact = models.CharField(max_length=8, choices=Contact.choices, default=Contact.SMS)
    language = models.CharField(max_length=5, default="id")
    type = models.CharField(max_length=40, default="")
    answers = models.JSONField(default=dict)
    # Answers to questions that the pack calls personal, sealed.
    private = models.OneToOneField("people.Blob", models.PROTECT, null=True, related_name="+")
    needs = models.JSONField(default=list)
    # Papers that the office asked for once more, by code: null, or when each came (ISO). Empty: none.
    asked = models.JSONField(default=dict)
    typed_by = models.ForeignKey("offices.Staff", models.PROTECT, null=True, related_name="typed")
    code_generation = models.PositiveSmallIntegerField(default=1)
    fee = models.PositiveIntegerField(null=True)
    started_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    confirmed_aloud = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["office", "status"], name="applications_by_status")]

    def __str__(self) -> str:
        return self.reference


class Document(models.Model):
    """One uploaded, cleaned document for one requirement; a newer upload supersedes, nothing is deleted."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    application = models.ForeignKey(Application, models.PROTECT, related_name="documents")
    requirement = models.CharField(max_length=60)
    blob = models.OneToOneField("people.Blob", models.PROTECT)
    pages = models.PositiveSmallIntegerField(default=1)
    uploaded_at = models.DateTimeField()
    typed_by = models.ForeignKey("offices.Staff", models.PROTECT, null=True, related_name="+")
    superseded = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "requirement"],
                condition=Q(superseded=False),
                name="applications_document_current",
            )
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.requirement}"
