"""The form of a NIK (citizen number), never its truth.

Sixteen digits PPKKCC DDMMYY SSSS: region of first registration, date of birth (day + 40 for women,
two-digit year) and a serial from 0001; no check digit (DOMAIN section 8, S159 and S160). Errors exist in
the register itself, so everything but the length is a warning: nobody is turned away by a parser,
and nobody because of the region in the number, which is not where a person lives.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from setara.kernel import clock
from setara.kernel.errors import Invalid
from setara.kernel.words import Words

LENGTH = 16
_FEMALE = 40
_SEPARATORS = str.maketrans("", "", " .-\t\r\n\u00a0")

_DIGITS_ONLY = Words(
    id="NIK hanya berisi angka. Lihat 16 angka pada KTP atau KK.",
    en="A NIK has digits only. See the 16 digits on the identity card or family card.",
)
_REGION = Words(id="Kode wilayah pada NIK tidak dikenal.", en="The region code of the NIK is not known.")
_SERIAL = Words(id="Nomor urut pada NIK tidak lazim.", en="The serial number of the NIK is unusual.")
_BORN = Words(
    id="Tanggal lahir pada NIK tidak lazim. Cocokkan dengan KTP atau akta.",
    en="The date of birth in the NIK is unusual. Compare it with the identity card or birth certificate.",
)


def _wrong_length(count: int) -> Words:
    return Words(
        id=f"NIK terdiri dari 16 angka; yang Anda isi {count} angka.",
        en=f"A NIK has 16 digits; you typed {count}.",
    )


@dataclass(frozen=True, slots=True)
class NikForm:
    """What a NIK looks like. ``ok`` means: no warnings. Hints are to be confirmed, never decided upon."""

    digits: str = field(repr=False)
    warnings: tuple[Words, ...]
    born_hint: date | None
    sex_hint: Literal["female", "male"] | None

    @property
    def ok(self) -> bool:
        """Whether nothing about the number is unusual."""
        return not self.warnings


def check_nik(text: str, *, today: date | None = None, field: str = "nik") -> NikForm:
    """Read a NIK (spaces, dots and dashes allowed) and say what is unusual about it.

    Raises :class:`~setara.kernel.errors.Invalid` only if it is not sixteen digits.
    """
    digits = text.translate(_SEPARATORS)
    if not (digits.isascii() and digits.isdigit()):
        raise Invalid({field: _DIGITS_ONLY})
    if len(digits) != LENGTH:
        raise Invalid({field: _wrong_length(len(digits))})
    warnings = []
    if not 11 <= int(digits[:2]) <= 96:
        warnings.append(_REGION)
    if digits[12:] == "0000":
        warnings.append(_SERIAL)
    born, sex = _birth(digits[6:12], today or clock.now().date())
    if born is None:
        warnings.append(_BORN)
    return NikForm(digits, tuple(warnings), born, sex)


def _birth(part: str, today: date) -> tuple[date | None, Literal["female", "male"] | None]:
    """Date and sex from DDMMYY; the youngest date that is not in the future, else None."""
    day, month, year = int(part[:2]), int(part[2:4]), int(part[4:])
    sex: Literal["female", "male"] = "female" if day > _FEMALE else "male"
    day = day - _FEMALE if day > _FEMALE else day
    century = today.year - today.year % 100
    for candidate in (century + year, century - 100 + year):
        try:
            born = date(candidate, month, day)
        except ValueError:
            continue
        if born <= today:
            return born, sex
    return None, None
