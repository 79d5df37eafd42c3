"""The exact detectors say what the simulator knows, call by call, on logs that record calls and absences."""

from __future__ import annotations

import polars as pl
import pytest

from setara.science.events.log import Log
from setara.science.events.reading import read
from setara.science.fairness import order
from setara.science.fairness.calls import lines
from setara.science.fairness.rule import parse
from setara.science.simulate.logs import generate
from setara.science.simulate.office import SCHEMES, World

KEY = ["case", "activity", "time"]
WORLDS = {
    "every scheme": World(
        applicants=120, offices=2, days=6, honest_error=0.01, schemes=dict.fromkeys(SCHEMES, 0.02)
    ),
    "honest": World(applicants=150, days=6, honest_error=0.0),
    "mistakes only": World(applicants=150, days=6, honest_error=0.03, families=0.0, no_shows=0.2),
}


@pytest.fixture(scope="module", params=WORLDS)
def known(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Log, pl.DataFrame]:
    log, truth = generate(WORLDS[request.param], 7)
    file = tmp_path_factory.mktemp("truth") / "log.parquet"
    log.write_parquet(file)
    return request.param, read(file), truth.with_columns(pl.col("time").dt.convert_time_zone("UTC"))


def test_d1_lists_the_calls_out_of_turn_with_their_depth_and_the_rules_choice(
    known: tuple[str, Log, pl.DataFrame],
) -> None:
    name, log, truth = known
    told = truth.filter(pl.col("rule_choice").is_not_null())
    calls = order.with_depth(lines(log), parse("fcfs"))  # type: ignore[arg-type]
    found = calls.filter(pl.col("depth") > 0).select(
        *KEY,
        pl.col("depth").cast(pl.Int64),
        pl.col("choice").alias("rule_choice"),
        pl.col("waiting").cast(pl.Int64),
    )
    assert found.sort(KEY).equals(told.select(found.columns).sort(KEY))
    assert (found.height > 20) == (name != "honest")
