"""The floor and the day: who waits where, what went out of turn, what closing will do to everybody."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from setara.kernel.clock import ManualClock
from setara.kernel.ids import uuid7
from setara.offices.models import Duty, OfficeDay
from setara.queueing import closing
from setara.queueing import service as q
from setara.queueing.models import Session, Ticket
from setara.queueing.tests.browsing import send, signed_in, words
from setara.queueing.tests.flooring import Floor, passport_office


def test_the_floor_shows_who_waits_and_who_is_where(floor: Floor) -> None:
    boss = signed_in(floor, "KA")
    session, first, second = floor.sit("D1", 1), floor.arrive(), floor.arrive()
    floor.after(7)
    call = floor.serve("D1", session)
    page = words(boss.get(reverse("floor")))
    assert call.ticket.label in page
    assert "P-" not in page
    assert "D1 Petugas Rekaan" in page
    assert f"{second.label}, 7 menit" in page, "the longest wait, by its number"
    assert first.label == call.ticket.label
    part = boss.get(reverse("floor_fragment"))
    assert "<html" not in words(part)
    for label, status in (("FD", 200), ("D1", 403), ("AJ", 403)):
        assert signed_in(floor, label).get(reverse("floor")).status_code == status


def test_the_floor_says_first_what_is_wrong(floor: Floor) -> None:
    boss = signed_in(floor, "KA")
    assert "Setiap antrean dilayani" in words(boss.get(reverse("floor")))
    day = OfficeDay.objects.get(office=floor.office, date=floor.today)
    Duty.objects.create(day=day, staff=floor.staff["D1"], counter=floor.counters[1])
    floor.arrive()
    page = words(boss.get(reverse("floor_fragment")))
    assert "1 orang menunggu, dan tidak satu pun loket melayani langkah ini" in page
    assert "Loket 1 (D1): ada petugas yang dijadwalkan, tetapi belum dibuka." in page
    session = floor.sit("D1", 1)
    call = q.call_next(floor.by("D1"), session)
    page = words(boss.get(reverse("floor_fragment")))
    assert "Setiap antrean dilayani" in page, "the counter is open, and nobody waits"
    floor.after(60)
    label = call.ticket.label
    assert f"{label} dipanggil 60 menit yang lalu dan belum dilayani" in words(boss.get(reverse("floor")))
    q.start_service(floor.by("D1"), call)
    assert "Setiap antrean dilayani" in words(boss.get(reverse("floor")))
    floor.after(60)
    assert f"{label} sudah dilayani 60 menit; sasarannya" in words(boss.get(reverse("floor")))


def test_a_supervisor_closes_a_counter_but_not_during_service(floor: Floor) -> None:
    boss, session = signed_in(floor, "KA"), floor.sit("D1", 1)
    floor.arrive()
    call = q.call_next(floor.by("D1"), session)
    busy = send(boss, "floor_close", session.pk)
    assert busy.status_code == 422
    assert call.ticket.label in words(busy)
    assert send(signed_in(floor, "FD"), "floor_close", session.pk).status_code == 403
    q.undo_call(floor.by("D1"), call)
    assert send(boss, "floor_close", session.pk).status_code == 302
    session.refresh_from_db()
    assert session.state == Session.State.CLOSED
    assert send(boss, "floor_close", uuid7()).status_code == 404


def test_opening_the_day_suggests_whoever_is_competent(db: None, still: ManualClock) -> None:
    floor = passport_office(still)
    boss = signed_in(floor, "KA")
    page = words(boss.get(reverse("day")))
    assert f'value="{floor.staff["D1"].pk}" selected' in page
    assert page.count(str(floor.staff["W1"].pk)) == 2, (
        "at counter 4 and in the list of those without a counter"
    )
    twice = {"counter_1": floor.staff["D1"].pk, "counter_2": floor.staff["D1"].pk}
    refused = send(boss, "day_open", **twice)
    assert refused.status_code == 400
    assert "Satu petugas hanya di satu tempat" in words(refused)
    assert not OfficeDay.objects.exists()
    assert signed_in(floor, "FD").get(reverse("day")).status_code == 403
    roster = {"counter_1": floor.staff["D1"].pk, "others": [floor.staff["FD"].pk]}
    assert send(boss, "day_open", **roster).status_code == 302
    assert Duty.objects.count() == 2
    assert send(boss, "day_open", **roster).status_code == 409


def test_closing_does_what_the_preview_said(floor: Floor) -> None:
    boss, session = signed_in(floor, "KA"), floor.sit("D1", 1)
    floor.arrive()
    waiting, _missing, away = floor.arrive(), floor.appointment(), floor.arrive()
    Ticket.objects.filter(pk=away.pk).update(status="absent")
    call = floor.serve("D1", session)
    shown = words(boss.get(reverse("day")))
    assert waiting.label in shown
    assert boss.get(reverse("day")).context["counts"]["left"] == 3, "who waits or is served counts as well"
    busy = send(boss, "day_close")
    assert busy.status_code == 422
    assert call.ticket.label in words(busy)
    q.undo_call(floor.by("D1"), call)
    said = closing.preview(floor.office, floor.today)
    assert boss.get(reverse("day_rights", args=[floor.today])).status_code == 404, "before it is closed"
    assert send(boss, "day_close").status_code == 302
    became = {t.label: (t.outcome, t.right_of_return) for t in Ticket.objects.filter(closed_at__isnull=False)}
    assert became == {e.ticket.label: (e.outcome, e.return_until) for e in said.endings}
    assert became[away.label][0] == "absent"
    assert said.missed_appointments == 1
    paper = words(boss.get(reverse("day_rights", args=[floor.today])))
    assert waiting.label in paper
    assert "3 Maret 2026" in paper, "from the next working day"


def test_the_floor_asks_the_database_a_fixed_number_of_times(floor: Floor) -> None:
    boss, counts = signed_in(floor, "KA"), []
    for n in (1, 12):
        for _ in range(n):
            floor.arrive()
        boss.get(reverse("floor"))
        with CaptureQueriesContext(connection) as seen:
            boss.get(reverse("floor"))
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 20
