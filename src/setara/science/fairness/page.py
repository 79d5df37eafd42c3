"""The report as one HTML file: what was found in one sentence, each detector, and evidence to step through."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import polars as pl
from markupsafe import Markup

from setara.science import pages
from setara.science.fairness import charts
from setara.science.fairness.clock import Clock, clock_of
from setara.science.fairness.engine import Report
from setara.science.fairness.groups import Compared, Untested
from setara.science.fairness.indonesian import translated
from setara.science.fairness.measures import DURATION
from setara.science.fairness.page_texts import NAMES, TEXTS, WHAT
from setara.science.fairness.result import Finding

#: So many calls can be stepped through, and so many rows of a table are printed; all are in the Parquet files.
STEPS: Final = 40
ROWS: Final = 50
#: Columns of evidence that the tables leave to the Parquet files.
HIDDEN: Final = ("passed", "passed_since", "day", "cases", "waiting", "counter", "proven")


def page(report: Report, lang: str = "id") -> str:
    """The report in Indonesian (``id``) or English (``en``)."""
    texts = TEXTS[lang]
    log = report.about()
    clock = clock_of(report.log)
    found = [_finding(one, lang, clock) for one in report.detectors]
    looks = [one for one in found if one["decision"] == "attention"]
    lead = texts["lead_clear"]
    if looks or report.groups.attention:
        lead = texts["lead"].format(n=len(looks), groups=len(report.groups.attention))
    return pages.render(
        "setara.science.fairness",
        "audit.html.j2",
        lang=lang,
        t=texts,
        title=texts["title"].format(name=log["name"] or "log"),
        lead=lead,
        log=log,
        first=clock.shown(log["first"]),
        last=clock.shown(log["last"]),
        zone=clock.name,
        fit=_said(report.fit.words, lang),
        found=found,
        steps=_steps(report, clock),
        drawn=_charts(report, texts),
        groups=_groups(report, lang),
        untested=[_untested(one, lang) for one in report.groups.untested],
        by=", ".join(report.options.by),
        strata=", ".join(report.groups.strata),
        limits=[_said(limit, lang) for limit in report.limits],
    )  # fmt: skip


def _untested(one: Untested, lang: str) -> dict[str, Any]:
    return {"who": f"{one.attribute} {one.level}".strip(), "why": _said(one.why, lang)}


def _said(text: str, lang: str) -> dict[str, str]:
    """A sentence in the language of the page, or the English one marked as such."""
    if lang == "en":
        return {"text": text, "lang": "en"}
    words = translated(text)
    return {"text": words, "lang": "id"} if words else {"text": text, "lang": "en"}


def _finding(one: Finding, lang: str, clock: Clock) -> dict[str, Any]:
    table = one.evidence.drop([name for name in HIDDEN if name in one.evidence.columns])
    table = table.select(
        name
        for name in table.columns
        if table[name].dtype != pl.List and table[name].null_count() < table.height
    )
    return {
        "id": one.id,
        "name": NAMES[lang].get(one.id, one.name) if one.computable or lang == "id" else one.name,
        "what": WHAT[lang].get(one.id, ""),
        "decision": one.decision,
        "word": TEXTS[lang][one.decision],
        "why_not": _said(one.why_not, lang) if one.why_not else None,
        "effect": _figure(one, lang),
        "total": one.evidence_total,
        "explained": [{"words": _said(words, lang), "rows": rows} for words, rows in one.explained if rows],
        "columns": table.columns,
        "rows": [[_cell(value, clock) for value in row] for row in table.head(ROWS).iter_rows()],
        "notes": [
            _said(f"{name}: {value}", lang)
            for name, value in one.details.items()
            if isinstance(value, str) and value
        ],
    }


def number(value: float, digits: int, lang: str) -> str:
    """A decimal number with a comma in Indonesian, a point in English."""
    text = f"{value:.{digits}f}"
    return text.replace(".", ",") if lang == "id" else text


def _figure(one: Finding, lang: str) -> dict[str, str] | None:
    if one.effect is None or not one.unit:
        return None
    share = one.unit.startswith("share")

    def shown(value: float) -> str:
        return f"{number(100 * value, 2, lang)} %" if share else number(value, 2 if value % 1 else 0, lang)

    text = shown(one.effect)
    if one.interval is not None:
        text += f" (95 %: {shown(one.interval[0])} – {shown(one.interval[1])})"
    for name, value in (("q", one.q_value), ("e", one.e_value)):
        text += f", {name} = {value:.2g}" if value is not None else ""
    unit = _said(one.unit, lang)
    return {"text": text, "unit": unit["text"], "lang": unit["lang"]}


def _cell(value: Any, clock: Clock) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return clock.shown(value)
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _steps(report: Report, clock: Clock) -> list[dict[str, Any]]:
    """The deepest calls out of turn, each with who stood in line before the person called."""
    finding = report["D1"]
    if "passed" not in finding.evidence.columns:
        return []
    out = []
    for number_, row in enumerate(finding.evidence.head(STEPS).iter_rows(named=True), start=1):
        called = row["call"]
        line = [
            {
                "case": case,
                "minutes": round((called - since).total_seconds() / 60),
                "choice": case == row["choice"],
            }
            for case, since in zip(row["passed"] or [], row["passed_since"] or [], strict=True)
        ]
        out.append(
            {
                "n": number_,
                "case": row["case"],
                "activity": row["activity"],
                "at": clock.shown(called),
                "resource": row["resource"],
                "lane": row["lane"],
                "depth": row["depth"],
                "minutes": round((called - row["enqueue"]).total_seconds() / 60),
                "line": line,
                "more": row["depth"] - len(line),
                "reason": row.get("reason") or "",
                "proven": bool(row.get("proven")),
                "choice": row["choice"],
            }
        )
    return out


def _charts(report: Report, texts: dict[str, str]) -> dict[str, Markup]:
    drawn: dict[str, Markup] = {}
    evidence = report["D1"].evidence
    if evidence.height and "depth" in evidence.columns:
        middle = int(evidence["depth"].median() or 0)  # type: ignore[arg-type]
        said = texts["depth_says"].format(n=evidence.height, middle=middle)
        chart = charts.depths(evidence, texts["depth_title"], said, texts["depth_x"], texts["depth_y"])
        drawn |= {"depth": Markup(chart), "depth_says": Markup.escape(said)}  # noqa: S704 - drawn here
    shares = [one for one in report.groups.attention if one.measure != DURATION]
    if shares:
        said = texts["effects_says"].format(n=len(report.groups.attention))
        chart = charts.effects(shares, texts["effects_title"], said, texts["points"])
        drawn |= {"effects": Markup(chart), "effects_says": Markup.escape(said)}  # noqa: S704 - drawn here
    return drawn


def _groups(report: Report, lang: str) -> list[dict[str, Any]]:
    """All comparisons, what is worth a look first."""
    groups = report.groups
    rest = [one for one in groups.compared if one.decision == "clear"]
    return [
        _compared(one, lang) for one in [*groups.attention, *sorted(rest, key=lambda one: one.q_value)][:200]
    ]


def _compared(one: Compared, lang: str) -> dict[str, Any]:
    timed = one.measure == DURATION
    scale, digits = (1.0, 2) if timed else (100.0, 1)

    def shown(value: float) -> str:
        return ("+" if value > 0 else "") + number(scale * value, digits, lang)

    return {
        "look": one.decision == "attention",
        "word": TEXTS[lang][one.decision],
        "attribute": one.attribute,
        "level": one.level,
        "measure": one.measure,
        "n": one.n,
        "crude": shown(one.crude),
        "effect": shown(one.effect),
        "low": shown(one.interval[0]),
        "high": shown(one.interval[1]),
        "unit": TEXTS[lang]["hours" if timed else "points"],
        "q": f"{one.q_value:.2g}" if one.q_value > 0 else "< 1e-300",
    }
