"""The answer in plain words for the terminal: what was read, what was found, what cannot be told."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from setara.science.fairness.clock import Clock, clock_of
from setara.science.fairness.engine import Report
from setara.science.fairness.groups import Compared
from setara.science.fairness.measures import DURATION
from setara.science.fairness.result import Finding

WIDTH = 100
SHOWN = 3
GROUPS_SHOWN = 12


def summary(report: Report) -> str:
    """Lines of at most ``WIDTH`` characters where words allow it."""
    return "\n".join(
        [*_log(report), "", *_detectors(report), *_groups(report), "", "What this log cannot show:"]
        + [line for limit in report.limits for line in _item(limit)]
    )


def _log(report: Report) -> Iterator[str]:
    log, clock = report.about(), clock_of(report.log)
    first, last = clock.shown(log["first"]), f"{clock.shown(log['last'])} ({clock.name})"
    yield f"{log['name'] or 'Log'}: {log['cases']} cases, {log['events']} events, {first} to {last}"
    columns = [
        f"{role} = {column}{' (guessed)' if role in report.log.guessed else ''}"
        for role, column in report.log.columns.items()
    ]
    if columns:
        yield from textwrap.wrap(f"Columns: {', '.join(columns)}", WIDTH, subsequent_indent="  ")
    if report.log.guessed:
        yield "  A wrong guess is put right with --map ROLE=COLUMN."
    if report.fit.calls:
        yield from textwrap.wrap(report.fit.words, WIDTH, subsequent_indent="  ")


def _detectors(report: Report) -> Iterator[str]:
    marks = {"attention": "LOOK ", "clear": "clear", "not computable": "  -  "}
    clock = clock_of(report.log)
    for one in report.detectors:
        yield from textwrap.wrap(
            f"{one.id:<4}{marks[one.decision]}  {one.name}: {_said(one)}", WIDTH, subsequent_indent=" " * 11
        )
        if one.decision == "attention":
            yield from _evidence(one, clock)


def _said(one: Finding) -> str:
    if not one.computable:
        return f"not computable: {one.why_not}"
    said = f"{one.evidence_total} rows of evidence"
    if one.effect is not None:
        share = one.unit.startswith("share")
        figure = f"{one.effect:.2%}" if share else f"{one.effect:.3g}"
        unit = one.unit.removeprefix("share ") if share else one.unit
        said += f", {figure} {unit}"
        if one.interval is not None:
            low, high = one.interval
            said += f" (95 %: {low:.2%} to {high:.2%})" if share else f" (95 %: {low:.3g} to {high:.3g})"
    for name, value in (("q", one.q_value), ("e", one.e_value)):
        if value is not None:
            said += f", {name} = {value:.3g}"
    return said


def _evidence(one: Finding, clock: Clock) -> Iterator[str]:
    for row in one.evidence.head(SHOWN).iter_rows(named=True):
        parts = [
            str(row[name]) for name in ("kind", "case", "activity") if name in row and row[name] is not None
        ]
        if row.get("call") or row.get("time"):
            parts.append(clock.shown(row.get("call") or row["time"]))
        parts += [f"by {row['resource']}"] if row.get("resource") else []
        parts += [f"passed {row['depth']}"] if row.get("depth") and "what" not in row else []
        parts += [str(row["what"])] if row.get("what") else []
        parts += [f"reason {row['reason']}"] if row.get("reason") else []
        yield " " * 11 + ", ".join(parts)
    if one.evidence_total > SHOWN:
        yield " " * 11 + f"and {one.evidence_total - SHOWN} more: --html, --json or --evidence"


def _groups(report: Report) -> Iterator[str]:
    groups = report.groups
    if not report.options.by:
        return
    found = groups.attention
    yield ""
    yield (
        f"Groups by {', '.join(report.options.by)}"
        + (f" inside {', '.join(groups.strata)}" if groups.strata else "")
        + f": {len(groups.compared)} comparisons, {len(found)} worth a look"
    )
    for one in found[:GROUPS_SHOWN]:
        yield from textwrap.wrap(f"LOOK  {compared_words(one)}", WIDTH, subsequent_indent=" " * 6)
    if len(found) > GROUPS_SHOWN:
        yield f"      and {len(found) - GROUPS_SHOWN} more: --html or --json"
    for gone in groups.untested[:GROUPS_SHOWN]:
        yield f"  -   {gone.attribute} {gone.level}: not compared, {gone.why}".replace(" :", ":")


def compared_words(one: Compared) -> str:
    """One comparison in words."""
    low, high = one.interval
    if one.measure == DURATION:
        size = f"{one.effect:+.2f} hours (95 %: {low:+.2f} to {high:+.2f})"
    else:
        size = f"{100 * one.effect:+.1f} points (95 %: {100 * low:+.1f} to {100 * high:+.1f})"
    return f"{one.attribute} = {one.level} ({one.n} cases), {one.measure}: {size}, q = {one.q_value:.2g}"


def _item(text: str) -> list[str]:
    return textwrap.wrap(f"- {text}", WIDTH, subsequent_indent="  ")
