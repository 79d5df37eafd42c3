"""Answer files as numbers: which column is which element, and every score on the instrument's scale or refused.

Columns are known by element code, by name or by wording; never by position, because the regulation and its form
number elements 8 and 9 differently. Nothing is dropped silently: what was guessed or left out is in ``notes``, and
what cannot be used is refused with the row and column in which it stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from setara.kernel.words import Words
from setara.science.satisfaction import columns, files
from setara.science.satisfaction.instruments import BadInput, Instrument, names
from setara.science.satisfaction.parsing import all_scores, scores_of, times_of

_SUMS = (
    r"(?i)^\s*(jumlah|total|rata|mean|average|nrr|bobot|ikm|indeks|index|nilai|sum|tertimbang|median|modus)\b"
)


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers to one instrument.

    ``scores``: float64, respondents x ``codes``, on the instrument's scale, NaN where not answered. ``codes``:
    column codes in the instrument's order, whatever the file's. ``rows``: the row of the file in which each
    respondent stands. ``meta``: columns by role, as long as ``scores``: ``time`` as Datetime; ``weight``,
    ``seconds`` (how long answering took) and ``overall`` as Float64; the others (``id device channel group stratum
    office period officer ...``) as text. ``frame``: all columns of the file for these respondents, for comparisons
    by any of them.
    """

    instrument: Instrument
    codes: tuple[str, ...]
    scores: NDArray[np.float64]
    rows: NDArray[np.int64]
    meta: Mapping[str, pl.Series] = field(default_factory=dict)
    frame: pl.DataFrame = field(default_factory=pl.DataFrame)
    notes: tuple[Words, ...] = ()
    source: str = ""

    @property
    def answered(self) -> NDArray[np.bool_]:
        """Who answered at least one element that counts."""
        counted = [self.codes.index(code) for code in self.instrument.required if code in self.codes]
        return np.asarray(np.isfinite(self.scores[:, counted]).any(axis=1), dtype=np.bool_)

    @property
    def n(self) -> int:
        """How many answered at least one element."""
        return int(self.answered.sum())

    def column(self, code: str) -> NDArray[np.float64]:
        """The scores of one column; raises ValueError when it is not there."""
        return self.scores[:, self.codes.index(code)]

    def block(self, codes: Sequence[str]) -> NDArray[np.float64]:
        """The scores of some columns, respondents x codes."""
        return self.scores[:, [self.codes.index(code) for code in codes]]

    def take(self, chosen: NDArray[np.bool_]) -> Answers:
        """The answers of some respondents only."""
        mask = pl.Series(chosen)
        meta = {role: series.filter(mask) for role, series in self.meta.items()}
        frame = self.frame.filter(mask) if self.frame.width else self.frame
        kept = self.scores[chosen], self.rows[chosen]
        return Answers(self.instrument, self.codes, *kept, meta, frame, self.notes, self.source)


@dataclass(frozen=True, slots=True)
class Choices:
    """How a file is to be read.

    ``missing``: texts that mean "not answered"; ``where``: column -> value, only these rows; ``duplicates``: what
    to do with a second row of one respondent (``refuse first last keep``); ``order``: how numbered questions
    without codes are ordered (``code`` or ``form``); ``sheet``: of a workbook; ``required``: the columns that must
    be there, when not all of the instrument's.
    """

    missing: tuple[str, ...] = ()
    where: Mapping[str, str] = field(default_factory=dict)
    duplicates: str = "refuse"
    order: str | None = None
    sheet: str | None = None
    required: tuple[str, ...] | None = None
    optional: tuple[str, ...] = ()


def read(
    path: str | Path,
    instrument: Instrument,
    mapping: Mapping[str, str] | None = None,
    choices: Choices | None = None,
) -> Answers:
    """The answers in a CSV, XLSX or Parquet file.

    ``mapping``: role or element code -> heading, over every guess. Raises
    :class:`~setara.science.satisfaction.instruments.BadInput`, naming row and column.
    """
    chosen = choices or Choices()
    known = columns.Known(instrument, chosen.required, chosen.optional)
    wanted = set((mapping or {}).values())
    table = files.load(path, lambda cell: cell in wanted or known.code(cell) is not None, chosen.sheet)
    try:
        return _answers(table, instrument, mapping or {}, chosen, Path(path).name)
    except pl.exceptions.PolarsError as error:  # a column of lists, or the like
        raise BadInput(f"{Path(path).name} cannot be read as answers: {error}") from error


def from_frame(
    frame: pl.DataFrame,
    instrument: Instrument,
    mapping: Mapping[str, str] | None = None,
    choices: Choices | None = None,
    *,
    source: str = "table",
) -> Answers:
    """The same for a Polars frame; its rows count from 1."""
    table = files.Table(frame, 1, typed=True)
    return _answers(table, instrument, mapping or {}, choices or Choices(), source)


def _answers(
    table: files.Table, instrument: Instrument, mapping: Mapping[str, str], choices: Choices, source: str
) -> Answers:
    notes = list(table.notes)
    frame = table.frame.with_columns(pl.Series(columns.ROW, np.arange(table.frame.height) + table.first))
    said: list[Words] = []
    frame = _rows_that_count(frame, table, choices, source, said)

    def scored(heading: str, code: str) -> bool:
        return all_scores(frame.get_column(heading), code, instrument, choices.missing)

    found = columns.find(table.frame.columns, instrument, mapping, choices, source, scored)
    notes += found.notes + said
    _one_instrument(frame, found.roles, instrument, source)
    frame = _one_row_each(frame, found.roles, choices, source, notes)
    codes = [code for code in (*known_order(instrument, choices), *found.codes) if code in found.codes]
    codes = list(dict.fromkeys(codes))
    scores = np.empty((frame.height, len(codes)))
    for place, code in enumerate(codes):
        heading = found.codes[code]
        scores[:, place] = scores_of(frame, heading, code, instrument, choices.missing, source, notes)
    required = known_order(instrument, choices)
    if frame.height:
        for code in required:
            if not np.isfinite(scores[:, codes.index(code)]).any():
                raise BadInput(
                    f"{source}, column {found.codes[code]!r}: nobody answered {code}, so there is no "
                    "figure for it. "
                    f"If the answers are in another column, say --map {code}=COLUMN."
                )
    meta = {role: _meta(frame, role, heading, source, notes) for role, heading in found.roles.items()}
    rows = frame.get_column(columns.ROW).to_numpy().astype(np.int64)
    return Answers(
        instrument, tuple(codes), scores, rows, meta, frame.drop(columns.ROW), tuple(notes), source
    )


def known_order(instrument: Instrument, choices: Choices) -> tuple[str, ...]:
    """The columns that must be there, in the instrument's order."""
    return instrument.required if choices.required is None else choices.required


def _rows_that_count(
    frame: pl.DataFrame, table: files.Table, choices: Choices, source: str, notes: list[Words]
) -> pl.DataFrame:
    """Without empty rows, sums below the table (said), and rows that were not asked for."""
    if not table.typed and frame.height:
        cells = [name for name in frame.columns if name != columns.ROW]
        frame = frame.filter(pl.any_horizontal(pl.col(cells).fill_null("").str.strip_chars() != ""))
        texts = [pl.col(name).fill_null("") for name in cells[:2]]
        sums = frame.select(pl.any_horizontal(one.str.contains(_SUMS) for one in texts)).to_series()
        if sums.any():
            left = frame.filter(sums).head(5)
            shown = left.select(pl.concat_str(texts, separator=" ")).to_series()
            said = ", ".join(f"{row} ({text!r})" for row, text in zip(left[columns.ROW], shown, strict=True))
            notes.append(
                Words(
                    id=f"tidak dihitung, karena jumlah dan bukan responden: baris {said}",
                    en=f"left out, since they are sums and no respondents: row {said}",
                )
            )
            frame = frame.filter(~sums)
    for column, value in choices.where.items():
        if column not in frame.columns:
            raise BadInput(f"{source} has no column {column!r} (--where). {columns.listed(frame.columns)}")
        before = frame.height
        frame = frame.filter(pl.col(column).cast(pl.String).str.strip_chars() == value)
        notes.append(
            Words(
                id=f"{frame.height} dari {before} baris dengan {column} = {value}",
                en=f"{frame.height} of {before} rows have {column} = {value}",
            )
        )
    return frame


def _one_instrument(
    frame: pl.DataFrame, roles: Mapping[str, str], instrument: Instrument, source: str
) -> None:
    """Refuse rows of other instruments or versions: their scores do not mean the same."""
    if "instrument" not in roles:
        return
    heading = roles["instrument"]
    versions = frame.get_column(heading).cast(pl.String).fill_null("").str.strip_chars()
    kinds = versions.unique().sort().to_list()
    first = {kind: int(frame[columns.ROW][int(versions.index_of(kind) or 0)]) for kind in kinds}
    if len(kinds) > 1:
        where = "; ".join(f"{kind or '(empty)'} from row {first[kind]}" for kind in kinds[:5])
        raise BadInput(
            f"{source}, column {heading!r}: answers to {len(kinds)} instruments or versions ({where}). "
            "Labels "
            f"differ, so they make no common figure. Choose one with --where '{heading}={kinds[-1]}'."
        )
    only = kinds[0].split("@")[0] if kinds else ""
    if only and only != instrument.code and only in names():
        raise BadInput(
            f"{source}, column {heading!r}, row {first[kinds[0]]}: the answers are to {only}, not to "
            f"{instrument.code}. Say --instrument {only}."
        )


def _one_row_each(
    frame: pl.DataFrame, roles: Mapping[str, str], choices: Choices, source: str, notes: list[Words]
) -> pl.DataFrame:
    """One row for each respondent, where respondents are known."""
    if "id" not in roles or choices.duplicates == "keep" or not frame.height:
        return frame
    heading = roles["id"]
    ids = frame.get_column(heading).cast(pl.String).fill_null("").str.strip_chars()
    twice = ids.is_duplicated() & (ids != "")
    if not twice.any():
        return frame
    if choices.duplicates == "refuse":
        one = ids.filter(twice)[0]
        at = frame.filter(ids == one)[columns.ROW].to_list()
        raise BadInput(
            f"{source}, column {heading!r}: {int(twice.sum())} rows share a respondent, for instance "
            f"{one!r} in rows "
            f"{', '.join(map(str, at[:4]))}. Count the first or the last answer with --duplicates first or "
            "last, "
            "or all with --duplicates keep."
        )
    kept = ~ids.is_duplicated() | (ids == "")
    chosen = ids.is_first_distinct() if choices.duplicates == "first" else ids.is_last_distinct()
    left = frame.height - int((kept | chosen).sum())
    notes.append(
        Words(
            id=f"{left} baris ulangan tidak dihitung (--duplicates)",
            en=f"{left} repeated rows left out (--duplicates)",
        )
    )
    return frame.filter(kept | chosen)


def _meta(frame: pl.DataFrame, role: str, heading: str, source: str, notes: list[Words]) -> pl.Series:
    series = frame.get_column(heading)
    if role == "time":
        return times_of(series, frame.get_column(columns.ROW), heading, notes)
    if role in {"weight", "overall", "seconds"}:
        text = series.cast(pl.String).str.strip_chars().str.replace(",", ".", literal=True)
        values = text.cast(pl.Float64, strict=False)
        bad = values.is_null() & text.is_not_null() & (text != "")
        if bad.any():
            at = int(bad.arg_max() or 0)
            raise BadInput(
                f"{source}, row {frame[columns.ROW][at]}, column {heading!r}: {series[at]!r} is no number "
                f"({role})."
            )
        return values
    return series.cast(pl.String).str.strip_chars()
