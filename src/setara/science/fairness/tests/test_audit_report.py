"""One audit as a whole: the document, the page, the words, the limits."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from setara.science.events import read
from setara.science.fairness.engine import Report, audit
from setara.science.fairness.indonesian import translated
from setara.science.fairness.page import page
from setara.science.fairness.page_texts import TEXTS
from setara.science.fairness.prepared import Options
from setara.science.fairness.summary import summary
from setara.science.simulate.logs import generate
from setara.science.simulate.office import World

SCHEMES = {"single-jump": 0.03, "false-reason": 0.02}


@pytest.fixture(scope="module")
def log_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    log, _ = generate(World(applicants=90, days=8, honest_error=0.002, schemes=SCHEMES), 5)
    file = tmp_path_factory.mktemp("audit") / "log.parquet"
    even = pl.col("case").hash() % 2 == 0
    log.with_columns(group=pl.when(even).then(pl.lit("a")).otherwise(pl.lit("b"))).write_parquet(file)
    return file


@pytest.fixture(scope="module")
def report(log_file: Path) -> Report:
    return audit(read(log_file), Options(by=("group",)))


def test_the_document_has_the_promised_keys_and_is_plain(report: Report) -> None:
    body = json.loads(json.dumps(report.as_dict()))  # nothing that JSON could not hold
    assert {"log", "rule_fit", "detectors", "groups", "limits"} <= set(body)
    assert {"cases", "events", "first", "last", "columns"} <= set(body["log"])
    assert [one["id"] for one in body["detectors"]] == [f"D{n}" for n in range(1, 11)]
    keys = {
        "id",
        "name",
        "computable",
        "why_not",
        "effect",
        "interval",
        "decision",
        "evidence",
        "evidence_total",
    }
    for one in body["detectors"]:
        assert keys | {"q_value", "e_value"} <= set(one)
        assert one["computable"] == (one["decision"] != "not computable")
        assert bool(one["why_not"]) or one["computable"]
        assert len(one["evidence"]) == one["evidence_total"]
    first = body["detectors"][0]
    assert first["evidence_total"] > 5
    assert {"case", "activity", "time", "resource", "depth"} <= set(first["evidence"][0])
    for one in body["groups"]:
        assert {
            "attribute",
            "level",
            "measure",
            "n",
            "crude",
            "effect",
            "interval",
            "q_value",
            "decision",
        } <= set(one)


def test_the_rule_fit_and_the_counts_are_those_of_the_log(report: Report, log_file: Path) -> None:
    frame = pl.read_parquet(log_file)
    body = report.as_dict()
    assert (body["log"]["cases"], body["log"]["events"]) == (frame["case"].n_unique(), frame.height)
    calls = frame.filter(pl.col("call").is_not_null() & pl.col("enqueue").is_not_null()).height
    assert body["rule_fit"]["calls"] == calls
    assert body["rule_fit"]["fits"] is True
    bare = report["D1"].details["without_proven_reason"]
    assert body["rule_fit"]["explained"] == pytest.approx(1 - bare / calls)


def test_without_absence_marks_the_limits_give_the_count_both_ways(log_file: Path) -> None:
    log = read(log_file)
    with_marks, without = audit(log), audit(log.without("absent"))
    more = without["D1"].evidence_total
    assert more > with_marks["D1"].evidence_total
    (said,) = [limit for limit in without.limits if "no absence marks" in limit]
    figures = [int(number) for number in re.findall(r"\d+", said)]
    assert figures[:2] == [more, with_marks["D1"].evidence_total]
    (said,) = [limit for limit in with_marks.limits if "With the absence marks" in limit]
    assert [int(n) for n in re.findall(r"\d+", said)] == [with_marks["D1"].evidence_total, more]


def test_what_the_columns_do_not_hold_is_said(log_file: Path) -> None:
    bare = audit(read(log_file).without("enqueue", "reason", "proof", "resource", "lane"))
    for id_ in ("D2", "D3", "D4", "D10"):
        assert bare[id_].decision == "not computable", id_
    for id_ in ("D1", "D2", "D3", "D4", "D10"):
        assert "enqueue" in bare[id_].why_not, id_
    assert "completions" in bare["D1"].name  # what can be looked at is, under its own name


def test_a_rule_that_does_not_fit_blames_nobody(log_file: Path) -> None:
    """The same calls, but every moment of joining dealt to another ticket of the day."""
    frame = pl.read_parquet(log_file)
    turned = frame.with_columns(
        enqueue=pl.when(pl.col("enqueue").is_not_null()).then(pl.col("call") - (pl.col("call").hash() % 10**10).cast(
            pl.Duration("us")))
    )  # fmt: skip
    file = log_file.with_name("turned.parquet")
    turned.write_parquet(file)
    found = audit(read(file))
    assert found.fit.fits is False
    assert found["D1"].name == "calls not explained by this rule"
    for id_ in ("D3", "D4", "D10"):
        assert found[id_].decision == "not computable"
        assert "does not describe" in found[id_].why_not


@pytest.mark.parametrize("lang", ["id", "en"])
def test_the_page_stands_alone_and_tells_who_was_passed(report: Report, lang: str) -> None:
    html = page(report, lang)
    assert f'<html lang="{lang}">' in html
    assert not re.search(r'(?:src|href)="(?!#)', html)  # nothing from elsewhere
    assert "http:" not in re.sub(r'xmlns(:\w+)?="[^"]*"', "", html)
    assert "</svg>" in html
    evidence = report["D1"].evidence.row(0, named=True)
    card = html.split('id="call-1"')[1].split('id="call-2"')[0]
    for case in (evidence["case"], evidence["choice"], *evidence["passed"]):
        assert case in card
    assert card.count("<small>") == len(evidence["passed"]) + 1
    assert TEXTS[lang]["limits"] in html
    for marked in re.findall(r"Worth a look|Perlu dilihat", html):
        assert marked == TEXTS[lang]["attention"]


def test_the_page_escapes_what_a_log_says(log_file: Path) -> None:
    frame = pl.read_parquet(log_file).with_columns(pl.col("resource") + "<script>alert(1)</script>")
    file = log_file.with_name("hostile.parquet")
    frame.write_parquet(file)
    html = page(audit(read(file)), "en")
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html


def test_both_languages_have_the_same_texts_and_the_limits_are_translated(report: Report) -> None:
    assert set(TEXTS["id"]) == set(TEXTS["en"])
    for name, text in TEXTS["id"].items():
        assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", TEXTS["en"][name])), name
    untold = [limit for limit in report.limits if not translated(limit)]
    assert untold == []
    assert translated(report.fit.words)
    assert translated("a sentence that nobody knows") == ""


def test_the_summary_says_guesses_findings_and_limits(report: Report) -> None:
    text = summary(report)
    assert "case = case (guessed)" in text
    assert "--map ROLE=COLUMN" in text
    assert re.search(r"^D1 +LOOK +order of calling: \d+ rows of evidence", text, re.MULTILINE)
    assert "What this log cannot show:" in text
    assert all(len(line) <= 110 for line in text.splitlines())


def test_options_that_name_nothing_are_refused(log_file: Path) -> None:
    log = read(log_file)
    bad: list[tuple[dict[str, Any], str]] = [
        ({"by": ("shoe size",)}, "no attribute 'shoe size'"),
        ({"by": ("group",), "strata": ("activity",)}, "changes within|no attribute"),
    ]
    for options, words in bad:
        with pytest.raises(ValueError, match=words):
            audit(log, Options(**options))
