"""`read`: one door for every format, which is told from what the file holds, not from how it is called."""

from __future__ import annotations

import gzip
from collections.abc import Collection, Mapping
from pathlib import Path

import polars as pl

from setara.science.events import delimited, ocel, shaping, tables, xes
from setara.science.events.errors import LogError, LogUseError
from setara.science.events.log import Log
from setara.science.events.raw import Raw
from setara.science.progress import Progress, silent


def read(
    path: Path,
    *,
    mapping: Mapping[str, str] | None = None,
    object_type: str | None = None,
    only: Collection[str] | None = None,
    progress: Progress = silent,
) -> Log:
    """The log in a file: CSV, Parquet, XES, OCEL 2.0 (JSON or SQLite), each also packed with gzip where usual.

    ``mapping``: role -> column, for what is not guessed rightly. ``object_type``: whose path is the case, for
    OCEL only. ``only``: the roles that are wanted, which saves time and memory; other roles and all attributes are
    left out. Raises :class:`LogError` for a file that cannot be read (with the line) and
    :class:`LogUseError` where something must be said first (a column, the object type).
    """
    path = Path(path)
    try:
        raw = _table(path, object_type, progress)
    except FileNotFoundError:
        raise LogUseError(f"There is no file {path}.") from None
    except (IsADirectoryError, PermissionError) as wrong:
        raise LogUseError(f"{path} cannot be opened: {wrong.strerror}.") from None
    except MemoryError:
        raise LogError(f"{path.name} does not fit into the memory of this machine.") from None
    try:
        return shaping.log_of(raw, dict(mapping or {}), only, progress)
    except pl.exceptions.PolarsError as wrong:
        raise raw.fault(wrong) from wrong


def _table(path: Path, object_type: str | None, progress: Progress) -> Raw:
    head = _head(path)
    text = head.removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").lstrip(b"\xff\xfe \t\r\n")
    if text.startswith((b"{", b"[")):
        return ocel.read_json(path, object_type, progress)
    if head.startswith(b"SQLite format 3"):
        return ocel.read_sqlite(path, object_type)
    if object_type is not None:
        raise LogUseError(
            f"{path.name} is not an OCEL log: it has no object types.", "Leave --object-type out."
        )
    if head.startswith(b"PK"):
        raise LogError(
            f"{path.name} is a ZIP or an Excel file.", "Unpack it, or save the sheet as CSV (UTF-8)."
        )
    if head.startswith(b"PAR1"):
        return tables.read(path)
    if text.startswith(b"<"):
        return xes.read(path, progress)
    return delimited.read(path, progress)


def _head(path: Path) -> bytes:
    """The first bytes, unpacked where they are packed, without blanks and byte order mark."""
    if path.is_dir():
        raise LogUseError(f"{path} is a folder.", "Name the file of the log.")
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(b"\x1f\x8b"):
        try:
            with gzip.open(path, "rb") as packed:
                head = packed.read(4096)
        except (OSError, EOFError) as wrong:
            raise LogError(f"{path.name} is damaged: {wrong}.", "Copy it again from its source.") from wrong
    if not head:
        raise LogError(f"{path.name} is empty.")
    return head
