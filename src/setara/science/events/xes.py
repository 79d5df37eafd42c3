"""XES (IEEE 1849), plain or packed with gzip, read as a stream by expat.

Entities are refused before they are expanded, and nothing is ever fetched: a document type with entities is
either a mistake or an attack ("billion laughs"). Attributes of the trace belong to the case. Attributes inside
attributes stand under ``parent/child``. Global defaults and attributes of the log itself are not events' own.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final
from xml.parsers import expat

import polars as pl

from setara.science.events.errors import LogError
from setara.science.events.raw import Raw
from setara.science.progress import Progress, silent

#: What the standard extensions call the roles.
KNOWN: Final = {
    "activity": "concept:name",
    "time": "time:timestamp",
    "resource": "org:resource",
    "lifecycle": "lifecycle:transition",
    "instance": "concept:instance",
}
_CASE: Final = "case:concept:name"
_VALUES: Final = frozenset(("string", "date", "int", "float", "boolean", "id", "list", "container"))
_ASIDE: Final = frozenset(("global", "classifier", "extension"))
#: What the lists of OCEL 1.0 and 2.0 in XML are called; their root is <log>, too.
_OF_OCEL: Final = frozenset(("object-types", "event-types", "objects", "events"))
_PIECE: Final = 1 << 18
_REMEDY: Final = "Export the log again without a document type; nothing was read."


class _Column:
    """The values of one attribute, only where there are any."""

    __slots__ = ("rows", "values")

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.values: list[str] = []

    def series(self, height: int) -> pl.Series:
        """The column in full; the first value counts where a row states several."""
        if len(self.rows) == height and (not height or self.rows[-1] == height - 1):
            return pl.Series(self.values, dtype=pl.String)
        # Written from the last to the first, so that the first stays.
        whole: list[str | None] = [None] * height
        for row, value in zip(reversed(self.rows), reversed(self.values), strict=True):
            whole[row] = value
        return pl.Series(whole, dtype=pl.String)


class _Reader:
    """Gathers what the parser meets, column by column."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.ordered_attributes = True
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.StartDoctypeDeclHandler = self.doctype
        self.parser.EntityDeclHandler = self.entity
        self.parser.SkippedEntityHandler = self.skipped
        self.parser.ExternalEntityRefHandler = self.external
        self.root = ""
        self.ocel = False
        self.events = 0
        self.traces = 0
        self.columns: dict[str, _Column] = {}
        self.of_trace: dict[str, list[str | None]] = {}
        self.trace_of: list[int] = []
        self.lines: list[int] = []
        self.classifier = ""
        self.nested = 0
        self._aside = 0
        self._path: list[str] = []
        self._in_trace = self._in_event = False

    def doctype(self, _name: str, system: str | None, *_: Any) -> None:
        """A document type that stands elsewhere: its entities would be dropped in attributes without a word."""
        if system is not None:
            self._refuse(
                f"refers to the document type '{system}', which may declare entities; that is refused"
            )

    def entity(self, name: str, *_: Any) -> None:
        """Entities are refused where they are declared, before any could be used."""
        self._refuse(f"declares the entity '{name}'; entities are refused")

    def skipped(self, name: str, *_: Any) -> None:
        """An entity that is declared outside the file."""
        self._refuse(f"uses the entity '{name}'; entities are refused")

    def external(self, *_: Any) -> int:
        """Never reached unless a way around the two above exists."""
        self._refuse("refers to another file; that is refused")
        return 0

    def _refuse(self, words: str) -> None:
        line = self.parser.CurrentLineNumber
        raise LogError(f"line {line} {words}.", _REMEDY, line=line)

    def start(self, tag: str, written: list[str]) -> None:
        """An element begins. ``written``: its attributes as name, value, name, value."""
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        if self._aside:
            self._aside += tag in _ASIDE
        elif tag in _VALUES:
            self._value(written)
        elif tag == "event":
            self._in_event = True
            self.trace_of.append(self.traces - 1)
            self.lines.append(self.parser.CurrentLineNumber)
            self.events += 1
        elif tag == "trace":
            self._in_trace = True
            self.traces += 1
        elif tag in _ASIDE:
            self._aside = 1
            if tag == "classifier" and not self.classifier:
                self.classifier = dict(zip(written[::2], written[1::2], strict=True)).get("keys", "")
        elif not self.root:
            self.root = tag
        elif tag in _OF_OCEL:
            self.ocel = True

    def _value(self, written: list[str]) -> None:
        key = value = ""
        for at in range(0, len(written), 2):
            if written[at] == "key":
                key = written[at + 1]
            elif written[at] == "value":
                value = written[at + 1]
        path = self._path
        if path:
            key = f"{path[-1]}/{key}"
            self.nested += 1
        path.append(key)
        if not value:
            return
        if self._in_event:
            column = self.columns.get(key)
            if column is None:
                column = self.columns[key] = _Column()
            column.rows.append(self.events - 1)
            column.values.append(value)
        elif self._in_trace:
            told = self.of_trace.setdefault(key, [])
            told.extend([None] * (self.traces - len(told)))
            if told[-1] is None:
                told[-1] = value

    def end(self, tag: str) -> None:
        """An element ends."""
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        if self._aside:
            self._aside -= tag in _ASIDE
        elif tag in _VALUES:
            self._path.pop()
        elif tag == "event":
            self._in_event = False
        elif tag == "trace":
            self._in_trace = False

    def table(self) -> tuple[pl.DataFrame, frozenset[str]]:
        """All events, and the names of the columns that belong to the case."""
        trace = pl.Series(self.trace_of, dtype=pl.UInt32)
        columns: dict[str, pl.Series] = {}
        for key, told in self.of_trace.items():
            told.extend([None] * (self.traces - len(told)))
            columns[f"case:{key}"] = pl.Series(told, dtype=pl.String).gather(trace)
        of_case = frozenset(columns)
        for key, column in self.columns.items():
            columns[key] = column.series(self.events)
        return pl.DataFrame(columns), of_case


def read(path: Path, progress: Progress = silent) -> Raw:
    """The table of an XES file. Raises :class:`LogError` with the line."""
    reader = _Reader()
    try:
        done = 0
        for piece in _pieces(path):
            reader.parser.Parse(piece, False)
            done += len(piece)
            progress("reading the events", reader.events)
        reader.parser.Parse(b"", True)
    except expat.ExpatError as wrong:
        words = expat.ErrorString(wrong.code)
        raise LogError(
            f"{path.name}, line {wrong.lineno}: {words}.", "The XML is not well-formed.", line=wrong.lineno
        ) from wrong
    except LogError as wrong:
        raise LogError(f"{path.name}, {wrong.message}", str(wrong.remedy), line=wrong.line) from None
    except (OSError, EOFError, zlib.error) as wrong:
        raise LogError(f"{path.name} is damaged: {wrong}.", "Copy it again from its source.") from wrong
    return _raw(path, reader)


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    with _opened(path, packed=packed) as file:
        while piece := file.read(_PIECE):
            yield piece


def _opened(path: Path, *, packed: bool) -> IO[bytes]:
    return gzip.open(path, "rb") if packed else path.open("rb")  # type: ignore[return-value]


def _raw(path: Path, reader: _Reader) -> Raw:
    if reader.root != "log":
        raise LogError(f"{path.name} is XML, but its root is <{reader.root}>, not <log>: it is no XES.")
    if reader.ocel and not reader.traces:
        raise LogError(
            f"{path.name} is OCEL in XML (1.0 or 2.0), which is not read.",
            "Export it as OCEL 2.0 in JSON or SQLite.",
        )
    if not reader.events:
        raise LogError(f"{path.name} holds {reader.traces} traces and no event.")
    if not reader.columns and not reader.of_trace:
        where = reader.lines[0]
        raise LogError(
            f"{path.name}, line {where}: no event and no trace has any attribute.",
            "An event has at least concept:name and time:timestamp.",
            line=where,
        )
    if min(reader.trace_of) < 0:
        raise LogError(
            f"{path.name}, line {reader.lines[reader.trace_of.index(-1)]}: an event stands outside every trace.",
            "In XES each event stands inside the trace of its case.",
            line=reader.lines[reader.trace_of.index(-1)],
        )
    table, of_case = reader.table()
    notes = []
    known = dict(KNOWN)
    if _CASE in table.columns and table[_CASE].null_count() == 0:
        known["case"] = _CASE
    else:
        known["case"] = _unnamed(reader)
        names = pl.Series([f"trace {one + 1}" for one in range(reader.traces)])
        table = table.with_columns(
            names.gather(pl.Series(reader.trace_of, dtype=pl.UInt32)).alias(known["case"])
        )
        notes.append("Traces without a name are called by their number in the file.")
    keys = [key for key in reader.classifier.split() if key in table.columns and key != KNOWN["lifecycle"]]
    if KNOWN["activity"] not in table.columns and len(keys) == 1:
        known["activity"] = keys[0]
        notes.append(f"The events have no concept:name; the classifier's '{keys[0]}' is the activity.")
    lines = reader.lines
    return Raw(
        table.lazy(),
        path.name,
        known=known,
        line=lambda row: f"line {lines[row]}",
        streams=False,
        case_columns=of_case,
        notes=tuple(notes),
    )


def _unnamed(reader: _Reader) -> str:
    """A column name for the number of the trace that nobody else uses."""
    name = "trace"
    while name in reader.columns:
        name += "_"
    return name
