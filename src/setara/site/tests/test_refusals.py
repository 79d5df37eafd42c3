"""Refusals explain themselves, pages for what is not there, marks on every page, and what templates know."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, include, path

from setara.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused, SetaraError, Unavailable
from setara.ledger.service import By, system
from setara.offices.models import Office, Role, Staff
from setara.offices.service import add_counter, add_staff, create_office, needs, open_day, public
from setara.site import checks, context, urls
from setara.site.middleware import RefusalMiddleware

REFUSALS: dict[str, SetaraError] = {
    "refused": Refused("Belum boleh.", code="x.no", rule="Begini aturannya.", remedy="Lakukan ini."),
    "forbidden": Forbidden("Bukan tugas Anda."),
    "notfound": NotFound("Tidak ada."),
    "conflict": Conflict("Berubah."),
    "invalid": Invalid({"nik": "NIK kurang."}),
    "unavailable": Unavailable("Kas negara tidak menjawab."),
}


@public
def _refusing(request: HttpRequest, kind: str) -> HttpResponse:
    raise REFUSALS[kind]


@public
def _failing(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


@public
def _denying(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


@public
def _suspecting(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation


def _unmarked(request: HttpRequest) -> HttpResponse:
    return HttpResponse("open to everybody by mistake")


handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("setara.site.urls")),
    path("coba/<str:kind>/", _refusing),
    path("api/coba/<str:kind>/", _refusing),
    path("rusak/", _failing),
    path("larang/", _denying),
    path("curiga/", _suspecting),
]


@pytest.fixture
def client(db: None) -> Client:
    """A browser that sees what a visitor sees when something fails."""
    return Client(raise_request_exception=False)


@pytest.fixture(autouse=True)
def these_urls(settings: Any) -> None:
    """The office's addresses, and some that fail."""
    settings.ROOT_URLCONF = __name__
    settings.DEBUG = False


@pytest.fixture
def office(db: None) -> Office:
    """An office."""
    return create_office(By(system("test")), code="uji", name="Kantor Uji")


@pytest.fixture
def officer(office: Office) -> Callable[..., tuple[Client, Staff]]:
    """Somebody signed in."""

    def make(*roles: Role) -> tuple[Client, Staff]:
        staff = add_staff(
            By(system("test")), office, username="siti", label="P-01", name="Contoh Siti", roles=roles
        )
        client = Client(raise_request_exception=False)
        client.force_login(staff.account)
        return client, staff

    return make


@pytest.mark.parametrize("kind", list(REFUSALS))
def test_a_refusal_is_a_page_with_rule_and_remedy_and_the_right_status(client: Client, kind: str) -> None:
    error = REFUSALS[kind]
    answer = client.get(f"/coba/{kind}/", headers={"referer": "http://testserver/petugas/?x=1"})
    body = answer.content.decode()
    assert answer.status_code == error.status
    for words in (error.message, error.rule, error.remedy, "Tidak dapat dilakukan"):
        assert str(words) in body
    assert 'role="alert"' in body
    assert 'href="/petugas/?x=1"' in body, "the way back keeps what was typed"
    if isinstance(error, Invalid):
        assert "NIK kurang." in body


def test_the_way_back_never_leaves_the_site(client: Client) -> None:
    body = client.get("/coba/refused/", headers={"referer": "https://example.org/x"}).content.decode()
    assert "example.org" not in body
    assert "Ke halaman depan" in body


@pytest.mark.parametrize(
    ("url", "headers"),
    [("/api/coba/refused/", {}), ("/coba/refused/", {"accept": "application/json"})],
)
def test_programs_get_json(client: Client, url: str, headers: dict[str, str]) -> None:
    answer = client.get(url, headers=headers)
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/json")
    assert json.loads(answer.content) == REFUSALS["refused"].as_dict()
    assert client.get("/coba/refused/", headers={"accept": "*/*"})["Content-Type"].startswith("text/html")


def test_parts_of_a_page_get_a_part(client: Client) -> None:
    answer = client.get("/coba/refused/", headers={"HX-Request": "true"})
    assert answer["HX-Retarget"] == "#main"
    assert "<html" not in answer.content.decode()
    assert "Begini aturannya." in answer.content.decode()


def test_officers_stay_in_their_frame(officer: Callable[..., tuple[Client, Staff]]) -> None:
    browser, _staff = officer(Role.HEAD)
    body = browser.get("/coba/refused/").content.decode()
    assert 'class="staff"' in body
    assert "Ke halaman petugas" in body


@pytest.mark.parametrize(
    ("url", "status", "words"),
    [
        ("/tidak/ada/", 404, "Halaman ini tidak ada"),
        ("/larang/", 403, "tidak berwenang"),
        ("/curiga/", 400, "tidak dapat dibaca"),
        ("/rusak/", 500, "Kesalahan ini ada pada kami"),
    ],
)
def test_pages_for_what_is_not_there_or_went_wrong(client: Client, url: str, status: int, words: str) -> None:
    answer = client.get(url)
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert "style=" not in answer.content.decode()
    told = client.get(url, headers={"accept": "application/json"})
    assert told.status_code == status
    assert json.loads(told.content)["message"]
    client.cookies["django_language"] = "en"
    assert '<html lang="en"' in client.get(url).content.decode()


def test_the_fault_page_needs_no_database() -> None:
    from setara.site import errors

    # No `db` fixture: a query would fail this test.
    answer = errors.fault(RequestFactory().get("/"))
    assert answer.status_code == 500


def test_other_faults_are_not_taken_for_refusals() -> None:
    middleware = RefusalMiddleware(lambda request: HttpResponse())
    assert middleware.process_exception(RequestFactory().get("/"), ZeroDivisionError()) is None


def test_a_form_that_was_open_too_long_is_told_so(db: None) -> None:
    browser = Client(enforce_csrf_checks=True, raise_request_exception=False)
    answer = browser.post("/masuk/", {"username": "x", "password": "y"})
    assert answer.status_code == 403
    assert "terlalu lama terbuka" in answer.content.decode()
    # The control: with its token the form is read.
    browser.get("/masuk/")
    token = browser.cookies["csrftoken"].value
    answer = browser.post("/masuk/", {"username": "x", "password": "y", "csrfmiddlewaretoken": token})
    assert answer.status_code == 400


def test_visitors_cost_no_session_and_no_staff_query(
    client: Client, office: Office, django_assert_max_num_queries: Any
) -> None:
    client.get("/tidak/ada/")
    with django_assert_max_num_queries(1):
        answer = client.get("/tidak/ada/")
    assert "sessionid" not in answer.cookies
    assert "no-store" not in answer.get("Cache-Control", "")


def test_the_check_names_a_page_without_a_mark() -> None:
    assert checks.every_page_is_marked(None) == []
    urlpatterns.append(path("lupa/<int:x>/", _unmarked, name="forgotten"))
    try:
        found = checks.every_page_is_marked(None)
    finally:
        urlpatterns.pop()
    assert [(error.id, error.obj) for error in found] == [("setara.E001", "forgotten")]
    assert "/lupa/<int:x>/" in found[0].msg


def test_the_menu_follows_the_marks(officer: Callable[..., tuple[Client, Staff]]) -> None:
    browser, _staff = officer(Role.ADMINISTRATOR)
    request = browser.get("/petugas/").wsgi_request
    names = [label for _url, label, _current in context.nav(request)]
    assert names == ["Beranda", "Pengaturan"]
    assert [current for _url, _label, current in context.nav(request)] == [True, False]
    assert {"url": "/kelola/", "label": "Pengaturan"}.items() <= context.staff_pages(request)[0].items()


def test_the_head_of_the_page_says_who_and_where(
    officer: Callable[..., tuple[Client, Staff]], office: Office
) -> None:
    from datetime import date, datetime

    from setara.kernel import clock
    from setara.kernel.clock import ManualClock

    browser, staff = officer(Role.INTERVIEWER, Role.SUPERVISOR)
    by = By(system("test"))
    counter = add_counter(by, office, number=3, steps=["interview"])
    with clock.using(ManualClock(datetime(2026, 3, 2, 2, tzinfo=UTC))):
        assert context.viewer(staff)["counter"] == ""
        open_day(by, office, date(2026, 3, 2), [(staff, counter)])
        seen = context.viewer(staff)
        assert (seen["name"], seen["counter"]) == ("P-01 Contoh Siti", "Loket 3")
        assert seen["role"] == "Pewawancara, Pengawas"
        body = browser.get("/petugas/").content.decode()
        assert "Tugas Anda hari ini: Loket 3." in body
        assert 'data-idle-seconds="300"' in body
        assert 'data-lock-url="/kunci/"' in body


def test_needs_without_a_permission_is_a_programming_error() -> None:
    with pytest.raises(ValueError, match="let everyone in"):
        needs()
