"""``setara replay``: who should have been called, computed from the record of a day."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from setara.site.commands.common import FAIL_ON, OFFICE, JsonOption, UsageError, office_ready


class FailOn(StrEnum):
    """What can end the command with exit code 3."""

    any = "any"
    unproven = "unproven"
    disagreement = "disagreement"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=OFFICE)(replay)


def replay(
    on: Annotated[
        datetime,
        typer.Option("--date", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="The day to replay."),
    ],
    office: Annotated[str, typer.Option(metavar="CODE", help="Whose day.")] = "depok",
    database: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="A database kept by setara day. Default: the office's own."),
    ] = None,
    json: JsonOption = None,
    fail_on: Annotated[
        list[FailOn] | None,
        typer.Option(
            "--fail-on",
            help="Exit code 3 when a call was not the rule's choice (any), was so without proof and approval "
            "(unproven), or when record and rule disagree (disagreement). Can be given again.",
        ),
    ] = None,
) -> None:
    """Ask the rule again at every call of a day and list the calls that were not its choice.

    Only the recorded events are read. It says too whether each recorded choice is the one that the rule gives: a
    record that was doctored afterwards is found out.
    """
    office_ready(database)
    from setara.site import replay as replaying
    from setara.site.output import write_json

    try:
        found = replaying.result(replaying.read(office, on.date()))
    except replaying.NoSuchDayError as error:
        raise UsageError(str(error)) from None
    if json:
        write_json(json, "replay", found)
    if json != "-":
        typer.echo(replaying.table(found))
    met = {
        FailOn.any: bool(found["not_rules_choice"]),
        FailOn.unproven: bool(found["unproven"]),
        FailOn.disagreement: not found["agrees"],
    }
    if any(met[each] for each in fail_on or ()):
        raise typer.Exit(FAIL_ON)
