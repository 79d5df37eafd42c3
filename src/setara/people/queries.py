"""Opening what is sealed. Callers have checked that their actor may."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from setara.kernel.errors import NotFound
from setara.people import vault
from setara.people.models import Blob, Person
from setara.people.person_data import PersonData


def open_person(person: Person) -> PersonData:
    """The person's data; :class:`NotFound` when they were erased."""
    if person.sealed is None:
        raise _erased()
    return PersonData.model_validate_json(vault.unseal(bytes(person.sealed), "person", person.id))


def open_blob(blob: Blob) -> bytes:
    """The bytes of a sealed file; :class:`NotFound` when they were erased."""
    if blob.sealed is None:
        raise _erased()
    return vault.unseal(bytes(blob.sealed), "blob", blob.id)


def same_nik(nik: str) -> QuerySet[Person]:
    """People registered under this NIK (16 digits), the earliest first."""
    return Person.objects.filter(nik_index=vault.nik_index(nik)).order_by("created_at", "id")


def _erased() -> NotFound:
    return NotFound(
        _("Data ini sudah dihapus."),
        code="people.erased",
        rule=_("Data pribadi dihapus setelah masa simpannya berakhir atau atas permintaan pemiliknya."),
        remedy=_("Catatan tentang pelayanan tetap ada, tanpa data pribadi."),
    )
