"""Answer files as they come: every way of writing them, and every fault named with its row and column."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from setara.science.satisfaction import instruments, tables
from setara.science.satisfaction.instruments import BadInput
from setara.science.satisfaction.tables import Answers, Choices

SKM = instruments.load("skm-2017")
HEAD = "U1;U2;U3;U4;U5;U6;U7;U8;U9"
ROW = "4;3;3;2;1;3;3;4;1"
SCORES = [4, 3, 3, 2, 1, 3, 3, 4, 1]


def read(
    tmp_path: Path, text: str, mapping: dict[str, str] | None = None, encoding: str = "utf-8", **wish: object
) -> Answers:
    path = tmp_path / "answers.csv"
    path.write_bytes(text.encode(encoding))
    return tables.read(path, SKM, mapping, Choices(**wish))  # type: ignore[arg-type]


def notes(found: Answers) -> str:
    return " / ".join(one.en for one in found.notes)


# What is read


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_separators_and_encodings(tmp_path: Path, separator: str, encoding: str) -> None:
    text = f"Komentar é;{HEAD}\nbaik;{ROW}\n\nburuk;{ROW}\n".replace(";", separator)
    found = read(tmp_path, text, encoding=encoding)
    assert found.scores.tolist() == [SCORES, SCORES]
    assert found.rows.tolist() == [2, 4]  # as a spreadsheet numbers them, the empty row counted
    assert found.frame["Komentar é"].to_list() == ["baik", "buruk"]


OFFICE = "Persyaratan;Prosedur;Waktu;Biaya;Produk;Kompetensi;Perilaku;Pengaduan;Sarana"


def test_a_heading_of_two_meanings_is_read_by_its_values(tmp_path: Path) -> None:
    found = read(tmp_path, f"{OFFICE}\n{ROW}\n4;3;;2;1;3;3;4;1\n")
    assert found.codes == SKM.required
    assert found.scores[0].tolist() == SCORES
    assert "time" not in found.meta
    assert "the column 'Waktu' is read as U3" in notes(found)
    words = read(tmp_path, f"{OFFICE}\n4;3;Sangat cepat;2;1;3;3;4;1\nRata-rata;3;9;2;1;3;3;4;1\n")
    assert words.column("U3").tolist() == [4]  # the sum below is no answer
    timed = OFFICE.replace("Waktu", "Waktu;Waktu penyelesaian")
    both = read(tmp_path, f"{timed}\n4;3;2026-03-31 14:05;3;2;1;3;3;4;1\n")
    assert both.column("U3").tolist() == [3]
    assert both.meta["time"].dt.to_string("%Y-%m-%d %H:%M").to_list() == ["2026-03-31 14:05"]
    stamped = read(tmp_path, f"Tanggal;{OFFICE}\n2026-03-31;{ROW}\n")
    assert stamped.column("U3").tolist() == [3]
    assert stamped.meta["time"].null_count() == 0
    for value in (
        "2026-03-31 14:05",
        "14:05",
        "5",
        "",
        "lama sekali",
    ):  # no score: the time column, so U3 lacks
        with pytest.raises(BadInput, match=r"no column for U3 \(.*--map 'U3=COLUMN'"):
            read(
                tmp_path,
                f"{OFFICE}\n{ROW}\n4;3;{value};2;1;3;3;4;1\n" if value else f"{OFFICE}\n4;3;;2;1;3;3;4;1\n",
            )


def test_decimal_commas_empty_cells_and_words(tmp_path: Path) -> None:
    found = read(
        tmp_path, f"{HEAD}\n3,0;4;;-;n/a;3;3;Dikelola dengan baik;sangat BAIK\n3,5;3;3;3;3;3;3;3;3\n"
    )
    assert found.scores[0, [0, 1, 5, 7, 8]].tolist() == [3, 4, 3, 4, 4]
    assert np.isnan(found.scores[0, 2:5]).all()
    assert found.scores[1, 0] == 3.5
    assert "1 scores lie between the labels (first in row 3)" in notes(found)
    assert "column 'U8': 1 answers in words" in notes(found)
    numbered = read(tmp_path, f"{HEAD}\n4. Sangat sesuai;3 - Mudah;3) cepat;2;1;3;3;4;1\n{ROW}\n")
    assert numbered.scores.tolist() == [SCORES, SCORES]
    with pytest.raises(BadInput, match=r"row 2, column 'U1': 5 lies outside"):
        read(tmp_path, f"{HEAD}\n5. Entahlah;3;3;2;1;3;3;4;1\n")
    assert notes(read(tmp_path, f"{HEAD}\n{ROW}\n")) == ""  # and nothing where nothing was guessed


def test_order_of_the_columns_does_not_matter_and_is_said(tmp_path: Path) -> None:
    """Trap 1: read by code, never by position."""
    swapped = read(tmp_path, "U1;U2;U3;U4;U5;U6;U7;U9;U8\n4;3;3;2;1;3;3;1;4\n")
    assert swapped.codes == SKM.required
    assert swapped.scores.tolist() == [SCORES]
    assert "read by code" in notes(swapped)


def test_names_and_wording_stand_for_codes(tmp_path: Path) -> None:
    heads = (
        "Persyaratan;Bagaimana kemudahan prosedur pelayanan?;U3 Waktu penyelesaian;[U4];u 5;U6. Kompetensi;"
        "Perilaku pelaksana;Sarana dan prasarana;Penanganan pengaduan"
    )
    found = read(tmp_path, f"{heads}\n4;3;3;2;1;3;3;1;4\n")
    assert found.scores.tolist() == [SCORES]
    assert "U9 = 'Sarana dan prasarana'" in notes(found)


def test_codes_in_one_row_and_their_words_in_the_next(tmp_path: Path) -> None:
    words = "Persyaratan;Prosedur;Waktu penyelesaian;Biaya;Produk;Kompetensi;Perilaku;Pengaduan;Sarana"
    found = read(tmp_path, f"{HEAD}\n{words}\n{ROW}\n")
    assert (found.scores.tolist(), found.rows.tolist()) == ([SCORES], [3])
    with pytest.raises(BadInput, match="the code says U8"):
        read(tmp_path, f"{HEAD}\n{words.replace('Pengaduan;Sarana', 'Sarana;Pengaduan')}\n{ROW}\n")


def test_numbered_questions_need_to_know_whose_numbers(tmp_path: Path) -> None:
    text = "Q1;Q2;Q3;Q4;Q5;Q6;Q7;Q8;Q9\n4;3;3;2;1;3;3;1;4\n"
    with pytest.raises(BadInput, match="Say --order form or --order code"):
        read(tmp_path, text)
    assert read(tmp_path, text, order="form").scores.tolist() == [SCORES]
    assert read(tmp_path, text, order="code").scores[0, 7:].tolist() == [1, 4]
    six = instruments.load("spkp")  # eight statements: nine numbered questions are not its own
    with pytest.raises(BadInput, match="no column of spkp was found"):
        tables.read(tmp_path / "answers.csv", six)
    (tmp_path / "answers.csv").write_text(text.replace(";Q9", "").replace(";4\n", "\n"))
    assert tables.read(tmp_path / "answers.csv", six).scores[0].tolist() == [4, 3, 3, 2, 1, 3, 3, 1]


def test_mapping_stands_over_every_guess(tmp_path: Path) -> None:
    text = f"{HEAD};lain\n{ROW};2\n"
    assert read(tmp_path, text, {"u9": "lain"}).scores[0, 8] == 2
    assert read(tmp_path, text).scores[0, 8] == 1
    with pytest.raises(BadInput, match=r"has no column 'lainn'.*Do you mean 'lain'"):
        read(tmp_path, text, {"U9": "lainn"})
    with pytest.raises(BadInput, match="there is no role 'U10'"):
        read(tmp_path, text, {"U10": "lain"})


def test_roles_are_known_by_their_headings(tmp_path: Path) -> None:
    text = f"No Responden;Waktu;Perangkat;Kanal;Layanan;{HEAD}\n7;31/03/2026 14:05;k1;kios;baru;{ROW}\n"
    found = read(tmp_path, text)
    assert found.meta["time"].to_list() == [datetime(2026, 3, 31, 14, 5)]  # noqa: DTZ001 - local time, as written
    assert {role: found.meta[role][0] for role in ("id", "device", "channel", "group")} == {
        "id": "7", "device": "k1", "channel": "kios", "group": "baru",
    }  # fmt: skip
    late = read(tmp_path, text.replace("31/03/2026 14:05", "kemarin"))
    assert late.meta["time"].to_list() == [None]
    assert "'kemarin' in row 2" in notes(late)


def test_rows_that_were_not_asked_for(tmp_path: Path) -> None:
    found = read(tmp_path, f"tahun;{HEAD}\n2025;{ROW}\n2026;{ROW}\n2026;{ROW}\n", where={"tahun": "2026"})
    assert found.rows.tolist() == [3, 4]
    assert "2 of 3 rows have tahun = 2026" in notes(found)
    with pytest.raises(BadInput, match="has no column 'bulan'"):
        read(tmp_path, f"{HEAD}\n{ROW}\n", where={"bulan": "3"})


def test_sums_below_the_table_are_no_respondents(tmp_path: Path) -> None:
    found = read(tmp_path, f"No;{HEAD}\n1;{ROW}\n2;{ROW}\nJumlah;8;6;6;4;2;6;6;8;2\nNRR;4;3;3;2;1;3;3;4;1\n")
    assert found.n == 2
    assert "row 4 ('Jumlah8'), 5 ('NRR4')" in notes(found).replace(" 8'", "8'").replace(" 4'", "4'")


def workbook(path: Path, title: bool, rows: list[list[object]]) -> None:
    book = xlsxwriter.Workbook(path)
    book.add_worksheet("Petunjuk").write(0, 0, "Isi lembar Data")
    sheet = book.add_worksheet("Data")
    at = 0
    if title:
        sheet.merge_range("A1:K1", "Survei Kepuasan Masyarakat 2026")
        at = 2
    sheet.merge_range(at, 0, at + 1, 0, "No")
    sheet.merge_range(at, 1, at, 9, "Unsur pelayanan")
    sheet.merge_range(at, 10, at + 1, 10, "Waktu")
    for place, code in enumerate(SKM.required, 1):
        sheet.write(at + 1, place, code)
    for row, cells in enumerate(rows, at + 2):
        sheet.write_row(row, 0, cells)
    book.close()


@pytest.mark.parametrize("title", [False, True])
def test_merged_headings_of_a_workbook(tmp_path: Path, title: bool) -> None:
    path = tmp_path / "answers.xlsx"
    workbook(path, title, [[1, *SCORES, "2026-03-31 14:05"], [2, *SCORES, "2026-03-31 14:06"]])
    found = tables.read(path, SKM)
    assert found.scores.tolist() == [SCORES, SCORES]
    assert found.rows.tolist() == ([5, 6] if title else [3, 4])
    assert found.meta["time"].null_count() == 0
    assert "read from the sheet 'Data' of 2" in notes(found)
    with pytest.raises(BadInput, match="has no sheet 'Dta'; its sheets: Petunjuk, Data"):
        tables.read(path, SKM, choices=Choices(sheet="Dta"))
    workbook(path, title, [[1, *SCORES[:8], 7, "x"]])
    with pytest.raises(
        BadInput, match=f"row {5 if title else 3}, column 'U9': 7 lies outside the scale 1 to 4"
    ):
        tables.read(path, SKM)


def test_parquet_and_frames(tmp_path: Path) -> None:
    frame = pl.DataFrame({code: [score, 2, None] for code, score in zip(SKM.required, SCORES, strict=True)})
    path = tmp_path / "answers.parquet"
    frame.write_parquet(path)
    found = tables.read(path, SKM)
    assert (found.n, found.scores[0].tolist()) == (2, SCORES)
    assert tables.from_frame(frame, SKM).n == 2
    with pytest.raises(BadInput, match="row 1, column 'U1': 4 lies outside"):
        tables.from_frame(frame, SKM.model_copy(update={"high": 3}))
    without = tables.from_frame(frame, SKM, choices=Choices(missing=("4",))).scores[0]
    assert np.isnan(without).tolist() == [score == 4 for score in SCORES]
    pl.DataFrame({code: [[1, 2]] for code in SKM.required}).write_parquet(path)
    with pytest.raises(BadInput, match=r"cannot be read as answers|no score of U1"):
        tables.read(path, SKM)
    path.write_bytes(b"PAR1 and nothing else")
    with pytest.raises(BadInput, match="cannot be read as Parquet"):
        tables.read(path, SKM)


# What is refused


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"{HEAD}\n{ROW}\n4;3;3;2;1;3;3;5;1\n", "row 3, column 'U8': 5 lies outside the scale 1 to 4 of U8"),
        (f"{HEAD}\n0;3;3;2;1;3;3;4;1\n", r"row 2, column 'U1': 0 .* say --missing 0"),
        (f"{HEAD}\n5;3;3;2;1;3;3;4;1\n6;3;3;2;1;3;3;4;1\n", r"2 such cells.*six-point.*--instrument"),
        (f"{HEAD}\n{ROW}\n4;3;empat;2;1;3;3;4;1\n", "row 3, column 'U3': 'empat' is no score of U3"),
        (f"{HEAD}\n4;3;Baik;2;1;3;3;4;1\n", r"row 2, column 'U3': 'Baik' .*Tidak cepat / Kurang cepat"),
        ("U1;U2;U3;U4;U5;U6;U7;U8\n1;1;1;1;1;1;1;1\n", r"no column for U9 \(Facilities\).*--map 'U9=COLUMN'"),
        (f"{HEAD}\n4;3;3;2;1;3;3;4;\n", "column 'U9': nobody answered U9"),
        (f"id;{HEAD}\na;{ROW}\nb;{ROW}\na;{ROW}\n", r"column 'id': 2 rows share .*'a' in rows 2, 4.*--duplicates"),
        (f"instrumen;{HEAD}\nskm-2017;{ROW}\nspak;{ROW}\n", r"2 instruments .*spak from row 3.*--where"),
        (f"instrumen;{HEAD}\nskm-2004;{ROW}\n", r"row 2: the answers are to skm-2004.*--instrument skm-2004"),
        ("U1;U2;U3;U4;U5;U6;U7;U8 Sarana;U9\n1;1;1;1;1;1;1;1;1\n", r"the code says U8 .* the words say U9"),
        (f"{HEAD};U1 lagi\n{ROW};4\n", "'U1' and 'U1 lagi' both say U1"),
        (f"{HEAD}\n{ROW}\n".replace(";", "~"), "only one column was found"),
        (f"{HEAD}\n4;3,0;3;2;1;3;3;4;1\n".replace(";", ","), "row 2 has more cells than .*decimal"),
        (f"{HEAD}\n{ROW}\n{ROW}\n3,0;{ROW}\n".replace(";", ","), "row 4 has 11 cells where most rows have 9"),
        ("nama;umur\nx;3\n", r"no column of skm-2017 was found \(U1 to U9\)"),
        ("", "is empty"),
        ("\x00\x01\x02", "is neither text nor a workbook nor Parquet"),
        (f"weight;{HEAD}\ndua;{ROW}\n", r"row 2, column 'weight': 'dua' is no number \(weight\)"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_named_with_row_and_column(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        read(tmp_path, text)
    assert read(tmp_path, f"{HEAD}\n{ROW}\n").n == 1  # where an honest file is read


def test_what_the_messages_say_helps(tmp_path: Path) -> None:
    assert np.isnan(read(tmp_path, f"{HEAD}\n0;3;3;2;1;3;3;4;1\n{ROW}\n", missing=("0",)).scores[0, 0])
    text = f"id;{HEAD}\na;{ROW}\nb;{ROW}\na;1;1;1;1;1;1;1;1;1\n"
    kept = {how: read(tmp_path, text, duplicates=how) for how in ("first", "last", "keep")}
    assert [found.rows.tolist() for found in kept.values()] == [[2, 3], [3, 4], [2, 3, 4]]
    assert "1 repeated rows left out" in notes(kept["first"])
    assert "delete it from the file" in notes(read(tmp_path, f"{HEAD};NIK\n{ROW};x\n"))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.integers(0, 90),
            st.sampled_from(
                ["", "9", '"', ";", ",", "\n", "3,5", "NaN", "inf", "U1", "Jumlah", "é", "\x00", "  ", "4."]
            ),
        ),
        max_size=6,
    )
)
def test_a_damaged_file_is_read_or_refused_in_words(tmp_path: Path, faults: list[tuple[int, str]]) -> None:
    text = f"id;{HEAD}\n" + "".join(f"{i};{ROW}\n" for i in range(3))
    for at, fault in faults:
        text = text[:at] + fault + text[at + 1 :]
    try:
        found = read(tmp_path, text)
    except BadInput:
        return  # any other error fails the test
    scores = found.scores[np.isfinite(found.scores)]
    assert ((scores >= 1) & (scores <= 4)).all()
    assert set(found.rows.tolist()) <= set(range(1, 12))


def test_a_file_that_lies_about_itself(tmp_path: Path) -> None:
    path = tmp_path / "answers.xlsx"
    path.write_text(HEAD)
    with pytest.raises(BadInput, match="not what its name says"):
        tables.read(path, SKM)
    path.write_bytes(b"PK\x03\x04 and no workbook")
    with pytest.raises(BadInput, match="cannot be read as a workbook"):
        tables.read(path, SKM)
    with pytest.raises(BadInput, match="There is no file"):
        tables.read(tmp_path / "none.csv", SKM)


def test_answers_of_some_respondents_only(tmp_path: Path) -> None:
    found = read(tmp_path, f"id;{HEAD}\na;{ROW}\nb;{ROW}\nc;;;;;;;;;\n")
    some = found.take(np.array([False, True, True]))
    assert (some.rows.tolist(), some.meta["id"].to_list(), some.n) == ([3, 4], ["b", "c"], 1)
    assert some.block(("U9", "U1"))[0].tolist() == [1, 4]
    assert some.column("U2")[0] == 3
