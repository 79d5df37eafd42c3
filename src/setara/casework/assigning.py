"""Who decides on a file behind the hall: drawn in rotation, not taken from the pile.

The officers of the step who are on the day's roster go round in an order that is drawn anew for each round; the seed
is the moment at which the round's first file came to the step, so nobody knew it before and anybody can draw again.
Where nobody who may decide is on the roster, a file is open to whoever is competent.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from setara.casework.models import Assignment, Case
from setara.kernel.errors import Refused
from setara.kernel.lots import drawn, seed_of
from setara.kernel.phrase import phrase as _
from setara.ledger.service import Op, Prepared
from setara.offices.service import Duty, Staff, local_date
from setara.queueing.service import kept_away
from setara.rules.packs import Step

_LAST = Prepared(
    lambda case: Assignment.objects.select_related("staff").filter(case_id=case).order_by("-at", "-pk")[:1]
)


def assigned(case: Case) -> Assignment | None:
    """Who is to decide on the file at its present step; None when it is open to whoever is competent."""
    last = _LAST.first(case.pk)
    return last if last is not None and last.step == case.step else None


def assign(op: Op, case: Case, step: Step, besides: Staff | None = None) -> Assignment | None:
    """Give a file that comes to a judgement step to the next officer of the rotation who may have it.

    ``besides``: who must not get it again. None when nobody on the roster may decide.
    """
    if not (step.kind == "back" and step.judgement):
        return None
    today = local_date(case.office, op.now)
    people = {one.label: one for one in _on_duty(case, step, today)}
    away = kept_away(case.pk, [one.pk for one in people.values()])
    able = {label for label, one in people.items() if one.pk not in away and one != besides}
    if not able:
        return None
    before = Assignment.objects.filter(case__office=case.office, step=step.code, date=today)
    last = before.order_by("-at", "-pk").first()
    turn = last.turn + 1 if last is not None else 0
    if last is None or sorted(last.order) != sorted(people) or turn >= len(last.order):
        seed = seed_of(today.isoformat(), step.code, op.now.isoformat())
        order, turn = drawn(seed, people), 0
    else:
        seed, order = last.seed, last.order
    turn = next(n for n in (*range(turn, len(order)), *range(turn)) if order[n] in able)
    return Assignment.objects.create(
        case=case,
        step=step.code,
        staff=people[order[turn]],
        seed=seed,
        order=order,
        turn=turn,
        date=today,
        # Two draws of one moment stand in their order: the later one counts, and the rotation goes on from it.
        at=op.now if last is None or last.at < op.now else last.at + timedelta(microseconds=1),
    )


def given_of(cases: Iterable[Case]) -> dict[UUID, Staff]:
    """Who is to decide on each of the files at its present step; files open to anybody are left out."""
    steps = {case.pk: case.step for case in cases}
    rows = Assignment.objects.filter(case_id__in=list(steps)).select_related("staff").order_by("at", "pk")
    last = {row.case_id: row for row in rows}
    return {pk: row.staff for pk, row in last.items() if row.step == steps[pk]}


def must_be_mine(op: Op, case: Case) -> None:
    """Refused when the lot gave the file to another officer, or the officer must keep away from it."""
    if kept_away(case.pk, [UUID(op.actor.id)]):
        raise Refused(
            _("Anda menjauh dari berkas ini."),
            code="casework.kept_away",
            rule=_("Petugas yang memiliki hubungan dengan pemohon tidak memutuskan berkasnya."),
            remedy=_("Lanjutkan dengan berkas lain; petugas lain memutuskan berkas ini."),
        )
    given = assigned(case)
    if given is not None and str(given.staff_id) != op.actor.id:
        raise Refused(
            _("Berkas ini diundi untuk petugas %(who)s.", who=given.staff.label),
            code="casework.assigned_to_another",
            rule=_("Pada langkah yang menilai, undian menentukan petugasnya, bergiliran."),
            remedy=_("Kerjakan berkas Anda. Bila petugas itu tidak masuk, pengawas mengundinya lagi."),
        )


def _on_duty(case: Case, step: Step, today: date) -> list[Staff]:
    """The officers on today's roster who hold the step's role and a competence for it that is valid today."""
    day = Duty.objects.filter(
        day__office_id=case.office_id,
        day__date=today,
        left_at__isnull=True,
        staff__active=True,
        staff__roles__contains=[step.role],
    ).values("staff")
    people = Staff.objects.filter(pk__in=day).prefetch_related("competences").order_by("label")
    return [
        one for one in people if any(c.step == step.code and c.holds_on(today) for c in one.competences.all())
    ]
