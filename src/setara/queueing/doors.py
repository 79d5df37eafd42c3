"""The door: kiosks at which people check themselves in, people counted, and the draw at the opening."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from setara.kernel import ids


class Kiosk(models.Model):
    """A device in the hall at which people take their own ticket. It acts only with its secret, given once."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    office = models.ForeignKey("offices.Office", models.PROTECT, related_name="kiosks")
    number = models.PositiveSmallIntegerField(_("nomor"))
    # A new one makes every link and every device of before worthless.
    secret = models.CharField(max_length=32, default=ids.token)
    active = models.BooleanField(_("dipakai"), default=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["office", "number"], name="queueing_kiosk_once")]

    def __str__(self) -> str:
        return f"{_('Anjungan')} {self.number}"


class DoorCount(models.Model):
    """People counted at the door within an hour of a day: what the number of tickets is compared with."""

    office = models.ForeignKey("offices.Office", models.PROTECT, related_name="+")
    date = models.DateField()
    hour = models.PositiveSmallIntegerField()
    people = models.PositiveIntegerField()
    counted_by = models.ForeignKey("offices.Staff", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["office", "date", "hour"], name="queueing_door_count_once"),
            models.CheckConstraint(condition=Q(hour__lte=23), name="queueing_door_hour"),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.hour}: {self.people}"


class OpeningDraw(models.Model):
    """The ranks that were drawn, when the doors opened, among those who stood before them."""

    office = models.ForeignKey("offices.Office", models.PROTECT, related_name="+")
    date = models.DateField()
    seed = models.CharField(max_length=64)
    ranks = models.JSONField(default=dict)
    drawn_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["office", "date"], name="queueing_draw_once")]

    def __str__(self) -> str:
        return f"{self.office_id} {self.date}"
