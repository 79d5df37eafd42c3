"""Saya keberatan: from the ticket, the kiosk and the desk; the answer within a working day; the public counts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from setara.kernel.errors import Conflict, Forbidden, Invalid, Refused
from setara.ledger.models import Event
from setara.ledger.service import VISITOR, By
from setara.queueing import objecting
from setara.queueing.models import Call, Objection, Ticket
from setara.queueing.operations import objections as op
from setara.queueing.operations.objections import answer_objection, object_to
from setara.queueing.tests.browsing import send, signed_in, words
from setara.queueing.tests.flooring import Floor

ANYBODY = By(VISITOR)
SAID = "Nomor itu datang jauh sesudah saya."
FOUND = "Ibu itu berusia 70 tahun; jalur prioritas mendapat giliran menurut bobotnya."


@pytest.fixture
def hall(floor: Floor) -> Floor:
    """Three who wait and one who was called before them by another lane."""
    floor.people = [floor.arrive() for _n in range(3)]
    floor.after(1)
    floor.before = floor.old()
    session = floor.sit("D1", 1)
    while True:
        floor.call = floor.serve("D1", session)
        Call.objects.filter(pk=floor.call.pk).update(ended_at=floor.clock.now(), outcome="served")
        Ticket.objects.filter(pk=floor.call.ticket_id).update(status="done")
        if floor.call.ticket_id == floor.before.pk:
            return floor


def test_an_objection_is_sealed_counted_and_answered_on_the_ticket(hall: Floor, client: Client) -> None:
    mine = hall.people[2]
    page = f"/tiket/{mine.token}/"
    assert "Saya keberatan" in words(client.get(page))
    form = words(client.get(f"{page}keberatan/?nomor={hall.before.label}"))
    assert f'value="{hall.before.label}"' in form
    answer = send(client, "object", mine.token, label=hall.before.label.lower(), words=SAID)
    assert (answer.status_code, answer["Location"]) == (302, page)
    made = Objection.objects.get()
    assert (made.ticket_id, made.call_id, made.via) == (mine.pk, hall.call.pk, "ticket")
    assert made.due_on == date(2026, 3, 3), "the next working day"
    event = Event.objects.filter(type="queueing.objected").get()
    assert SAID not in str(event.payload)
    assert (event.payload["label"], event.payload["due_on"]) == (hall.before.label, "2026-03-03")
    shown = words(client.get(page))
    assert "dijawab paling lambat Selasa, 3 Maret 2026" in shown
    # Strangers see only that there is one.
    calls = words(client.get(f"/kantor/{hall.office.pk}/panggilan/"))
    assert "Keberatan: 1, dijawab: 0" in calls
    assert SAID not in calls

    boss = signed_in(hall, "KA")
    listing = words(boss.get(reverse("objections")))
    assert f"Panggilan {hall.before.label}" in listing
    one = words(boss.get(reverse("objection", args=[made.pk])))
    assert SAID in one
    assert "Giliran jalur Prioritas" in one or "prioritas" in one.lower()
    wrong = send(boss, "objection", made.pk, finding="by_rule", words="pendek")
    assert (wrong.status_code, "20 sampai 1000" in words(wrong)) == (400, True)
    assert send(boss, "objection", made.pk, finding="by_rule", words=FOUND).status_code == 302
    shown = words(client.get(page))
    assert FOUND in shown
    assert "Panggilan sesuai aturan" in shown
    answered = Event.objects.filter(type="queueing.objection_answered").get()
    assert (answered.payload["finding"], answered.payload["late"]) == ("by_rule", False)
    assert FOUND not in str(answered.payload)
    with pytest.raises(Conflict):
        answer_objection(hall.by("KA"), made, "wrong", FOUND)
    assert objecting.counts(hall.office, hall.today) == objecting.Counts(1, 1, 0, 0, 0)


def test_an_answer_after_the_working_day_is_late_before_everybody(hall: Floor, client: Client) -> None:
    mine = hall.people[2]
    friday = timedelta(days=4)
    hall.clock.advance(friday - timedelta(hours=1))
    late = object_to(ANYBODY, hall.call, mine, "", "ticket")
    assert late.due_on == date(2026, 3, 9), "asked on a Friday, due on the Monday"
    assert late.words is None
    counts = f"/kantor/{hall.office.pk}/keberatan/"
    hall.clock.advance(timedelta(days=3))
    assert "lewat waktu: 0" in words(client.get(counts))
    hall.clock.advance(timedelta(days=1))
    front = f"/kantor/{hall.office.pk}/"
    for page in (counts, front):
        assert "menunggu jawaban: 1, di antaranya lewat waktu: 1" in words(client.get(page)), page
    assert "Lewat waktu" in words(client.get(f"/tiket/{mine.token}/"))
    assert "Lewat waktu" in words(signed_in(hall, "KA").get(reverse("floor_fragment")))
    answer_objection(hall.by("KA"), late, "lawful", FOUND)
    assert Event.objects.filter(type="queueing.objection_answered").get().payload["late"] is True
    assert objecting.counts(hall.office, hall.today) == objecting.Counts(1, 0, 1, 0, 0)
    assert "terlambat: 1; menunggu jawaban: 0" in words(client.get(counts))
    assert "terlambat: 1; menunggu jawaban: 0" in words(client.get(front))


def test_who_may_answer(hall: Floor) -> None:
    made = object_to(ANYBODY, hall.call, hall.people[2], SAID, "ticket")
    for label in ("D1", "FD", "AJ"):
        with pytest.raises(Forbidden):
            answer_objection(hall.by(label), made, "by_rule", FOUND)
    # Nobody judges a call of their own.
    Call.objects.filter(pk=hall.call.pk).update(staff=hall.staff["KA"])
    with pytest.raises(Forbidden) as own:
        answer_objection(hall.by("KA"), made, "by_rule", FOUND)
    assert own.value.code == "queueing.own_call"
    Call.objects.filter(pk=hall.call.pk).update(staff=hall.staff["D1"])
    assert answer_objection(hall.by("KA"), made, "by_rule", FOUND).finding == "by_rule"


def test_one_for_each_call_three_open_and_no_flood_without_a_number(hall: Floor) -> None:
    mine, session = hall.people[2], hall.sit("D2", 2)
    object_to(ANYBODY, hall.call, mine, "", "ticket")
    with pytest.raises(Conflict) as twice:
        object_to(ANYBODY, hall.call, mine, "", "ticket")
    assert twice.value.code == "queueing.one_objection_each"
    with pytest.raises(Refused) as own:
        object_to(ANYBODY, hall.call, hall.before, "", "ticket")
    assert own.value.code == "queueing.objection_to_own_call"
    with pytest.raises(Invalid):
        object_to(ANYBODY, hall.call, mine, "x" * (op.LONGEST + 1), "ticket")
    others = []
    for _n in range(op.MOST_OPEN):
        hall.old()
        call = hall.serve("D2", session)
        Call.objects.filter(pk=call.pk).update(ended_at=hall.clock.now(), outcome="served")
        Ticket.objects.filter(pk=call.ticket_id).update(status="done")
        others.append(call)
    others = [call for call in others if call.ticket_id != mine.pk]
    open_ones = [object_to(ANYBODY, call, mine, "", "ticket") for call in others[: op.MOST_OPEN - 1]]
    with pytest.raises(Refused) as full:
        object_to(
            ANYBODY,
            Call.objects.exclude(objections__ticket=mine).exclude(ticket=mine).first(),
            mine,
            "",
            "ticket",
        )
    assert full.value.code == "queueing.objections_full"
    answer_objection(hall.by("KA"), open_ones[0], "by_rule", FOUND)
    object_to(
        ANYBODY,
        Call.objects.exclude(objections__ticket=mine).exclude(ticket=mine).first(),
        mine,
        "",
        "ticket",
    )
    for _n in range(op.MOST_NAMELESS):
        object_to(ANYBODY, hall.call, None, "", "kiosk")
    with pytest.raises(Refused):
        object_to(ANYBODY, hall.call, None, "", "kiosk")
    object_to(ANYBODY, others[0], None, "", "kiosk")
    hall.clock.advance(timedelta(days=7))
    object_to(ANYBODY, others[0], None, "", "kiosk")  # the last day
    hall.clock.advance(timedelta(days=1))
    with pytest.raises(Refused) as old:
        object_to(ANYBODY, others[1], None, "", "kiosk")
    assert old.value.code == "queueing.objection_too_late"


def test_at_the_kiosk_and_at_the_desk(hall: Floor, client: Client) -> None:
    office, label = hall.office.pk, hall.before.label
    answer = send(client, "object_kiosk", office, label=label, words="")
    assert "Keberatan dicatat" in words(client.get(answer["Location"]))
    assert Objection.objects.get().ticket is None
    unknown = send(client, "object_kiosk", office, label="A-999", words=SAID)
    assert (unknown.status_code, "tidak dipanggil hari itu" in words(unknown)) == (400, True)
    assert SAID in words(unknown)
    # On the device in the hall the same form is large, and leads back to its start.
    large = words(client.get(f"/kantor/{office}/keberatan/?anjungan=1"))
    assert 'class="kiosk"' in large
    assert f'href="/kantor/{office}/anjungan/"' in large
    assert "misalnya A-017" in words(send(client, "object_kiosk", office, label="Sekar", words=""))
    desk = signed_in(hall, "FD")
    own = hall.people[2].label
    assert send(desk, "object_desk", label=label, own=own, words=SAID).status_code == 302
    made = Objection.objects.get(via="desk")
    assert made.ticket_id == hall.people[2].pk
    assert Event.objects.filter(type="queueing.objected").order_by("-seq").first().actor_kind == "officer"
    assert "tidak ada hari ini" in words(send(desk, "object_desk", label=label, own="A-998", words=""))
    assert signed_in(hall, "AJ").get(reverse("objections")).status_code == 403
    # The same press once more is one objection.
    key = "0198c0de-0000-7000-8000-000000000001"
    for _n in range(2):
        send(client, "object_kiosk", office, key=key, label=label, words="")
    assert Objection.objects.filter(via="kiosk").count() == 2
