"""Intervals: hand-computed cases, agreement with independent libraries, and what happens at the edges."""

from __future__ import annotations

import warnings
from math import isnan, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from setara.science.satisfaction import intervals


def survey(n: int, k: int = 9, seed: int = 3) -> np.ndarray:
    """Answers 1-4 that hang together."""
    rng = np.random.default_rng(seed)
    latent = 0.7 * rng.normal(size=(n, 1)) + 0.7 * rng.normal(size=(n, k))
    return 1.0 + np.searchsorted([-2.0, -1.0, 0.7], latent)


def test_the_index_agrees_with_scipy_but_for_the_widening() -> None:
    x = survey(300)
    ours = intervals.index(x, seed=1, repetitions=9_999)
    theirs = stats.bootstrap((x.mean(axis=1),), np.mean, n_resamples=9_999, method="BCa", rng=1)
    assert ours.method == "bca"
    assert ours.estimate == pytest.approx(x.mean())
    assert ours.low == pytest.approx(theirs.confidence_interval.low, abs=0.004)
    assert ours.high == pytest.approx(theirs.confidence_interval.high, abs=0.004)
    small = intervals.index(x[:20], seed=1, repetitions=9_999)
    plain = stats.bootstrap((x[:20].mean(axis=1),), np.mean, n_resamples=9_999, method="BCa", rng=1)
    width = plain.confidence_interval.high - plain.confidence_interval.low
    assert width * 1.03 < small.high - small.low < width * 1.3
    assert small.warning is not None
    assert ours.warning is None


def test_weights_missing_answers_and_elements() -> None:
    x = survey(200, 3)
    x[:50, 2] = np.nan
    weights = np.array([0.5, 0.3, 0.2])
    means = np.nanmean(x, axis=0)
    assert intervals.index(x, weights).estimate == pytest.approx(float(weights @ means))
    found = intervals.elements(x)
    assert [one.estimate for one in found] == pytest.approx(means.tolist())
    # Fifty unanswered make the third element less sure than the same column answered by all.
    whole = survey(200, 3)
    assert found[2].high - found[2].low > 1.05 * np.subtract(*intervals.elements(whole)[2].pair[::-1])
    assert found[0].pair == intervals.elements(whole)[0].pair


def test_one_seed_one_answer() -> None:
    x = survey(60)
    assert intervals.index(x, seed=5) == intervals.index(x, seed=5)
    assert intervals.index(x, seed=5).pair != intervals.index(x, seed=6).pair


def test_above_five_thousand_the_closed_form_by_hand() -> None:
    x = survey(6_000)
    row = x.mean(axis=1)
    half = 1.959963985 * row.std(ddof=1) / sqrt(6_000)
    found = intervals.index(x)
    assert found.method == "closed form"
    assert found.pair == pytest.approx([row.mean() - half, row.mean() + half])
    resampled = intervals.index(x[:5_000])
    assert resampled.method == "bca"
    assert (resampled.high - resampled.low) == pytest.approx(2 * half * sqrt(1.2), rel=0.08)


def test_a_census_has_no_interval_and_half_of_the_people_a_narrower_one() -> None:
    x = survey(100)
    plain, half, whole = (intervals.index(x, population=size) for size in (None, 200, 100))
    assert (half.high - half.low) == pytest.approx((plain.high - plain.low) * sqrt(0.5))
    assert whole.pair == pytest.approx([x.mean(), x.mean()])


@pytest.mark.parametrize("n", [0, 1, 2])
def test_too_few_answers_have_no_interval(n: int) -> None:
    found = intervals.index(survey(9)[:n])
    assert (found.method, found.pair, found.n) == ("none", None, n)
    assert found.warning is not None
    assert str(n) in found.warning.en
    assert isnan(found.estimate) == (n == 0)
    assert intervals.index(survey(9)[:3]).pair is not None


def test_equal_answers_are_bounded_not_certain() -> None:
    found = intervals.index(np.full((30, 9), 4.0), limits=(1, 4))
    # (1 - p)^30 = 0.05 gives p = 0.0950; at worst these people thought 1.
    assert found.method == "bound"
    assert found.pair == pytest.approx([4 - 3 * 0.09503, 4.0], abs=1e-4)
    middle = intervals.index(np.full((30, 9), 3.0), limits=(1, 4))
    assert middle.pair == pytest.approx([3 - 2 * 0.09503, 3 + 0.09503], abs=1e-4)
    assert intervals.index(np.full((30, 9), 4.0)).pair is None  # without the scale nothing can be said


def test_a_column_nobody_answered() -> None:
    x = survey(40, 3)
    x[:, 1] = np.nan
    found = intervals.elements(x)
    assert [one.pair is None for one in found] == [False, True, False]
    assert intervals.index(x).pair is None


def test_strata_by_hand() -> None:
    # Cochran's formula with two strata: W = 0.75, 0.25; f = 4/30, 2/10.
    scores = np.array([[2.0], [3.0], [3.0], [4.0], [1.0], [2.0]])
    found = intervals.stratified(scores, [*"aaaabb"], {"a": 30, "b": 10})[0]
    variance = 0.75**2 * (26 / 30) * (2 / 3) / 4 + 0.25**2 * 0.8 * 0.5 / 2
    assert found.estimate == pytest.approx(0.75 * 3 + 0.25 * 1.5)
    first, second = 0.75**2 * (26 / 30) * (2 / 3) / 4, 0.25**2 * 0.8 * 0.5 / 2
    free = variance**2 / (first**2 / 3 + second**2 / 1)
    assert found.high - found.estimate == pytest.approx(stats.t.ppf(0.975, free) * sqrt(variance))
    assert found.method == "stratified"
    with pytest.raises(ValueError, match="no size is given for the stratum b"):
        intervals.stratified(scores, [*"aaaabb"], {"a": 30})
    with pytest.raises(ValueError, match="nobody answered in the stratum c"):
        intervals.stratified(scores, [*"aaaabb"], {"a": 30, "b": 10, "c": 5})


def test_alpha_by_hand_and_with_pingouin() -> None:
    tiny = np.array([[1.0, 2.0], [2.0, 2.0], [3.0, 4.0], [4.0, 3.0]])
    # Item variances 5/3 and 11/12, variance of the totals 17/4: 2 (1 - (31/12) / (17/4)) = 40/51.
    assert intervals.alpha(tiny).estimate == pytest.approx(40 / 51)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pandas as pd
        import pingouin
    x = survey(400, 5)
    theirs, feldt = pingouin.cronbach_alpha(data=pd.DataFrame(x))
    ours = intervals.alpha(x)
    assert ours.estimate == pytest.approx(theirs)
    assert ours.pair == pytest.approx(list(feldt), abs=0.03)
    assert ours.warning is not None
    x = np.vstack([x] * 13)
    large = intervals.alpha(x)
    assert large.method == "closed form"
    small = intervals.alpha(x[:5_000])
    assert large.pair == pytest.approx(small.pair, abs=0.004)


@pytest.mark.parametrize("scores", [np.full((30, 4), 3.0), survey(2, 4), survey(40, 1), np.zeros((0, 4))])
def test_alpha_undefined(scores: np.ndarray) -> None:
    found = intervals.alpha(scores)
    assert (found.pair, found.method) == (None, "none")
    assert found.warning is not None
    assert intervals.alpha(survey(40, 4)).pair is not None


@settings(max_examples=40, deadline=None)
@given(
    arrays(
        np.float64, st.tuples(st.integers(3, 25), st.integers(1, 5)), elements=st.sampled_from([1.0, 2, 3, 4])
    )
)
def test_limits_hold_the_estimate_and_stay_on_the_scale(x: np.ndarray) -> None:
    for found in [intervals.index(x, limits=(1, 4), repetitions=200), *intervals.elements(x, limits=(1, 4))]:
        low, high = found.pair or [0, 0]
        assert 1 - 1e-9 <= low <= found.estimate + 1e-9
        assert found.estimate - 1e-9 <= high <= 4 + 1e-9


def test_the_true_index_is_inside_nineteen_times_in_twenty() -> None:
    """A small form of benchmarks/satisfaction/coverage.py: 300 samples, three standard errors of slack."""
    truth, hits = survey(400_000, seed=9).mean(), 0
    for seed in range(300):
        low, high = intervals.index(survey(60, seed=100 + seed), seed=seed, repetitions=400).pair or [0, 0]
        hits += low <= truth <= high
    assert 0.95 - 3 * 0.0126 <= hits / 300 <= 0.95 + 3 * 0.0126
