"""The survey commands: on anybody's answer files, with neither Django nor a database."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
