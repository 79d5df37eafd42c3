"""After the day was opened: counters that serve other steps, a roster that changes, favours that are declined."""

from __future__ import annotations

import pytest
from django.urls import reverse

from setara.kernel.errors import Conflict, Forbidden, Invalid, Refused
from setara.ledger.models import Event
from setara.offices.service import change_roster, duty_of
from setara.people.service import open_blob
from setara.queueing import service as q
from setara.queueing.models import Favour
from setara.queueing.tests.browsing import send, signed_in, words
from setara.queueing.tests.flooring import Floor


def last() -> Event:
    """The last event."""
    return Event.objects.order_by("seq").last()


def test_a_supervisor_moves_a_counter_and_it_calls_there(floor: Floor) -> None:
    floor.officer("X1", ["document_checker", "biometrics"], ["document_check", "biometrics"])
    session, elsewhere = floor.sit("X1", 1), floor.arrive()
    q.Ticket.objects.filter(pk=elsewhere.pk).update(step="biometrics")
    with pytest.raises(Refused):
        q.call_next(floor.by("X1"), session)
    with pytest.raises(Forbidden):
        q.move_counter(floor.by("X1"), session, ["biometrics"])
    for wrong in ([], ["adjudication"], ["nonsense"]):
        with pytest.raises(Invalid):
            q.move_counter(floor.by("KA"), session, wrong)
    with pytest.raises(Refused) as unable:
        q.move_counter(floor.by("KA"), session, ["interview"])
    assert (unable.value.code, unable.value.field) == ("queueing.no_step", "steps")
    moved = q.move_counter(floor.by("KA"), session, ["biometrics", "document_check"])
    said = last().payload
    assert (said["before"], said["steps"], said["by"]) == (
        ["document_check"], ["biometrics", "document_check"], "KA",
    )  # fmt: skip
    with pytest.raises(Conflict):
        q.move_counter(floor.by("KA"), moved, ["biometrics", "document_check"])
    call = q.call_next(floor.by("X1"), session)
    assert (call.ticket_id, call.step) == (elsewhere.pk, "biometrics")
    with pytest.raises(Refused) as busy:
        q.move_counter(floor.by("KA"), moved, ["document_check"])
    assert busy.value.code == "queueing.call_running"
    # Only for today: tomorrow the counter is what it is set up for.
    assert floor.counters[1].steps == ["document_check"]


def test_the_roster_changes_after_opening(floor: Floor) -> None:
    day, boss = floor.day(), floor.by("KA")
    with pytest.raises(Forbidden):
        change_roster(floor.by("D1"), day, floor.staff["D1"])
    change_roster(boss, day, floor.staff["D1"], floor.counters[1])
    with pytest.raises(Conflict) as taken:
        change_roster(boss, day, floor.staff["D2"], floor.counters[1])
    assert (taken.value.code, "D1" in str(taken.value)) == ("offices.counter_planned", True)
    change_roster(boss, day, floor.staff["D1"], floor.counters[2])
    change_roster(boss, day, floor.staff["D2"], floor.counters[1])
    assert duty_of(floor.staff["D1"], floor.today).counter.number == 2
    change_roster(boss, day, floor.staff["D1"], leaves=True)
    assert duty_of(floor.staff["D1"], floor.today) is None
    assert last().payload == {"date": "2026-03-02", "staff": "D1", "counter": None, "left": True}
    q.close_day(boss, floor.office, floor.today)
    with pytest.raises(Conflict):
        change_roster(boss, day, floor.staff["D1"])


def test_the_page_of_staffing(floor: Floor) -> None:
    boss = signed_in(floor, "KA")
    session = floor.sit("D1", 1)
    staff, counter = floor.staff["D1"].pk, floor.counters[1].pk
    assert send(boss, "roster_place", staff=str(staff), place=str(counter)).status_code == 302
    taken = send(boss, "roster_place", staff=str(floor.staff["D2"].pk), place=str(counter))
    assert (taken.status_code, "hari ini untuk D1" in words(taken)) == (400, True)
    assert send(boss, "roster_place", staff=str(staff), place="home").status_code == 302
    assert "Sudah pulang" in words(boss.get(reverse("counters")))
    refused = send(boss, "counter_move", session.pk, steps="interview")
    assert (refused.status_code, "tidak berkompeten" in words(refused)) == (400, True)
    assert send(boss, "counter_move", session.pk).status_code == 400
    assert signed_in(floor, "D1").get(reverse("counters")).status_code == 403


def test_a_favour_is_declined_with_one_tap_and_names_nobody(floor: Floor) -> None:
    floor.sit("D1", 1)
    officer, boss = signed_in(floor, "D1"), signed_in(floor, "KA")
    assert "Tolak titipan" in words(officer.get(reverse("counter")))
    assert send(officer, "favours").status_code == 302
    favour = Favour.objects.get()
    assert (favour.note_id, last().payload) == (
        None, {"favour": str(favour.pk), "officer": "D1", "counter": 1},
    )  # fmt: skip
    # Who asked is added only if the officer wants to, sealed, once, and by nobody else.
    assert send(officer, "favour_note", favour.pk, words=" ").status_code == 400
    assert send(boss, "favour_note", favour.pk, words="x").status_code == 404
    assert send(officer, "favour_note", favour.pk, words="Pak Lurah, untuk keponakannya").status_code == 302
    favour.refresh_from_db()
    assert b"Lurah" in open_blob(favour.note)
    assert "Lurah" not in str(list(Event.objects.values_list("payload", flat=True)))
    assert send(officer, "favour_note", favour.pk, words="lagi").status_code == 409
    for page in (officer, boss):
        text = words(page.get(reverse("favours")))
        assert ("1 titipan ditolak" in text, "Lurah" in text) == (True, False)
    assert q.favours_declined(floor.office, floor.today) == 1
    assert "1 titipan ditolak" in words(boss.get(reverse("counters")))
    floor.officer("AU", ["auditor"])
    assert send(signed_in(floor, "AU"), "favours").status_code == 403
