"""Two published logs: what is read agrees with counts made without any of our code."""

from __future__ import annotations

import csv
import gzip
import re
from collections import Counter
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest

from setara.science import events

DATA = Path(__file__).parents[6] / "shared" / "data"
PERMITS, HIRING = DATA / "receipt.csv.gz", DATA / "hiring_log_high.xes.gz"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the published logs (../shared/data) are not here")


@cache
def permits() -> events.Log:
    return events.read(PERMITS)


def test_the_permit_log_is_read_whole() -> None:
    with gzip.open(PERMITS, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    frame = permits().frame
    assert frame.height == len(rows) == 8577
    assert permits().cases.count == len({row["case:concept:name"] for row in rows}) == 1434
    assert Counter(frame["activity"]) == Counter(row["concept:name"] for row in rows)
    assert Counter(frame["resource"]) == Counter(row["org:resource"] or None for row in rows)
    stated = [datetime.fromisoformat(row["time:timestamp"]) for row in rows]
    assert frame["time"].to_list() == stated
    assert frame["day"].to_list() == [one.date() for one in stated]
    channels = {row["case:concept:name"]: row["case:channel"] for row in rows}
    column = permits().attribute("channel")
    assert column is not None
    assert dict(frame.select("case", column).unique().rows()) == channels


def test_the_hiring_log_is_read_whole() -> None:
    text = gzip.decompress(HIRING.read_bytes()).decode()
    traces = text.split("<trace>")[1:]
    log = events.read(HIRING)
    assert log.cases.count == len(traces) == 10_000
    assert log.frame.height == text.count("<event>")
    named = re.compile(r'<string key="concept:name" value="([^"]*)"')
    told = Counter(name for trace in traces for name in named.findall(trace.partition("<event>")[2]))
    assert Counter(log.frame["activity"]) == told
    protected = Counter(re.search(r'key="protected" value="(\w+)"', trace)[1] for trace in traces)  # type: ignore[index]
    column = log.attribute("protected")
    assert column == "case:protected"
    assert Counter(log.frame.unique("case")[column]) == protected
