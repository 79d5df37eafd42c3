"""`setara day`: make a database, play the day in it, tell what happened."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from time import perf_counter
from typing import TYPE_CHECKING, Any

from setara.site import database
from setara.site.commands.common import UsageError
from setara.site.output import say, write_json

if TYPE_CHECKING:
    from setara.site.commands.office import DayOptions
    from setara.site.day.demo_office import Cast


def run(options: DayOptions) -> int:
    """Play the day; returns the exit code. What needs the database starts it."""
    if options.office != "depok":
        raise UsageError(f"setara day plays the demo office depok; it does not know {options.office!r}.")
    name = options.into or f"setara_day_{os.getpid()}"
    os.environ.update(SETARA_DB_NAME=name, SETARA_DB_POOL="0")
    kept = options.keep or options.into is not None
    # The settings are read once, with the addresses of the outside world in them.
    with _outside(), database.held(leave=kept):
        if options.into is None or not database.exists(name):
            database.clone(name)
        else:
            database.prepare(name)
        try:
            _connect()
            write(options, _play(options), name)
        finally:
            if not kept:
                _disconnect()
                database.drop(name)
    return 0


@contextlib.contextmanager
def _outside() -> Iterator[None]:
    """Treasury and devices in a process of their own, unless the environment names running ones."""
    if os.environ.get("SETARA_TREASURY_URL"):
        yield
        return
    from setara.site.outside import process

    with process.running() as simulator:
        os.environ.update(
            SETARA_TREASURY_URL=simulator.base_url,
            SETARA_DEVICE_URL=simulator.base_url,
            SETARA_TREASURY_SECRET=simulator.secret,
        )
        yield


def _connect() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "setara.site.settings")
    import django

    django.setup()


def _disconnect() -> None:
    with contextlib.suppress(Exception):
        from django.db import connections

        connections.close_all()


def _play(options: DayOptions) -> dict[str, Any]:
    from setara.ledger import storage
    from setara.site.day import demo_office, planting, run, summary

    since = storage.head(demo_office.CODE)
    day, people = _stage(options)
    plan = run.Plan(day, options.applicants, options.seed, options.speed, schemes=options.schemes)
    began = perf_counter()
    with _progress(run.estimate(options.applicants)) as progress:
        tally = run.play_day(plan, people, progress)
    seconds = perf_counter() - began
    result = summary.summary(
        people.office,
        day,
        tally.people,
        since=since,
        operations=tally.operations,
        seconds=seconds,
        no_shows=tally.no_shows,
    )
    result["refusals"] = dict(sorted(tally.refusals.items()))
    result["counters"] = options.counters
    if options.schemes:
        result["planted"] = planting.summary(tally.truth)
    if options.truth:
        planting.write(options.truth, tally.truth)
        result["truth"] = len(tally.truth)
    if options.export:
        from setara.site.day import export

        result["exported"] = export.write(options.export, people.office, tally.people)
    return result


def _stage(options: DayOptions) -> tuple[date, Cast]:
    """The day and who plays in it: in an office made now, or in the demo office that the database holds.

    Raises UsageError when the day cannot be played there.
    """
    from setara.kernel import clock
    from setara.ledger.service import By
    from setara.offices.service import Office, calendar_of
    from setara.site.day import demo_office, summary

    wanted = options.date or clock.now().date() + timedelta(days=1)
    fresh = not demo_office.exists()
    with clock.using(clock.ManualClock(datetime.combine(wanted - timedelta(days=40), time.min, UTC))):
        if fresh:
            demo_office.build(counters=options.counters, applicants=options.applicants, opening=wanted)
        office = Office.objects.get(code=demo_office.CODE)
        if not office.is_demo:
            raise UsageError("This database holds a real office; a played day belongs into a demo one.")
        calendar = calendar_of(office)
        if options.date is None:
            wanted = summary.next_free(office, wanted - timedelta(days=1))
        elif not calendar.is_working_day(wanted):
            raise UsageError(
                f"{wanted} is no working day of the office; the next one is {calendar.add_working_days(wanted, 1)}."
            )
        elif not summary.is_free(office, wanted):
            raise UsageError(
                f"{wanted}, or a day on which its passports would be handed out, is in this database already. "
                f"The next day that can be played is {summary.next_free(office, wanted)}."
            )
        try:
            people = demo_office.load(options.counters)
        except KeyError:
            raise UsageError(
                f"The office in this database has fewer than {options.counters} counters: give a smaller --counters."
            ) from None
        if not fresh:
            demo_office.restock(By(demo_office.PLAYER), office, options.applicants)
    return wanted, people


@contextlib.contextmanager
def _progress(total: int) -> Iterator[Any]:
    """A progress bar on standard error; silent when that is not a terminal."""
    if not sys.stderr.isatty():
        yield lambda _n: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed} operations"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Playing the day", total=total)
        yield lambda n: bar.advance(task, n)


def write(options: DayOptions, result: dict[str, Any], name: str) -> None:
    """The JSON document where asked for, the table for people otherwise; where the day is kept, on stderr."""
    if options.json:
        write_json(options.json, "day", result, seed=options.seed)
    if options.json != "-":
        sys.stdout.write(table(result, options.seed) + "\n")
    if options.keep or options.into:
        say(f"The day is kept in the database {name}: {database.url(name)}")
    if options.export:
        say(f"{result['exported']} rows written to {options.export}")
    if options.truth:
        say(f"{result['truth']} attempts written to {options.truth}")


def table(result: dict[str, Any], seed: int) -> str:
    """The summary in lines of text: plain, so that it reads well in a log and by a screen reader."""
    lines = [
        f"Office {result['office']}, {result['date']}, {result['counters']} counters, seed {seed}",
        f"  applicants {result['applicants']}, arrived {result['arrived']}, no-shows {result['no_shows']}",
        f"  served {result['served']}, sent back for papers {result['sent_back']}, not served {result['not_served']}",
        f"  files finished {result['finished']}",
        f"  promise kept in {result['promise_kept']} of {result['promise_counted']} files with a due date",
        f"  calls {result['calls']}, out of turn {result['out_of_turn']}",
        "",
        f"  {'step':<16}{'lane':<12}{'served':>7}{'wait p50':>10}{'wait p90':>10}{'service':>9}  (minutes)",
    ]
    for row in result["steps"]:
        lines.append(
            f"  {row['step']:<16}{row['lane']:<12}{row['served']:>7}"
            f"{_minutes(row['wait_p50']):>10}{_minutes(row['wait_p90']):>10}{_minutes(row['service_p50']):>9}"
        )
    lines += [
        "",
        f"  {result['operations']} operations in {result['seconds']} s = {result['operations_per_second']} a second",
        f"  {result['events']} events written, digest {result['events_digest']}",
    ]
    if result.get("planted"):
        lines += [
            "",
            f"  {'planted':<20}{'tried':>7}{'done':>7}{'refused':>9}{'no gain':>9}{'no chance':>11}",
        ]
        for slug, row in result["planted"].items():
            came = f"{row['done']:>7}{row['refused']:>9}{row['no_gain']:>9}{row['no_chance']:>11}"
            lines.append(f"  {slug:<20}{row['tried']:>7}{came}")
        lines.append("")
    if result["refusals"]:
        lines.append(
            "  refusals in the play: " + ", ".join(f"{k} {v}" for k, v in result["refusals"].items())
        )
    return "\n".join(lines)


def _minutes(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds / 60:.1f}"
