"""What the check of a published table says of each trap, in Indonesian and English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from setara.kernel.words import Words
from setara.science.satisfaction.instruments import Element, Grade

#: What is said in the place of a code's own name: the part of the table in which a trap stands.
_PLACES: Final[Mapping[str, Words]] = {
    "scale": Words(id="skala", en="scale"),
    "weight": Words(id="bobot", en="weight"),
    "index": Words(id="indeks", en="index"),
    "ikm": Words(id="IKM", en="ikm"),
    "limits": Words(id="batas mutu", en="limits"),
    "grade": Words(id="mutu", en="grade"),
    "order": Words(id="urutan baris", en="order of the rows"),
}


def comma(number: str) -> str:
    """A number as Indonesian prints it."""
    return number.replace(".", ",")


def place(part: str) -> Words:
    """The part of a table by its name."""
    return _PLACES[part]


def row(code: str) -> Words:
    """The row of an element."""
    return Words(id=f"baris {code}", en=f"row {code}")


def nrr_of(code: str) -> Words:
    """The NRR of an element."""
    return Words(id=f"NRR {code}", en=f"nrr of {code}")


def weighted_of(code: str) -> Words:
    """The weighted NRR of an element."""
    return Words(id=f"NRR tertimbang {code}", en=f"weighted of {code}")


def swapped(right: Element, code: str, words: str) -> Words:
    """``code`` stands beside the name of the element ``words``."""
    item = code[1:]
    return Words(
        id=f"{right.name_id} adalah {words} dalam peraturan; formulir menanyakannya sebagai butir {item}. Nilai "
        f"{code} dan {words} tertukar; indeksnya sama, rencana tindak lanjutnya tidak.",
        en=f"{right.name_en} is {words} in the regulation; the form asks it as item {item}. The values of "
        f"{code} and {words} have changed places; the index is the same, the follow-up plan is not.",
    )


def form_order() -> Words:
    """The rows stand as the form asks them."""
    return Words(
        id="Baris-baris mengikuti urutan formulir (sarana sebelum pengaduan), bukan urutan peraturan. Nilai yang "
        "dicatat menurut kode benar; nilai yang disalin menurut posisi tertukar tempatnya.",
        en="The rows stand in the order of the form (facilities before complaints), not of the regulation. "
        "Values kept by code are right; values copied by position change places.",
    )


def other_scale(low: float, high: float) -> Words:
    """Another scale than the instrument's is printed."""
    return Words(
        id=f"Indeks berada pada skala {low} sampai {high}; yang tercetak skala lain.",
        en=f"The index lies on {low} to {high}; another scale is printed.",
    )


def outside(low: float, high: float, printed: str) -> Words:
    """A mean that no answers can have."""
    return Words(
        id=f"Rata-rata jawaban dari {low} sampai {high} tidak mungkin {comma(printed)}.",
        en=f"A mean of answers from {low} to {high} cannot be {printed}.",
    )


def weight_used(used: float, k: int, ikm: str | None) -> Words:
    """The figures follow a weight that is not 1/k; ``ikm``: what it should be, where that is known."""
    share, weight = f"{abs(1 - used * k) * 100:.1f} %", f"{used:g}"
    low = used * k < 1
    should = Words(id=f" IKM seharusnya {comma(ikm or '')}.", en=f" The IKM should be {ikm}.")
    return Words(
        id=f"Angka-angkanya memakai bobot {comma(weight)}, bukan 1/{k}, sehingga indeks terlalu "
        f"{'rendah' if low else 'tinggi'} {comma(share)}.{should.id if ikm else ''}",
        en=f"The figures follow a weight of {weight} in place of 1/{k}, which makes the index "
        f"{share} too {'low' if low else 'high'}.{should.en if ikm else ''}",
    )


def weight_printed(k: int) -> Words:
    """Another weight is printed."""
    return Words(
        id=f"Setiap unsur dari {k} unsur berbobot 1/{k}.", en=f"Each of {k} elements has the weight 1/{k}."
    )


def no_product(left: str, right: str, printed: str) -> Words:
    """A product that is none."""
    return Words(
        id=f"{comma(left)} x {comma(right)} bukan {comma(printed)}.",
        en=f"{left} x {right} is not {printed}.",
    )


def no_sum(what: str, printed: str, near: bool, right: str) -> Words:
    """An index or IKM (``what``) that does not follow; ``near``: rounding on the way explains it."""
    name = _PLACES[what]
    return Words(
        id=f"{name.id[0].upper()}{name.id[1:]} tercetak {comma(printed)} tidak sesuai dengan NRR yang tercetak"
        f"{': dibulatkan di tengah hitungan, atau dipotong' if near else ''}. Seharusnya {comma(right)}.",
        en=f"The printed {name.en} {printed} does not follow from the printed NRR"
        f"{': it was rounded on the way, or cut off' if near else ''}. It should be {right}.",
    )


def limits_of_2004() -> Words:
    """The limits of 2004 are printed."""
    return Words(
        id="Ini batas mutu tahun 2004 (43,75; 62,50; 81,25); sejak 2017 batasnya 65,00; 76,61; 88,31.",
        en="These are the limits of 2004 (43.75, 62.50, 81.25); since 2017 they are 65.00, 76.61 and 88.31.",
    )


def other_limits(source: str, lows: Sequence[float]) -> Words:
    """Limits that are not the regulation's."""
    said = [f"{one:.2f}" for one in lows]
    return Words(
        id=f"Batas mutu menurut {source}: {comma('; '.join(said))}.",
        en=f"Limits of {source}: {', '.join(said)}.",
    )


def graded_by_2004(grade: str, value: str) -> Words:
    """The grade follows the limits of 2004."""
    return Words(
        id=f"Mutu {grade} untuk {comma(value)} mengikuti batas mutu tahun 2004.",
        en=f"Grade {grade} for {value} follows the limits of 2004.",
    )


def right_grade(value: str, right: Grade, *, before: bool = False) -> Words:
    """The grade of a value; ``before``: the table graded it before rounding."""
    return Words(
        id=f"{'Mutu ditentukan sebelum dibulatkan: ' if before else ''}{comma(value)} bermutu {right.grade} "
        f"({right.name_id}).",
        en=f"{'Graded before rounding: ' if before else ''}{value} is grade {right.grade} ({right.name_id}).",
    )
