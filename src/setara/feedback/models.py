"""Survey invitations, drawn by the system from finished applications, one-time; answers stand apart."""

from __future__ import annotations

import uuid

from django.db import models

from setara.kernel import ids


class Invitation(models.Model):
    """A one-time invitation. It knows the application; the answer does not."""

    application = models.OneToOneField(
        "applications.Application", models.PROTECT, primary_key=True, related_name="invitation"
    )
    token = models.CharField(max_length=32, unique=True, default=ids.token)
    instrument = models.CharField(max_length=40)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.application_id}"


class Answer(models.Model):
    """The answers of one respondent; without a name, an application or an exact time (the random id, unlike
    the others, does not give the time away)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    office = models.CharField(max_length=40)
    instrument = models.CharField(max_length=40)
    month = models.DateField()
    scores = models.JSONField()

    def __str__(self) -> str:
        return f"{self.office} {self.month}"
