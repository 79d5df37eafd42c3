"""``setara compare``, ``drivers``, ``nonresponse`` and ``record`` through the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from setara.science.satisfaction import survey_sim
from setara.site.cli import app
from setara.site.commands.common import UsageError


def call(*arguments: str | Path) -> Any:
    """Run a command in this process; its errors come as they are."""
    done = CliRunner().invoke(app, [str(one) for one in arguments])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def body(*arguments: str | Path) -> dict[str, Any]:
    """The JSON of a command that writes it to standard output."""
    return json.loads(call(*arguments, "--json", "-").stdout)


def file(folder: Path, name: str, seed: int, instrument: str = "skm-2017", **changes: Any) -> Path:
    """A simulated answer file."""
    names, low, high = survey_sim.columns_of(instrument)
    design = survey_sim.Design(
        elements=len(names), low=low, high=high, offsets=survey_sim.offsets_of(instrument), **changes
    )
    path = folder / name
    survey_sim.frame(survey_sim.simulate(design, seed), names).write_csv(path)
    return path


def test_compare_two_files(tmp_path: Path) -> None:
    a, b = file(tmp_path, "2025.csv", 1), file(tmp_path, "2026.csv", 2, satisfaction=0.8)
    found = body("compare", a, b)
    index = [one for one in found["differences"] if one["figure"] == "index"]
    assert [(one["one"], one["other"], one["decision"]) for one in index] == [("2026", "2025", "higher")]
    assert found["sides"] == {"2025": 150, "2026": 150}
    assert index[0]["interval"][0] > 0
    adjusted = body("compare", a, b, "--adjust", "service")
    assert adjusted["adjusted_for"] == ["service"]
    assert adjusted["differences"][0]["adjusted"]
    text = call("compare", a, b).stdout
    assert "higher" in text
    assert "Elements that differ" in text


def test_compare_groups_of_one_file(tmp_path: Path) -> None:
    path = file(tmp_path, "a.csv", 1, respondents=300)
    found = body("compare", path, "--by", "service", "--adjust", "age", "--adjust", "sex")
    index = [one for one in found["differences"] if one["figure"] == "index"]
    assert [one["one"] for one in index] == ["baru", "penggantian", "percepatan"]
    assert {one["other"] for one in index} == {"rest"}
    assert "too few" in call("compare", path, "--by", "service", "--minimum", "100").stdout


def test_drivers_and_nonresponse(tmp_path: Path) -> None:
    path = file(tmp_path, "a.csv", 3, respondents=800, unanswered=0.01)
    found = body("drivers", path)
    assert found["schema"] == "setara.drivers"
    assert found["elements"][0]["element"] == "U3"  # planted
    assert found["n"] + found["left_out"] == 800
    found = body("nonresponse", path, "--invited", "2000")
    assert found["people"]["rate"] == 0.4
    low, high = found["people"]["worst_case"]
    assert low < found["people"]["index"] < high
    assert sum(one["missing"] for one in found["elements"].values()) > 0
    assert "worst case" in call("nonresponse", path, "--invited", "2000").stdout
    assert "worst case" not in call("nonresponse", path).stdout


def test_record_from_facts_audit_and_log(tmp_path: Path) -> None:
    path = file(tmp_path, "s.csv", 5, "servqual")
    facts = tmp_path / "facts.toml"
    facts.write_text("[promised_date]\nkept = 12\nof = 240\n")
    pair = body("record", path, facts)["pairs"][0]
    assert (pair["item"], pair["record"]["share"], pair["decision"]) == ("P5", 0.05, "opinion above record")
    audit = tmp_path / "audit.json"
    detector = {"id": "D1", "computable": True, "effect": 0.4, "details": {"calls": 500}}
    audit.write_text(json.dumps({"schema": "setara.audit", "log": {"cases": 9}, "detectors": [detector]}))
    spak = file(tmp_path, "spak.csv", 6, "spak", satisfaction=1.5)
    text = call("record", spak, audit, "--instrument", "spak").stdout
    assert "opinion above record" in text
    log = tmp_path / "log.csv"
    rows = [f"C{i},done,2026-03-{2 + i % 9:02d} 09:00:00,2026-03-05" for i in range(90)]
    log.write_text("case,activity,time,due\n" + "\n".join(rows))
    pair = next(one for one in body("record", path, log)["pairs"] if one["item"] == "P5")
    assert (pair["record"]["kept"], pair["record"]["n"]) == (40, 90)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("compare", "a.csv"), "two sides"),
        (("compare", "a.csv", "a.csv", "--by", "sex"), "one file only"),
        (("compare", "a.csv", "--by", "sexe"), "no column 'sexe'"),
        (("compare", "a.csv", "--by", "sex", "--against", "all"), "first, previous, rest"),
        (("drivers", "none.csv"), "--overall"),
        (("nonresponse", "a.csv", "--invited", "3"), "--invited"),
        (("record", "s.csv", "nowhere.json"), "no file"),
        (("record", "s.csv", "bad.toml"), "no TOML"),
        (("record", "s.csv", "bad.json"), "no JSON"),
        (("record", "s.csv", "other.json"), "not written by setara audit"),
        (("record", "s.csv", "a.csv"), "--log-map"),
        (("record", "s.csv", "facts.toml", "--activity", "wait=x"), "changed, complaint or answer"),
    ],
)
def test_wrong_use_is_said(arguments: tuple[str, ...], says: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    file(tmp_path, "a.csv", 1, respondents=40)
    file(tmp_path, "s.csv", 1, "servqual", respondents=40)
    pl.read_csv("a.csv").drop("overall").write_csv("none.csv")
    Path("bad.toml").write_text("= 3")
    Path("bad.json").write_text("{")
    Path("other.json").write_text('{"schema": "setara.ikm"}')
    Path("facts.toml").write_text("[parking]\nkept = 1\nof = 2\n")
    with pytest.raises(UsageError, match=says):
        call(*arguments)
