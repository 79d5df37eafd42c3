"""Opinion against record: facts counted by hand, disagreement that was planted, and what is said when facts lack."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import isnan
from pathlib import Path

import polars as pl
import pytest

from setara.science import events
from setara.science.satisfaction import facts, instruments, record, tables
from setara.science.satisfaction.facts import Standards
from setara.science.satisfaction.instruments import BadInput

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # eight o'clock in Jakarta


def log_file(folder: Path, cases: int = 60, late: int = 20, **extra: object) -> Path:
    """A log: every third waits 90 minutes, ``late`` are done after their promised date, every tenth is sent back."""
    rows = []
    for i in range(cases):
        came = START + timedelta(days=i // 20, minutes=3 * (i % 20))
        wait = timedelta(minutes=90 if i % 3 == 0 else 10)
        base = {
            "case": f"R{i:03d}",
            "due": f"{came + timedelta(days=4):%Y-%m-%d}",
            "parking": "full" if i % 4 == 0 else "free",
        }
        call = {"enqueue": came, "call": came + wait, "window": came + timedelta(minutes=5)}
        rows.append({"activity": "interview", "time": came + wait + timedelta(minutes=5), **call, **base})
        if i % 10 == 0:
            rows.append({"activity": "sent back", "time": came + timedelta(hours=3), **base})
        done = came + timedelta(days=6 if i < late else 3)
        rows.append({"activity": "handed over", "time": done, **base})
    rows.append({"activity": "complaint received", "time": START, "case": "K1", "due": None, "parking": None})
    rows.append({"activity": "complaint answered", "time": START + timedelta(days=3), "case": "K1"})
    rows.append({"activity": "complaint received", "time": START, "case": "K2"})
    rows.append({"activity": "complaint answered", "time": START + timedelta(days=20), "case": "K2"})
    path = folder / "log.parquet"
    pl.DataFrame(rows, infer_schema_length=None).with_columns(resource=pl.lit("clerk")).write_parquet(path)
    return path


def answers(n: int = 60, promised: int = 5, instrument: str = "servqual") -> tables.Answers:
    """Everybody gives ``promised`` to the item of the promised date and 4 to the rest; ids are cases of the log."""
    chosen = instruments.load(instrument)
    names = [code for code in chosen.required if not code.startswith("E")]
    columns = {name: [4] * n for name in names} | {"id": [f"R{i:03d}" for i in range(n)]}
    if instrument == "servqual":
        columns |= {"P5": [promised] * n, "P23": [4] * n}
    wish = tables.Choices(required=(), optional=tuple(record.TWINS[instrument]))
    return tables.from_frame(pl.DataFrame(columns), chosen, choices=wish)


def test_facts_of_a_log_by_hand(tmp_path: Path) -> None:
    found = facts.from_log(events.read(log_file(tmp_path)))
    counts = {code: (one.kept, one.n) for code, one in found.found.items()}
    assert counts["promised_date"] == (40, 60)
    assert counts["told_date"] == (60, 62)  # the complaints have no date
    assert counts["wait"] == (40, 60)
    assert counts["window"] == (40, 60)  # 5 minutes after the window, or 85
    assert counts["requirements"] == (56, 62)
    assert counts["complaints"] == (1, 2)
    assert counts["parking"] == (45, 60)
    assert counts["order"][1] == 60
    assert counts["order"][0] < 60  # who waits ninety minutes is passed
    assert found.found["wait"].details["median_minutes"] == 10
    assert found.found["promised_date"].details["median_days_late"] == 2
    patient = Standards(
        wait_minutes=100, window_minutes=100, complaint_days=30, activities={"changed": "^interview$"}
    )
    found = facts.from_log(events.read(log_file(tmp_path)), patient)
    counts = {code: (one.kept, one.n) for code, one in found.found.items()}
    assert counts["wait"] == counts["window"] == (60, 60)
    assert counts["complaints"] == (2, 2)
    assert counts["requirements"] == (2, 62)


def test_what_a_log_lacks_is_said(tmp_path: Path) -> None:
    path = tmp_path / "bare.csv"
    path.write_text("case,activity,time\nA,done,2026-03-02T08:00:00Z\nB,done,2026-03-03T08:00:00Z\n")
    found = facts.from_log(events.read(path))
    assert found.found == {}
    assert found.missing["promised_date"].en == "the log has no due"
    assert "--activity changed" in found.missing["requirements"].en
    with pytest.raises(BadInput, match="no fact that these answers are about"):
        record.against(answers(), found)


def test_disagreement_is_found_and_agreement_too(tmp_path: Path) -> None:
    found = facts.from_log(events.read(log_file(tmp_path, 300, late=300)))
    pairs = {one.item: one for one in record.against(answers(300), found).pairs}
    # Everybody says the date was kept, and it never was.
    assert (pairs["P5"].opinion, pairs["P5"].fact.share) == (1.0, 0.0)
    assert pairs["P5"].decision == "opinion above record"
    assert pairs["P10"].decision == "agree"
    assert pairs["P11"].fact.share == pytest.approx(2 / 3)
    kept = facts.from_log(events.read(log_file(tmp_path, 300, late=0)))
    same = {one.item: one for one in record.against(answers(300), kept).pairs}
    assert same["P5"].decision == "agree"
    cross = {one.item: one for one in record.against(answers(300, promised=1), kept).pairs}
    assert cross["P5"].decision == "opinion below record"
    few = {one.item: one for one in record.against(answers(300), found).pairs}
    assert few["P6"].decision == "too few"  # two complaints
    body = record.against(answers(300), found).as_dict()
    assert body["pairs"][0]["record"]["n"] == 300
    assert {"n", "margin", "pairs", "without"} == set(body)


def test_answers_of_the_same_cases(tmp_path: Path) -> None:
    found = facts.from_log(events.read(log_file(tmp_path, late=20)))
    table = answers()
    scores = table.scores.copy()
    place = table.codes.index("P5")
    scores[:20, place] = 1  # exactly those whose date was not kept
    honest = tables.Answers(table.instrument, table.codes, scores, table.rows, table.meta, table.frame)
    pair = next(one for one in record.against(honest, found).pairs if one.item == "P5")
    assert pair.linked is not None
    assert (pair.linked.kept, pair.linked.broken) == ((40, 40), (0, 20))
    assert pair.linked.p_value < 1e-9
    blind = next(one for one in record.against(table, found).pairs if one.item == "P5")
    assert blind.linked is not None
    assert blind.linked.p_value == 1


def test_facts_from_an_audit_and_from_numbers() -> None:
    document = {
        "schema": "setara.audit",
        "log": {"cases": 200},
        "detectors": [
            {"id": "D1", "computable": True, "effect": 0.05, "details": {"calls": 400}},
            {"id": "D5", "computable": False, "why_not": "no path"},
        ],
    }
    found = facts.from_audit(document)
    assert (found.found["order"].kept, found.found["order"].n) == (380, 400)
    assert "no path" in found.missing["path"].en
    pairs = record.against(answers(instrument="spak"), found).pairs
    assert [(one.item, one.fact.code) for one in pairs] == [("A1", "order"), ("A2", "order")]
    with pytest.raises(BadInput, match="not written by setara audit"):
        facts.from_audit({"schema": "setara.ikm"})
    numbers = facts.from_numbers({"parking": {"kept": 30, "of": 240}})
    pair = record.against(answers(), numbers).pairs[0]
    assert (pair.item, pair.fact.share, pair.decision) == ("P2", 0.125, "opinion above record")
    for wrong in ({"parks": {"kept": 1, "of": 2}}, {"parking": {"kept": 3, "of": 2}}, {"parking": 3}):
        with pytest.raises(BadInput, match="facts"):
            facts.from_numbers(wrong)


def test_instruments_without_twins_and_empty_items() -> None:
    numbers = facts.from_numbers({"promised_date": {"kept": 30, "of": 240}})
    chosen = instruments.load("skm-2004")
    table = tables.from_frame(pl.DataFrame({code: [3, 3] for code in chosen.required}), chosen)
    with pytest.raises(BadInput, match="No item of skm-2004"):
        record.against(table, numbers)
    assert set(record.TWINS) <= set(instruments.names())
    for name, twins in record.TWINS.items():
        chosen = instruments.load(name)
        known = {one.code for one in chosen.elements}
        assert {item.removeprefix("P") for item in twins} <= known
        assert {code for codes in twins.values() for code in codes} <= set(facts.NAMES)


def test_newcombe_by_his_paper() -> None:
    # Newcombe (1998), method 10: 56/70 against 48/80 gives 0.0524 to 0.3339; 9/10 against 3/10: 0.1705 to 0.8090.
    assert record.newcombe(56, 70, 48, 80) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert record.newcombe(9, 10, 3, 10) == pytest.approx((0.1705, 0.8090), abs=5e-5)
    assert record.newcombe(0, 0, 3, 10)[1] > 0.4
    assert not any(isnan(one) for one in record.newcombe(0, 0, 0, 0))
