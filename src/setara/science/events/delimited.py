"""CSV in all its dialects: separators, encodings, byte order marks, gzip. Nothing is guessed about values here.

The file is scanned, never held as text: what is read of a 2 GB file is only what the columns become.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import itertools
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

import polars as pl

from setara.science.events.errors import LogError
from setara.science.events.raw import Raw
from setara.science.progress import Progress, silent

_SEPARATORS: Final = (",", ";", "\t", "|")
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: What old systems of western Europe and Indonesia write; every byte has a meaning in the second.
_OLD: Final = ("cp1252", "latin-1")
_PIECE: Final = 1 << 22


def read(path: Path, progress: Progress = silent) -> Raw:
    """The table of a CSV file, all columns as text. Raises :class:`LogError`."""
    plain, notes = _utf8(path, progress)
    with plain.open("r", encoding="utf-8-sig", newline="") as file:
        head = list(itertools.islice(file, 50))
    if not "".join(head).strip():
        raise LogError(
            f"{path.name} is empty.", "A log needs a line of column names and a row for each event."
        )
    separator = _separator(head)
    skip = sum(1 for _ in itertools.takewhile(lambda line: not line.strip(), head))
    if head[skip].lower().startswith("sep="):  # what Excel writes for itself
        separator, skip = head[skip].strip()[4:] or separator, skip + 1
    try:
        table = pl.scan_csv(
            plain,
            separator=separator,
            skip_lines=skip,
            infer_schema=False,
            null_values=[""],
            raise_if_empty=True,
            low_memory=True,
        )
        names = table.collect_schema().names()
    except pl.exceptions.PolarsError as wrong:
        raise LogError(f"{path.name} cannot be read as CSV: {_first(wrong)}") from wrong
    if len(names) == 1:
        raise LogError(
            f"{path.name} has only one column, '{names[0][:60]}': no comma, semicolon, tab or bar parts it.",
            "If this is a log of another format, give the file its usual ending.",
        )
    # The temporary copy lives as long as somebody may still scan it.
    if plain != path:
        weakref.finalize(table, plain.unlink, missing_ok=True)
    return Raw(
        table,
        path.name,
        line=lambda row: f"line {_line(plain, row + skip + 1)}",
        fault=lambda wrong: fault(path, wrong),
        decimal_comma=separator != ",",
        notes=tuple(notes),
    )


def fault(path: Path, wrong: Exception) -> LogError:
    """The fault that made polars stop, found again line by line so that it can be shown."""
    begun = 1
    try:
        plain, _ = _utf8(path, silent)
        with plain.open("r", encoding="utf-8-sig", newline="") as file:
            separator = _separator(list(itertools.islice(file, 50)))
            file.seek(0)
            rows = csv.reader(file, delimiter=separator, strict=True)
            width = len(next(row for row in rows if row and not row[0].lower().startswith("sep=")))
            begun = rows.line_num + 1
            for row in rows:
                if len(row) > width:
                    return LogError(
                        f"{path.name}, line {begun}: {len(row)} fields, but the first line names {width} columns.",
                        "Put texts that hold the separator in quotation marks.",
                        line=begun,
                    )
                begun = rows.line_num + 1
    except (csv.Error, OSError, StopIteration) as why:
        return LogError(
            f"{path.name}, line {begun}: {why}.",
            "A quotation mark is opened here and not closed, or stands inside a text.",
            line=begun,
        )
    return LogError(f"{path.name} cannot be read as CSV: {_first(wrong)}")


def _first(wrong: Exception) -> str:
    return str(wrong).strip().splitlines()[0]


def _separator(head: list[str]) -> str:
    """The separator that parts the first lines into most columns, the same number in each."""
    best, most = ",", 0
    for separator in _SEPARATORS:
        rows = [len(row) for row in csv.reader(head[:-1] or head, delimiter=separator) if row]
        usual = max(set(rows), key=rows.count, default=1)
        score = usual * rows.count(usual)
        if usual > 1 and score > most:
            best, most = separator, score
    return best


def _line(path: Path, row: int) -> int:
    """The line (from 1) on which a record (0: the header) begins: records may hold line breaks."""
    with path.open("r", encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        before = 1
        for number, _ in enumerate(reader):
            if number == row:
                return before
            before = reader.line_num + 1
    return row + 1


def _utf8(path: Path, progress: Progress) -> tuple[Path, list[str]]:
    """The file itself where it is UTF-8, else a copy that is; and what is to be said about it."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    encoding = _encoding(path, packed, progress)
    with _opened(path, packed) as file:
        begin = file.read(_PIECE)
    returns = b"\r" in begin and b"\n" not in begin  # how lines ended on old Macs
    if not packed and not returns and encoding in {"utf-8", "utf-8-sig"}:
        return path, []
    said = [] if encoding.startswith("utf-8") else [f"The file is not UTF-8; it was read as {encoding}."]
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="", suffix=".csv", delete=False) as copy:
        text = io.TextIOWrapper(
            _opened(path, packed), encoding=encoding, errors="replace", newline=None if returns else ""
        )
        while piece := text.read(_PIECE):
            copy.write(piece)
    return Path(copy.name), said


def _opened(path: Path, packed: bool) -> IO[bytes]:
    return gzip.open(path, "rb") if packed else path.open("rb")  # type: ignore[return-value]


def _pieces(path: Path, packed: bool) -> Iterator[bytes]:
    with _opened(path, packed) as file:
        while piece := file.read(_PIECE):
            yield piece


def _encoding(path: Path, packed: bool, progress: Progress) -> str:
    total = None if packed else path.stat().st_size
    decoder = codecs.getincrementaldecoder("utf-8")()
    done = 0
    try:
        for piece in _pieces(path, packed):
            if not done:
                for mark, name in _MARKS:
                    if piece.startswith(mark):
                        return name
                if b"\0" in piece[:1000]:
                    raise LogError(f"{path.name} is neither text nor a format that is known.")
            decoder.decode(piece)
            done += len(piece)
            progress("checking the text", done, total)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return _OLD[0]
    except (gzip.BadGzipFile, EOFError, OSError) as wrong:
        raise LogError(
            f"{path.name} is damaged: {_first(wrong)}", "Copy it again from its source."
        ) from wrong
    return "utf-8"
