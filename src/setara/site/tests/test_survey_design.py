"""``setara sample`` and ``setara survey-sim``: what they print and write, and what they refuse in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

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


def test_sample_prints_and_writes_the_size() -> None:
    assert "sample       278" in call("sample", "--population", "1000").stdout
    found = body("sample", "--population", "1000", "--design", "slovin")
    assert (found["schema"], found["size"], found["strata"], found["drawn"]) == (
        "setara.sample",
        286,
        {},
        None,
    )
    mean = ("sample", "--population", "1000", "--design", "mean", "--deviation", "0.4")
    assert body(*mean)["size"] == 198
    assert body(*mean, "--response-rate", "0.4")["invitations"] == 495
    capped = call(*mean, "--response-rate", "0.1")
    assert "invite everybody" in capped.stderr
    assert "invitations  1000" in capped.stdout


def test_sample_shares_out_to_strata() -> None:
    strata = ("--stratum", "baru=600:0.2", "--stratum", "ganti=300:0,4", "--stratum", "hilang=100:0.6")
    found = body("sample", "--design", "cochran", *strata)
    assert (found["population"], found["size"]) == (1000, 278)
    assert found["strata"] == {"baru": 167, "ganti": 83, "hilang": 28}
    assert body("sample", "--design", "cochran", *strata, "--allocate", "neyman")["strata"]["hilang"] == 56


def test_sample_draws_the_same_tickets_again(tmp_path: Path) -> None:
    tickets = tmp_path / "tickets.csv"
    rows = [f"A{i:03d};{'baru' if i % 3 else 'ganti'}" for i in range(1, 301)]
    tickets.write_text("tiket;layanan\n" + "\n".join(rows))
    first, again, other = (tmp_path / f"{name}.csv" for name in ("first", "again", "other"))
    for out, seed in ((first, "7"), (again, "7"), (other, "8")):
        call(
            "sample",
            "--tickets",
            tickets,
            "--design",
            "slovin",
            "--margin",
            "0.1",
            "--out",
            out,
            "--seed",
            seed,
        )
    assert pl.read_csv(first).height == 75
    assert first.read_text() == again.read_text() != other.read_text()
    call(
        "sample",
        "--tickets",
        tickets,
        "--by",
        "layanan",
        "--design",
        "slovin",
        "--margin",
        "0.1",
        "--out",
        first,
    )
    assert dict(pl.read_csv(first).group_by("layanan").len().rows()) == {"baru": 50, "ganti": 25}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("sample",), "needs --population"),
        (("sample", "--design", "best", "--population", "9"), "krejcie-morgan, slovin, cochran, mean"),
        (("sample", "--design", "mean", "--population", "9"), "--deviation"),
        (("sample", "--population", "9", "--confidence", "0.9"), "--design cochran"),
        (("sample", "--population", "9", "--margin", "5"), "between 0 and 1"),
        (("sample", "--population", "9", "--out", "x.csv"), "--tickets"),
        (("sample", "--population", "9", "--by", "x"), "--tickets"),
        (("sample", "--stratum", "baru"), "NAME=VALUE"),
        (("sample", "--tickets", "nowhere.csv"), "no file"),
        (("survey-sim", "--out", "x.doc"), ".parquet"),
        (("survey-sim", "--out", "x.csv", "--instrument", "nps"), "skm-2017, spkp"),
        (("survey-sim", "--out", "x.csv", "--tamper", "all"), "highest, copies"),
        (("survey-sim", "--out", "x.csv", "--tamper", "highest", "--within", "town"), "hour, device"),
    ],
)
def test_wrong_use_is_said(arguments: tuple[str, ...], says: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=says.replace(".", r"\.")):
        call(*arguments)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_survey_sim_makes_files_that_ikm_reads(kind: str, tmp_path: Path) -> None:
    out, truth = tmp_path / f"a.{kind}", tmp_path / "truth.json"
    call("survey-sim", "--out", out, "--truth", truth, "--respondents", "60", "--seed", "4")
    known = json.loads(truth.read_text())
    found = body("ikm", out)
    assert found["n"] == 60
    assert found["index"] == pytest.approx(known["index"]["file"])
    assert known["tampered_rows"] == []
    assert {one["decision"] for one in found["integrity"]} <= {"clear", "not computable"}


def test_survey_sim_tampers_and_keeps_the_truth(tmp_path: Path) -> None:
    out, truth = tmp_path / "a.csv", tmp_path / "truth.json"
    call(
        "survey-sim",
        "--out",
        out,
        "--truth",
        truth,
        "--tamper",
        "highest",
        "--within",
        "device",
        "--seed",
        "2",
    )
    known = json.loads(truth.read_text())
    assert len(known["tampered_rows"]) == 15
    assert known["index"]["file"] > known["index"]["honest_respondents"]
    found = {one["code"]: one for one in body("ikm", out)["integrity"]}
    assert found["devices"]["decision"] == "attention"
    assert set(known["tampered_rows"]) <= set(
        found["devices"]["rows"]
    )  # rows as a person counts them in the file


def test_survey_sim_servqual_and_non_response(tmp_path: Path) -> None:
    out, truth = tmp_path / "s.csv", tmp_path / "truth.json"
    sim = ("survey-sim", "--out", out, "--truth", truth, "--respondents", "200", "--response-rate", "0.3")
    call(*sim, "--instrument", "servqual", "--selection", "1.5", "--unanswered", "0.05")
    found, known = body("servqual", out), json.loads(truth.read_text())
    assert found["dimensions"]["reliability"]["gap"] < found["dimensions"]["assurance"]["gap"] < 0
    # Who stayed away was less satisfied: the honest respondents are above all visitors.
    assert known["index"]["honest_respondents"] > known["index"]["visitors"] + 0.1
    assert pl.read_csv(out)["P3"].null_count() > 0
