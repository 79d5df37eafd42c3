"""The reports as one HTML file each."""

from __future__ import annotations

from typing import Any

from setara.science import drawing, pages
from setara.science.satisfaction import csi as csi_of
from setara.science.satisfaction.csi import Index
from setara.science.satisfaction.ikm import Figures
from setara.science.satisfaction.instruments import Language
from setara.science.satisfaction.integrity import Outcome
from setara.science.satisfaction.ipa import QUADRANTS, Plane
from setara.science.satisfaction.reports import charts, texts
from setara.science.satisfaction.reports.texts import Heading
from setara.science.satisfaction.rounding import shown
from setara.science.satisfaction.servqual import Gaps

_ROOM = "setara.science.satisfaction"


def ikm(result: Figures, outcomes: list[Outcome], heading: Heading, lang: Language = "id") -> str:
    """The yearly report: index, elements, answers, integrity, follow-up plan."""
    title = texts.pick(lang, "Laporan hasil survei", "Survey report")
    tall = 1.4 + 0.42 * len(result.elements)
    first = drawing.svg(
        lambda axes: charts.elements(axes, result, lang),
        title=texts.pick(lang, "Nilai rata-rata setiap unsur", "Mean of each element"),
        finding=charts.elements_finding(result, lang),
        height=tall,
    )
    second = drawing.svg(
        lambda axes: charts.answers(axes, result, lang),
        title=texts.pick(lang, "Sebaran jawaban", "Distribution of the answers"),
        finding=charts.answers_finding(result, lang),
        height=tall,
    )
    return _render(
        "ikm.html.j2", lang, title=title, result=result, heading=heading, outcomes=outcomes, texts=texts,
        chart=_safe(first), chart_finding=charts.elements_finding(result, lang),
        spread=_safe(second), spread_finding=charts.answers_finding(result, lang),
    )  # fmt: skip


def servqual(result: Gaps, heading: Heading, lang: Language = "id") -> str:
    """The gaps of dimensions and items, reliability, equal treatment apart."""
    finding = charts.gaps_finding(result, lang)
    chart = drawing.svg(
        lambda axes: charts.gaps(axes, result, lang),
        title=texts.pick(lang, "Gap setiap dimensi", "Gap of each dimension"), finding=finding, height=3.6,
    )  # fmt: skip
    title = "SERVPERF" if result.servperf else "SERVQUAL"
    return _render(
        "servqual.html.j2",
        lang,
        title=title,
        result=result,
        heading=heading,
        chart=_safe(chart),
        finding=finding,
    )


def ipa(result: Plane, heading: Heading, lang: Language = "id") -> str:
    """The plane with its quadrants and the rule of the cut."""
    finding = charts.plane_finding(result, lang)
    title = texts.pick(
        lang, "Analisis kepentingan dan kinerja (IPA)", "Importance-performance analysis (IPA)"
    )
    chart = drawing.svg(
        lambda axes: charts.plane(axes, result, lang), title=title, finding=finding, height=5.4
    )
    return _render(
        "ipa.html.j2", lang, title=title, result=result, heading=heading, chart=_safe(chart), finding=finding,
        quadrants={number: words.text(lang) for number, words in QUADRANTS.items()},
    )  # fmt: skip


def csi(result: Index, heading: Heading, lang: Language = "id") -> str:
    """The index of customer satisfaction with its bands."""
    title = texts.pick(lang, "Indeks kepuasan pelanggan (CSI)", "Customer satisfaction index (CSI)")
    return _render("csi.html.j2", lang, title=title, result=result, heading=heading, bands=csi_of.BANDS)


def _safe(svg: str) -> Any:
    from markupsafe import Markup

    return Markup(svg)  # noqa: S704 - our own drawing, its texts escaped by its maker


def _render(template: str, lang: Language, **context: Any) -> str:
    return pages.render(
        _ROOM, template, lang=lang, t=lambda indonesian, english: texts.pick(lang, indonesian, english),
        span=lambda interval: texts.span(interval, lang),
        num=lambda value, places=2: shown(value, lang, places), **context,
    )  # fmt: skip
