"""How long work tells how far it is, without knowing who watches."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called with what is being done, how much is done, and of how much (None: not known)."""

    def __call__(self, doing: str, done: int, of: int | None = None) -> None: ...


def silent(doing: str, done: int, of: int | None = None) -> None:
    """Nobody watches."""
