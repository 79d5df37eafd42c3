"""Bad input from people at home, and from the officer who types for somebody: the same pages."""

from __future__ import annotations

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image
from tests.bad_input.town import SYSTEM, Browser, Town
from tests.bad_input.walking import Trial, case

from setara.applications.service import Application, access_code
from setara.applications.tests.making import papers
from setara.casework.operations.cancelling import REASONS
from setara.feedback.service import invite

PERSON = {
    "name": "Sekar Rekaan",
    "nik": "9901015708900001",
    "birth_place": "Depok",
    "birth_date": "17 Agustus 1990",
    "sex": "female",
    "phone": "+6280000000001",
}
SHORT_NIK = PERSON | {"nik": "99010157089000"}


def way(town: Town, made: Application, name: str, *args: str, assisted: bool) -> tuple[Browser, str]:
    """Who goes this way, and where the page is."""
    if assisted:
        return town.officer("FD"), reverse(f"assist_{name}", args=[made.reference, *args])
    return town.holder(made), reverse(name, args=args)


def renamed() -> SimpleUploadedFile:
    """A text that calls itself a photo."""
    return SimpleUploadedFile("foto.jpg", b"Ini bukan foto. " * 20, "image/jpeg")


def photo() -> SimpleUploadedFile:
    """A photo."""
    return SimpleUploadedFile("foto.jpg", papers().data, "image/jpeg")


def portrait() -> SimpleUploadedFile:
    """A photo that stands upright."""
    out = io.BytesIO()
    Image.new("RGB", (450, 600), (160, 150, 140)).save(out, "JPEG")
    return SimpleUploadedFile("foto.jpg", out.getvalue(), "image/jpeg")


@case("apply")
def apply(town: Town) -> Trial:
    return Trial(town.visitor(), reverse("apply") + "?kantor=uji&kabar=sms", SHORT_NIK, PERSON, "nik")


@case("apply")
def apply_contact(town: Town) -> Trial:
    return Trial(
        town.visitor(), reverse("apply") + "?kantor=uji", {"ditanya": "kabar"},
        {"ditanya": "kabar", "kabar": "sms"}, "kabar", action=reverse("apply"), method="get", hidden=("ditanya",),
        status=200, records=0,
    )  # fmt: skip


@case("assist_apply")
def assist_apply(town: Town) -> Trial:
    page = reverse("assist_apply") + "?ditanya=alasan&alasan=no_phone&cara=assisted&kabar=sms"
    return Trial(town.officer("FD"), page, PERSON | {"birth_date": "31-02-1990"}, PERSON, "birth_date")


@case("assist_apply")
def assist_apply_why(town: Town) -> Trial:
    page = reverse("assist_apply")
    wrong = {"ditanya": "alasan", "cara": "assisted"}
    return Trial(
        town.officer("FD"), page, wrong, wrong | {"alasan": "no_phone"}, "alasan", method="get",
        hidden=("ditanya",), status=200, records=0,
    )  # fmt: skip


def _resume(town: Town) -> Trial:
    made = town.answered()
    code = access_code(made)
    other = "AAAAAAAA" if code != "AAAAAAAA" else "CCCCCCCC"
    known = {"reference": made.reference}
    return Trial(
        town.visitor(), reverse("resume"), known | {"code": other}, known | {"code": code}, "code",
        secret=("code",), records=0, keyed=False,
    )  # fmt: skip


case("resume")(_resume)


@case("resume")
def resume_reference(town: Town) -> Trial:
    made = town.answered()
    wrong = {"reference": "K7HF", "code": access_code(made)}
    right = wrong | {"reference": made.reference}
    return Trial(
        town.visitor(), reverse("resume"), wrong, right, "reference", secret=("code",), records=0, keyed=False
    )


@case("assist")
def assist(town: Town) -> Trial:
    wrong, right = {"reference": "K7HF-3MTA"}, {"reference": town.answered().reference}
    return Trial(town.officer("FD"), reverse("assist"), wrong, right, "reference", records=0, keyed=False)


def _person(town: Town, assisted: bool) -> Trial:
    browser, page = way(town, town.answered(), "person", assisted=assisted)
    typed = PERSON | {"name": "Sekar Baru", "birth_date": "17-8-1990"}
    return Trial(browser, page, typed | {"birth_date": "17-8-2990"}, typed, "birth_date")


def _question(town: Town, assisted: bool) -> Trial:
    made, _by = town.house.draft()
    browser, page = way(town, made, "question", "type", assisted=assisted)
    return Trial(browser, page, {"answer": None}, {"answer": "new"}, "answer")


def _document(town: Town, assisted: bool) -> Trial:
    browser, page = way(town, town.answered(), "document", "kk", assisted=assisted)
    return Trial(browser, page, {"file": renamed()}, {"file": photo()}, "file")


def _code(town: Town, assisted: bool) -> Trial:
    browser, page = way(town, town.answered(), "code", assisted=assisted)
    return Trial(browser, page, None, {})


def _check(town: Town, assisted: bool) -> Trial:
    made = town.answered()
    browser, page = way(town, made, "check", assisted=assisted)
    if assisted:
        town.attach_all(made)
        return Trial(browser, page, {}, {"confirmed_aloud": "on"}, "confirmed_aloud")
    return Trial(browser, page, {}, {}, meanwhile=lambda: town.attach_all(made))


def _bill(town: Town, assisted: bool) -> Trial:
    made, _by = town.house.submitted()
    browser, page = way(town, made, "bill", assisted=assisted)
    return Trial(browser, page, {}, {}, meanwhile=town.treasury_answers)


def _schedule(town: Town, assisted: bool) -> Trial:
    made, _by = town.house.paid()
    windows = town.windows()
    browser, page = way(town, made, "schedule", assisted=assisted)
    page += f"?hari={town.day(1)}"
    return Trial(browser, page, {"window": None}, {"window": str(windows[0].pk)}, "window")


def _cancel(town: Town, assisted: bool) -> Trial:
    browser, page = way(town, town.house.paid()[0], "cancel", assisted=assisted)
    right = {"reason": next(iter(REASONS))}
    return Trial(browser, page, {"reason": "karena"}, right, "reason", lost=("reason",))


for _page in (_person, _question, _document, _code, _check, _bill, _schedule, _cancel):
    _name = _page.__name__[1:]
    case(_name)(lambda town, page=_page: page(town, False))
    case(f"assist_{_name}")(lambda town, page=_page: page(town, True))


@case("survey")
def survey(town: Town) -> Trial:
    made, _by = town.house.paid()
    Application.objects.filter(pk=made.pk).update(status=Application.Status.DONE)
    made.refresh_from_db()
    invited = invite(SYSTEM, made)
    return Trial(
        town.visitor(), reverse("survey", args=[invited.token]), {}, {"U1": "4", "U3": "2"}, "U1", status=200
    )


@case("look_up")
def look_up(town: Town) -> Trial:
    ticket = town.arrive()
    page = reverse("look_up", args=[ticket.office_id])
    wrong, right = {"nomor": "tujuh belas"}, {"nomor": ticket.label}
    return Trial(town.visitor(), page, wrong, right, "nomor", method="get", status=200, records=0)
