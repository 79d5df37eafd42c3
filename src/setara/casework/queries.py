"""Reading files: who waits where, the promise, the store, and the applicant's timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Prefetch, QuerySet

from setara.applications.service import Application, Need, pack_of_application, requirements_of
from setara.casework import path
from setara.casework.models import Book, Case, Hold, StepRun
from setara.casework.terms import due_on
from setara.kernel import clock
from setara.kernel.words import Words
from setara.offices.service import Office, Role, local_date
from setara.queueing.service import Call


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the timeline. ``state`` is done, corrected, held, now or ahead; officers appear by role.

    ``delay`` says whose standing still a hold was (office, applicant, outage, centre) and ``days`` how many
    calendar days it lasted so far.
    """

    step: str
    name: Words
    explain: Words
    state: str
    at: datetime | None = None
    role: str = ""
    outcome: Words | None = None
    hold: Words | None = None
    why: Words | None = None
    missing: tuple[str, ...] = ()
    return_by: date | None = None
    delay: str = ""
    days: int = 0
    due_on: date | None = None


def waiting_cases(office: Office, step: str) -> QuerySet[Case]:
    """Open files that wait at a step and are not on hold, first in first out."""
    held = Hold.objects.filter(ended_at__isnull=True).values("case")
    rows = Case.objects.filter(office=office, status=Case.Status.OPEN, step=step).exclude(pk__in=held)
    return rows.select_related("application__office", "office").order_by("joined_at", "pk")


def held_cases(office: Office) -> QuerySet[Case]:
    """Open files on hold, the longest first."""
    rows = Case.objects.filter(office=office, status=Case.Status.OPEN, holds__ended_at__isnull=True)
    rows = rows.filter(holds__isnull=False).select_related("application__office", "office")
    return rows.prefetch_related("holds").order_by("holds__started_at", "pk")


def case_of(application: Application, *, history: bool = False) -> Case | None:
    """The file of an application with its holds, once the hall has opened it; ``history``: and its steps."""
    rows = Case.objects.prefetch_related("holds")
    if history:
        runs = StepRun.objects.select_related("corrected_by").order_by("ended_at", "pk")
        rows = rows.prefetch_related(Prefetch("runs", runs))
    case = rows.filter(pk=application.pk).first()
    if case is not None:  # both are at hand
        case.application, case.office = application, application.office
    return case


def due_date(case: Case) -> date | None:
    """The promised date; while a hold stops the clock, the earliest still possible. None before the start."""
    return case.due_on if case.clock_stopped_at is not None else due_on(case, clock.now())


def kept(case: Case) -> bool | None:
    """Whether the promise was kept, or is broken by now; None while it may still be kept or has not begun."""
    if (due := due_date(case)) is None:
        return None
    end = case.clock_stopped_at or clock.now()
    late = local_date(case.office, end) > due
    return False if late else True if case.clock_stopped_at is not None else None


def open_hold_of(case: Case) -> Hold | None:
    """The hold that lasts, if any."""
    return next((hold for hold in case.holds.all() if hold.ended_at is None), None)


def waits_for_papers(case: Case, hold: Hold) -> bool:
    """Whether this hold of the file waits for papers that can be handed in without coming to a counter."""
    pack = pack_of_application(case.application)
    return path.waits_for_papers(pack.step(case.step), pack.hold(hold.reason))


def last_run(case: Case) -> StepRun | None:
    """The run that stands for the file's present state: the one a correction would correct."""
    return case.runs.filter(corrected_by__isnull=True).order_by("-ended_at", "-pk").first()


def requirements_for(call: Call) -> list[Need]:
    """The papers of the person at the counter, each with what was uploaded."""
    return requirements_of(call.ticket.application)


def stock_of(office: Office) -> dict[str, dict[str, int]]:
    """Books by kind and status."""
    found: dict[str, dict[str, int]] = {}
    for row in Book.objects.filter(office=office).values("kind", "status").annotate(n=Count("pk")).order_by():
        found.setdefault(row["kind"], {})[row["status"]] = row["n"]
    return found


def timeline(application: Application, case: Case | None = None) -> list[Row]:
    """What happened with the file and what is still ahead, in order, for the applicant's page.

    ``case``: the file with its history, where the caller has read it already.
    """
    pack = pack_of_application(application)
    case = case or case_of(application, history=True)
    if case is None:
        return [_ahead(step) for step in pack.steps]
    past = [_done(pack, run) for run in case.runs.all()]
    holds = [_held(pack, hold, case.step) for hold in case.holds.all() if _lasted(hold)]
    rows = sorted([*past, *holds], key=lambda row: row.at or clock.now())
    if case.status != Case.Status.OPEN:
        return rows
    due = due_date(case)
    codes = [step.code for step in pack.steps]
    here = codes.index(case.step)
    rows.append(_ahead(pack.steps[here], state="now", at=case.joined_at, due=due))
    return rows + [_ahead(step, due=due) for step in pack.steps[here + 1 :]]


def _ahead(step: Any, state: str = "ahead", at: datetime | None = None, due: date | None = None) -> Row:
    return Row(step.code, step.name, step.explain, state, at=at, role=_role(step.role), due_on=due)


def _done(pack: Any, run: StepRun) -> Row:
    step = pack.step(run.step)
    return Row(
        run.step,
        step.name,
        step.explain,
        "corrected" if getattr(run, "corrected_by", None) else "done",
        at=run.ended_at,
        role=_role(step.role),
        outcome=pack.outcome(run.step, run.outcome).name,
    )


def _held(pack: Any, hold: Hold, step: str) -> Row:
    reason = pack.hold(hold.reason)
    end = hold.ended_at or clock.now()
    return Row(
        step,
        pack.step(step).name,
        pack.step(step).explain,
        "held",
        at=hold.started_at,
        hold=reason.name,
        why=reason.explain,
        missing=tuple(hold.missing),
        return_by=hold.return_by if hold.ended_at is None else None,
        delay=hold.attributed_to,
        days=max(0, (end - hold.started_at).days),
    )


def _lasted(hold: Hold) -> bool:
    """A hold of no length was a wrong press put right; it delayed nobody."""
    return hold.ended_at is None or hold.ended_at > hold.started_at


def _role(code: str) -> str:
    return str(Role(code).label) if code in Role.values else code
