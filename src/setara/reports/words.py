"""The day sheet in words and rows: the same for the page and for the CSV file."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from setara.casework.service import CORRECTION_REASONS
from setara.kernel.workdays import format_time
from setara.queueing.service import Ticket
from setara.reports.sheet import Correction, DaySheet, Exceptional


def step_name(sheet: DaySheet, code: str) -> str:
    """The step's name in the pack of the day; the code itself where the pack has changed since."""
    return next((str(step.name) for step in sheet.pack.steps if step.code == code), code)


def lane_name(sheet: DaySheet, code: str) -> str:
    """The lane's name in the pack of the day."""
    return next((str(lane.name) for lane in sheet.pack.lanes if lane.code == code), code)


def reason_name(sheet: DaySheet, code: str) -> str:
    """The published name of a reason for calling out of turn, or the reason of a correction."""
    listed = {reason.code: reason.name for reason in sheet.pack.override_reasons}
    return str(listed.get(code) or CORRECTION_REASONS.get(code) or code)


def wait_rows(sheet: DaySheet) -> list[tuple[object, ...]]:
    """Step, lane, served, minutes p50 and p90."""
    return [
        (step_name(sheet, w.step), lane_name(sheet, w.lane), w.served, round(w.p50), round(w.p90))
        for w in sheet.waits
    ]


def unserved_rows(sheet: DaySheet) -> list[dict[str, Any]]:
    """The tickets left unserved, together by step, reason and right of return, so that a full day fits a page."""
    groups: dict[tuple[str, str, date | None], list[str]] = {}
    for one in sheet.unserved:
        groups.setdefault((one.step, one.status, one.until), []).append(one.label)
    return [
        {
            "step": step_name(sheet, step),
            "why": str(Ticket.Status(status).label),
            "until": until,
            "labels": labels,
            "count": len(labels),
        }
        for (step, status, until), labels in groups.items()
    ]


def exception_row(sheet: DaySheet, one: Exceptional) -> dict[str, Any]:
    """A call out of turn, in words."""
    return {
        "at": one.at,
        "label": one.label,
        "rule_label": one.rule_label,
        "step": step_name(sheet, one.step),
        "counter": one.counter,
        "depth": one.depth,
        "reason": reason_name(sheet, one.reason),
        "approved_by": one.approved_by,
    }


def correction_row(sheet: DaySheet, one: Correction) -> dict[str, Any]:
    """A wrong press put right, in words."""
    what = _("Panggilan keliru dibatalkan") if one.kind == "call" else _("Hasil langkah dibetulkan")
    about = " · ".join(part for part in (one.label, step_name(sheet, one.step)) if part)
    return {
        "at": one.at,
        "what": what,
        "about": about,
        "reason": reason_name(sheet, one.reason),
        "by": one.by,
    }


def as_csv(sheet: DaySheet) -> str:
    """The sheet as lines of ``section, what, detail, value`` (spreadsheets read it with commas)."""
    out = io.StringIO()
    write = csv.writer(out).writerow
    write(["section", "what", "detail", "value"])
    numbers = {
        "booked": sheet.booked,
        "no_shows": sheet.no_shows,
        "arrived": sheet.arrived,
        "walk_ins": sheet.walk_ins,
        "pickups": sheet.pickups,
        "served": sheet.served,
        "unserved": len(sheet.unserved),
        "calls": sheet.calls,
        "finished": sheet.finished.counted,
        "finished_in_time": sheet.finished.kept,
        "finished_30_days": sheet.lately.counted,
        "finished_in_time_30_days": sheet.lately.kept,
        "out_of_turn": len(sheet.exceptions),
        "corrections": len(sheet.corrections),
        "events": sheet.events,
        "ledger_faults": sheet.ledger.faults,
    }
    for name, number in numbers.items():
        write(["number", name, "", number])
    for w in sheet.waits:
        for name, value in (
            ("served", w.served),
            ("wait_p50", round(w.p50, 1)),
            ("wait_p90", round(w.p90, 1)),
        ):
            write(["wait", w.step, f"{w.lane} {name}", value])
    for left in sheet.unserved:
        write(["unserved", left.label, f"{left.step} {left.status}", left.until or ""])
    zone, lang = sheet.office.zone, get_language() or "id"
    for one in sheet.exceptions:
        detail = f"{one.step} {one.reason} {one.approved_by} {format_time(one.at, zone, lang)}"
        write(["out_of_turn", one.label, detail, one.rule_label])
    for fix in sheet.corrections:
        detail = f"{fix.step} {fix.reason} {format_time(fix.at, zone, lang)}"
        write(["correction", fix.label or fix.kind, detail, fix.by])
    return out.getvalue()
