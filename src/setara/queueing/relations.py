"""What an officer must keep away from: favours asked, and conflicts of interest with their register."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from setara.kernel import ids


class Favour(models.Model):
    """A favour that was asked for and declined. Nobody is named, unless the officer wants to: then sealed."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    office = models.ForeignKey("offices.Office", models.PROTECT, related_name="+")
    date = models.DateField()
    staff = models.ForeignKey("offices.Staff", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    note = models.ForeignKey("people.Blob", models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["office", "date"], name="queueing_favours")]

    def __str__(self) -> str:
        return f"{self.date} {self.staff_id}"


class Conflict(models.Model):
    """An officer who has to do with an applicant: the file goes to somebody else, and the head decides.

    The officer stays away from the moment of declaring, whatever is decided (DOMAIN 5, PermenPANRB 17/2024);
    ``due_on`` is the last of the seven working days in which the superior decides.
    """

    class Relation(models.TextChoices):
        """What they have to do with each other; an officer who steps back at once need not say."""

        FAMILY = "family", _("Keluarga")
        FRIEND = "friend", _("Teman")
        COLLEAGUE = "colleague", _("Rekan kerja atau instansi lain")
        BUSINESS = "business", _("Hubungan usaha atau keuangan")
        UNSAID = "unsaid", _("Tidak disebutkan")

    class Decision(models.TextChoices):
        """What the head found; the file stays with somebody else either way."""

        CONFIRMED = "confirmed", _("Ada benturan kepentingan")
        UNFOUNDED = "unfounded", _("Tidak ada benturan kepentingan")

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    office = models.ForeignKey("offices.Office", models.PROTECT, related_name="conflicts")
    application = models.ForeignKey("applications.Application", models.PROTECT, related_name="conflicts")
    staff = models.ForeignKey("offices.Staff", models.PROTECT, related_name="conflicts")
    relation = models.CharField(max_length=10, choices=Relation.choices)
    # At the step where the officer stepped back; empty when it was declared in advance.
    step = models.CharField(max_length=40, default="", blank=True)
    declared_at = models.DateTimeField()
    due_on = models.DateField()
    note = models.ForeignKey("people.Blob", models.PROTECT, null=True, related_name="+")
    decision = models.CharField(max_length=10, choices=Decision.choices, default="", blank=True)
    decided_by = models.ForeignKey("offices.Staff", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    words = models.ForeignKey("people.Blob", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "staff"], name="queueing_conflict_once"),
            models.CheckConstraint(
                condition=Q(decision="", decided_by__isnull=True, decided_at__isnull=True)
                | ~Q(decision="") & Q(decided_by__isnull=False, decided_at__isnull=False),
                name="queueing_conflict_decided_whole",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("staff")),
                name="queueing_conflict_decided_by_another",
            ),
        ]
        indexes = [models.Index(fields=["office", "decision", "due_on"], name="queueing_conflicts")]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.application_id}"
