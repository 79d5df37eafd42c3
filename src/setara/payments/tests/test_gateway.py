"""The office's side of the treasury, against the simulator as a real process."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from setara.kernel import clock
from setara.kernel.errors import Forbidden, NotFound, Refused, Unavailable
from setara.payments.gateway import Bill, SimulatedBank, Treasury
from setara.site.outside.process import Process, running, start

NOW = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)  # 09.00 WIB
UNTIL = NOW + timedelta(hours=2)


@pytest.fixture(scope="module")
def outside() -> Iterator[Process]:
    with running() as process:
        yield process


@pytest.fixture
def treasury(outside: Process) -> Treasury:
    return Treasury(outside.base_url, outside.secret)


def issue(treasury: Treasury, order: str, **change: object) -> Bill:
    wish = {"amount": 650_000, "payer_label": "P-1", "issued_at": NOW, "expires_at": UNTIL} | change
    return treasury.issue_bill(order=order, **wish)


def test_a_bill_from_issue_to_receipt(treasury: Treasury, outside: Process) -> None:
    bill = issue(treasury, "o-1")
    assert (bill.order, bill.amount, bill.issued_at, bill.expires_at) == ("o-1", 650_000, NOW, UNTIL)
    assert issue(treasury, "o-1") == bill, "a repeated wish is harmless"
    with pytest.raises(Refused) as refused:
        issue(treasury, "o-1", amount=1)
    assert refused.value.code == "bill_refused"
    assert "jumlah lain" in str(refused.value.message)

    before = treasury.status(bill.code, NOW)
    assert (before.state, before.ntpn, before.paid_at, before.channel) == ("open", None, None, None)
    assert treasury.status(bill.code, UNTIL).state == "expired"
    bank = SimulatedBank(outside.base_url)
    receipt = bank.pay(bill.code, "bank", NOW + timedelta(minutes=5))
    assert bank.pay(bill.code, "pos", UNTIL) == receipt, "paying twice is paying once"
    after = treasury.status(bill.code, UNTIL)
    assert (after.state, after.ntpn, after.channel) == ("paid", receipt.ntpn, "bank")
    assert after.paid_at == receipt.paid_at == NOW + timedelta(minutes=5)


def test_the_day_of_the_code_is_that_of_the_clock(treasury: Treasury) -> None:
    late = datetime(2026, 3, 3, 17, 30, tzinfo=UTC)  # half past midnight in Jakarta
    with clock.using(clock.ManualClock(late)):
        bill = treasury.issue_bill(
            order="night", amount=1, payer_label="P", expires_at=late + timedelta(hours=2)
        )
        assert bill.code.startswith("820260304")
        assert bill.issued_at == late
        assert treasury.status(bill.code).state == "open"


def test_expired_and_unknown_codes(treasury: Treasury, outside: Process) -> None:
    bank = SimulatedBank(outside.base_url)
    bill = issue(treasury, "o-late")
    with pytest.raises(Refused) as refused:
        bank.pay(bill.code, "bank", UNTIL)
    assert refused.value.code == "expired_code"
    with pytest.raises(Refused) as early:
        bank.pay(bill.code, "bank", NOW - timedelta(seconds=1))
    assert early.value.code == "payment_refused"
    for ask in (lambda: treasury.status("8/../health"), lambda: bank.pay("820260303999999", "bank", NOW)):
        with pytest.raises(NotFound) as unknown:
            ask()
        assert unknown.value.code == "unknown_code"
    assert bank.pay(bill.code, "bank", UNTIL - timedelta(microseconds=1)).code == bill.code


def signed(body: bytes, key: str = "shared") -> str:
    return "sha256=" + hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


GOOD = {
    "billing_code": "820260303000001",
    "order": "o-1",
    "amount": 650_000,
    "ntpn": "ABCDEFGH12345678",
    "paid_at": "2026-03-03T09:05:00+07:00",
    "channel": "bank",
}


def test_only_the_treasury_can_write_a_notice() -> None:
    treasury = Treasury("http://127.0.0.1:9", "shared")
    body = json.dumps(GOOD).encode()
    notice = treasury.verify_notice(body, signed(body))
    assert (notice.ntpn, notice.amount, notice.paid_at) == (GOOD["ntpn"], 650_000, NOW + timedelta(minutes=5))
    changed = body.replace(b"650000", b"950000")
    forgeries = [
        (body, ""),
        (body, "sha256="),
        (body, signed(body, "other")),
        (changed, signed(body)),
        (body, "é"),
    ]
    for forged, signature in forgeries:
        with pytest.raises(Forbidden) as error:
            treasury.verify_notice(forged, signature)
        assert error.value.code == "bad_signature"
    with pytest.raises(ValueError, match="secret"):
        Treasury("http://127.0.0.1:9", "")


@pytest.mark.parametrize(
    "change",
    [
        {"billing_code": "12"},
        {"billing_code": 820260303000001},
        {"ntpn": "short"},
        {"amount": "650000"},
        {"amount": True},
        {"amount": -1},
        {"paid_at": "2026-03-03T09:05:00"},
        {"paid_at": None},
        {"order": 7},
    ],
)
def test_a_signed_notice_must_make_sense(change: dict[str, object]) -> None:
    treasury = Treasury("http://127.0.0.1:9", "shared")
    body = json.dumps({**GOOD, **change}).encode()
    with pytest.raises(Refused) as error:
        treasury.verify_notice(body, signed(body))
    assert error.value.code == "bad_notice"
    for broken in (b"", b"[]", b"{}", b"\xff"):
        with pytest.raises(Refused):
            treasury.verify_notice(broken, signed(broken))


def test_a_dead_treasury_is_said_plainly_and_used_again_when_it_is_back(tmp_path: Path) -> None:
    process = start(tmp_path)
    port = int(process.base_url.rpartition(":")[2])
    treasury = Treasury(process.base_url, process.secret)
    bill = issue(treasury, "o-1")
    process.kill()
    with pytest.raises(Unavailable) as error:
        issue(treasury, "o-2")
    assert (error.value.code, error.value.status) == ("treasury_down", 503)
    assert "tidak menjawab" in str(error.value.message)
    assert str(error.value.remedy)
    with running(tmp_path, port=port):
        assert issue(treasury, "o-1") == bill
    with running(tmp_path, port=port):  # the connection kept from before is dead: noticed without a failure
        assert issue(treasury, "o-1") == bill


def answered(**change: object) -> bytes:
    """A whole answer of the treasury to a wish, with something changed."""
    shape = {
        "billing_code": "820260303000001", "order": "o", "amount": 650_000, "state": "open",
        "issued_at": NOW.isoformat(), "expires_at": UNTIL.isoformat(),
    }  # fmt: skip
    body = json.dumps(shape | change).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


@pytest.mark.parametrize(
    "answer",
    [
        answered(),
        answered(billing_code="12"),
        answered(amount="650000"),
        answered(state="perhaps"),
        answered(expires_at="2026-03-03T09:00:00"),
        b"",
        b"SSH-2.0-hello\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{}",
        b"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\nOops",
        b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_an_answer_that_makes_no_sense_is_no_answer(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def talk() -> None:
            peer, _ = server.accept()
            with peer:
                peer.recv(65536)
                peer.sendall(answer)

        threading.Thread(target=talk, daemon=True).start()
        treasury = Treasury(f"http://127.0.0.1:{server.getsockname()[1]}", "s", timeout=2)
        if answer == answered():  # the control: the same answer, unchanged, is taken
            assert issue(treasury, "o").amount == 650_000
            return
        with pytest.raises(Unavailable):
            issue(treasury, "o")


def test_a_silent_treasury_costs_no_more_than_the_time_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        treasury = Treasury(f"http://127.0.0.1:{server.getsockname()[1]}", "s", timeout=0.2)
        with pytest.raises(Unavailable):
            treasury.status("820260303000001")


def test_one_client_serves_many_threads(treasury: Treasury) -> None:
    with ThreadPoolExecutor(8) as pool:
        bills = list(pool.map(lambda number: issue(treasury, f"t-{number}"), range(80)))
    assert [bill.order for bill in bills] == [f"t-{number}" for number in range(80)]
    assert len({bill.code for bill in bills}) == 80
