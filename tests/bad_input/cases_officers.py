"""Bad input from officers: the desk, the counters, the files, the floor, the day, the auditor."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse
from tests.bad_input.cases_applicant import portrait, renamed
from tests.bad_input.town import Town
from tests.bad_input.walking import Trial, case

from setara.applications.service import Application
from setara.casework import service as casework
from setara.casework.models import Hold, StepRun
from setara.queueing import service as queueing
from setara.queueing.tests.flooring import stock

OLD = date(1955, 5, 5)
NOTE = "Dilihat petugas, sedang ditanyakan"


def file_page(town: Town, made: Application) -> str:
    """The page of a file."""
    return reverse("case", args=[made.reference])


@case("desk")
def desk(town: Town) -> Trial:
    seat = town.opened().appointment()
    right = {"wanted": seat.application.reference}
    return Trial(
        town.officer("FD"), reverse("desk"), {"wanted": "K7HF-3MTA"}, right, "wanted", records=0, keyed=False
    )


def _at_desk(town: Town, made: Application, name: str, **more: Any) -> Trial:
    page, action = reverse("desk_person", args=[made.reference]), reverse(name, args=[made.reference])
    given = {"wrong": {}, "right": {}, "action": action} | more
    return Trial(town.officer("FD"), page, **given)


@case("desk_checkin")
def desk_checkin(town: Town) -> Trial:
    made = town.opened().appointment(born=OLD).application
    wrong = {"seen": "on"}
    return _at_desk(
        town, made, "desk_checkin", wrong=wrong, right=wrong | {"ground": "elderly"}, beside="ground"
    )


@case("desk_walkin")
def desk_walkin(town: Town) -> Trial:
    made = town.opened().application(Application.Status.PAID, born=OLD)
    wrong = {"ground": "disabled"}
    return _at_desk(town, made, "desk_walkin", wrong=wrong, right=wrong | {"seen": "on"}, beside="ground")


@case("desk_pickup")
def desk_pickup(town: Town) -> Trial:
    made = town.ready()
    found = Application.objects.filter(pk=made.pk)
    found.update(status=Application.Status.IN_PROCESS)
    return _at_desk(
        town, made, "desk_pickup", stale=True, meanwhile=lambda: found.update(status=Application.Status.READY)
    )


@case("desk_return")
def desk_return(town: Town) -> Trial:
    ticket = town.arrive()
    queueing.undo_call(town.floor.by("D1"), town.serve("D1", 1))
    return _at_desk(
        town, ticket.application, "desk_return", stale=True,
        meanwhile=lambda: town.absent(queueing.call_next(town.floor.by("D1"), town.sit("D1", 1))),
    )  # fmt: skip


@case("floor_close")
def floor_close(town: Town) -> Trial:
    town.arrive()
    call = town.serve("D1", 1)
    action = reverse("floor_close", args=[call.session_id])
    return Trial(
        town.officer("KA"), reverse("floor"), {}, {}, action=action,
        meanwhile=lambda: queueing.undo_call(town.floor.by("D1"), call),
    )  # fmt: skip


@case("out_of_turn")
def out_of_turn(town: Town) -> Trial:
    town.arrive()
    ticket, session = town.arrive(), town.sit("D1", 1)
    right = {
        "ticket": str(ticket.pk), "counter": str(session.pk), "reason": "bereavement", "note": NOTE,
    }  # fmt: skip
    return Trial(town.officer("KA"), reverse("out_of_turn"), right | {"note": ""}, right, "note")


@case("day_open")
def day_open(town: Town) -> Trial:
    town.everybody()
    wrong = {"counter_1": str(town.floor.staff["HO"].pk), "counter_2": ""}
    right = wrong | {"counter_1": str(town.floor.staff["D1"].pk)}
    return Trial(
        town.officer("KA"), reverse("day"), wrong, right, "counter_1", action=reverse("day_open"),
        lost=("counter_1",),
    )  # fmt: skip


@case("day_close")
def day_close(town: Town) -> Trial:
    town.arrive()
    town.serve("D1", 1)
    action = reverse("day_close")
    return Trial(town.officer("KA"), reverse("day"), {}, {"force": "on"}, action=action, holds="force")


@case("counter_act")
def counter_act(town: Town) -> Trial:
    town.sit("D1", 1)
    action = reverse("counter_act", args=["panggil"])
    return Trial(town.officer("D1"), reverse("counter"), {}, {}, action=action, meanwhile=town.arrive)


@case("counter_finish")
def counter_finish(town: Town) -> Trial:
    town.arrive()
    action = reverse("counter_finish", args=[town.serve("D1", 1).pk])
    wrong = {"note": NOTE, "missing": ["kk"]}
    right = wrong | {"outcome": "missing"}
    return Trial(town.officer("D1"), reverse("counter"), wrong, right, "outcome", action=action)


@case("counter_finish")
def counter_finish_reason(town: Town) -> Trial:
    town.arrive()
    action = reverse("counter_finish", args=[town.serve("D1", 1).pk])
    wrong = {"outcome": "refused", "note": ""}
    return Trial(town.officer("D1"), reverse("counter"), wrong, wrong | {"note": NOTE}, "note", action=action)


@case("counter_finish")
def counter_finish_capture(town: Town) -> Trial:
    action = reverse("counter_finish", args=[town.at_biometrics().pk])
    wrong, right = {"take": "file", "file": renamed()}, {"take": "file", "file": portrait()}
    return Trial(
        town.officer("B1"), reverse("counter"), wrong, right, "file", action=action, lost=("take",),
        status=200, records=0,
    )  # fmt: skip


@case("counter_put_right")
def counter_put_right(town: Town) -> Trial:
    town.arrive()
    casework.check_documents(town.floor.by("D1"), town.serve("D1", 1), "missing", ["kk"])
    action = reverse("counter_put_right", args=[StepRun.objects.get().pk])
    wrong = {"outcome": "complete", "note": NOTE}
    right = wrong | {"reason": "wrong_press"}
    return Trial(town.officer("D1"), reverse("counter"), wrong, right, "reason", action=action)


@case("backoffice")
def backoffice(town: Town) -> Trial:
    right = {"reference": town.interviewed().application.reference}
    wrong = {"reference": "K7HF"}
    return Trial(town.officer("AJ"), reverse("backoffice"), wrong, right, "reference", records=0, keyed=False)


@case("case_end")
def case_end(town: Town) -> Trial:
    made = town.interviewed().application
    action, wrong = reverse("case_end", args=[made.reference]), {"note": NOTE}
    right = wrong | {"outcome": "approved"}
    return Trial(town.officer("AJ"), file_page(town, made), wrong, right, "outcome", action=action)


@case("case_hold")
def case_hold(town: Town) -> Trial:
    made = town.interviewed().application
    action, wrong = reverse("case_hold", args=[made.reference]), {"note": NOTE, "missing": ["kk"]}
    right = wrong | {"reason": "missing_documents"}
    return Trial(town.officer("AJ"), file_page(town, made), wrong, right, "reason", action=action)


@case("case_release")
def case_release(town: Town) -> Trial:
    found = town.interviewed()
    action = reverse("case_release", args=[found.application.reference])
    return Trial(
        town.officer("AJ"), file_page(town, found.application), {}, {}, action=action, stale=True,
        meanwhile=lambda: casework.place_hold(town.floor.by("AJ"), found, "outage"),
    )  # fmt: skip


@case("case_renew")
def case_renew(town: Town) -> Trial:
    found = town.interviewed()
    action = reverse("case_renew", args=[found.application.reference])
    papers = ("missing_documents", ["kk"])

    def ran_out() -> None:
        casework.place_hold(town.floor.by("AJ"), found, *papers)
        Hold.objects.filter(case=found).update(return_by=town.day(-1))

    return Trial(
        town.officer("AJ"), file_page(town, found.application), {}, {}, action=action, stale=True,
        meanwhile=ran_out,
    )  # fmt: skip


@case("case_put_right")
def case_put_right(town: Town) -> Trial:
    found = town.interviewed()
    casework.adjudicate(town.floor.by("AJ"), found, "refused", NOTE)
    run = StepRun.objects.get(case=found, step="adjudication")
    made = found.application
    action = reverse("case_put_right", args=[made.reference, run.pk])
    wrong = {"outcome": "approved", "note": NOTE}
    right = wrong | {"reason": "wrong_press"}
    return Trial(town.officer("AJ"), file_page(town, made), wrong, right, "reason", action=action)


@case("stock")
def stock_count(town: Town) -> Trial:
    wrong = {"kind": "electronic", "first": "X0000001", "count": "dua"}
    return Trial(town.officer("PR"), reverse("stock"), wrong, wrong | {"count": "20"}, "count")


@case("stock")
def stock_serial(town: Town) -> Trial:
    stock(town.floor, 5)
    wrong = {"kind": "electronic", "first": "12-X", "count": "20"}
    return Trial(town.officer("PR"), reverse("stock"), wrong, wrong | {"first": "X0000101"}, "first")


@case("audit")
def audit(town: Town) -> Trial:
    wrong = {"date_from": "2026-03-02", "date_to": "2026-02-02"}
    right = wrong | {"date_to": "2026-03-02"}
    return Trial(
        town.officer("AU"), reverse("audit"), wrong, right, "date_to", method="get", status=200, again=1
    )


@case("audit_export")
def audit_export(town: Town) -> Trial:
    town.arrive()
    page = reverse("audit") + "?date_from=2026-03-02"
    wrong, right = {"format": "csv", "date_from": "kemarin"}, {"format": "csv"}
    return Trial(
        town.officer("AU"), page, wrong, right, "date_from", action=reverse("audit_export"), status=200,
        lost=("format",), shown_at=reverse("audit"),
    )  # fmt: skip
