"""`setara simulate` and `setara benchmark fairness` as a user runs them."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from typer.main import get_command
from typer.testing import CliRunner

from setara.science.simulate.office import SCHEMES
from setara.site.cli import app
from setara.site.commands.common import UsageError

run = CliRunner().invoke


def simulate(folder: Path, *more: str, log: str = "log.parquet") -> object:
    return run(app, ["simulate", "--out", str(folder / log), "--truth", str(folder / "truth.parquet"), *more])


def test_the_same_command_writes_the_same_bytes_and_tells_what_it_planted(tmp_path: Path) -> None:
    options = (
        "--seed",
        "3",
        "--days",
        "3",
        "--applicants",
        "60",
        "--scheme",
        "single-jump:0.05",
        "--scheme",
        "broker:0",
    )
    done = simulate(tmp_path, *options, "--json", str(tmp_path / "said.json"))
    assert done.exit_code == 0, done.output
    first = (tmp_path / "log.parquet").read_bytes()
    assert "1 slip" in done.stdout or "favour" in done.stdout
    assert "Nothing came of broker" in done.stderr
    assert "Nothing came of single-jump" not in done.stderr
    said = json.loads((tmp_path / "said.json").read_text())
    truth = pl.read_parquet(tmp_path / "truth.parquet")
    assert (said["schema"], said["seed"], said["truth"]["rows"]) == ("setara.simulate", 3, truth.height)
    assert {"case", "activity", "time", "resource", "rule_choice", "depth", "cause"} <= set(truth.columns)
    assert said["truth"]["by_scheme"]["single-jump"] == truth.filter(pl.col("cause") == "favour").height
    assert simulate(tmp_path, *options).exit_code == 0
    assert (tmp_path / "log.parquet").read_bytes() == first
    assert simulate(tmp_path, *options, log="log.csv").exit_code == 0
    assert pl.read_csv(tmp_path / "log.csv").height == said["log"]["rows"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("--scheme", "jump:0.1"), "There is no scheme 'jump'. There are: single-jump"),
        (("--scheme", "escort"), "write --scheme SLUG:RATE"),
        (("--scheme", "escort:2"), "RATE from 0 to 1"),
        (("--scheme", "escort:0.1", "--scheme", "escort:0.2"), "given twice"),
        (("--out", "log.xes"), "write .parquet or .csv"),
        (("--out", "same.csv", "--truth", "same.csv"), "the same file"),
    ],
)
def test_wrong_use_says_what_to_give_instead_and_writes_nothing(
    wrong: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = simulate(tmp_path, *wrong)
    assert isinstance(done.exception, UsageError)
    assert said in str(done.exception)
    assert list(tmp_path.iterdir()) == []


def test_the_help_names_every_scheme_that_can_be_planted_and_no_other() -> None:
    options = get_command(app).commands["simulate"].params  # type: ignore[attr-defined]
    (said,) = [one.help for one in options if one.name == "scheme"]
    assert said.split("SLUG: ")[1].rstrip(".").split(", ") == list(SCHEMES)


def test_the_benchmark_does_not_write_over_a_file(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("mine")
    done = run(app, ["benchmark", "fairness", "--quick", "--out", str(taken)])
    assert isinstance(done.exception, UsageError)
    assert taken.read_text() == "mine"
