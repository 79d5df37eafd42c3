"""The audit commands: on anybody's event log, with neither Django nor a database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from setara.site.commands.common import AUDIT, FAIL_ON, OK, DatabaseOption, JsonOption, UsageError


@dataclass(frozen=True, slots=True)
class AuditOptions:
    """What ``setara audit`` was asked for, as it was written on the command line."""

    log: Path | None
    mapping: tuple[str, ...]
    rule: str
    model: Path | None
    object_type: str | None
    by: tuple[str, ...]
    strata: tuple[str, ...]
    min_effect: float
    honest_error: float
    seed: int
    lang: str
    json: str | None
    html: Path | None
    evidence: Path | None
    office: str | None
    begin: datetime | None
    end: datetime | None
    database: str | None


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command(rich_help_panel=AUDIT)(audit)


def audit(
    log: Annotated[
        Path | None,
        typer.Argument(metavar="LOG", help="CSV, Parquet, XES, XES.gz or OCEL 2.0 (JSON, SQLite)."),
    ] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="ROLE=COLUMN", help="Which column is which, where it is not guessed."),
    ] = None,
    rule: Annotated[
        str,
        typer.Option(metavar="RULE", help="fcfs, priority:LANE[,max-in-a-row=N] or pack:NAME."),
    ] = "fcfs",
    model: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The standard path: a service pack or a state machine in TOML. Default: found.",
        ),
    ] = None,
    object_type: Annotated[
        str | None, typer.Option(metavar="TYPE", help="OCEL only: the type of object whose path is a case.")
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(metavar="ATTR", help="Compare the groups of this attribute; repeatable."),
    ] = None,
    strata: Annotated[
        list[str] | None, typer.Option(metavar="ATTR", help="Compare inside these; repeatable.")
    ] = None,
    min_effect: Annotated[
        float,
        typer.Option(
            min=0, max=1, help="Smallest difference of shares worth a look; durations 2.5 times it."
        ),
    ] = 0.02,
    honest_error: Annotated[
        float, typer.Option(min=0, max=0.5, help="Share of calls that honest people get wrong.")
    ] = 0.002,
    json: JsonOption = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the report as one HTML file.")
    ] = None,
    evidence: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write all evidence as Parquet files into DIR.")
    ] = None,
    fail_on: Annotated[
        str | None, typer.Option(metavar="attention", help="Exit with 3 when something is worth a look.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same figures.")] = 1,
    lang: Annotated[str, typer.Option(metavar="LANG", help="Language of the HTML report: id or en.")] = "id",
    office: Annotated[
        str | None, typer.Option(metavar="CODE", help="Audit this office's own database instead of a file.")
    ] = None,
    begin: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="With --office: first day."),
    ] = None,
    end: Annotated[
        datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="With --office: last day."),
    ] = None,
    database: DatabaseOption = None,
) -> None:
    """Who was served out of turn, by whom, and whether groups are treated alike: in the log of any office."""
    if (log is None) == (office is None):
        raise UsageError("Name one log file, or an office with --office CODE --from DAY --to DAY.")
    if office is not None and (begin is None or end is None or begin > end):
        raise UsageError("--office needs --from and --to, the first and the last day, in this order.")
    if office is None and (begin or end):
        raise UsageError("--from and --to go with --office.")
    if office is None and database:
        raise UsageError("--database goes with --office.")
    if fail_on not in {None, "attention"}:
        raise UsageError(f"--fail-on {fail_on} is not known. Write --fail-on attention.")
    if lang not in {"id", "en"}:
        raise UsageError(f"--lang {lang} is not known. Write id or en.")
    from setara.site.commands import auditing

    options = AuditOptions(
        log=log,
        mapping=tuple(mapping or ()),
        rule=rule,
        model=model,
        object_type=object_type,
        by=tuple(by or ()),
        strata=tuple(strata or ()),
        min_effect=min_effect,
        honest_error=honest_error,
        seed=seed,
        lang=lang,
        json=json,
        html=html,
        evidence=evidence,
        office=office,
        begin=begin,
        end=end,
        database=database,
    )
    worth_a_look = auditing.run(options)
    raise typer.Exit(FAIL_ON if fail_on and worth_a_look else OK)
