"""The published day: at every call the list of who waited is whole, and everybody can step through it."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

from setara.queueing import service as q
from setara.queueing import stepping
from setara.queueing.models import Call, Ticket
from setara.queueing.tests.browsing import words
from setara.queueing.tests.flooring import Floor


def let_go(floor: Floor, call: Call) -> None:
    """The person is served and goes on to the photo."""
    now = floor.clock.now()
    Call.objects.filter(pk=call.pk).update(ended_at=now, outcome="served")
    Ticket.objects.filter(pk=call.ticket_id).update(step="biometrics", status="waiting", joined_at=now)


def busy_day(floor: Floor) -> None:
    """Arrivals, calls, a wrong press, somebody absent who comes back, somebody out of turn, a second step."""
    for n in range(6):
        floor.arrive(n % 2 * 30)
        floor.after(1)
    floor.old()
    session, other, photo = floor.sit("D1", 1), floor.sit("D2", 2), floor.sit("B1", 3)
    wrong = q.call_next(floor.by("D1"), session)
    floor.after(1)
    q.undo_call(floor.by("D1"), wrong)
    floor.after(1)
    let_go(floor, floor.serve("D1", session))
    away = q.call_next(floor.by("D2"), other)
    for _n in range(4):
        floor.after(2)
        if away.repeats < 2:
            away = q.repeat_call(floor.by("D2"), away)
    q.mark_absent(floor.by("D2"), away)
    for _n in range(2):
        floor.after(1)
        let_go(floor, floor.serve("D1", session))
    floor.after(1)
    q.return_ticket(floor.by("FD"), Ticket.objects.get(pk=away.ticket_id))
    floor.after(1)
    let_go(floor, floor.serve("D2", other))
    floor.after(1)
    floor.arrive(0)
    floor.arrive(0)
    last = q.waiting(floor.office, floor.today, "document_check")[-1]
    floor.after(1)
    q.call_out_of_turn(floor.by("KA", "medical_emergency"), other, last)
    floor.after(1)
    let_go(floor, floor.serve("B1", photo))
    floor.after(1)
    let_go(floor, floor.serve("D1", session))


def steps(floor: Floor) -> list[Any]:
    """Every step of the day."""
    picture = q.load(floor.office, floor.clock.now())
    return [stepping.step_of(picture, n) for n in range(1, len(picture.calls) + 1)]


def test_at_every_call_the_line_is_whole(floor: Floor) -> None:
    busy_day(floor)
    day = steps(floor)
    assert len(day) >= 9
    for step, call in zip(day, Call.objects.order_by("called_at", "pk"), strict=True):
        labels = [one.label for one in step.line]
        assert len(labels) == len(set(labels)) == call.waiting == step.waited, (step.n, labels)
        assert [one.label for one in step.line if one.called] == [step.label]
        assert [one.label for one in step.line if one.chosen] == [step.rule_label]
    assert {step.step for step in day} == {"Pemeriksaan berkas", "Foto dan sidik jari"}
    (out,) = [step for step in day if step.out_of_turn]
    assert out.depth >= 1
    assert out.label != out.rule_label
    assert "terbukti" in out.standing.lower() or "tanpa bukti" in out.standing.lower()
    assert [day[0].exception_after, day[-1].exception_before] == [out.n, out.n]
    picture = q.load(floor.office, floor.clock.now())
    assert stepping.step_of(picture, 0) is None
    assert stepping.step_of(picture, len(day) + 1) is None


def test_the_line_says_why_its_first_is_not_the_one_who_came_first(floor: Floor, client: Client) -> None:
    """An earlier booked hour goes before an earlier arrival: without the hours the rule's own choice looks wrong."""
    later = floor.arrive(30)
    floor.after(1)
    earlier = floor.arrive(0)
    session, photo = floor.sit("D1", 1), floor.sit("B1", 3)
    let_go(floor, floor.serve("D1", session))
    floor.after(1)
    floor.serve("B1", photo)
    first, second = steps(floor)
    assert [one.label for one in first.line] == [later.label, earlier.label]
    assert first.label == first.rule_label == earlier.label
    assert [one.window for one in first.line] == [later.booked_window, earlier.booked_window]
    path = f"/kantor/{floor.office.pk}/hari/{floor.today}/"
    body = words(client.get(path + "?ke=1"))
    assert "jam kunjungan 08.30" in body
    assert "jam kunjungan 08.00" in body
    assert "jam kunjungan yang lebih awal didahulukan" in body
    # Where the moment of joining decides, nobody's hour is shown.
    assert [one.window for one in second.line] == [None]
    assert "jam kunjungan" not in words(client.get(path + "?ke=2"))


def test_who_came_back_is_shown_with_the_moment(floor: Floor) -> None:
    busy_day(floor)
    back = [(one.label, one.back_at) for step in steps(floor) for one in step.line if one.back_at]
    assert back
    assert any(one.back_at is None for step in steps(floor) for one in step.line)


def test_a_wait_that_is_left_out_is_seen(floor: Floor, monkeypatch: Any) -> None:
    """The control: without the returns of the ledger somebody is missing from a line."""
    busy_day(floor)
    monkeypatch.setattr(stepping, "returns", lambda office, day: {})
    assert any(len(step.line) != step.waited for step in steps(floor))


def test_anybody_steps_through_the_day_without_scripts(floor: Floor, client: Client) -> None:
    busy_day(floor)
    path = f"/kantor/{floor.office.pk}/hari/{floor.today}/"
    first = words(client.get(path))
    assert "1 di luar giliran" not in first
    assert "Di luar giliran hari itu" in first
    seen = []
    page = path + "?ke=1"
    while page:
        answer = client.get(page)
        body = words(answer)
        assert len(body) < 60_000
        for secret in ("Sekar", "Petugas Rekaan", "9901"):
            assert secret not in body
        seen.append(re.search(r"Panggilan (\d+) dari", body)[1])
        following = re.search(r'<a class="button" rel="next" href="([^"]+)"', body)
        page = path + following[1] if following else ""
    assert seen == [str(n) for n in range(1, len(steps(floor)) + 1)]
    out = next(step for step in steps(floor) if step.out_of_turn)
    body = words(client.get(f"{path}?ke={out.n}"))
    assert f"Mendahului {out.depth} orang" in body
    assert out.reason in body
    # Beyond the ends and nonsense give the day's first page; days to come and days without calls say so.
    for odd in ("?ke=0", "?ke=999", "?ke=x", "?ke=-1"):
        assert "Mulai dari panggilan pertama" in words(client.get(path + odd)), odd
    assert "Hari ini belum tiba" in words(client.get(f"/kantor/{floor.office.pk}/hari/2030-01-01/"))
    assert "Belum ada panggilan" in words(client.get(f"/kantor/{floor.office.pk}/hari/2026-02-27/"))
    assert client.get(f"/kantor/{floor.office.pk}/hari/2026-02-31/").status_code == 404
