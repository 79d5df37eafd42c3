"""D5: the path of a pack, of a file, or found; exactly what left it, and what only looks so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from setara.science import events
from setara.science.events import Log
from setara.science.fairness import model as models
from setara.science.fairness import pace, path
from setara.science.simulate.logs import generate
from setara.science.simulate.office import World

BEGIN = datetime(2026, 3, 2, 1, tzinfo=UTC)
MODEL = """name = "copies"
[hours]
open = "08:00"
close = "16:00"
zone = "Asia/Jakarta"
[[step]]
activity = "check"
outcomes = { missing = ["check"], good = ["copy"] }
[[step]]
activity = "copy"
[[step]]
activity = "sign"
"""


def log_of(*cases: str, outcomes: dict[str, str] | None = None, minutes: int = 10) -> Log:
    """A log of cases like "check copy sign"; the steps of a case follow each other by ``minutes``."""
    rows = []
    for number, steps in enumerate(cases):
        for at, step in enumerate(steps.split()):
            moment = BEGIN + timedelta(minutes=number + at * minutes)
            name, _, outcome = step.partition(":")
            rows.append((f"c{number}", name, moment, f"officer {at}", moment.date(), outcome or None))
    names = ["case", "activity", "time", "resource", "day", "outcome"]
    frame = pl.DataFrame(rows, schema=names, orient="row").with_columns(pl.col("time").cast(events.MOMENT))
    return Log(frame, {}, event_attributes=("outcome",))


def written(folder: Path, text: str = MODEL) -> Path:
    (folder / "model.toml").write_text(text)
    return folder / "model.toml"


def said(log: Log, model: Path | None = None) -> list[tuple[str, str, str]]:
    finding, _ = path.find(log, model)
    return sorted(finding.evidence.select("case", "activity", "what").rows())


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        ("check copy sign", []),
        ("check:missing check copy sign", []),
        ("other check another copy sign", []),
        ("check:good check copy sign", [("check", "repeated")]),
        ("check sign", [("copy", "skipped")]),
        ("sign", [("check", "skipped"), ("copy", "skipped")]),
        ("check:missing copy sign", [("copy", "in spite of its outcome")]),
        ("check copy copy sign", [("copy", "repeated")]),
        ("check sign copy", [("copy", "after the end"), ("copy", "out of order")]),
        ("check", []),
    ],
)
def test_what_leaves_a_path_is_named_and_nothing_else(
    tmp_path: Path, steps: str, found: list[tuple[str, str]]
) -> None:
    model = written(tmp_path, MODEL.replace("hours", "hours"))
    usual = ["check copy sign"] * 12
    log = log_of(*usual, steps, *usual)
    assert said(log, model) == sorted(("c12", activity, what) for activity, what in found)
    finding, off = path.find(log, model)
    assert off is not None
    assert off.to_list() == (["c12"] if found else [])
    assert finding.effect == (1 / 25 if found else 0)
    assert finding.decision == ("attention" if found else "clear")


def test_the_evidence_names_who_let_it_happen_and_when(tmp_path: Path) -> None:
    finding, _ = path.find(log_of("check copy sign", "check sign"), written(tmp_path))
    row = finding.evidence.row(0, named=True)
    assert (row["activity"], row["before"], row["after"]) == ("copy", "check", "sign")
    assert (row["time"], row["resource"]) == (BEGIN + timedelta(minutes=1), "officer 0")


def test_steps_of_one_moment_may_stand_in_any_order(tmp_path: Path) -> None:
    model = written(tmp_path)
    assert said(log_of("copy check sign", minutes=0), model) == []
    assert said(log_of("copy check sign"), model) != []
    finding, _ = path.find(log_of("copy check sign", minutes=0), model)
    assert dict(finding.explained)["several steps of the same moment, whose order is not known"] > 0


def test_being_called_in_vain_is_no_step(tmp_path: Path) -> None:
    model, usual = written(tmp_path), ["check copy sign"] * 12
    log = log_of("check copy copy sign", *usual)
    assert said(log, model) == [("c0", "copy", "repeated")]
    rows = log.frame.with_row_index("row")
    first = (pl.col("case") == "c0") & (pl.col("row") == 1)
    missed = rows.with_columns(absent=pl.when(first).then("time")).drop("row")
    assert said(Log(missed, {}, event_attributes=("outcome",)), model) == []


def test_a_log_that_was_cut_out_of_a_longer_one_is_not_blamed(tmp_path: Path) -> None:
    model = written(tmp_path)
    whole = ["check copy sign"] * 60
    cut = log_of("copy sign", "sign", *whole)
    assert said(cut, model) == []
    finding, _ = path.find(cut, model)
    assert dict(finding.explained)["may have begun before the log does"] == 2
    assert len(said(log_of(*whole, "copy sign"), model)) == 1


def test_service_out_of_the_hours_of_the_model_is_found_on_the_offices_clock(tmp_path: Path) -> None:
    log = log_of("check copy sign")  # 08:00 in Jakarta is 01:00 UTC
    assert said(log, written(tmp_path)) == []
    assert said(log, written(tmp_path, MODEL.replace("08:00", "08:05"))) == [("c0", "check", "out of hours")]
    local = written(tmp_path, MODEL.replace('zone = "Asia/Jakarta"\n', ""))
    assert [what for _, _, what in said(log, local)] == ["out of hours"] * 3
    stated = Log(log.frame.with_columns(offset=pl.lit(420, dtype=pl.Int16)), {})
    assert said(stated, local) == []


def test_a_path_is_found_through_loops_and_left_by_few(tmp_path: Path) -> None:
    usual = ["check copy sign"] * 80 + ["check check copy sign"] * 8 + ["check copy check copy sign"] * 8
    log = log_of(*usual, "check sign", "note check copy sign")
    finding, off = path.find(log)
    assert finding.details["model"]["source"] == "log"
    assert finding.details["model"]["steps"] == ["check", "copy", "sign"]
    assert off is not None
    assert off.to_list() == ["c96"]
    assert finding.decision == "attention"
    rng = np.random.default_rng(1)
    steps = [f"s{one}" for one in range(30)]
    messy = log_of(*(" ".join(rng.permutation(steps)) for _ in range(60)))
    finding, _ = path.find(messy)
    assert finding.effect is not None
    assert finding.effect > 0.9
    assert finding.decision == "clear"
    assert "no standard" in finding.details["why_clear"]


def test_a_log_without_any_step_of_the_model_is_not_computable(tmp_path: Path) -> None:
    finding, off = path.find(log_of("a b c"), written(tmp_path))
    assert finding.decision == "not computable"
    assert "check, copy, sign" in finding.why_not
    assert off is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name = 'x'", r"\[\[step\]\]"),
        ("[[step]]\nname = 'x'", "step 1: 'activity' is missing"),
        ("[[step]]\nactivity = 'x'\nnext = ['y']", "'y' is no activity"),
        ("[[step]]\nactivity = 'x'\nthen = []", "'then' is nothing a step knows"),
        ("[[step]]\nactivity = 'x'\n[[step]]\nactivity = 'x'", "stands twice"),
        (MODEL.replace("16:00", "07:00"), "closes before it opens"),
        (MODEL.replace("16:00", "late"), "hours need open"),
        ("not = toml = at all", "model.toml"),
        ("service = 'x'\n", "model.toml"),
    ],
)
def test_a_model_that_cannot_be_used_is_said(tmp_path: Path, text: str, words: str) -> None:
    assert models.read(written(tmp_path)).steps == ("check", "copy", "sign")
    with pytest.raises(models.ModelError, match=words):
        models.read(written(tmp_path, text))


def test_packs_are_models_by_name_by_file_and_by_the_log() -> None:
    with pytest.raises(models.ModelError, match="paspor/2024-12-17"):
        models.read(Path("paspor/1900-01-01"))
    pack = models.read(Path("paspor/2024-12-17"))
    assert pack.steps[:3] == ("document_check", "biometrics", "interview")
    assert pack.missing("biometrics", "adjudication") == ["interview"]
    whole = "document_check biometrics interview adjudication printing quality_check handover"
    assert path.model_of(log_of(whole), None).source == "pack"
    assert path.model_of(log_of("a b c"), None).source == "log"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.sampled_from("abcdx"), min_size=1, max_size=6), min_size=1, max_size=6))
def test_the_compiled_machine_agrees_with_one_written_out(cases: list[list[str]]) -> None:
    moves = {"a": ["b", "c"], "b": ["b", "d"], "c": ["a", "d"], "d": []}
    steps = [{"activity": one, "next": to} for one, to in moves.items()]
    model = models.of_table({"step": steps}, "given")
    log = log_of(*(" ".join(one) for one in cases))
    found, _ = path.leaves(log, path.coded(log, model))
    expected = 0
    for case in cases:
        on = [one for one in case if one in moves]
        expected += bool(on) and on[0] != "a"
        expected += sum(after not in moves[before] for before, after in pairwise(on))
    assert len(found) == expected


SCHEMES = {
    "skipped-interview": 0.03,
    "off-hours": 0.03,
    "single-jump": 0.02,
    "false-reason": 0.02,
    "broker": 0.02,
}


@pytest.mark.parametrize("seed", [1, 2])
def test_in_a_simulated_office_the_list_is_the_truth(tmp_path: Path, seed: int) -> None:
    world = World(days=4, offices=2, applicants=120, schemes=SCHEMES, honest_error=0.01, outages=0.3)
    log, truth = generate(world, seed)
    log.write_parquet(tmp_path / "log.parquet")
    finding, off = path.find(events.read(tmp_path / "log.parquet"))
    key = ["case", "activity", "time", "resource"]
    planted = truth.filter(pl.col("scheme").is_in(["skipped-interview", "off-hours"]))
    planted = planted.filter(pl.col("detector").str.contains("D5")).with_columns(
        pl.col("time").dt.convert_time_zone("UTC")
    )
    assert planted.height > 5
    assert finding.evidence.select(key).sort(key).equals(planted.select(key).sort(key))
    skipped = planted.filter(scheme="skipped-interview")["case"]
    assert off is not None
    assert off.to_list() == skipped.unique().sort().to_list()


def test_services_far_from_their_step_and_handovers_are_listed() -> None:
    size = 400
    rng = np.random.default_rng(3)
    seconds = rng.uniform(80, 120, size)
    seconds[7], seconds[9], seconds[11] = 5, 900, 0
    start = pl.Series([BEGIN] * size).cast(events.MOMENT)
    frame = pl.DataFrame({"case": [f"c{one // 2}" for one in range(size)], "activity": ["talk"] * size}).with_columns(
        start=start, enqueue=start - timedelta(minutes=3), call=start - timedelta(minutes=1),
        time=start + pl.Series(seconds * 1e6).cast(pl.Duration("us")),
        resource=pl.Series(["An", "Bo"] * (size // 2)),
    )  # fmt: skip
    told = pace.of(Log(frame, {}))
    assert told["unusual"].select("case", "what").rows() == [("c3", "too short"), ("c4", "too long")]
    assert told["waits"].row(0, named=True)["median"] == 120
    assert told["services"]["n"].to_list() == [size - 1]  # what has no length is not known
    assert sorted(told["handovers"].select("giver", "taker").rows()) == [("An", "Bo"), ("Bo", "An")]
    assert told["handovers"]["n"].sum() == size // 2
