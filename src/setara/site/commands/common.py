"""What the commands share: exit codes, options and how they get at Django."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from setara.science.progress import Progress

OK, FAILED, USAGE, FAIL_ON, INTERRUPTED = 0, 1, 2, 3, 130

OFFICE, AUDIT, SURVEY, OPERATIONS = "Office", "Audit", "Survey", "Operations"

JsonOption = Annotated[
    str | None,
    typer.Option("--json", metavar="FILE", help="Write the result as JSON to FILE ('-': standard output)."),
]

DatabaseOption = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="A database kept by setara day. Default: the office's own."),
]


class UsageError(Exception):
    """The command was given something that cannot work; the text says what to give instead. Exit code 2."""


class PanelGroup(TyperGroup):
    """Help with the commands under their panels' headings, in plain text.

    Rich's own help needs another 0.2 s of imports, and its boxes are noise to a screen reader.
    """

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - the base's signature
        """Write one section a panel, commands in the order of their registration."""
        panels: dict[str, list[tuple[str, str]]] = {}
        width = formatter.width - 6 - max(map(len, self.commands))
        for name, command in self.commands.items():
            panel = getattr(command, "rich_help_panel", None) or "Commands"
            panels.setdefault(str(panel), []).append((name, command.get_short_help_str(width)))
        for panel, rows in panels.items():
            with formatter.section(panel):
                formatter.write_dl(rows)


def django_ready(*, prepare: bool = True) -> None:
    """Bring the office's database up to date and Django up, in this process, without a connection pool."""
    from setara.site import database

    os.environ["SETARA_DB_POOL"] = "0"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "setara.site.settings")
    if prepare:
        database.prepare()
    import django

    django.setup()


def office_ready(name: str | None) -> None:
    """Bring Django up on the office's database, or on one that ``setara day`` kept. UsageError if there is none."""
    if name is None:
        django_ready()
        return
    from setara.site import database

    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", name):
        raise UsageError(f"{name!r} is no name for a database: small letters, digits and _, 63 at most.")
    database.ensure_server()
    if not database.exists(name):
        raise UsageError(
            f"There is no database {name!r}. setara day --keep says the name of the one it kept."
        )
    os.environ["SETARA_DB_NAME"] = name
    django_ready()


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """A bar on standard error for long work; in a pipe a line now and then, so that a log stays readable."""
    if not sys.stderr.isatty():
        yield _lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        known: dict[str, Any] = {}

        def tell(doing: str, done: int, of: int | None = None) -> None:
            if doing not in known:
                known[doing] = bars.add_task(doing, total=of)
            bars.update(known[doing], completed=done, total=of)

        yield tell


def _lines(every: float = 10.0) -> Progress:
    """Progress as lines of text, at most one in ``every`` seconds, and none for what is quick."""
    last = time.monotonic()

    def tell(doing: str, done: int, of: int | None = None) -> None:
        nonlocal last
        if (at := time.monotonic()) - last >= every:
            last = at
            sys.stderr.write(f"{doing}: {done}{f' of {of}' if of else ''}\n")
            sys.stderr.flush()

    return tell
