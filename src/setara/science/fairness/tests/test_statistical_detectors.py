"""D3, D4 and D10: their formulas against counts made otherwise, their errors on simulated offices, their silence."""

from __future__ import annotations

from datetime import date
from itertools import product

import numpy as np
import polars as pl
import pytest

from setara.science.events.log import Log
from setara.science.fairness import applicants, change, honest, officers
from setara.science.fairness.prepared import Options, prepare
from setara.science.fairness_bench.calls import known
from setara.science.simulate.office import World
from setara.science.simulate.running import Simulation

OFFICES = World(applicants=150, offices=6, days=20, schemes={"single-jump": 0.02}, favouring=2)


@pytest.fixture(scope="module")
def crooked() -> tuple[pl.DataFrame, pl.DataFrame, set[str]]:
    simulation = Simulation(OFFICES, 3)
    found = known(simulation.days())
    patrons = {f"P{who.patron + 100 * office}" for office, who in simulation.staff.items() if who.patron >= 0}
    return found.calls, found.favoured, patrons


def slips(ratio: float, n: int, seed: int = 1, officers_: int = 8) -> pl.DataFrame:
    """``n`` calls out of turn in lines of 30, depths geometric with ``ratio``."""
    chance = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "activity": ["x"] * n,
            "resource": [f"P{i % officers_}" for i in range(n)],
            "waiting": [30] * n,
            "unexplained": np.minimum(chance.geometric(1 - ratio, n), 29),
        }
    )


def test_the_tail_of_honest_mistakes_is_learnt_whoever_favours_among_the_others() -> None:
    clean = slips(0.5, 600)
    favours = slips(0.5, 300, seed=2).with_columns(unexplained=29 - (pl.col("unexplained") - 1))
    learnt = honest.learn(pl.concat([clean, favours]), 0.002)
    assert learnt.pooled == pytest.approx(0.5, abs=0.05)
    assert learnt.like_favours == pytest.approx(1 / 3, abs=0.06)
    deep = slips(0.5, 300, seed=3, officers_=1).with_columns(
        unexplained=pl.lit(4, dtype=pl.Int64), resource=pl.lit("deep")
    )
    with_deep = honest.learn(pl.concat([clean, deep]), 0.002)
    assert (
        with_deep.ratio("x", "deep") < with_deep.ratio("x", "P1") - 0.05
    )  # the officer's own calls are left out
    assert honest.learn(clean.clear(), 0.002).ratio("x", "P1") == honest.PRIOR_RATIO


def of_visit(met: list[tuple[str, str, int, int]], model: honest.Honest) -> tuple[float, float]:
    """Score and p of the only visit of a day."""
    rows = [("o", 1, "c", call, *one) for call, one in enumerate(met)]
    found = applicants.visits(pl.DataFrame(rows, schema=applicants.MET, orient="row"), model)
    return found.select("score", "p_value").row(0)


def test_the_tail_ends_where_the_line_ends() -> None:
    beyond = honest.tail(0.5, 4)
    assert beyond == pytest.approx([1.0, 3 / 7, 1 / 7])  # 4:2:1 of seven parts
    assert len(honest.tail(0.5, 1)) == 0
    model = honest.Honest(0.002, 0.5, 0.0, {}, {})
    for depth in (1, 4_000):  # lines of thousands are numbers still
        score, p = of_visit([("x", "P", 5_000, depth), ("x", "P", 2, 0)], model)
        assert 0 <= p <= 1
        assert np.isfinite(score)
        assert np.isfinite(officers.factor(depth, 5_000, 0.5))


@pytest.mark.parametrize("lengths", [(6,), (3, 9), (5, 5)])
def test_p_is_the_chance_of_so_high_a_score(lengths: tuple[int, ...]) -> None:
    model = honest.Honest(0.01, 0.5, 0.0, {}, {})
    options = []
    for waiting in lengths:
        beyond = np.append(honest.tail(0.5, waiting), 0.0)
        rows = [(0.0, 1 - 0.01)]
        rows += [(-np.log(0.01 * beyond[d]), 0.01 * (beyond[d] - beyond[d + 1])) for d in range(waiting - 1)]
        options.append(rows)
    depths = [min(3, waiting - 1) if i == 0 else 1 for i, waiting in enumerate(lengths)]
    met = [("x", "P", waiting, depth) for waiting, depth in zip(lengths, depths, strict=True)]
    score, p = of_visit(met, model)
    exact = sum(
        np.prod([chance for _, chance in combination])
        for combination in product(*options)
        if sum(value for value, _ in combination) >= score - 1e-9
    )
    assert exact * (1 - 1e-12) <= p <= exact * 1.03  # never below, and hardly above


def test_every_visit_that_met_a_line_counts_as_a_test() -> None:
    """One visit out of turn among so many of its office and day: q is p times their number, the others apart."""
    rows = [
        ("A", 1, f"c{case}", "x", "P", waiting, 5 if case == 0 else 0)
        for case, waiting in [(0, 20), *((i, 9) for i in range(1, 50)), *((i, 1) for i in range(50, 90))]
    ]
    columns = ["office", "day", "case", "activity", "resource", "waiting", "unexplained"]
    calls = pl.DataFrame(rows, schema=columns, orient="row").with_row_index("call")
    other_day = calls.with_columns(day=pl.lit(2, dtype=pl.Int64), unexplained=pl.lit(0, dtype=pl.Int64))
    (found,) = applicants.visits(pl.concat([calls, other_day]), honest.learn(calls, 0.002)).to_dicts()
    assert (found["case"], found["places"]) == ("c0", 5)
    assert found["q_value"] == pytest.approx(50 * found["p_value"])  # those never two in a line are no tests


def test_e_values_have_a_mean_of_at_most_one_for_honest_officers_and_grow_for_favours() -> None:
    for waiting in (2, 3, 8, 30):
        longest = waiting - 1
        for ratio in (0.3, 0.6):
            beyond = np.append(honest.tail(ratio, waiting), 0.0)
            likely = beyond[:-1] - beyond[1:]
            values = np.array([officers.factor(d, waiting, ratio) for d in range(1, waiting)])
            for spread in (0.0, officers.FLOOR):
                assert ((1 - spread) * likely + spread / longest) @ values <= 1 + 1e-9
    assert officers.factor(28, 30, 0.46) > 10 > 1 > officers.factor(1, 30, 0.46)


def test_e_bh_and_the_adjuster() -> None:
    e = np.array([1.0, 90.0, 41.0, 0.5, 45.0])
    # m / level = 100: the third largest, 41, is at least 100 / 3; none alone would do.
    assert officers.e_bh(e, 0.05).tolist() == [False, True, True, False, True]
    assert not officers.e_bh(np.array([1.0, 90.0, 30.0, 0.5, 3.0]), 0.05).any()
    grown = officers.adjusted(np.array([1.0, 100.0, 1e6]))
    assert grown[0] == pytest.approx(0.5, abs=1e-3)
    assert (grown[1:] < [100.0, 1e6]).all()
    # A(M) is an e-value where P(M >= x) = 1 / x: its mean, the integral of A(x) / x^2, is one.
    x = np.exp(np.linspace(1e-6, 200, 400_000))
    assert np.trapezoid(officers.adjusted(x) / x, np.log(x)) == pytest.approx(1.0, abs=0.02)


def test_favours_are_found_and_honest_offices_are_left_alone(
    crooked: tuple[pl.DataFrame, pl.DataFrame, set[str]],
) -> None:
    calls, favoured, patrons = crooked
    model = honest.learn(calls, 0.002)
    listed = applicants.visits(calls, model).filter(pl.col("q_value") <= applicants.LEVEL)
    key = ["office", "day", "case"]
    large = favoured.filter(pl.col("places") >= 5)
    assert large.height > 40
    assert large.join(listed, on=key, how="semi").height >= 0.95 * large.height
    assert listed.join(favoured, on=key, how="anti").height <= 0.2 * listed.height
    seen = officers.watch(calls, model).officers.filter(pl.col("first_day").is_not_null())
    assert set(seen["resource"]) == patrons
    assert (seen["standing_day"].is_null() | (seen["standing_day"] >= seen["first_day"])).all()
    honest_only = calls.filter(pl.col("office") >= 2)
    quiet = officers.watch(honest_only, honest.learn(honest_only, 0.002)).officers
    assert quiet["first_day"].null_count() == quiet.height == 32


def prepared_of(days: int, honest_error: float = 0.002):
    from setara.science.simulate.logs import generate

    log, _ = generate(World(applicants=60, days=days, honest_error=honest_error, families=0.0), 4)
    frame = log.with_columns(day=pl.col("time").dt.date()).with_columns(
        pl.col("time", "call", "enqueue", "absent", "start", "window").dt.convert_time_zone("UTC")
    )
    return prepare(Log(frame, {}), Options())


def test_too_small_a_log_or_another_rule_is_said_not_judged() -> None:
    small, large, unruly = prepared_of(5), prepared_of(16), prepared_of(16, honest_error=0.5)
    for detector in (applicants.find, officers.find, change.find):
        said = detector(small)
        assert said.decision == "not computable"
        assert "at least 1000" in said.why_not
        assert detector(large).decision == "clear"
        said = detector(unruly)
        assert said.decision == "not computable"
        assert "the rule does not describe this log" in said.why_not


def test_an_alarm_dates_the_change_and_rarely_comes_without_one() -> None:
    chance = np.random.default_rng(5)
    n = np.full(400, 300)
    x = chance.binomial(n, 0.002)
    x[200:] = chance.binomial(n[200:], 0.01)
    usual = change.usual_share(x[:10], n[:10], 0.002)
    assert change.usual_share(x[:10] * 0, n[:10], 0.002) == 0.002  # a lucky start does not lower the bar
    assert change.usual_share(x[:10] + 3, n[:10], 0.002) > 0.01  # a careless office is measured by its own
    found = change.alarm(x[10:], n[10:], usual)
    assert found.at is not None
    assert found.since is not None
    assert 190 <= found.at <= 210
    assert abs(found.since - 190) <= 10
    false = 0
    for _ in range(50):  # fifty offices of two years each, ten years on average to a false alarm
        x = chance.binomial(500, 0.002, 500)
        false += change.alarm(x, np.full(500, 500), 0.002).at is not None
    assert false <= 12
    assert change.day_e(1, 500, 0.002) == pytest.approx(
        np.mean([g * ((1 - 0.002 * g) / 0.998) ** 499 for g in change.GROWTH])
    )


def test_the_finding_of_a_change_names_office_and_day() -> None:
    rows = []
    for office, late in (("A", 0), ("B", 12)):
        for day in range(40):
            for call in range(60):
                bad = call < (late if day >= 20 else 0)
                rows.append((office, date(2026, 1, 1).toordinal() + day, 5, 3 if bad else 0))
    calls = pl.DataFrame(rows, schema=["office", "day", "waiting", "unexplained"], orient="row")
    streams = change.days_of(calls)
    assert streams.filter(pl.col("out_of_turn") > 0)["office"].unique().to_list() == ["B"]
    assert streams.height == 80
