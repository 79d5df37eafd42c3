"""Addresses that lead nowhere, are used the wrong way, or come without what makes a form ours: each says so."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.bad_input.languages import check_pair, indonesian_in
from tests.bad_input.reading import read
from tests.bad_input.test_no_form_is_left_out import _who
from tests.bad_input.town import ENGLISH, INDONESIAN, LANGUAGES, Browser, Town, events

from setara.site.checks import pages

MACHINE = {"accept": "application/json"}
#: What people, scanners and attackers put in the place of a number, a token or a date.
STRANGE = [
    "x",
    "K7HF-3MTX",
    "%00",
    "a%00b",
    "%FF%FE",
    "..%2F..%2Fetc",
    "%0d%0aSet-Cookie:x=1",
    "9" * 5000,
    "%E2%80%AE",
    "²",
]


def _everybody(town: Town) -> dict[str, Browser]:
    made, _by = town.house.draft()
    return {"": town.visitor(), "-": town.holder(made)} | {
        label: town.officer(label) for label in town.everybody()
    }


def test_no_address_with_something_strange_in_it_breaks(town: Town) -> None:
    browsers, tried = _everybody(town), 0
    for page in pages():
        if "<" not in page.route or "(?P<" in page.route:
            continue
        for strange in STRANGE:
            path = "/" + re.sub(r"<[^>]+>", strange, page.route)
            browser, tried = browsers[_who(town, page)], tried + 1
            answer = browser.get(path, headers=MACHINE)
            if answer.status_code == 405:
                answer = browser.post(path, headers=MACHINE)
            assert answer.status_code < 500, (path[:200], answer.status_code)
            if answer.status_code in {404, 422, 400, 405}:
                is_json = answer["Content-Type"] == "application/json"
                assert answer.json()["message"] if is_json else read(answer).refusal, path
    assert tried > 300


@pytest.mark.parametrize(
    "query",
    [
        "kantor=%00&hari=%00",
        "kantor=a&hari=0000-00-00&tanggal=2026-02-30&nomor=zz&hal=-1&sebelum=0&next=//x&cara=x&kabar=x&dari=-9&kertas=",
        "hari=99999-01-01&tanggal=9999-12-31&hal=NUM&sebelum=NUM&dari=NUM&sampai=NUM&nomor=A-NUM&label=A-NUM&kantor=NUM",
        "date_from=0001-01-01&date_to=9999-12-31&tanggal=0001-01-01&hari=0001-01-01&permohonan=NUM&type=x",
    ],
)
def test_no_question_in_an_address_breaks(town: Town, query: str) -> None:
    browsers = _everybody(town)
    query = query.replace("NUM", "9" * 5000)
    for page in pages():
        if ("<" in page.route and "<slug:office>" not in page.route) or "(?P<" in page.route:
            continue
        if page.administration and not page.name.endswith("_changelist"):
            continue
        path = f"/{page.route.replace('<slug:office>', 'uji')}?{query}"
        answer = browsers[_who(town, page)].get(path, headers=MACHINE)
        assert answer.status_code < 500, (path[:200], answer.status_code)
        assert "%00" not in query or answer.status_code == 400


UNKNOWN = [
    ("", "ticket", ["x" * 22]), ("", "ticket_fragment", ["x" * 22]), ("", "survey", ["x" * 22]),
    ("", "office", ["tidakada"]), ("", "hall", ["tidakada"]), ("", "calls", ["tidakada"]),
    ("FD", "desk_person", ["K7HF-3MTX"]), ("FD", "assist_application", ["K7HF-3MTX"]), ("AJ", "case", ["K7HF-3MTX"]),
    ("FD", "desk_ticket", ["00000000-0000-7000-8000-000000000000"]), ("AU", "audit_event", [99999]),
    ("KA", "day_rights", ["2026-03-02"]),
    ("AD", "admin:offices_staff_link", ["00000000-0000-7000-8000-000000000000"]),
]  # fmt: skip


@pytest.mark.parametrize(("who", "name", "args"), UNKNOWN)
def test_what_is_not_there_is_said_in_words(town: Town, who: str, name: str, args: list[Any]) -> None:
    browser = town.officer(who) if who else town.visitor()
    try:
        path = reverse(name, args=args)
    except Exception:  # noqa: BLE001 - a date is an object in an address
        path = reverse("day") + f"{args[0]}/hak-kembali/"
    shown = [browser.get(path, headers=language) for language in LANGUAGES]
    assert [one.status_code for one in shown] in ([404, 404], [400, 400])
    first, second = (read(one) for one in shown)
    check_pair(first.refusal, second.refusal)
    assert not indonesian_in(second.text)
    assert args[0] not in first.text.split(), "the address is not repeated: it may hold what somebody typed"


def test_an_address_is_used_the_wrong_way(town: Town) -> None:
    """An address for sending that is opened says so; so does one for opening to which something is sent."""
    desk = town.officer("FD")
    sending = reverse("desk_checkin", args=["K7HF-3MTX"])
    for browser, method, path in (
        (desk, "get", sending),
        (town.visitor(), "post", "/"),
        (desk, "delete", sending),
    ):
        shown = [browser.ask(method, path, headers=language) for language in LANGUAGES]
        assert [one.status_code for one in shown] == [405, 405]
        assert shown[0]["Allow"]
        check_pair(*(read(one).refusal for one in shown))
    told = town.visitor().post("/", headers={"accept": "application/json"})
    assert (told.status_code, told.json()["code"]) == (405, "method.not_allowed")
    assert town.visitor().get("/").status_code == 200


@pytest.mark.parametrize("name", ["signin", "resume", "apply"])
def test_a_form_without_its_mark_is_not_taken(town: Town, name: str) -> None:
    strict, before, said = Client(enforce_csrf_checks=True, raise_request_exception=False), events(), []
    for language in LANGUAGES:
        answer = strict.post(reverse(name), {"username": "x"}, headers=language)
        assert answer.status_code == 403
        said.append(read(answer))
    check_pair(said[0].refusal, said[1].refusal)
    assert not indonesian_in(said[1].text)
    assert events() == before
    # The control: with its mark it is read.
    path = reverse(name) + ("?kantor=uji&kabar=sms" if name == "apply" else "")
    form = read(strict.get(path)).form(path)
    fields = {key: value for key, value in form.sends.items() if isinstance(value, str)}
    assert strict.post(path, fields).status_code in {400, 422}


def test_a_form_that_is_too_large_is_refused_in_words(town: Town) -> None:
    for fields in ({"reference": "x" * (2 * 1024 * 1024 + 1)}, {f"f{n}": "x" for n in range(1100)}):
        said = []
        for language in LANGUAGES:
            answer = town.visitor().post(
                reverse("resume"), "&".join(f"{k}={v}" for k, v in fields.items()),
                content_type="application/x-www-form-urlencoded", headers=language,
            )  # fmt: skip
            assert answer.status_code == 400
            said.append(read(answer).refusal)
        check_pair(*said)


def test_buttons_that_end_a_session_may_be_pressed_twice(town: Town) -> None:
    officer, before = town.officer("D1"), events()
    assert [officer.post(reverse("signout")).status_code for _n in range(2)] == [302, 302]
    assert events() == before + 1
    holder = town.holder(town.answered())
    before = events()
    assert [holder.post(reverse("leave")).status_code for _n in range(2)] == [302, 302]
    assert events() == before
    assert holder.get(reverse("application")).status_code == 302, "the application is closed here"


@pytest.mark.parametrize("language", ["xx", "", "en\0", "../id", "e" * 5000])
def test_a_language_that_is_none_changes_nothing(town: Town, language: str) -> None:
    browser = town.visitor()
    answer = browser.post(reverse("set_language"), {"language": language, "next": "/"})
    assert answer.status_code in {204, 302}
    assert read(browser.get("/", headers=INDONESIAN)).lang == "id"
    browser.post(reverse("set_language"), {"language": "en", "next": "/"})
    assert read(browser.get("/", headers=INDONESIAN)).lang == "en"


@pytest.mark.parametrize("cookie", ["\\000", "x" * 4000, "'; DROP TABLE", "\u00ff"])
def test_a_cookie_of_somebody_elses_making_is_no_session(town: Town, cookie: str) -> None:
    for name in ("sessionid", "django_language", "csrftoken", "messages"):
        answer = Browser({name: cookie}).get(reverse("resume"), headers=ENGLISH)
        assert answer.status_code == 200
    assert Browser({"sessionid": cookie}).get(reverse("application")).status_code == 302
