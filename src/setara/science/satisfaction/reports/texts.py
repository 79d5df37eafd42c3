"""What HTML and PDF say in the same words: the sentences about the index, its method, its plan."""

from __future__ import annotations

from dataclasses import dataclass

from setara.science.satisfaction.ikm import ElementFigure, Figures
from setara.science.satisfaction.instruments import Language
from setara.science.satisfaction.integrity import FALSE_ALARM, Outcome
from setara.science.satisfaction.intervals import Interval
from setara.science.satisfaction.reports.charts import low_share
from setara.science.satisfaction.rounding import graded, shown


@dataclass(frozen=True, slots=True)
class Heading:
    """What the office says of itself: its name and the period; both may be empty."""

    office: str = ""
    period: str = ""


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One row of the follow-up plan; activity, term and who is responsible are filled in by the office."""

    code: str
    name: str
    nrr: str
    why: str


def pick(lang: Language, indonesian: str, english: str) -> str:
    """The text in the wanted language."""
    return english if lang == "en" else indonesian


def span(interval: Interval, lang: Language) -> str:
    """An interval as it is printed; a dash where there is none."""
    if interval.pair is None:
        return "–"
    return pick(lang, " s.d. ", " to ").join(shown(end, lang) for end in interval.pair)


def summary(result: Figures, lang: Language) -> str:
    """The index in one sentence."""
    instrument = result.instrument
    text = pick(
        lang,
        f"Nilai {shown(result.ikm, lang)} dari {shown(instrument.high * instrument.factor, lang)}",
        f"{shown(result.ikm)} of {shown(instrument.high * instrument.factor)}",
    )
    if result.grade:
        grade = result.grade
        text += pick(
            lang, f", mutu {grade.grade} ({grade.name_id})", f", grade {grade.grade} ({grade.name_en})"
        )
    if result.interval.pair:
        low, high = (shown(end, lang) for end in result.interval.pair)
        percent = f"{result.interval.confidence * 100:g} %"
        text += pick(
            lang,
            f"; selang kepercayaan {percent}: {low} sampai {high}",
            f"; {percent} interval {low} to {high}",
        )
    within = result.grades_within
    if len(within) > 1:
        text += pick(
            lang, f", sehingga mutu {' atau '.join(within)} tidak dapat dibedakan",
            f", so that grades {' and '.join(within)} cannot be told apart",
        )  # fmt: skip
    return text + "."


def method(result: Figures, lang: Language) -> list[str]:
    """How the numbers came about, sentence by sentence."""
    k, instrument = len(result.elements), result.instrument
    factor = (
        f"x {instrument.multiply:g}"
        if instrument.multiply != 1
        else f": {instrument.divide:g}".replace(":", "/")
    )
    said = [
        pick(
            lang,
            "NRR suatu unsur adalah jumlah skornya dibagi banyaknya responden yang menjawab unsur itu. "
            "Bobot setiap unsur "
            f"tepat 1/{k}; indeks adalah jumlah NRR tertimbang dan nilai yang diumumkan adalah indeks "
            f"{factor}.",
            "The NRR of an element is the sum of its scores divided by the respondents who answered it. "
            "Each element "
            f"weighs exactly 1/{k}; the index is the sum of the weighted NRR, what is published is the "
            f"index {factor}.",
        ),
        pick(
            lang,
            "Perhitungan tidak dibulatkan; angka tercetak dibulatkan ke dua desimal (setengah ke atas) dan "
            "mutu mengikuti "
            "angka tercetak.",
            "Nothing is rounded while computing; printed numbers are rounded half up to two decimals, and "
            "the grade "
            "follows the printed number.",
        ),
    ]
    ways = {
        "bca": ("bootstrap BCa atas responden", "the BCa bootstrap over respondents"),
        "closed form": ("rumus tertutup", "the closed form"),
        "stratified": ("rancangan strata", "the stratified design"),
        "bound": ("batas untuk jawaban yang semuanya sama", "the bound for answers that are all equal"),
    }
    if result.interval.method in ways:
        name = ways[result.interval.method]
        said.append(pick(lang, f"Selang kepercayaan: {name[0]}.", f"The interval comes from {name[1]}."))
    said.append(
        pick(
            lang,
            "Selang itu hanya menghitung kebetulan dalam penarikan sampel; ia tidak memperbaiki responden "
            "yang memilih "
            "sendiri untuk menjawab.",
            "The interval counts only the chance of sampling; it does not mend a sample that chose itself.",
        )
    )
    return said


def plan(result: Figures, lang: Language) -> list[PlanRow]:
    """The elements to improve: the three lowest, and any other whose mean is below the second best grade."""
    grades = sorted(result.instrument.grades, key=lambda one: one.low)
    limit = grades[-2].low if len(grades) > 1 else 0.0
    rows = []
    for place, one in enumerate(result.lowest):
        if place < 3 or one.nrr * result.instrument.factor < limit:
            rows.append(
                PlanRow(
                    one.element.code, one.element.name(lang), shown(one.nrr, lang), _why(one, result, lang)
                )
            )
    return rows


def _why(one: ElementFigure, result: Figures, lang: Language) -> str:
    share = shown(100 * low_share(one.counts, one.answered, result), lang, 0)
    text = pick(
        lang, f"{share} % menjawab di paruh bawah skala", f"{share} % answered in the lower half of the scale"
    )
    grade = graded(one.nrr * result.instrument.factor, result.instrument.grades)
    if grade:
        text = pick(lang, f"setara mutu {grade.grade}; {text}", f"as grade {grade.grade}; {text}")
    return text


def integrity(outcomes: list[Outcome], lang: Language) -> str:
    """The integrity tests in one sentence."""
    able = [one for one in outcomes if one.decision != "not computable"]
    marked = [one for one in able if one.decision == "attention"]
    rate = shown(100 * FALSE_ALARM, lang, 1)
    return pick(
        lang,
        f"{len(able)} dari {len(outcomes)} uji dapat dihitung, {len(marked)} perlu diperhatikan. Semua uji "
        "bersama-sama "
        f"menandai paling banyak {rate} % berkas yang jujur. Tidak ada jawaban yang dibuang.",
        f"{len(able)} of {len(outcomes)} tests could be computed, {len(marked)} need attention. All tests "
        "together mark at "
        f"most {rate} % of honest files. No answer was dropped.",
    )


def notes(result: Figures, lang: Language) -> list[str]:
    """All notes, and what must be said of the interval."""
    said = [one.text(lang) for one in result.notes]
    if result.interval.warning:
        said.append(result.interval.warning.text(lang))
    return said
