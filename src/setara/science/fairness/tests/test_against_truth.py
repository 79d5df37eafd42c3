"""The exact detectors say what the simulator knows, call by call, on logs that record calls and absences."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from setara.science.events.reading import read
from setara.science.fairness.engine import Report, audit
from setara.science.fairness.prepared import Options
from setara.science.fairness.rule import parse
from setara.science.simulate.logs import generate
from setara.science.simulate.office import PACK, SCHEMES, World

KEY = ["case", "activity", "time"]
WORLDS = {
    "every scheme": World(
        applicants=120, offices=2, days=6, honest_error=0.01, schemes=dict.fromkeys(SCHEMES, 0.02)
    ),
    "honest": World(applicants=150, days=6, honest_error=0.0),
    "mistakes only": World(applicants=150, days=6, honest_error=0.03, families=0.0, no_shows=0.2),
}


Known = tuple[str, Report, pl.DataFrame]


@pytest.fixture(scope="module", params=[(name, rule) for name in WORLDS for rule in ("fcfs", f"pack:{PACK}")])
def known(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Known:
    name, rule = request.param
    log, truth = generate(WORLDS[name], 7)
    file = tmp_path_factory.mktemp("truth") / "log.parquet"
    log.write_parquet(file)
    report = audit(read(file), Options(rule=parse(rule)))
    return name, report, truth.with_columns(pl.col("time").dt.convert_time_zone("UTC"))


def test_d1_lists_the_calls_out_of_turn_with_their_depth_and_the_rules_choice(known: Known) -> None:
    name, report, truth = known
    told = truth.filter(pl.col("rule_choice").is_not_null())
    depth = "depth" if str(report.options.rule) == "fcfs" else "place"
    found = report["D1"].evidence
    columns = (*KEY, "resource", pl.col("depth").cast(pl.Int64), pl.col("choice").alias("rule_choice"))
    told = told.select(*KEY, "resource", pl.col(depth).alias("depth"), "rule_choice")
    assert found.select(columns).sort(KEY).equals(told.sort(KEY))
    assert (found.height > 20) == (name != "honest")
    assert report.fit.fits


def test_the_other_exact_detectors_list_what_was_planted_and_nothing_else(known: Known) -> None:
    name, report, truth = known
    kinds = {"D8": pl.col("kind") == "print", "D9": pl.col("kind") != "payment"}
    schemes = {"D8": pl.col("scheme") == "broker"}
    for detector in ("D2", "D5", "D7", "D8", "D9"):
        told = truth.filter(pl.col("detector").str.split(",").list.contains(detector))
        told = told.filter(schemes.get(detector, pl.lit(True)))
        found = report[detector].evidence
        if found.height:
            found = found.filter(kinds.get(detector, pl.lit(True)))
        if name != "every scheme":
            assert found.height == told.height == 0, detector
            continue
        assert told.height > 5, detector
        # Of a step that is missing nobody knows the moment.
        key = ["case", "activity"] if detector == "D5" else KEY
        assert found.select(key).sort(key).equals(told.select(key).sort(key)), detector
        if detector == "D8":
            both = found.join(told, on=KEY)
            assert (both["depth"] == both["depth_right"]).all()


def test_without_the_absence_marks_the_report_gives_the_count_both_ways(tmp_path: Path) -> None:
    generate(WORLDS["mistakes only"], 7)[0].write_parquet(tmp_path / "log.parquet")
    marked = audit(read(tmp_path / "log.parquet"))
    bare = audit(marked.log.without("absent"))
    counts = marked["D1"].evidence_total, bare["D1"].evidence_total
    assert counts[0] < counts[1]
    assert any(all(str(count) in line for count in counts) for line in marked.limits)
    said = [line for line in bare.limits if "absence" in line or "did not come" in line]
    assert said != [line for line in marked.limits if "absence" in line or "did not come" in line]
    assert said
