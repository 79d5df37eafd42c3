"""One line of text: everything that can be seen is welcome."""

from __future__ import annotations

import pytest

from setara.kernel.errors import Invalid
from setara.kernel.text import one_line


@pytest.mark.parametrize("text", ["Sekar", "Nur'aini O\u2019Brien-Š", "王小明", "أحمد", "a\u0301", ""])
def test_what_can_be_seen_passes(text: str) -> None:
    assert one_line(text, field="name") == text


@pytest.mark.parametrize("text", ["Se\0kar", "\x07", "a\x1b[2J", "dua\nbaris", "\x85", "\ud800"])
def test_what_cannot_be_seen_is_refused_beside_its_field(text: str) -> None:
    with pytest.raises(Invalid) as error:
        one_line(text, field="name")
    assert set(error.value.errors) == {"name"}
