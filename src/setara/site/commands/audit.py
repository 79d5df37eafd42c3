"""The audit commands: on anybody's event log, with neither Django nor a database."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
