"""The benchmarks run, in a size that measures nothing, and print and write what they promise. No time is asserted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from benchmarks import common
from benchmarks.common import Report, Result
from benchmarks.floor.calls import twice
from benchmarks.suite.__main__ import main as suite

from setara.kernel import clock
from setara.kernel.clock import ManualClock
from setara.queueing import service as queueing
from setara.queueing.models import Call
from setara.queueing.tests.flooring import MONDAY, passport_office

CHECKOUT = Path(__file__).resolve().parents[1]


def run(benchmark: str, target: Path, *arguments: str) -> tuple[int, list[str], dict[str, object]]:
    """Run a benchmark as `make bench` does; its exit code, its lines and its JSON."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("SETARA_DB_")}
    done = subprocess.run(
        [sys.executable, f"benchmarks/{benchmark}", "--json", str(target), *arguments],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert target.exists(), done.stderr[-3000:]
    return done.returncode, done.stdout.splitlines(), json.loads(target.read_text())


@pytest.mark.slow
def test_the_day_benchmark_runs_small(tmp_path: Path) -> None:
    code, lines, written = run("day", tmp_path / "day.json", "--quick")
    assert (code, written["quick"], len(lines)) == (0, True, 4)
    names = [one["name"] for one in written["results"]]
    assert [line.startswith(name) for name, line in zip(names, lines[1:], strict=True)] == [True] * 3
    assert all(one["measured"] >= 0 and one["verdict"] in {"ok", "short"} for one in written["results"])
    assert {"cpu", "cores", "python", "postgresql", "load"} <= set(written["machine"])


@pytest.mark.slow
def test_the_pages_benchmark_copies_days_and_measures_every_page(tmp_path: Path) -> None:
    code, _lines, written = run("pages", tmp_path / "pages.json", "--quick", "--fresh")
    found = {one["name"]: one for one in written["results"]}
    # Eight people of the first day, as many on each of three copies, eight of today: none missing, none twice.
    assert (code, found["applications in the database"]["measured"]) == (0, 40)
    assert found["events in the database"]["measured"] > 40 * 10
    pages = {name for name in found if name.endswith("page, median")}
    assert {"home page, median", "ticket page, median", "application page, median"} <= pages
    assert len(pages) >= 18
    assert all(found[name]["limit"] == 50 and found[name]["measured"] > 0 for name in pages)


def test_a_line_says_whether_the_limit_was_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = Report("day", quick=True)
    for result, verdict in (
        (Result("fast enough", 150, "operations/s", 150, at_least=True), "ok"),
        (Result("too slow", 149.9, "operations/s", 150, at_least=True), "short"),
        (Result("short enough", 50, "ms", 50), "ok"),
        (Result("too long", 50.1, "ms", 50), "short"),
        (Result("only told", 7, "s"), "-"),
    ):
        report.add(result)
        line = capsys.readouterr().out
        assert result.verdict == verdict
        assert verdict in line.split()
        assert line.startswith(result.name)
    target = tmp_path / "out.json"
    assert report.finish(str(target)) == 0  # a quick run is no measurement
    assert [one["verdict"] for one in json.loads(target.read_text())["results"]] == [
        "ok", "short", "ok", "short", "-",
    ]  # fmt: skip


def test_a_missed_limit_is_an_exit_code_and_the_last_result_is_kept(
    own_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert suite(["--last"]) == 0
    assert "has not been timed" in capsys.readouterr().err
    for seconds, code in ((700.0, 1), (500.0, 0)):
        report = Report("suite")
        report.add(Result("make test", seconds, "s", 600))
        assert report.finish(None) == code
        assert common.kept_at("suite").parent == own_home / "benchmarks"
        capsys.readouterr()
        assert suite(["--last"]) == code
        assert f"{seconds:.0f}" in capsys.readouterr().out


@pytest.mark.slow(12)
def test_the_floor_benchmark_calls_and_follows(tmp_path: Path) -> None:
    code, _lines, written = run("floor", tmp_path / "floor.json", "--quick")
    found = {one["name"]: one for one in written["results"]}
    assert (code, written["quick"]) == (0, True)
    assert found["tickets given to two counters"]["measured"] == 0
    # Eight calls, each shown to the phones and boards of its office.
    assert (found["never shown"]["measured"], found["shown within 2 s"]["unit"]) == (0, "%")
    assert found["call-next, p99 at 60/s"]["limit"] == 100
    # A day with every scheme in it, and a recorded one: what is listed is what was planted.
    assert found["calls listed wrongly, records that disagree"]["measured"] == 0
    wrong = ("planted and not listed", "listed and not planted", "listed with another depth")
    assert [found[name]["measured"] for name in wrong] == [0, 0, 0]
    assert found["records that disagree with the rule"]["measured"] == 0


def test_a_ticket_given_twice_is_counted_and_one_that_came_back_is_not(db: None) -> None:
    still = ManualClock(MONDAY)
    with clock.using(still):
        floor = passport_office(still)
        floor.open()
        ticket = floor.arrive()
        call = queueing.call_next(floor.by("D1"), floor.sit("D1", 1))
    assert (call.ticket_id, twice()) == (ticket.pk, 0)
    later = still.now() + timedelta(seconds=5)
    Call.objects.filter(pk=call.pk).update(ended_at=later, outcome="served")
    call.pk = uuid4()  # the same stay in the line ended by a second call
    call.save(force_insert=True)
    assert twice() == 1
    # Pressed before the other call had ended, given after the person had gone back to the line: no second time.
    Call.objects.filter(pk=call.pk).update(joined_at=later)
    assert twice() == 0
