"""CSV and Parquet of any system become the same log, and what does not fit is said with its line."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from setara.science import events
from setara.science.events.guesses import roles_of

CSV = """Case ID,Activity,Complete Timestamp,Resource,Channel
a,check,2026-03-02T08:00:00+07:00,An,web
a,photo,2026-03-02T08:10:00+07:00,Bo,web
b,check,2026-03-02T23:30:00+00:00,An,hall
"""


def written(folder: Path, text: str, name: str = "log.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def test_usual_names_are_guessed_and_said_and_the_day_is_the_rows_own(tmp_path: Path) -> None:
    log = events.read(written(tmp_path, CSV))
    assert log.columns == {
        "case": "Case ID",
        "activity": "Activity",
        "time": "Complete Timestamp",
        "resource": "Resource",
    }
    assert log.guessed == {"case", "activity", "time", "resource"}
    assert log.frame["time"].to_list()[0] == datetime(2026, 3, 2, 1, tzinfo=UTC)
    assert log.frame["day"].to_list() == [date(2026, 3, 2)] * 3
    assert (log.case_attributes, log.event_attributes) == (("Channel",), ())
    said = events.read(written(tmp_path, CSV), mapping={"resource": "Channel"})
    assert said.frame["resource"].to_list() == ["web", "web", "hall"]
    assert "resource" not in said.guessed


def test_a_column_that_is_not_there_is_a_wrong_use_that_lists_the_columns(tmp_path: Path) -> None:
    path = written(tmp_path, CSV)
    with pytest.raises(events.LogUseError, match="no column 'Case'") as wrong:
        events.read(path, mapping={"case": "Case"})
    assert wrong.value.choices == ("Case ID", "Activity", "Complete Timestamp", "Resource", "Channel")
    nameless = written(tmp_path, CSV.replace("Activity", "Whatever"))
    with pytest.raises(events.LogUseError, match=r"activity.*--map activity=COLUMN"):
        events.read(nameless)
    assert events.read(nameless, mapping={"activity": "Whatever"}).frame.height == 3


def test_parquet_says_the_same_as_csv(tmp_path: Path) -> None:
    log = events.read(written(tmp_path, CSV))
    table = pl.read_csv(tmp_path / "log.csv").with_columns(
        pl.col("Complete Timestamp").str.to_datetime(time_zone="UTC")
    )
    table.write_parquet(tmp_path / "log.parquet")
    again = events.read(tmp_path / "log.parquet")
    assert again.frame.drop("day").equals(log.frame.drop("day", "offset"))


def test_only_what_is_wanted_is_read(tmp_path: Path) -> None:
    log = events.read(written(tmp_path, CSV), only=("time", "lane"))
    assert log.frame.columns == ["case", "activity", "time", "offset", "day"]
    assert log.attribute("Channel") is None
    assert log.frame.equals(events.read(written(tmp_path, CSV)).frame.select(log.frame.columns))


@pytest.mark.parametrize(
    ("written", "roles"),
    [
        ("caseid,task,start_time,end_time,user", "case,activity,start,time,resource"),
        ("CASE_ID,Activity,CompleteTimestamp,userid", "case,activity,time,resource"),
        ("no_antrian,kegiatan,waktu_antrian,waktu_dipanggil,waktu_selesai,nama_petugas",
         "case,activity,enqueue,call,time,resource"),
        ("visit id,step,join_time,called_at,finished_at,served_by,lane_id,branch_id",
         "case,activity,enqueue,call,time,resource,lane,office"),
    ],
    ids=["together", "capitals", "Indonesian", "English"],
)  # fmt: skip
def test_names_are_compared_without_case_blanks_and_punctuation(written: str, roles: str) -> None:
    columns = written.split(",")
    assert roles_of([*columns, "channel"], {})[0] == dict(zip(roles.split(","), columns, strict=True))
