"""The public pages of the queue: what they say, what they cost, and what they never show."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from setara.queueing import service as q
from setara.queueing import showing
from setara.queueing import tickets as pages_of
from setara.queueing.models import Ticket
from setara.queueing.tests.flooring import Floor


def text(response: object) -> str:
    """The page as its words."""
    body = re.sub(
        r"<script.*?</script>|<style.*?</style>|<head>.*?</head>", " ", response.content.decode(), flags=re.S
    )
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


@pytest.fixture
def busy(floor: Floor) -> Floor:
    """Six people wait; the first is served at counter 1, the last was called out of turn to counter 2."""
    floor.tickets = []
    for _n in range(6):
        floor.tickets.append(floor.arrive())
        floor.after(1)
    floor.serve("D1", floor.sit("D1", 1))
    floor.after(2)
    session = floor.sit("D2", 2)
    floor.call = q.call_out_of_turn(floor.by("KA", "medical_emergency"), session, floor.tickets[5])
    return floor


def test_the_display_shows_who_is_called_who_is_next_and_why(busy: Floor, client: Client) -> None:
    path = f"/kantor/{busy.office.pk}/layar/"
    page = client.get(path)
    words = text(page)
    first, last = busy.tickets[0].label, busy.tickets[5].label
    # The one who is awaited comes first, with the reason for everybody to read.
    assert words.index(f"{last} Loket 2") < words.index(f"{first} Loket 1")
    assert "Baru dipanggil" in words
    assert "Sedang dilayani" in words
    assert "Di luar giliran: Keadaan darurat medis" in words
    assert "4 menunggu" in words
    assert [t.label for t in busy.tickets[1:4]] == re.findall(r"[A-Z]-\d{3}", words.split("Berikutnya")[1])[
        :3
    ]
    assert "08.08 WIB" in words
    say = re.search(r'data-say="([^"]+)"', page.content.decode())
    assert say is not None
    assert say[1].startswith(f"Nomor antrean {showing.spoken(last)}, silakan ke loket 2")
    # Whoever is served already is not announced again; a repeated call is.
    assert len(re.findall("data-announce", page.content.decode())) == 1
    before = re.search(r'data-announce="([^"]+)"', page.content.decode())[1]
    q.repeat_call(busy.by("D2"), busy.call)
    again = client.get(path)
    assert re.search(r'data-announce="([^"]+)"', again.content.decode())[1] != before
    assert "Panggilan ke-2" in text(again)
    with translation.override("en"):
        assert showing.spoken("A-017") == "A zero one seven"


def test_a_fragment_is_the_part_of_the_page_and_costs_nothing_unchanged(busy: Floor, client: Client) -> None:
    for page, part in (("layar/", "layar/isi/"), ("", "isi/")):
        whole = client.get(f"/kantor/{busy.office.pk}/{page}").content.decode()
        answer = client.get(f"/kantor/{busy.office.pk}/{part}")
        assert answer.content.decode().strip() in whole
        assert (
            client.get(
                f"/kantor/{busy.office.pk}/{part}", headers={"If-None-Match": answer["ETag"]}
            ).status_code
            == 304
        )
        q.start_service(busy.by("D2"), busy.call) if page else None
        changed = client.get(f"/kantor/{busy.office.pk}/{part}", headers={"If-None-Match": answer["ETag"]})
        assert changed.status_code == (200 if page else 304)


def test_my_ticket_says_where_i_stand_and_who_went_before_me(busy: Floor, client: Client) -> None:
    mine = busy.tickets[2]
    words = text(client.get(f"/tiket/{mine.token}/"))
    assert mine.label in words
    assert "Anda nomor 2 dari 4 orang yang menunggu di langkah Pemeriksaan berkas" in words
    assert "dipanggil sejak Anda menunggu di langkah ini 2" in words
    assert "Di antaranya yang datang sesudah Anda 1" in words
    unproven = "Di luar giliran tanpa bukti atau persetujuan; alasan yang disebut: Keadaan darurat medis"
    assert f"{unproven}: 1 orang" in words
    assert f"{busy.tickets[5].label} , 08.08: {unproven}" in words
    # Proven by a record and approved by a second person it is a lawful one, and says so.
    busy.call.__class__.objects.filter(pk=busy.call.pk).update(proof="proven", approval="approved")
    assert "Di luar giliran, dengan alasan: Keadaan darurat medis: 1 orang" in text(
        client.get(f"/tiket/{mine.token}/")
    )
    # Its turn is near, and it is told so; without scripts by the page itself.
    near = re.compile(r'data-slot="near"[^>]* hidden')
    assert near.search(client.get(f"/tiket/{mine.token}/").content.decode()) is None
    # Two calls are too few to say how long it takes.
    assert "Belum cukup panggilan" in words
    # Somebody who joined after the exception has nobody before him.
    late = busy.arrive()
    words = text(client.get(f"/tiket/{late.token}/"))
    assert "Tidak seorang pun yang datang sesudah Anda dipanggil lebih dulu." in words
    assert "Keadaan darurat medis" not in words
    assert near.search(client.get(f"/tiket/{late.token}/").content.decode()) is not None


@pytest.mark.parametrize(
    ("status", "said", "todo"),
    [
        ("called", "Silakan ke loket 2 sekarang", "beri tahu petugas terdekat"),
        ("absent", "sudah dipanggil, tetapi Anda belum hadir", "sesudah 3 panggilan lain"),
        ("sent_back", "Anda sedang melengkapi berkas", "tempat Anda dalam antrean tetap"),
        ("not_served", "Anda belum terlayani", "sampai Jumat, 6 Maret 2026"),
        ("done", "Kunjungan ini selesai", ""),
    ],
)
def test_my_ticket_says_what_to_do(busy: Floor, client: Client, status: str, said: str, todo: str) -> None:
    mine = busy.tickets[5]
    if status != "called":
        gone = {"closed_at": busy.clock.now()} if status in {"not_served", "done"} else {}
        until = {"right_of_return": busy.today + timedelta(days=4)} if status == "not_served" else {}
        Ticket.objects.filter(pk=mine.pk).update(status=status, **gone, **until)
        busy.call.__class__.objects.filter(pk=busy.call.pk).update(
            ended_at=busy.clock.now(), outcome="absent"
        )
    page = client.get(f"/tiket/{mine.token}/")
    assert said in text(page)
    assert todo in text(page)
    assert ("data-announce" in page.content.decode()) == (status == "called")
    assert "Giliran Anda" not in text(page)


def test_the_estimate_comes_from_the_calls_or_not_at_all(floor: Floor) -> None:
    """Calls every 4 minutes: two places take 8 minutes. With the counter closed nothing is promised."""
    tickets = [floor.arrive() for _n in range(12)]
    session = floor.sit("D1", 1)
    for n in range(8):
        call = floor.serve("D1", session)
        floor.after(4)
        type(call).objects.filter(pk=call.pk).update(ended_at=floor.clock.now(), outcome="served")
        Ticket.objects.filter(pk=call.ticket_id).update(status="done", closed_at=floor.clock.now())
        if n == 5:
            early = q.load(floor.office, floor.clock.now())
            assert pages_of.estimate(early, "document_check", 2) == (None, None)
    picture = q.load(floor.office, floor.clock.now())
    assert pages_of.estimate(picture, "document_check", 2) == (8, 8)
    assert pages_of.estimate(picture, "document_check", 4) == (None, None)
    assert pages_of.ticket_view(picture, picture.tickets[tickets[9].pk]).high == 8
    q.pause_counter(floor.by("D1"), session)
    assert pages_of.estimate(q.load(floor.office, floor.clock.now()), "document_check", 2) == (None, None)


def test_all_calls_with_the_rules_choice(busy: Floor, client: Client) -> None:
    path = f"/kantor/{busy.office.pk}/panggilan/"
    words = text(client.get(path))
    rule, called = busy.tickets[1].label, busy.tickets[5].label
    assert "2 panggilan, 1 di luar giliran" in words
    assert f"08.08 {called} 2 · Pemeriksaan berkas {rule} Di luar giliran Keadaan darurat medis" in words
    assert "Petugas tidak dapat memilih" in words
    only = text(client.get(path + "?hanya=pengecualian"))
    assert called in only
    assert f"{busy.tickets[0].label} 1 " not in only
    assert "Belum ada panggilan" in text(client.get(path + "?tanggal=2026-02-27"))
    # Nonsense and tomorrow give today.
    for odd in ("?tanggal=besok", "?tanggal=2030-01-01", "?hal=99", "?hal=-1"):
        assert called in text(client.get(path + odd))


def test_a_number_can_be_looked_up_however_it_is_written(busy: Floor, client: Client) -> None:
    path = f"/kantor/{busy.office.pk}/nomor/"
    label = busy.tickets[3].label
    for typed in (label, label.lower(), label.replace("-", " "), label.replace("-0", "")):
        assert "Anda nomor 3 dari 4" in text(client.get(path, {"nomor": typed})), typed
    wrong = client.get(path, {"nomor": "Sekar"})
    assert (
        wrong.status_code,
        "misalnya A-017" in text(wrong),
        'value="Sekar"' in wrong.content.decode(),
    ) == (400, True, True)
    nothing = client.get(path, {"nomor": " "})
    assert (nothing.status_code, "Tulis nomor seperti di layar" in text(nothing)) == (400, True)
    assert client.get(path, {"nomor": "A-999"}).status_code == 404
    assert client.get(path).status_code == 200


def test_unknown_addresses_explain_themselves(busy: Floor, client: Client) -> None:
    for path in (
        "/kantor/tiada/layar/",
        "/kantor/tiada/layar/isi/",
        "/kantor/tiada/panggilan/",
        "/tiket/tiada/",
        "/tiket/tiada/isi/",
    ):
        answer = client.get(path)
        assert (answer.status_code, "Yang dapat dilakukan sekarang" in text(answer)) == (404, True), path
    answer = client.get("/kantor/tiada/antrean.json")
    assert (answer.status_code, answer.json()["code"]) == (404, "offices.unknown")
    assert client.post(f"/kantor/{busy.office.pk}/layar/").status_code == 405


def test_the_state_is_open_data(busy: Floor, client: Client) -> None:
    answer = client.get(f"/kantor/{busy.office.pk}/antrean.json")
    assert answer["Access-Control-Allow-Origin"] == "*"
    state = answer.json()
    assert state["serving"][1]["label"] == busy.tickets[5].label
    assert state["serving"][1]["reason"] == "medical_emergency"
    assert state["serving"][0]["reason"] is None
    assert (
        client.get(
            f"/kantor/{busy.office.pk}/antrean.json", headers={"If-None-Match": answer["ETag"]}
        ).status_code
        == 304
    )


def test_public_pages_are_small_cheap_and_without_people(busy: Floor, client: Client) -> None:
    office, token = busy.office.pk, busy.tickets[2].token
    pages = ["/", f"/kantor/{office}/", f"/kantor/{office}/layar/", f"/kantor/{office}/panggilan/",
             f"/kantor/{office}/nomor/?nomor=A-3", f"/tiket/{token}/", f"/kantor/{office}/antrean.json"]  # fmt: skip
    for path in pages:
        from setara.offices import memory

        memory.forget()
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(path)
        assert len(queries) <= 10, (path, [one["sql"][:90] for one in queries])
        assert len(answer.content) < 60_000, path
        for secret in ("Sekar", "9901", "Petugas Rekaan"):
            assert secret not in answer.content.decode(), path


def test_the_documented_keys_are_those_of_the_state(busy: Floor, client: Client) -> None:
    page = (Path(__file__).parents[4] / "docs" / "reference" / "public-data.md").read_text(encoding="utf-8")
    section = page.split("## The state of the queue")[1].split("## ")[0]
    rows = [line.split("|")[1:3] for line in section.splitlines() if line.startswith("| `")]
    documented = {key for names, _what in rows for key in re.findall(r"`(\w+)`", names)}
    state = client.get(f"/kantor/{busy.office.pk}/antrean.json").json()
    assert documented == set(state)
    inner = {names.strip("` "): set(re.findall(r"`(\w+)`", what)) for names, what in rows if "," not in names}
    for key in ("steps", "serving", "recent", "counters"):
        assert set(state[key][0]) <= inner[key], key
