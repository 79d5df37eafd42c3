"""What other rooms may use of people and the vault."""

from setara.people.guessing import Guard, guard
from setara.people.models import Blob, Person
from setara.people.moves import erase, erase_blob, register, seal, update_person
from setara.people.person_data import PersonData
from setara.people.queries import open_blob, open_person, same_nik
from setara.people.vault import VaultError, fingerprint

__all__ = [
    "Blob",
    "Guard",
    "Person",
    "PersonData",
    "VaultError",
    "erase",
    "erase_blob",
    "fingerprint",
    "guard",
    "open_blob",
    "open_person",
    "register",
    "same_nik",
    "seal",
    "update_person",
]
