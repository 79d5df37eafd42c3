"""Lifecycles joined into one row an activity instance."""

from __future__ import annotations

import polars as pl


def has(frame: pl.DataFrame) -> bool:
    """Whether the events say in which state of its life an activity is."""
    return "lifecycle" in frame.columns


def joined(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """One row an activity instance."""
    return frame, []
