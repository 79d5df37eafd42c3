"""``setara db``, ``backup``, ``restore`` and ``manage``: keeping an office running."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from setara.site.commands.common import (
    FAILED,
    OPERATIONS,
    JsonOption,
    UsageError,
    django_ready,
)

db = typer.Typer(help="The office's database server.", no_args_is_help=True, rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.add_typer(db, name="db", rich_help_panel=OPERATIONS)
    app.command(rich_help_panel=OPERATIONS)(backup)
    app.command(rich_help_panel=OPERATIONS)(restore)
    passed_on = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
    app.command(rich_help_panel=OPERATIONS, context_settings=passed_on)(manage)


@db.command()
def url() -> None:
    """Print the address at which the application's own role connects; psql takes it as it is."""
    from setara.site import database
    from setara.site.output import say

    if database.ensure_server():
        say("The database server was not up; it is started. Stop it with: setara db stop")
    if not database.exists(database.database_name()):
        database.prepare()
    typer.echo(database.url())


@db.command()
def start() -> None:
    """Start the server and bring the database up to date."""
    from setara.site import database
    from setara.site.output import say

    _embedded_only()
    say("Started." if database.ensure_server() else "It is up already.")
    database.prepare()


@db.command()
def stop() -> None:
    """Stop the server. Refused while the office runs: it would be started again at once."""
    from setara.site import postgres, supervisor
    from setara.site.output import say
    from setara.site.places import home

    _embedded_only()
    if supervisor.is_running(home()):
        raise UsageError("The office runs with this data folder; stop it first (Ctrl-C, or SIGTERM).")
    say("Stopped." if postgres.stop(home()) else "It is not up.")


@db.command()
def status(json: JsonOption = None) -> None:
    """Say whether the database can be reached, its version and size; exit code 1 when it cannot."""
    from setara.site import database
    from setara.site.output import say, write_json

    found = database.status()
    if json:
        write_json(json, "db status", found)
    else:
        for key, value in found.items():
            say(f"{key:10} {value}")
    if not found["up"]:
        raise typer.Exit(FAILED)


@db.command()
def migrate() -> None:
    """Bring the database to this version: migrations and grants, also when nothing seems to have changed."""
    from setara.site import database
    from setara.site.output import say

    database.prepare(force=True)
    say(f"The database {database.database_name()} is up to date.")


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The backup to write (a tar file).")],
    with_keys: Annotated[
        bool, typer.Option("--with-keys", help="Put the keys in too: whoever has the file reads all.")
    ] = False,
    json: JsonOption = None,
) -> None:
    """Write one file with all of the office's data, while it runs or not.

    The keys are not in it: keep them apart, for without them personal data in the backup cannot be read.
    """
    from setara.site import backup as task
    from setara.site.output import say, write_json
    from setara.site.places import home

    manifest = task.backup(file, with_keys=with_keys)
    if json:
        write_json(json, "backup", manifest)
    say(f"{file}: {sum(manifest['tables'].values())} rows, digest {manifest['digest'][:16]}")
    if with_keys:
        say("The keys are in the file. Keep it where you would keep the keys.")
    else:
        say(f"The keys are NOT in it. Keep a copy of {home() / 'keys'} apart, or personal data are lost.")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)],
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace the data that are there; they are dropped.")
    ] = False,
    json: JsonOption = None,
) -> None:
    """Bring back a backup, checked against its manifest before it takes the place of the old data."""
    from setara.site import backup as task
    from setara.site.output import say, write_json

    manifest = task.restore(file, replace=replace)
    if json:
        write_json(json, "restore", manifest)
    say(f"Restored and checked: {sum(manifest['tables'].values())} rows, digest {manifest['digest'][:16]}")
    for name in manifest["keys_missing"]:
        say(f"The key {name} is not here: put it into the data folder, or what it closed stays closed.")


def manage(context: typer.Context) -> None:
    """Run a Django management command as the application's role, such as: setara manage shell."""
    if context.args[:1] == ["migrate"]:
        raise UsageError("Use setara db migrate: it works as the owner and gives the grants too.")
    if context.args[:1] not in (["help"], ["makemigrations"], ["makemessages"], ["compilemessages"], []):
        django_ready()
    from django.core.management import execute_from_command_line

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "setara.site.settings")
    execute_from_command_line(["setara manage", *context.args])


def _embedded_only() -> None:
    from setara.site import database

    if database.external():
        raise UsageError("DATABASE_URL is set: that server is started and stopped where it runs.")
