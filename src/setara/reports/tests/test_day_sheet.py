"""The day sheet against days made by hand, whose numbers are known beforehand."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from setara.casework.service import Case, Hold
from setara.kernel import clock
from setara.kernel.clock import ManualClock
from setara.ledger.models import Event
from setara.queueing import service as q
from setara.queueing.models import Call, Ticket
from setara.queueing.tests.flooring import MONDAY, Floor, passport_office
from setara.reports import figures
from setara.reports.queries import promise, promise_lately, typical_waits
from setara.reports.sheet import day_sheet

TODAY = date(2026, 3, 2)


@pytest.fixture
def floor(db: None) -> Iterator[Floor]:
    """An office without a day."""
    with clock.using(ManualClock(MONDAY)) as source:
        yield passport_office(source)


@pytest.fixture
def day(floor: Floor) -> Floor:
    """Four come of six; waits of 10, 20, 30 minutes in the booked lane, 5 in the priority lane.

    The priority walk-in is served first by turn; one call was a wrong press; the third is called out of turn
    before the second; the fourth is never called.
    """
    floor.open()
    floor.appointment()
    floor.appointment(60)
    first, second, third = (floor.arrive() for _n in range(3))
    floor.old()
    floor.fourth = floor.arrive()
    session = floor.sit("D1", 1)
    floor.after(5)
    served(floor, floor.serve("D1", session), 5)  # the walk-in: 5 minutes
    wrong = q.call_next(floor.by("D1"), session)
    assert wrong.ticket_id == first.pk
    q.undo_call(floor.by("D1"), wrong)
    served(floor, floor.serve("D1", session), 10)  # the first: 10 minutes
    call = q.call_out_of_turn(floor.by("KA", "medical_emergency"), session, third)
    served(floor, q.start_service(floor.by("D1"), call), 10)  # the third: 20 minutes
    served(floor, floor.serve("D1", session), 1)  # the second: 30 minutes
    floor.third, floor.second = third, second
    q.close_counter(floor.by("D1"), session)
    q.close_day(floor.by("KA"), floor.office, floor.today)
    return floor


def served(floor: Floor, call: Call, minutes: float) -> None:
    """Let a call end well; the rooms that end steps have tests of their own."""
    floor.after(minutes)
    Call.objects.filter(pk=call.pk).update(ended_at=floor.clock.now(), outcome="served")
    Ticket.objects.filter(pk=call.ticket_id).update(status="done", closed_at=floor.clock.now())


def client(floor: Floor, label: str = "KA") -> Client:
    made = Client()
    made.force_login(floor.staff[label].account, backend="django.contrib.auth.backends.ModelBackend")
    return made


def words(answer: object) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_the_numbers_of_a_day_made_by_hand(day: Floor) -> None:
    sheet = day_sheet(day.office, TODAY)
    assert (sheet.booked, sheet.no_shows, sheet.arrived, sheet.walk_ins, sheet.pickups) == (6, 2, 5, 1, 0)
    assert (sheet.served, sheet.calls, sheet.sent_back) == (4, 4, 0)
    (left,) = sheet.unserved
    assert (left.label, left.step, left.status) == (day.fourth.label, "document_check", "not_served")
    assert left.until is not None
    assert left.until > TODAY
    assert [(w.lane, w.served, w.p50, w.p90) for w in sheet.waits] == [
        ("priority", 1, 5.0, 5.0), ("booked", 3, 20.0, 30.0)]  # fmt: skip
    (one,) = sheet.exceptions
    assert (one.label, one.rule_label, one.depth, one.counter) == (day.third.label, day.second.label, 1, 1)
    assert (one.reason, one.approved_by) == ("medical_emergency", "KA")
    (fix,) = sheet.corrections
    assert (fix.kind, fix.by) == ("call", "D1")
    assert sheet.events == Event.objects.filter(office=day.office.pk).count()
    assert sheet.ledger.sound
    assert sheet.ledger.events == sheet.events


def test_a_day_on_which_nothing_was_found(floor: Floor) -> None:
    """The same sheet says so, beside one on which something was; an empty tomorrow is not a quiet day."""
    floor.open()
    session = floor.sit("D1", 1)
    floor.arrive()
    served(floor, floor.serve("D1", session), 3)
    sheet = day_sheet(floor.office, TODAY)
    assert (sheet.served, len(sheet.unserved), len(sheet.exceptions), len(sheet.corrections)) == (1, 0, 0, 0)
    assert not sheet.is_empty
    tomorrow = day_sheet(floor.office, TODAY + timedelta(days=1))
    assert tomorrow.is_empty
    assert (tomorrow.before, tomorrow.after, sheet.before, sheet.after) == (TODAY, None, None, None)
    page = words(client(floor).get("/petugas/lembar/2026-03-02/"))
    assert "Tidak ada. Setiap panggilan adalah pilihan aturan." in page
    assert "Tidak ada pembetulan." in page
    assert "Tidak ada yang terjadi" in words(client(floor).get("/petugas/lembar/2026-03-03/"))


def test_the_page_says_it_in_words_and_costs_few_queries(day: Floor) -> None:
    head = client(day)
    with CaptureQueriesContext(connection) as queries:
        day_sheet(day.office, TODAY)
    assert len(queries) <= 12, [one["sql"][:80] for one in queries]
    page = head.get("/petugas/lembar/2026-03-02/")
    said = words(page)
    assert "Lembar harian Senin, 2 Maret 2026" in said
    assert "Keadaan darurat medis" in said
    assert f"{day.third.label} {day.second.label}" in said
    assert "Panggilan keliru dibatalkan" in said
    assert "Belum terlayani" in said
    assert "Buku besar utuh" in said
    assert "Sekar" not in said
    assert len(page.content) < 60_000
    assert head.get("/petugas/lembar/").headers["Location"] == "/petugas/lembar/2026-03-02/"
    wrong = head.get("/petugas/lembar/kemarin/")
    assert (wrong.status_code, "2026-03-02" in words(wrong)) == (404, True)


def test_the_csv_has_the_same_numbers(day: Floor) -> None:
    answer = client(day).get("/petugas/lembar/2026-03-02/csv/")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    numbers = {row["what"]: int(row["value"]) for row in rows if row["section"] == "number"}
    assert (numbers["arrived"], numbers["served"], numbers["no_shows"], numbers["out_of_turn"]) == (
        5,
        4,
        2,
        1,
    )
    assert {"section": "wait", "what": "document_check", "detail": "booked wait_p50", "value": "20.0"} in rows
    assert [row["what"] for row in rows if row["section"] == "unserved"] == [day.fourth.label]
    assert answer["Content-Disposition"] == f'attachment; filename="{day.office.pk}-2026-03-02.csv"'


@pytest.mark.parametrize(
    ("label", "status"), [("KA", 200), ("FD", 403), ("D1", 403), ("AD", 403), ("AU", 200)]
)
def test_who_may_read_the_sheet(floor: Floor, label: str, status: int) -> None:
    floor.officer("AD", ["administrator"])
    floor.officer("AU", ["auditor"])
    assert client(floor, label).get("/petugas/lembar/2026-03-02/").status_code == status
    assert client(floor, label).get("/petugas/lembar/2026-03-02/csv/").status_code == status


def test_a_wait_goes_from_joining_to_being_called() -> None:
    """A missed call is part of the wait, a call undone does not exist, the second step begins when the first ends."""
    at = lambda minute: MONDAY + timedelta(minutes=minute)  # noqa: E731

    def call(
        ticket: str, step: str, joined: int, called: int, ended: int | None, outcome: str
    ) -> SimpleNamespace:
        return SimpleNamespace(
            ticket_id=ticket, step=step, lane="booked", joined_at=at(joined), called_at=at(called),
            started_at=at(called + 1) if outcome == "served" else None,
            ended_at=None if ended is None else at(ended), outcome=outcome,
        )  # fmt: skip

    found = figures.waits(
        [
            call("a", "one", 0, 5, 7, "absent"),
            call("b", "one", 0, 6, 6, "undone"),
            call("a", "one", 0, 12, 20, "served"),
            call("a", "two", 20, 24, 30, "served"),
            call("b", "one", 0, 31, None, ""),
        ]
    )
    assert [(w.step, w.minutes, w.service) for w in found] == [("one", 12.0, 7.0), ("two", 4.0, 5.0)]
    assert figures.percentile([1, 2, 3, 4], 0.5) == 2
    assert figures.percentile([], 0.5) is None


def test_typical_waits_come_from_the_picture_alone(day: Floor) -> None:
    picture = q.load(day.office, day.clock.now())
    with CaptureQueriesContext(connection) as queries:
        assert typical_waits(picture) == {"document_check": 10.0}
    assert len(queries) == 0


def case(floor: Floor, due: int | None, stopped: int | None, status: str = "open") -> Case:
    """A file due and finished so many days from today."""
    return Case.objects.create(
        application=floor.application("in_process"),
        office=floor.office,
        step="printing",
        joined_at=MONDAY,
        status=status,
        clock_started_at=MONDAY - timedelta(days=40),
        due_on=None if due is None else TODAY + timedelta(days=due),
        clock_stopped_at=None if stopped is None else MONDAY + timedelta(days=stopped),
    )


def test_the_promise_counts_late_files_that_nobody_finished(floor: Floor) -> None:
    assert (promise_lately(floor.office).share, promise_lately(floor.office).percent) == (None, None)
    case(floor, 0, 0)  # in time, on the very day
    case(floor, -1, 0)  # a day late
    case(floor, -20, -25)  # early
    case(floor, -50, -45)  # late, but too long ago
    case(floor, 3, None)  # still has time
    case(floor, None, None)  # the clock has not begun
    case(floor, -5, 0, "refused")
    assert promise(floor.office, TODAY, TODAY) == figures.Promise(1, 2)
    assert promise_lately(floor.office) == figures.Promise(2, 3)
    late = case(floor, -40, None)  # late and forgotten: counts until it is finished
    assert promise_lately(floor.office) == figures.Promise(2, 4)
    # Unless it stands still for a reason that stops the clock.
    Hold.objects.create(case=late, reason="x", attributed_to="applicant", stops_clock=True, started_at=MONDAY)
    assert promise_lately(floor.office).percent == 66


def test_a_file_finished_after_midnight_in_jakarta_is_late_though_utc_has_the_day_before(
    floor: Floor,
) -> None:
    made = case(floor, 0, None)
    for hour, kept in ((15, 1), (17, 0)):  # 22.00 and 00.00 WIB
        Case.objects.filter(pk=made.pk).update(clock_stopped_at=MONDAY.replace(hour=hour))
        assert promise(floor.office, TODAY, TODAY + timedelta(days=1)) == figures.Promise(kept, 1)
