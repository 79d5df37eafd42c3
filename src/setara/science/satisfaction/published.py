"""A published IKM table as it is printed: each number with the range of values that it can stand for.

The file has one row an element (``element, nrr, weight, weighted``; Indonesian headings are known too) and may have
the rows ``index``, ``ikm``, ``grade``, ``limits`` and ``scale`` with their values in any of the columns.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from setara.science.satisfaction import files
from setara.science.satisfaction.columns import Known, plain
from setara.science.satisfaction.instruments import BadInput, Instrument

_HEADS: Final[Mapping[str, tuple[str, ...]]] = {
    "element": ("element", "unsur", "kode", "code", "no", "nomor", "unsur pelayanan", "kode unsur"),
    "name": ("name", "nama", "unsur", "unsur pelayanan", "nama unsur", "uraian", "keterangan", "indikator"),
    "nrr": ("nrr", "mean", "nilai rata rata", "rata rata", "nrr unsur", "nilai unsur", "nilai rata rata "
    "unsur",
            "nrr per unsur", "nilai"),
    "weight": ("weight", "bobot", "penimbang", "bobot nilai rata rata tertimbang"),
    "weighted": ("weighted", "nrr tertimbang", "tertimbang", "nilai tertimbang", "nrr tertimbang per unsur",
                 "nilai rata rata tertimbang"),
}  # fmt: skip
_ROWS: Final[Mapping[str, tuple[str, ...]]] = {
    "index": ("index", "indeks", "ni", "nilai indeks", "nilai interval", "jumlah nrr tertimbang", "indeks skm"),
    "ikm": ("ikm", "nik", "nilai ikm", "ikm unit pelayanan", "nilai skm", "nilai interval konversi", "skm",
            "konversi", "ikm konversi", "nilai konversi"),
    "grade": ("grade", "mutu", "mutu pelayanan"),
    "limits": ("limits", "batas", "interval", "nilai interval konversi ikm", "batas mutu"),
    "scale": ("scale", "skala"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Printed:
    """A printed number: ``value``, and ``half`` a unit of its last digit on either side is what it may "
    "stand for."""

    text: str
    value: float
    places: int

    @property
    def half(self) -> float:
        """Half a unit of the last printed digit."""
        return float(0.5 * 10.0**-self.places)


@dataclass(slots=True)
class Published:
    """A table: by element code what is printed of it, and the figures below; None or empty where not printed.

    ``order``: element codes as the rows stand. ``contradictions``: code -> the element that its words name.
    ``nik``: whether a heading says NIK.
    """

    nrr: dict[str, Printed] = field(default_factory=dict)
    weights: dict[str, Printed] = field(default_factory=dict)
    weighted: dict[str, Printed] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    contradictions: dict[str, str] = field(default_factory=dict)
    index: Printed | None = None
    ikm: Printed | None = None
    grade: str | None = None
    limits: tuple[float, ...] = ()
    scale: list[float] = field(default_factory=list)
    nik: bool = False


def read(path: str | Path, instrument: Instrument) -> Published:
    """The table in a CSV or XLSX file. Raises BadInput, naming row and column."""
    name = Path(path).name
    known = Known(instrument)
    rows = files.cells(path, lambda cell: plain(cell) in _HEADS["nrr"] or known.code(cell) is not None)
    at, heads = _headings(rows, name)
    table = Published(nik=any("nik" in plain(cell).split() for row in rows[: at + 1] for cell in row))
    for number, row in enumerate(rows[at + 1 :], at + 2):
        if any(row):
            _row(table, row, heads, len(rows[at]), known, name, number)
    _as_in_its_column(table.nrr)
    _as_in_its_column(table.weighted)
    if not (table.nrr or table.weighted or table.index or table.ikm):
        raise BadInput(f"{name}: no row of an element ({known.required[0]} ..), index or ikm was found.")
    return table


def _as_in_its_column(column: dict[str, Printed]) -> None:
    """A column is printed to one number of places: 3.6 beside 3.41 is 3.60, whose zero a spreadsheet dropped."""
    places = max((one.places for one in column.values()), default=0)
    for code, one in column.items():
        column[code] = replace(one, places=places)


def _headings(rows: Sequence[Sequence[str]], name: str) -> tuple[int, dict[str, int]]:
    for at, row in enumerate(rows[:30]):
        heads: dict[str, int] = {}
        for role, words in _HEADS.items():
            for place, cell in enumerate(row):
                if role not in heads and place not in heads.values() and plain(cell) in words:
                    heads[role] = place
        if "element" in heads and len(heads) > 1:
            return at, heads
    first = " | ".join(rows[0]) if rows else "nothing"
    raise BadInput(
        f"{name}: no headings were found. Expected element,nrr,weight,weighted; row 1 reads: {first}"
    )


def _row(
    table: Published,
    row: Sequence[str],
    heads: Mapping[str, int],
    width: int,
    known: Known,
    name: str,
    number: int,
) -> None:
    label = row[heads["element"]] if heads["element"] < len(row) else ""
    extra = row[heads["name"]] if "name" in heads and heads["name"] < len(row) else ""
    code, words = _element(label, extra, known)
    if code is None:
        _figure(table, row, label or extra, known, name, number)
        return
    if any(row[width:]):
        raise BadInput(
            f"{name}, row {number} has more cells than there are headings. If numbers have a decimal "
            "comma, separate "
            "the cells by a semicolon."
        )
    if code in table.order:
        raise BadInput(f"{name}, row {number}: {code} is there twice.")
    table.order.append(code)
    if words is not None and words != code:
        table.contradictions[code] = words
    for role, into in (("nrr", table.nrr), ("weight", table.weights), ("weighted", table.weighted)):
        if role in heads and heads[role] < len(row) and row[heads[role]]:
            into[code] = _number(row[heads[role]], name, number, role)


def _element(label: str, extra: str, known: Known) -> tuple[str | None, str | None]:
    """(code, the element that the words name): either may be None."""
    by_code = known.by_code(label) or known.by_code(extra)
    text = " ".join(part for part in (label, extra) if part)
    said = re.sub(r"^\W*[A-Za-z]{1,3}[\s._-]*[0-9]+", "", text) if by_code else text
    by_name = known.by_name(said)
    if by_code is None and (match := re.fullmatch(r"\W*0*([0-9]{1,2})\W*", label)) and by_name:
        numbered = f"U{match[1]}"
        by_code = numbered if numbered in known.all else None
    return by_code or by_name, by_name


def _numbers(text: str) -> list[float]:
    """All numbers of a text; a comma is a decimal comma unless there are decimal points."""
    if re.search(r"\d\.\d", text):
        return [float(one) for one in re.findall(r"\d+(?:\.\d+)?", text)]
    return [float(one.replace(",", ".")) for one in re.findall(r"\d+(?:,\d+)?", text)]


def _grade(cells: Sequence[str], instrument: Instrument) -> str | None:
    """The letter of a grade, printed as a letter or in the words of the regulation."""
    for cell in cells:
        letter = re.search(r"(?<![A-Za-z])([A-D])(?![A-Za-z])", cell) or re.fullmatch(r"\W*([a-d])\W*", cell)
        if letter:
            return letter[1].upper()
        for one in instrument.grades:
            if plain(cell) in {plain(one.name_id), plain(one.name_en)}:
                return one.grade
    return None


def _figure(table: Published, row: Sequence[str], label: str, known: Known, name: str, number: int) -> None:
    text = plain(label)
    kind = next((role for role, words in _ROWS.items() if text in words), None)
    cells = [cell for cell in row if cell and cell != label]
    if kind is None or not cells:
        return
    if kind == "grade":
        table.grade = _grade(cells, known.instrument)
    elif kind in {"limits", "scale"}:
        numbers = tuple(value for cell in cells for value in _numbers(cell))
        if kind == "limits":
            table.limits = numbers
        else:
            table.scale = list(numbers[:2])
    else:
        setattr(table, kind, _number(cells[0], name, number, kind))


def _number(text: str, name: str, row: int, column: str) -> Printed:
    found = re.fullmatch(r"\s*(\d+)(?:[.,](\d+))?\s*", text)
    quotient = re.fullmatch(r"\s*(\d+)\s*/\s*(\d+)\s*", text)
    if quotient and int(quotient[2]):
        return Printed(text, int(quotient[1]) / int(quotient[2]), 10)
    if not found:
        raise BadInput(
            f"{name}, row {row}, column {column}: {text!r} is no number. Write it like 3.21 or 3,21."
        )
    digits = found[2] or ""
    value = float(f"{found[1]}.{digits or 0}")
    if column == "weight" and not 0 < value < 1:
        raise BadInput(
            f"{name}, row {row}, column weight: {text} is no weight. If numbers have a decimal comma, "
            "separate the "
            "cells by a semicolon."
        )
    # A workbook keeps seventeen digits of what was computed; nothing beyond ten is meant.
    return Printed(text, value, min(len(digits), 10))
