"""The vault opens only what it sealed, and nothing personal lies in the database outside it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from django.db import connection, transaction

from setara.kernel import clock, ids
from setara.kernel.clock import RealClock
from setara.kernel.errors import Invalid, NotFound
from setara.ledger.contract import By, Op
from setara.ledger.service import system
from setara.people import vault
from setara.people.models import Blob, Person
from setara.people.service import (
    PersonData,
    erase,
    erase_blob,
    open_blob,
    open_person,
    register,
    same_nik,
    seal,
    update_person,
)

# The office's clock is a row of the database, which these tests do without.
REAL = RealClock()
with clock.using(REAL):
    DATA = PersonData(
        name="Contoh Uji Vault",
        nik="3276 0145 0190 0001",
        birth_date=date(1990, 1, 5),
        birth_place="Kotacontoh",
        sex="female",
        phone="+628990001234",
        email="contoh.uji@example.org",
    )


@pytest.fixture(autouse=True)
def real_time() -> Iterator[None]:
    """Real time, without a look at the database."""
    with clock.using(REAL):
        yield


@pytest.fixture
def op() -> Iterator[Op]:
    """The inside of an operation."""
    with transaction.atomic():
        yield Op("test.operation", By(system("test")))


def test_sealing_binds_to_row_and_kind_and_finds_tampering() -> None:
    row, other = ids.uuid7(), ids.uuid7()
    sealed = vault.seal(b"rahasia", "blob", row)
    assert vault.unseal(sealed, "blob", row) == b"rahasia"
    assert b"rahasia" not in sealed
    assert vault.seal(b"rahasia", "blob", row) != sealed, "a nonce is used once"
    with pytest.raises(vault.VaultError):
        vault.unseal(sealed, "blob", other)
    with pytest.raises(vault.VaultError):
        vault.unseal(sealed, "person", row)
    for place in (0, 1, 13, len(sealed) - 1):
        broken = bytearray(sealed)
        broken[place] ^= 1
        with pytest.raises(vault.VaultError):
            vault.unseal(bytes(broken), "blob", row)
    with pytest.raises(vault.VaultError):
        vault.unseal(sealed[:20], "blob", row)


def test_another_key_opens_nothing(settings, tmp_path) -> None:
    row = ids.uuid7()
    sealed, index = vault.seal(b"rahasia", "blob", row), vault.nik_index(DATA.nik)
    assert vault.nik_index(DATA.nik) == index
    key = tmp_path / "other.key"
    key.write_bytes(b"k" * 32)
    settings.SETARA_VAULT_KEY_FILE = key
    assert vault.nik_index(DATA.nik) != index
    with pytest.raises(vault.VaultError):
        vault.unseal(sealed, "blob", row)
    key.write_bytes(b"short")
    with pytest.raises(vault.VaultError, match="32 bytes"):
        vault.seal(b"x", "blob", row)


def test_keys_of_different_purposes_differ() -> None:
    assert vault.nik_index("x") != vault.guess_index("x", "x")
    assert vault.guess_index("a", "x") != vault.guess_index("b", "x")
    assert vault.fingerprint("x") != vault.nik_index("x").hex()[:32]
    assert vault.fingerprint("x") == vault.fingerprint("x") != vault.fingerprint("y")


def test_person_data_keeps_to_itself() -> None:
    assert DATA.nik == "3276014501900001"
    shown = repr(DATA) + str(DATA)
    assert "language" in shown
    for secret in (DATA.name, DATA.nik, DATA.phone, DATA.email, DATA.birth_place):
        assert secret not in shown
    with pytest.raises(Invalid) as refused:
        PersonData(**DATA.model_dump() | {"nik": "123"})
    assert "nik" in refused.value.errors
    with pytest.raises(ValueError, match="sex") as wrong:
        PersonData(**DATA.model_dump() | {"sex": "rahasia-sekali"})
    assert "rahasia-sekali" not in str(wrong.value)


@pytest.mark.django_db
def test_register_open_update_erase(op: Op) -> None:
    person = register(op, DATA, simulated=True)
    person.refresh_from_db()
    assert person.is_simulated
    assert open_person(person) == DATA
    changed = DATA.model_copy(update={"phone": "", "nik": "3276014501900002"})
    update_person(op, person, changed)
    person.refresh_from_db()
    assert open_person(person) == changed
    assert list(same_nik("3276014501900002")) == [person]
    assert not same_nik(DATA.nik).exists()
    erase(op, person)
    person.refresh_from_db()
    assert (person.sealed, person.nik_index) == (None, None)
    assert person.erased_at == op.now
    assert not same_nik("3276014501900002").exists()
    with pytest.raises(NotFound):
        open_person(person)
    with pytest.raises(vault.VaultError):
        update_person(op, person, DATA)


@pytest.mark.django_db
def test_the_same_nik_twice_makes_two_people_who_are_found_together(op: Op) -> None:
    first, second = register(op, DATA), register(op, DATA.model_copy(update={"name": "Orang Lain"}))
    assert first.pk != second.pk
    assert open_person(first).name == DATA.name
    assert list(same_nik(DATA.nik)) == [first, second]


@pytest.mark.django_db
def test_blobs(op: Op) -> None:
    blob = seal(op, b"\x89PNG isi", "image/png")
    later = seal(datetime(2026, 3, 3, tzinfo=UTC), b"lain", "image/jpeg")
    blob.refresh_from_db()
    assert (open_blob(blob), blob.size, blob.mime, blob.created_at) == (
        b"\x89PNG isi",
        8,
        "image/png",
        op.now,
    )
    assert later.created_at.year == 2026
    # What is sealed for one row does not open from another.
    Blob.objects.filter(pk=later.pk).update(sealed=blob.sealed)
    later.refresh_from_db()
    with pytest.raises(vault.VaultError):
        open_blob(later)
    erase_blob(op, blob)
    blob.refresh_from_db()
    with pytest.raises(NotFound):
        open_blob(blob)


@pytest.mark.django_db
def test_nothing_personal_in_the_tables_of_people(op: Op) -> None:
    person = register(op, DATA)
    seal(op, DATA.model_dump_json().encode(), "application/json")
    secrets = [DATA.name, DATA.nik, DATA.phone, DATA.email, DATA.birth_place, DATA.birth_date.isoformat()]
    assert [secret for secret in secrets if _in_dump(secret)] == []
    # The control: the search would have found them.
    Person.objects.filter(pk=person.pk).update(sealed=DATA.model_dump_json().encode())
    assert [secret for secret in secrets if _in_dump(secret)] == secrets


def _in_dump(text: str) -> bool:
    """Whether the text stands in any column of the room's tables, as text or as bytes."""
    with connection.cursor() as cursor:
        for table in ("people_person", "people_blob", "people_guess"):
            cursor.execute(f"SELECT row_to_json(t)::text FROM {table} t")  # noqa: S608
            for (row,) in cursor.fetchall():
                if text in row or text.encode().hex() in row:
                    return True
    return False
