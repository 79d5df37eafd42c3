from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from setara.kernel.money import format_rupiah, parse_rupiah


@given(st.integers(min_value=0, max_value=10**13))
def test_what_is_written_is_read_back(amount: int) -> None:
    assert parse_rupiah(format_rupiah(amount)) == amount


def test_amounts_are_read_as_people_write_them() -> None:
    assert format_rupiah(650000) == "Rp650.000"
    assert format_rupiah(-1000) == "-Rp1.000"
    assert format_rupiah(0) == "Rp0"
    for text in ("Rp650.000", "rp 650.000", "650000", "Rp. 650.000,00", "650.000,-", " 650.000 "):
        assert parse_rupiah(text) == 650000, text
    for text in ("", "Rp", "1.00", "650,50", "-5", "6 5 0x", "65.0000", "１２", "6.5e3"):
        with pytest.raises(ValueError, match="rupiah"):
            parse_rupiah(text)
    for wrong in (1.5, True, "1"):
        with pytest.raises(TypeError):
            format_rupiah(wrong)  # type: ignore[arg-type]
