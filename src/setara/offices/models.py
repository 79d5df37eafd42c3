"""State of an office: where it is, when it is open, its counters and its staff."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from setara.kernel import ids

CODE = 40


class Role(models.TextChoices):
    """The roles of an office. An officer may hold several; what each may do is declared by the rooms."""

    FRONT_DESK = "front_desk", _("Petugas depan")
    DOCUMENT_CHECKER = "document_checker", _("Pemeriksa berkas")
    BIOMETRICS = "biometrics", _("Petugas biometrik")
    INTERVIEWER = "interviewer", _("Pewawancara")
    ADJUDICATOR = "adjudicator", _("Adjudikator")
    PRINTING = "printing", _("Petugas cetak dan mutu")
    HANDOVER = "handover", _("Petugas penyerahan")
    SUPERVISOR = "supervisor", _("Pengawas")
    HEAD = "head", _("Kepala kantor")
    ADMINISTRATOR = "administrator", _("Administrator")
    AUDITOR = "auditor", _("Auditor")


class Office(models.Model):
    """One office. `local` holds the values that the pack lets an office set for itself."""

    class Zone(models.TextChoices):
        """The three time zones of Indonesia."""

        WIB = "WIB", "WIB"
        WITA = "WITA", "WITA"
        WIT = "WIT", "WIT"

    code = models.SlugField(_("kode"), max_length=CODE, primary_key=True)
    name = models.CharField(_("nama"), max_length=120)
    address = models.CharField(_("alamat"), max_length=250, blank=True, default="")
    zone = models.CharField(_("zona waktu"), max_length=4, choices=Zone.choices, default=Zone.WIB)
    service = models.CharField(_("layanan"), max_length=40, default="paspor")
    local = models.JSONField(_("ketentuan setempat"), default=dict, blank=True)
    is_demo = models.BooleanField(_("kantor contoh"), default=False, editable=False)

    class Meta:
        verbose_name = _("kantor")
        verbose_name_plural = _("kantor")

    def __str__(self) -> str:
        return self.name


class OpeningHours(models.Model):
    """Opening hours of one weekday; `ramadan` ones replace the ordinary ones during the month."""

    class Season(models.TextChoices):
        """When the hours apply."""

        ORDINARY = "ordinary", _("Biasa")
        RAMADAN = "ramadan", _("Ramadan")

    class Weekday(models.IntegerChoices):
        """As Python counts them."""

        MONDAY = 0, _("Senin")
        TUESDAY = 1, _("Selasa")
        WEDNESDAY = 2, _("Rabu")
        THURSDAY = 3, _("Kamis")
        FRIDAY = 4, _("Jumat")
        SATURDAY = 5, _("Sabtu")
        SUNDAY = 6, _("Minggu")

    office = models.ForeignKey(Office, models.PROTECT, related_name="hours", verbose_name=_("kantor"))
    season = models.CharField(_("masa"), max_length=10, choices=Season.choices, default=Season.ORDINARY)
    weekday = models.PositiveSmallIntegerField(_("hari"), choices=Weekday.choices)
    opens = models.TimeField(_("buka"))
    closes = models.TimeField(_("tutup"))
    break_from = models.TimeField(_("istirahat dari"), null=True, blank=True)
    break_to = models.TimeField(_("istirahat sampai"), null=True, blank=True)

    class Meta:
        verbose_name = _("jam layanan")
        verbose_name_plural = _("jam layanan")
        constraints = [
            models.UniqueConstraint(fields=["office", "season", "weekday"], name="offices_hours_once"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="offices_hours_weekday"),
            models.CheckConstraint(condition=Q(opens__lt=F("closes")), name="offices_hours_order"),
            models.CheckConstraint(
                condition=Q(break_from__isnull=True, break_to__isnull=True)
                # Not null is said: a comparison with NULL is unknown, and what is unknown passes a check.
                | Q(
                    break_from__isnull=False,
                    break_to__isnull=False,
                    break_from__gt=F("opens"),
                    break_to__gt=F("break_from"),
                    break_to__lt=F("closes"),
                ),
                name="offices_hours_break",
                violation_error_message=_(
                    "Istirahat harus lengkap dan berada di antara jam buka dan jam tutup."
                ),
            ),
        ]

    def __str__(self) -> str:
        season, weekday = self.Season(self.season).label, self.Weekday(self.weekday).label
        return f"{season}, {weekday}"


class Holiday(models.Model):
    """A day off: seeded per year from the holidays package, then edited, since decrees come late."""

    class Kind(models.TextChoices):
        """National holiday, joint leave (cuti bersama), or one of a region."""

        NATIONAL = "national", _("Libur nasional")
        JOINT_LEAVE = "joint_leave", _("Cuti bersama")
        REGIONAL = "regional", _("Libur daerah")

    date = models.DateField(_("tanggal"))
    name = models.CharField(_("nama"), max_length=120)
    kind = models.CharField(_("jenis"), max_length=12, choices=Kind.choices)
    active = models.BooleanField(_("berlaku"), default=True)
    source = models.CharField(_("dasar"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("hari libur")
        verbose_name_plural = _("hari libur")
        constraints = [models.UniqueConstraint(fields=["date", "name"], name="offices_holiday_once")]

    def __str__(self) -> str:
        return f"{self.date} {self.name}"


class Season(models.Model):
    """A dated span with its own opening hours (Ramadan), decided each year."""

    name = models.CharField(_("nama"), max_length=60)
    season = models.CharField(
        _("masa"), max_length=10, choices=OpeningHours.Season.choices, default=OpeningHours.Season.RAMADAN
    )
    starts = models.DateField(_("mulai"))
    ends = models.DateField(_("sampai"))
    active = models.BooleanField(_("berlaku"), default=True)

    class Meta:
        verbose_name = _("masa jam khusus")
        verbose_name_plural = _("masa jam khusus")
        constraints = [
            models.CheckConstraint(condition=Q(starts__lte=F("ends")), name="offices_season_order")
        ]

    def __str__(self) -> str:
        return self.name


class Closure(models.Model):
    """A working day on which this office is closed, and why."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="closures", verbose_name=_("kantor"))
    date = models.DateField(_("tanggal"))
    reason = models.CharField(_("alasan"), max_length=200)
    active = models.BooleanField(_("berlaku"), default=True)

    class Meta:
        verbose_name = _("penutupan")
        verbose_name_plural = _("penutupan")
        constraints = [models.UniqueConstraint(fields=["office", "date"], name="offices_closure_once")]

    def __str__(self) -> str:
        return f"{self.office_id} {self.date}"


class Counter(models.Model):
    """A counter of the hall and the steps that it serves, in order of preference."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="counters", verbose_name=_("kantor"))
    number = models.PositiveSmallIntegerField(_("nomor"))
    steps = ArrayField(models.CharField(max_length=40), verbose_name=_("langkah"))
    active = models.BooleanField(_("dipakai"), default=True)

    class Meta:
        verbose_name = _("loket")
        verbose_name_plural = _("loket")
        constraints = [models.UniqueConstraint(fields=["office", "number"], name="offices_counter_once")]

    def __str__(self) -> str:
        return f"{_('Loket')} {self.number}"


class AccountManager(BaseUserManager["Account"]):
    """Finds accounts by their sign-in name, ignoring case."""

    def get_by_natural_key(self, username: str | None) -> Account:
        """The account with this sign-in name."""
        return self.get(username__iexact=username or "")


class Account(AbstractBaseUser):
    """What a member of staff signs in with. A new one has no usable password, only a one-time link."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    username = models.CharField(_("nama masuk"), max_length=60, unique=True)
    is_active = models.BooleanField(_("aktif"), default=True)
    # Signing in is an event of the ledger; Django's own note of it would be a change outside an operation.
    last_login = None

    objects = AccountManager()
    USERNAME_FIELD = "username"

    class Meta:
        verbose_name = _("akun")
        verbose_name_plural = _("akun")
        constraints = [models.UniqueConstraint(Lower("username"), name="offices_account_name_any_case")]

    def __str__(self) -> str:
        return self.username

    # The configuration pages (Django admin) ask these; they are for administrators only.
    @property
    def is_staff(self) -> bool:
        """Whether the configuration pages open for this account."""
        return (
            self.is_active
            and Staff.objects.filter(account=self, active=True, roles__contains=[Role.ADMINISTRATOR]).exists()
        )

    def has_perm(self, perm: str, obj: object = None) -> bool:  # noqa: ARG002 - Django's signature
        """Administrators may configure; what they may not is decided by each page."""
        return self.is_staff

    def has_module_perms(self, app_label: str) -> bool:  # noqa: ARG002
        """See :meth:`has_perm`."""
        return self.is_staff


class Staff(models.Model):
    """A member of staff of one office, the roles held, and the short label that the public sees (P-07)."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account = models.OneToOneField(Account, models.PROTECT, related_name="staff", verbose_name=_("akun"))
    office = models.ForeignKey(Office, models.PROTECT, related_name="staff", verbose_name=_("kantor"))
    label = models.CharField(_("label publik"), max_length=12)
    name = models.CharField(_("nama"), max_length=120)
    roles = ArrayField(models.CharField(max_length=30, choices=Role.choices), verbose_name=_("peran"))
    active = models.BooleanField(_("bertugas"), default=True)
    is_simulated = models.BooleanField(_("rekaan"), default=False, editable=False)

    class Meta:
        verbose_name = _("petugas")
        verbose_name_plural = _("petugas")
        constraints = [models.UniqueConstraint(fields=["office", "label"], name="offices_staff_label_once")]

    def __str__(self) -> str:
        return f"{self.label} {self.name}"


class Competence(models.Model):
    """A dated competence: this officer may do this step from one date to another."""

    staff = models.ForeignKey(Staff, models.PROTECT, related_name="competences", verbose_name=_("petugas"))
    step = models.CharField(_("langkah"), max_length=40)
    valid_from = models.DateField(_("berlaku dari"))
    valid_until = models.DateField(_("berlaku sampai"), null=True, blank=True)

    class Meta:
        verbose_name = _("kompetensi")
        verbose_name_plural = _("kompetensi")
        constraints = [
            models.UniqueConstraint(fields=["staff", "step", "valid_from"], name="offices_competence_once")
        ]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.step}"

    def holds_on(self, day: date) -> bool:
        """True when the competence is valid on ``day``."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


class OfficeDay(models.Model):
    """One day of service: opened with a roster, closed with an outcome for every ticket."""

    class Status(models.TextChoices):
        """Open or closed; a day without a row has not been opened."""

        OPEN = "open", _("Buka")
        CLOSED = "closed", _("Tutup")

    office = models.ForeignKey(Office, models.PROTECT, related_name="days")
    date = models.DateField()
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.OPEN)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["office", "date"], name="offices_day_once"),
            models.CheckConstraint(
                condition=Q(status="open", closed_at__isnull=True)
                | Q(status="closed", closed_at__isnull=False),
                name="offices_day_closed_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.office_id} {self.date}"


class Duty(models.Model):
    """A line of the roster: who works on this day, at which counter (none: desk or back office)."""

    day = models.ForeignKey(OfficeDay, models.PROTECT, related_name="roster")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="duties")
    counter = models.ForeignKey(Counter, models.PROTECT, null=True, related_name="duties")
    # Went home before the day ended; whoever has left sits nowhere.
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "staff"], name="offices_duty_one_place"),
            models.UniqueConstraint(
                fields=["day", "counter"], condition=Q(counter__isnull=False), name="offices_duty_one_officer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day_id} {self.staff_id}"
