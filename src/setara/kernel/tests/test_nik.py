from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from setara.kernel.errors import Invalid
from setara.kernel.nik import check_nik

TODAY = date(2026, 3, 3)


def test_a_usual_number_gives_hints() -> None:
    woman = check_nik("3276 0152 0390 0001", today=TODAY)
    assert woman.ok
    assert (woman.born_hint, woman.sex_hint) == (date(1990, 3, 12), "female")
    assert woman.digits == "3276015203900001"
    assert "3276015203900001" not in repr(woman)
    child = check_nik("3276011203200002", today=TODAY)
    assert (child.born_hint, child.sex_hint) == (date(2020, 3, 12), "male")
    # A birthday later this year belongs to the century before.
    assert check_nik("3276010403260001", today=TODAY).born_hint == date(1926, 3, 4)
    assert check_nik("3276012902000001", today=TODAY).born_hint == date(2000, 2, 29)


def test_only_the_length_is_refused() -> None:
    for wrong in ("", "327601520390000", "32760152039000011", "32760152039OOO01", "３" * 16):
        with pytest.raises(Invalid) as refused:
            check_nik(wrong, today=TODAY, field="nik_ibu")
        assert "nik_ibu" in refused.value.errors
    for odd in ("0000000000000000", "9976015203900001", "3276013202900001", "3276019913900001"):
        form = check_nik(odd, today=TODAY)
        assert not form.ok
        assert form.warnings


@given(st.from_regex(r"[0-9]{16}", fullmatch=True))
def test_no_sixteen_digits_are_ever_refused(digits: str) -> None:
    form = check_nik(digits, today=TODAY)
    assert form.born_hint is None or form.born_hint <= TODAY
    assert (form.born_hint is None) == (form.sex_hint is None)
