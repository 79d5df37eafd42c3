"""Comparisons, drivers and non-response: by hand, against independent libraries, and with planted truth."""

from __future__ import annotations

from math import isnan

import numpy as np
import pytest
from scipy import stats

from setara.science.satisfaction import compare, drivers, nonresponse, survey_sim
from setara.science.satisfaction.compare import INDEX, Side
from setara.science.satisfaction.instruments import BadInput

CODES = [f"U{i}" for i in range(1, 10)]


def scores(seed: int, n: int = 300, satisfaction: float = 0.0) -> np.ndarray:
    """A file's scores."""
    design = survey_sim.Design(respondents=n, satisfaction=satisfaction, families=0.0)
    return survey_sim.simulate(design, seed).scores


def test_the_crude_difference_is_welchs() -> None:
    a, b = scores(1), scores(2, satisfaction=0.4)
    found = compare.compare([Side("2025", a), Side("2026", b)], CODES)
    assert [one.figure for one in found] == [INDEX, *CODES]
    one = found[0]
    theirs = stats.ttest_ind(b.mean(axis=1), a.mean(axis=1), equal_var=False)
    assert one.p_value == pytest.approx(theirs.pvalue)
    assert one.interval == pytest.approx(tuple(theirs.confidence_interval()))
    assert (one.one, one.other, one.decision, one.adjusted) == ("2026", "2025", "higher", False)
    same = compare.compare([Side("2025", a), Side("2026", scores(3))], CODES)
    assert {one.decision for one in same} == {"no clear difference"}


def test_elements_that_are_unanswered_count_for_those_who_answered() -> None:
    a, b = scores(1), scores(2, satisfaction=0.4)
    b[:150, 3] = np.nan
    found = {one.figure: one for one in compare.compare([Side("a", a), Side("b", b)], CODES)}
    theirs = stats.ttest_ind(b[150:, 3], a[:, 3], equal_var=False)
    assert found["U4"].difference == pytest.approx(np.nanmean(b[:, 3]) - a[:, 3].mean())
    assert found["U4"].p_value == pytest.approx(theirs.pvalue, rel=0.2)


def test_a_difference_that_is_only_the_mix_goes_away() -> None:
    """In both offices the young are less satisfied; office B serves more of them."""
    young, old = scores(4, 400, satisfaction=-0.5), scores(5, 400, satisfaction=0.5)
    a = Side("A", np.vstack([young[:60], old[:240]]), ("young",) * 60 + ("old",) * 240)
    b = Side("B", np.vstack([young[100:340], old[300:360]]), ("young",) * 240 + ("old",) * 60)
    crude, adjusted = (
        compare.compare([Side("A", a.scores), Side("B", b.scores)], CODES)[0],
        compare.compare([a, b], CODES)[0],
    )
    assert crude.decision == "lower"
    assert adjusted.decision == "no clear difference"
    assert adjusted.crude == pytest.approx(crude.difference)
    # By hand: both strata have 300 people on both sides together, so the mean of two differences.
    by_hand = np.mean([
        young[100:340].mean() - young[:60].mean(), old[300:360].mean() - old[:240].mean(),
    ])  # fmt: skip
    assert adjusted.difference == pytest.approx(by_hand)
    assert adjusted.outside == 0
    # A true difference stays.
    better = Side("B", np.minimum(b.scores + 1, 4), b.mix)
    assert compare.compare([a, better], CODES)[0].decision == "higher"


def test_what_has_no_counterpart_is_counted() -> None:
    x = scores(6, 100)
    a = Side("A", x[:50], ("m",) * 35 + ("f",) * 10 + ("g",) * 5)
    b = Side("B", x[50:], ("m",) * 38 + ("f", "g") + ("x",) * 10)
    found = compare.compare([a, b], CODES)[0]
    assert found.outside == pytest.approx(10 / 100)  # x; f and g have one respondent in B and are pooled
    found = compare.compare([Side("A", x[:50], ("m",) * 50), b], CODES)[0]
    assert found.outside == pytest.approx(12 / 100)
    with pytest.raises(BadInput, match="no group of the mix in common"):
        compare.compare([Side("A", x[:50], ("m",) * 50), Side("B", x[50:], ("f",) * 50)], CODES)


def test_many_comparisons_have_one_error_rate() -> None:
    values = np.array([0.01, 0.04, 0.03, 0.005])
    assert compare.holm(values) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert compare.benjamini_hochberg(values) == pytest.approx(stats.false_discovery_control(values))
    # Twelve offices alike: with 5 % each, almost half of such runs would blame one.
    blamed = sum(
        any(
            one.decision not in {"no clear difference"}
            for one in compare.compare(
                [Side(str(i), scores(1_000 * run + i, 60)) for i in range(12)], ["U"] * 9, against="rest"
            )
            if one.figure == INDEX
        )
        for run in range(25)
    )
    assert blamed <= 4
    one_worse = [Side(str(i), scores(50 + i, 150, satisfaction=-1.0 * (i == 3))) for i in range(6)]
    found = [one for one in compare.compare(one_worse, CODES, against="rest") if one.figure == INDEX]
    assert found[3].decision == "lower"
    assert found[3].other == "rest"


def test_against_and_small_cells() -> None:
    sides = [Side(str(i), scores(i, 40)) for i in range(4)]
    for against, others in (("first", "000"), ("previous", "012")):
        found = compare.compare(sides, CODES, against=against)
        assert "".join(one.other for one in found if one.figure == INDEX) == others
    few = compare.compare([sides[0], Side("few", scores(9, 9))], CODES)
    assert {one.decision for one in few} == {"too few"}
    assert all(isnan(one.p_value) and one.as_dict()["difference"] is None for one in few)
    assert compare.compare([sides[0], Side("ten", scores(9, 10))], CODES)[0].decision != "too few"
    with pytest.raises(BadInput, match="two sides"):
        compare.compare(sides[:1], CODES)
    with pytest.raises(BadInput, match="first, previous, rest"):
        compare.compare(sides, CODES, against="best")


def test_the_smallest_difference_seen() -> None:
    # (1.95996 + 0.84162) * 0.5 * sqrt(2 / 100) = 0.1981
    assert compare.smallest_seen(100, 0.5) == pytest.approx(0.1981, abs=1e-4)


def overall(x: np.ndarray, seed: int = 1) -> np.ndarray:
    """An overall score that hangs on U2 twice as much as on U5, and on nothing else."""
    return 0.6 * x[:, 1] + 0.3 * x[:, 4] + np.random.default_rng(seed).normal(0, 0.3, len(x))


def test_drivers_find_what_was_planted_and_agree_with_statsmodels() -> None:
    import statsmodels.api as sm

    x = scores(1, 400)
    y = overall(x)
    found = drivers.drivers(x, y, CODES)
    theirs = sm.OLS(y, sm.add_constant(x)).fit(cov_type="HC3", use_t=True)
    assert [one.effect for one in found.elements] == pytest.approx(theirs.params[1:].tolist())
    assert [one.p_value for one in found.elements] == pytest.approx(theirs.pvalues[1:].tolist())
    assert found.elements[0].effect_interval == pytest.approx(tuple(theirs.conf_int()[1]))
    assert found.r2 == pytest.approx(theirs.rsquared)
    assert sum(one.importance for one in found.elements) == pytest.approx(1)
    assert [row["element"] for row in found.as_dict()["elements"][:2]] == ["U2", "U5"]
    assert all(
        one.importance_interval[0] <= one.importance <= one.importance_interval[1] for one in found.elements
    )


def test_importance_by_hand_and_the_two_methods_agree() -> None:
    # Two predictors, r = 0.5, with the outcome 0.6 and 0.5: R^2 = 0.41333; U1: (0.36 + 0.16333) / 2.
    correlation = np.array([[1, 0.5, 0.6], [0.5, 1, 0.5], [0.6, 0.5, 1]])
    assert drivers._lindeman(correlation[:2, :2], correlation[:2, 2]) == pytest.approx(
        [0.261667, 0.151667], abs=1e-5
    )
    table = np.column_stack([scores(2, 400), overall(scores(2, 400))])
    whole = np.corrcoef(table, rowvar=False)
    a, b = (method(whole[:9, :9], whole[:9, 9]) for method in (drivers._lindeman, drivers._johnson))
    assert a.sum() == pytest.approx(b.sum())
    assert a == pytest.approx(b, abs=0.03)


def test_drivers_say_why_not() -> None:
    x = scores(3, 100)
    y = overall(x)
    flat = x.copy()
    flat[:, 2] = 4
    for args, says in (
        ((x[:40], y[:40]), "45 are needed"),
        ((flat, y), "same answer to U3"),
        ((x, np.full(100, 3.0)), "nothing to explain"),
    ):
        with pytest.raises(BadInput, match=says):
            drivers.drivers(*args, CODES)
    x[:10, 0] = np.nan
    assert drivers.drivers(x, y, CODES).left_out == 10


def test_unanswered_elements() -> None:
    x = scores(7, 400)
    low = np.argsort(x.mean(axis=1))[:60]
    x[low, 7] = np.nan  # the dissatisfied leave out complaints
    x[np.arange(0, 400, 8), 3] = np.nan  # every eighth, whoever it is
    found = {one.code: one for one in nonresponse.unanswered(x, CODES)}
    assert (found["U8"].missing, found["U8"].share) == (60, 0.15)
    assert found["U8"].difference < -0.5
    assert found["U8"].p_adjusted < 0.001
    assert found["U4"].p_adjusted > 0.05
    assert isnan(found["U1"].p_adjusted)
    assert found["U1"].interval[0] == 0


def test_bounds_by_hand() -> None:
    # 40 of 100 answered 3.0 on 1-4: 0.4 * 3 + 0.6 * 1 = 1.8 and 0.4 * 3 + 0.6 * 4 = 3.6
    found = nonresponse.bounds(3.0, 40, 100, (1, 4))
    assert (found.low, found.high) == pytest.approx((1.8, 3.6))
    assert nonresponse.bounds(3.0, 100, 100, (1, 4)).low == 3.0
    with pytest.raises(BadInput, match="--invited"):
        nonresponse.bounds(3.0, 101, 100, (1, 4))
    from statsmodels.stats.proportion import proportion_confint

    assert nonresponse.wilson(7, 40) == pytest.approx(proportion_confint(7, 40, method="wilson"))
    assert nonresponse.wilson(0, 0) == (0, 1)
