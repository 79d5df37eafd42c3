"""Somebody else's table: each known trap is found, and an honest table has none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xlsxwriter

from setara.science.satisfaction import check, instruments, published
from setara.science.satisfaction.instruments import BadInput
from setara.science.satisfaction.rounding import graded, half_up
from setara.science.satisfaction.verdict import Verdict, as_dict

SKM = instruments.load("skm-2017")
#: Index 3.5589, IKM 88.97: grade A, which the weight 0.11 makes 88.08 and B.
NRR = (3.600, 3.550, 3.500, 2.950, 3.600, 3.520, 3.610, 4.000, 3.700)
ORDER = tuple(range(9))


def table(
    weight: float, below: str, *, places: int = 3, order: tuple[int, ...] = ORDER, printed: str | None = None
) -> str:
    """A published table; ``printed``: how the weight is printed."""
    rows = [
        f"U{i + 1},{NRR[i]:.3f},{printed or f'{weight:.4f}'},{half_up(NRR[i] * weight, places)}"
        for i in order
    ]
    return "\n".join(["element,nrr,weight,weighted", *rows, below]) + "\n"


def judge(tmp_path: Path, text: str, name: str = "skm-2017") -> Verdict:
    path = tmp_path / "table.csv"
    path.write_text(text)
    instrument = instruments.load(name)
    return check.check(published.read(path, instrument), instrument)


def codes(verdict: Verdict) -> list[str]:
    return [one.code for one in verdict.traps]


def honest() -> tuple[float, float]:
    index = sum(NRR) / 9
    return index, index * 25


@pytest.mark.parametrize("printed", ["0.1111", "0.111", "0.11", "1/9"])
@pytest.mark.parametrize("places", [2, 3, 4])
def test_an_honest_table_has_no_trap(tmp_path: Path, printed: str, places: int) -> None:
    index, value = honest()
    limits = "limits,25.00-64.99 65.00-76.60 76.61-88.30 88.31-100.00"
    below = f"index,{half_up(index, places)}\nikm,{half_up(value)}\ngrade,A\n{limits}"
    verdict = judge(tmp_path, table(1 / 9, below, places=places, printed=printed))
    assert codes(verdict) == []
    assert verdict.grade is not None
    assert verdict.grade.grade == "A"


def test_nrr_of_one_digit_hide_no_weight_and_a_dropped_zero_is_no_digit_less(tmp_path: Path) -> None:
    """Rounded to one digit an NRR may stand for so much that 1/9 explains it too; 0.11 meets it to the digit."""
    few = "element,nrr,weight,weighted\nU1,3.4,0.11,{}\nU2,3.1,0.11,{}\n"
    assert codes(judge(tmp_path, few.format("0.374", "0.341"))) == ["weight"]
    assert codes(judge(tmp_path, few.format("0.378", "0.344"))) == []  # the weight is only printed short
    values = ["3.6", "3.41", "3.2", "3.3", "3.5", "3.12", "3", "3.4", "3.25"]
    zeros = "element,nrr,weight,weighted\n" + "".join(f"U{i},{nrr},1/9,\n" for i, nrr in enumerate(values, 1))
    assert judge(tmp_path, zeros).margin == pytest.approx(0.125)


def test_weight_of_0_11_lowers_the_index_and_the_grade(tmp_path: Path) -> None:
    """Trap 3: any true value from 88.31 to 89.20 falls from A to B."""
    low = sum(NRR) * 0.11
    below = f"index,{half_up(low, 3)}\nikm,{half_up(low * 25)}\ngrade,B"
    verdict = judge(tmp_path, table(0.11, below))
    assert codes(verdict) == ["weight"]
    (trap,) = verdict.traps
    assert (trap.found, trap.should_be) == (0.11, pytest.approx(1 / 9))
    assert f"The IKM should be {half_up(honest()[1])}" in trap.text.en
    assert "IKM seharusnya 88,97" in trap.text.id
    body = as_dict(verdict)
    assert body["traps"][0]["code"] == "weight"
    assert body["recomputed"]["ikm"] == pytest.approx(honest()[1])
    assert (body["printed"]["grade"], body["recomputed"]["grade"]) == ("B", "A")
    assert half_up(4 * 9 * 0.11 * 25) == 99  # what the weight makes of the best possible
    grades = [(graded(true, SKM.grades), graded(true * 0.99, SKM.grades)) for true in (88.31, 89.19, 89.21)]
    assert [(one.grade, other.grade) for one, other in grades if one and other] == [
        ("A", "B"),
        ("A", "B"),
        ("A", "A"),
    ]


def test_weight_is_found_from_the_ikm_alone_and_through_rounded_steps(tmp_path: Path) -> None:
    low = sum(NRR) * 0.11
    rows = "\n".join(f"U{i + 1},{value}" for i, value in enumerate(NRR))
    assert codes(judge(tmp_path, f"element,nrr\n{rows}\nikm,{half_up(low * 25)}\n")) == ["weight"]
    stepped = float(half_up(low, 2))
    below = f"index,{stepped}\nikm,{half_up(stepped * 25)}\ngrade,B"
    assert codes(judge(tmp_path, table(0.11, below))) == ["weight", "rounding"]


def test_limits_of_2004_are_found_printed_or_used(tmp_path: Path) -> None:
    """Trap 4: an office at 82 becomes A."""
    right = [25.0, 65.0, 76.61, 88.31]
    for limits in (
        "43.75/62.50/81.25",
        '"43.75,62.50,81.25"',
        "43.75,62.50,81.25",
        '"43,76 62,51 81,26"',
        "25-43.75;43.76-62.50;62.51-81.25;81.26-100",
    ):
        verdict = judge(tmp_path, f"element,nrr\nikm,82.00\nlimits,{limits}\n")
        assert codes(verdict) == ["limits-2004"]
        assert verdict.traps[0].should_be == right
    used = judge(tmp_path, "element,nrr\nikm,82.00\ngrade,A\n")
    assert codes(used) == ["limits-2004", "grade"]
    assert [(one.found, one.should_be) for one in used.traps] == [("A", right), ("A", "B")]
    assert codes(judge(tmp_path, "element,nrr\nikm,82.00\ngrade,B\n")) == []
    assert codes(judge(tmp_path, "element,nrr\nikm,82.00\ngrade,A\n", "skm-2004")) == []  # right for its time
    assert codes(judge(tmp_path, "element,nrr\nikm,82.00\nlimits,60 70 80\n")) == ["limits"]


def test_elements_in_the_order_of_the_form(tmp_path: Path) -> None:
    """Trap 1: facilities are item 8 of the form and U9 of the regulation."""
    index, value = honest()
    below = f"index,{half_up(index, 3)}\nikm,{half_up(value)}\ngrade,A"
    swapped = (*range(7), 8, 7)
    verdict = judge(tmp_path, table(1 / 9, below, order=swapped))
    assert codes(verdict) == ["form-order"]
    assert (verdict.traps[0].found, verdict.traps[0].should_be) == ("U9, U8", "U8, U9")
    rows = "\n".join(f"U{i},3.5" for i in range(1, 8))
    names = "U8 Sarana dan prasarana,3.2\nU9 Penanganan pengaduan,3.6\n"
    said = judge(tmp_path, f"unsur,nrr\n{rows}\n{names}")
    assert codes(said) == ["form-order", "form-order"]
    assert said.traps[0].found == "U8 = Sarana dan prasarana"
    assert said.traps[0].should_be == "U9 = Sarana dan prasarana"
    names = "U8 Penanganan pengaduan,3.6\nU9 Sarana dan prasarana,3.2\n"
    assert codes(judge(tmp_path, f"unsur,nrr\n{rows}\n{names}")) == []


def test_rounding_on_the_way_and_before_grading(tmp_path: Path) -> None:
    index, value = honest()
    stepped = half_up(float(half_up(index, 2)) * 25)
    assert stepped != half_up(value)
    on_the_way = judge(tmp_path, table(1 / 9, f"index,{half_up(index, 2)}\nikm,{stepped}\ngrade,A"))
    assert codes(on_the_way) == ["rounding"]
    assert on_the_way.traps[0].should_be == float(half_up(value))
    # 88.305 lies in the hole between the grades; it is printed as 88.31, so A.
    hole = judge(tmp_path, "element;nrr\nikm;88,305\ngrade;B\n")
    assert codes(hole) == ["rounding", "grade"]
    assert [one.should_be for one in hole.traps] == ["A", "A"]
    assert codes(judge(tmp_path, "element;nrr\nikm;88,305\ngrade;A\n")) == []
    assert codes(judge(tmp_path, "element;nrr\nikm;88,30\ngrade;B\n")) == []


def test_a_tie_that_was_rounded_down_is_found(tmp_path: Path) -> None:
    # Eight elements 3.50 and one 3.79 give 31.79/9*25 = 88.3055..; cut off it would be 88.30 and B.
    rows = "\n".join(f"U{i},3.500000" for i in range(1, 9)) + "\nU9,3.790000"
    assert half_up(31.79 / 9 * 25) == half_up(88.31)
    cut = judge(tmp_path, f"element,nrr\n{rows}\nikm,88.30\ngrade,B\n")
    assert "rounding" in codes(cut)
    assert codes(judge(tmp_path, f"element,nrr\n{rows}\nikm,88.31\ngrade,A\n")) == []


def test_a_grade_that_does_not_follow(tmp_path: Path) -> None:
    verdict = judge(tmp_path, "element,nrr\nikm,80.00\ngrade,A\n")
    assert codes(verdict) == ["grade"]
    assert (verdict.traps[0].found, verdict.traps[0].should_be) == ("A", "B")
    for said in ("B (Baik)", "Baik", "b. baik (B)"):
        assert codes(judge(tmp_path, f"element,nrr\nikm,80.00\nmutu,{said}\n")) == []
    assert codes(judge(tmp_path, "element,nrr\nikm,80.00\nmutu,SANGAT BAIK\n")) == ["grade"]


def test_another_scale_is_found(tmp_path: Path) -> None:
    """Trap 4, second half: a scale of 1-5 printed for an index of 1-4."""
    assert codes(judge(tmp_path, "element,nrr\nU1,3.5\nscale,1-5\n")) == ["scale"]
    assert codes(judge(tmp_path, "element,nrr\nU1,3.5\nscale,1-4\n")) == []
    assert codes(judge(tmp_path, "element,nrr\nU1,4.35\n")) == ["scale"]


def test_sums_that_are_none(tmp_path: Path) -> None:
    index, value = honest()
    wrong = judge(tmp_path, table(1 / 9, f"index,{half_up(index, 3)}\nikm,91.20\n"))
    assert codes(wrong) == ["ikm"]
    assert wrong.traps[0].should_be == float(half_up(value))
    assert codes(judge(tmp_path, "element,nrr\nindex,3.30\nikm,85.00\n")) == ["ikm"]
    assert codes(judge(tmp_path, "element,nrr\nindex,3.30\nikm,82.50\n")) == []
    assert codes(judge(tmp_path, "element,nrr,weighted\nU1,3.60,0.50\n")) == ["weighted"]
    assert codes(judge(tmp_path, "element,nrr,weight\nU1,3.60,0.25\n")) == ["weight"]


def test_notes_say_what_a_table_cannot_prove(tmp_path: Path) -> None:
    """Traps 2 and 5."""
    notes = judge(tmp_path, "Unsur,NRR,NIK\nU4,3.40,85.00\n").notes
    assert any("free of charge" in one.en for one in notes)
    assert any("nilai interval konversi" in one.en for one in notes)
    assert judge(tmp_path, "Unsur,NRR\nU3,3.40\n").notes[0].en.startswith("no NRR of U1, U2")


def test_a_workbook_with_a_title_and_decimal_commas(tmp_path: Path) -> None:
    path = tmp_path / "table.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    sheet.merge_range("A1:D1", "Hasil SKM 2026")
    for place, head in enumerate(("Unsur", "Nilai rata-rata", "Bobot", "NRR tertimbang")):
        sheet.write(1, place, head)
    for i, value in enumerate(NRR):
        sheet.write_row(
            2 + i, 0, (f"U{i + 1}", str(value).replace(".", ","), "0,11", float(half_up(value * 0.11, 4)))
        )
    sheet.write_row(11, 0, ("IKM", float(half_up(sum(NRR) * 0.11 * 25))))
    book.close()
    assert codes(check.check(published.read(path, SKM), SKM)) == ["weight"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("element,nrr\nU1,baik\n", "row 2, column nrr: 'baik' is no number"),
        ("element,nrr\nU1,3,21\n", "row 2 has more cells than there are headings"),
        ("element,nrr,weight\nU1,3.5,11\n", "row 2, column weight: 11 is no weight"),
        ("element,nrr\nU1,3.5\nU1,3.4\n", "row 3: U1 is there twice"),
        ("a,b\n1,2\n", "no headings were found"),
        ("element,nrr\ncatatan,semua baik\n", "no row of an element"),
        ("", "is empty"),
    ],
)
def test_a_table_that_cannot_be_read_is_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        judge(tmp_path, text)


#: Index 3.4744, IKM 86.86.
TWO = (3.21, 3.33, 3.45, 3.60, 3.52, 3.48, 3.66, 3.90, 3.12)


def two(below: str) -> str:
    return "\n".join(["element,nrr", *(f"U{i},{one:.2f}" for i, one in enumerate(TWO, 1)), below]) + "\n"


@pytest.mark.parametrize(
    ("below", "expected"),
    [
        ("index,3.47\nikm,86.75", ["rounding"]),  # 3.47 x 25
        ("index,3.4744\nikm,86.75", []),  # the NRR may hide it: not the printed index
        ("index,3.47\nikm,86.86", []),
        ("index,3.47\nikm,86.83", []),
    ],
)
def test_an_ikm_of_the_rounded_index_is_found_though_nrr_of_two_decimals_could_hide_it(
    tmp_path: Path, below: str, expected: list[str]
) -> None:
    verdict = judge(tmp_path, two(below))
    assert codes(verdict) == expected
    assert [one.should_be for one in verdict.traps] == [86.86] * len(expected)


def test_honest_tables_are_hardly_ever_said_to_be_rounded_on_the_way(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    wrong = 0
    for _ in range(300):
        nrr = rng.integers(300, 480, 9) / 120  # of 120 respondents
        rows = "".join(f"U{i},{half_up(one)}\n" for i, one in enumerate(nrr, 1))
        text = f"element,nrr\n{rows}index,{half_up(nrr.mean())}\nikm,{half_up(nrr.mean() * 25)}\n"
        wrong += bool(judge(tmp_path, text).traps)
    assert wrong <= 3


@pytest.mark.parametrize(("letter", "expected"), [("b", []), ("c", ["grade"]), ("C", ["grade"])])
def test_a_grade_in_a_small_letter_is_a_grade(tmp_path: Path, letter: str, expected: list[str]) -> None:
    assert codes(judge(tmp_path, two(f"ikm,86.86\ngrade,{letter}"))) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (table(0.11, f"ikm,{half_up(sum(NRR) * 0.11 * 25)}"), "weight"),
        ("element,nrr,weight\nU1,3.60,0.25\n", "weight"),
        ("element,nrr\nikm,82.00\nlimits,43.75 62.50 81.25\n", "limits-2004"),
        ("element,nrr\nikm,82.00\ngrade,A\n", "limits-2004"),
        ("element,nrr\nikm,82.00\nlimits,60 70 80\n", "limits"),
        (table(1 / 9, "ikm,88.97", order=(*range(7), 8, 7)), "form-order"),
        ("unsur,nrr\nU8 Sarana dan prasarana,3.2\nU9 Penanganan pengaduan,3.6\n", "form-order"),
        (two("index,3.47\nikm,86.75"), "rounding"),
        ("element;nrr\nikm;88,305\ngrade;B\n", "rounding"),
        ("element,nrr\nikm,80.00\ngrade,A\n", "grade"),
        ("element,nrr,weighted\nU1,3.60,0.50\n", "weighted"),
        (two("index,3.90"), "index"),
        (two("ikm,91.20"), "ikm"),
        ("element,nrr\nindex,3.30\nikm,85.00\n", "ikm"),
        ("element,nrr\nU1,3.5\nscale,1-5\n", "scale"),
        ("element,nrr\nU1,4.35\n", "scale"),
    ],
)
def test_each_trap_is_explained_in_both_languages(tmp_path: Path, text: str, code: str) -> None:
    verdict = judge(tmp_path, text)
    assert code in codes(verdict)
    for one, body in zip(verdict.traps, as_dict(verdict)["traps"], strict=True):
        assert one.text.id != one.text.en
        assert (body["text"], body["text_id"]) == (one.text.en, one.text.id)
        assert (body["where"], body["where_id"]) == (one.where.en, one.where.id)
        english = {"the", "is", "are", "of", "should", "for", "each"}
        assert not english & set(one.text.id.lower().replace(",", " ").split())
