from __future__ import annotations

import json

import pytest

from setara.kernel import errors


class Lazy:
    """Stands for a lazy translation: text only when asked."""

    language = "id"

    def __str__(self) -> str:
        return {"id": "Kuota penuh.", "en": "Quota is full."}[self.language]


def test_an_error_explains_itself_in_the_language_of_the_moment() -> None:
    text = Lazy()
    error = errors.Refused(
        text, code="quota_full", rule="Kuota harian", remedy="Pilih hari lain.", field="day"
    )
    assert str(error) == "Kuota penuh."
    text.language = "en"
    assert error.as_dict() == {
        "code": "quota_full",
        "message": "Quota is full.",
        "rule": "Kuota harian",
        "remedy": "Pilih hari lain.",
        "field": "day",
    }
    assert errors.Refused("x").code == "refused"
    assert "field" not in errors.Refused("x").as_dict()


def test_invalid_carries_one_message_a_field_and_is_json() -> None:
    error = errors.Invalid({"nik": "NIK harus 16 angka.", "name": "Isi nama."})
    shape = json.loads(json.dumps(error.as_dict()))
    assert shape["errors"] == {"nik": "NIK harus 16 angka.", "name": "Isi nama."}
    assert shape["remedy"]
    assert errors.Invalid({"nik": "x"}).field == "nik"
    assert error.field is None
    with pytest.raises(ValueError, match="field"):
        errors.Invalid({})


def test_every_kind_has_its_own_code_and_status() -> None:
    kinds = [errors.Refused, errors.Forbidden, errors.NotFound, errors.Conflict, errors.Unavailable]
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert [kind("x").status for kind in kinds] == [422, 403, 404, 409, 503]
    assert all(issubclass(kind, errors.SetaraError) for kind in [*kinds, errors.Invalid])
