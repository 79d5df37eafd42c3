"""Files that are no documents: each is refused beside its field, in words that fit it; the draft keeps all it had."""

from __future__ import annotations

import io
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image
from tests.bad_input.languages import check_pair
from tests.bad_input.reading import read
from tests.bad_input.town import LANGUAGES, Town, events

from setara.applications.models import Document
from setara.applications.tests.making import papers
from setara.people.service import open_blob


def _chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


def bomb() -> bytes:
    """A PNG of a few kilobytes that would be drawn as 20,000 x 20,000 pixels."""
    size = 20_000
    head = size.to_bytes(4, "big") * 2 + bytes([8, 0, 0, 0, 0])
    rows = zlib.compressobj(9)
    body = b"".join(rows.compress(bytes(size + 1)) for _row in range(64)) + rows.flush()
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def script_pdf() -> bytes:
    """A PDF with one page and a script that runs when it is opened."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 400]>>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj" % number + one + b"endobj\n"
    start = len(out)
    out += b"xref\n0 4\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % at for at in places)
    return out + b"trailer<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % start


def noise() -> bytes:
    """More than ten megabytes that begin like a JPEG."""
    return papers().data + bytes(10 * 1024 * 1024)


def gif() -> bytes:
    """A picture of a kind that is not asked for."""
    out = io.BytesIO()
    Image.new("P", (300, 300)).save(out, "GIF")
    return out.getvalue()


WRONG = {
    "a text that calls itself a photo": ("foto.jpg", b"Ini bukan foto. " * 40),
    "too large": ("foto.jpg", noise()),
    "cut off": ("foto.jpg", papers().data[: len(papers().data) // 2]),
    "empty": ("foto.jpg", b""),
    "a bomb": ("foto.png", bomb()),
    "a broken PDF": ("surat.pdf", b"%PDF-1.4\nbukan pdf"),
    "a web page": ("surat.pdf", b"<html><script>alert(1)</script></html>"),
    "a GIF": ("foto.gif", gif()),
}  # fmt: skip


@pytest.mark.parametrize("what", list(WRONG))
def test_a_file_that_is_no_document(town: Town, what: str) -> None:
    name, data = WRONG[what]
    made = town.answered()
    browser, page = town.holder(made), reverse("document", args=["kk"])
    before, messages = events(), []
    for language in LANGUAGES:
        answer = browser.post(page, {"file": SimpleUploadedFile(name, data)}, headers=language)
        assert answer.status_code in {400, 422}, answer.status_code
        shown = read(answer)
        control = shown.form(page).controls["file"]
        assert control.invalid
        assert shown.refusal
        messages.append(shown.message(control))
    check_pair(*messages)
    assert (events(), Document.objects.count()) == (before, 0)
    good = SimpleUploadedFile("foto.jpg", papers().data, "image/jpeg")
    assert browser.post(page, {"file": good, "idempotency_key": "a"}).status_code == 302
    assert (events(), Document.objects.count()) == (before + 1, 1)


def test_a_pdf_with_a_script_is_drawn_anew_without_it(town: Town) -> None:
    made = town.answered()
    browser, page = town.holder(made), reverse("document", args=["kk"])
    upload = SimpleUploadedFile("surat.pdf", script_pdf(), "application/pdf")
    answer = browser.post(page, {"file": upload, "idempotency_key": "a"})
    assert answer.status_code in {302, 422}
    for document in Document.objects.select_related("blob"):
        kept = open_blob(document.blob)
        assert b"JavaScript" not in kept
        assert b"app.alert" not in kept
        assert b"OpenAction" not in kept
    assert b"JavaScript" in script_pdf(), "the control: the file that was sent has one"


def test_a_name_of_a_file_leads_nowhere(town: Town) -> None:
    made = town.answered()
    browser, page = town.holder(made), reverse("document", args=["kk"])
    for name in ("../../etc/passwd.jpg", "a\0b.jpg", "x" * 300 + ".jpg", "\u202egpj.exe.jpg"):
        out = io.BytesIO()
        Image.new("RGB", (320, 240), (9, 9, 9)).save(out, "JPEG")
        body = (
            b'--grens\r\nContent-Disposition: form-data; name="file"; filename="' + name.encode()
            + b'"\r\nContent-Type: image/jpeg\r\n\r\n' + out.getvalue() + b"\r\n--grens--\r\n"
        )  # fmt: skip
        answer = browser.post(page, body, content_type="multipart/form-data; boundary=grens")
        assert answer.status_code in {302, 400, 422}
    assert Document.objects.filter(application=made).count() >= 1
