"""What the office knows about a person: the one shape that is sealed in the vault."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from setara.kernel.nik import check_nik
from setara.kernel.text import one_line


class PersonData(BaseModel):
    """Personal data of one person. Never shown by ``repr``, never in the text of a validation error.

    ``phone`` and ``email`` are empty for people who have none: they have the same rights.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, str_strip_whitespace=True
    )

    name: str = Field(min_length=1, max_length=120, repr=False)
    nik: str = Field(repr=False)
    birth_date: date = Field(repr=False)
    birth_place: str = Field(default="", max_length=80, repr=False)
    sex: Literal["female", "male"] = Field(repr=False)
    phone: str = Field(default="", max_length=20, repr=False)
    email: str = Field(default="", max_length=254, repr=False)
    language: str = Field(default="id", min_length=2, max_length=10)

    @field_validator("name", "birth_place", "phone", "email")
    @classmethod
    def _one_line(cls, value: str, info: ValidationInfo) -> str:
        """No control characters; :class:`setara.kernel.errors.Invalid` beside the field."""
        return one_line(value, field=str(info.field_name))

    @field_validator("nik")
    @classmethod
    def _sixteen_digits(cls, value: str) -> str:
        """Digits only; :class:`setara.kernel.errors.Invalid` unless they are sixteen."""
        return check_nik(value).digits
