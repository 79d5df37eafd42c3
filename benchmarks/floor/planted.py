"""Planted against listed: days with every scheme, played through the real operations and replayed from their ledger.

Must reach (issue 4): `replay` lists exactly the calls that were not the rule's choice, with their depth, and tells
lawful exceptions from unproven ones in every case. What was planted is known to the play alone (its truth);
what is listed comes from the events alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks import common
from benchmarks.common import Report, Result

from setara.rules import schemes

DAYS, QUICK_DAYS = 50, 1
APPLICANTS, QUICK_APPLICANTS = 24, 8
COUNTERS = 3
FIRST = date(2026, 3, 3)
NAME = "setara_bench_planted"


@dataclass
class Found:
    """What the days together came to."""

    calls: int = 0
    planted: int = 0
    missed: int = 0
    extra: int = 0
    depth: int = 0
    standing: int = 0
    disagreements: int = 0
    seconds: float = 0.0
    outcomes: dict[str, int] = field(default_factory=dict)
    lawful: int = 0
    seen: list[str] = field(default_factory=list)


def lines(report: Report, quick: bool) -> None:
    """Play the days in a process of their own (its database and outside world are its own too), and compare."""
    days, applicants = (QUICK_DAYS, QUICK_APPLICANTS) if quick else (DAYS, APPLICANTS)
    name = f"{NAME}_quick" if quick else NAME
    command = [sys.executable, __file__, "work", str(days), str(applicants), name]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found = Found(**json.loads(done.stdout))
    untried = sorted(set(schemes.DAY) - set(found.seen))
    note = f"{found.calls} calls, {found.seconds:.2f} s of the rule"
    report.add(Result("days planted and replayed", days, "days", note=note))
    report.add(
        Result("schemes never tried", len(untried), "of 12", None if quick else 0, note=", ".join(untried))
    )
    told = ", ".join(f"{name} {count}" for name, count in sorted(found.outcomes.items()))
    report.add(Result("calls out of turn planted", found.planted, "calls", note=told))
    report.add(Result("planted and not listed", found.missed, "calls", 0))
    report.add(Result("listed and not planted", found.extra, "calls", 0))
    report.add(Result("listed with another depth", found.depth, "calls", 0))
    note = f"{found.lawful} lawful, {found.planted - found.lawful} unproven"
    report.add(Result("lawful taken for unproven or the reverse", found.standing, "calls", 0, note=note))
    report.add(Result("records that disagree with the rule", found.disagreements, "events", 0))


def work(days: int, applicants: int, name: str) -> Found:
    """Play and replay so many days; what came of them."""
    found = Found()
    with _office(applicants, name):
        for seed in range(1, days + 1):
            day, truth = _play(seed, applicants)
            _compare(found, day, truth)
            wrong = found.missed + found.extra + found.depth + found.standing + found.disagreements
            common.say(f"day {seed} of {days}: {found.planted} planted, {wrong} wrong, {found.calls} calls")
    return found


@contextmanager
def _office(applicants: int, name: str) -> Iterator[None]:
    """A fresh demo office in a database of its own, with treasury and devices, for as long as the block."""
    from setara.site import database
    from setara.site.outside import process

    os.environ |= {"SETARA_DB_NAME": name, "SETARA_DB_POOL": "0"}
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "setara.site.settings")
    with database.held(leave=False), process.running() as outside:
        os.environ |= {
            "SETARA_TREASURY_URL": outside.base_url,
            "SETARA_DEVICE_URL": outside.base_url,
            "SETARA_TREASURY_SECRET": outside.secret,
        }
        database.drop(name)
        database.clone(name)
        import django

        django.setup()
        from setara.kernel import clock
        from setara.site.day import demo_office

        try:
            before = datetime.combine(FIRST - timedelta(days=40), time.min, UTC)
            with clock.using(clock.ManualClock(before)):
                demo_office.build(counters=COUNTERS, applicants=applicants * DAYS, opening=FIRST)
            yield
        finally:
            from django.db import connections

            connections.close_all()
            database.drop(name)


def _play(seed: int, applicants: int) -> tuple[date, list[dict[str, Any]]]:
    """One day with every scheme; the visits alone, so that the next working day is free."""
    from setara.offices.service import calendar_of
    from setara.site.day import demo_office, run

    people = demo_office.load(COUNTERS)
    day = calendar_of(people.office).add_working_days(FIRST - timedelta(days=1), seed)
    rate = 1 / (len(schemes.DAY) + 3)
    plan = run.Plan(day, applicants, seed, schemes=dict.fromkeys(schemes.DAY, rate), finish=False)
    return day, run.play_day(plan, people, lambda _n: None).truth


def _compare(found: Found, day: date, truth: list[dict[str, Any]]) -> None:
    """Hold what replay lists against what was planted."""
    from setara.site import replay

    answer = replay.result(replay.read("depok", day))
    listed = {row["event"]: row for row in answer["not_rules_choice"]}
    planted = {row["event"]: row for row in truth if row["depth"]}
    both = listed.keys() & planted.keys()
    found.calls += answer["calls"]
    found.seconds += answer["seconds"]
    found.planted += len(planted)
    found.missed += len(planted.keys() - listed.keys())
    found.extra += len(listed.keys() - planted.keys())
    found.depth += sum(
        (listed[each]["depth"], listed[each]["ticket"]) != (planted[each]["depth"], planted[each]["ticket"])
        for each in both
    )
    found.standing += sum(
        (listed[each]["standing"] == "lawful") != (planted[each]["scheme"] == "proven-override")
        for each in both
    )
    found.lawful += sum(planted[each]["scheme"] == "proven-override" for each in both)
    found.disagreements += len(answer["disagreements"])
    found.outcomes = dict(Counter(found.outcomes) + Counter(row["outcome"] for row in truth))
    tried = {row["scheme"] for row in truth if row["outcome"] != "no_chance"}
    found.seen = sorted(tried.union(found.seen))


if __name__ == "__main__":
    if sys.argv[1:2] == ["work"]:
        print(json.dumps(asdict(work(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]))))
    else:
        wanted = common.options("floor-planted", __doc__, None)
        alone = Report("floor-planted", wanted.quick)
        common.heading(alone)
        lines(alone, wanted.quick)
        sys.exit(alone.finish(wanted.json))
