"""The auditor sees every event, changes nothing, and is seen."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator

import pytest
from django.db.models import F
from django.test import Client

from setara.kernel import clock
from setara.kernel.clock import ManualClock
from setara.kernel.errors import Forbidden
from setara.ledger import storage
from setara.ledger.checking import check
from setara.ledger.models import Event, Head
from setara.ledger.service import By
from setara.offices.service import Role
from setara.oversight import service as oversight
from setara.oversight.searching import Wanted
from setara.queueing import service as q
from setara.queueing.models import Call
from setara.queueing.tests.flooring import MONDAY, Floor, passport_office


@pytest.fixture
def floor(db: None) -> Iterator[Floor]:
    """An open office with an auditor and an administrator; two people came, the second was called first."""
    with clock.using(ManualClock(MONDAY)) as source:
        made = passport_office(source)
        made.officer("AU", ["auditor"])
        made.officer("AD", ["administrator"])
        made.open()
        made.first, made.second = made.arrive(), made.arrive()
        made.after(2)
        made.session = made.sit("D1", 1)
        made.call = q.call_out_of_turn(made.by("KA", "medical_emergency"), made.session, made.second)
        yield made


@pytest.fixture
def auditor(floor: Floor) -> Client:
    return signed_in(floor, "AU")


def signed_in(floor: Floor, label: str) -> Client:
    client = Client()
    client.force_login(floor.staff[label].account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def last() -> Event:
    return Event.objects.order_by("-seq").first()


def seqs(answer: object) -> list[int]:
    return [int(n) for n in re.findall(r'petugas/audit/(\d+)/"', answer.content.decode())]


def test_every_event_is_listed_and_the_look_is_the_next_event(floor: Floor, auditor: Client) -> None:
    before = Event.objects.count()
    answer = auditor.get("/petugas/audit/")
    assert answer.status_code == 200
    assert seqs(answer) == list(range(before, max(0, before - 50), -1))
    assert "queueing.called_out_of_turn" in answer.content.decode()
    look = last()
    assert (look.type, look.seq) == ("oversight.looked", before + 1)
    assert look.payload == {"auditor": "AU", "view": "list", "first": seqs(answer)[-1], "last": before}
    # The look itself is on the next look's page.
    assert seqs(auditor.get("/petugas/audit/"))[0] == before + 1


def test_pages_go_on_by_number_without_missing_or_repeating(floor: Floor, auditor: Client) -> None:
    for _n in range(60):
        floor.arrive()
    total, got, path = Event.objects.count(), [], "/petugas/audit/?type="
    while path:
        answer = auditor.get(path)
        got += [n for n in seqs(answer) if n <= total]
        older = re.search(r'href="(\?[^"]*sebelum=\d+)"', answer.content.decode())
        path = "/petugas/audit/" + older[1].replace("&amp;", "&") if older else ""
    assert got == list(range(total, 0, -1))


def test_search_by_ticket_gives_its_events_and_no_other(floor: Floor, auditor: Client) -> None:
    q.start_service(floor.by("D1"), floor.call)
    answer = auditor.get("/petugas/audit/", {"label": floor.second.label.lower(), "date_from": "2026-03-02"})
    found = Event.objects.filter(seq__in=seqs(answer))
    assert {e.type for e in found} == {
        "queueing.checked_in", "queueing.called_out_of_turn", "queueing.service_started"}  # fmt: skip
    assert {e.ticket for e in found} == {floor.second.pk}
    searched = last()
    assert searched.type == "oversight.searched"
    assert searched.payload["label"] == floor.second.label
    assert (searched.payload["shown"], searched.payload["ticket"]) == (3, str(floor.second.pk))
    # By the application's reference, by type, by a day without anything.
    reference = floor.second.application.reference
    assert set(seqs(auditor.get("/petugas/audit/", {"reference": reference}))) == set(seqs(answer))
    assert reference not in json.dumps(last().payload)
    only = auditor.get("/petugas/audit/", {"type": "queueing.called_out_of_turn"})
    assert seqs(only) == [Event.objects.get(type="queueing.called_out_of_turn").seq]
    none = auditor.get("/petugas/audit/", {"date_to": "2026-03-01"})
    assert (none.status_code, seqs(none), "Tidak ada peristiwa yang cocok" in none.content.decode()) == (
        200,
        [],
        True,
    )


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"label": "A-999"}, "Nomor ini tidak ada pada tanggal itu"),
        ({"reference": "Sekar Rekaan"}, "nomor permohonan"),
        ({"date_from": "2026-03-02", "date_to": "2026-03-01"}, "lebih awal"),
        ({"date_from": "kemarin"}, "tanggal"),
    ],
)
def test_what_cannot_be_searched_says_so_and_shows_nothing(
    floor: Floor, auditor: Client, typed: dict[str, str], said: str
) -> None:
    before = Event.objects.count()
    answer = auditor.get("/petugas/audit/", typed)
    body = answer.content.decode()
    assert (answer.status_code, seqs(answer), Event.objects.count()) == (400, [], before)
    assert said.lower() in body.lower()
    assert all(f'value="{value}"' in body for value in typed.values())


def test_one_event_with_its_hash(floor: Floor, auditor: Client) -> None:
    row = Event.objects.get(type="queueing.called_out_of_turn")
    body = auditor.get(f"/petugas/audit/{row.seq}/").content.decode()
    assert body.count(bytes(row.leaf_hash).hex()) == 2
    assert "Utuh" in body
    assert floor.second.label in body
    assert "medical_emergency" in body
    assert last().payload == {"auditor": "AU", "view": "event", "first": row.seq, "last": row.seq}
    assert auditor.get("/petugas/audit/999999/").status_code == 404


def test_taking_events_out_is_recorded_first_and_can_be_checked_outside(
    floor: Floor, auditor: Client
) -> None:
    before = Event.objects.count()
    answer = auditor.post("/petugas/audit/ekspor/", {"format": "jsonl", "idempotency_key": "once"})
    rows = [json.loads(line) for line in b"".join(answer.streaming_content).decode().splitlines()]
    taken = last()
    assert (taken.type, taken.payload["until"], taken.payload["events"]) == (
        "oversight.exported",
        before,
        before,
    )
    assert [row["seq"] for row in rows] == list(range(1, before + 1))
    # Whoever holds the file can compute each leaf hash again.
    from setara.kernel import canon

    names = ("office", "seq", "type", "version", "occurred_at", "actor_kind", "actor_id", "application", "ticket",
             "reason", "payload")  # fmt: skip
    for row in rows:
        leaf = canon.dumps({"leaf": storage.LEAF_VERSION, **{name: row[name] for name in names}})
        assert storage.leaf_hash(leaf).hex() == row["leaf_hash"]
    # The same press again records nothing more.
    auditor.post("/petugas/audit/ekspor/", {"format": "jsonl", "idempotency_key": "once"})
    assert Event.objects.count() == before + 1
    some = auditor.post("/petugas/audit/ekspor/", {"format": "csv", "type": "queueing.checked_in"})
    table = list(csv.DictReader(io.StringIO(b"".join(some.streaming_content).decode())))
    assert [row["type"] for row in table] == ["queueing.checked_in"] * 2
    assert json.loads(table[0]["payload"])["label"] == floor.first.label
    assert last().payload["events"] == 2
    assert auditor.post("/petugas/audit/ekspor/", {"format": "exe"}).status_code == 400


def test_the_check_finds_what_was_altered_and_what_is_missing(floor: Floor, auditor: Client) -> None:
    total = Event.objects.count()
    body = auditor.get("/petugas/audit/periksa/").content.decode()
    assert f"{total} peristiwa, nomor 1 sampai {total}, lengkap" in body
    assert last().payload == {"auditor": "AU", "view": "check", "first": 1, "last": total}
    rows = list(Event.objects.order_by("seq"))
    assert check(rows).sound
    rows[3].reason = "friend"
    altered = check(rows)
    assert (altered.sound, altered.altered, altered.gaps) == (False, [rows[3].seq], [])
    missing = check(rows[:5] + rows[7:])
    assert (missing.sound, missing.gaps, missing.altered) == (False, [(6, 7)], [rows[3].seq])
    assert check([]).first is None


def test_the_page_of_the_check_says_what_is_missing(floor: Floor, auditor: Client) -> None:
    """The head names more events than there are: nothing is wrong with those that are left."""
    assert "hilang" not in auditor.get("/petugas/audit/periksa/").content.decode()
    Head.objects.filter(pk=floor.office.pk).update(last=F("last") + 2)
    body = auditor.get("/petugas/audit/periksa/").content.decode()
    assert "2 nomor hilang" in body
    assert "lengkap" not in body


@pytest.mark.parametrize("label", ["AD", "KA", "FD", "D1", "AJ"])
def test_nobody_else_sees_the_events(floor: Floor, label: str) -> None:
    before = Event.objects.count()
    client = signed_in(floor, label)
    seq = Event.objects.first().seq
    for path in ("/petugas/audit/", f"/petugas/audit/{seq}/", "/petugas/audit/periksa/"):
        assert client.get(path).status_code == 403, path
    assert client.post("/petugas/audit/ekspor/", {"format": "csv"}).status_code == 403
    for act in (lambda by: oversight.look(by, floor.office, "list"),
                lambda by: oversight.search(by, floor.office, Wanted(), shown=0),
                lambda by: oversight.export(by, floor.office, Wanted(), "csv", until=1, count=1)):  # fmt: skip
        with pytest.raises(Forbidden):
            act(By(floor.actor(label)))
    assert Event.objects.count() == before
    assert Client().get("/petugas/audit/").status_code == 302


def test_an_auditor_of_another_office_sees_none_of_this_one(floor: Floor) -> None:
    other = passport_office(floor.clock, "lain")
    other.officer("AU", ["auditor"])
    client = signed_in(other, "AU")
    body = client.get("/petugas/audit/").content.decode()
    assert "queueing.checked_in" not in body.split("<table")[1]
    assert client.get("/petugas/audit/", {"label": floor.first.label}).status_code == 400
    with pytest.raises(Forbidden):
        oversight.look(By(other.actor("AU")), floor.office, "list")


def test_the_auditor_changes_nothing(floor: Floor) -> None:
    """Apart from being on record, no operation of the floor is open to the role."""
    assert floor.staff["AU"].roles == [Role.AUDITOR]
    for act in (lambda by: q.call_next(by, floor.session), lambda by: q.undo_call(by, floor.call),
                lambda by: q.close_day(by, floor.office, floor.today)):  # fmt: skip
        with pytest.raises(Forbidden):
            act(floor.by("AU"))
    assert Call.objects.get().ended_at is None
