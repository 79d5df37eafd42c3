"""From events to messages and to the gateway, with the real simulator of the gateway as a process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from setara.applications.service import access_code, renew_code
from setara.applications.tests.making import MONDAY, House, house
from setara.kernel import clock
from setara.kernel.clock import ManualClock
from setara.kernel.remote import Remote
from setara.ledger.models import Event
from setara.notices import outbox
from setara.notices.models import Cursor, Notice
from setara.notices.operations import TRIES
from setara.site.outside import process


@pytest.fixture
def kanim(db: None) -> Iterator[House]:
    with clock.using(ManualClock(MONDAY)) as source:
        yield house(source)


@pytest.fixture(scope="module")
def gateway() -> Iterator[str]:
    with process.running() as simulator:
        yield simulator.base_url


@pytest.fixture
def connected(gateway: str, settings: Any) -> str:
    settings.SETARA_MESSAGES_URL = gateway
    return gateway


def remote(base: str) -> Remote:
    return Remote(base, code="down", message="", remedy="", timeout=5)


def inbox(base: str, to: str) -> list[dict[str, Any]]:
    answer = remote(base).call("GET", f"/messages.json?to={quote(to)}")
    found: list[dict[str, Any]] = answer.json()["messages"]
    return found


def outage(base: str, seconds: int) -> None:
    remote(base).call("POST", "/outage", payload={"system": "messages", "seconds": seconds})


def read_all(office: str) -> None:
    while outbox.collect(office):
        pass


def test_who_has_a_phone_gets_the_code_and_who_has_none_gets_no_message(kanim: House, connected: str) -> None:
    with_phone, _by = kanim.draft(phone="+6280000000771")
    from setara.applications.service import start
    from setara.applications.tests.making import person
    from setara.ledger.service import By

    start(
        By(kanim.officer, reason="no_phone"),
        kanim.office,
        person(phone="", nik="9901015708900002"),
        contact="slip",
        language="id",
        channel="assisted",
    )
    read_all("uji")
    notices = list(Notice.objects.all())
    assert [(n.kind, n.application_id) for n in notices] == [("welcome", with_phone.pk)]
    assert outbox.deliver() == 1
    (message,) = inbox(connected, "+6280000000771")
    assert with_phone.reference in message["text"]
    assert access_code(with_phone) in message["text"]
    assert Notice.objects.get().status == Notice.Status.SENT
    assert Event.objects.filter(type="notices.sent").count() == 1


def test_neither_rows_nor_events_hold_the_words_the_number_or_the_code(kanim: House, connected: str) -> None:
    made, _by = kanim.draft(phone="+6280000000772")
    read_all("uji")
    outbox.deliver()
    stored = json.dumps([*Notice.objects.values(), *Event.objects.values("payload", "actor_id")], default=str)
    assert access_code(made) not in stored
    assert "80000000772" not in stored
    assert made.reference in stored  # the search itself finds what is there


def test_reading_goes_on_where_it_stopped_and_never_doubles(kanim: House, connected: str) -> None:
    made, by = kanim.draft()
    read_all("uji")
    at = Cursor.objects.get(office="uji").seq
    assert outbox.collect("uji") == 0
    renew_code(by, made)
    read_all("uji")
    assert Cursor.objects.get(office="uji").seq > at
    assert sorted(n.kind for n in Notice.objects.all()) == ["code", "welcome"]


def test_a_gateway_that_is_down_is_tried_later_and_given_up_in_the_open(kanim: House, connected: str) -> None:
    kanim.draft(phone="+6280000000773")
    read_all("uji")
    outage(connected, 3600)
    try:
        assert outbox.deliver() == 0
        notice = Notice.objects.get()
        assert notice.status == Notice.Status.QUEUED
        assert notice.attempts == 1
        assert outbox.deliver() == 0  # not due yet: nothing was tried
        assert Notice.objects.get().attempts == 1
        for _attempt in range(TRIES):
            kanim.clock.advance(timedelta(hours=2))
            outbox.deliver()
        assert Notice.objects.get().status == Notice.Status.FAILED
        assert Event.objects.get(type="notices.failed").payload["kind"] == "welcome"
    finally:
        outage(connected, 0)


def test_after_an_outage_the_message_goes_out(kanim: House, connected: str) -> None:
    kanim.draft(phone="+6280000000774")
    read_all("uji")
    outage(connected, 3600)
    assert outbox.deliver() == 0
    outage(connected, 0)
    kanim.clock.advance(timedelta(minutes=5))
    assert outbox.deliver() == 1
    assert len(inbox(connected, "+6280000000774")) == 1
