"""Groups: effects as counted by hand, p as permuting gives, silence where nothing is and a word where something."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from setara.science.events.log import MOMENT, Log
from setara.science.fairness.exact import benjamini_hochberg, two_sided
from setara.science.fairness.groups import Groups, compare
from setara.science.fairness.intervals import stratified_newcombe, wilson
from setara.science.fairness.measures import cases_of

START = datetime(2026, 1, 5, 8, tzinfo=UTC)


def a_log(cases: list[dict[str, Any]]) -> Log:
    """Each case: its activities (text, a letter each), its hours, its day, and attributes."""
    rows = []
    for number, case in enumerate(cases):
        start = START + timedelta(days=case.get("on", 0))
        end = start + timedelta(hours=case.get("hours", 1.0))
        extra = {k: v for k, v in case.items() if k not in {"path", "hours", "on"}}
        for n, activity in enumerate(case["path"]):
            time = start if n == 0 else end
            rows.append(
                {"case": f"{number:05}", "activity": activity, "time": time, "day": start.date()} | extra
            )
    frame = pl.DataFrame(rows, schema_overrides={"time": MOMENT}, infer_schema_length=None)
    names = tuple(
        name for name in frame.columns if name not in {"case", "activity", "time", "day", "resource"}
    )
    return Log(frame, {}, case_attributes=names)


def compared(log: Log, *by: str, strata: tuple[str, ...] = (), **options: Any) -> Groups:
    return compare(log, cases_of(log), by, strata, **options)


def pick(groups: Groups, level: str, measure: str) -> Any:
    (found,) = [one for one in groups.compared if (one.level, one.measure) == (level, measure)]
    return found


def test_effects_are_what_counting_gives() -> None:
    """In stratum s1 the level fares 0.5 better and in s2 equally; s2 is large, so the crude figure misleads."""
    dice = random.Random(3)
    cases = []
    for stratum, level, n, yes in (
        ("s1", "x", 20, 15),
        ("s1", "y", 40, 10),
        ("s2", "x", 90, 18),
        ("s2", "y", 10, 2),
    ):
        for k in range(n):
            path = "ab" if k < yes else "a"
            cases.append({"path": path, "who": level, "part": stratum, "hours": 3.0 if k < yes else 1.0})
    dice.shuffle(cases)
    log = a_log(cases)
    crude = pick(compared(log, "who"), "x", "activity:b")
    assert crude.n == 110
    assert crude.crude == crude.effect == pytest.approx(33 / 110 - 12 / 50)
    inside = pick(compared(log, "who", strata=("part",)), "x", "activity:b")
    w1, w2 = 20 * 40 / 60, 90 * 10 / 100
    assert inside.crude == crude.crude
    assert inside.effect == pytest.approx((w1 * (15 / 20 - 10 / 40) + w2 * 0.0) / (w1 + w2))
    assert inside.interval[0] < inside.effect < inside.interval[1]
    hours = (
        [c["hours"] for c in cases if c["who"] == "x" and c["path"] != "a"],
        [c["hours"] for c in cases if c["who"] == "y" and c["path"] != "a"],
    )
    assert hours[0]
    took = {w: [c["hours"] if c["path"] == "ab" else 0.0 for c in cases if c["who"] == w] for w in "xy"}
    timed = pick(compared(log, "who"), "x", "duration")
    assert timed.crude == timed.effect == pytest.approx(np.mean(took["x"]) - np.mean(took["y"]))
    assert pick(compared(log, "who"), "y", "activity:b").effect == pytest.approx(-crude.effect)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5), st.integers(0, 5)),
        min_size=1,
        max_size=3,
    )
)
def test_p_of_a_share_is_that_of_all_permutations(strata: list[tuple[int, int, int, int]]) -> None:
    """Against labels really dealt out: a = labelled with the property, b labelled without, c and d the others."""
    rng = np.random.default_rng(5)
    x = sum(a for a, *_ in strata)
    n1, n, k = (
        np.asarray(v) for v in zip(*((a + b, a + b + c + d, a + c) for a, b, c, d in strata), strict=True)
    )
    live = n > 0
    n1, n, k = n1[live], n[live], k[live]
    if not len(n):
        return
    p = two_sided(x, n1, n, k)
    drawn = sum(rng.hypergeometric(kk, nn - kk, mm, 20_000) for kk, nn, mm in zip(k, n, n1, strict=True))
    mean = float((n1 * k / n).sum())
    assert p == pytest.approx(np.mean(np.abs(drawn - mean) >= abs(x - mean) - 1e-9), abs=0.02)


@pytest.mark.parametrize("off", [150, 330, 480])
def test_large_counts_go_over_into_the_normal_distribution_smoothly(off: int) -> None:
    """Of 200,000 cases half are labelled and half have the property: variance 12,500, beyond the change-over."""
    from scipy.stats import hypergeom

    half, all_ = np.asarray([100_000]), np.asarray([200_000])
    exact = 2 * hypergeom.sf(50_000 + off - 1, 200_000, 100_000, 100_000)
    assert two_sided(50_000 + off, half, all_, half) == pytest.approx(exact, rel=0.02)


def test_intervals_are_those_of_the_books() -> None:
    """Wilson for 15 of 148 and Newcombe's first example, 56/70 against 48/80 (his table II)."""
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-4)
    one = [np.asarray([v], float) for v in (56, 70, 48, 80)]
    assert stratified_newcombe(*one) == pytest.approx((0.0524, 0.3339), abs=5e-4)


def test_benjamini_hochberg_steps_up() -> None:
    q = benjamini_hochberg(np.asarray([0.04, 0.001, 0.03, 0.9]))
    assert q.tolist() == pytest.approx([0.16 / 3, 0.004, 0.16 / 3, 0.9])


def test_the_treated_worse_are_found_and_chance_is_not() -> None:
    dice = random.Random(11)
    cases = []
    for k in range(600):
        group = "old" if k % 2 else "young"
        chance = 0.25 if group == "old" else 0.45
        cases.append(
            {
                "path": "ab" if dice.random() < chance else "a",
                "hours": 3 + dice.expovariate(1) * (1.4 if group == "old" else 1.0),
                "age": group,
                "coin": dice.choice("xy"),
                "score": dice.random(),
            }
        )
    found = compared(a_log(cases), "age", "coin", "score")
    assert {(one.attribute, one.measure) for one in found.attention} == {
        ("age", "activity:b"),
        ("age", "duration"),
    }
    assert len({one.level for one in found.compared if one.attribute == "score"}) == 4
    quiet = compared(a_log(cases), "age", min_effect=0.5)
    assert quiet.attention == []


def test_an_attribute_of_days_is_compared_between_days() -> None:
    """Days differ by themselves; a label that belongs to the day must not find that."""
    dice = random.Random(2)
    cases = []
    for day in range(12):
        share = 0.9 if day in {0, 3, 4, 7, 9, 10} else 0.1
        cases += [
            {"path": "ab" if dice.random() < share else "a", "on": day, "shift": "early" if day < 6 else "late",
             "good": "yes" if share > 0.5 else "no", "coin": dice.choice("xy")}
            for _ in range(40)
        ]  # fmt: skip
    found = compared(a_log(cases), "shift", "good")
    assert any("between days" in note for note in found.notes)
    assert {one.attribute for one in found.attention} == {"good"}
    p = pick(compared(a_log(cases), "good"), "yes", "activity:b").p_value
    assert p == pytest.approx(
        2 / 924, abs=0.002
    )  # one of the ways to choose six days of twelve, and its mirror


def test_what_cannot_be_compared_is_listed() -> None:
    cases = [
        {"path": "ab", "rare": "few" if k < 9 else "many", "one": "same", "id": f"n{k}"}
        | {"part": "pq"[k % 2], "copy": "pq"[k % 2]}
        for k in range(100)
    ]  # fmt: skip
    log = a_log(cases)
    found = compared(log, "rare", "one", "id", "copy", strata=("part",))
    assert {(u.attribute, u.level): u.why for u in found.untested} == {
        ("rare", "few"): "under 10 cases",
        ("one", ""): "all cases have the same value",
        ("id", ""): "it has 100 levels, over 50",
        ("copy", "p"): "no stratum has both it and others",
        ("copy", "q"): "no stratum has both it and others",
    }
    assert {one.level for one in found.compared} == {"many"}
    with pytest.raises(ValueError, match=r"no attribute 'gone'. It has: .*rare"):
        compared(log, "gone")
    assert compared(log, "case:rare").compared


def test_a_column_that_became_a_role_is_still_found_by_its_own_name() -> None:
    log = a_log([{"path": "ab", "office": "north" if at % 2 else "south"} for at in range(40)])
    named = Log(log.frame, {"office": "case:branch"})
    for name in ("office", "branch", "case:branch"):
        assert {one.level for one in compared(named, name).compared} == {"north", "south"}
    with pytest.raises(ValueError, match="no attribute 'branch'"):
        compared(log, "branch")


def test_numbers_are_binned_at_the_quartiles() -> None:
    cases = [{"path": "a", "age": str(18 + k % 40), "few": str(k % 3)} for k in range(200)]
    found = compared(a_log(cases), "age", "few")
    assert [one.level for one in found.compared if (one.attribute, one.measure) == ("age", "activity:a")] == [
        "up to 27", "over 27 to 37", "over 37 to 47", "over 47",
    ]  # fmt: skip
    assert {one.level for one in found.compared if one.attribute == "few"} == {"0", "1", "2"}


def test_the_same_seed_gives_the_same_figures() -> None:
    cases = [
        {"path": "ab", "hours": (k * 37 % 101) / 7, "g": "xyz"[k % 3], "s": "pq"[k // 50]} for k in range(100)
    ]
    log = a_log([*cases])
    first, second = (compared(log, "g", strata=("s",), seed=4) for _ in range(2))
    assert first == second
    assert {one.p_value for one in first.compared if one.measure == "duration"} != {1.0}
