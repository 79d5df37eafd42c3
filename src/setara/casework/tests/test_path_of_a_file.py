"""Files on their path: both services through the same code, the clock, holds, books, corrections."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from setara.applications.service import Application
from setara.casework import service as c
from setara.casework.models import Book, Capture, Case, Handover, Hold, StepRun
from setara.kernel.clock import ManualClock
from setara.kernel.errors import Conflict, Forbidden, Invalid, Refused
from setara.ledger import storage
from setara.ledger.models import Event
from setara.people.service import open_blob
from setara.queueing import service as q
from setara.queueing.models import Call, Ticket
from setara.queueing.tests.flooring import FINGERS, PHOTO, Floor, stock, village_office

S = Application.Status


class Office:
    """A passport office with somebody sitting at each counter."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.sessions = {
            label: floor.sit(label, number) for label, number in (("D1", 1), ("B1", 3), ("W1", 4), ("HO", 5))
        }

    def serve(self, label: str) -> Call:
        return self.floor.serve(label, self.sessions[label])

    def documents(self, outcome: str = "complete", **other: object) -> StepRun:
        return c.check_documents(self.floor.by("D1"), self.serve("D1"), outcome, **other)

    def biometrics(self) -> StepRun:
        return c.capture(self.floor.by("B1"), self.serve("B1"), PHOTO, FINGERS)

    def interview(self, outcome: str = "passed", note: str = "") -> StepRun:
        return c.interview(self.floor.by("W1"), self.serve("W1"), outcome, note)

    def through_the_hall(self) -> Case:
        ticket = self.floor.arrive()
        self.documents()
        self.biometrics()
        self.interview()
        return Case.objects.get(pk=ticket.application_id)

    def printed(self) -> Case:
        case = self.through_the_hall()
        c.adjudicate(self.floor.by("AJ"), case, "approved")
        return c.print_book(self.floor.by("PR"), refreshed(case)).case


@pytest.fixture
def office(floor: Floor) -> Office:
    stock(floor)
    return Office(floor)


def refreshed(case: Case) -> Case:
    return Case.objects.select_related("application__office").get(pk=case.pk)


def status(case: Case) -> str:
    return Application.objects.get(pk=case.pk).status


def last_event() -> Event:
    return Event.objects.order_by("-seq").first()


def test_the_whole_path_of_a_passport(office: Office) -> None:
    floor = office.floor
    ticket = floor.arrive()
    run = office.documents()
    ticket.refresh_from_db()
    assert (ticket.status, ticket.step, run.outcome) == ("waiting", "biometrics", "complete")
    floor.after(5)
    run = office.biometrics()
    assert last_event().payload["captures"] == [
        {"kind": "photo", "quality": 88, "device": "uji"},
        {"kind": "fingerprints", "quality": 71, "device": "uji"},
    ]
    assert open_blob(Capture.objects.get(kind="photo").blob) == PHOTO.data
    floor.after(5)
    office.interview()
    ticket.refresh_from_db()
    case = refreshed(run.case)
    assert (ticket.status, ticket.outcome, case.step, status(case)) == (
        "done",
        "done",
        "adjudication",
        "in_process",
    )
    # The clock runs from the passed interview, four working days (Monday to Friday).
    assert case.clock_started_at == floor.clock.now()
    assert case.due_on == date(2026, 3, 6) == c.due_date(case)
    assert last_event().payload["clock"] == "started"
    floor.after(60 * 24)
    assert list(c.waiting_cases(floor.office, "adjudication")) == [case]
    c.adjudicate(floor.by("AJ"), case, "approved")
    run = c.print_book(floor.by("PR"), refreshed(case))
    book = Book.objects.get(case=case)
    assert (book.serial, book.status, last_event().payload["book_kind"]) == (
        "X0000001",
        "printed",
        "electronic",
    )
    assert "X0000001" not in str([e.payload for e in Event.objects.exclude(type="casework.books_received")])
    c.check_quality(floor.by("PR"), refreshed(case), "passed")
    assert last_event().type == "casework.ready"
    assert last_event().payload["clock"] == "stopped"
    assert (status(case), c.kept(refreshed(case))) == ("ready", True)
    floor.open()
    q.check_in_pickup(floor.by("FD"), case.application, "name")
    # The counter was left open on Monday; Tuesday is another day.
    with pytest.raises(Conflict) as stale:
        q.call_next(floor.by("HO"), office.sessions["HO"])
    assert stale.value.code == "queueing.session_of_another_day"


def test_handover_ends_the_path(office: Office) -> None:
    floor, case = office.floor, office.printed()
    c.check_quality(floor.by("PR"), refreshed(case), "passed")
    application = Application.objects.get(pk=case.pk)
    q.check_in_pickup(floor.by("FD"), application, "qr")
    call = office.serve("HO")
    with pytest.raises(Invalid) as nobody:
        c.hand_over(floor.by("HO"), call, "friend")
    assert nobody.value.field == "to"
    run = c.hand_over(floor.by("HO"), call, "family")
    handover = Handover.objects.get()
    assert (handover.to, handover.book.status, handover.staff.label) == ("family", "handed_over", "HO")
    assert (last_event().type, last_event().payload["to"]) == ("casework.finished", "family")
    assert (refreshed(case).status, status(case)) == ("done", "done")
    assert Ticket.objects.filter(closed_at__isnull=True).count() == 0
    with pytest.raises(Refused) as done:
        c.correct(floor.by("HO", "wrong_press"), run, "not_entitled", note="salah orang")
    assert done.value.code == "casework.handed_over"
    assert list(storage.verify(floor.office.pk)) == []
    rows = c.timeline(application)
    assert [row.step for row in rows] == [
        "document_check", "biometrics", "interview", "adjudication", "printing", "quality_check", "handover",
    ]  # fmt: skip
    assert all(row.state == "done" and row.role and row.outcome for row in rows)
    assert "HO" not in str(rows)


def test_not_entitled_comes_back_with_the_proof(office: Office) -> None:
    floor, case = office.floor, office.printed()
    c.check_quality(floor.by("PR"), refreshed(case), "passed")
    ticket = q.check_in_pickup(floor.by("FD"), Application.objects.get(pk=case.pk), "qr")
    c.hand_over(floor.by("HO"), office.serve("HO"), "proxy", "not_entitled", "tanpa surat kuasa")
    assert (status(case), last_event().type) == ("ready", "casework.held")
    assert not Handover.objects.exists()
    floor.after(20)
    q.return_ticket(floor.by("FD"), ticket)
    c.hand_over(floor.by("HO"), office.serve("HO"), "proxy")
    assert status(case) == "done"
    assert Hold.objects.get().ended_at is not None


def test_the_small_service_runs_through_the_same_code(db: None, still: ManualClock) -> None:
    floor = village_office(still)
    floor.open()
    desk, exit_ = floor.sit("D1", 1), floor.sit("HO", 2)
    ticket = q.check_in_walk_in(floor.by("FD"), floor.application(S.PAID), "", "")
    assert (ticket.label, ticket.lane) == ("A-001", "open")
    c.check_documents(floor.by("D1"), floor.serve("D1", desk), "same")
    case = Case.objects.get()
    assert (case.step, status(case), case.due_on) == ("signature", "in_process", date(2026, 3, 3))
    with pytest.raises(Conflict) as wrong:
        c.check_quality(floor.by("AJ"), case, "signed")
    assert wrong.value.code == "casework.wrong_step"
    c.adjudicate(floor.by("AJ"), refreshed(case), "waiting", "pejabat rapat")
    hold = Hold.objects.get()
    assert (hold.attributed_to, hold.stops_clock, status(case)) == ("office", False, "in_process")
    assert list(c.held_cases(floor.office)) == [case]
    assert list(c.waiting_cases(floor.office, "signature")) == []
    with pytest.raises(Refused) as held:
        c.adjudicate(floor.by("AJ"), refreshed(case), "signed")
    assert held.value.code == "casework.on_hold"
    c.release_hold(floor.by("AJ"), case)
    c.adjudicate(floor.by("AJ"), refreshed(case), "signed")
    assert status(case) == "ready"
    q.check_in_pickup(floor.by("FD"), Application.objects.get(pk=case.pk), "name")
    c.hand_over(floor.by("HO"), floor.serve("HO", exit_))
    assert status(case) == "done"
    assert Handover.objects.get().book is None


def test_missing_papers_send_back_and_the_ticket_keeps_its_place(office: Office) -> None:
    floor = office.floor
    first = floor.arrive()
    floor.after(1)
    others = [floor.arrive() for _ in range(2)]
    call = office.serve("D1")
    by = floor.by("D1")
    with pytest.raises(Invalid) as what:
        c.check_documents(by, call, "missing")
    assert what.value.field == "missing"
    with pytest.raises(Invalid) as unknown:
        c.check_documents(by, call, "missing", ["a letter from my uncle"])
    assert unknown.value.code == "casework.unknown_requirement"
    with pytest.raises(Invalid) as outcome:
        c.check_documents(by, call, "fine")
    assert outcome.value.field == "outcome"
    paper = c.requirements_for(call)[0].code
    c.check_documents(by, call, "missing", [paper])
    case = Case.objects.get()
    hold = Hold.objects.get()
    assert (status(case), hold.missing, hold.attributed_to) == ("returned", [paper], "applicant")
    assert hold.return_by == date(2026, 3, 16)
    assert last_event().payload["missing"] == [paper]
    row = next(row for row in c.timeline(case.application) if row.state == "held")
    assert (row.missing, row.return_by, row.delay) == ((paper,), date(2026, 3, 16), "applicant")
    floor.after(30)
    q.return_ticket(floor.by("FD"), first)
    assert status(case) == "in_service"
    back_at = floor.clock.now()
    floor.after(10)
    order = [t.pk for t in q.waiting(floor.office, floor.today, "document_check")]
    assert order == [first.pk, *(t.pk for t in others)]
    office.documents()
    hold.refresh_from_db()
    # The hold lasted until the papers were here; standing in line afterwards is the office's time.
    assert hold.ended_at == back_at
    assert refreshed(case).step == "biometrics"


def test_papers_brought_on_another_day(office: Office) -> None:
    floor = office.floor
    ticket = floor.arrive()
    call = office.serve("D1")
    c.check_documents(floor.by("D1"), call, "missing", [c.requirements_for(call)[0].code])
    q.close_day(floor.by("KA"), floor.office, floor.today)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.right_of_return) == ("sent_back", date(2026, 3, 16))
    floor.clock.advance(timedelta(days=3))
    floor.open()
    again = q.check_in_return(floor.by("FD"), ticket.application, "name")
    assert (again.label, again.re_entry, again.step) == ("A-001", "returned", "document_check")
    office.sessions["D1"] = floor.sit("D1", 1)
    office.documents()
    assert Hold.objects.get().ended_at == again.arrived_at


def test_a_stopping_hold_moves_the_due_date_and_another_does_not(office: Office) -> None:
    floor, case = office.floor, office.through_the_hall()
    assert case.due_on == date(2026, 3, 6)
    for bad in ("a whim", ""):
        with pytest.raises(Invalid):
            c.place_hold(floor.by("AJ"), case, bad)
    with pytest.raises(Forbidden):
        c.place_hold(floor.by("D1"), case, "centre_check")
    c.place_hold(floor.by("AJ"), case, "centre_check")
    with pytest.raises(Refused) as twice:
        c.place_hold(floor.by("AJ"), case, "centre_check")
    assert twice.value.code == "casework.on_hold"
    floor.clock.advance(timedelta(days=2))
    c.release_hold(floor.by("AJ"), case)
    with pytest.raises(Conflict):
        c.release_hold(floor.by("AJ"), case)
    assert refreshed(case).due_on == date(2026, 3, 6)
    c.adjudicate(
        floor.by("AJ"), refreshed(case), "examination", "KK lama", ["kk"], hold_reason="missing_documents"
    )
    assert Hold.objects.get(ended_at__isnull=True).stops_clock
    floor.clock.advance(timedelta(days=5))
    assert c.due_date(refreshed(case)) == date(2026, 3, 11)
    case = c.release_hold(floor.by("AJ"), refreshed(case))
    assert case.due_on == date(2026, 3, 11)
    assert last_event().payload["due_on"] == "2026-03-11"
    rows = [row for row in c.timeline(case.application) if row.state == "held"]
    assert [(row.delay, row.days) for row in rows] == [("centre", 2), ("applicant", 5)]


def test_refusal_ends_the_file(office: Office) -> None:
    floor = office.floor
    ticket = floor.arrive()
    office.documents()
    office.biometrics()
    call = office.serve("W1")
    with pytest.raises(Invalid) as why:
        c.interview(floor.by("W1"), call, "refused")
    assert why.value.field == "note"
    run = c.interview(floor.by("W1"), call, "refused", "tujuan tidak jelas")
    case = Case.objects.get()
    assert (case.status, status(case), last_event().type) == ("refused", "refused", "casework.refused")
    assert open_blob(run.note) == b"tujuan tidak jelas"
    assert "tujuan" not in str(last_event().payload)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.outcome) == ("done", "refused")


def test_capture_needs_all_and_may_be_impossible(office: Office) -> None:
    floor = office.floor
    floor.arrive()
    office.documents()
    call = office.serve("B1")
    with pytest.raises(Refused) as half:
        c.capture(floor.by("B1"), call, PHOTO)
    assert half.value.code == "casework.capture_incomplete"
    assert not Capture.objects.exists()
    c.capture(floor.by("B1"), call, PHOTO, None, "not_possible", "alat rusak", "outage")
    case = Case.objects.get()
    assert (status(case), case.step, Hold.objects.get().attributed_to) == ("returned", "biometrics", "outage")
    again = q.check_in_return(floor.by("FD"), case.application, "name")
    assert again.step == "biometrics"
    office.biometrics()
    assert Capture.objects.filter(superseded=False).count() == 2
    assert Capture.objects.filter(superseded=True).count() == 1


def test_only_whom_the_pack_and_competence_allow(office: Office) -> None:
    floor = office.floor
    floor.arrive()
    call = office.serve("D1")
    for label in ("B1", "AJ", "D2"):
        with pytest.raises(Forbidden):
            c.check_documents(floor.by(label), call, "complete")
    with pytest.raises(Forbidden):
        c.interview(floor.by("D1"), call, "passed")
    c.check_documents(floor.by("D1"), call, "complete")
    with pytest.raises(Conflict) as over:
        c.check_documents(floor.by("D1"), call, "complete")
    assert over.value.code == "queueing.call_over"
    waiting = q.call_next(floor.by("B1"), office.sessions["B1"])
    with pytest.raises(Refused) as early:
        c.capture(floor.by("B1"), waiting, PHOTO, FINGERS)
    assert early.value.code == "queueing.not_started"


def test_the_store_gives_the_lowest_book_and_says_when_it_is_empty(office: Office) -> None:
    floor = office.floor
    Book.objects.exclude(serial__in=["X0000007", "X0000009"]).update(kind="non_electronic")
    first, second, third = (office.through_the_hall() for _ in range(3))
    for case in (first, second, third):
        c.adjudicate(floor.by("AJ"), case, "approved")
    c.print_book(floor.by("PR"), refreshed(second))
    c.print_book(floor.by("PR"), refreshed(first), "spoiled", "kertas sobek")
    assert set(Book.objects.exclude(status="stock").values_list("serial", "status")) == {
        ("X0000007", "printed"),
        ("X0000009", "spoiled"),
    }
    with pytest.raises(Refused) as empty:
        c.print_book(floor.by("PR"), refreshed(third))
    assert empty.value.code == "casework.out_of_stock"
    assert "elektronik" in str(empty.value).lower()
    c.print_book(floor.by("PR"), refreshed(third), "not_possible", "habis", "out_of_stock")
    assert Hold.objects.get().attributed_to == "office"
    stock(floor, 1, "X0000100")
    c.release_hold(floor.by("PR"), third)
    c.print_book(floor.by("PR"), refreshed(third))
    assert Book.objects.get(case=third).serial == "X0000100"
    with pytest.raises(Conflict) as known:
        stock(floor, 1, "X0000007")
    assert known.value.code == "casework.book_known"
    for bad in ({"first": "7"}, {"count": 0}, {"kind": "gold"}):
        with pytest.raises(Invalid):
            stock(floor, **{"first": "X0000200", **bad})
    assert c.stock_of(floor.office)["electronic"]["printed"] == 2


def test_bad_quality_spoils_the_book_and_prints_again(office: Office) -> None:
    floor, case = office.floor, office.printed()
    c.check_quality(floor.by("PR"), refreshed(case), "failed", "buram")
    assert (refreshed(case).step, Book.objects.get(serial="X0000001").status) == ("printing", "spoiled")
    c.print_book(floor.by("PR"), refreshed(case))
    assert Book.objects.get(serial="X0000002").status == "printed"
    c.check_quality(floor.by("PR"), refreshed(case), "passed")
    assert Book.objects.get(serial="X0000002").status == "passed"


def test_queries_of_a_step(office: Office) -> None:
    office.floor.arrive()
    office.documents()
    office.floor.arrive()
    call = office.serve("D1")
    by = office.floor.by("D1", key="k")
    with CaptureQueriesContext(connection) as queries:
        c.check_documents(by, call, "complete")
    statements = [one["sql"] for one in queries if "SAVEPOINT" not in one["sql"]]
    assert len(statements) <= 11, statements
    application = Application.objects.select_related("office").get(pk=call.ticket.application_id)
    with CaptureQueriesContext(connection) as queries:
        c.timeline(application)
    assert len(queries) <= 4
