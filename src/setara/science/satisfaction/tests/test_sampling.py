"""Sample sizes by hand and by printed tables, allocations that add up, draws that anybody can repeat."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from setara.science.satisfaction import sampling
from setara.science.satisfaction.instruments import BadInput

#: Rows of the printed table of Krejcie and Morgan (1970).
PRINTED = {
    10: 10, 15: 14, 20: 19, 25: 24, 30: 28, 35: 32, 40: 36, 45: 40, 50: 44, 55: 48, 60: 52, 65: 56, 70: 59, 75: 63,
    80: 66, 85: 70, 90: 73, 95: 76, 100: 80, 110: 86, 120: 92, 130: 97, 140: 103, 150: 108, 160: 113, 170: 118,
    180: 123, 190: 127, 200: 132, 210: 136, 220: 140, 230: 144, 240: 148, 250: 152, 300: 169, 400: 196, 500: 217,
    600: 234, 700: 248, 800: 260, 900: 269, 1000: 278, 1500: 306, 2000: 322, 3000: 341, 4000: 351, 5000: 357,
    10000: 370, 20000: 377, 50000: 381,
}  # fmt: skip


def test_krejcie_and_morgans_table() -> None:
    assert {size: sampling.krejcie_morgan(size) for size in PRINTED} == PRINTED
    assert sampling.krejcie_morgan(100_000) == 383  # printed 384
    assert sampling.krejcie_morgan(44_000) == 381  # a year of one passport office
    assert sampling.krejcie_morgan(1000, margin=0.01) > 900


def test_slovin_and_cochran_by_hand() -> None:
    # 1000 / (1 + 1000 * 0.0025) = 285.7; 3.8415 * 0.25 / 0.0025 = 384.1; 384.1 / (1 + 383.1 / 1000) = 277.7
    assert sampling.slovin(1000) == 286
    assert sampling.slovin(3600, margin=0.1) == 98  # 97.3
    assert sampling.cochran() == 385
    assert sampling.cochran(1000) == 278
    assert sampling.cochran(1000, confidence=0.99) > 278 > sampling.cochran(1000, share=0.9)
    assert sampling.cochran(3) == 3


def test_the_sample_for_a_mean_by_hand() -> None:
    # (1.96 * 0.5 / 0.05)^2 = 384.1; with N = 1000: 384.1 / 1.3841 = 277.5. With S = 0.4: 245.9 and 197.4.
    assert sampling.for_mean(0.5, margin=0.05) == 385
    assert sampling.for_mean(0.5, margin=0.05, population=1000) == 278
    assert sampling.for_mean(0.4, margin=0.05) == 246
    assert sampling.for_mean(0.4, margin=0.05, population=1000) == 198
    assert sampling.invitations(198, 0.4) == 495
    assert sampling.invitations(198, 1.0) == 198


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: sampling.krejcie_morgan(0), "population of 0"),
        (lambda: sampling.slovin(100, margin=5), "between 0 and 1"),
        (lambda: sampling.cochran(confidence=95), "confidence"),
        (lambda: sampling.for_mean(0, margin=0.1), "standard deviation"),
        (lambda: sampling.invitations(10, 0), "response rate"),
        (lambda: sampling.allocate(10, {"a": 5}, how="best"), "proportional, neyman, equal"),
        (lambda: sampling.allocate(10, {}), "--stratum"),
        (lambda: sampling.allocate(10, {"a": 5}, how="neyman"), "NAME=SIZE:SD"),
        (lambda: sampling.systematic([1, 2], 3, seed=1), "list of 2"),
    ],
)
def test_wrong_numbers_are_refused_in_words(call: object, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        call()  # type: ignore[operator]


def test_allocations_by_hand() -> None:
    people = {"baru": 600, "ganti": 300, "hilang": 100}
    assert sampling.allocate(100, people) == {"baru": 60, "ganti": 30, "hilang": 10}
    assert sampling.allocate(90, people, how="equal") == {"baru": 30, "ganti": 30, "hilang": 30}
    # N S: 600 * 0.2 = 120, 300 * 0.4 = 120, 100 * 0.6 = 60
    spread = {"baru": 0.2, "ganti": 0.4, "hilang": 0.6}
    assert sampling.allocate(100, people, how="neyman", deviations=spread) == {
        "baru": 40,
        "ganti": 40,
        "hilang": 20,
    }
    assert sampling.allocate(10, {"a": 997, "b": 3}) == {"a": 8, "b": 2}  # two at least
    assert sampling.allocate(90, {"a": 10, "b": 500}, how="equal") == {"a": 10, "b": 80}  # nobody twice
    assert sampling.allocate(5000, {"a": 10, "b": 500}) == {"a": 10, "b": 500}


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(st.sampled_from("abcdefgh"), st.integers(2, 900), min_size=1),
    st.integers(20, 600),
    st.sampled_from(["proportional", "equal"]),
)
def test_allocations_add_up_and_stay_inside(people: dict[str, int], size: int, how: str) -> None:
    given_ = sampling.allocate(size, people, how=how)
    assert sum(given_.values()) == min(size, sum(people.values()))
    assert all(2 <= given_[name] <= people[name] for name in people)


def test_a_systematic_draw_is_spread_and_repeatable() -> None:
    tickets = list(range(100, 300))
    drawn = sampling.systematic(tickets, 20, seed=7)
    assert drawn == sampling.systematic(tickets, 20, seed=7)
    assert drawn != sampling.systematic(tickets, 20, seed=8)
    assert {b - a for a, b in pairwise(drawn)} == {10}
    assert sampling.systematic(tickets, 200, seed=1) == tickets
    # Everybody is drawn as often as everybody else.
    counts = dict.fromkeys(range(7), 0)
    for seed in range(2_000):
        for one in sampling.systematic(range(7), 3, seed=seed):
            counts[one] += 1
    assert all(abs(count - 2_000 * 3 / 7) < 4 * 22.2 for count in counts.values())
