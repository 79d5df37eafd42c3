"""The pages of calls out of turn: asking, the second person's list, and calling what was approved."""

from __future__ import annotations

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from setara.kernel.clock import ManualClock
from setara.ledger.models import Event
from setara.offices.service import open_day
from setara.queueing.models import Call, OverrideRequest
from setara.queueing.tests.browsing import send, signed_in, words
from setara.queueing.tests.flooring import Floor, passport_office

State = OverrideRequest.State


def letter() -> SimpleUploadedFile:
    """A photographed letter."""
    data = io.BytesIO()
    Image.new("RGB", (400, 500), "white").save(data, "JPEG")
    return SimpleUploadedFile("surat.jpg", data.getvalue(), "image/jpeg")


@pytest.fixture
def duty(db: None, still: ManualClock) -> Floor:
    """Two supervisors on duty; two people wait, and D1's counter is open."""
    floor = passport_office(still)
    floor.officer("K2", ["supervisor"])
    open_day(
        floor.by("KA"), floor.office, floor.today, [(floor.staff["KA"], None), (floor.staff["K2"], None)]
    )
    floor.session, floor.first, floor.wanted = floor.sit("D1", 1), floor.arrive(), floor.arrive()
    return floor


def asking(floor: Floor, **more: object) -> dict[str, object]:
    """The form as it is filled in."""
    return {
        "ticket": str(floor.wanted.pk), "counter": str(floor.session.pk), "reason": "bereavement",
        "note": "Ayahnya meninggal pagi ini.",
    } | more  # fmt: skip


def test_asked_with_a_letter_decided_by_another_and_called(duty: Floor) -> None:
    boss, second = signed_in(duty, "KA"), signed_in(duty, "K2")
    for missing in ({"reason": "friend"}, {"note": ""}):
        refused = send(boss, "out_of_turn", **asking(duty, **missing))
        assert refused.status_code == 400
        assert f'value="{duty.wanted.pk}" selected' in words(refused), "what was chosen is kept"
    refused = send(boss, "out_of_turn", **asking(duty, paper=SimpleUploadedFile("a.jpg", b"no picture")))
    assert (refused.status_code, "JPG" in words(refused)) == (400, True)
    assert not OverrideRequest.objects.exists()
    assert send(boss, "out_of_turn", **asking(duty, paper=letter())).status_code == 302
    request = OverrideRequest.objects.get()
    assert (request.state, request.proof) == (State.WAITING, "proven")
    # The one who asked sees that it waits, and cannot decide.
    assert "Menunggu persetujuan" in words(boss.get(reverse("out_of_turn")))
    own = words(boss.get(reverse("approvals")))
    assert "Permintaan Anda sendiri" in own
    assert "Simpan keputusan" not in own
    refused = send(boss, "override_decide", request.pk, decision="yes")
    assert (refused.status_code, "tidak dapat disetujui atau ditolak sendiri" in words(refused)) == (
        422,
        True,
    )
    # The second person reads words and letter; the opening is recorded.
    page = words(second.get(reverse("approvals")))
    assert "Ayahnya meninggal" in page
    assert "Saya melihat sendiri" not in page, "a death is not seen, it is proven by a letter"
    paper = second.get(reverse("override_paper", args=[request.pk]))
    assert (paper.status_code, paper["Content-Type"]) == (200, "image/jpeg")
    assert Event.objects.order_by("-seq").first().type == "queueing.override_paper_opened"
    assert send(second, "override_decide", request.pk).status_code == 400
    assert send(second, "override_decide", request.pk, decision="yes").status_code == 302
    assert "Tidak ada yang menunggu" in words(second.get(reverse("approvals")))
    assert "Panggil sekarang" in words(boss.get(reverse("out_of_turn")))
    assert send(boss, "override_use", request.pk).status_code == 400
    assert send(boss, "override_use", request.pk, counter=str(duty.session.pk)).status_code == 302
    call = Call.objects.get()
    assert (call.ticket, call.proof, call.approval, call.depth) == (duty.wanted, "proven", "approved", 1)
    floor = words(boss.get(reverse("floor")))
    assert "Keluarga meninggal dunia" in floor
    assert "Ayahnya" not in floor, "the words stay sealed"


def test_who_opens_which_page(duty: Floor) -> None:
    send(signed_in(duty, "D1"), "out_of_turn", **asking(duty))
    pages = {"out_of_turn": {"KA", "K2", "D1", "FD"}, "approvals": {"KA", "K2"}}
    duty.officer("AU", ["auditor"])
    for name, may in pages.items():
        for label in ("KA", "K2", "D1", "FD", "AU"):
            status = signed_in(duty, label).get(reverse(name)).status_code
            assert status == (200 if label in may else 403), (name, label)
    # An officer's list has only their own requests, and only their own counter.
    duty.sit("D2", 2)
    assert "Permintaan hari ini" not in words(signed_in(duty, "D2").get(reverse("out_of_turn")))
    mine = words(signed_in(duty, "D1").get(reverse("out_of_turn")))
    assert "Permintaan hari ini" in mine
    assert re.search(r"\bD1\b", mine)
    assert not re.search(r"\bD2\b", mine)  # as a word: a form's token may hold these signs by chance


def test_alone_on_duty_the_urgent_is_called_at_once_and_stands_as_not_yet_approved(duty: Floor) -> None:
    boss, second = signed_in(duty, "KA"), signed_in(duty, "K2")
    waits = send(boss, "out_of_turn", **asking(duty, reason="medical_emergency"))
    assert (waits.status_code, Call.objects.exists()) == (302, False), "K2 is on duty and can be asked"
    OverrideRequest.objects.update(state=State.EXPIRED)
    duty.day().roster.filter(staff=duty.staff["K2"]).update(staff=duty.staff["D2"])
    assert "Tidak ada orang kedua yang bertugas" in words(boss.get(reverse("out_of_turn")))
    data = asking(duty, reason="medical_emergency", paper=letter())
    assert send(boss, "out_of_turn", **data)["Location"] == reverse("floor")
    call = Call.objects.get()
    assert (call.approval, call.proof) == ("pending", "proven")
    assert "Belum disetujui" in words(boss.get(reverse("out_of_turn")))
    page = words(second.get(reverse("approvals")))
    assert "Sudah dipanggil ke Loket 1" in page
    request = OverrideRequest.objects.get(call=call)
    assert send(second, "override_decide", request.pk, decision="no").status_code == 302
    call.refresh_from_db()
    assert (call.approval, call.proof) == ("refused", "unproven")


def test_another_offices_request_is_not_there(duty: Floor, still: ManualClock) -> None:
    send(signed_in(duty, "D1"), "out_of_turn", **asking(duty))
    request, other = OverrideRequest.objects.get(), passport_office(still, "lain")
    boss = signed_in(other, "KA")
    for name, data in (("override_decide", {"decision": "yes"}), ("override_use", {"counter": "x"})):
        assert send(boss, name, request.pk, **data).status_code == 404
    assert boss.get(reverse("override_paper", args=[request.pk])).status_code == 404
    assert signed_in(duty, "KA").get(reverse("override_paper", args=[request.pk])).status_code == 404
