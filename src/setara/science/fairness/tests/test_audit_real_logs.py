"""Two published logs: what is found agrees with counts made here, without our code, and nothing absurd is said."""

from __future__ import annotations

import csv
import gzip
import xml.etree.ElementTree as ET  # a published file that the test names
from collections import defaultdict
from datetime import datetime
from functools import cache
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

from setara.science import events
from setara.science.fairness.engine import audit
from setara.science.fairness.groups import compare
from setara.science.fairness.measures import cases_of
from setara.science.fairness.prepared import Options

DATA = Path(__file__).parents[6] / "shared" / "data"
PERMITS, HIRING = DATA / "receipt.csv.gz", DATA / "hiring_log_high.xes.gz"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the published logs (../shared/data) are not here")


@cache
def permits() -> list[dict[str, str]]:
    with gzip.open(PERMITS, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def hiring() -> list[dict[str, Any]]:
    """Each case by plain XML: its attributes, activities, resources and hours."""
    out = []
    with gzip.open(HIRING) as file:
        for _, element in ET.iterparse(file):  # noqa: S314 - our own copy of a published file
            if not element.tag.endswith("trace"):
                continue
            seen: dict[str, Any] = {"activities": set(), "resources": set(), "times": []}
            for part in element:
                if part.tag.endswith("event"):
                    said = {one.get("key"): one.get("value") for one in part}
                    seen["activities"].add(said["concept:name"])
                    seen["resources"].add(said["resource"])
                    seen["times"].append(datetime.fromisoformat(said["time:timestamp"] or ""))
                else:
                    seen[part.get("key") or ""] = part.get("value")
            seen["hours"] = (max(seen["times"]) - min(seen["times"])).total_seconds() / 3600
            out.append(seen)
            element.clear()
    return out


@pytest.mark.slow(12)
def test_the_planted_discrimination_is_found_and_is_as_large_as_counting_says() -> None:
    log = events.read(HIRING)
    found = compare(log, cases_of(log), ["protected", "@@case_index"], min_effect=0.05)
    by_measure = {
        one.measure: one for one in found.compared if (one.attribute, one.level) == ("protected", "true")
    }
    cases = hiring()
    inside = [case for case in cases if case["protected"] == "true"]
    others = [case for case in cases if case["protected"] != "true"]
    assert by_measure["duration"].n == len(inside) > 1000
    for kind, key in (("activity", "activities"), ("resource", "resources")):
        for name in set().union(*(case[key] for case in cases)):
            wanted = mean(name in case[key] for case in inside) - mean(name in case[key] for case in others)
            one = by_measure[f"{kind}:{name}"]
            assert one.crude == pytest.approx(wanted, abs=1e-12)
            assert one.effect == one.crude
            assert one.interval[0] <= wanted <= one.interval[1]
    hours = mean(case["hours"] for case in inside) - mean(case["hours"] for case in others)
    assert by_measure["duration"].crude == pytest.approx(hours, rel=1e-9)
    offer = by_measure["activity:Make Job Offer"]
    assert offer.decision == "attention"
    assert offer.effect < -0.2
    # The running number of a case says when it was entered, and nothing of who was treated how.
    assert not [one for one in found.attention if one.attribute != "protected" and abs(one.effect) > 0.1]


def test_the_permit_log_blames_nobody_for_an_order_that_nobody_promised() -> None:
    report = audit(events.read(PERMITS), Options(by=("channel", "enddate_planned")))
    assert (report.about()["cases"], report.about()["events"]) == (1434, 8577)
    order = report["D1"]
    assert (order.decision, order.evidence_total) == ("clear", 3237)  # listed, and nobody is blamed
    assert "not explained by this rule" in order.name
    for id_ in ("D2", "D3", "D4", "D6", "D8", "D9", "D10"):
        assert report[id_].decision == "not computable", id_
        assert report[id_].evidence_total == 0
    assert report.fit.fits is False
    assert any("order of calling cannot be checked" in limit for limit in report.limits)
    untested = {(one.attribute, one.level) for one in report.groups.untested}
    assert ("channel", "Intern") in untested  # eight cases
    assert ("enddate_planned", "") in untested  # another moment for nearly every case


def test_the_permit_log_differs_by_channel_as_counting_says() -> None:
    cases: dict[str, dict[str, Any]] = defaultdict(lambda: {"activities": set(), "times": []})
    for row in permits():
        case = cases[row["case:concept:name"]]
        case["channel"] = row["case:channel"]
        case["activities"].add(row["concept:name"])
        case["times"].append(datetime.fromisoformat(row["time:timestamp"]))
    log = events.read(PERMITS)
    found = compare(log, cases_of(log), ["case:channel"])
    checked = 0
    for one in found.compared:
        inside = [case for case in cases.values() if case["channel"] == one.level]
        others = [case for case in cases.values() if case["channel"] != one.level]
        assert one.n == len(inside)
        kind, _, name = one.measure.partition(":")
        if kind == "activity":
            wanted = mean(name in case["activities"] for case in inside)
            wanted -= mean(name in case["activities"] for case in others)
            assert one.crude == pytest.approx(wanted, abs=1e-12)
            checked += 1
        if kind == "duration":
            spans = [
                mean((max(case["times"]) - min(case["times"])).total_seconds() / 3600 for case in part)
                for part in (inside, others)
            ]
            assert one.crude == pytest.approx(spans[0] - spans[1], rel=1e-9)
    assert checked > 50
