from __future__ import annotations

import os
import uuid
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from setara.kernel import ids
from setara.kernel.errors import Invalid


def test_uuid7_has_the_version_sorts_and_carries_the_time() -> None:
    made = [ids.uuid7() for _ in range(5000)]
    assert all(one.version == 7 and one.variant == uuid.RFC_4122 for one in made)
    assert all(a < b for a, b in pairwise(made))
    at = datetime(2026, 3, 3, 2, 40, tzinfo=UTC)
    assert ids.uuid7(at).int >> 80 == int(at.timestamp() * 1000)
    assert ids.uuid7(at) < ids.uuid7(at + timedelta(milliseconds=1))
    with pytest.raises(ValueError, match="aware"):
        ids.uuid7(datetime(2026, 3, 3))  # noqa: DTZ001 - the naive value is the case


def test_uuid7_stays_monotonic_when_the_clock_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    first = ids.uuid7()
    monkeypatch.setattr(ids.time, "time_ns", lambda: 1)
    assert first < ids.uuid7() < ids.uuid7()


def test_a_forked_child_does_not_repeat_its_parent() -> None:
    ids.uuid7()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, ids.uuid7().bytes)
        os._exit(0)
    mine = ids.uuid7().bytes
    os.waitpid(child, 0)
    assert os.read(read, 16) != mine


def test_alphabet_has_no_lookalikes_and_a_prime_size() -> None:
    assert not set(ids.ALPHABET) & set("0O1IQ5S2Z8BUV")
    assert len(ids.ALPHABET) == len(set(ids.ALPHABET)) == 23


def test_references_survive_how_people_type_them() -> None:
    ref = ids.reference()
    assert len(ref) == 9
    assert ref[4] == "-"
    for typed in (ref, ref.lower(), ref.replace("-", ""), f"  {ref[:2]} {ref[2:]} ", " ".join(ref)):
        assert ids.parse_reference(typed) == ref
    for wrong in ("", "AAAA", ref + "A", "OOOO-1111", "é" * 8):
        with pytest.raises(Invalid) as refused:
            ids.parse_reference(wrong, field="nomor")
        assert list(refused.value.errors) == ["nomor"]


def test_the_check_symbol_finds_every_single_slip_and_every_swap() -> None:
    symbols = ids.reference().replace("-", "")
    for place, symbol in enumerate(symbols):
        for other in set(ids.ALPHABET) - {symbol}:
            with pytest.raises(Invalid):
                ids.parse_reference(symbols[:place] + other + symbols[place + 1 :])
    for a, b in combinations(range(8), 2):
        if symbols[a] != symbols[b]:
            swapped = list(symbols)
            swapped[a], swapped[b] = swapped[b], swapped[a]
            with pytest.raises(Invalid):
                ids.parse_reference("".join(swapped))


@given(st.text(max_size=20))
def test_any_text_is_either_a_reference_or_invalid(text: str) -> None:
    try:
        read = ids.parse_reference(text)
    except Invalid:
        return
    assert ids.parse_reference(read) == read


def test_access_codes_are_derived_and_compared_forgivingly() -> None:
    key = bytes(range(32))
    code = ids.access_code(key, "K7HF-3MTX", 1)
    assert code == ids.access_code(key, "K7HF-3MTX", 1)
    assert len(code) == ids.CODE_LENGTH
    assert set(code) <= set(ids.ALPHABET)
    others = {
        ids.access_code(key, "K7HF-3MTX", 2),
        ids.access_code(key, "K7HF-3MTW", 1),
        ids.access_code(key[::-1], "K7HF-3MTX", 1),
    }
    assert code not in others
    assert len(others) == 3
    assert ids.same_code(f" {code[:4].lower()}-{code[4:].lower()} ", code)
    assert not ids.same_code(code[:-1], code)
    assert not ids.same_code("é", code)
    with pytest.raises(ValueError, match="32 bytes"):
        ids.access_code(b"short", "x", 1)
