"""Bills with their codes, and payments."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from setara.kernel import ids


class Bill(models.Model):
    """A billing code of the treasury for one application, with its expiry. Amounts are whole rupiah."""

    class Status(models.TextChoices):
        """Open until paid or expired."""

        OPEN = "open"
        PAID = "paid"
        EXPIRED = "expired"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    application = models.ForeignKey("applications.Application", models.PROTECT, related_name="bills")
    code = models.CharField(max_length=15, unique=True)
    amount = models.PositiveIntegerField()
    lines = models.JSONField(default=list)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.OPEN)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(status__in=["open", "paid"]),
                name="payments_one_live_bill",
            ),
            models.CheckConstraint(condition=Q(code__regex=r"^\d{15}$"), name="payments_code_15_digits"),
        ]

    def __str__(self) -> str:
        return self.code


class Payment(models.Model):
    """A payment that the treasury confirmed; the NTPN is its receipt number."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    bill = models.OneToOneField(Bill, models.PROTECT, related_name="payment")
    ntpn = models.CharField(max_length=16, unique=True)
    paid_at = models.DateTimeField()
    noticed_at = models.DateTimeField()
    late = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.ntpn
