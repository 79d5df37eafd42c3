"""OCEL 2.0: the path of one type of object is the case; without the type the types are listed."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from setara.science import events

OBJECTS = [
    {
        "id": "A-1",
        "type": "application",
        "attributes": [
            {"name": "channel", "time": "2026-03-03T00:00:00Z", "value": "hall"},
            {"name": "channel", "time": "1970-01-01T00:00:00Z", "value": "web"},
        ],
    },
    {"id": "A-2", "type": "application", "attributes": [{"name": "channel", "time": "", "value": "hall"}]},
    {"id": "O-1", "type": "officer"},
]
EVENTS = [
    ("e1", "check", "2026-03-02T08:00:00+07:00", "An", ["A-1", "O-1"]),
    ("e2", "talk", "2026-03-02T08:20:00+07:00", "Bo", ["A-1", "A-2"]),
    ("e3", "break", "2026-03-02T09:00:00+07:00", "An", ["O-1"]),
]


def as_json(path: Path) -> Path:
    told = [
        {
            "id": one,
            "type": kind,
            "time": time,
            "attributes": [{"name": "resource", "value": who}],
            "relationships": [{"objectId": thing, "qualifier": ""} for thing in things],
        }
        for one, kind, time, who, things in EVENTS
    ]
    whole: dict[str, Any] = {"objectTypes": [], "eventTypes": [], "objects": OBJECTS, "events": told}
    path.write_text(json.dumps(whole))
    return path


def as_sqlite(path: Path) -> Path:
    with closing(sqlite3.connect(path)) as base:
        base.executescript(
            """create table event(ocel_id, ocel_type); create table object(ocel_id, ocel_type);
            create table event_object(ocel_event_id, ocel_object_id, ocel_qualifier);
            create table event_map_type(ocel_type, ocel_type_map);
            create table object_map_type(ocel_type, ocel_type_map);
            create table object_app(ocel_id, ocel_time, ocel_changed_field, channel);
            create table object_off(ocel_id, ocel_time, ocel_changed_field);"""
        )
        base.executemany(
            "insert into object_map_type values(?, ?)", [("application", "app"), ("officer", "off")]
        )
        for one in OBJECTS:
            base.execute("insert into object values(?, ?)", (one["id"], one["type"]))
            for told in one.get("attributes", ()):
                base.execute(
                    "insert into object_app values(?, ?, ?, ?)", (one["id"], told["time"], "", told["value"])
                )
        for one, kind, time, who, things in EVENTS:
            base.execute(f'create table if not exists "event_{kind}"(ocel_id, ocel_time, resource)')
            base.execute("insert into event_map_type values(?, ?)", (kind, kind))
            base.execute(f'insert into "event_{kind}" values(?, ?, ?)', (one, time, who))
            base.execute("insert into event values(?, ?)", (one, kind))
            base.executemany("insert into event_object values(?, ?, '')", [(one, thing) for thing in things])
        base.commit()
    return path


@pytest.mark.parametrize("written", [as_json, as_sqlite])
def test_the_objects_of_one_type_are_the_cases(tmp_path: Path, written: Any) -> None:
    path = written(tmp_path / "log.ocel")
    with pytest.raises(events.LogUseError, match=r"--object-type.*application \(2\), officer \(1\)") as asked:
        events.read(path)
    assert asked.value.choices == ("application", "officer")
    log = events.read(path, object_type="application")
    rows = log.frame.select("case", "activity", "resource").rows()
    assert sorted(rows) == [("A-1", "check", "An"), ("A-1", "talk", "Bo"), ("A-2", "talk", "Bo")]
    assert log.attribute("channel") == "case:channel"
    assert dict(log.frame.select("case", "case:channel").rows()) == {"A-1": "web", "A-2": "hall"}
    assert any("1 events concern no object" in note for note in log.notes)
    assert any("1 later changes" in note for note in log.notes)
    officers = events.read(path, object_type="officer")
    assert officers.frame["activity"].to_list() == ["check", "break"]
    with pytest.raises(events.LogUseError, match="no object of the type 'book'"):
        events.read(path, object_type="book")


def test_the_first_version_and_other_files_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    path.write_text('{"ocel:global-log": {}, "ocel:events": {}, "ocel:objects": {}}')
    with pytest.raises(events.LogError, match=r"OCEL 1.0.*2.0"):
        events.read(path, object_type="x")
    path.write_text('{"a": [}')
    with pytest.raises(events.LogError, match="line 1"):
        events.read(path)
    path.write_text('{"a": []}')
    with pytest.raises(events.LogError, match="no list 'objects'"):
        events.read(path)
    path.write_text('{"objects": [{"id": "a", "type": "t"}], "events": [{"id": "e", "type": "x"}]}')
    with pytest.raises(events.LogError, match=r"events\[0\]: 'time' is missing"):
        events.read(path, object_type="t")
    other = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(other)) as base:
        base.execute("create table t(a)")
    with pytest.raises(events.LogError, match="no table 'event'"):
        events.read(other, object_type="t")
    csv = tmp_path / "log.csv"
    csv.write_text("case,activity,time\na,b,2026-01-01 08:00\n")
    with pytest.raises(events.LogUseError, match="not an OCEL log"):
        events.read(csv, object_type="t")
