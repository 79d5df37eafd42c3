"""SERVQUAL by hand: gaps of items and dimensions, weights, SERVPERF, equal treatment apart; IPA and CSI."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from setara.science.satisfaction import csi, instruments, ipa, servqual, tables
from setara.science.satisfaction.instruments import BadInput
from setara.science.satisfaction.tables import Answers, Choices

MODEL = instruments.load("servqual")
SIZES = {"tangibles": 4, "reliability": 5, "responsiveness": 4, "assurance": 4, "empathy": 5}


def columns(
    n: int = 4, expected: float = 5.0, perceived: float = 4.0, items: int = 23
) -> dict[str, list[float | None]]:
    """All items alike."""
    e = {f"E{i}": [expected] * n for i in range(1, items + 1)}
    return e | {f"P{i}": [perceived] * n for i in range(1, items + 1)}


def answers(table: dict[str, list[float | None]], **wish: tuple[str, ...]) -> Answers:
    frame = pl.DataFrame(table, schema=dict.fromkeys(table, pl.Float64))
    return tables.from_frame(frame, MODEL, choices=Choices(**wish))  # type: ignore[arg-type]


def test_the_instrument_has_the_items_of_the_model() -> None:
    found = {code: sum(one.dimension == code for one in MODEL.counted) for code in SIZES}
    assert found == SIZES
    assert (MODEL.required[0], MODEL.required[-1], MODEL.optional) == ("E1", "P22", ("E23", "P23"))
    assert all(one.name_id and one.name_en and one.question_id and one.question_en for one in MODEL.elements)


def test_gaps_by_hand() -> None:
    table = columns()
    table["P1"] = [5, 4, 3, 2]  # mean 3.5, gap -1.5
    table["P5"] = [5, 5, 5, 5]  # gap 0
    body = servqual.as_dict(servqual.gaps(answers(table)))
    assert body["n"] == 4
    assert body["items"]["1"]["gap"] == pytest.approx(-1.5)
    assert body["items"]["1"]["share_below_expectation"] == 0.75
    gap = {code: one["gap"] for code, one in body["dimensions"].items()}
    assert list(gap) == list(SIZES)
    assert gap["tangibles"] == pytest.approx((-1.5 - 3) / 4)
    assert gap["reliability"] == pytest.approx(-4 / 5)
    assert gap["empathy"] == pytest.approx(-1)
    assert body["overall"] == pytest.approx(np.mean(list(gap.values())))  # of dimensions, not of items
    assert body["overall"] == pytest.approx((-1.125 - 0.8 - 3) / 5)
    assert body["overall_expectation"] == 5
    assert body["weighted"] is None
    # 22 items x 4 answers; not negative: one of P1, all four of P5.
    assert body["share_below_expectation"] == pytest.approx((22 * 4 - 5) / (22 * 4))
    low, high = body["dimensions"]["tangibles"]["interval"]
    assert low < gap["tangibles"] < high


def test_weights_of_a_hundred_points() -> None:
    table = columns()
    table["P1"] = [1.0] * 4  # tangibles: (-4 - 3) / 4 = -1.75
    points = {
        "tangibles": 40.0,
        "reliability": 30.0,
        "responsiveness": 10.0,
        "assurance": 10.0,
        "empathy": 10.0,
    }
    result = servqual.gaps(answers(table), points=points)
    assert result.weighted == pytest.approx(0.4 * -1.75 - 0.6)
    assert result.overall[2] == pytest.approx((-1.75 - 4) / 5)
    with pytest.raises(BadInput, match="must be 100 in all"):
        servqual.gaps(answers(table), points=points | {"empathy": 20.0})
    with pytest.raises(BadInput, match="once for each of: tangibles, reliability"):
        servqual.gaps(answers(table), points={"tangibles": 100.0})
    own: dict[str, list[float | None]] = {f"W{i}": [20.0] * 4 for i in range(1, 6)}
    own["W1"], own["W2"] = [40, 20, 20, None], [0, 20, 20, 20]
    asked = servqual.as_dict(servqual.gaps(answers(table | own)))
    assert asked["points"] == pytest.approx(
        {"tangibles": 80 / 3, "reliability": 40 / 3, "responsiveness": 20, "assurance": 20, "empathy": 20}
    )
    own["W5"] = [30.0] * 4
    with pytest.raises(BadInput, match="row 1, columns W1, W2, W3, W4, W5: the points are 110"):
        servqual.gaps(answers(table | own))


def test_equal_treatment_is_apart_and_never_inside_empathy() -> None:
    table = columns()
    table["P23"] = [1.0] * 4
    with_item = servqual.as_dict(servqual.gaps(answers(table)))
    without = servqual.as_dict(servqual.gaps(answers(columns(items=22))))
    assert with_item["equal_treatment"]["gap"] == -4
    assert with_item["equal_treatment"]["answered"] == 4
    assert without["equal_treatment"] is None
    assert with_item["dimensions"]["empathy"] == without["dimensions"]["empathy"]
    assert with_item["overall"] == without["overall"]
    assert "23" not in with_item["items"]


def test_a_gap_needs_both_answers() -> None:
    table = columns()
    table["E1"], table["P1"] = [5, 5, None, 5], [5, 3, 1, None]
    result = servqual.gaps(answers(table))
    one = result.items[0]
    assert (one.expectation, one.perception, one.gap, one.answered) == (5, 4, -1, 2)
    assert any("2 answers have only expectation or perception" in note.en for note in result.notes)


def test_servperf_needs_no_expectations() -> None:
    table = {code: values for code, values in columns().items() if code.startswith("P")}
    perceptions = tuple(code for code in MODEL.required if code.startswith("P"))
    with pytest.raises(BadInput, match="if only perceptions were asked, say --servperf"):
        answers(table)
    body = servqual.as_dict(servqual.gaps(answers(table, required=perceptions), servperf=True))
    assert body["model"] == "servperf"
    assert body["overall"] == 4
    assert body["dimensions"]["empathy"]["gap"] is None
    assert body["dimensions"]["empathy"]["perception"] == 4
    assert body["dimensions"]["empathy"]["alpha_expectation"] is None
    assert body["equal_treatment"]["perception"] == 4


@pytest.mark.parametrize("n", [1, 2, 3])
def test_few_or_equal_answers_leave_alpha_undefined(n: int) -> None:
    body = servqual.as_dict(servqual.gaps(answers(columns(n))))
    one = body["dimensions"]["tangibles"]
    assert (one["alpha"], one["omega"], one["alpha_interval"]) == (None, None, None)
    assert one["gap"] == -1
    assert one["item_total"]["P1"]["above_r_table"] is None
    assert (one["interval"] is None) == (n < 3)


def test_nobody_answered() -> None:
    with pytest.raises(BadInput, match="no respondent answered any item"):
        servqual.gaps(answers({code: [] for code in columns(0)}))


# IPA and CSI


def importance(table: dict[str, list[float | None]]) -> Answers:
    performance, wanted, expectation = ipa.sides(MODEL)
    return answers(table, required=performance, optional=wanted + expectation)


def four() -> dict[str, list[float | None]]:
    """Items 1 to 4 in the four quadrants, all others on the cut of the middle (3)."""
    table: dict[str, list[float | None]] = {f"P{i}": [3.0] * 4 for i in range(1, 23)}
    table |= {f"I{i}": [3.0] * 4 for i in range(1, 23)}
    for item, (x, y) in enumerate(((1.0, 5.0), (5.0, 5.0), (1.0, 1.0), (5.0, 1.0)), 1):
        table[f"P{item}"], table[f"I{item}"] = [x] * 4, [y] * 4
    return table


@pytest.mark.parametrize("rule", ["mean", "median", "middle"])
def test_quadrants_and_the_rule_of_the_cut(rule: ipa.Cut) -> None:
    result = ipa.plane(importance(four()), cut=rule)
    assert [one.quadrant for one in result.items[:4]] == ["I", "II", "III", "IV"]
    assert {one.quadrant for one in result.items[4:]} == {"II"}  # on the cut counts as above
    assert (result.rule, result.cut_performance, result.cut_importance) == (rule, 3, 3)
    body = ipa.as_dict(result)
    assert body["quadrants"]["I"] == {"meaning": "concentrate here", "items": ["P1"]}
    assert body["cut"]["rule"] == rule


def test_the_cut_moves_items() -> None:
    table = four() | {"P5": [4.0] * 4}
    by_mean = ipa.plane(importance(table), cut="mean")
    by_middle = ipa.plane(importance(table), cut="middle")
    assert by_mean.cut_performance == pytest.approx(3 + 1 / 22)
    assert (by_mean.items[6].quadrant, by_middle.items[6].quadrant) == ("I", "II")


def test_a_quadrant_is_sure_only_where_no_interval_crosses_a_cut() -> None:
    table = four()
    table["P1"] = [1.0] * 4 * 10  # all columns must be as long
    table = {code: (values * 10)[:40] for code, values in table.items()}
    rng = np.random.default_rng(5)
    table["P6"] = rng.integers(2, 5, 40).astype(float).tolist()
    result = ipa.plane(importance(table))
    assert result.items[0].sure
    assert not result.items[5].sure


def test_csi_by_hand() -> None:
    table: dict[str, list[float | None]] = {f"P{i}": [4.0] * 3 for i in range(1, 23)}
    table |= {f"I{i}": [2.0] * 3 for i in range(1, 23)}
    table["I1"], table["P1"] = [4.0] * 3, [2.0] * 3
    # sum MIS = 46; CSI = (4*2 + 21*2*4) / 46 / 5
    result = csi.index(importance(table))
    assert result.csi == pytest.approx(100 * 176 / 46 / 5)
    assert result.items[0].wf == pytest.approx(4 / 46)
    assert result.items[0].ws == pytest.approx(8 / 46)
    assert sum(one.wf for one in result.items) == pytest.approx(1)
    assert csi.as_dict(result)["band"] == "satisfied"
    assert csi.as_dict(result)["importance_from"] == "importance"


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (100, "very satisfied"), (80.5, "very satisfied"), (80.49, "satisfied"), (65.5, "satisfied"),
        (65.49, "fairly satisfied"), (62, "fairly satisfied"), (50.49, "less satisfied"), (34.5, "less satisfied"),
        (34.49, "not satisfied"), (0, "not satisfied"),
    ],
)  # fmt: skip
def test_bands_without_a_hole(value: float, name: str) -> None:
    assert csi.band(value).en == name


def test_the_interval_of_the_csi_is_that_of_a_bootstrap() -> None:
    rng = np.random.default_rng(8)
    base = rng.normal(size=(120, 1))
    p = np.clip(np.round(3.6 + 0.6 * base + 0.8 * rng.normal(size=(120, 22))), 1, 5)
    i = np.clip(np.round(4.2 + 0.5 * base + 0.6 * rng.normal(size=(120, 22))), 1, 5)
    table = {f"P{k + 1}": p[:, k].tolist() for k in range(22)} | {
        f"I{k + 1}": i[:, k].tolist() for k in range(22)
    }
    result = csi.index(importance(table))
    picks = rng.integers(0, 120, (2000, 120))
    mis, mss = i[picks].mean(axis=1), p[picks].mean(axis=1)
    drawn = 100 * (mis * mss).sum(axis=1) / mis.sum(axis=1) / 5
    assert result.interval.pair == pytest.approx(np.quantile(drawn, [0.025, 0.975]).tolist(), abs=0.5)


def test_importance_must_be_there_whole() -> None:
    table = four()
    expectations = {f"E{i}": table[f"I{i}"] for i in range(1, 23)}
    stand_in = ipa.plane(importance({code: v for code, v in table.items() if code[0] == "P"} | expectations))
    assert stand_in.importance_from == "expectation"
    assert any("expectations (E1 ..) stand in" in note.en for note in stand_in.notes)
    with pytest.raises(BadInput, match="no columns of importance were found"):
        ipa.plane(importance({code: v for code, v in table.items() if code[0] == "P"}))
    with pytest.raises(BadInput, match="nobody answered I7"):
        ipa.plane(importance(table | {"I7": [None] * 4}))
    del table["I7"]
    with pytest.raises(BadInput, match="no column for the importance I7"):
        ipa.plane(importance(table))


def test_the_official_survey_can_be_analysed_too() -> None:
    skm = instruments.load("skm-2017")
    performance, wanted, _ = ipa.sides(skm)
    assert (performance[0], wanted[-1]) == ("U1", "I9")
    table = {code: [3.0, 4.0, 3.0] for code in (*performance, *wanted)}
    found = tables.from_frame(
        pl.DataFrame(table), skm, choices=Choices(required=performance, optional=wanted)
    )
    assert csi.index(found).csi == pytest.approx(100 * (10 / 3) / 4)


def test_alpha_of_perceptions_does_not_hang_on_a_missing_expectation() -> None:
    rng = np.random.default_rng(4)
    table: dict[str, list[float | None]] = {
        name: rng.integers(1, 6, 30).astype(float).tolist() for name in columns()
    }
    before = servqual.as_dict(servqual.gaps(answers(table)))["dimensions"]["reliability"]
    table["E6"][3] = None
    after = servqual.as_dict(servqual.gaps(answers(table)))["dimensions"]["reliability"]
    assert after["alpha"] == before["alpha"]
    assert after["alpha_expectation"] != before["alpha_expectation"]
    assert after["gap"] != before["gap"]
