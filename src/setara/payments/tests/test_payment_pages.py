"""The bill page and the treasury's notices, against the office's own treasury client and the simulator."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from setara.applications.service import Application, access_code
from setara.applications.tests.making import MONDAY, House, WatchedTreasury
from setara.ledger.models import Event
from setara.payments.models import Payment
from setara.payments.service import request_bill

URL = reverse("treasury_notice")


@pytest.fixture(autouse=True)
def _treasury(settings: Any) -> None:
    settings.SETARA_TREASURY_URL = "http://127.0.0.1:9"  # nobody answers there
    settings.SETARA_TREASURY_SECRET = "a secret of the test"


def notice(code: str, amount: int = 950_000, ntpn: str = "ABCDEFGH12345678", **more: Any) -> dict[str, Any]:
    body = json.dumps(
        {
            "billing_code": code, "order": "x", "amount": amount, "ntpn": ntpn,
            "paid_at": MONDAY.isoformat(), "channel": "bank", **more,
        }
    ).encode()  # fmt: skip
    mac = hmac.new(b"a secret of the test", body, hashlib.sha256).hexdigest()
    return {"data": body, "content_type": "application/json", "HTTP_X_TREASURY_SIGNATURE": f"sha256={mac}"}


def holding(client: Client, made: Application) -> Client:
    client.post(reverse("resume"), {"reference": made.reference, "code": access_code(made)})
    return client


def test_the_notice_of_the_treasury(kanim: House, treasury: WatchedTreasury, client: Client) -> None:
    made, by = kanim.submitted()
    bill = request_bill(by.actor, made, treasury=treasury)
    forged = notice(bill.code) | {"HTTP_X_TREASURY_SIGNATURE": "sha256=00"}
    assert client.post(URL, **forged).status_code == 403
    assert client.get(URL).status_code == 405
    assert client.post(URL, **notice("8" * 15)).status_code == 404
    wrong = client.post(URL, **notice(bill.code, amount=1))
    assert (wrong.status_code, wrong.json()["code"]) == (422, "payments.amount")
    assert client.post(URL, **notice(bill.code, amount=1)).status_code == 422
    reported = Event.objects.get(type="payments.notice_refused").payload
    assert (reported["why"], reported["expected"], reported["received"]) == ("payments.amount", 950_000, 1)
    assert not Payment.objects.exists()
    first, second = (client.post(URL, **notice(bill.code)) for _ in range(2))
    assert (first.status_code, first.json()) == (200, second.json())
    assert Payment.objects.count() == 1
    again = client.post(URL, **notice(bill.code, ntpn="OTHERRECEIPT0001"))
    assert (again.status_code, again.json()["code"]) == (409, "payments.paid_twice")
    whys = Event.objects.filter(type="payments.notice_refused").values_list("payload__why", flat=True)
    assert set(whys) == {"payments.amount", "payments.paid_twice"}


def test_the_bill_page_in_every_state(
    kanim: House, treasury: WatchedTreasury, client: Client, django_assert_max_num_queries: Any
) -> None:
    made, by = kanim.submitted()
    holding(client, made)
    assert "Minta kode pembayaran" in client.get(reverse("bill")).content.decode()
    down = client.post(reverse("bill"), {"idempotency_key": "k"})
    assert down.status_code == 503
    assert "Data Anda tersimpan" in down.content.decode()
    assert "Rp950.000" in down.content.decode()
    bill = request_bill(by.actor, made, treasury=treasury)
    with django_assert_max_num_queries(10):
        page = client.get(reverse("bill")).content.decode()
    assert " ".join(bill.code[i : i + 3] for i in range(0, 15, 3)) in page
    assert "Masih 2 jam" in page
    assert "pukul 10.00 WIB" in page
    assert client.post(reverse("bill"), {"check": "1"}).status_code == 503
    kanim.clock.advance(timedelta(hours=2, minutes=1))
    late = client.get(reverse("bill")).content.decode()
    assert "Minta kode baru" in late
    assert "jawaban dan berkas Anda tersimpan" in late
    client.post(URL, **notice(bill.code, paid_at=(MONDAY + timedelta(hours=1)).isoformat()))
    paid = client.get(reverse("bill")).content.decode()
    assert "Biaya sudah lunas" in paid
    assert "ABCDEFGH12345678" in paid
    assert client.post(reverse("bill")).status_code == 422


def test_the_bill_of_a_draft_leads_to_its_next_question(kanim: House, client: Client) -> None:
    made, _ = kanim.draft()
    holding(client, made)
    assert client.get(reverse("bill"))["Location"] == reverse("question", args=["type"])
