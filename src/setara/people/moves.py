"""What other rooms' operations may do with people and sealed files. Each takes the running operation."""

from __future__ import annotations

from datetime import datetime

from setara.kernel import ids
from setara.ledger.service import Op
from setara.people import vault
from setara.people.models import Blob, Person
from setara.people.person_data import PersonData


def register(op: Op, data: PersonData, simulated: bool = False) -> Person:
    """A new person with sealed data.

    Always a new row, also for a NIK that is known: knowing somebody's NIK proves nothing, and must neither
    show nor change what that person told us. Who may, looks for others with :func:`queries.same_nik`.
    """
    person = Person(id=ids.uuid7(), is_simulated=simulated, created_at=op.now)
    _put(person, data)
    person.save(force_insert=True)
    return person


def update_person(op: Op, person: Person, data: PersonData) -> Person:  # noqa: ARG001 - proof of an operation
    """Replace the sealed data of a person."""
    locked = Person.objects.select_for_update().get(pk=person.pk)
    if locked.erased_at is not None:
        raise vault.VaultError("an erased person stays erased")
    _put(locked, data)
    locked.save(update_fields=["sealed", "nik_index"])
    return locked


def erase(op: Op, person: Person) -> Person:
    """Erase a person's data; the row, and what events say of it, stay."""
    locked = Person.objects.select_for_update().get(pk=person.pk)
    locked.sealed, locked.nik_index = None, None
    locked.erased_at = locked.erased_at or op.now
    locked.save(update_fields=["sealed", "nik_index", "erased_at"])
    return locked


def seal(op: Op | datetime, data: bytes, mime: str) -> Blob:
    """Seal a file. ``op``: the running operation, or its moment."""
    moment = op if isinstance(op, datetime) else op.now
    blob = Blob(id=ids.uuid7(), mime=mime, size=len(data), created_at=moment)
    blob.sealed = vault.seal(data, "blob", blob.id)
    blob.save(force_insert=True)
    return blob


def erase_blob(op: Op, blob: Blob) -> Blob:
    """Erase a sealed file; its row stays."""
    locked = Blob.objects.select_for_update().get(pk=blob.pk)
    locked.sealed = None
    locked.erased_at = locked.erased_at or op.now
    locked.save(update_fields=["sealed", "erased_at"])
    return locked


def _put(person: Person, data: PersonData) -> None:
    person.sealed = vault.seal(data.model_dump_json().encode(), "person", person.id)
    person.nik_index = vault.nik_index(data.nik)
