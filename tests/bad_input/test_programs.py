"""What programs send: the treasury's notices, and the public addresses of machines. Answers are JSON with words."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from tests.bad_input.languages import check_pair
from tests.bad_input.town import INDONESIAN, LANGUAGES, Town, events

from setara.applications.tests.making import MONDAY, WatchedTreasury
from setara.payments.models import Payment
from setara.payments.service import request_bill
from setara.site.outside.process import running

GOOD = {
    "billing_code": "820260302000001", "order": "x", "amount": 950_000, "ntpn": "ABCDEFGH12345678",
    "paid_at": MONDAY.isoformat(), "channel": "bank",
}  # fmt: skip


def send(town: Town, body: bytes, signature: str | None = None, language: dict[str, str] = INDONESIAN) -> Any:
    """A notice as a program sends it, signed unless a signature is given."""
    mac = hmac.new(b"a secret of the test", body, hashlib.sha256).hexdigest()
    headers = {"x-treasury-signature": f"sha256={mac}" if signature is None else signature} | language
    return town.visitor().post(
        reverse("treasury_notice"), body, content_type="application/json", headers=headers
    )


def problem(answer: Any, status: int) -> dict[str, Any]:
    """The JSON of a refusal: a code for programs, a sentence for people."""
    assert answer.status_code == status, (answer.status_code, answer.content[:300])
    assert answer["Content-Type"] == "application/json"
    shape: dict[str, Any] = answer.json()
    assert shape["code"]
    assert shape["message"]
    assert {"rule", "remedy"} <= set(shape)
    return shape


@pytest.fixture(scope="module")
def treasury() -> Iterator[WatchedTreasury]:
    """The simulated treasury, as a process."""
    with running() as process:
        yield WatchedTreasury(process)


MALFORMED = {
    "nothing": b"", "no JSON": b"billing_code=820260302000001", "half": json.dumps(GOOD).encode()[:40],
    "a list": b"[1, 2]", "a number": b"7", "null": b"null", "no text": b"\xff\xfe\x00", "a NUL": b"\x00",
    "deep": b"[" * 100_000, "NaN": json.dumps(GOOD).replace("950000", "NaN").encode(),
}  # fmt: skip
WRONG_TYPES: list[dict[str, Any]] = [
    {"amount": "950000"}, {"amount": 950_000.5}, {"amount": True}, {"amount": -1}, {"amount": 0}, {"amount": None},
    {"amount": 10**30}, {"billing_code": 820260302000001}, {"billing_code": "8" * 16}, {"billing_code": None},
    {"billing_code": "82026030200000١"}, {"ntpn": ""}, {"ntpn": ["A"]}, {"ntpn": "A" * 10_000}, {"order": 5},
    {"channel": {}}, {"paid_at": "kemarin"}, {"paid_at": 1772413200}, {"paid_at": "2026-03-02T08:00:00"},
    {"ntpn": "ABCDEFGH1234567\0"},
]  # fmt: skip


@pytest.mark.parametrize("body", list(MALFORMED.values()), ids=list(MALFORMED))
def test_a_notice_that_cannot_be_read(town: Town, body: bytes) -> None:
    before = events()
    said = [problem(send(town, body, language=language), 422) for language in LANGUAGES]
    assert said[0]["code"] == "bad_notice"
    check_pair(*(str(one["message"]) for one in said))
    assert events() == before


@pytest.mark.parametrize("change", WRONG_TYPES, ids=lambda change: repr(change)[:30])
def test_a_notice_of_the_wrong_types(town: Town, treasury: WatchedTreasury, change: dict[str, Any]) -> None:
    made, by = town.house.submitted()
    bill = request_bill(by.actor, made, treasury=treasury)
    before = events()
    good = GOOD | {"billing_code": bill.code}
    said = problem(send(town, json.dumps(good | change).encode()), 422)
    assert said["code"] in {"bad_notice", "payments.amount"}
    assert not Payment.objects.exists()
    # An amount that is a number but not the bill's is written down, so that a person looks at the money.
    assert events() - before == (said["code"] == "payments.amount")
    answers = [send(town, json.dumps(good).encode()) for _again in range(2)]
    assert [one.status_code for one in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert Payment.objects.count() == 1


@pytest.mark.parametrize("signature", ["", "sha256=00", "md5=x", "\u00e9", "sha256=" + "0" * 64])
def test_a_notice_that_the_treasury_did_not_sign(town: Town, signature: str) -> None:
    before = events()
    said = [problem(send(town, json.dumps(GOOD).encode(), signature, one), 403) for one in LANGUAGES]
    assert said[0]["code"] == "bad_signature"
    check_pair(*(str(one["message"]) for one in said))
    assert events() == before


def test_a_notice_for_a_code_that_is_not_ours(town: Town) -> None:
    assert problem(send(town, json.dumps(GOOD).encode()), 404)["code"]


def test_addresses_of_machines_used_the_wrong_way(town: Town) -> None:
    state, health = reverse("queue_state", args=["uji"]), reverse("health")
    machine = {"accept": "application/json"}
    for path in (state, health):
        assert problem(town.visitor().post(path, b"{", content_type="application/json", headers=machine), 405)
        answer = town.visitor().get(path)
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert problem(town.visitor().get(reverse("treasury_notice")), 405)["code"] == "method.not_allowed"
    unknown = [town.visitor().get(reverse("queue_state", args=["lain"]), headers=one) for one in LANGUAGES]
    check_pair(*(str(problem(one, 404)["message"]) for one in unknown))
    assert problem(town.visitor().get("/api/tidak/ada/"), 404)["code"] == "not_found.page"


def test_a_live_part_of_a_page_that_has_lost_its_session_says_so(town: Town) -> None:
    answer = town.visitor().get(reverse("counter_fragment"), headers={"hx-request": "true"})
    assert answer["HX-Redirect"].startswith(reverse("signin"))
