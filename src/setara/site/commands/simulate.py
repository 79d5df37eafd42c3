"""Commands that make a world with known truth: a simulated log, and how well favouritism is found in many."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from setara.site.commands.common import AUDIT, JsonOption, UsageError, shown_progress

if TYPE_CHECKING:
    import polars as pl

    from setara.science.simulate.office import World

SUFFIXES = (".parquet", ".csv")


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("simulate", rich_help_panel=AUDIT)(simulate)
    group = typer.Typer(help="Measure what is promised, on worlds with known truth.", no_args_is_help=True)
    group.command("fairness")(benchmark_fairness)
    app.add_typer(group, name="benchmark", rich_help_panel=AUDIT)


def simulate(
    out: Annotated[
        Path, typer.Option(help="The log: .parquet or .csv. setara audit reads it without --map.")
    ],
    truth: Annotated[
        Path,
        typer.Option(help="What is true of it: .parquet or .csv; every call that was not the rule's choice."),
    ],
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 1,
    days: Annotated[int, typer.Option(min=1, help="Working days.")] = 20,
    applicants: Annotated[int, typer.Option(min=1, help="People who apply, a day and office.")] = 200,
    offices: Annotated[int, typer.Option(min=1, help="Offices.")] = 1,
    scheme: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SLUG:RATE",
            help="Plant a scheme on this share of the applicants, on days when its officer sits. Repeatable. "
            "SLUG: single-jump, escort, false-reason, false-priority, off-hours, skipped-interview, slow-walk, pair, "
            "quota-leak, broker, adaptive.",
        ),
    ] = None,
    honest_error: Annotated[
        float, typer.Option(min=0, max=0.5, help="Share of calls that pass somebody by mistake.")
    ] = 0.002,
    json: JsonOption = None,
) -> None:
    """Simulate an office with planted favours: an event log, and the truth to hold detectors against.

    The rule is that of the passport pack. People come over the morning, some before others by right; some do not
    answer, are sent for a paper and come another day; officers take breaks and make honest mistakes.
    """
    from setara.science.simulate.logs import generate

    _targets(out, truth)
    world = _world(applicants, offices, days, honest_error, rates(scheme or []))
    with shown_progress() as progress:
        log, known = generate(world, seed, progress)
    for path, table in ((out, log), (truth, known)):
        _write(path, table)
    body = _told(world, out, log, truth, known)
    if json:
        from setara.site.output import write_json

        write_json(json, "simulate", body, seed=seed)
    if json != "-":
        causes = ", ".join(f"{n} {cause}" for cause, n in body["truth"]["by_cause"].items())
        typer.echo(f"{out}: {log.height} rows of {body['log']['cases']} cases.")
        typer.echo(f"{truth}: {known.height} rows ({causes or 'nothing out of turn'}).")


def _targets(out: Path, truth: Path) -> None:
    for path in (out, truth):
        if path.suffix not in SUFFIXES:
            raise UsageError(f"{path.name}: write .parquet or .csv.")
    if out.resolve() == truth.resolve():
        raise UsageError("--out and --truth are the same file.")


def _world(applicants: int, offices: int, days: int, honest_error: float, schemes: dict[str, float]) -> World:
    from setara.science.simulate.office import World

    try:
        return World(
            applicants=applicants, offices=offices, days=days, honest_error=honest_error, schemes=schemes
        )
    except ValueError as error:
        raise UsageError(str(error)) from error


def _told(world: World, out: Path, log: pl.DataFrame, truth: Path, known: pl.DataFrame) -> dict[str, Any]:
    """What was made, for the JSON document; schemes of which nothing came are named on standard error."""
    from setara.site.output import say

    favours = known.filter(known["cause"] == "favour")
    by_scheme = dict(favours["scheme"].value_counts(sort=True).iter_rows())
    for name in world.schemes:
        if name not in by_scheme:
            say(
                f"Nothing came of {name}: its officer did not sit, or nobody was passed. Try more days or applicants."
            )
    return {
        "log": {"file": str(out), "rows": log.height, "cases": log["case"].n_unique()},
        "truth": {
            "file": str(truth),
            "rows": known.height,
            "by_cause": dict(known["cause"].value_counts(sort=True).iter_rows()),
            "by_scheme": by_scheme,
        },
        "world": {
            "days": world.days,
            "applicants": world.applicants,
            "offices": world.offices,
            "honest_error": world.honest_error,
            "schemes": dict(world.schemes),
        },
    }


def rates(texts: Sequence[str]) -> dict[str, float]:
    """``SLUG:RATE`` texts as numbers; UsageError for what is none."""
    found: dict[str, float] = {}
    for text in texts:
        name, colon, rate = text.rpartition(":")
        try:
            value = float(rate)
        except ValueError:
            value = -1.0
        if not colon or not 0 <= value <= 1:
            raise UsageError(
                f"{text!r}: write --scheme SLUG:RATE, such as single-jump:0.01; RATE from 0 to 1."
            )
        if name in found:
            raise UsageError(f"The scheme {name} is given twice.")
        found[name] = value
    return found


def _write(path: Path, table: pl.DataFrame) -> None:
    from setara.site.output import atomic

    with atomic(path) as file:
        if path.suffix == ".csv":
            table.write_csv(file)
        else:
            table.write_parquet(file)


def benchmark_fairness(
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same figures.")] = 1,
    quick: Annotated[
        bool, typer.Option("--quick", help="A tiny run, to see that it works; no measurement.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write tables.md and charts into this folder.")
    ] = None,
    json: JsonOption = None,
) -> None:
    """Measure how often favouritism is found, how soon, and how often honest people are listed.

    Simulated office-months: power, false discoveries and delay with intervals, also where the audit assumes
    wrongly, and the classical measures beside. The full run takes about a quarter of an hour.
    """
    from setara.science.fairness_bench import protocol, report

    command = f"setara benchmark fairness --seed {seed}{' --quick' if quick else ''}"
    if out is not None and out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file; --out names a folder.")
    with shown_progress() as progress:
        results = protocol.run(seed, quick=quick, progress=progress)
    if out is not None:
        from setara.site.output import atomic

        out.mkdir(parents=True, exist_ok=True)
        for name, text in report.files(
            results, f"{command} --out {out.name if out.is_absolute() else out}"
        ).items():
            with atomic(out / name) as file:
                file.write(text.encode())
    if json:
        from setara.site.output import write_json

        write_json(json, "benchmark-fairness", results.as_dict(), seed=seed)
    if json != "-":
        typer.echo(report.tables(results, command))
