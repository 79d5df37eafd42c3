"""Parquet: the types are the file's own."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from setara.science.events.errors import LogError
from setara.science.events.raw import Raw


def read(path: Path) -> Raw:
    """The table of a Parquet file. Raises :class:`LogError`."""
    try:
        table = pl.scan_parquet(path)
        schema = table.collect_schema()
        rows = table.select(pl.len()).collect().item()
    except (pl.exceptions.PolarsError, OSError) as wrong:
        said = str(wrong).strip().splitlines()[0]
        raise LogError(f"{path.name} is damaged: {said}.", "Copy it again from its source.") from wrong
    if not rows or not schema:
        raise LogError(f"{path.name} is empty: it holds no event.")
    return Raw(table, path.name, clean=True, streams=False)
