"""Storage of the spine: the append-only event table, the gapless sequence of each office, the clock row."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Head(models.Model):
    """The last sequence number given in one office. Locked by the update that gives the next, so offices
    do not wait for one another, and a rolled-back operation leaves no gap."""

    office = models.CharField(max_length=40, primary_key=True)
    last = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.office} {self.last}"


class Event(models.Model):
    """One recorded event. Rows are only ever inserted: triggers (migration 0002, for the owner's mistakes) and
    grants (for the application's own role) refuse anything else."""

    id = models.UUIDField(primary_key=True)
    office = models.CharField(max_length=40)
    seq = models.BigIntegerField()
    type = models.CharField(max_length=80)
    version = models.PositiveSmallIntegerField()
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    actor_kind = models.CharField(max_length=12)
    actor_id = models.CharField(max_length=80)
    application = models.UUIDField(null=True, db_index=True)
    ticket = models.UUIDField(null=True, db_index=True)
    reason = models.CharField(max_length=60, null=True)
    payload = models.JSONField()
    operation = models.CharField(max_length=120)
    # SHA-256 of operation, actor and the caller's idempotency key: a retried request finds its first run.
    key = models.BinaryField(null=True, unique=True)
    result = models.CharField(max_length=120, default="")
    leaf_hash = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["office", "seq"], name="ledger_event_office_seq"),
            models.CheckConstraint(condition=models.Q(seq__gt=0), name="ledger_event_seq_positive"),
        ]
        indexes = [
            models.Index(fields=["office", "occurred_at"], name="ledger_event_when"),
            models.Index(fields=["office", "type", "occurred_at"], name="ledger_event_type"),
        ]

    def __str__(self) -> str:
        return f"{self.office}#{self.seq} {self.type}"


class ClockRow(models.Model):
    """The office clock that all processes read: one row. Mode `real`, or `virtual` with start and rate."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    mode = models.CharField(max_length=8, default="real")
    start = models.DateTimeField(null=True)
    anchor = models.DateTimeField(null=True)
    rate = models.FloatField(default=1.0)
    note = models.CharField(max_length=200, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="ledger_clock_single_row"),
            models.CheckConstraint(
                condition=models.Q(mode="real")
                | models.Q(mode="virtual", start__isnull=False, anchor__isnull=False),
                name="ledger_clock_virtual_needs_start",
            ),
        ]

    def __str__(self) -> str:
        return self.mode
