"""``setara init``, ``setara day`` and ``setara serve``: an office and its days."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from setara.site.commands.common import OFFICE, JsonOption, UsageError, django_ready


@dataclass(frozen=True, slots=True)
class DayOptions:
    """What ``setara day`` was asked for; ``speed`` None: no waiting, ``json`` ``-``: standard output."""

    office: str
    date: date | None
    applicants: int
    counters: int
    seed: int
    json: str | None
    export: Path | None
    speed: float | None
    keep: bool
    into: str | None
    schemes: dict[str, float] = field(default_factory=dict)
    truth: Path | None = None


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command(rich_help_panel=OFFICE)(serve)
    app.command(rich_help_panel=OFFICE)(init)
    app.command(rich_help_panel=OFFICE)(day)


def serve() -> None:
    """Run the office until Ctrl-C: database, web, live boards and background work.

    PORT (8000), LIVE_PORT (PORT + 1000), SETARA_HOST (127.0.0.1) and SETARA_HOME (the data folder) are read
    from the environment. SETARA_DEMO=1 runs the demo office with its simulated people.
    """
    from setara.site import supervisor

    raise typer.Exit(supervisor.main())


def init(
    office: Annotated[str, typer.Option("--office", metavar="CODE", help="Short code, such as depok.")],
    name: Annotated[str | None, typer.Option(help="The office's full name. Default: from the code.")] = None,
    timezone: Annotated[
        str, typer.Option(help="Asia/Jakarta (WIB), Asia/Makassar (WITA) or Asia/Jayapura (WIT).")
    ] = "Asia/Jakarta",
    service: Annotated[
        str, typer.Option(metavar="NAME", help="The service it gives: the name of a service pack.")
    ] = "paspor",
) -> None:
    """Make a real, empty office and a one-time link with which its first administrator signs in."""
    from setara.rules import packs
    from setara.site.output import say

    zones = ("Asia/Jakarta", "Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura")
    if timezone not in zones:
        raise UsageError(
            f"The time zone {timezone} is not an Indonesian one. Choose one of: {', '.join(zones)}."
        )
    if service not in (known := packs.services()):
        raise UsageError(f"There is no service pack {service!r}. Choose one of: {', '.join(sorted(known))}.")
    django_ready()
    from setara.site.commands import init_office

    link = init_office.run(office, name, timezone, service)
    say("The office is made. The first administrator opens this link once and sets a password:")
    typer.echo(link)


def day(
    office: Annotated[str, typer.Option(metavar="CODE", help="Which office to play.")] = "depok",
    on: Annotated[
        datetime | None,
        typer.Option("--date", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="The day of the visits."),
    ] = None,
    applicants: Annotated[int, typer.Option(min=1, help="How many people have a seat that day.")] = 200,
    counters: Annotated[int, typer.Option(min=1, help="How many counters are open.")] = 8,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same day.")] = 1,
    json: JsonOption = None,
    export: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Event log as .parquet or .xes for process mining.")
    ] = None,
    speed: Annotated[
        float | None,
        typer.Option(min=0.1, help="Virtual seconds in a second (60: a minute). Default: no wait."),
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the database the day was played in.")] = False,
    into: Annotated[
        str | None, typer.Option(metavar="NAME", help="Play into this database; a day it has is refused.")
    ] = None,
    scheme: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SLUG:RATE",
            help="Try this way of being preferred for a share of the applicants; can be given again.",
        ),
    ] = None,
    truth: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write what was planted, and what came of it, as .parquet or .json."
        ),
    ] = None,
) -> None:
    """Drive one whole office day through the real operations on a virtual clock."""
    options = DayOptions(
        office=office,
        date=on.date() if on else None,
        applicants=applicants,
        counters=counters,
        seed=seed,
        json=json,
        export=export,
        speed=speed,
        keep=keep,
        into=into,
        schemes=_schemes(scheme or []),
        truth=truth,
    )
    _possible(options)
    from setara.site.day import command

    raise typer.Exit(command.run(options) or 0)


def _possible(options: DayOptions) -> None:
    """UsageError for files of an unknown format, and for databases that cannot be named so."""
    for file, endings in ((options.export, (".parquet", ".xes")), (options.truth, (".parquet", ".json"))):
        if file is not None and file.suffix not in endings:
            raise UsageError(
                f"{file} must end in {' or '.join(endings)}: the ending says which format is meant."
            )
    if options.keep and options.into:
        raise UsageError("--keep and --into exclude each other: a database named with --into always stays.")
    if options.into is not None and not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", options.into):
        raise UsageError(
            f"{options.into!r} is no name for a database: small letters, digits and _, 63 at most."
        )


def _schemes(wanted: list[str]) -> dict[str, float]:
    """The schemes to plant with their shares; UsageError for one that cannot be, or shares beyond all applicants."""
    from setara.rules import schemes

    found: dict[str, float] = {}
    for text in wanted:
        try:
            slug, rate = schemes.parse(text, schemes.DAY)
        except ValueError as error:
            raise UsageError(f"--scheme {text}: {error}") from None
        if slug in found:
            raise UsageError(f"--scheme {slug} is given twice.")
        found[slug] = rate
    if sum(found.values()) > 1 + 1e-9:
        raise UsageError("The shares of all schemes together are more than all applicants: one each at most.")
    return found
