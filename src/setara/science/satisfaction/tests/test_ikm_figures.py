"""The index by hand: formula, weights, rounding before grading, non-response, the other instruments."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from setara.science.satisfaction import ikm, instruments, tables
from setara.science.satisfaction.instruments import BadInput
from setara.science.satisfaction.rounding import graded, half_up, shown

SKM = instruments.load("skm-2017")


def answers(rows: list[list[float | None]], instrument: instruments.Instrument = SKM) -> tables.Answers:
    """Answers given row by row, in the order of the codes."""
    return tables.from_frame(
        pl.DataFrame(rows, schema=dict.fromkeys(instrument.required, pl.Float64), orient="row"), instrument
    )


def test_three_answers_by_hand() -> None:
    # U1: (4+3+2)/3 = 3; U2..U8: 3; U9: 4 and 3, one left it out: 7/2 = 3.5.
    result = ikm.figures(answers([[4, *[3] * 7, 4], [3, *[3] * 7, 3], [2, *[3] * 7, None]]))
    body = ikm.as_dict(result)
    assert body["n"] == 3
    assert {code: one["answered"] for code, one in body["elements"].items()} == dict.fromkeys(
        SKM.required, 3
    ) | {"U9": 2}
    assert body["elements"]["U1"]["nrr"] == 3
    assert body["elements"]["U9"]["nrr"] == 3.5  # divided by those who answered
    assert body["elements"]["U9"]["weighted"] == pytest.approx(3.5 / 9, abs=1e-15)
    assert body["index"] == pytest.approx((8 * 3 + 3.5) / 9, abs=1e-14)
    assert body["ikm"] == pytest.approx((8 * 3 + 3.5) / 9 * 25, abs=1e-12)
    assert body["ikm_printed"] == "76.39"
    assert (body["grade"], body["performance"]) == ("C", "Kurang baik")  # B begins at 76.61
    assert body["lowest"][0] == "U1"
    low, high = body["interval"]
    assert low < body["ikm"] < high
    assert body["interval_index"] == pytest.approx([low / 25, high / 25])


def test_a_row_without_any_answer_is_no_respondent_and_is_said() -> None:
    result = ikm.figures(answers([[4] * 9, [3] * 9, [None] * 9, [2] * 9]))
    assert (result.n, result.rows) == (3, 4)
    assert any("1 of 4 rows" in note.en for note in result.notes)
    with pytest.raises(BadInput, match="no respondent answered"):
        ikm.figures(answers([]))


@pytest.mark.parametrize(
    ("printed", "grade"),
    [
        (100, "A"), (88.31, "A"), (88.305, "A"), (88.3049, "B"), (88.30, "B"), (76.61, "B"), (76.605, "B"),
        (76.6049, "C"), (65.0, "C"), (64.995, "C"), (64.9949, "D"), (25, "D"),
    ],
)  # fmt: skip
def test_grades_of_2017_follow_the_printed_value(printed: float, grade: str) -> None:
    found = graded(printed, SKM.grades)
    assert found is not None
    assert found.grade == grade


@pytest.mark.parametrize(
    ("value", "grade"), [(81.26, "A"), (81.25, "B"), (62.51, "B"), (62.5, "C"), (43.75, "D")]
)
def test_grades_of_2004_are_others(value: float, grade: str) -> None:
    found = graded(value, instruments.load("skm-2004").grades)
    assert found is not None
    assert found.grade == grade
    assert graded(82, SKM.grades) == SKM.grades[1]  # an office at 82 is B, where the limits of 2004 say A


def test_half_up_is_that_of_paper() -> None:
    assert [str(half_up(x)) for x in (0.005, 2.675, 1.115, 88.305, 2.5)] == [
        "0.01",
        "2.68",
        "1.12",
        "88.31",
        "2.50",
    ]
    assert str(half_up(2.5, 0)) == "3"  # where round() says 2
    assert shown(88.305, "id") == "88,31"
    assert shown(float("nan")) == "–"


@settings(deadline=None)
@given(st.lists(st.integers(1, 4), min_size=9, max_size=9), st.integers(1, 400))
def test_half_up_is_exact_for_means_of_whole_scores(scores: list[int], n: int) -> None:
    exact = Decimal(sum(scores) * 25) / Decimal(9 * n)
    assert abs(half_up(sum(scores) * 25 / (9 * n)) - exact) <= Decimal("0.005")


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.integers(1, 4), min_size=9, max_size=9), min_size=1, max_size=12))
def test_the_index_is_the_mean_of_the_means_whatever_the_order_of_rows(rows: list[list[int]]) -> None:
    scores: list[list[float | None]] = [list(map(float, row)) for row in rows]
    result = ikm.figures(answers(scores))
    assert result.index == pytest.approx(np.mean(rows), abs=1e-12)
    again = ikm.figures(answers(scores[::-1]))
    assert again.index == pytest.approx(result.index, abs=1e-12)
    assert 1 <= result.index <= 4


def test_six_points_are_given_raw_and_divided_by_one_and_a_half() -> None:
    spak = instruments.load("spak")
    body = ikm.as_dict(ikm.figures(answers([[6, 6, 5, 5, 6], [5, 5, 5, 4, 4], [6, 5, 5, 6, 5]], spak)))
    assert body["index"] == pytest.approx(78 / 15)
    assert body["ikm"] == pytest.approx(78 / 15 / 1.5)
    assert body["index_scale"] == [1, 6]
    assert body["ikm_scale"] == pytest.approx([1 / 1.5, 4])
    assert body["grade"] is None
    assert len(instruments.load("spkp").required) == 8


def test_the_index_of_2004_weighs_fourteen_elements() -> None:
    old = instruments.load("skm-2004")
    result = ikm.figures(answers([[3.0] * 13 + [4.0]] * 3, old))
    assert result.elements[0].weighted == pytest.approx(3 / 14)
    assert result.ikm == pytest.approx((13 * 3 + 4) / 14 * 25)


def test_a_small_or_uneven_file_is_told_what_it_is() -> None:
    one = ikm.figures(answers([[4] * 9]))
    assert one.interval.pair is None
    assert any("may show a person" in note.en for note in one.notes)
    equal = ikm.figures(answers([[4] * 9] * 40))
    assert equal.interval.method == "bound"  # nothing differs, yet it is not certain
    assert equal.interval.low < 100
    rows: list[list[float | None]] = [[3] * 9 for _ in range(20)]
    for row in rows[:5]:
        row[3] = None
    assert any("U4 was answered by 15 of 20" in note.en for note in ikm.figures(answers(rows)).notes)
    table = {code: [3.0, 4.0] for code in SKM.required}
    for weights, said in (({}, False), ({"bobot": [1.0, 2.0]}, True)):
        found = ikm.figures(tables.from_frame(pl.DataFrame(table | weights), SKM))
        assert any("does not weigh" in note.en for note in found.notes) == said
        assert found.index == 3.5


def test_strata_weigh_by_their_size_and_need_their_column() -> None:
    frame = pl.DataFrame(
        {code: [4.0] * 10 + [2.0] * 10 for code in SKM.required} | {"stratum": ["a"] * 10 + ["b"] * 10}
    )
    found = tables.from_frame(frame, SKM)
    result = ikm.figures(found, strata={"a": 900, "b": 100})
    assert result.stratified is not None
    assert result.stratified.estimate == pytest.approx(25 * (0.9 * 4 + 0.1 * 2))
    assert result.ikm == pytest.approx(75)  # the official formula does not weigh
    with pytest.raises(BadInput, match="no column for the stratum"):
        ikm.figures(tables.from_frame(frame.drop("stratum"), SKM), strata={"a": 900})
    with pytest.raises(BadInput, match="no size is given for the stratum b"):
        ikm.figures(found, strata={"a": 900})


def test_the_fee_label_that_only_a_free_service_reaches_is_named() -> None:
    """Trap 2: with the labels of the form, 4 on U4 means free of charge."""
    row: list[float | None] = [3.0] * 9
    quiet = ikm.figures(answers([row, row, row]))
    row[3] = 4.0
    loud = ikm.figures(answers([row, row, row]))
    said = [note.en for note in loud.notes if "U4 is 4.00" in note.en]
    assert said
    assert "97.22" in said[0]
    assert half_up((8 * 4 + 3) / 9 * 25) == Decimal("97.22")
    assert not [note.en for note in quiet.notes if "U4" in note.en]


def test_the_offices_own_survey_asks_the_same_questions() -> None:
    office = tomllib.loads((files("setara.feedback") / "data" / "skm-2017.toml").read_text("utf-8"))
    ours = {one.code: one for one in SKM.elements}
    assert [one["code"] for one in office["elements"]] == list(SKM.required)
    for one in office["elements"]:
        for name in ("question_id", "question_en"):
            assert getattr(ours[one["code"]], name) == one[name]
        assert list(ours[one["code"]].labels_id) == one["labels_id"]


def test_an_office_adds_its_own_instrument(tmp_path: Path) -> None:
    own = tmp_path / "loket.toml"
    text = (files("setara.science.satisfaction") / "data" / "spak.toml").read_text("utf-8")
    own.write_text(text.replace('code = "spak"', 'code = "loket"').replace("version = 1", "version = 3"))
    loaded = instruments.load(own)
    assert (loaded.code, loaded.version, loaded.high) == ("loket", 3, 6)
    for change, words in (
        (("high = 6", "high = 0"), "high must lie above low"),
        (('code = "A2"', 'code = "A1"'), "element A1 is there twice"),
        (("low = 1", "lo = 1"), "low: Field required"),
        (("low = 1", "low = = 1"), "is not TOML"),
    ):
        own.write_text(text.replace(*change))
        with pytest.raises(BadInput, match=words):
            instruments.load(own)
    with pytest.raises(BadInput, match="cannot be read"):
        instruments.load(tmp_path / "none.toml")
    with pytest.raises(BadInput, match="Known: servqual, skm-2004, skm-2017, spak, spkp"):
        instruments.load("skm-2018")


@pytest.mark.parametrize("score", [1, 2, 3, 4])
def test_equal_answers_give_exactly_their_score_and_nothing_beyond_the_scale(score: int) -> None:
    body = ikm.as_dict(ikm.figures(answers([[score] * 9] * 20)))
    assert (body["index"], body["ikm"]) == (score, 25 * score)
    assert body["interval"][0] <= body["ikm"] <= body["interval"][1]
