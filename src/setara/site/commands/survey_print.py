"""What the survey commands print on a terminal: plain tables that fit eighty columns."""

from __future__ import annotations

from collections.abc import Sequence

from setara.kernel.words import Words
from setara.science.satisfaction.csi import Index
from setara.science.satisfaction.ikm import Figures
from setara.science.satisfaction.integrity import FALSE_ALARM, Outcome
from setara.science.satisfaction.intervals import Interval
from setara.science.satisfaction.ipa import QUADRANTS, Plane
from setara.science.satisfaction.rounding import half_up, shown
from setara.science.satisfaction.servqual import Gaps
from setara.science.satisfaction.trap_words import comma
from setara.science.satisfaction.verdict import Verdict


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], left: int = 2) -> list[str]:
    """Rows under their headings; the first ``left`` columns are text, the others numbers."""
    width = [max(len(row[place]) for row in [heads, *rows]) for place in range(len(heads))]

    def line(row: Sequence[str]) -> str:
        cells = [
            cell.ljust(width[place]) if place < left else cell.rjust(width[place])
            for place, cell in enumerate(row)
        ]
        return "  ".join(cells).rstrip()

    return [line(heads), *(line(row) for row in rows)]


def _span(interval: Interval | None) -> str:
    if interval is None or interval.pair is None:
        return "-"
    return f"{shown(interval.low)} to {shown(interval.high)}"


def index(result: Figures, outcomes: Sequence[Outcome]) -> str:
    """The official table, the index and its grade, the integrity tests, the notes."""
    instrument = result.instrument
    rows = [
        [
            one.element.code, one.element.name_en, str(one.answered), shown(one.nrr), _span(one.interval),
            shown(one.weighted),
        ]
        for one in result.elements
    ]  # fmt: skip
    lines = [f"{instrument.name_en} ({instrument.source})", ""]
    lines += _table(("code", "element", "answered", "nrr", "interval", "weighted"), rows)
    lines += ["", f"respondents  {result.n}", f"index        {shown(result.index)}"]
    percent = f"{result.interval.confidence * 100:g} %"
    lines.append(
        f"ikm          {shown(result.ikm)}   {percent} {_span(result.interval)} ({result.interval.method})"
    )
    if result.grade:
        within = result.grades_within
        doubt = f"   the interval holds {' and '.join(within)}" if len(within) > 1 else ""
        lines.append(
            f"grade        {result.grade.grade} ({result.grade.name_id}, {result.grade.name_en}){doubt}"
        )
    if result.stratified:
        lines.append(
            f"by strata    {shown(result.stratified.estimate)}   {percent} {_span(result.stratified)}"
        )
    lowest = ", ".join(f"{one.element.code} {shown(one.nrr)}" for one in result.lowest[:3])
    lines += [f"lowest       {lowest}", "", *_integrity(outcomes)]
    said = [one.en for one in result.notes]
    if result.interval.warning:
        said.append(result.interval.warning.en)
    return "\n".join(lines + [f"note: {one}" for one in said])


def _integrity(outcomes: Sequence[Outcome]) -> list[str]:
    able = [one for one in outcomes if one.decision != "not computable"]
    marked = [one for one in able if one.decision == "attention"]
    lines = [
        f"integrity    {len(able)} of {len(outcomes)} tests computed, {len(marked)} need attention (all "
        "together mark "
        f"at most {shown(100 * FALSE_ALARM, places=1)} % of honest files)"
    ]
    return lines + [f"  {one.name.en}: {one.finding.en}" for one in marked]


def verdict(judged: Verdict, lang: str) -> str:
    """The traps of a published table and its figures as they should be, in ``lang`` (id or en)."""
    lines = []
    if not judged.traps:
        nothing = Words(
            id="Tidak ditemukan kesalahan yang dikenal dalam apa yang tercetak di tabel.",
            en="No trap was found in what the table prints.",
        )
        lines.append(nothing.text(lang))
    for one in judged.traps:
        found, right = _text(one.found), _text(one.should_be)
        said = Words(
            id=f"tercetak {comma(found)}, seharusnya {comma(right)}", en=f"found {found}, should be {right}"
        )
        lines.append(f"{one.code} ({one.where.text(lang)}): {said.text(lang)}")
        lines.append(f"  {one.text.text(lang)}")
    if judged.ikm is not None and judged.index is not None:
        lines.append(_recomputed(judged, judged.index, judged.ikm).text(lang))
    head = Words(id="catatan", en="note").text(lang)
    return "\n".join(lines + [f"{head}: {one.text(lang)}" for one in judged.notes])


def _recomputed(judged: Verdict, index: float, ikm: float) -> Words:
    grade = judged.grade.grade if judged.grade else None
    figures = str(half_up(index, 4)), str(half_up(ikm))
    margin = str(half_up(judged.margin))
    return Words(
        id=f"Dari NRR yang tercetak: indeks {comma(figures[0])}, IKM {comma(figures[1])} "
        f"(pembulatannya dapat menggesernya {comma(margin)}){f', mutu {grade}' if grade else ''}",
        en=f"From the printed NRR: index {figures[0]}, ikm {figures[1]} (their rounding may move it by {margin})"
        f"{f', grade {grade}' if grade else ''}",
    )


def _text(value: object) -> str:
    if isinstance(value, list):
        return " / ".join(f"{one:g}" if isinstance(one, float) else str(one) for one in value)
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def gaps(result: Gaps) -> str:
    """Dimensions with gap, interval and reliability; items; equal treatment apart."""
    rows = [
        [
            one.dimension.name_en, shown(one.expectation), shown(one.perception), shown(one.gap), _span(one.interval),
            shown(one.perceived.alpha.estimate), _span(one.perceived.alpha), shown(one.perceived.omega),
        ]
        for one in result.dimensions
    ]  # fmt: skip
    heads = ("dimension", "expected", "perceived", "gap", "interval", "alpha", "interval", "omega")
    lines = [
        f"{'SERVPERF' if result.servperf else 'SERVQUAL'}, {result.n} respondents",
        "",
        *_table(heads, rows, 1),
    ]
    whole = result.overall[1] if result.servperf else result.overall[2]
    what = "perception" if result.servperf else "gap"
    lines += ["", f"overall {what}   {shown(whole)}   95 % {_span(result.overall_interval)}"]
    if result.weighted is not None:
        lines.append(f"weighted {what}  {shown(result.weighted)}   95 % {_span(result.weighted_interval)}")
    if not result.servperf:
        lines.append(f"{shown(100 * result.below, places=0)} % of the paired answers are below expectation")
    for one in result.apart:
        value = one.perception if result.servperf else one.gap
        lines.append(
            f"equal treatment, apart: {what} {shown(value)}   95 % {_span(one.interval)}, n {one.answered}"
        )
    items = [
        [
            one.element.code, one.element.name_en, shown(one.expectation), shown(one.perception), shown(one.gap),
            _span(one.interval),
        ]
        for one in result.items
    ]  # fmt: skip
    lines += ["", *_table(("item", "", "expected", "perceived", "gap", "interval"), items), ""]
    lines += _reliability(result)
    return "\n".join(lines + [f"note: {one.en}" for one in result.notes])


def _reliability(result: Gaps) -> list[str]:
    critical = result.dimensions[0].perceived.items[0].r_table
    scales = [scale for one in result.dimensions for scale in (one.perceived, one.expected) if scale]
    below = [item.code for scale in scales for item in scale.items if item.passes is False]
    undefined = [item.code for scale in scales for item in scale.items if item.passes is None]
    lines = [
        f"r-table {shown(critical, places=3)}: "
        + (f"not above it: {', '.join(below)}" if below else "all above it")
    ]
    if undefined:
        lines[0] += f"; undefined: {', '.join(undefined)} (answers that do not differ, or fewer than three)"
    for one in result.dimensions:
        if one.perceived.alpha.pair is None and one.perceived.alpha.warning:
            lines.append(f"warning: {one.dimension.name_en}: {one.perceived.alpha.warning.en}")
    warned = next((scale.alpha.warning for scale in scales if scale.alpha.warning and scale.alpha.pair), None)
    return lines + ([f"warning: {warned.en}"] if warned else [])


def plane(result: Plane) -> str:
    """The quadrants, and where the axes are cut."""
    lines = [
        f"{result.n} respondents; axes cut at the {result.rule}: performance "
        f"{shown(result.cut_performance)}, importance "
        f"{shown(result.cut_importance)}; an item on a cut counts as above it",
    ]
    for number, words in QUADRANTS.items():
        rows = [
            [
                one.code,
                one.element.name_en,
                shown(one.importance),
                shown(one.performance),
                "" if one.sure else "not sure",
            ]
            for one in result.items
            if one.quadrant == number
        ]
        lines += ["", f"{number} {words.en}"]
        lines += _table(("item", "", "importance", "performance", ""), rows) if rows else ["none"]
    return "\n".join([*lines, "", *(f"note: {one.en}" for one in result.notes)]).rstrip()


def satisfaction(result: Index) -> str:
    """The CSI with its items."""
    rows = [
        [
            one.code,
            one.element.name_en,
            shown(one.mis),
            shown(one.mss),
            shown(one.wf, places=4),
            shown(one.ws, places=4),
        ]
        for one in result.items
    ]
    lines = _table(("item", "", "MIS", "MSS", "WF", "WS"), rows)
    lines += [
        "",
        f"CSI {shown(result.csi)} %   95 % {_span(result.interval)}: {result.band.en}; {result.n} respondents",
    ]
    return "\n".join(lines + [f"note: {one.en}" for one in result.notes])
