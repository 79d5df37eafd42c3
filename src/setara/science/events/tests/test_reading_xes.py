"""XES: the trace is the case, lifecycles become one row an activity, and hostile files are refused."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from setara.science import events

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0" xmlns="http://www.xes-standard.org/">
<global scope="event"><string key="concept:name" value="unknown"/><string key="extra" value="no"/></global>
<classifier name="by name" keys="concept:name lifecycle:transition"/>
<string key="origin" value="nobody's attribute"/>
"""


def event(activity: str, time: str, **more: str) -> str:
    told = "".join(f'<string key="{key.replace("__", ":")}" value="{value}"/>' for key, value in more.items())
    return (
        f'<event><string key="concept:name" value="{activity}"/>'
        f'<date key="time:timestamp" value="2026-03-02T{time}:00.000+07:00"/>{told}</event>\n'
    )


def log_of(tmp_path: Path, *traces: str, name: str = "log.xes") -> events.Log:
    path = tmp_path / name
    text = HEAD + "".join(f"<trace>{trace}</trace>" for trace in traces) + "</log>"
    path.write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
    return events.read(path)


NAMED = '<string key="concept:name" value="{}"/>'


def clock(moment: datetime | None) -> str | None:
    return moment and moment.strftime("%H:%M")


def stages(log: events.Log) -> list[tuple[Any, ...]]:
    """Activity and its three moments, UTC, sorted."""
    frame = log.frame
    blank = [pl.lit(None).alias(role) for role in ("enqueue", "start") if role not in frame.columns]
    rows = frame.with_columns(blank).select("activity", "enqueue", "start", "time").rows()
    return sorted(((row[0], *map(clock, row[1:])) for row in rows), key=str)


def test_packed_or_not_the_same_log_with_attributes_of_trace_and_nested_ones(tmp_path: Path) -> None:
    inner = '<string key="type" value="passport"><string key="kind" value="e-48"/></string>'
    trace = NAMED.format("A-1") + inner + event("check", "08:00", org__resource="An")
    log = log_of(tmp_path, trace, NAMED.format("A-2") + event("check", "08:05", note="late"))
    assert log.columns == {
        "case": "case:concept:name",
        "activity": "concept:name",
        "time": "time:timestamp",
        "resource": "org:resource",
    }
    assert log.frame["case"].to_list() == ["A-1", "A-2"]
    assert log.frame["time"][0] == datetime(2026, 3, 2, 1, tzinfo=UTC)
    assert log.case_attributes == ("case:type", "case:type/kind", "note")  # constant, wherever it was written
    assert log.attribute("type") == "case:type"
    assert log.attribute("origin") is None
    assert log.attribute("extra") is None
    packed = log_of(
        tmp_path, trace, NAMED.format("A-2") + event("check", "08:05", note="late"), name="log.xes.gz"
    )
    assert packed.frame.equals(log.frame)


def test_schedule_start_and_complete_become_one_row(tmp_path: Path) -> None:
    life = "lifecycle__transition"
    trace = (
        event("A", "08:00", **{life: "schedule"})
        + event("A", "08:05", org__resource="An", **{life: "start"})
        + event("A", "08:06", org__resource="Bo", **{life: "START"})
        + event("A", "08:07", **{life: "suspend"})
        + event("A", "08:10", **{life: "complete"})
        + event("A", "08:12", **{life: "complete"})
        + event("B", "08:20", **{life: "complete"})
        + event("C", "08:30", **{life: "start"})
    )
    log = log_of(tmp_path, NAMED.format("x") + trace)
    assert stages(log) == [
        ("A", "01:00", "01:05", "01:10"),
        ("A", None, "01:06", "01:12"),
        ("B", None, None, "01:20"),
        ("C", None, "01:30", "01:30"),
    ]
    assert log.frame["resource"].to_list() == ["An", "Bo", None, None]
    assert any("1 suspend" in note for note in log.notes)
    assert any("7 events with lifecycles were joined into 4 activities" in note for note in log.notes)
    assert any("1 of them are never completed" in note for note in log.notes)
    assert {log.columns["start"], log.columns["enqueue"]} == {"lifecycle:transition"}


def test_instances_that_are_named_are_joined_by_name_not_by_order(tmp_path: Path) -> None:
    def lives(first: str, second: str) -> str:
        rows = (("08:00", first, "start"), ("08:01", second, "start"))
        ends = (("08:10", second, "complete"), ("08:20", first, "complete"))
        return "".join(
            event("A", time, concept__instance=name, lifecycle__transition=stage)
            for time, name, stage in rows + ends
        )

    assert stages(log_of(tmp_path, lives("1", "2"))) == [
        ("A", None, "01:00", "01:20"),
        ("A", None, "01:01", "01:10"),
    ]
    assert stages(log_of(tmp_path, lives("1", "1"))) == [
        ("A", None, "01:00", "01:10"),
        ("A", None, "01:01", "01:20"),
    ]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("aab"), st.sampled_from([0, 1, 1, 2]), st.integers(0, 20)),
        min_size=8,
        max_size=16,
    )
)
def test_joining_lifecycles_is_first_in_first_out(told: list[tuple[str, int, int]]) -> None:
    from setara.science.events.lifecycles import joined

    names = ("schedule", "start", "complete")
    times = pl.Series([one[2] * 1_000_000 for one in told]).cast(pl.Datetime("us", "UTC"))
    frame = pl.DataFrame(
        {"case": ["c"] * len(told), "activity": [one[0] for one in told], "time": times}
    ).with_columns(pl.Series("lifecycle", [names[one[1]] for one in told]), pl.lit(0).alias("attribute:x"))
    frame = frame.filter(~pl.struct("activity", "lifecycle", "time").is_duplicated())
    expected = []
    for activity in "ab":
        waiting: list[list[int | None]] = []
        begun: list[list[int | None]] = []
        rows = frame.filter(activity=activity).select("time", "lifecycle").rows()
        for time, stage in sorted((row[0], names.index(row[1])) for row in rows):
            if stage == 0 or (stage == 1 and not waiting) or (stage == 2 and not begun and not waiting):
                own: list[Any] = [None, None, None]
                expected.append((activity, own))
            else:
                own = begun.pop(0) if stage == 2 and begun else waiting.pop(0)
            own[stage] = time
            if stage == 0:
                waiting.append(own)
            elif stage == 1:
                begun.append(own)
    whole = sorted(str((name, own[0], own[1], own[2] or own[1] or own[0])) for name, own in expected)
    out, _, _ = joined(frame)
    blank = [pl.lit(None).alias(role) for role in ("enqueue", "start") if role not in out.columns]
    got = out.with_columns(blank).select("activity", "enqueue", "start", "time").rows()
    assert sorted(map(str, got)) == whole


def test_traces_without_a_name_and_events_without_lifecycle_are_read(tmp_path: Path) -> None:
    log = log_of(tmp_path, event("check", "08:00"), event("check", "08:00") + event("photo", "08:10"))
    assert log.frame["case"].to_list() == ["trace 1", "trace 2", "trace 2"]
    assert any("without a name" in note for note in log.notes)


def test_a_lane_and_an_office_of_the_trace_are_roles_and_can_be_named_without_the_prefix(
    tmp_path: Path,
) -> None:
    told = '<string key="lane" value="old"/><string key="site" value="north"/>'
    log = log_of(tmp_path, NAMED.format("a") + told + event("check", "08:00"))
    assert log.columns["lane"] == "case:lane"
    assert log.frame["lane"].to_list() == ["old"]
    assert "office" not in log.columns
    for name in ("site", "case:site"):
        named = events.read(tmp_path / "log.xes", mapping={"office": name})
        assert named.columns["office"] == "case:site"
        assert named.frame["office"].to_list() == ["north"]
    with pytest.raises(events.LogUseError, match="no column 'town'"):
        events.read(tmp_path / "log.xes", mapping={"office": "town"})


LAUGHS = """<?xml version="1.0"?><!DOCTYPE log [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
<log><trace><event><string key="concept:name" value="&b;"/></event></trace></log>"""
OUTSIDE = """<?xml version="1.0"?><!DOCTYPE log [<!ENTITY a SYSTEM "file:///etc/hostname">]>
<log><trace><event><string key="concept:name" value="x"/>&a;</event></trace></log>"""
FOREIGN = """<?xml version="1.0"?><!DOCTYPE log SYSTEM "http://example.org/x.dtd">
<log><trace><event><string key="concept:name" value="x"/>&a;</event></trace></log>"""
IN_VALUE = """<?xml version="1.0"?><!DOCTYPE log SYSTEM "http://example.org/x.dtd">
<log><trace><event><string key="concept:name" value="&a;"/></event></trace></log>"""


@pytest.mark.parametrize(
    "hostile", [LAUGHS, OUTSIDE, FOREIGN, IN_VALUE], ids=["laughs", "file", "net", "net, in a value"]
)
def test_entities_are_refused_with_their_line(tmp_path: Path, hostile: str) -> None:
    path = tmp_path / "hostile.xes"
    path.write_text(hostile)
    with pytest.raises(events.LogError, match=r"hostile.xes, line \d.*entit"):
        events.read(path)
    assert log_of(tmp_path, event("x", "08:00")).frame.height == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<log><trace><event></trace></log>", "line 1: mismatched tag"),
        ("<html><body/></html>", "root is <html>"),
        ("<log><trace></trace></log>", "1 traces and no event"),
        ('<log><event><string key="concept:name" value="x"/></event></log>', "outside every trace"),
        ("<log><trace><event/></trace></log>", "line 1: no event and no trace has any attribute"),
        (
            "<log><events><event><string key='id' value='1'/></event></events></log>",
            "OCEL in XML.*2.0 in JSON",
        ),
        ("<log><object-types/><event-types/><objects/><events/></log>", "OCEL in XML.*2.0 in JSON"),
    ],
    ids=["cut", "page", "no event", "no trace", "no attribute", "OCEL 1.0", "OCEL 2.0"],
)
def test_what_is_no_xes_is_said(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "broken.xes"
    path.write_text(text)
    with pytest.raises(events.LogError, match=said):
        events.read(path)
