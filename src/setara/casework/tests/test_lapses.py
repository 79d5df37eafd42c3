"""Days that run out for the applicant: noted once by the worker, told, shown, and given anew by the office."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from setara.applications.service import Application, attach
from setara.applications.tests.making import papers
from setara.casework import service as c
from setara.casework.deadlines import RECENT
from setara.casework.models import Case, Hold, Lapse
from setara.casework.tests.test_backoffice_pages import applicant, through_the_hall
from setara.kernel.errors import Conflict, Forbidden, Refused
from setara.ledger.models import Event
from setara.ledger.service import Actor, By, system
from setara.queueing import service as q
from setara.queueing.tests.browsing import send, signed_in, words
from setara.queueing.tests.flooring import Floor, stock
from setara.site import tasks

WORKER = By(system("worker", "uji"))


def again(case: Case) -> Case:
    return Case.objects.select_related("application__office", "office").get(pk=case.pk)


def days(floor: Floor, n: int) -> None:
    floor.clock.advance(timedelta(days=n))


def noted(kind: str) -> list[dict[str, object]]:
    return [event.payload for event in Event.objects.filter(type=f"casework.{kind}").order_by("seq")]


def sent_back(floor: Floor) -> Case:
    """Somebody who went home to fetch the family card; the day is closed."""
    session = floor.sit("D1", 1)
    ticket = floor.arrive()
    c.check_documents(floor.by("D1"), floor.serve("D1", session), "missing", ["kk"])
    q.close_day(floor.by("KA"), floor.office, floor.today)
    return again(Case.objects.get(pk=ticket.application_id))


def ready(floor: Floor) -> Case:
    stock(floor)
    case = through_the_hall(floor)
    c.adjudicate(floor.by("AJ"), again(case), "approved")
    c.print_book(floor.by("PR"), again(case))
    c.check_quality(floor.by("PR"), again(case), "passed")
    return again(case)


def test_a_right_to_return_that_ran_out_is_noted_once_and_can_be_given_anew(floor: Floor) -> None:
    case = sent_back(floor)
    days(floor, 14)
    assert c.to_note(floor.office, floor.clock.now()) == [], "the last day is still good"
    for too_early in (
        lambda: c.note_lapse(WORKER, case, "return"),
        lambda: c.renew_return(floor.by("KA"), case),
    ):
        with pytest.raises(Refused) as early:
            too_early()
        assert early.value.code == "casework.not_lapsed"
    days(floor, 1)
    with pytest.raises(Forbidden):
        c.note_lapse(floor.by("KA"), case, "return")
    for _twice in range(2):
        tasks.lapses.func(0)
    assert noted("return_lapsed") == [{"step": "document_check", "until": "2026-03-16"}]
    with pytest.raises(Conflict) as second:
        c.note_lapse(WORKER, case, "return")
    assert second.value.code == "casework.lapse_noted"
    assert again(case).application.status == "returned", "nothing ends by itself"
    floor.open()
    with pytest.raises(Refused) as late:
        q.check_in_return(floor.by("FD"), again(case).application, "name")
    assert late.value.code == "queueing.return_expired"
    with pytest.raises(Forbidden):
        c.renew_return(floor.by("FD"), again(case))
    c.renew_return(floor.by("KA"), again(case))
    assert Hold.objects.get().return_by == date(2026, 3, 31)
    assert q.check_in_return(floor.by("FD"), again(case).application, "name").step == "document_check"
    # The new term has an end of its own.
    q.close_day(floor.by("KA"), floor.office, floor.today)
    days(floor, 15)
    tasks.lapses.func(0)
    assert len(noted("return_lapsed")) == Lapse.objects.count()


def test_papers_that_came_in_time_are_no_lapse_whoever_looks_late(floor: Floor) -> None:
    first, second = through_the_hall(floor), through_the_hall(floor)
    for case in (first, second):
        c.place_hold(floor.by("AJ"), again(case), "missing_documents", ["kk"])
    attach(By(Actor("applicant", str(first.pk))), again(first).application, "kk", papers())
    days(floor, 20)
    assert [(case.pk, kind) for case, kind in c.to_note(floor.office, floor.clock.now())] == [
        (second.pk, "return")
    ]
    tasks.lapses.func(0)
    page = words(applicant(second).get(reverse("application")))
    assert "Waktunya habis pada" in page
    assert "16 Maret 2026" in page
    assert "Waktunya habis" not in words(applicant(first).get(reverse("application")))


def test_the_office_gives_another_term_on_the_page_of_the_file(floor: Floor) -> None:
    case = through_the_hall(floor)
    c.place_hold(floor.by("AJ"), again(case), "missing_documents", ["kk"])
    reference, judge = case.application.reference, signed_in(floor, "AJ")
    assert "Beri waktu lagi" not in words(judge.get(reverse("case", args=[reference])))
    assert send(judge, "case_renew", reference).status_code == 422
    days(floor, 15)
    assert "Beri waktu lagi" in words(judge.get(reverse("case", args=[reference])))
    assert send(signed_in(floor, "FD"), "case_renew", reference).status_code == 403
    assert send(judge, "case_renew", reference).status_code == 302
    assert noted("return_renewed") == [
        {"step": "adjudication", "lapsed": "2026-03-16", "return_by": "2026-03-31"}
    ]
    assert "Waktunya habis" not in words(applicant(case).get(reverse("application")))


def test_what_nobody_collects_is_recalled_then_noted_and_still_handed_over(floor: Floor) -> None:
    case = ready(floor)
    me = applicant(case)
    assert "1 April 2026" in words(me.get(reverse("application"))), "thirty days"
    days(floor, 22)
    tasks.lapses.func(0)
    assert noted("collection_near") == []
    days(floor, 1)
    for _twice in range(2):
        tasks.lapses.func(0)
    assert noted("collection_near") == [{"step": "handover", "until": "2026-04-01"}]
    assert noted("uncollected") == []
    days(floor, 8)
    for _twice in range(2):
        tasks.lapses.func(0)
    assert noted("uncollected") == [{"step": "handover", "until": "2026-04-01"}]
    page = words(me.get(reverse("application")))
    assert "Batas pengambilan sudah lewat" in page
    assert "harus diajukan lagi" in page
    floor.open()
    assert q.check_in_pickup(floor.by("FD"), again(case).application, "name").purpose == "pickup"


def test_what_ran_out_long_ago_is_not_looked_for_forever(floor: Floor) -> None:
    ready(floor)
    days(floor, 30 + RECENT.days + 1)
    assert c.to_note(floor.office, floor.clock.now()) == []
    # The control: a few days earlier it would have been found.
    floor.clock.set(floor.clock.now() - timedelta(days=5))
    assert [kind for _case, kind in c.to_note(floor.office, floor.clock.now())] == ["collect"]
    assert Application.objects.get().status == "ready"
