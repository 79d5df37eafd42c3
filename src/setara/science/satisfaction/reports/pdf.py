"""The yearly report as PDF, A4, in the style of an office's report: table, charts, plan, room for signatures."""

from __future__ import annotations

import io
from html import escape
from typing import Any

from setara.science import drawing
from setara.science.satisfaction.ikm import Figures
from setara.science.satisfaction.instruments import Language
from setara.science.satisfaction.integrity import Outcome
from setara.science.satisfaction.reports import charts, texts
from setara.science.satisfaction.reports.texts import Heading, pick
from setara.science.satisfaction.rounding import shown

_WIDE = 483.0  # points between the margins of A4
_PLAN = (
    "Dimulai dari unsur dengan nilai terendah. Kegiatan, waktu (pendek < 12 bulan, menengah, panjang), dan "
    "penanggung jawab diisi oleh kantor; kemajuannya dilaporkan bersama survei berikutnya.",
    "From the lowest elements up. The office fills in activity, term (short < 12 months, medium, long) and who is "
    "responsible; progress is reported with the next survey.",
)


def ikm(result: Figures, outcomes: list[Outcome], heading: Heading, lang: Language = "id") -> bytes:
    """The report of an index as one PDF file; the same result gives the same bytes."""
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import SimpleDocTemplate

    out = io.BytesIO()
    title = f"{pick(lang, 'Laporan hasil survei', 'Survey report')}: {result.instrument.name(lang)}"
    foot = " · ".join(part for part in (heading.office, heading.period, result.instrument.source) if part)
    document = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=56, rightMargin=56, topMargin=56, bottomMargin=56, title=title,
        author=heading.office, lang="en" if lang == "en" else "id", invariant=1,
    )  # fmt: skip

    def footer(canvas: Any, page: Any) -> None:
        canvas.saveState()
        canvas.setFont("Helvetica", 8)
        canvas.drawString(56, 32, foot[:110])
        canvas.drawRightString(A4[0] - 56, 32, f"{pick(lang, 'Halaman', 'Page')} {page.page}")
        canvas.restoreState()

    document.build(_story(result, outcomes, heading, lang, title), onFirstPage=footer, onLaterPages=footer)
    return out.getvalue()


def _styles() -> dict[str, Any]:
    from reportlab.lib.enums import TA_RIGHT
    from reportlab.lib.styles import ParagraphStyle

    body = ParagraphStyle("body", fontName="Helvetica", fontSize=9.5, leading=13, spaceAfter=5)
    return {
        "title": ParagraphStyle("title", parent=body, fontName="Helvetica-Bold", fontSize=16, leading=20),
        "head": ParagraphStyle(
            "head",
            parent=body,
            fontName="Helvetica-Bold",
            fontSize=12,
            leading=15,
            spaceBefore=12,
            keepWithNext=1,
        ),
        "body": body,
        "cell": ParagraphStyle("cell", parent=body, fontSize=8.5, leading=10.5, spaceAfter=0),
        "bold": ParagraphStyle(
            "bold", parent=body, fontName="Helvetica-Bold", fontSize=8.5, leading=10.5, spaceAfter=0
        ),
        "right": ParagraphStyle(
            "right", parent=body, fontSize=8.5, leading=10.5, spaceAfter=0, alignment=TA_RIGHT
        ),
        "big": ParagraphStyle(
            "big", parent=body, fontName="Helvetica-Bold", fontSize=19, leading=23, spaceAfter=0
        ),
    }


def _story(
    result: Figures, outcomes: list[Outcome], heading: Heading, lang: Language, title: str
) -> list[Any]:
    """The parts of the report, one after the other."""
    from reportlab.platypus import KeepTogether, Paragraph, Spacer

    style = _styles()
    number = 0

    def say(text: str, name: str = "body") -> Any:
        return Paragraph(escape(text), style[name])

    def head(indonesian: str, english: str) -> Any:
        nonlocal number
        number += 1
        return say(f"{number}. {pick(lang, indonesian, english)}", "head")

    tall = 1.1 + 0.33 * len(result.elements)
    about = " · ".join(part for part in (heading.office, heading.period) if part)
    story: list[Any] = [say(title, "title"), *([say(about)] if about else []), Spacer(1, 6)]
    story += [_figures(result, lang, style), Spacer(1, 8), say(texts.summary(result, lang))]
    story += [head("Nilai setiap unsur", "The elements"), _elements(result, lang, style), Spacer(1, 8)]
    story += [
        _chart(lambda axes: charts.elements(axes, result, lang), tall),
        say(charts.elements_finding(result, lang)),
    ]
    spread = _chart(lambda axes: charts.answers(axes, result, lang), tall)
    story.append(KeepTogether([spread, say(charts.answers_finding(result, lang))]))
    if result.instrument.grades:
        story.append(KeepTogether([head("Mutu pelayanan", "Grades"), _grades(result, lang, style)]))
    story += [
        head("Rencana tindak lanjut", "Follow-up plan"),
        say(pick(lang, *_PLAN)),
        _plan(result, lang, style),
    ]
    story += [
        head("Keutuhan berkas jawaban", "Integrity of the answer file"),
        say(texts.integrity(outcomes, lang)),
    ]
    marked = [one for one in outcomes if one.decision == "attention"]
    story += [say(f"{one.name.text(lang)}: {one.finding.text(lang)}") for one in marked]
    story.append(head("Cara menghitung", "Method"))
    story += [say(line) for line in texts.method(result, lang)]
    if said := texts.notes(result, lang):
        story += [head("Catatan", "Notes"), *(say(f"• {line}") for line in said)]
    story.append(KeepTogether([Spacer(1, 22), _signature(lang, style)]))
    return story


def _chart(draw: Any, height: float) -> Any:
    from reportlab.platypus import Image

    picture = io.BytesIO(drawing.png(draw, width=7.5, height=height))
    return Image(picture, width=_WIDE, height=_WIDE * height / 7.5)


def _table(
    rows: list[list[Any]],
    widths: list[float],
    *,
    head: bool = True,
    ruled: bool = True,
    extra: list[Any] | None = None,
) -> Any:
    from reportlab.lib import colors
    from reportlab.platypus import Table, TableStyle

    lines = [
        *([("LINEBELOW", (0, 0), (-1, -1), 0.4, colors.HexColor("#B5B5B5"))] if ruled else []),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
        *([("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#E6EDF3"))] if head else []),
        *(extra or []),
    ]
    return Table(rows, colWidths=widths, repeatRows=1 if head else 0, style=TableStyle(lines))


def _figures(result: Figures, lang: Language, style: dict[str, Any]) -> Any:
    from reportlab.lib import colors
    from reportlab.platypus import Paragraph

    grade, scale = result.grade, f"({result.instrument.low}-{result.instrument.high})"
    cells = [
        (pick(lang, "Nilai", "Published value"), shown(result.ikm, lang), ""),
        (f"{pick(lang, 'Indeks', 'Index')} {scale}", shown(result.index, lang), ""),
        (pick(lang, "Responden", "Respondents"), str(result.n), ""),
    ]  # fmt: skip
    if result.interval.pair:
        cells[0] = (cells[0][0], cells[0][1], texts.span(result.interval, lang))
    if grade:
        cells.insert(1, (pick(lang, "Mutu pelayanan", "Grade"), grade.grade, grade.name(lang)))
    names = [Paragraph(escape(name), style["cell"]) for name, _, _ in cells]
    values = [Paragraph(escape(value), style["big"]) for _, value, _ in cells]
    under = [Paragraph(escape(text), style["cell"]) for _, _, text in cells]
    box = [("BACKGROUND", (0, 0), (-1, -1), colors.HexColor("#F3F6F8"))]
    wide = [_WIDE / len(cells)] * len(cells)
    return _table([names, values, under], wide, head=False, ruled=False, extra=box)


def _elements(result: Figures, lang: Language, style: dict[str, Any]) -> Any:
    from reportlab.platypus import Paragraph

    heads = (
        ("Kode", "Unsur", "Menjawab", "NRR", "Selang", "NRR tertimbang"),
        ("Code", "Element", "Answered", "NRR", "Interval", "Weighted NRR"),
    )[lang == "en"]
    rows = [
        [Paragraph(f"<b>{text}</b>", style["cell" if at < 2 else "right"]) for at, text in enumerate(heads)]
    ]
    for one in result.elements:
        span = texts.span(one.interval, lang)
        numbers = (str(one.answered), shown(one.nrr, lang), span, shown(one.weighted, lang))
        rows.append(
            [
                Paragraph(one.element.code, style["bold"]),
                Paragraph(escape(one.element.name(lang)), style["cell"]),
            ]
            + [Paragraph(text, style["right"]) for text in numbers]
        )
    total = pick(lang, "Indeks (jumlah nilai yang tidak dibulatkan)", "Index (sum of the unrounded values)")
    rows.append(
        [Paragraph("", style["cell"]), Paragraph(total, style["bold"])]
        + [Paragraph("", style["cell"])] * 3
        + [Paragraph(f"<b>{shown(result.index, lang)}</b>", style["right"])]
    )
    return _table(rows, [38, 185, 58, 48, 84, 70])


def _grades(result: Figures, lang: Language, style: dict[str, Any]) -> Any:
    from reportlab.platypus import Paragraph

    heads = (("Mutu", "Mulai dari", "Kinerja", "Hasil"), ("Grade", "From", "Performance", "Result"))[
        lang == "en"
    ]
    rows = [[Paragraph(text, style["bold"]) for text in heads]]
    for one in result.instrument.grades:
        here = shown(result.ikm, lang) if one == result.grade else ""
        name = "bold" if here else "cell"
        cells = (one.grade, shown(one.low, lang), escape(one.name(lang)), here)
        rows.append([Paragraph(text, style[name]) for text in cells])
    return _table(rows, [60, 90, 180, 153])


def _plan(result: Figures, lang: Language, style: dict[str, Any]) -> Any:
    from reportlab.lib import colors
    from reportlab.platypus import Paragraph

    heads = (
        ("No.", "Unsur", "NRR", "Alasan", "Kegiatan", "Waktu", "Penanggung jawab"),
        ("No.", "Element", "NRR", "Why", "Activity", "Term", "Responsible"),
    )[lang == "en"]
    rows = [[Paragraph(text, style["bold"]) for text in heads]]
    for number, row in enumerate(texts.plan(result, lang), 1):
        cells = (str(number), f"{row.code} {row.name}", row.nrr, row.why, "", "", "")
        rows.append([Paragraph(escape(text), style["cell"]) for text in cells])
    grid = [("INNERGRID", (0, 0), (-1, -1), 0.4, colors.HexColor("#B5B5B5"))]
    return _table(rows, [26, 98, 34, 95, 100, 55, 75], extra=grid)


def _signature(lang: Language, style: dict[str, Any]) -> Any:
    from reportlab.platypus import Paragraph

    place = pick(lang, "Tempat dan tanggal: ____________________", "Place and date: ____________________")
    head = pick(lang, "Kepala unit pelayanan", "Head of the unit")
    rows = [
        [Paragraph("", style["cell"]), Paragraph(place, style["cell"])],
        [Paragraph("", style["cell"]), Paragraph(head, style["cell"])],
        [
            Paragraph("", style["cell"]),
            Paragraph("<br/><br/><br/>________________________________", style["cell"]),
        ],
    ]
    return _table(rows, [_WIDE - 220, 220], head=False, ruled=False)
