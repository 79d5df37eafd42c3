"""``setara day`` does what docs/reference/day.md says: keys, digest, exports, refusals, kept databases."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET  # the test's own output
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars
import pytest

from setara.site import database, reference
from setara.site.reference import table

SMALL = ("--date", "2026-03-03", "--applicants", "5", "--counters", "3")
XES = "{http://www.xes-standard.org/}"


def play(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``setara day`` for a small day, as a person does."""
    command = [sys.executable, "-m", "setara.site.cli", "day", *SMALL, *arguments]
    return subprocess.run(command, env=os.environ, capture_output=True, text=True, check=False, timeout=240)


@pytest.fixture
def own_name(test_server: None) -> Iterator[str]:
    """The name of a database to play into; dropped afterwards."""
    name = f"test_{os.getpid()}_9000"
    yield name
    database.drop(name)


@pytest.mark.slow
def test_a_played_day_is_what_its_page_says(tmp_path: Path, own_name: str) -> None:
    log = tmp_path / "day.parquet"
    first = play("--seed", "1", "--json", "-", "--export", str(log), "--into", own_name)
    assert first.returncode == 0, first.stderr
    result = json.loads(first.stdout)  # nothing else on standard output
    page = (reference.FOLDER / "day.md").read_text(encoding="utf-8")
    assert set(result) == set(table(page, "Key"))
    assert result["steps"]
    assert all(set(step) == set(table(page, "Key of a step")) for step in result["steps"])
    _kinds_fit(result, {key: cells[0] for key, cells in table(page, "Key").items()})
    assert result["applicants"] == 5
    assert result["arrived"] + result["no_shows"] == 5
    assert result["events"] > result["operations"] > 100
    assert own_name in first.stderr

    frame = polars.read_parquet(log)
    assert frame.height == result["exported"] > 50
    assert frame.columns == list(table(page, "Column"))
    assert frame["case"].n_unique() == 5

    # The same day again: refused, with nothing added.
    again = play("--seed", "1", "--json", "-", "--into", own_name)
    assert (again.returncode, again.stdout) == (2, "")
    assert "2026-03-03" in again.stderr
    with database.connect(own_name) as connection:
        row = connection.execute("SELECT count(*) FROM ledger_event").fetchone()
    assert row == (result["events"],)
    # A day on which the passports of that one were handed out: refused too, with the next day that can be played.
    later = play("--date", "2026-03-05", "--json", "-", "--into", own_name)
    assert (later.returncode, later.stdout) == (2, "")
    free = re.findall(r"\d{4}-\d\d-\d\d", later.stderr)[-1]
    # That day counts only its own people and events, and its log holds only them.
    log = tmp_path / "later.parquet"
    second = play("--date", free, "--json", "-", "--into", own_name, "--export", str(log))
    assert second.returncode == 0, second.stderr
    found = json.loads(second.stdout)
    assert (found["date"], found["applicants"]) == (free, 5)
    assert 100 < found["events"] < result["events"]
    assert polars.read_parquet(log)["case"].n_unique() == 5
    more = play("--date", "2026-05-04", "--counters", "4", "--into", own_name)
    assert (more.returncode, "fewer than 4 counters" in more.stderr) == (2, True)


@pytest.mark.slow
def test_the_seed_alone_decides_the_digest(tmp_path: Path, test_server: None) -> None:
    log, file = tmp_path / "day.xes", tmp_path / "day.json"
    first = play("--seed", "1", "--json", str(file), "--export", str(log))
    second = play("--seed", "1", "--json", "-")
    other = play("--seed", "2", "--json", "-")
    assert [run.returncode for run in (first, second, other)] == [0, 0, 0], first.stderr + second.stderr
    written = json.loads(file.read_text(encoding="utf-8"))
    assert written["events_digest"] == json.loads(second.stdout)["events_digest"]
    assert written["events_digest"] != json.loads(other.stdout)["events_digest"]
    assert written["events_digest"] in first.stdout  # the table for people says the same

    root = ET.parse(log).getroot()  # noqa: S314
    assert root.tag == f"{XES}log"
    traces = root.findall(f"{XES}trace")
    events = root.findall(f"{XES}trace/{XES}event")
    assert (len(traces), len(events)) == (5, written["exported"])
    for event in events:
        keys = {attribute.get("key") for attribute in event}
        assert keys >= {"concept:name", "time:timestamp", "org:resource"}


@pytest.mark.slow
def test_a_day_is_kept_only_when_asked_and_wrong_use_is_told(test_server: None) -> None:
    kept = play("--applicants", "1", "--keep", "--json", "-")
    assert kept.returncode == 0, kept.stderr
    name = kept.stderr.split("kept in the database ")[1].split(":")[0]
    try:
        assert database.exists(name)
    finally:
        database.drop(name)
    wrong = {
        ("--office", "nowhere"): "nowhere",
        ("--export", "log.csv"): ".parquet or .xes",
        ("--keep", "--into", "x"): "--into",
        ("--into", "Two words"): "no name for a database",
        ("--date", "2026-03-08"): "no working day",
    }
    for arguments, said in wrong.items():
        refused = play(*arguments)
        assert refused.returncode == 2, arguments
        assert said in refused.stderr


def _kinds_fit(result: dict[str, Any], kinds: dict[str, str]) -> None:
    types = {"text": str, "number": int, "decimal": float, "list": list, "object": dict}
    for key, kind in kinds.items():
        assert isinstance(result[key], types[kind]), key
