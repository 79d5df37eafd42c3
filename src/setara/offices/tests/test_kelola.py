"""Every configuration page: each editable field changed, one event with before and after, nothing deleted."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time
from html.parser import HTMLParser
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from setara.ledger import storage
from setara.ledger.models import Event
from setara.ledger.service import By, system
from setara.offices import operations as ops
from setara.offices.admin import site
from setara.offices.configurable import CONFIGURABLE, configurable, plain
from setara.offices.models import (
    Closure,
    Competence,
    Counter,
    Holiday,
    Office,
    OpeningHours,
    Role,
    Season,
    Staff,
)

BY = By(system("test", office="uji"))
#: Another value for each editable field, by model and field: as a browser sends it.
OTHER: dict[str, dict[str, Any]] = {
    "offices.Office": {
        "name": "Kantor Baru", "address": "Jalan Contoh 1", "zone": "WIT", "local": '{"clock.working_days": 9}',
    },
    "offices.OpeningHours": {"opens": "07:30", "closes": "16:00", "break_from": "12:15", "break_to": "12:45"},
    "offices.Season": {"name": "Lain", "starts": "2026-02-20", "ends": "2026-03-25", "active": None},
    "offices.Holiday": {"name": "Lain", "kind": "national", "active": None, "source": "SKB 2"},
    "offices.Closure": {"reason": "Lain", "active": None},
    "offices.Counter": {"steps": ["document_check"], "active": None},
    "offices.Staff": {"label": "X-99", "name": "Contoh Lain", "roles": ["head"], "active": None},
    "offices.Competence": {"valid_until": "2099-12-31"},
    "booking.Quota": {
        "per_day": "77", "first": "08:30", "last": "11:00", "minutes": "15", "valid_from": "2026-02-01",
        "valid_until": "2026-12-31", "source": "SK",
    },
}  # fmt: skip
#: A new row for each model, as a browser sends it.
NEW: dict[str, dict[str, Any]] = {
    "offices.OpeningHours": {
        "office": "uji", "season": "ordinary", "weekday": "5", "opens": "08:00", "closes": "11:00",
    },
    "offices.Season": {
        "season": "ramadan", "name": "Ramadan 2027", "starts": "2027-02-08", "ends": "2027-03-09", "active": "on",
    },
    "offices.Holiday": {"date": "2026-12-01", "name": "Libur baru", "kind": "regional", "active": "on"},
    "offices.Closure": {"office": "uji", "date": "2026-12-02", "reason": "Pindah", "active": "on"},
    "offices.Counter": {"office": "uji", "number": "9", "steps": ["interview"], "active": "on"},
    "offices.Staff": {
        "office": "uji", "username": "baru", "label": "B-01", "name": "Contoh Baru", "roles": ["head"],
        "steps": ["interview"],
    },
    "offices.Competence": {"step": "printing", "valid_from": "2026-12-01"},
    "booking.Quota": {
        "office": "uji", "channel": "priority", "per_day": "30", "first": "08:00", "last": "10:00",
        "minutes": "30", "valid_from": "2026-12-01",
    },
}  # fmt: skip


@pytest.fixture
def rows(office: Office, hire: Callable[..., Staff]) -> dict[str, Model]:
    """One row of each configurable model."""
    clerk = hire("siti", Role.INTERVIEWER, steps=["interview"])
    Quota = apps.get_model("booking.Quota")  # noqa: N806 - a class
    made: list[Model] = [
        office,
        OpeningHours.objects.get(office=office, weekday=0),
        ops.add_configuration(BY, Season(name="Ramadan", starts=date(2026, 2, 18), ends=date(2026, 3, 19))),
        ops.add_configuration(
            BY, Holiday(date=date(2026, 5, 4), name="Libur", kind="regional", source="SKB")
        ),
        ops.add_configuration(BY, Closure(office=office, date=date(2026, 5, 5), reason="Listrik")),
        ops.add_counter(BY, office, number=1, steps=["interview"]),
        clerk,
        Competence.objects.get(staff=clerk),
        ops.add_configuration(
            BY, Quota(office=office, per_day=50, first=time(8), last=time(10), valid_from=date(2026, 1, 1))
        ),
    ]
    return {row._meta.label: row for row in made}


def _url(model: type[Model], page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


class _Form(HTMLParser):
    """What a browser would send back unchanged from the page's own form."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.values: dict[str, Any] = {}
        self._select, self._inside, self._area = "", False, ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = dict(attrs)
        if tag == "form":
            self._inside = (a.get("id") or "").endswith("_form")
        if not self._inside or (not a.get("name") and tag in {"input", "select", "textarea"}):
            return
        if tag == "input" and a.get("type") in {"checkbox", "radio"}:
            if "checked" in a:
                self.values.setdefault(str(a["name"]), []).append(a.get("value") or "on")
        elif tag == "input" and a.get("type") != "submit":
            self.values[str(a["name"])] = a.get("value") or ""
        elif tag == "select":
            self._select = str(a["name"])
        elif tag == "option" and self._select and "selected" in a:
            self.values[self._select] = a.get("value") or ""
        elif tag == "textarea":
            self._area = str(a["name"])
            self.values[self._area] = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.values[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""
        elif tag == "form":
            self._inside = False


CASES = [(label, field) for label, entry in CONFIGURABLE.items() for field in entry.edit]


def test_every_registered_form_is_walked_here() -> None:
    registered = {model._meta.label for model in site._registry}
    assert registered == set(CONFIGURABLE) == set(OTHER)
    for label, entry in CONFIGURABLE.items():
        assert set(OTHER[label]) == set(entry.edit), label
    assert set(NEW) == registered - {"offices.Office"}


@pytest.mark.parametrize(("label", "field"), CASES)
def test_each_field_saves_as_one_event_with_before_and_after(
    rows: dict[str, Model], signed_in: Callable[..., Client], label: str, field: str
) -> None:
    client, row = signed_in(Role.ADMINISTRATOR, username="admin"), rows[label]
    url = _url(type(row), "change", row.pk)
    page = client.get(url)
    assert page.status_code == 200
    data = _Form(page.content.decode()).values
    assert set(configurable(type(row)).edit) <= set(data), "every field that may change is in the form"
    count = Event.objects.count()
    # The control: sent back unchanged, nothing is recorded.
    assert client.post(url, data).status_code == 302
    assert Event.objects.count() == count
    before = plain(getattr(type(row).objects.get(pk=row.pk), field))
    value = OTHER[label][field]
    data = {k: v for k, v in (data | {field: value}).items() if v is not None}
    answer = client.post(url, data)
    assert answer.status_code == 302, re.findall(r'class="errorlist.*?</ul>', answer.content.decode(), re.S)
    assert Event.objects.count() == count + 1
    event = Event.objects.order_by("-seq").first()
    after = plain(getattr(type(row).objects.get(pk=row.pk), field))
    assert (event.type, event.payload["model"], event.payload["row"]) == (
        "offices.configured",
        label,
        str(row.pk),
    )
    assert event.actor_kind == "officer"
    assert before != after
    if field in configurable(type(row)).masked:
        assert set(event.payload["before"]) == set(event.payload["after"]) == {field}
        assert event.payload["before"] != event.payload["after"]
        assert str(after) not in str(event.payload)
    else:
        assert (event.payload["before"], event.payload["after"]) == ({field: before}, {field: after})
    # The same form once more (a double click) changes nothing.
    assert client.post(url, data).status_code == 302
    assert Event.objects.count() == count + 1
    history = client.get(_url(type(row), "history", row.pk))
    assert history.status_code == 200
    assert f"{field}:" in history.content.decode()
    assert not list(storage.verify("uji"))


@pytest.mark.parametrize("label", list(CONFIGURABLE))
def test_nothing_is_deleted_and_no_page_carries_inline_code(
    rows: dict[str, Model], signed_in: Callable[..., Client], label: str
) -> None:
    client, row = signed_in(Role.ADMINISTRATOR, username="admin"), rows[label]
    delete, count = _url(type(row), "delete", row.pk), type(row).objects.count()
    assert client.get(delete).status_code == 403
    assert client.post(delete, {"post": "yes"}).status_code == 403
    listing = _url(type(row), "changelist")
    client.post(listing, {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
    assert type(row).objects.count() == count
    pages = ["/kelola/", listing, _url(type(row), "change", row.pk), _url(type(row), "history", row.pk)]
    pages += [_url(type(row), "add")] if label in NEW else []
    for page in pages:
        answer = client.get(page)
        body = answer.content.decode()
        assert answer.status_code == 200, page
        for inline in (
            r"<script(?![^>]*\bsrc=)(?![^>]*application/json)",
            r"<style",
            r"\sstyle=",
            r"\son[a-z]+=\"",
        ):
            assert not re.search(inline, body), (page, inline)
        assert "delete" not in body.lower(), page


@pytest.mark.parametrize("label", list(NEW))
def test_a_new_row_is_recorded(rows: dict[str, Model], signed_in: Callable[..., Client], label: str) -> None:
    client, model = signed_in(Role.ADMINISTRATOR, username="admin"), type(rows[label])
    url, count, events = _url(model, "add"), model.objects.count(), Event.objects.count()
    page = client.get(url)
    assert page.status_code == 200
    data = _Form(page.content.decode()).values | NEW[label]
    if label == "offices.Competence":
        data["staff"] = str(rows["offices.Staff"].pk)
    # The control: an empty form is refused, with its fields.
    assert client.post(url, {}).status_code == 400
    assert (model.objects.count(), Event.objects.count()) == (count, events)
    answer = client.post(url, data)
    assert answer.status_code == 302, re.findall(r'class="errorlist.*?</ul>', answer.content.decode(), re.S)
    assert (model.objects.count(), Event.objects.count()) == (count + 1, events + 1)
    payload = Event.objects.order_by("-seq").first().payload
    row = model.objects.order_by("-pk").first()
    assert str(row.pk) in {payload.get("row"), payload.get("counter"), payload.get("staff")}
    assert "Contoh Baru" not in str(payload)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_other_roles_are_refused(
    rows: dict[str, Model], signed_in: Callable[..., Client], role: Role
) -> None:
    client, row = signed_in(role, username="lain"), rows["offices.Office"]
    count = Event.objects.count()
    for page in (
        "/kelola/",
        _url(Office, "change", row.pk),
        _url(Office, "changelist"),
        _url(Counter, "add"),
    ):
        assert client.get(page).status_code == 403
        assert client.post(page, {"name": "Peretas"}).status_code == 403
    assert Office.objects.get(pk=row.pk).name == "Kantor Uji"
    assert Event.objects.count() == count
    assert Client().get("/kelola/").url == "/masuk/?next=%2Fkelola%2F"
    assert Client().get("/kelola/login/").status_code == 302


def test_rows_of_another_office_are_out_of_reach(
    rows: dict[str, Model], signed_in: Callable[..., Client], hire: Callable[..., Staff]
) -> None:
    other = ops.create_office(BY, code="lain", name="Kantor Lain")
    client = signed_in(Role.ADMINISTRATOR, username="admin")
    counter = ops.add_counter(BY, other, number=7, steps=["interview"])
    staff = hire("jauh", Role.HEAD, at=other)
    for row in (other, counter, staff, OpeningHours.objects.filter(office=other).first()):
        assert client.get(_url(type(row), "change", row.pk)).status_code == 302, "not found, sent to the list"
    answer = client.post(_url(Counter, "add"), NEW["offices.Counter"] | {"office": "lain"})
    assert answer.status_code == 400
    assert not Counter.objects.filter(office=other, number=9).exists()
    page = client.get(f"/kelola/offices/staff/{staff.pk}/tautan/")
    assert page.status_code == 404


def test_wrong_values_are_said_next_to_the_field(
    rows: dict[str, Model], signed_in: Callable[..., Client]
) -> None:
    client = signed_in(Role.ADMINISTRATOR, username="admin")
    for label, wrong, words in (
        ("offices.Office", {"local": '{"billing.digits": 3}'}, "billing.digits"),
        ("offices.Staff", {"roles": ["administrator", "head"]}, "tidak boleh memegang peran lain"),
        ("offices.OpeningHours", {"break_from": "07:00"}, "Istirahat harus"),
    ):
        row = rows[label]
        url = _url(type(row), "change", row.pk)
        data = _Form(client.get(url).content.decode()).values | wrong
        count = Event.objects.count()
        answer = client.post(url, data)
        assert answer.status_code == 400
        assert words in answer.content.decode()
        assert Event.objects.count() == count
    page = client.post(_url(Staff, "add"), NEW["offices.Staff"] | {"username": "SITI"})
    assert "sudah dipakai" in page.content.decode()


def test_a_link_for_the_password_is_shown_once(
    rows: dict[str, Model], signed_in: Callable[..., Client]
) -> None:
    client, staff = signed_in(Role.ADMINISTRATOR, username="admin"), rows["offices.Staff"]
    url = f"/kelola/offices/staff/{staff.pk}/tautan/"
    assert "/masuk/sekali/" not in client.get(url).content.decode()
    body = client.post(url).content.decode()
    link = re.search(r"http://testserver(/masuk/sekali/[^<]+)", body)
    assert link is not None
    assert Event.objects.order_by("-seq").first().type == "offices.link_issued"
    assert link[1] not in str(Event.objects.order_by("-seq").first().payload)
    assert "/masuk/sekali/" not in client.get(url).content.decode()
    assert Client().get(link[1]).status_code == 200
