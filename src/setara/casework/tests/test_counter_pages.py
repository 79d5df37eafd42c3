"""The counter's screen: one button, the step's own form, what was refused explained on the same screen."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from setara.applications.service import Application
from setara.casework import service as c
from setara.casework.models import Capture, Case, StepRun
from setara.kernel.ids import uuid7
from setara.ledger.models import Event
from setara.people.service import open_blob
from setara.queueing import service as q
from setara.queueing.models import Call, Session, Ticket
from setara.queueing.operations.announcing import announce
from setara.queueing.tests.browsing import send, signed_in, words
from setara.queueing.tests.flooring import FINGERS, PHOTO, Floor, stock, village_office
from setara.site.outside.process import running


def press(client: Client, action: str, **data: object) -> Any:
    """A button of the counter, with what its form carries along on the page."""
    page = words(client.get(reverse("counter")))
    carried = {name: hidden(page, name) for name in ("session", "call") if f'name="{name}"' in page}
    return client.post(
        reverse("counter_act", args=[action]), {"idempotency_key": str(uuid7()), **carried, **data}
    )


def hidden(page: str, name: str) -> str:
    """The value of a hidden field of the page."""
    return page.split(f'name="{name}" value="', 1)[1].split('"', 1)[0]


def serve(client: Client) -> Call:
    """Call the next, and begin."""
    assert press(client, "panggil").status_code == 302
    assert press(client, "mulai").status_code == 302
    return Call.objects.get(pk=hidden(words(client.get(reverse("counter"))), "call"))


def portrait() -> SimpleUploadedFile:
    """A photo file with a note of its camera."""
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x010F] = "CAMERA-NOTE"
    Image.new("RGB", (450, 600), (160, 150, 140)).save(out, "JPEG", exif=exif)
    return SimpleUploadedFile("foto.jpg", out.getvalue(), "image/jpeg")


def test_a_whole_turn_at_the_counter(floor: Floor) -> None:
    client, ticket = signed_in(floor, "D1"), floor.arrive()
    assert "Buka Loket 1" in words(client.get(reverse("counter")))
    assert press(client, "buka", counter="4").status_code == 422, "a step that is not the officer's"
    assert press(client, "buka", counter="1").status_code == 302
    assert "Panggil berikutnya" in words(client.get(reverse("counter")))
    assert "Sekar" not in words(client.get(reverse("counter"))), "nobody's name before they are called"
    key, session = str(uuid7()), Session.objects.get().pk
    for _again in range(2):
        twice = send(client, "counter_act", "panggil", key=key, session=session)
        assert twice.status_code == 302
    page = words(client.get(reverse("counter")))
    assert ticket.label in page
    assert "Sekar Rekaan" in page
    early = press(client, "absen")
    assert early.status_code == 422
    assert "3 kali dipanggil" in words(early)
    assert press(client, "ulang").status_code == 302
    assert press(client, "batal").status_code == 302
    ticket.refresh_from_db()
    assert ticket.status == Ticket.Status.WAITING
    call = serve(client)
    assert "KTP" in words(client.get(reverse("counter"))) or "identitas" in words(
        client.get(reverse("counter"))
    )
    unsaid = send(client, "counter_finish", call.pk)
    assert unsaid.status_code == 400
    without = send(client, "counter_finish", call.pk, outcome="missing", missing=["other"], note="Tertinggal")
    assert without.status_code == 400
    assert "Tertinggal" in words(without), "what was typed is kept"
    assert send(client, "counter_finish", call.pk, outcome="complete").status_code == 302
    ticket.refresh_from_db()
    assert ticket.step == "biometrics"
    assert press(client, "panggil").status_code == 422, "nobody waits any more"
    assert press(client, "istirahat").status_code == 302
    assert "Lanjutkan melayani" in words(client.get(reverse("counter")))
    assert press(client, "lanjut").status_code == 302
    assert press(client, "tutup").status_code == 302


def test_a_wrong_press_is_put_right_on_the_same_screen(floor: Floor) -> None:
    client, ticket = signed_in(floor, "D1"), floor.arrive()
    floor.sit("D1", 1)
    call = serve(client)
    papers = {"missing": [need.code for need in c.requirements_for(call)][:1]}
    assert send(client, "counter_finish", call.pk, outcome="missing", **papers).status_code == 302
    run = StepRun.objects.get()
    page = words(client.get(reverse("counter")))
    assert "Salah tekan? Perbaiki" in page
    refused = send(client, "counter_put_right", run.pk, outcome="complete")
    assert refused.status_code == 400
    assert "<details open" in words(refused)
    assert send(signed_in(floor, "D2"), "counter_put_right", run.pk, outcome="complete").status_code == 404
    done = send(client, "counter_put_right", run.pk, outcome="complete", reason="wrong_press")
    assert done.status_code == 302
    ticket.refresh_from_db()
    assert (ticket.status, ticket.step) == ("waiting", "biometrics")
    assert StepRun.objects.count() == 2, "the first result stays"
    assert (
        Event.objects.filter(type="casework.corrected").exists()
        or Event.objects.filter(name="casework.corrected").exists()
    )


def at_biometrics(floor: Floor) -> tuple[Client, Call]:
    floor.arrive()
    session = floor.sit("D1", 1)
    c.check_documents(floor.by("D1"), floor.serve("D1", session), "complete")
    floor.sit("B1", 3)
    client = signed_in(floor, "B1")
    return client, serve(client)


def test_a_recording_is_seen_before_it_is_kept(floor: Floor, settings: Any) -> None:
    client, call = at_biometrics(floor)
    with running() as outside:
        settings.SETARA_DEVICE_URL = outside.base_url
        shown = send(client, "counter_finish", call.pk, take="photo")
        page = words(shown)
        assert shown.status_code in {200, 422}
        while shown.status_code == 422:
            shown = send(client, "counter_finish", call.pk, take="photo")
            page = words(shown)
        assert 'src="data:image/jpeg;base64,' in page
        assert not Capture.objects.exists(), "nothing is kept before the officer has said yes"
        half = send(client, "counter_finish", call.pk, photo=hidden(page, "photo"))
        assert half.status_code == 422
        assert hidden(words(half), "photo"), "the photo is not lost"
        taken = send(client, "counter_finish", call.pk, take="fingerprints", photo=hidden(page, "photo"))
        while taken.status_code == 422:
            taken = send(client, "counter_finish", call.pk, take="fingerprints", photo=hidden(page, "photo"))
        page = words(taken)
    sealed = {"photo": hidden(page, "photo"), "fingerprints": hidden(page, "fingerprints")}
    swapped = {"photo": sealed["photo"][:-5] + "AAAAA", "fingerprints": sealed["fingerprints"]}
    assert send(client, "counter_finish", call.pk, **swapped).status_code == 409, "not what the camera gave"
    key = str(uuid7())
    for _again in range(2):
        assert send(client, "counter_finish", call.pk, key=key, **sealed).status_code == 302
    assert Capture.objects.count() == 2


def test_without_a_device_a_file_stands_for_the_photo_and_is_drawn_anew(floor: Floor, settings: Any) -> None:
    client, call = at_biometrics(floor)
    settings.SETARA_DEVICE_URL = "http://127.0.0.1:9"
    down = send(client, "counter_finish", call.pk, take="photo")
    assert down.status_code == 503
    assert "tidak menjawab" in words(down)
    none = send(client, "counter_finish", call.pk, take="file")
    assert none.status_code == 422
    page = words(send(client, "counter_finish", call.pk, take="file", file=portrait()))
    photo = hidden(page, "photo")
    over = send(client, "counter_finish", call.pk, photo=photo, outcome="not_possible", hold_reason="outage")
    assert over.status_code == 400, "an outcome that needs a reason"
    assert hidden(words(over), "photo") == photo
    done = send(
        client,
        "counter_finish",
        call.pk,
        photo=photo,
        outcome="not_possible",
        hold_reason="outage",
        note="Alat mati.",
    )
    assert done.status_code == 302
    kept = Capture.objects.get()
    assert kept.quality is None
    assert b"CAMERA-NOTE" not in open_blob(kept.blob)
    assert Case.objects.get().holds.get().reason == "outage"


def test_interview_and_handover_have_their_own_forms(floor: Floor) -> None:
    stock(floor)
    sessions = {label: floor.sit(label, n) for label, n in (("D1", 1), ("B1", 3))}
    ticket = floor.arrive()
    c.check_documents(floor.by("D1"), floor.serve("D1", sessions["D1"]), "complete")
    c.capture(floor.by("B1"), floor.serve("B1", sessions["B1"]), PHOTO, FINGERS)
    floor.sit("W1", 4)
    client = signed_in(floor, "W1")
    call = serve(client)
    page = words(client.get(reverse("counter")))
    assert "Untuk keperluan apa paspor ini?" in page
    assert send(client, "counter_finish", call.pk, outcome="refused").status_code == 400
    done = send(client, "counter_finish", call.pk, outcome="passed", agrees=["purpose"], note="Jelas.")
    assert done.status_code == 302
    run = StepRun.objects.get(step="interview")
    note = open_blob(run.note).decode()
    assert "[x] Untuk keperluan apa paspor ini?" in note
    assert note.endswith("Jelas.")
    case = Case.objects.select_related("application__office").get()
    c.adjudicate(floor.by("AJ"), case, "approved")
    case.refresh_from_db()
    c.print_book(floor.by("PR"), case)
    case.refresh_from_db()
    c.check_quality(floor.by("PR"), case, "passed")
    q.check_in_pickup(floor.by("FD"), Application.objects.get(pk=ticket.application_id), "name")
    floor.sit("HO", 5)
    client = signed_in(floor, "HO")
    call = serve(client)
    assert "X0000001" in words(client.get(reverse("counter")))
    for lacking in ({"to": "family"}, {"seen": "on"}):
        assert send(client, "counter_finish", call.pk, outcome="handed_over", **lacking).status_code == 400
    done = send(client, "counter_finish", call.pk, outcome="handed_over", to="family", seen="on")
    assert done.status_code == 302
    assert Application.objects.get(pk=ticket.application_id).status == "done"


def test_each_step_shows_only_what_it_needs(floor: Floor) -> None:
    client, _call = at_biometrics(floor)
    page = words(client.get(reverse("counter")))
    assert "Sekar Rekaan" in page
    assert "keperluan apa" not in page
    assert "1990" not in page, "no birth date for whoever takes a photo"
    for label, code in (("FD", 200), ("HO", 200), ("KA", 403)):
        assert signed_in(floor, label).get(reverse("counter")).status_code == code


def test_the_small_service_runs_through_the_same_screen(db: None, still: Any) -> None:
    floor = village_office(still)
    floor.open()
    floor.sit("D1", 1)
    floor.arrive()
    client = signed_in(floor, "D1")
    call = serve(client)
    assert "Cocok" in words(client.get(reverse("counter")))
    assert send(client, "counter_finish", call.pk, outcome="same").status_code == 302
    assert Case.objects.get().step == "signature"


def test_an_outage_stands_on_the_counter_in_every_state_until_it_is_over(floor: Floor) -> None:
    client, english = signed_in(floor, "D1"), {"accept-language": "en"}
    floor.arrive()
    ends = floor.clock.now() + timedelta(hours=1)

    def said() -> list[int]:
        page = client.get(reverse("counter"))
        return [words(page).count("Gangguan:"), words(page).count("Kamera mati.")]

    assert said() == [0, 0]
    announce(floor.by("KA"), floor.office, "Kamera mati.", "The camera is down.", ends, "outage")
    assert said() == [1, 1], "before the counter is opened"
    assert press(client, "buka", counter="1").status_code == 302
    assert said() == [1, 1]
    assert "Kamera mati." in words(client.get(reverse("counter_fragment"))), "without a reload"
    assert "The camera is down." in words(client.get(reverse("counter"), headers=english))
    for action in ("istirahat", "lanjut", "panggil", "mulai"):
        assert press(client, action).status_code == 302
        assert said() == [1, 1], action
    floor.after(60)
    assert said() == [0, 0]
    assert "Kamera" not in words(client.get(reverse("counter_fragment")))


def test_the_counter_asks_at_most_25_times(floor: Floor) -> None:
    client, counts = signed_in(floor, "D1"), {}
    floor.sit("D1", 1)
    for _ in range(12):
        floor.arrive()

    def look(state: str) -> None:
        client.get(reverse("counter"))
        with CaptureQueriesContext(connection) as seen:
            client.get(reverse("counter"))
        counts[state] = len(seen)

    look("idle")
    press(client, "panggil")
    look("called")
    press(client, "mulai")
    look("serving")
    send(client, "counter_finish", Call.objects.get(ended_at__isnull=True).pk, outcome="complete")
    look("after")
    assert max(counts.values()) <= 25, counts
