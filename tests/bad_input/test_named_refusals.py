"""Each case that the office must have an answer to, with its own, in both languages; and then what is right."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from tests.bad_input.cases_applicant import PERSON
from tests.bad_input.languages import check_pair, indonesian_in
from tests.bad_input.reading import Read, read
from tests.bad_input.town import LANGUAGES, SYSTEM, Browser, Town, events

from setara.applications.service import Application, access_code
from setara.booking.models import Seat
from setara.booking.service import book
from setara.feedback.service import invite
from setara.ledger.service import By
from setara.offices import links
from setara.offices.models import Staff
from setara.offices.operations import create_office, set_password
from setara.people.models import Guess
from setara.people.service import open_person
from setara.queueing import service as queueing
from setara.queueing.models import Ticket
from setara.queueing.tests.flooring import BOSS, Floor


def said(browser: Browser, path: str, fields: dict[str, Any], status: int, words: str) -> None:
    """Sending ``fields`` is refused at the top of the page: ``words`` in Indonesian, the same in English."""
    before = events()
    pages: list[Read] = []
    for language in LANGUAGES:
        answer = browser.post(path, fields, headers=language)
        assert answer.status_code == status, (answer.status_code, answer.content[:300])
        pages.append(read(answer))
    check_pair(*(page.refusal for page in pages))
    assert words in pages[0].refusal
    assert not indonesian_in(pages[1].text)
    assert events() == before, "what was refused was recorded"


def opened(browser: Browser, path: str, status: int, words: str) -> None:
    """Opening ``path`` answers ``status`` with ``words``, and something else in English."""
    texts = []
    for language in LANGUAGES:
        answer = browser.get(path, headers=language)
        assert answer.status_code == status
        texts.append(read(answer).text)
    assert words in texts[0]
    assert words not in texts[1]
    assert not indonesian_in(texts[1])


def test_an_expired_billing_code_costs_nothing_but_a_new_one(town: Town) -> None:
    town.treasury_answers()
    made, _by = town.house.submitted()
    browser, page = town.holder(made), reverse("bill")
    assert browser.post(page, {"idempotency_key": "a"}).status_code == 302
    assert "Bayar dengan kode ini" in read(browser.get(page)).text
    town.floor.after(121)
    opened(browser, page, 200, "Kode pembayaran sudah lewat waktunya")
    before = events()
    for _again in range(2):
        assert browser.post(page, {"idempotency_key": "b"}).status_code == 302
    # The old code is recorded as expired, the new one as given; the second press does neither again.
    assert 1 <= events() - before <= 2
    assert "Bayar dengan kode ini" in read(browser.get(page)).text


def test_an_access_code_that_was_replaced_opens_nothing(town: Town) -> None:
    made = town.answered()
    old = access_code(made)
    assert town.holder(made).post(reverse("code"), {"idempotency_key": "a"}).status_code == 302
    browser, fields = town.visitor(), {"reference": made.reference}
    said(browser, reverse("resume"), fields | {"code": old}, 422, "kode")
    new = access_code(Application.objects.get(pk=made.pk))
    assert browser.post(reverse("resume"), fields | {"code": new}).status_code == 302


def test_guessing_codes_is_made_to_wait_and_says_so(town: Town) -> None:
    made = town.answered()
    browser, page = town.visitor(), reverse("resume")
    wrong = {"reference": made.reference, "code": "AAAAAAAA"}
    tries = [browser.post(page, wrong) for _n in range(12)]
    assert "Coba lagi" in read(tries[-1]).refusal or "menunggu" in read(tries[-1]).refusal
    right = wrong | {"code": access_code(made)}
    assert browser.post(page, right).status_code in {422, 429}, "while one waits, the right code waits too"
    Guess.objects.update(blocked_until=None)  # the wait is over (it is the machine's clock that counts it)
    assert browser.post(page, right).status_code == 302


def test_an_invitation_that_is_used_or_too_old(town: Town) -> None:
    made, _by = town.house.paid()
    Application.objects.filter(pk=made.pk).update(status=Application.Status.DONE)
    made.refresh_from_db()
    page = reverse("survey", args=[invite(SYSTEM, made).token])
    assert town.visitor().post(page, {"U1": "4", "idempotency_key": "a"}).status_code == 200
    said(town.visitor(), page, {"U1": "1", "idempotency_key": "b"}, 422, "sudah dijawab")
    other, _by = town.house.paid()
    Application.objects.filter(pk=other.pk).update(status=Application.Status.DONE)
    other.refresh_from_db()
    page = reverse("survey", args=[invite(SYSTEM, other).token])
    town.floor.after(31 * 24 * 60)
    said(town.visitor(), page, {"U1": "1", "idempotency_key": "c"}, 422, "lewat waktunya")


def test_a_one_time_link_that_was_used(town: Town) -> None:
    staff = Staff.objects.select_related("account").get(pk=town.floor.staff["D1"].pk)
    page = links.link_for(staff)
    assert town.visitor().get(page).status_code == 200
    set_password(BOSS, staff, "kuda jendela garam biru")
    fields = {"password": "meja awan sepeda ungu", "again": "meja awan sepeda ungu"}
    said(town.visitor(), page, fields, 422, "tidak berlaku lagi")


def test_a_window_that_filled_up_meanwhile(town: Town) -> None:
    (made, _by), (rival, rival_by) = town.house.paid(), town.house.paid()
    first, second = town.windows()[:2]
    page = reverse("schedule") + f"?hari={town.day(1)}"
    browser = town.holder(made)
    assert read(browser.get(page)).form(page).controls["window"]
    seats = Seat.objects.filter(window=first, application__isnull=True)
    book(rival_by, rival, first)
    while seats.exists():
        another, another_by = town.house.paid()
        book(another_by, another, first)
    before, messages = events(), []
    for language in LANGUAGES:
        answer = browser.post(page, {"window": str(first.pk), "idempotency_key": "a"}, headers=language)
        assert answer.status_code == 422
        shown = read(answer)
        control = shown.form(page).controls["window"]
        messages.append(shown.message(control))
        assert control.holds == str(first.pk), "what was chosen is still to be seen"
    check_pair(*messages)
    assert "habis" in messages[0]
    assert events() == before
    for _again in range(2):
        done = browser.post(page, {"window": str(second.pk), "idempotency_key": "b"})
        assert done.status_code == 302
    assert events() == before + 1
    assert Seat.objects.get(application=made).window_id == second.pk


def elsewhere(town: Town) -> Floor:
    """Another office, open today."""
    other = Floor(create_office(BOSS, "jauh", "Loka Jauh"), town.floor.clock)
    other.officer("KA", ["supervisor", "head"])
    other.officer("FD", ["front_desk"])
    other.open()
    return other


def test_somebody_of_another_office(town: Town) -> None:
    other = elsewhere(town)
    town.opened()
    seat = other.appointment()
    desk, found = town.officer("FD"), reverse("desk")
    said(desk, found, {"wanted": f"https://contoh/tiket/{seat.token}/"}, 422, "Loka Jauh")
    ticket = queueing.check_in(other.by("FD"), other.appointment(), "qr")
    said(desk, found, {"wanted": ticket.token}, 422, "Ini urusan kantor lain")
    said(
        desk,
        reverse("desk_checkin", args=[seat.application.reference]),
        {"idempotency_key": "a"},
        404,
        "kantor",
    )
    mine = town.floor.appointment()
    assert desk.post(found, {"wanted": mine.token}).status_code == 302
    assert not Ticket.objects.filter(application=seat.application).exists()


@pytest.mark.parametrize(("days", "words"), [(1, "untuk hari lain"), (-3, "sudah lewat")])
def test_somebody_of_another_day(town: Town, days: int, words: str) -> None:
    floor = town.opened()
    seat = floor.appointment(days=days)
    desk, page = town.officer("FD"), reverse("desk_checkin", args=[seat.application.reference])
    said(desk, page, {"idempotency_key": "a"}, 422, words)
    today = floor.appointment()
    page = reverse("desk_checkin", args=[today.application.reference])
    assert desk.post(page, {"idempotency_key": "a"}).status_code == 302


def test_a_number_of_yesterday_is_not_one_of_today(town: Town) -> None:
    ticket = town.arrive()
    page = reverse("look_up", args=[ticket.office_id]) + f"?nomor={ticket.label}"
    assert town.visitor().get(page).status_code == 200
    queueing.close_day(town.floor.by("KA"), town.floor.office, town.floor.today)
    town.floor.clock.advance(timedelta(days=1))
    opened(town.visitor(), page, 404, "tidak ada hari ini")
    town.opened()
    session = town.floor.sit("D1", 1)
    fields = {
        "ticket": str(ticket.pk), "counter": str(session.pk), "reason": "bereavement", "note": "x",
        "idempotency_key": "a",
    }  # fmt: skip
    before = events()
    assert town.officer("KA").post(reverse("out_of_turn"), fields).status_code == 400
    assert events() == before


def test_a_second_check_in_names_the_number_that_is_there(town: Town) -> None:
    seat = town.opened().appointment()
    desk, page = town.officer("FD"), reverse("desk_checkin", args=[seat.application.reference])
    before = events()
    answers = [desk.post(page, {"idempotency_key": "a"}) for _again in range(2)]
    assert [one.status_code for one in answers] == [302, 302], "the same press twice is one arrival"
    assert events() == before + 1
    label = Ticket.objects.get(application=seat.application).label
    said(desk, page, {"idempotency_key": "b"}, 409, f"sudah memiliki nomor antrean {label}")


@pytest.mark.parametrize(
    ("nik", "words"),
    [
        ("990101570890000", "15 angka"),
        ("99010157089000011", "17 angka"),
        ("99010157O8900001", "hanya berisi angka"),
        ("9901015708９００001", "hanya berisi angka"),
        ("Sekar Rekaan 123", "hanya berisi angka"),
        ("", "perlu diisi"),
    ],
)
def test_a_nik_that_is_none(town: Town, nik: str, words: str) -> None:
    page = reverse("apply") + "?kantor=uji&kabar=sms"
    messages = []
    for language in LANGUAGES:
        answer = town.visitor().post(page, PERSON | {"nik": nik}, headers=language)
        assert answer.status_code == 422
        shown = read(answer)
        control = shown.form(page).controls["nik"]
        assert control.invalid
        assert control.holds == nik
        assert shown.form(page).controls["name"].holds == PERSON["name"]
        messages.append(shown.message(control))
    check_pair(*messages)
    assert words in messages[0]
    assert not Application.objects.exists()


@pytest.mark.parametrize("nik", ["9901019913900001", "9901015708900000", "0001015708900001"])
def test_a_nik_with_an_unusual_part_is_asked_about_and_accepted(town: Town, nik: str) -> None:
    """Sixteen digits, but a day, a serial or a region that is none: the register has such; nobody is turned away."""
    page = reverse("apply") + "?kantor=uji&kabar=sms"
    for language, words in zip(LANGUAGES, ("tidak ditolak", "not refused"), strict=True):
        browser = town.visitor()
        assert browser.post(page, PERSON | {"nik": nik}, headers=language).status_code == 302
        assert words in read(browser.get(reverse("code"), headers=language)).text
    assert {open_person(one.person).nik for one in Application.objects.all()} == {nik}


@pytest.mark.parametrize(
    "born", ["31-02-1990", "29-02-2023", "0-0-0000", "17-8-2990", "kemarin", "1990", "17-13-1990"]
)
def test_a_date_that_is_none(town: Town, born: str) -> None:
    page = reverse("apply") + "?kantor=uji&kabar=sms"
    messages = []
    for language in LANGUAGES:
        answer = town.visitor().post(page, PERSON | {"birth_date": born}, headers=language)
        shown = read(answer)
        control = shown.form(page).controls["birth_date"]
        messages.append(shown.message(control))
        assert (answer.status_code, control.holds, control.invalid) == (422, born, True)
    check_pair(*messages)
    for good in ("29-02-1992", "17 agustus 1990", "1990-08-17"):
        assert town.visitor().post(page, PERSON | {"birth_date": good}).status_code == 302


def test_the_language_that_was_chosen_is_the_language_of_the_refusal(town: Town) -> None:
    browser = town.visitor()
    browser.post(reverse("set_language"), {"language": "en", "next": "/"})
    answer = browser.post(reverse("resume"), {"reference": "", "code": ""}, headers={"accept-language": "id"})
    assert read(answer).lang == "en"
    assert not indonesian_in(read(answer).text)


def test_a_key_of_one_officer_says_nothing_to_another(town: Town) -> None:
    """A key is the sender's own: somebody else's form with the same key is another form."""
    town.arrive(), town.arrive()
    for label, number in (("D1", 1), ("D2", 2)):
        session = town.sit(label, number)
        for _again in range(2):
            fields = {"session": str(session.pk), "idempotency_key": "the same"}
            answer = town.officer(label).post(reverse("counter_act", args=["panggil"]), fields)
            assert answer.status_code == 302
    assert Ticket.objects.filter(status=Ticket.Status.CALLED).count() == 2
    assert isinstance(By(town.floor.actor("D1")).actor.id, str)
