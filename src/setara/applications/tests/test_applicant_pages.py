"""The pages of somebody who applies alone: every page in its good and its refused state, without JavaScript."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from setara.applications.forms import read_date
from setara.applications.service import Application, access_code, answer, answers_of
from setara.applications.tests.making import ADULT, House, papers
from setara.ledger.models import Event
from setara.people.models import Person

WHO = {
    "name": "Sekar Rekaan",
    "nik": "9901 0157 0890 0001",
    "birth_place": "Depok",
    "birth_date": "17 Agustus 1990",
    "sex": "female",
    "phone": "0800 0000 0001",
}
START = reverse("apply") + "?kantor=uji&kabar=sms"


def begin(client: Client) -> Application:
    client.post(START, WHO)
    return Application.objects.get()


def upload(data: bytes = b"", name: str = "ktp.jpg") -> dict[str, Any]:
    return {"file": SimpleUploadedFile(name, data or papers().data)}


def test_from_the_first_question_to_a_submitted_application(kanim: House, client: Client) -> None:
    page = client.get(reverse("apply"))
    assert "Bagaimana kantor memberi kabar" in page.content.decode()
    assert client.get(reverse("apply") + "?ditanya=kabar").status_code == 422
    wrong = client.post(START, WHO | {"nik": "123", "birth_date": "31-02-1990"})
    text = wrong.content.decode()
    assert wrong.status_code == 422
    assert "Tanggal ini tidak dapat dibaca" in text
    assert 'value="Sekar Rekaan"' in text
    assert not Person.objects.exists()
    wrong = client.post(START, WHO | {"nik": "123"})
    assert "16 angka" in wrong.content.decode()
    assert not Person.objects.exists()
    answer_page = client.post(START, WHO)
    assert answer_page["Location"] == reverse("code")
    made = Application.objects.get()
    for code, value in ADULT.items():
        url = reverse("question", args=[code])
        assert client.get(url).status_code == 200
        nothing = client.post(url, {})
        assert (nothing.status_code, "error-summary" in nothing.content.decode()) == (422, True)
        done = client.post(url, {"answer": value})
        assert done.status_code == 302
    assert done["Location"] == reverse("documents")
    assert "Masih kurang 3 dokumen" in client.get(reverse("documents")).content.decode()
    early = client.post(reverse("check"), {})
    assert early.status_code == 422
    assert "belum diunggah" in early.content.decode()
    for code in ("identity", "kk", "civil_record"):
        url = reverse("document", args=[code])
        bad = client.post(url, upload(b"not a picture", "ktp.pdf"))
        assert (bad.status_code, "isinya bukan PDF" in bad.content.decode()) == (422, True)
        assert client.post(url, upload()).status_code == 302
    assert client.get(reverse("picture", args=["kk"]))["Content-Type"] == "image/jpeg"
    assert client.get(reverse("document", args=["police_report"])).status_code == 404
    check = client.get(reverse("check")).content.decode()
    for shown in ("9901015708900001", "Wisata", "Rp950.000", "Diterima, 1 halaman", "2 jam"):
        assert shown in check
    sent = client.post(reverse("check"), {"idempotency_key": "a"})
    assert sent["Location"] == reverse("bill")
    assert client.post(reverse("check"), {"idempotency_key": "a"})["Location"] == reverse("bill")
    made.refresh_from_db()
    assert made.status == "submitted"
    assert Event.objects.filter(type="applications.submitted").count() == 1
    # Nothing can be changed any more: the pages of the draft lead on.
    for url in (reverse("question", args=["book"]), reverse("documents"), reverse("check")):
        assert client.get(url)["Location"] == reverse("bill")
    assert client.post(reverse("person"), WHO).status_code == 422


def test_stop_answers_and_odd_numbers(kanim: House, client: Client) -> None:
    client.post(START, WHO | {"nik": "9999999999990000"})
    code = client.get(reverse("code")).content.decode()
    assert "permohonan tidak ditolak karenanya" in code
    url = reverse("question", args=["type"])
    stop = client.post(url, {"answer": "other"})
    text = stop.content.decode()
    assert stop.status_code == 422
    assert "meja informasi" in text
    assert re.search(r'value="other"[^>]*checked', text)
    assert client.post(url, {"answer": "new"}).status_code == 302
    assert client.get(reverse("question", args=["nothing"])).status_code == 302


def test_the_code_is_shown_until_it_is_noted_and_never_again(kanim: House, client: Client) -> None:
    made = begin(client)
    code = access_code(made)
    shown = f"{code[:4]} {code[4:]}"
    assert shown in client.get(reverse("code")).content.decode()
    assert shown in client.get(reverse("slip")).content.decode()
    assert client.post(reverse("code"), {"noted": "1"})["Location"] == reverse("question", args=["type"])
    assert shown not in client.get(reverse("code")).content.decode()
    assert shown not in client.get(reverse("slip")).content.decode()
    client.post(reverse("code"), {"idempotency_key": "k"})
    made.refresh_from_db()
    fresh = access_code(made)
    assert fresh != code
    assert f"{fresh[:4]} {fresh[4:]}" in client.get(reverse("code")).content.decode()


def test_leave_and_resume(kanim: House, client: Client) -> None:
    made = begin(client)
    assert client.get(reverse("leave")).status_code == 200
    client.post(reverse("leave"))
    away = client.get(reverse("documents"))
    assert away["Location"].startswith(reverse("resume"))
    for reference, code in (("ABC", "x"), (made.reference, "AAAA AAAA"), ("K7HF-3MTX", access_code(made))):
        wrong = client.post(reverse("resume"), {"reference": reference, "code": code})
        assert wrong.status_code == 422
        assert reference in wrong.content.decode()
    typed = {"reference": made.reference.lower(), "code": access_code(made).lower()}
    assert client.post(reverse("resume"), typed)["Location"] == reverse("question", args=["type"])
    client.post(reverse("leave"))
    onward = client.post(reverse("resume"), typed | {"next": reverse("documents")})
    assert onward["Location"] == reverse("documents")
    client.post(reverse("leave"))
    elsewhere = client.post(reverse("resume"), typed | {"next": "https://example.org/"})
    assert elsewhere["Location"] == reverse("question", args=["type"])


def test_guessing_comes_to_an_end_with_the_wait_in_words(kanim: House, client: Client) -> None:
    made, _ = kanim.draft()
    for _n in range(5):
        last = client.post(reverse("resume"), {"reference": made.reference, "code": "AAAA AAAA"})
        assert last.status_code == 422
    blocked = client.post(reverse("resume"), {"reference": made.reference, "code": access_code(made)})
    assert blocked.status_code == 422
    assert "Coba lagi setelah" in blocked.content.decode()
    other, _ = kanim.draft()
    assert (
        client.post(reverse("resume"), {"reference": other.reference, "code": access_code(other)}).status_code
        == 302
    )


def test_a_session_opens_one_application_only(kanim: House, client: Client) -> None:
    other, by = kanim.draft()
    answer(by, other, ADULT)
    made = begin_again(client)
    for name in ("documents", "check", "slip"):
        text = client.get(reverse(name), follow=True).content.decode()
        assert other.reference not in text
    client.post(reverse("question", args=["type"]), {"answer": "new"})
    assert answers_of(Application.objects.get(pk=made.pk)) == {"type": "new"}


def begin_again(client: Client) -> Application:
    before = set(Application.objects.values_list("pk", flat=True))
    client.post(START, WHO)
    return Application.objects.exclude(pk__in=before).get()


def test_a_file_that_is_too_large_is_refused_in_words(kanim: House, client: Client) -> None:
    made = begin(client)
    from setara.ledger.service import Actor, By

    answer(By(Actor("applicant", str(made.pk))), made, ADULT)
    url = reverse("document", args=["kk"])
    for size in (11, 13):
        big = client.post(url, upload(b"\xff\xd8\xff" + b"0" * (size * 1024 * 1024)))
        assert big.status_code == 422
        assert "terlalu besar" in big.content.decode()
    empty = client.post(url, {})
    assert "Pilih berkasnya dahulu" in empty.content.decode()
    assert client.post(url, upload()).status_code == 302


def test_pages_are_small_and_read_little(
    kanim: House, client: Client, django_assert_max_num_queries: Any
) -> None:
    made = begin(client)
    from setara.ledger.service import Actor, By

    answer(By(Actor("applicant", str(made.pk))), made, ADULT)
    for code in ("identity", "kk", "civil_record"):
        client.post(reverse("document", args=[code]), upload())
    names = [
        reverse("apply"), START, reverse("resume"), reverse("code"), reverse("person"),
        reverse("question", args=["book"]), reverse("documents"), reverse("document", args=["kk"]),
        reverse("check"), reverse("slip"), reverse("leave"),
    ]  # fmt: skip
    for url in names:
        client.get(url)
        with django_assert_max_num_queries(10):
            page = client.get(url)
        assert page.status_code == 200, url
        assert len(page.content) < 40_000
        text = page.content.decode()
        assert "<script>" not in text
        assert " style=" not in text
        assert text.count("<h1") == 1, url


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("17-8-1990", "1990-08-17"),
        ("17/08/1990", "1990-08-17"),
        ("17 Agustus 1990", "1990-08-17"),
        ("17 agt 1990", "1990-08-17"),
        ("17 august 1990", "1990-08-17"),
        ("1990-08-17", "1990-08-17"),
        ("29-02-1991", None),
        ("17 Foo 1990", None),
        ("kemarin", None),
        ("17-08-90", None),
    ],
)
def test_dates_as_people_write_them(text: str, found: str | None) -> None:
    read = read_date(text)
    assert (read.isoformat() if read else None) == found
