"""People, as far as the office must know them. What is personal lies sealed; rows hold no name, no number."""

from __future__ import annotations

from django.db import models

from setara.kernel import ids


class Person(models.Model):
    """A person who applies. `sealed` is the vault record (setara.people.vault): name, NIK, birth date,
    contact. `nik_index` is a keyed hash, for finding the same person again without storing the number."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    sealed = models.BinaryField(null=True)
    nik_index = models.BinaryField(null=True, db_index=True)
    is_simulated = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Person {self.id}"


class Blob(models.Model):
    """A sealed file: a document, a photograph, a fingerprint template. Bytes never leave here unsealed
    except through a policy."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    sealed = models.BinaryField(null=True)
    mime = models.CharField(max_length=60)
    size = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Blob {self.id}"


class Guess(models.Model):
    """Wrong codes or passwords for one subject (a keyed hash): after a few, a growing wait."""

    subject = models.BinaryField(primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()
    blocked_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Guess {self.failures}"
