"""The published protocol, small: same figures from the same seed, whole tables, and measures that measure."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import numpy as np
import polars as pl
import pytest

from setara.science.fairness_bench import classical, measuring, protocol, report
from setara.science.fairness_bench.calls import known
from setara.science.fairness_bench.settings import APPLICANTS, OFFICERS, QUICK
from setara.science.simulate import hall
from setara.science.simulate.office import World
from setara.science.simulate.running import Simulation


@pytest.fixture(scope="module")
def results() -> protocol.Results:
    return protocol.run(2, quick=True)


@pytest.mark.slow
def test_every_table_has_a_row_for_every_setting(results: protocol.Results) -> None:
    body = json.loads(json.dumps(results.as_dict()))
    assert [row["setting"] for row in body["favoured_applicants"]] == [one.slug for one in APPLICANTS]
    assert [row["setting"] for row in body["favouring_officers"]] == [one.slug for one in OFFICERS]
    twins = {row["setting"] for row in body["favoured_applicants"] if row["twin"]}
    assert twins == {"error-doubled", "error-halved", "drift", "deeper-mistakes", "anywhere"}
    assert len(body["classical_officers"]) == 2 * len(classical.METHODS)
    base = body["favoured_applicants"][0]
    assert base["power_large"]["n"] > 5
    assert base["power_large"]["share"] > 0.8
    quiet = body["favoured_applicants"][-1]
    assert (quiet["favours_a_day"], quiet["power"]["n"]) == (0, 0)
    fits = {row["words"]: (row["fits"], row["d3"]) for row in body["lane_rule"]}
    assert [fit for fit, _ in fits.values()] == [True, False]
    assert fits["another lane rule (1 : 9)"][1] == "not computable"
    made = report.files(results, "setara benchmark fairness --quick")
    text = made.pop("tables.md")
    assert "A quick run: far too small" in text
    assert text.count("\n## ") == 6
    for one in (*APPLICANTS, *OFFICERS):
        assert one.words in text
    for name, drawn in made.items():
        assert name.endswith(".svg")
        root = ET.fromstring(drawn)  # noqa: S314 - our own
        assert root.get("role") == "img"
        assert root.find("{http://www.w3.org/2000/svg}desc").text


def test_the_same_seed_gives_the_same_figures_and_another_others() -> None:
    rows = [measuring.favoured(APPLICANTS[0], QUICK, 1, seed) for seed in (3, 3, 4)]
    assert rows[0] == rows[1] != rows[2]


def test_a_listed_slip_counts_as_false_and_a_favour_that_passed_nobody_is_none() -> None:
    world = World(offices=4, days=6, schemes={"single-jump": 0.02}, honest_error=0.02)
    found = known(Simulation(world, 1).days())
    calls = found.calls
    favours = calls.filter((pl.col("cause") == hall.FAVOUR) & (pl.col("unexplained") > 0))
    assert found.favoured["places"].sum() == favours["unexplained"].sum()
    assert found.favoured.height == favours.select("office", "day", "case").n_unique()
    assert calls.filter((pl.col("cause") == hall.LAWFUL) & (pl.col("unexplained") > 0)).is_empty()
    listed = calls.filter(pl.col("cause") == hall.SLIP).select("office", "day", "case").unique().head(7)
    innocent = listed.join(found.favoured, on=["office", "day", "case"], how="anti")
    assert innocent.height > 0
    shares = measuring._false_proportions(listed, innocent, 24)
    days = listed.group_by("office", "day").len().height
    assert (shares > 0).sum() <= days
    assert shares.sum() == pytest.approx(days * innocent.height / listed.height, abs=days / 2)
    assert len(shares) == 24


def test_intervals_of_rates_and_means() -> None:
    nothing = measuring.rate(0, 30_000, 10_000)
    assert nothing["rate"] == 0
    assert nothing["interval"][1] == pytest.approx(
        10_000 * 3.689 / 30_000, rel=1e-3
    )  # exact Poisson, two-sided
    some = measuring.rate(3, 30_000, 10_000)
    assert some["interval"][0] < some["rate"] < some["interval"][1]
    mean = measuring.mean_of(np.array([0.0, 1.0] * 50))
    assert mean["mean"] == 0.5
    assert mean["interval"][1] == pytest.approx(0.5985, abs=1e-3)


def test_the_classical_tests_accuse_whoever_is_less_careful() -> None:
    world = World(offices=10, days=20, honest_error=0.01, care_shape=0.5)
    calls = known(Simulation(world, 1).days()).calls
    named = classical.tests(calls)
    for method in classical.METHODS:
        assert named[method].sum() >= 3  # all of them honest
    alike = known(Simulation(world.but(care_shape=None), 1).days()).calls
    assert classical.tests(alike)["permutation-count"].sum() <= 1


def test_the_measures_of_a_day_by_hand() -> None:
    assert classical.gini(np.array([1.0, 1.0, 1.0])) == pytest.approx(0)
    assert classical.gini(np.array([0.0, 0.0, 3.0])) == pytest.approx(2 / 3)
    assert classical.area([3, 4], [1, 2]) == 1
    assert classical.area([1, 3], [2, 2]) == 0.5
    assert classical.area([2], [2]) == 0.5
