"""What the office says to everybody who waits: shown everywhere, in both languages, until it ends by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from setara.kernel.errors import Conflict, Forbidden, Invalid, Refused
from setara.ledger.models import Event
from setara.queueing import following
from setara.queueing import service as q
from setara.queueing.models import Announcement
from setara.queueing.operations.announcing import LONGEST, announce, end_announcement
from setara.queueing.tests.browsing import send, signed_in, words
from setara.queueing.tests.flooring import Floor
from setara.queueing.tests.test_kiosks import kiosk_of

ID, EN = "Sistem foto terganggu sampai pukul sembilan.", "The camera is out of order until nine."
HOUR = timedelta(hours=1)


def test_an_announcement_stands_everywhere_and_ends_by_itself(floor: Floor, client: Client) -> None:
    ticket, office = floor.arrive(), floor.office.pk
    boss = signed_in(floor, "KA")
    answer = send(boss, "announcements", kind="outage", text_id=ID, text_en=EN, ends_at="09:00")
    assert (answer.status_code, Announcement.objects.get().ends_at) == (302, floor.clock.now() + HOUR)
    event = Event.objects.get(type="queueing.announced")
    assert (ID in str(event.payload), event.payload["kind"]) == (False, "outage")
    pages = [
        f"/kantor/{office}/layar/",
        f"/kantor/{office}/",
        f"/tiket/{ticket.token}/",
        f"/tiket/{ticket.token}/isi/",
    ]
    for page in pages:
        assert ID in words(client.get(page)), page
        assert "Sampai pukul 09.00 WIB" in words(client.get(page)), page
        assert EN in words(client.get(page, headers={"accept-language": "en"})), page
    assert client.get(f"/kantor/{office}/antrean.json").json()["announcements"][0]["text"] == {
        "id": ID,
        "en": EN,
    }
    assert following.state(q.load(floor.office, floor.clock.now()))["said"][0]["text"] == ID
    assert ID in words(boss.get(reverse("floor")))
    kiosk = kiosk_of(floor)
    at_kiosk = reverse("kiosk", args=[office])
    assert ID in words(kiosk.get(at_kiosk))
    floor.after(59)
    assert ID in words(client.get(pages[0]))
    floor.after(1)
    for page in pages:
        assert ID not in words(client.get(page)), page
    assert ID not in words(kiosk.get(at_kiosk))
    assert "Berakhir" in words(boss.get(reverse("announcements")))


def test_taking_back_and_what_is_refused(floor: Floor, client: Client) -> None:
    now, office = floor.clock.now(), floor.office
    for faulty in (
        {"text_id": " "}, {"text_en": "x" * 241}, {"kind": "advert"}, {"ends_at": now},
        {"ends_at": now + LONGEST + HOUR},
    ):  # fmt: skip
        right = {"text_id": ID, "text_en": EN, "ends_at": now + HOUR, "kind": "notice"}
        with pytest.raises(Invalid) as invalid:
            announce(floor.by("KA"), office, **(right | faulty))
        assert set(invalid.value.errors) == set(faulty)
    with pytest.raises(Forbidden):
        announce(floor.by("FD"), office, **right)
    first = announce(floor.by("KA"), office, **right)
    announce(floor.by("KA"), office, **right)
    with pytest.raises(Refused) as full:
        announce(floor.by("KA"), office, **right)
    assert full.value.code == "queueing.announcements_full"
    boss = signed_in(floor, "KA")
    assert send(boss, "announcement_end", first.pk).status_code == 302
    assert send(boss, "announcement_end", first.pk).status_code == 409
    with pytest.raises(Conflict):
        end_announcement(floor.by("KA"), first)
    announce(floor.by("KA"), office, **right)
    assert Event.objects.filter(type="queueing.announcement_ended").count() == 1
    late = send(boss, "announcements", kind="notice", text_id=ID, text_en=EN, ends_at="07:00")
    assert (late.status_code, "dalam 12 jam ke depan" in words(late), ID in words(late)) == (400, True, True)
    assert client.get(reverse("announcements")).status_code == 302
