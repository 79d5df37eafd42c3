"""What is wrong with a file is said with its line; what can be read all the same is read, and counted."""

from __future__ import annotations

import gzip
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from setara.science import events

GOOD = "case,activity,time\na,check,2026-03-02 08:00:00\na,photo,2026-03-02 08:10:00\n"


def read(tmp_path: Path, text: str | bytes, encoding: str = "utf-8", **mapping: str) -> events.Log:
    path = tmp_path / "log.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return events.read(path, mapping=mapping)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("case,activity,time\n", "holds no event"),
        ("case,activity,time\n,,\n", "holds no event"),
        ("just one column\nx\n", "only one column"),
        (GOOD + "b,check,2026-03-02 09:00:00,more\n", "line 4: 4 fields, but the first line names 3"),
        (GOOD + 'b,"check,2026-03-02 09:00:00\n', "line 4: "),
        ('case,activity,time\na,"check,2026-03-02 08:00:00\n', "line 2: "),
        ("case,activity,time\na,check,2026-03-02 08:00:00,more\n", "line 2: 4 fields"),
        (GOOD + "b,check,soon\n", r"1 moments.*first: line 4, 'soon'"),
        (b"\x00\x01\x02\x03" * 10, "neither text nor a format"),
        (b"PAR1 and no more", "is damaged"),
        (b"PK\x03\x04rest", "ZIP or an Excel file"),
        (gzip.compress(GOOD.encode() * 500)[:-40], "is damaged"),
    ],
    ids=range(14),
)
def test_what_cannot_be_read_is_said_with_its_line(tmp_path: Path, text: str | bytes, said: str) -> None:
    assert read(tmp_path, GOOD).frame.height == 2
    with pytest.raises(events.LogError, match=said) as wrong:
        read(tmp_path, text)
    assert not isinstance(wrong.value, events.LogUseError)


def test_a_file_that_is_not_there_and_a_folder_are_wrong_uses(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(events.LogUseError):
            events.read(path)
    with pytest.raises(events.LogUseError, match=r"no moments that can be read, such as 'check' \(line 2\)"):
        read(tmp_path, GOOD, time="activity", activity="time")
    with pytest.raises(events.LogUseError, match="no role 'when'"):
        read(tmp_path, GOOD, when="time")


def test_order_and_duplicates_do_not_matter_and_are_counted(tmp_path: Path) -> None:
    lines = ["b,check,2026-03-02 09:00:00", "a,photo,2026-03-02 08:10:00", "b,photo,2026-03-02 09:10:00"]
    lines += ["a,check,2026-03-02 08:00:00"]
    log = read(tmp_path, "\n".join(["case,activity,time", *lines, lines[1]]) + "\n")
    assert log.frame.height == 4
    assert any(
        note.startswith("1 row says exactly what another says; each was counted once") for note in log.notes
    )
    index = log.cases
    names = [
        log.frame["activity"].gather(index.order[index.starts[one] : index.starts[one + 1]]).to_list()
        for one in range(index.count)
    ]
    assert names == [["check", "photo"]] * 2
    days = read(tmp_path, "case,activity,time\na,check,2026-03-02\na,check,2026-03-02\n")
    assert days.frame.height == 2  # a log of days cannot tell a repetition from a double
    assert any("they were kept" in note for note in days.notes)


def test_one_moment_that_cannot_be_read_does_not_make_the_others_state_a_zone(tmp_path: Path) -> None:
    rows = "".join(f"{at},check,2026-03-02 08:{at:02}:00\n" for at in range(40))
    notes = read(tmp_path, "case,activity,start,time\n" + "x,check,2026-03-02 07:00:00,soon\n"
                 + rows.replace("check,", "check,2026-03-02 07:00:00,")).notes  # fmt: skip
    assert any("could not be read and counts as missing (first: line 2, 'soon')" in note for note in notes)
    assert any("The moments state no time zone" in note for note in notes)
    assert not any("though others do" in note for note in notes)


def test_each_row_counts_in_its_own_time_zone(tmp_path: Path) -> None:
    stated = ("T23:30:00+09:00", "T23:30:00Z", "T23:30:00-0500", " 23:30")
    rows = "".join(f"a,{at},2026-03-02{one}\n" for at, one in enumerate(stated))
    log = read(tmp_path, "case,activity,time\n" + rows)
    assert log.frame["day"].to_list() == [date(2026, 3, 2)] * 4
    assert [one.hour for one in log.frame["time"]] == [14, 23, 4, 23]
    assert log.frame["offset"].to_list() == [540, 0, -300, 0]
    assert any("3 different offsets" in note for note in log.notes)
    assert any("1 moment states no time zone though others do" in note for note in log.notes)
    naive = read(tmp_path, GOOD)
    assert "offset" not in naive.frame.columns
    assert any("state no time zone" in note for note in naive.notes)


def test_ends_before_starts_are_counted_and_the_start_is_missing(tmp_path: Path) -> None:
    head = "case,activity,enqueue,call,start,time\n"
    good = "a,x,2026-03-02 08:00,2026-03-02 08:05,2026-03-02 08:06,2026-03-02 08:10\n"
    bad = "b,x,2026-03-02 08:08,2026-03-02 08:05,2026-03-02 08:30,2026-03-02 08:10\n"
    log = read(tmp_path, head + good + bad)
    rows = log.frame.sort("case")
    assert rows["start"].is_null().to_list() == [False, True]
    assert rows["enqueue"].is_null().to_list() == [False, True]
    assert rows["call"].is_null().to_list() == [False, False]
    assert any("1 event ends before its start" in note for note in log.notes)


def test_semicolons_commas_old_encodings_and_marks(tmp_path: Path) -> None:
    text = "kasus;kegiatan;waktu;petugas;biaya\n" + "a;Pemeriksaan;02/03/2026 08.15;Désirée;350,5\n" * 1
    text += "b;Foto;17/03/2026 09.15;An;1,25\n"
    for encoding in ("cp1252", "utf-8", "utf-8-sig", "utf-16"):
        log = read(tmp_path, text, encoding)
        assert log.frame["resource"].to_list() == ["Désirée", "An"]
        assert log.frame["biaya"].to_list() == [350.5, 1.25]
        assert log.frame["time"][0] == datetime(2026, 3, 2, 8, 15, tzinfo=UTC)
        assert any("cp1252" in note for note in log.notes) == (encoding == "cp1252")
        assert any("utf-16" in note for note in log.notes) == (encoding == "utf-16")


def test_lines_may_end_as_on_old_macs_and_the_first_may_name_the_separator(tmp_path: Path) -> None:
    for text in (GOOD.replace("\n", "\r"), GOOD.replace("\n", "\r\n"), "sep=,\n" + GOOD):
        log = read(tmp_path, text)
        assert log.frame["activity"].to_list() == ["check", "photo"]


def test_a_few_moments_that_cannot_be_read_are_left_out_with_the_first_line(tmp_path: Path) -> None:
    rows = "".join(f"c{one},x,2026-03-02 08:{one:02}:00\n" for one in range(50))
    log = read(tmp_path, "case,activity,time\n" + rows + "d,x,?\n,x,2026-03-02 08:00:00\n")
    assert log.frame.height == 50
    assert any(
        "1 moment in 'time' could not be read" in note and "line 52, '?'" in note for note in log.notes
    )
    assert any(note.startswith("2 rows without case, activity or moment") for note in log.notes)


def test_days_and_months_are_told_apart_by_the_whole_column(tmp_path: Path) -> None:
    def rows(last: str) -> str:
        early = "".join(f"c{one},x,01/02/2026 08:00:{one % 60:02}\n" for one in range(6000))
        return f"case,activity,time\n{early}z,x,{last}\n"

    assert read(tmp_path, rows("13/02/2026 08:00:00")).frame["day"][0] == date(2026, 2, 1)
    assert read(tmp_path, rows("02/13/2026 08:00:00")).frame["day"][0] == date(2026, 1, 2)
    doubtful = read(tmp_path, rows("03/02/2026 08:00:00"))
    assert doubtful.frame["day"][0] == date(2026, 2, 1)
    assert any("day is taken to stand before the month" in note for note in doubtful.notes)


def test_one_case_with_a_hundred_thousand_events_is_ordered(tmp_path: Path) -> None:
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    times = pl.Series([begin + timedelta(seconds=int(one * 7919 % 100_000)) for one in range(100_000)])
    path = tmp_path / "log.parquet"
    pl.DataFrame({"case": ["one"] * 100_000, "activity": ["x"] * 100_000, "time": times}).write_parquet(path)
    log = events.read(path)
    assert log.cases.count == 1
    assert log.frame["time"].gather(log.cases.order).is_sorted()


def test_an_absence_may_be_a_flag(tmp_path: Path) -> None:
    log = read(tmp_path, "case,activity,time,absent\na,x,2026-03-02 08:00,yes\nb,x,2026-03-02 08:10,no\n")
    assert log.frame["absent"].to_list() == [log.frame["time"][0], None]
    assert "absent" in log.columns
    other = read(tmp_path, "case,activity,time,window\na,x,2026-03-02 08:00,loket 3\n")
    assert "window" not in other.columns  # a guess that holds no moments was none
    assert other.attribute("window") == "source:window"
