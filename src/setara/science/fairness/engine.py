"""One audit: every detector, the comparison of groups, and what the log cannot show.

The JSON document is described in docs/reference/audit-json.md; :data:`EVIDENCE_IN_JSON` rows of evidence a
detector stand in it, all of them in the Parquet files.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import polars as pl

from setara.science.events.log import Log
from setara.science.fairness import (
    applicants,
    change,
    completeness,
    limits,
    officers,
    path,
    queues,
    reasons,
    relations,
    steering,
)
from setara.science.fairness.groups import Compared, Groups, compare
from setara.science.fairness.measures import cases_of
from setara.science.fairness.order import Fit
from setara.science.fairness.prepared import Options, Prepared, prepare
from setara.science.fairness.result import Finding
from setara.science.progress import Progress, silent

Detector = Callable[[Prepared], Finding]
EVIDENCE_IN_JSON: Final = 10_000


@dataclass(frozen=True)
class Report:
    """All answers about one log."""

    log: Log
    options: Options
    fit: Fit
    detectors: tuple[Finding, ...]
    groups: Groups
    limits: tuple[str, ...]
    cases: int

    @property
    def attention(self) -> bool:
        """Whether anything is worth a look."""
        return any(one.decision == "attention" for one in self.detectors) or bool(self.groups.attention)

    def __getitem__(self, id_: str) -> Finding:
        """The answer of one detector, such as "D1"."""
        return next(one for one in self.detectors if one.id == id_)

    def as_dict(self) -> dict[str, Any]:
        """The body of the JSON document."""
        return {
            "log": self.about(),
            "rule_fit": self.fit.as_dict(),
            "detectors": [finding_as_dict(one) for one in self.detectors],
            "groups": [_compared(one) for one in self.groups.compared] + [
                _untested(one.attribute, one.level, one.n, one.why) for one in self.groups.untested
            ],
            "strata": list(self.groups.strata),
            "limits": list(self.limits),
            "attention": self.attention,
        }  # fmt: skip

    def about(self) -> dict[str, Any]:
        """What was read."""
        frame = self.log.frame
        first = min((frame[name].min() for name in ("enqueue", "call", "start", "time") if name in frame.columns
                     and frame[name].null_count() < frame.height), default=None)  # type: ignore[type-var]  # fmt: skip
        return {
            "name": self.log.name,
            "cases": self.cases,
            "events": frame.height,
            "first": plain(first),
            "last": plain(frame["time"].max()),
            "columns": dict(self.log.columns),
            "guessed": sorted(self.log.guessed),
            "case_attributes": list(self.log.case_attributes),
            "event_attributes": list(self.log.event_attributes),
            "notes": list(self.log.notes),
        }


def audit(log: Log, options: Options | None = None, progress: Progress = silent) -> Report:
    """Everything that can be computed from the columns of ``log``.

    ValueError, with a sentence for people, where an option names what the log or the packs do not have.
    """
    options = options or Options()
    prepared = prepare(log, options, progress)
    found = {"D1": prepared.order}
    standard, off_path = _path(prepared)
    found["D5"] = standard
    prepared = prepared.with_path(off_path)
    steps: tuple[tuple[str, Detector], ...] = DETECTORS
    for done, (id_, detector) in enumerate(steps):
        progress("detectors", done, len(steps))
        found[id_] = detector(prepared)
    progress("detectors", len(steps), len(steps))
    groups = Groups(strata=options.strata)
    if options.by:
        groups = compare(
            log, cases_of(log, off_path), options.by, options.strata,
            min_effect=options.min_effect, seed=options.seed, progress=progress,
        )  # fmt: skip
    ordered = tuple(found[id_] for id_ in sorted(found, key=lambda id_: int(id_[1:])))
    said = limits.of(prepared, ordered, groups)
    return Report(log, options, prepared.fit, ordered, groups, said, log.cases.count)


def _path(prepared: Prepared) -> tuple[Finding, pl.Series | None]:
    """D5 and the cases that leave the path."""
    return path.find(prepared.log, prepared.options.model, prepared.progress)


def _reasons(prepared: Prepared) -> Finding:
    return reasons.find(prepared.log, prepared.lines, prepared.calls, prepared.options.rule)


DETECTORS: Final[tuple[tuple[str, Detector], ...]] = (
    ("D2", _reasons),
    ("D3", applicants.find),
    ("D4", officers.find),
    ("D6", relations.find),
    ("D7", steering.find),
    ("D8", queues.find),
    ("D9", completeness.find),
    ("D10", change.find),
)


def plain(value: Any) -> Any:
    """A value as JSON can hold it: moments as ISO 8601, what is not finite as null."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, pl.DataFrame):
        return plain(value.to_dicts())
    if hasattr(value, "item"):
        return plain(value.item())
    return value


def finding_as_dict(finding: Finding) -> dict[str, Any]:
    """A detector's answer for the JSON document."""
    return {
        "id": finding.id,
        "name": finding.name,
        "computable": finding.computable,
        "why_not": finding.why_not,
        "effect": plain(finding.effect),
        "unit": finding.unit,
        "interval": plain(finding.interval),
        "q_value": plain(finding.q_value),
        "e_value": plain(finding.e_value),
        "decision": finding.decision,
        "evidence": plain(finding.evidence.head(EVIDENCE_IN_JSON)),
        "evidence_total": finding.evidence_total,
        "explained": [{"explanation": words, "rows": rows} for words, rows in finding.explained],
        "details": plain(finding.details),
    }


def _compared(one: Compared) -> dict[str, Any]:
    return {
        "attribute": one.attribute,
        "level": one.level,
        "measure": one.measure,
        "n": one.n,
        "crude": plain(one.crude),
        "effect": plain(one.effect),
        "interval": plain(one.interval),
        "p_value": one.p_value,
        "q_value": one.q_value,
        "decision": one.decision,
        "why_not": "",
    }


def _untested(attribute: str, level: str, n: int, why: str) -> dict[str, Any]:
    blank = dict.fromkeys(("crude", "effect", "interval", "p_value", "q_value"))
    head = {"attribute": attribute, "level": level, "measure": "all", "n": n}
    return head | blank | {"decision": "untested", "why_not": why}
