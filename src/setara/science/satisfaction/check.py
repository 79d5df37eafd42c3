"""Somebody else's published table: the known traps, and what the numbers should be.

Printed numbers are rounded, so a value is judged against the range of what it can have been: an NRR printed as 3.21
stands for 3.205 to 3.215. A number is called wrong only when no value within the range of the others explains it.
What is not printed is not judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import isclose, sqrt
from typing import Final

from setara.kernel.words import Words
from setara.science.satisfaction import trap_words as say
from setara.science.satisfaction.instruments import Grade, Instrument, load
from setara.science.satisfaction.published import Printed, Published
from setara.science.satisfaction.rounding import graded, half_up
from setara.science.satisfaction.verdict import Trap, Verdict

#: How 1/9 or 1/14 is cut off in published tables, in decimals.
_CUT: Final = (1, 2, 3, 4)


def check(table: Published, instrument: Instrument) -> Verdict:
    """Judge a published table by the formula and limits of ``instrument``."""
    verdict = Verdict(instrument, table)
    _order(verdict)
    _scale(verdict)
    _recompute(verdict)
    _weights(verdict)
    _sums(verdict)
    _limits(verdict)
    _grade(verdict)
    _remarks(verdict)
    return verdict


def _order(verdict: Verdict) -> None:
    """Trap 1: the form numbers facilities 8 and complaints 9."""
    table, elements = verdict.table, verdict.instrument.counted
    swapped = {one.code: elements[one.form_item - 1].code for one in elements if one.form_item}
    if not swapped:
        return
    for code, words in table.contradictions.items():
        right = verdict.instrument.element(words)
        verdict.traps.append(
            Trap(
                "form-order", f"{code} = {right.name_id}", f"{words} = {right.name_id}",
                say.row(code), say.swapped(right, code, words),
            )
        )  # fmt: skip
    order = [code for code in table.order if code in swapped]
    if not table.contradictions and len(order) > 1 and order != sorted(order):
        verdict.traps.append(
            Trap(
                "form-order", ", ".join(order), ", ".join(sorted(order)), say.place("order"), say.form_order()
            )
        )  # fmt: skip


def _scale(verdict: Verdict) -> None:
    table, instrument = verdict.table, verdict.instrument
    scale = [instrument.low, instrument.high]
    if table.scale and [round(one, 6) for one in table.scale] != scale:
        text = say.other_scale(instrument.low, instrument.high)
        verdict.traps.append(Trap("scale", table.scale, scale, say.place("scale"), text))
    for code, value in table.nrr.items():
        if not instrument.low - value.half <= value.value <= instrument.high + value.half:
            text = say.outside(instrument.low, instrument.high, value.text)
            verdict.traps.append(Trap("scale", value.value, scale, say.nrr_of(code), text))


def _recompute(verdict: Verdict) -> None:
    nrr = verdict.table.nrr
    codes = [one.code for one in verdict.instrument.counted]
    if set(codes) <= set(nrr):
        verdict.index = sum(nrr[code].value for code in codes) / len(codes)
        verdict.ikm = verdict.index * verdict.instrument.factor
        verdict.margin = sum(nrr[code].half for code in codes) / len(codes) * verdict.instrument.factor
    elif nrr:
        lacking = [code for code in codes if code not in nrr]
        said = ", ".join(lacking)
        verdict.notes.append(
            Words(
                id=f"tidak ada NRR {said}: indeks tidak dapat dihitung ulang",
                en=f"no NRR of {said}: the index cannot be recomputed",
            )
        )


def _fits(printed: Printed | None, exact: float, margin: float) -> bool:
    """Whether ``exact``, known to ``margin``, can have been printed like this (half up)."""
    return printed is not None and abs(printed.value - exact) <= margin + printed.half + 1e-9


def _weights(verdict: Verdict) -> None:
    """Trap 3: 0.11 in place of 1/9."""
    table, k = verdict.table, len(verdict.instrument.counted)
    printed = sorted({one.value for one in table.weights.values()})
    cuts = [float(f"{1 / k:.{places}f}") for places in _CUT]
    tried = [w for w in dict.fromkeys([*printed, *cuts]) if not isclose(w, 1 / k, abs_tol=1e-6)]
    # First what fits as it stands, then what fits if numbers were rounded or cut off on the way. A weight that is
    # only a ten-thousandth off, such as 0.1111, does no more than that and cannot be told from it.
    # NRR of few digits explain both; then a printed weight counts that meets every figure without any rounding.
    for loose, slack in ((False, 0.0), (False, 1.0), (True, 1.0)):
        if _explains(verdict, 1 / k, k, loose, slack) is not False:
            break
        far = [weight for weight in (tried if slack else printed) if loose or abs(weight * k - 1) > 5e-4]
        used = next((weight for weight in far if _explains(verdict, weight, k, loose, slack)), None)
        if used is not None:
            text = say.weight_used(used, k, None if verdict.ikm is None else str(half_up(verdict.ikm)))
            verdict.traps.append(Trap("weight", used, 1 / k, say.place("weight"), text))
            return
    for weight in printed:
        if any(isclose(weight, cut, abs_tol=1e-9) for cut in cuts[1:]):
            verdict.notes.append(
                Words(
                    id=f"bobot tercetak {say.comma(f'{weight:g}')}; angka-angkanya tidak menunjukkan bahwa "
                    "bobot itu dipakai",
                    en=f"the weight is printed as {weight:g}; the figures do not show that it was used",
                )
            )
        elif not isclose(weight, 1 / k, abs_tol=1e-6):
            verdict.traps.append(Trap("weight", weight, 1 / k, say.place("weight"), say.weight_printed(k)))


def _explains(verdict: Verdict, weight: float, k: int, loose: bool, slack: float) -> bool | None:
    """Whether all printed figures that depend on the weight fit this one; None when there are none.

    ``loose``: index and IKM may also be what the printed weighted values or the printed index add up to.
    ``slack``: 1 where the printed NRR may stand for all that is rounded to them, 0 where they are taken as they are.
    """
    table, factor = verdict.table, verdict.instrument.factor
    tests = []
    for code, value in table.weighted.items():
        if code in table.nrr:
            nrr = table.nrr[code]
            tests.append(_fits(value, nrr.value * weight, slack * nrr.half * weight))
    if verdict.index is not None:
        margin, exact = slack * verdict.margin / factor * weight * k, verdict.index * weight * k
        added = _added(table, k) if loose else []
        if table.index:
            tests.append(
                _fits(table.index, exact, margin) or any(_fits(table.index, one, 0) for one in added)
            )
        if table.ikm:
            on_the_way = [one * factor for one in added]
            on_the_way += [table.index.value * factor] if loose and table.index else []
            fits = _fits(table.ikm, exact * factor, margin * factor)
            fits = fits or (loose and _cut_off(table.ikm, exact * factor, margin * factor))
            tests.append(fits or any(_fits(table.ikm, one, 0) for one in on_the_way))
    return all(tests) if tests else None


def _added(table: Published, k: int) -> list[float]:
    """What the printed weighted values add up to, where all are printed."""
    return [sum(one.value for one in table.weighted.values())] if len(table.weighted) == k else []


def _sums(verdict: Verdict) -> None:
    """Rounding on the way, and sums that are none."""
    table, factor = verdict.table, verdict.instrument.factor
    k = len(verdict.instrument.counted)
    weight = next((one.found for one in verdict.traps if one.code == "weight"), 1 / k)
    for code, value in table.weighted.items():
        nrr = table.nrr.get(code)
        if nrr and not _fits(value, nrr.value * weight, nrr.half * weight):
            text = say.no_product(nrr.text, _weight(weight, k), value.text)
            right = float(half_up(nrr.value / k, max(value.places, 2)))
            verdict.traps.append(Trap("weighted", value.value, right, say.weighted_of(code), text))
    if verdict.index is None or verdict.ikm is None:
        if (
            table.ikm
            and table.index
            and not _fits(table.ikm, table.index.value * factor, table.index.half * factor)
        ):
            text = say.no_product(table.index.text, f"{factor:g}", table.ikm.text)
            right = float(half_up(table.index.value * factor))
            verdict.traps.append(Trap("ikm", table.ikm.value, right, say.place("ikm"), text))
        return
    exact, margin = verdict.index * weight * k, verdict.margin / factor * weight * k
    added = _added(table, k)
    if table.index and not _fits(table.index, exact, margin):
        near = any(_fits(table.index, one, 0) for one in added) or _cut_off(table.index, exact, margin)
        _wrong(verdict, "index", near, table.index, verdict.index)
    if table.ikm and (
        not _fits(table.ikm, exact * factor, margin * factor) or _from_rounded(table, exact, factor, added)
    ):
        steps = [_rounded(exact, places) for places in (1, 2, 3)] + added
        steps += [table.index.value] if table.index else []
        near = any(_fits(table.ikm, step * factor, margin * factor) for step in steps)
        near = near or _cut_off(table.ikm, exact * factor, margin * factor)
        _wrong(verdict, "ikm", near, table.ikm, verdict.ikm)


def _from_rounded(table: Published, exact: float, factor: float, added: list[float]) -> bool:
    """Whether the IKM is the rounded index times 25 to the digit, and rounded NRR are no likely other reason.

    The roundings of k NRR rarely all go one way: their mean strays by half / sqrt(3 k) (a uniform error), while an
    index of two decimals strays by as much as all of them together can. So the range of the NRR never tells the two
    apart; two and a half of these deviations do, with the hit to the digit that only one honest table in 25 has.
    """
    if table.ikm is None or not table.nrr:
        return False
    half = max(one.half for one in table.nrr.values())
    likely = 2.5 * half / sqrt(3 * len(table.nrr)) * factor + table.ikm.half
    steps = [table.index.value] if table.index and table.index.places <= 2 else []
    if all(one.places <= 2 for one in table.weighted.values()):
        steps += added
    hit = any(_fits(replace(table.ikm, places=10), _rounded(step * factor, 2), 0) for step in steps)
    return hit and abs(table.ikm.value - exact * factor) > likely + 1e-9


def _weight(weight: float, k: int) -> str:
    return f"1/{k}" if isclose(weight, 1 / k) else f"{weight:g}"


def _rounded(value: float, places: int) -> float:
    return float(half_up(value, places))


def _cut_off(printed: Printed, exact: float, margin: float) -> bool:
    """Whether the digits beyond those printed were cut off, or a tie was rounded down."""
    beyond = exact - printed.value
    return beyond + margin >= -1e-9 and beyond - margin < 2 * printed.half + 1e-9


def _wrong(verdict: Verdict, what: str, near: bool, printed: Printed, right: float) -> None:
    """A sum that is none: ``rounding`` where rounding on the way explains it, otherwise named after the figure."""
    value = half_up(right, max(printed.places, 2))
    text = say.no_sum(what, printed.text, near, str(value))
    code = "rounding" if near else what
    verdict.traps.append(Trap(code, printed.value, float(value), say.place(what), text))


def _limits(verdict: Verdict) -> None:
    """Trap 4: limits of 2004 for an index of 2017."""
    grades = sorted(verdict.instrument.grades, key=lambda one: one.low)
    printed = verdict.table.limits
    if not printed or not grades:
        return
    right = [one.low for one in grades]
    if _are(printed, grades):
        return
    old = sorted(load("skm-2004").grades, key=lambda one: one.low)
    if verdict.instrument.code != "skm-2004" and _are(printed, old):
        text = say.limits_of_2004()
        verdict.traps.append(Trap("limits-2004", list(printed), right, say.place("limits"), text))
        return
    text = say.other_limits(verdict.instrument.source, right[1:])
    verdict.traps.append(Trap("limits", list(printed), right, say.place("limits"), text))


def _are(printed: Sequence[float], grades: Sequence[Grade]) -> bool:
    """Whether the printed limits are these, each as the last value of one grade or the first of the next."""
    lows = [low for one in grades[1:] for low in (one.low, one.low_index)]
    inner = [value for value in printed if value not in {1.0, 4.0, 25.0, 100.0}]
    return bool(inner) and all(any(low - 0.0101 <= value <= low + 1e-9 for low in lows) for value in inner)


def _grade(verdict: Verdict) -> None:
    """A grade that does not follow from the printed IKM, and why."""
    table, grades = verdict.table, verdict.instrument.grades
    if table.grade is None or not grades:
        return
    value = table.ikm.value if table.ikm else verdict.best
    right = graded(value, grades) if value is not None else None
    if value is None or right is None or right.grade == table.grade:
        return
    should = verdict.grade
    if verdict.wrong and should and should.grade == table.grade:
        verdict.notes.append(
            Words(
                id=f"mutu {table.grade} benar: IKM yang tercetak tidak",
                en=f"the grade {table.grade} is right: the printed IKM is not",
            )
        )
        return
    where = say.place("grade")
    below = graded(value - 0.0101, grades)
    old = graded(value, load("skm-2004").grades)
    known = {one.code for one in verdict.traps}
    before = below is not None and below.grade == table.grade and abs(value - right.low) < 0.0101
    text = say.right_grade(str(half_up(value)), right, before=before)
    if before:
        verdict.traps.append(Trap("rounding", table.grade, right.grade, where, text))
    elif "limits-2004" not in known and not table.limits and old and old.grade == table.grade:
        lows = [one.low for one in sorted(grades, key=lambda one: one.low)]
        said = say.graded_by_2004(table.grade, str(half_up(value)))
        verdict.traps.append(Trap("limits-2004", table.grade, lows, where, said))
    verdict.traps.append(Trap("grade", table.grade, should.grade if should else right.grade, where, text))


def _remarks(verdict: Verdict) -> None:
    """Traps 2 and 5, which a table alone cannot prove."""
    table = verdict.table
    fee = table.nrr.get("U4")
    if verdict.instrument.code == "skm-2017" and fee and fee.value > 3:
        verdict.notes.append(
            Words(
                id=f"U4 = {say.comma(fee.text)}: dengan label baku hanya layanan gratis yang mendapat lebih dari 3, "
                "jadi labelnya lain "
                "(umumkan) atau layanannya gratis",
                en=f"U4 is {fee.text}: with the standard labels only a service that is free of charge gets "
                "more than 3, so "
                "the labels were others (publish them) or the service is free",
            )
        )
    if table.nik:
        verdict.notes.append(
            Words(
                id="kolom NIK dibaca sebagai nilai interval konversi, bukan nomor induk kependudukan",
                en="the column NIK is read as 'nilai interval konversi', not as a citizen's number",
            )
        )
    should = verdict.grade
    printed = graded(table.ikm.value, verdict.instrument.grades) if table.ikm else None
    if should and printed and should.grade != printed.grade:
        verdict.notes.append(
            Words(
                id=f"dengan IKM yang benar mutunya {should.grade}, bukan {printed.grade}",
                en=f"with the IKM as it should be the grade is {should.grade}, not {printed.grade}",
            )
        )
    low = graded((verdict.ikm or 0) - verdict.margin, verdict.instrument.grades) if verdict.ikm else None
    high = graded((verdict.ikm or 0) + verdict.margin, verdict.instrument.grades) if verdict.ikm else None
    if low and high and low.grade != high.grade and (verdict.wrong or table.ikm is None):
        near, far = half_up(verdict.ikm or 0), half_up(verdict.margin)
        verdict.notes.append(
            Words(
                id=f"NRR yang tercetak dibulatkan: IKM berada dalam {say.comma(str(far))} "
                f"dari {say.comma(str(near))}, jadi mutunya dapat "
                f"{low.grade} "
                f"atau {high.grade}",
                en=f"the printed NRR are rounded: the IKM lies within {far} of {near}, so the grade may be "
                f"{low.grade} "
                f"or {high.grade}",
            )
        )
