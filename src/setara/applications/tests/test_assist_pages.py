"""The pages of an officer who helps: the same application, the same rights, and only in the own office."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from setara.applications.service import Application, access_code
from setara.applications.tests.making import ADULT, BOSS, House, house, papers
from setara.ledger.models import Event
from setara.offices.service import Role, Staff, add_staff

WHO = {
    "name": "Mbah Rekaan",
    "nik": "9901015708500001",
    "birth_date": "17-08-1950",
    "sex": "female",
}
START = reverse("assist_apply") + "?ditanya=kabar&alasan=cannot_read&cara=assisted&kabar=slip"


def signed_in(client: Client, staff: Staff) -> Client:
    client.force_login(staff.account)
    return client


def test_helped_from_the_door_to_the_submitted_application(kanim: House, client: Client) -> None:
    signed_in(client, kanim.front)
    assert client.get(reverse("assist")).status_code == 200
    why = client.get(reverse("assist_apply") + "?ditanya=alasan&cara=assisted")
    assert (why.status_code, "Pilih salah satu" in why.content.decode()) == (422, True)
    begun = client.post(START, WHO)
    made = Application.objects.get()
    assert begun["Location"] == reverse("assist_question", args=[made.reference, "type"])
    for code, value in ADULT.items():
        client.post(reverse("assist_question", args=[made.reference, code]), {"answer": value})
    for code in ("identity", "kk", "civil_record"):
        url = reverse("assist_document", args=[made.reference, code])
        assert client.post(url, {"file": SimpleUploadedFile("a.jpg", papers().data)}).status_code == 302
    check = reverse("assist_check", args=[made.reference])
    assert "Bacakan ringkasan ini" in client.get(check).content.decode()
    silent = client.post(check, {})
    assert (silent.status_code, "tandai bahwa ia membenarkannya" in silent.content.decode()) == (422, True)
    sent = client.post(check, {"confirmed_aloud": "on"})
    assert sent["Location"] == reverse("assist_bill", args=[made.reference])
    made.refresh_from_db()
    assert (made.status, made.confirmed_aloud, made.typed_by, made.contact) == (
        "submitted", True, kanim.front, "slip",
    )  # fmt: skip
    started = Event.objects.get(type="applications.started")
    assert (started.reason, started.actor_id, started.payload["typed_by"]) == (
        "cannot_read", str(kanim.front.pk), str(kanim.front.pk),
    )  # fmt: skip
    slip = client.get(reverse("assist_slip", args=[made.reference])).content.decode()
    code = access_code(made)
    assert f"{code[:4]} {code[4:]}" in slip
    assert "Mbah Rekaan" not in slip
    hub = client.get(reverse("assist_application", args=[made.reference])).content.decode()
    assert "Lanjut: bayar" in hub
    # Another officer at another time sees no code, but can give a new one.
    later = signed_in(Client(), kanim.front)
    assert (
        f"{code[:4]} {code[4:]}"
        not in later.get(reverse("assist_slip", args=[made.reference])).content.decode()
    )
    later.post(reverse("assist_code", args=[made.reference]))
    made.refresh_from_db()
    assert made.code_generation == 2


def test_only_officers_of_the_office_with_the_task(kanim: House, client: Client) -> None:
    made, _ = kanim.draft()
    pages = [
        reverse(f"assist_{name}", args=[made.reference])
        for name in ("application", "person", "documents", "check", "bill", "schedule", "slip", "code")
    ] + [reverse("assist_question", args=[made.reference, "type"])]
    elsewhere = house(kanim.clock, "lain")
    printer = add_staff(
        BOSS,
        kanim.office,
        username="cetak",
        label="P-09",
        name="Rekaan",
        roles=[Role.PRINTING],
        simulated=True,
    )
    for url in pages:
        assert client.get(url).status_code == 302
        assert "/masuk/" in client.get(url)["Location"]
        assert signed_in(Client(), elsewhere.front).get(url).status_code == 404
        assert signed_in(Client(), printer).get(url).status_code == 403
        assert signed_in(Client(), kanim.front).get(url).status_code in {200, 302}
    signed_in(client, kanim.front)
    theirs, _ = elsewhere.draft()
    wrong = client.post(reverse("assist"), {"reference": theirs.reference})
    assert (wrong.status_code, "tidak ada di kantor ini" in wrong.content.decode()) == (422, True)
    right = client.post(reverse("assist"), {"reference": made.reference.lower()})
    assert right["Location"] == reverse("assist_application", args=[made.reference])


def test_a_priority_walk_in_goes_to_the_desk_instead_of_the_calendar(kanim: House, client: Client) -> None:
    signed_in(client, kanim.front)
    client.post(START.replace("assisted", "walk_in"), WHO)
    made = Application.objects.get()
    assert made.channel == "walk_in"
    Application.objects.update(status="paid", type="new", answers=ADULT)
    hub = client.get(reverse("assist_application", args=[made.reference])).content.decode()
    assert "Ke meja depan" in hub
    assert "Lanjut: pilih jadwal" not in hub
