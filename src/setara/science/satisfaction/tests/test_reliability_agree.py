"""Alpha, omega and item-total correlation: by hand, and against libraries that know nothing of this one."""

from __future__ import annotations

import numpy as np
import pytest

from setara.science.satisfaction.reliability import omega, one_factor, r_table, reliability

CODES = ("a", "b", "c", "d", "e")


def scores(seed: int, n: int = 120, k: int = 5) -> np.ndarray:
    rng = np.random.default_rng(seed)
    latent = rng.normal(size=(n, 1)) * rng.uniform(0.4, 1.2, k)
    return np.clip(np.round(3 + latent + 0.8 * rng.normal(size=(n, k))), 1, 5)


def test_by_hand() -> None:
    # Two items: (1,2), (2,2), (3,5). Variances 1 and 3, totals 3, 4, 8 with variance 7: 2 (1 - 4/7) = 6/7.
    found = reliability(np.array([[1, 2], [2, 2], [3, 5]], dtype=float), ("a", "b"))
    assert found.alpha.estimate == pytest.approx(6 / 7)
    assert found.items[0].corrected == pytest.approx(np.sqrt(3) / 2)  # covariance 1.5 / sqrt(1 * 3)
    assert found.items[0].r == pytest.approx(2.5 / np.sqrt(7))
    assert np.isnan(found.omega)  # two items have no factor of their own


@pytest.mark.slow(10)  # importing it takes that long
@pytest.mark.parametrize("seed", [1])
def test_alpha_is_that_of_pingouin(seed: int) -> None:
    pandas = pytest.importorskip("pandas")
    pingouin = pytest.importorskip("pingouin")
    table = scores(seed)
    theirs, _ = pingouin.cronbach_alpha(pandas.DataFrame(table))
    found = reliability(table, CODES)
    assert found.alpha.estimate == pytest.approx(theirs, abs=1e-12)
    one = table[:, 2]
    assert found.items[2].corrected == pytest.approx(
        pingouin.corr(one, table.sum(axis=1) - one)["r"].iloc[0], abs=1e-9
    )
    without, _ = pingouin.cronbach_alpha(pandas.DataFrame(np.delete(table, 2, axis=1)))
    assert found.items[2].alpha_without == pytest.approx(without, abs=1e-12)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_factor_behind_omega_is_that_of_statsmodels(seed: int) -> None:
    factor = pytest.importorskip("statsmodels.multivariate.factor")
    table = scores(seed)
    correlations = np.corrcoef(table, rowvar=False)
    theirs = np.abs(
        factor.Factor(corr=correlations, n_factor=1, method="pa").fit(maxiter=5000, tol=1e-12).loadings[:, 0]
    )
    ours = one_factor(correlations)
    assert ours is not None
    assert np.abs(ours) == pytest.approx(theirs, abs=1e-6)
    spread = table.std(axis=0, ddof=1)
    common = (theirs * spread).sum() ** 2
    assert omega(table) == pytest.approx(common / (common + (spread**2 * (1 - theirs**2)).sum()), abs=1e-6)


def test_omega_of_equal_loadings_is_alpha() -> None:
    """With equal loadings and variances both are k r / (1 + (k - 1) r)."""
    rng = np.random.default_rng(1)
    base = rng.normal(size=(4000, 6))
    base -= base.mean(axis=0)
    q, _ = np.linalg.qr(base)
    correlations = np.full((6, 6), 0.4) + 0.6 * np.eye(6)
    table = q @ np.linalg.cholesky(correlations).T * np.sqrt(4000)
    assert omega(table) == pytest.approx(6 * 0.4 / (1 + 5 * 0.4), abs=1e-6)
    assert reliability(table, (*CODES, "f")).alpha.estimate == pytest.approx(omega(table), abs=1e-6)


def test_r_table_as_it_is_printed() -> None:
    """The usual table, two-sided 5 %: n = 30 (df 28) 0.361, n = 100 (df 98) 0.197, n = 32 (df 30) 0.349."""
    assert [round(r_table(n), 3) for n in (30, 32, 100)] == [0.361, 0.349, 0.197]
    assert np.isnan(r_table(2))
    item = reliability(scores(1), CODES).items[0]
    assert item.passes == (item.r > r_table(120))


def test_what_does_not_vary_is_undefined_and_what_is_missing_left_out() -> None:
    table = scores(1)
    table[:, 0] = 4
    found = reliability(table, CODES)
    assert np.isnan(found.omega)
    assert found.items[0].passes is None
    assert found.items[1].passes is True
    table = scores(1)
    table[:20, 0] = np.nan
    assert reliability(table, CODES).n == 100
    assert reliability(table, CODES).alpha.estimate == pytest.approx(
        reliability(table[20:], CODES).alpha.estimate
    )


def test_no_factor_is_no_omega() -> None:
    assert one_factor(np.eye(4)) is None or np.abs(one_factor(np.eye(4))).max() < 1e-3
    heywood = np.array([[1, 0.9, 0.9], [0.9, 1, 0.5], [0.9, 0.5, 1]])
    assert one_factor(heywood) is None  # a loading of 1.27 would be needed
