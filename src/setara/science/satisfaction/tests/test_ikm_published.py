"""Tables that others have published, reproduced to the printed digit, or the difference explained.

Each is a public page, named beside its numbers; only figures are taken over.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from setara.science.satisfaction import check, csi, ikm, instruments, ipa, published, servqual, tables
from setara.science.satisfaction.rounding import graded, half_up

SKM = instruments.load("skm-2017")

# github.com/rennn9/GASPUL_BACKEND, rumus_perhitungan_ikm_lengkap.md: 29 answers of one quarter, how many gave 4, 3
# and 2 to each element, its table with the weight printed as 0.1111, and IKM 91.48 and 90.56 for the same data.
# Its U8 is facilities and its U9 complaints, the order of the form.
GASPUL = {
    "U1": (18, 11, 0), "U2": (14, 15, 0), "U3": (15, 12, 2), "U4": (29, 0, 0), "U5": (15, 14, 0),
    "U6": (18, 11, 0), "U7": (19, 10, 0), "U9": (18, 11, 0), "U8": (28, 1, 0),
}  # fmt: skip
GASPUL_NRR = {
    "U1": "3.6207", "U2": "3.4828", "U3": "3.4483", "U4": "4.0000", "U5": "3.5172", "U6": "3.6207", "U7": "3.6552",
    "U9": "3.6207", "U8": "3.9655",
}  # fmt: skip
GASPUL_TABLE = """No,Unsur,NRR,Bobot,NRR Tertimbang
U1,Persyaratan,3.6207,0.1111,0.3983
U2,Prosedur,3.4828,0.1111,0.3831
U3,Waktu penyelesaian,3.4483,0.1111,0.3793
U4,Biaya/Tarif,4.0000,0.1111,0.4400
U5,Produk,3.5172,0.1111,0.3869
U6,Kompetensi,3.6207,0.1111,0.3983
U7,Perilaku,3.6552,0.1111,0.4021
U8,Sarana,3.6207,0.1111,0.3983
U9,Pengaduan,3.9655,0.1111,0.4362
index,,3.6224
ikm,,90.56
grade,,A
limits,,88.31 76.61 65.00
"""


def test_twenty_nine_answers_and_the_two_figures_that_were_published_for_them(tmp_path: Path) -> None:
    columns = {
        code: [4.0] * four + [3.0] * three + [2.0] * two for code, (four, three, two) in GASPUL.items()
    }
    result = ikm.figures(tables.from_frame(pl.DataFrame(columns), SKM))
    assert {one.element.code: str(half_up(one.nrr, 4)) for one in result.elements} == GASPUL_NRR
    assert str(half_up(result.index, 4)) == "3.6590"
    assert str(half_up(result.ikm)) == "91.48"
    # The published 90.56 is what 0.11 in place of 1/9 makes of the same answers; both traps are found.
    assert str(half_up(sum(one.nrr for one in result.elements) * 0.11 * 25)) == "90.56"
    path = tmp_path / "gaspul.csv"
    path.write_text(GASPUL_TABLE)
    verdict = check.check(published.read(path, SKM), SKM)
    assert [(one.code, one.found) for one in verdict.traps] == [
        ("form-order", "U8 = Sarana dan prasarana"),
        ("form-order", "U9 = Penanganan pengaduan, saran, dan masukan"),
        ("weight", 0.11),
    ]
    assert verdict.ikm is not None
    assert str(half_up(verdict.ikm)) == "91.48"


# skm.bantulkab.go.id, Dinas Pertanahan dan Tata Ruang, 2023: nine means, IKM 87.28, and three services with grades.
BANTUL = {
    "U1": 3.31, "U2": 3.35, "U3": 3.49, "U4": 3.93, "U5": 3.45, "U6": 3.39, "U7": 3.39, "U8": 3.76, "U9": 3.35,
}  # fmt: skip


def test_bantul_2023(tmp_path: Path) -> None:
    result = ikm.figures(
        tables.from_frame(pl.DataFrame({code: [nrr] * 3 for code, nrr in BANTUL.items()}), SKM)
    )
    assert str(half_up(result.ikm)) == "87.28"
    assert [graded(value, SKM.grades).grade for value in (75.56, 86.29, 94.61)] == ["C", "B", "A"]  # type: ignore[union-attr]
    path = tmp_path / "bantul.csv"
    path.write_text(
        "unsur,nilai\n" + "".join(f"{code},{nrr:.2f}\n" for code, nrr in BANTUL.items()) + "ikm,87.28\n"
    )
    assert check.check(published.read(path, SKM), SKM).traps == []


# scribd.com/doc/168413544, a health centre, June 2012, unit of registration, index of 2004: fourteen means, the sum
# written out with the weight 0.071, index 3.059, IKM 76.475, grade B.
PHC = (3.06, 2.98, 3.06, 2.9, 3.06, 3.14, 3.04, 3.06, 3.18, 3.08, 3.2, 3.18, 3.1, 3.04)


def test_a_health_centre_of_2012_with_the_weight_0_071(tmp_path: Path) -> None:
    old = instruments.load("skm-2004")
    index = sum(nrr * 0.071 for nrr in PHC)
    assert str(half_up(index, 3)) == "3.059"
    assert half_up(3.059 * 25, 3) == half_up(76.475, 3)
    # With 1/14 it is 0.6 % higher, and still B.
    frame = pl.DataFrame({f"U{i}": [nrr] * 3 for i, nrr in enumerate(PHC, 1)})
    result = ikm.figures(tables.from_frame(frame, old))
    assert str(half_up(result.ikm)) == "76.93"
    assert result.grade is not None
    assert result.grade.grade == "B"
    path = tmp_path / "phc.csv"
    rows = "".join(f"U{i},{nrr:.2f},0.071\n" for i, nrr in enumerate(PHC, 1))
    path.write_text(f"element,nrr,weight\n{rows}index,3.059\nikm,76.475\ngrade,B\n")
    verdict = check.check(published.read(path, old), old)
    assert [(one.code, one.found) for one in verdict.traps] == [("weight", 0.071)]


# pmc.ncbi.nlm.nih.gov/articles/PMC6131925, table 2 (386 patients): means and gaps of the five dimensions.
PATIENTS = {
    "tangibles": (4.44, 4.19, "-0.25"),
    "reliability": (4.49, 4.36, "-0.13"),
    "responsiveness": (4.48, 4.35, "-0.13"),
    "assurance": (4.50, 4.32, "-0.18"),
    "empathy": (4.56, 4.40, "-0.16"),
}


def test_gaps_of_386_patients() -> None:
    model = instruments.load("servqual")
    columns = {}
    for one in model.counted:
        expected, perceived, _ = PATIENTS[str(one.dimension)]
        columns |= {f"E{one.code}": [expected] * 3, f"P{one.code}": [perceived] * 3}
    body = servqual.as_dict(servqual.gaps(tables.from_frame(pl.DataFrame(columns), model)))
    for code, (expected, perceived, gap) in PATIENTS.items():
        found = body["dimensions"][code]
        assert (found["expectation"], found["perception"]) == (
            pytest.approx(expected),
            pytest.approx(perceived),
        )
        assert str(half_up(found["gap"])) == gap
    assert body["overall"] == pytest.approx(-0.17)


# text-id.123dok.com/document/6zk6l18yx, table 5.14 (79 customers): MIS, WF, MSS, WS of the attributes; the sum of the
# MIS of all attributes is given as 98.0157, the WF in per cent.
USU = (
    (3.8650, "3.9433", 3.9770, "15.6823"),
    (3.9201, "3.9995", 4.2449, "16.9774"),
    (4.0118, "4.0930", 4.0327, "16.5057"),
    (3.9516, "4.0316", 4.1732, "16.8244"),
    (3.9472, "4.0271", 3.9929, "16.0798"),
    (4.0694, "4.1518", 4.0989, "17.0178"),
    (3.9390, "4.0187", 3.5631, "14.3191"),
    (3.7432, "3.8190", 4.0312, "15.3953"),
    (4.0653, "4.1476", 3.9784, "16.5006"),
    (3.9965, "4.0774", 4.2115, "17.1723"),
    (3.8252, "3.9026", 4.0713, "15.8888"),
    (3.7433, "3.8190", 3.6506, "13.9419"),
    (4.0227, "4.1041", 3.9111, "16.0513"),
    (3.9514, "4.0313", 4.2632, "17.1866"),
    (3.8801, "3.9586", 3.9528, "15.6478"),
    (4.0803, "4.1629", 4.1932, "17.4560"),
)


def test_weight_factors_and_weighted_scores_of_79_customers() -> None:
    # The page shows sixteen attributes of twenty-five; what is left of the sum of the MIS is put on the others.
    left = (98.0157 - sum(row[0] for row in USU)) / 9
    own = instruments.load("servqual").model_copy(update={"elements": _items(25), "kind": "pairs"})
    columns = {f"P{i}": [row[2]] * 3 for i, row in enumerate(USU, 1)} | {
        f"P{i}": [4.0] * 3 for i in range(17, 26)
    }
    columns |= {f"I{i}": [row[0]] * 3 for i, row in enumerate(USU, 1)} | {
        f"I{i}": [left] * 3 for i in range(17, 26)
    }
    performance, importance, _ = ipa.sides(own)
    wish = tables.Choices(required=performance, optional=importance)
    found = csi.index(tables.from_frame(pl.DataFrame(columns), own, choices=wish))
    for one, (_mis, wf, _mss, ws) in zip(found.items, USU, strict=False):
        assert abs(half_up(100 * one.wf, 4) - half_up(float(wf), 4)) <= half_up(
            0.0001, 4
        )  # its MIS are rounded
        assert abs(100 * one.ws - float(ws)) < 0.0006
    assert np.isclose(found.csi, 100 * sum(one.ws for one in found.items) / 5)


def _items(count: int) -> tuple[instruments.Element, ...]:
    one = instruments.load("servqual").elements[0]
    return tuple(one.model_copy(update={"code": str(i)}) for i in range(1, count + 1))
