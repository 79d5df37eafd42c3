"""The file behind an application: its steps, its clock, holds, captures, books and handover."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from setara.kernel import ids


class Case(models.Model):
    """One file. `step` is the step that it waits for; the clock runs from and to what the pack says."""

    class Status(models.TextChoices):
        """Open until handed over or refused."""

        OPEN = "open", _("Berjalan")
        DONE = "done", _("Selesai")
        REFUSED = "refused", _("Ditolak")

    application = models.OneToOneField(
        "applications.Application", models.PROTECT, primary_key=True, related_name="case"
    )
    office = models.ForeignKey("offices.Office", models.PROTECT, related_name="cases")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.OPEN)
    step = models.CharField(max_length=40)
    joined_at = models.DateTimeField()
    clock_started_at = models.DateTimeField(null=True)
    clock_stopped_at = models.DateTimeField(null=True)
    due_on = models.DateField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["office", "status", "step", "joined_at"], name="casework_waiting"),
            models.Index(
                fields=["office", "due_on"],
                condition=Q(clock_stopped_at__isnull=True),
                name="casework_running",
            ),
            # The share of promises kept is shown on the front page: files finished lately.
            models.Index(
                fields=["office", "clock_stopped_at"],
                condition=Q(clock_stopped_at__isnull=False),
                name="casework_finished",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.step}"


class Assignment(models.Model):
    """Who decides on a file at a judgement step of the back office, as the lot fell; the last one holds."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="assignments")
    step = models.CharField(max_length=40)
    staff = models.ForeignKey("offices.Staff", models.PROTECT, related_name="assignments")
    # The public seed of the order of that day, everybody in it by label, and whose turn it was in the rotation.
    seed = models.CharField(max_length=64)
    order = models.JSONField(default=list)
    turn = models.PositiveIntegerField()
    date = models.DateField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["case", "at"], name="casework_assignments")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.staff_id}"


class StepRun(models.Model):
    """One doing of one step by one officer, with its outcome. A correction is a new run that points back."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="runs")
    step = models.CharField(max_length=40)
    call = models.ForeignKey("queueing.Call", models.PROTECT, null=True, related_name="runs")
    staff = models.ForeignKey("offices.Staff", models.PROTECT, related_name="runs")
    counter = models.ForeignKey("offices.Counter", models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    outcome = models.CharField(max_length=40)
    detail = models.JSONField(default=dict)
    note = models.ForeignKey("people.Blob", models.PROTECT, null=True, related_name="+")
    corrects = models.OneToOneField("self", models.PROTECT, null=True, related_name="corrected_by")

    class Meta:
        indexes = [models.Index(fields=["case", "ended_at"], name="casework_runs_of_case")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.step} {self.outcome}"


class Hold(models.Model):
    """A stop of the file, with the public reason and whose it is (office, applicant, outage, centre)."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="holds")
    reason = models.CharField(max_length=40)
    attributed_to = models.CharField(max_length=12)
    stops_clock = models.BooleanField()
    missing = models.JSONField(default=list)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    return_by = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_at__isnull=True), name="casework_one_hold"
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.reason}"


class Lapse(models.Model):
    """A day that ran out for the applicant, or is near, of which the applicant was told: each once."""

    class Kind(models.TextChoices):
        """What the day was for."""

        RETURN = "return", _("Waktu melengkapi habis")
        COLLECT_SOON = "collect_soon", _("Batas pengambilan dekat")
        COLLECT = "collect", _("Batas pengambilan lewat")

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="lapses")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    until = models.DateField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "kind", "until"], name="casework_lapse_once")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"


class Capture(models.Model):
    """A photograph or fingerprints, sealed; a newer one supersedes."""

    class Kind(models.TextChoices):
        """What was captured."""

        PHOTO = "photo", _("Foto")
        FINGERPRINTS = "fingerprints", _("Sidik jari")

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="captures")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    blob = models.OneToOneField("people.Blob", models.PROTECT)
    # Nothing measures the quality of a photo that comes from a file.
    quality = models.PositiveSmallIntegerField(null=True)
    device = models.CharField(max_length=60)
    captured_at = models.DateTimeField()
    superseded = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind"], condition=Q(superseded=False), name="casework_capture_current"
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"


class Book(models.Model):
    """A blank book from stock, by its serial number, until handed over or spoiled."""

    class Status(models.TextChoices):
        """Where the book is."""

        STOCK = "stock", _("Dalam stok")
        PRINTED = "printed", _("Dicetak")
        PASSED = "passed", _("Lolos uji mutu")
        SPOILED = "spoiled", _("Rusak")
        HANDED_OVER = "handed_over", _("Diserahkan")

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    office = models.ForeignKey("offices.Office", models.PROTECT, related_name="books")
    serial = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=20)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.STOCK)
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="books")
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status="stock", case__isnull=True) | (~Q(status="stock") & Q(case__isnull=False)),
                name="casework_book_has_case",
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(status__in=["printed", "passed", "handed_over"]),
                name="casework_one_book_per_case",
            ),
        ]
        indexes = [
            models.Index(
                fields=["office", "kind", "serial"], condition=Q(status="stock"), name="casework_book_stock"
            )
        ]

    def __str__(self) -> str:
        return self.serial


class Handover(models.Model):
    """Who took the book: the applicant, a relative on the family card, or a proxy with a mandate."""

    class To(models.TextChoices):
        """Lawful receivers (DOMAIN S15, S16)."""

        SELF = "self", _("Pemohon sendiri")
        FAMILY = "family", _("Keluarga dalam satu KK")
        PROXY = "proxy", _("Kuasa dengan surat kuasa")

    case = models.OneToOneField(Case, models.PROTECT, related_name="handover")
    book = models.OneToOneField(Book, models.PROTECT, null=True, related_name="handover")
    to = models.CharField(max_length=8, choices=To.choices)
    staff = models.ForeignKey("offices.Staff", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.case_id} {self.to}"
