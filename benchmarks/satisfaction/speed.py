"""How long large answer files take: reading, index, intervals, integrity tests.

Must reach (issue 6), on two cores: 1 million respondents x 9 elements from Parquet, index, intervals and integrity in
under 5 s; 200,000 rows from XLSX read in under 20 s. The best of three is what the program takes; the machine may be
busy with something else.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import xlsxwriter
from benchmarks.common import Report, Result, say

from setara.science.satisfaction import ikm, instruments, integrity_of, tables
from setara.science.satisfaction.tables import Answers

PARQUET, XLSX = 1_000_000, 200_000
QUICK = 2_000
SKM = instruments.load("skm-2017")


def lines(report: Report, quick: bool) -> list[Result]:
    """Measure and add the lines."""
    found = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        big, book = (QUICK, QUICK) if quick else (PARQUET, XLSX)
        frame = _answers(big)
        plain, full, sheet = folder / "plain.parquet", folder / "full.parquet", folder / "answers.xlsx"
        frame.select(SKM.required).write_parquet(plain)
        frame.write_parquet(full)
        _workbook(frame.head(book), sheet)
        for label, path, limit in (
            ("Parquet, 9 elements: index to integrity", plain, 5.0),
            ("Parquet with time and device: the same", full, None),
        ):
            seconds = _best(lambda path=path: _whole(path), quick)  # type: ignore[misc]
            found.append(Result(label, seconds, "s", limit, note=f"{big:,} respondents"))
        seconds = _best(lambda: tables.read(sheet, SKM), quick)
        found.append(Result("XLSX read", seconds, "s", 20.0, note=f"{book:,} rows"))
    for one in found:
        report.add(one)
    return found


def _whole(path: Path) -> Answers:
    answers = tables.read(path, SKM)
    ikm.figures(answers)
    integrity_of.outcomes(answers)
    return answers


def _best(work: Callable[[], Answers], quick: bool) -> float:
    took = []
    for _ in range(1 if quick else 3):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    say(f"  {' '.join(f'{one:.2f}' for one in took)} s")
    return min(took)


def _answers(n: int) -> pl.DataFrame:
    rng = np.random.default_rng(1)
    scores = np.clip(np.round(3.2 + 0.45 * rng.normal(size=(n, 1)) + 0.5 * rng.normal(size=(n, 9))), 1, 4)
    times = np.datetime64("2026-01-02T08:00:00", "ms") + np.sort(rng.integers(0, 86_400_000 * 300, n))
    return pl.DataFrame(
        {code: scores[:, place].astype(np.int8) for place, code in enumerate(SKM.required)}
        | {"waktu": times, "perangkat": rng.integers(0, max(1, n * 7 // 10), n)}
    )


def _workbook(frame: pl.DataFrame, path: Path) -> None:
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, frame.columns)
    for at, row in enumerate(
        frame.with_columns(pl.col("waktu").dt.to_string("%Y-%m-%d %H:%M:%S")).iter_rows(), 1
    ):
        sheet.write_row(at, 0, row)
    book.close()
