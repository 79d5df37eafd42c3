"""Tables as offices keep them: CSV in any separator and encoding, XLSX with titles and merged headings, Parquet.

What comes out is a frame with the file's own headings and the number of the row at which the data begin, so that
every message can name the row as the person sees it. Nothing here knows what a column means.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from setara.kernel.words import Words
from setara.science.satisfaction.instruments import BadInput

#: How many rows of the top are looked at to find the headings.
TOP = 25
_SEPARATORS = ";\t|,"
_COMMA = "If numbers have a decimal comma, separate the cells by a semicolon, or put such numbers in quotation marks."


@dataclass(frozen=True, slots=True)
class Table:
    """``frame`` with the headings as columns; its first row stands in row ``first`` of the file (from 1).

    ``typed``: numbers came as numbers (Parquet); otherwise everything is text. ``notes``: what was guessed.
    """

    frame: pl.DataFrame
    first: int
    typed: bool = False
    notes: tuple[Words, ...] = ()


def load(path: str | Path, known: Callable[[str], bool], sheet: str | None = None) -> Table:
    """The table in a file.

    ``known`` says whether a cell is a heading that the caller looks for: the headings are the row at the top with
    most of these. ``sheet``: of a workbook, the sheet's name (otherwise the one with most known headings).
    Raises :class:`BadInput`.
    """
    where = Path(path)
    if not where.is_file():
        raise BadInput(f"There is no file {where}.")
    if where.stat().st_size == 0:
        raise BadInput(f"{where.name} is empty.")
    start = _start(where)
    if start.startswith(b"PAR1"):
        return _parquet(where)
    if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return _workbook(where, known, sheet)
    if where.suffix.lower() in {".parquet", ".xlsx", ".xls", ".xlsm", ".ods"}:
        raise BadInput(
            f"{where.name} is not what its name says: neither a workbook nor Parquet. Save it again."
        )
    raw = _text(where)
    table = _headed(raw, known, where.name)
    bare = [name for name in table.frame.columns[-1:] if name == f"column {raw.width}"]
    if bare and (full := table.frame.get_column(bare[0]).fill_null("").str.strip_chars().ne("")).any():
        row = table.first + int(full.arg_max() or 0)
        raise BadInput(
            f"{where.name}, row {row} has more cells than there are headings (separator of the headings?). "
            f"{_COMMA}"
        )
    return table


def cells(path: str | Path, known: Callable[[str], bool]) -> list[list[str]]:
    """All cells of a CSV file or of the sheet with most known cells, as text; rows may differ in length."""
    where = Path(path)
    if not where.is_file():
        raise BadInput(f"There is no file {where}.")
    start = _start(where)
    if start.startswith(b"PAR1"):
        raise BadInput(f"{where.name}: a published table is read from CSV or XLSX.")
    if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raw, _name, _sheets = _best_sheet(where, known, None)
        return [[str(cell or "").strip() for cell in row] for row in raw.rows()]
    text = _decoded(where.read_bytes(), where.name)
    if not text.strip():
        raise BadInput(f"{where.name} is empty.")
    rows = csv.reader(io.StringIO(text), delimiter=_separator(text) or ",")
    return [[cell.strip() for cell in row] for row in rows]


def _start(where: Path) -> bytes:
    """The first bytes, which say what a file is, whatever its name."""
    with where.open("rb") as file:
        return file.read(8)


def _parquet(where: Path) -> Table:
    try:
        frame = pl.read_parquet(where)
    except Exception as error:  # a damaged file is an answer, whatever Polars calls it
        raise BadInput(f"{where.name} cannot be read as Parquet: {error}") from error
    return Table(frame, 1, typed=True)


def _workbook(where: Path, known: Callable[[str], bool], sheet: str | None) -> Table:
    raw, name, sheets = _best_sheet(where, known, sheet)
    table = _headed(raw, known, f"{where.name}, sheet {name}")
    said = Words(
        id=f"dibaca dari lembar {name!r}, satu dari {sheets}", en=f"read from the sheet {name!r} of {sheets}"
    )
    note = (said,) if sheet is None and sheets > 1 else ()
    return Table(table.frame, table.first, notes=note + table.notes)


def _best_sheet(
    where: Path, known: Callable[[str], bool], sheet: str | None
) -> tuple[pl.DataFrame, str, int]:
    """(the cells of the wanted sheet or of that with most known headings, its name, how many sheets there "
    "are)"""
    import fastexcel

    try:
        book = fastexcel.read_excel(where)
    except Exception as error:
        raise BadInput(f"{where.name} cannot be read as a workbook: {error}") from error
    if sheet is not None and sheet not in book.sheet_names:
        raise BadInput(f"{where.name} has no sheet {sheet!r}; its sheets: {', '.join(book.sheet_names)}.")
    names = [sheet] if sheet is not None else book.sheet_names
    best: tuple[int, str] = (-1, names[0])
    if len(names) > 1:
        for name in names:
            top = _sheet(book, name, TOP)
            found = max((sum(known(cell) for cell in row) for row in _rows(top)), default=0)
            best = max(best, (found, name), key=lambda pair: pair[0])
    return _sheet(book, best[1], None), best[1], len(book.sheet_names)


def _sheet(book: object, name: str, rows: int | None) -> pl.DataFrame:
    sheet = book.load_sheet(name, header_row=None, skip_rows=0, n_rows=rows, dtypes="string")  # type: ignore[attr-defined]
    frame: pl.DataFrame = sheet.to_polars()
    return frame


def _text(where: Path) -> pl.DataFrame:
    """A CSV file as text, every row as long as the longest; raises BadInput for rows that do not fit."""
    text = _decoded(where.read_bytes(), where.name)
    separator = _separator(text)
    if separator is None:
        shown = text.splitlines()[0][:60]
        raise BadInput(
            f"{where.name}: only one column was found. Cells must be separated by a comma, semicolon, tab or "
            f"vertical bar; row 1 reads {shown!r}. Save the table again as CSV or XLSX."
        )
    try:
        return pl.read_csv(
            io.BytesIO(text.encode()), separator=separator, has_header=False, infer_schema=False
        )
    except pl.exceptions.PolarsError:  # a row is longer than the first, which may be a title
        return _uneven(text, separator, where.name)


def _uneven(text: str, separator: str, name: str) -> pl.DataFrame:
    """Rows of different lengths: shorter ones are filled up; raises BadInput where a row is too long."""
    rows = list(csv.reader(io.StringIO(text), delimiter=separator))
    widths = [len(row) for row in rows[:TOP]]
    wide = max(set(widths), key=lambda width: (widths.count(width), width))
    for number, row in enumerate(rows, 1):
        if any(row[wide:]):
            raise BadInput(
                f"{name}, row {number} has {len(row)} cells where most rows have {wide} (separator "
                f"{separator!r}). "
                f"{_COMMA}"
            )
    filled = [(row + [""] * wide)[:wide] for row in rows]
    return pl.DataFrame(filled, schema=[f"column_{i + 1}" for i in range(wide)], orient="row")


def _decoded(raw: bytes, name: str) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text
    raise BadInput(f"{name} is neither text nor a workbook nor Parquet.")


def _separator(text: str) -> str | None:
    """The separator that cuts the rows at the top into most cells, most rows alike."""
    lines = [line for line in text[:200_000].splitlines() if line.strip()][:TOP]
    best: tuple[int, int, str] | None = None
    for one in _SEPARATORS:
        widths = [len(row) for row in csv.reader(lines, delimiter=one) if row]
        common = max(set(widths), key=lambda width: (widths.count(width), width), default=1)
        if common > 1 and (best is None or (widths.count(common), common) > best[:2]):
            best = (widths.count(common), common, one)
    return best[2] if best else None


def _rows(frame: pl.DataFrame) -> list[list[str]]:
    return [[str(cell or "").strip() for cell in row] for row in frame.head(TOP).rows()]


def _headed(raw: pl.DataFrame, known: Callable[[str], bool], name: str) -> Table:
    """The table below its headings. Merged cells are empty except the first: a heading is what stands in the row of
    the headings or, where that is empty, the nearest cell above it."""
    top = _rows(raw)
    if not top:
        raise BadInput(f"{name} has no rows.")
    counts = [sum(known(cell) for cell in row) for row in top]
    at = counts.index(max(counts)) if any(counts) else next((i for i, row in enumerate(top) if any(row)), 0)
    while at + 1 < len(top) and 2 * counts[at + 1] > max(counts):  # codes in one row, their words in the next
        at += 1
    heads = _heads(top[: at + 1], known)
    frame = raw.slice(at + 1)
    frame.columns = _unlike(heads)
    said = Words(id=f"judul kolom diambil dari baris {at + 1}", en=f"headings taken from row {at + 1}")
    notes = (said,) if at else ()
    return Table(frame, at + 2, notes=notes)


def _heads(rows: Sequence[Sequence[str]], known: Callable[[str], bool]) -> list[str]:
    heads = list(rows[-1])
    for above in reversed(rows[:-1]):
        if sum(1 for cell in above if cell) < 2:  # a title over the table
            continue
        for column, cell in enumerate(above):
            # A cell merged over two rows stands above; so does a code over a row of words, which both count.
            if cell and known(cell) and known(heads[column]):
                heads[column] = f"{cell} {heads[column]}"
            elif cell and (not heads[column] or known(cell)):
                heads[column] = cell
    return heads


def _unlike(heads: Sequence[str]) -> list[str]:
    """Headings that differ: an empty one is called by its place, a second one gets a number."""
    seen: dict[str, int] = {}
    out = []
    for place, head in enumerate(heads, 1):
        text = " ".join(head.split()) or f"column {place}"
        seen[text] = seen.get(text, 0) + 1
        out.append(text if seen[text] == 1 else f"{text} ({seen[text]})")
    return out
