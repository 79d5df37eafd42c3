"""Cells as scores and times: decimal commas, labels in words, and what lies outside the scale."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from setara.kernel.words import Words
from setara.science.satisfaction.columns import ROW, plain
from setara.science.satisfaction.instruments import BadInput, Instrument

#: Cells that mean "not answered".
EMPTY = ("", "-", "–", "na", "n/a", "nan", "null", "none", "#n/a", "tidak menjawab", "tidak diisi")
_TIMES = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M",
    "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d-%m-%Y %H:%M:%S", "%d-%m-%Y %H:%M",
    "%d/%m/%Y %H.%M.%S", "%d/%m/%Y %H.%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M",
    "%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y",
)  # fmt: skip


def scores_of(
    frame: pl.DataFrame,
    heading: str,
    code: str,
    instrument: Instrument,
    missing: Sequence[str],
    source: str,
    notes: list[Words],
) -> NDArray[np.float64]:
    """One column as scores, NaN where not answered. Raises BadInput with the rows that cannot be used."""
    series = frame.get_column(heading)
    if series.dtype.is_numeric():
        values = series.cast(pl.Float64)
        absent = [float(one) for one in missing if one.replace(".", "", 1).lstrip("-").isdigit()]
        values = values.set(values.is_in(absent).fill_null(False), None) if absent else values
    else:
        text = series.cast(pl.String).fill_null("").str.strip_chars()
        small = text.str.to_lowercase()
        empty = small.is_in([*EMPTY, *(one.strip().lower() for one in missing)])
        values = text.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
        values = pl.select(pl.when(~empty).then(values)).to_series()
        words = values.is_null() & ~empty
        if words.any():
            values = _labelled(frame, text, values, words, heading, code, instrument, source, notes)
    scores = values.to_numpy().astype(np.float64)
    outside = (scores < instrument.low) | (scores > instrument.high) | np.isinf(scores)
    if outside.any():
        raise BadInput(_outside(frame, scores, outside, heading, code, instrument, source))
    between = scores % 1 > 0  # False for NaN
    if between.any():
        at = int(frame[ROW][int(between.argmax())])
        many = int(between.sum())
        notes.append(
            Words(
                id=f"kolom {heading!r}: {many} skor di antara label (pertama di baris {at}); dipakai apa "
                "adanya, sebagai "
                "rata-rata beberapa pertanyaan",
                en=f"column {heading!r}: {many} scores lie between the labels (first in row {at}); taken "
                "as they are, as "
                "means of several questions",
            )
        )
    return scores


def all_scores(series: pl.Series, code: str, instrument: Instrument, missing: Sequence[str]) -> bool:
    """Whether a column has values and each is a score of the element: what :func:`scores_of` would take."""
    rows = pl.DataFrame({series.name: series, ROW: pl.Series(range(len(series)), dtype=pl.Int64)})
    if series.dtype.is_temporal():
        return False
    try:
        scores = scores_of(rows, series.name, code, instrument, missing, "", [])
    except BadInput:
        return False
    return bool(np.isfinite(scores).any())


def _labelled(
    frame: pl.DataFrame,
    text: pl.Series,
    values: pl.Series,
    words: pl.Series,
    heading: str,
    code: str,
    instrument: Instrument,
    source: str,
    notes: list[Words],
) -> pl.Series:
    """Answers in words become scores where they are this element's labels, and are refused where not."""
    element = instrument.element(code) if code in (*instrument.required, *instrument.optional) else None
    scale: dict[str, float] = {}
    for labels in (element.labels_id, element.labels_en) if element else ():
        scale |= {plain(label): float(instrument.low + place) for place, label in enumerate(labels)}
    kinds = text.filter(words).unique().to_list()
    known = {kind: score for kind in kinds if (score := scale.get(plain(kind), _numbered(kind))) is not None}
    bad = words & ~text.is_in(list(known))
    if bad.any():
        at = int(bad.arg_max() or 0)
        says = f" or one of: {' / '.join(element.labels_id)}" if element and element.labels_id else ""
        raise BadInput(
            f"{source}, row {frame[ROW][at]}, column {heading!r}: {text[at]!r} is no score of {code}; "
            "expected "
            f"{instrument.low} to {instrument.high}{says}. {_count(int(bad.sum()))}Correct the cell, leave "
            "it empty "
            f"if the question was not answered, or say --missing '{text[at]}'."
        )
    many = int(words.sum())
    notes.append(
        Words(
            id=f"kolom {heading!r}: {many} jawaban berupa kata dibaca menurut labelnya",
            en=f"column {heading!r}: {many} answers in words read by their labels",
        )
    )
    given = text.replace_strict(known, default=None, return_dtype=pl.Float64)
    return pl.select(pl.when(words).then(given).otherwise(values)).to_series()


def _numbered(text: str) -> float | None:
    """The score of ``4. Sangat baik`` or ``4 - very good``; None where no number stands before the words."""
    match = re.fullmatch(r"([0-9])\s*[.):=-]\s*[^0-9]+", text)
    return float(match[1]) if match else None


def _count(number: int) -> str:
    return f"There are {number} such cells in this column. " if number > 1 else ""


def _outside(
    frame: pl.DataFrame,
    scores: NDArray[np.float64],
    outside: NDArray[np.bool_],
    heading: str,
    code: str,
    instrument: Instrument,
    source: str,
) -> str:
    at = int(outside.argmax())
    value = f"{scores[at]:g}"
    kinds = set(np.unique(scores[outside]).tolist())
    if kinds <= {0.0, 9.0, 99.0, -1.0}:
        hint = f"If {value} means 'not answered', say --missing {value}."
    elif instrument.kind == "pairs" and max(kinds) <= 7 and min(kinds) > 0:
        hint = "If the scale has seven points, say --scale 1-7."
    elif len(kinds) > 1 and max(kinds) <= 6 and min(kinds) > 0:
        hint = "If the answers are to a six-point instrument, choose it with --instrument (spkp, spak)."
    else:
        hint = f"Correct the cell, or say --missing {value} if it stands for 'not answered'."
    return (
        f"{source}, row {frame[ROW][at]}, column {heading!r}: {value} lies outside the scale "
        f"{instrument.low} to "
        f"{instrument.high} of {code}. {_count(int(outside.sum()))}{hint}"
    )


def times_of(series: pl.Series, rows: pl.Series, heading: str, notes: list[Words]) -> pl.Series:
    """A column of times as Datetime without zone; what cannot be read is null, and said. Days come before "
    "months."""
    if series.dtype.is_temporal():
        return series.cast(pl.Datetime("us")) if series.dtype != pl.Time else series.cast(pl.String)
    text = series.cast(pl.String).str.strip_chars().str.replace(r"(\.\d+)?(Z|[+-]\d\d:?\d\d)?$", "")
    text = text.set(text == "", None) if text.null_count() < len(text) else text
    best = pl.Series(series.name, [None] * len(series), dtype=pl.Datetime("us"))
    for form in _TIMES:
        tried = text.str.to_datetime(form, strict=False, time_unit="us")
        if tried.null_count() < best.null_count():
            best = tried
        if best.null_count() == text.null_count():
            break
    unread = best.is_null() & text.is_not_null()
    if unread.any():
        at = int(unread.arg_max() or 0)
        many = int(unread.sum())
        notes.append(
            Words(
                id=f"kolom {heading!r}: {many} waktu tidak terbaca, misalnya {series[at]!r} di baris "
                f"{rows[at]}; tulislah "
                "seperti 2026-03-31 14:05",
                en=f"column {heading!r}: {many} times could not be read, for instance {series[at]!r} in "
                f"row {rows[at]}; "
                "write them as 2026-03-31 14:05",
            )
        )
    return best
