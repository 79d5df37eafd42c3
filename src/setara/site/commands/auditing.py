"""What ``setara audit`` does: read, audit, tell, write."""

from __future__ import annotations

import sys
from pathlib import Path

from setara.science.events import LogUseError, read
from setara.science.events.log import ROLES, Log
from setara.science.fairness.engine import Report, audit
from setara.science.fairness.prepared import Options
from setara.science.fairness.rule import parse
from setara.science.fairness.summary import summary
from setara.science.progress import Progress
from setara.site.commands.audit import AuditOptions
from setara.site.commands.common import UsageError, shown_progress
from setara.site.output import atomic, say, write_json


def run(options: AuditOptions) -> bool:
    """Audit, write what was asked for, and return whether anything is worth a look.

    UsageError (exit code 2) for what the options get wrong; LogError (1) for a file that cannot be read.
    """
    asked = _asked(options)
    _writable(options)
    try:
        with shown_progress() as progress:
            log = _log(options, progress)
            report = audit(log, asked, progress)
    except LogUseError as wrong:
        raise UsageError(_with_choices(wrong)) from wrong
    except ValueError as wrong:
        raise UsageError(str(wrong)) from wrong
    for note in log.notes:
        say(note)
    _write(options, report)
    if options.json != "-":
        sys.stdout.write(summary(report) + "\n")
        sys.stdout.flush()
    return report.attention


def _asked(options: AuditOptions) -> Options:
    try:
        rule = parse(options.rule)
    except ValueError as wrong:
        raise UsageError(str(wrong)) from wrong
    return Options(
        rule=rule,
        model=options.model,
        by=options.by,
        strata=options.strata,
        min_effect=options.min_effect,
        honest_error=options.honest_error,
        seed=options.seed,
    )


def _writable(options: AuditOptions) -> None:
    """Say before the work that a result could not be written after it."""
    for path in (options.html, Path(options.json) if options.json not in {None, "-"} else None):
        if path is not None and not path.parent.is_dir():
            raise UsageError(f"There is no folder {path.parent} to write {path.name} into.")
    if options.evidence is not None and options.evidence.exists() and not options.evidence.is_dir():
        raise UsageError(f"{options.evidence} is a file; --evidence names a folder.")


def _log(options: AuditOptions, progress: Progress) -> Log:
    if options.office is not None:
        from setara.site.commands import audit_office

        assert options.begin is not None and options.end is not None  # noqa: S101, PT018 - the command has checked it
        return audit_office.read(options.office, options.begin.date(), options.end.date(), options.database)
    assert options.log is not None  # noqa: S101 - the command has checked it
    return read(
        options.log, mapping=_mapping(options.mapping), object_type=options.object_type, progress=progress
    )


def _mapping(pairs: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in pairs:
        role, equals, column = pair.partition("=")
        if not equals or not column or role not in ROLES:
            raise UsageError(f"--map {pair} is not ROLE=COLUMN. Roles: {', '.join(ROLES)}.")
        if role in found:
            raise UsageError(f"--map names the role {role} twice.")
        found[role] = column
    return found


def _with_choices(wrong: LogUseError) -> str:
    text = str(wrong)
    missing = [choice for choice in wrong.choices if choice not in text]
    return f"{text} To choose from: {', '.join(wrong.choices)}." if missing else text


def _write(options: AuditOptions, report: Report) -> None:
    if options.evidence is not None:
        options.evidence.mkdir(parents=True, exist_ok=True)
        for finding in report.detectors:
            if finding.evidence_total:
                with atomic(options.evidence / f"{finding.id}.parquet") as file:
                    finding.evidence.write_parquet(file)
    if options.html is not None:
        from setara.science.fairness.page import page

        with atomic(options.html) as file:
            file.write(page(report, options.lang).encode())
    if options.json:
        write_json(options.json, "audit", report.as_dict(), seed=options.seed)
