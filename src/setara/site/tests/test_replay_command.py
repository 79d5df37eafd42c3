"""``setara day --scheme`` and ``setara replay`` as people run them: what was planted is what is listed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import polars
import pytest

from setara.site import database
from setara.site.day import planting
from setara.site.day.planting import Row

DAY = ("--date", "2026-03-03")
SIZE = ("--applicants", "24", "--counters", "1", "--seed", "31")
SCHEMES = (
    "escort:0.3",
    "proven-override:0.25",
    "false-priority:0.12",
    "off-hours:0.12",
    "skipped-interview:0.12",
)


def setara(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "setara.site.cli", *arguments]
    return subprocess.run(command, env=os.environ, capture_output=True, text=True, check=False, timeout=240)


def moment(text: str) -> datetime:
    """A moment in UTC, to the second."""
    return datetime.fromisoformat(text).astimezone(UTC).replace(microsecond=0)


@pytest.fixture
def kept(test_server: None) -> Iterator[str]:
    """The name of a database to play into; dropped afterwards."""
    name = f"test_{os.getpid()}_9100"
    yield name
    database.drop(name)


@pytest.mark.slow(20)
def test_what_was_planted_is_listed_and_a_doctored_record_is_noticed(tmp_path: Path, kept: str) -> None:
    file, table = tmp_path / "truth.json", tmp_path / "truth.parquet"
    planted = [part for scheme in SCHEMES for part in ("--scheme", scheme)]
    day = ("day", *DAY, *SIZE, "--json", "-", "--into", kept)
    played = setara(*day, *planted, "--truth", str(file))
    assert played.returncode == 0, played.stderr
    result, truth = json.loads(played.stdout), json.loads(file.read_text(encoding="utf-8"))["rows"]
    assert result["truth"] == len(truth) > 5
    assert set(result["planted"]) == {row["scheme"] for row in truth}
    refused = {row["code"]: row["message"] for row in truth if row["outcome"] == "refused"}
    assert {"queueing.before_doors", "ground_not_met"} <= set(refused)
    assert all(refused.values())

    replayed = setara("replay", *DAY, "--database", kept, "--json", "-", "--fail-on", "disagreement")
    assert replayed.returncode == 0, replayed.stderr
    found = json.loads(replayed.stdout)
    wanted = {
        row["event"]: (row["ticket"], row["step"], row["depth"], row["reason"])
        for row in truth
        if row["depth"]
    }
    listed = {
        row["event"]: (row["ticket"], row["step"], row["depth"], row["reason"])
        for row in found["not_rules_choice"]
    }
    assert listed == wanted
    assert len(listed) >= 2
    lawful = {row["event"] for row in truth if row["depth"] and row["lawful"]}
    assert {row["event"] for row in found["not_rules_choice"] if row["standing"] == "lawful"} == lawful
    assert lawful
    assert found["lawful"] + found["unproven"] == len(listed)
    assert (found["agrees"], found["disagreements"], found["rule_version"]) == (True, [], "2")
    assert found["calls"] > 30
    assert setara("replay", *DAY, "--database", kept, "--fail-on", "unproven").returncode == 3

    # The audit, which knows nothing of the ledger, asks the pack's rule and finds the same calls.
    span = ("--office", "depok", "--from", DAY[1], "--to", DAY[1], "--database", kept)
    audited = setara("audit", *span, "--rule", "pack:paspor", "--json", "-")
    assert audited.returncode == 0, audited.stderr
    (order,) = [one for one in json.loads(audited.stdout)["detectors"] if one["id"] == "D1"]
    assert sorted(
        (row["activity"], moment(row["call"]), row["depth"]) for row in order["evidence"]
    ) == sorted((row["step"], moment(row["time"]), row["depth"]) for row in found["not_rules_choice"])

    # Somebody with the keys of the database makes an exception look like the rule's choice.
    with database.connect(kept) as connection:
        connection.execute("ALTER TABLE ledger_event DISABLE TRIGGER USER")
        connection.execute(
            "UPDATE ledger_event SET payload = payload || jsonb_build_object('rule_label', payload->'label', "
            "'depth', 0) WHERE seq = %s",
            [min(listed)],
        )
    doctored = setara("replay", *DAY, "--database", kept, "--fail-on", "disagreement")
    assert doctored.returncode == 3
    assert f"event {min(listed)}" in doctored.stdout
    assert "DISAGREE" in doctored.stdout
    planting.write(table, truth)
    assert polars.read_parquet(table).to_dicts() == truth
    assert polars.read_parquet(table).columns == list(Row.__dataclass_fields__)


def test_wrong_use_is_told(test_server: None) -> None:
    for arguments, says in (
        (("day", "--scheme", "friend:0.1"), "There is no scheme 'friend'"),
        (("day", "--scheme", "escort"), "such as escort:0.05"),
        (("day", "--scheme", "broker:0.1"), "There is no scheme 'broker'"),
        (("day", "--scheme", "escort:0.6", "--scheme", "pair:0.6"), "more than all applicants"),
        (("day", "--truth", "truth.csv"), ".parquet or .json"),
        (("replay", *DAY, "--database", "no_such_database"), "There is no database"),
        (("audit", "log.csv", "--database", "no_such_database"), "--database goes with --office"),
    ):
        wrong = setara(*arguments)
        assert (wrong.returncode, wrong.stdout) == (2, ""), arguments
        assert says in wrong.stderr
