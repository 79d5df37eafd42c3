"""The simulator as a real process: treasury, notices, devices, messages, outages, kill -9."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import urlencode

import pytest
from PIL import Image

from setara.kernel.errors import Unavailable
from setara.kernel.remote import Answer, Remote
from setara.site.outside.process import Process, running, start

BILL = {
    "order": "A-1",
    "amount": 650_000,
    "payer_label": "Permohonan A-1",
    "issued_at": "2026-03-03T09:00:00+07:00",
    "expires_at": "2026-03-03T11:00:00+07:00",
}
IN_TIME, LATE = "2026-03-03T10:59:59+07:00", "2026-03-03T11:00:00+07:00"


def remote(process: Process) -> Remote:
    return Remote(process.base_url, code="down", message="Tidak menjawab.", remedy="Coba lagi.")


def pay(to: Remote, code: str, at: str = IN_TIME) -> Answer:
    return to.call("POST", f"/treasury/bills/{code}/pay", payload={"channel": "bank", "paid_at": at})


def page(to: Remote, path: str, **form: str) -> Answer:
    """As a browser without JavaScript would ask."""
    headers = {"Accept": "text/html"}
    if not form:
        return to.call("GET", path, headers=headers)
    headers |= {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
    return to.call("POST", path, body=urlencode(form).encode(), headers=headers)


@pytest.fixture(scope="module")
def outside() -> Iterator[Process]:
    with running() as process:
        yield process


@pytest.fixture
def here(outside: Process) -> Remote:
    return remote(outside)


def test_a_bill_is_issued_paid_once_and_known_by_its_order(here: Remote) -> None:
    first = here.call("POST", "/treasury/bills", payload=BILL | {"order": "once"})
    assert first.status == 201
    code = first.json()["billing_code"]
    assert code[:9] == "820260303"
    assert len(code) == 15
    assert (
        here.call("POST", "/treasury/bills", payload=BILL | {"order": "once"}).json()["billing_code"] == code
    )
    other = here.call("POST", "/treasury/bills", payload=BILL | {"order": "another"}).json()["billing_code"]
    assert int(other) == int(code) + 1
    dearer = here.call("POST", "/treasury/bills", payload=BILL | {"order": "once", "amount": 1})
    assert (dearer.status, dearer.json()["code"]) == (409, "other_amount")

    receipt = pay(here, code).json()
    assert len(receipt["ntpn"]) == 16
    assert receipt["ntpn"].isalnum()
    again = pay(here, code, LATE)
    assert (again.status, again.json()["ntpn"]) == (200, receipt["ntpn"])
    state = here.call("GET", f"/treasury/bills/{code}").json()
    assert (state["state"], state["paid_at"], state["channel"]) == ("paid", IN_TIME, "bank")
    assert (
        here.call("GET", f"/treasury/bills/{other}?at={IN_TIME.replace('+', '%2B')}").json()["state"]
        == "open"
    )


def test_late_and_unknown_codes_are_answered_plainly(here: Remote) -> None:
    code = here.call("POST", "/treasury/bills", payload=BILL | {"order": "late"}).json()["billing_code"]
    refused = pay(here, code, LATE)
    assert (refused.status, refused.json()["code"]) == (409, "expired_code")
    assert "kode baru" in refused.json()["message"]
    assert (
        here.call("GET", f"/treasury/bills/{code}?at={LATE.replace('+', '%2B')}").json()["state"] == "expired"
    )
    assert pay(here, code).status == 200, "the same code in time"
    assert pay(here, "820260303999999").json()["code"] == "unknown_code"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amount": 0}, "bad_amount"),
        ({"amount": True}, "bad_amount"),
        ({"amount": 6.5}, "bad_amount"),
        ({"order": ""}, "bad_order"),
        ({"payer_label": None}, "bad_payer_label"),
        ({"expires_at": "2026-03-03T11:00:00"}, "bad_expires_at"),
        ({"expires_at": BILL["issued_at"]}, "bad_expires_at"),
        ({"issued_at": "tomorrow"}, "bad_issued_at"),
        ({"notify_url": "http://192.0.2.1/notice"}, "bad_notify_url"),
        ({"notify_url": "file:///etc/hosts"}, "bad_notify_url"),
        ({"notify_url": "http://localhost:port/"}, "bad_notify_url"),
    ],
)
def test_bad_orders_are_refused_by_field(here: Remote, change: dict[str, object], code: str) -> None:
    answer = here.call("POST", "/treasury/bills", payload={**BILL, "order": f"bad-{code}", **change})
    assert (answer.status, answer.json()["code"]) == (400, code)
    assert here.call("POST", "/treasury/bills", payload={**BILL, "order": f"bad-{code}"}).status == 201


def test_nonsense_requests(here: Remote) -> None:
    assert here.call("POST", "/treasury/bills", body=b"[1]").json()["code"] == "bad_json"
    assert here.call("POST", "/treasury/bills", body=b"\xff").json()["code"] == "bad_json"
    assert here.call("POST", "/treasury/bills", body=b"x" * 300_000).status == 413
    assert here.call("GET", "/nowhere").status == 404
    assert here.call("DELETE", "/treasury/bills").status == 405
    assert here.call("GET", "/treasury/bills/1/pay").status == 405
    assert here.call("GET", "/health").json()["ok"] is True


def test_a_visitor_pays_at_the_bank_page(here: Remote) -> None:
    code = here.call("POST", "/treasury/bills", payload=BILL | {"order": "page"}).json()["billing_code"]
    assert b'<label for="code">' in page(here, "/bank").body
    unknown = page(here, "/bank?code=12<3")
    assert unknown.status == 404
    assert b"tidak dikenal" in unknown.body
    assert b'value="12&lt;3"' in unknown.body, "what was typed is kept, and escaped"
    shown = page(here, f"/bank?code={code[:5]}+{code[5:]}").body.decode()
    assert "Rp650.000" in shown
    assert "3 Maret 2026, pukul 11.00 WIB" in shown
    assert "SIMULASI" in shown
    foreign = here.call(
        "POST", "/bank", body=f"code={code}&channel=pos".encode(), headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert (foreign.status, foreign.json()["code"]) == (403, "other_site")
    assert page(here, "/bank", code=code, channel="cash").status == 400
    done = page(here, "/bank", code=code, channel="pos")
    assert (done.status, done.headers["location"]) == (303, f"/bank?code={code}")
    receipt = page(here, f"/bank?code={code}")
    assert here.call("GET", f"/treasury/bills/{code}").json()["ntpn"] in receipt.body.decode()
    assert "default-src 'none'" in receipt.headers["content-security-policy"]
    for path in ("/", "/bank", "/messages", f"/bank?code={code}"):
        body = page(here, path).body
        assert b"SIMULASI" in body
        assert b"style=" not in body
        assert b"<script" not in body
    assert page(here, "/outside.css").headers["content-type"].startswith("text/css")


def test_an_expired_bill_says_so_on_the_bank_page(here: Remote) -> None:
    brief = BILL | {"order": "brief", "expires_at": "2026-03-03T09:00:00.05+07:00"}
    code = here.call("POST", "/treasury/bills", payload=brief).json()["billing_code"]
    time.sleep(0.1)
    assert "kedaluwarsa" in page(here, f"/bank?code={code}").body.decode()
    assert page(here, "/bank", code=code, channel="bank").status == 409
    assert here.call("GET", f"/treasury/bills/{code}").json()["state"] == "expired"


def test_the_virtual_clock_of_the_office_is_followed() -> None:
    with running() as process:
        to = remote(process)
        assert to.call("POST", "/clock", payload={"start": "2026-03-03T10:00:00"}).status == 400
        told = to.call("POST", "/clock", payload={"start": "2026-03-03T12:00:00+07:00", "rate": 0})
        assert told.json()["time"] == "2026-03-03T05:00:00+00:00"
        code = to.call("POST", "/treasury/bills", payload=BILL).json()["billing_code"]
        assert "kedaluwarsa" in page(to, f"/bank?code={code}").body.decode()
        to.call("POST", "/clock", payload={"start": "2026-03-03T10:00:00+07:00", "rate": 0})
        assert page(to, "/bank", code=code, channel="bank").status == 303
        assert to.call("GET", f"/treasury/bills/{code}").json()["paid_at"] == "2026-03-03T03:00:00+00:00"
        # A clock a moment behind the office's: what has been issued can be paid, at the moment of its issue.
        to.call("POST", "/clock", payload={"start": "2026-03-03T08:59:59+07:00", "rate": 0})
        soon = to.call("POST", "/treasury/bills", payload=BILL | {"order": "A-2"}).json()["billing_code"]
        assert page(to, "/bank", code=soon, channel="bank").status == 303
        assert to.call("GET", f"/treasury/bills/{soon}").json()["paid_at"] == "2026-03-03T09:00:00+07:00"
        early = to.call("POST", "/treasury/bills", payload=BILL | {"order": "A-3"}).json()["billing_code"]
        assert pay(to, early, "2026-03-03T08:59:59+07:00").status == 400  # said so, it is still refused


class Office:
    """A web hook that refuses the first notices."""

    def __init__(self, failures: int) -> None:
        self.seen: list[tuple[bytes, str]] = []
        office = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                office.seen.append((body, self.headers["X-Treasury-Signature"]))
                self.send_response(500 if len(office.seen) <= failures else 204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait_for(self, count: int, seconds: float = 10) -> None:
        until = time.monotonic() + seconds
        while len(self.seen) < count and time.monotonic() < until:
            time.sleep(0.02)
        assert len(self.seen) >= count


@pytest.fixture
def office() -> Iterator[Office]:
    opened = Office(failures=2)
    yield opened
    opened.server.shutdown()
    opened.server.server_close()


def test_the_office_is_told_until_it_says_that_it_knows(office: Office) -> None:
    with running(secret="shared") as process:
        to = remote(process)
        code = to.call("POST", "/treasury/bills", payload=BILL | {"notify_url": office.url}).json()[
            "billing_code"
        ]
        receipt = pay(to, code).json()
        office.wait_for(3)
        time.sleep(1.2)  # longer than the next wait would be
    assert len(office.seen) == 3, "two refusals, one acknowledgement, then silence"
    body, signature = office.seen[-1]
    assert signature == "sha256=" + hmac.new(b"shared", body, hashlib.sha256).hexdigest()
    notice = json.loads(body)
    assert notice["ntpn"] == receipt["ntpn"]
    assert (notice["billing_code"], notice["order"], notice["amount"]) == (code, "A-1", 650_000)


def test_a_notice_is_still_owed_after_a_crash(tmp_path: Path, office: Office) -> None:
    process = start(tmp_path, secret="shared")
    to = remote(process)
    code = to.call("POST", "/treasury/bills", payload=BILL | {"notify_url": office.url}).json()[
        "billing_code"
    ]
    pay(to, code)
    office.wait_for(1)
    process.kill()
    seen = len(office.seen)
    with running(tmp_path, secret="shared"):
        office.wait_for(max(3, seen + 1))
        time.sleep(0.3)
    seen = len(office.seen)
    with running(tmp_path, secret="shared"):
        time.sleep(0.5)
    assert len(office.seen) == seen, "acknowledged, so no longer owed"


def test_kill_9_loses_no_code_and_no_payment(tmp_path: Path) -> None:
    process = start(tmp_path)
    acknowledged: dict[str, str] = {}
    started = threading.Event()

    def customer(number: int) -> None:
        to = remote(process)
        try:
            for turn in range(10_000):
                order = f"{number}-{turn}"
                code = to.call("POST", "/treasury/bills", payload=BILL | {"order": order}).json()[
                    "billing_code"
                ]
                acknowledged[code] = ""
                acknowledged[code] = pay(to, code).json()["ntpn"]
                started.set()
        except Unavailable:
            return

    threads = [threading.Thread(target=customer, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    assert started.wait(10)
    time.sleep(0.4)
    process.kill()
    for thread in threads:
        thread.join()
    assert len(acknowledged) > 20
    with (tmp_path / "treasury.jsonl").open("ab") as file:
        file.write(b'{"bill": "half a li')  # what a power cut may leave
    with running(tmp_path) as again:
        to = remote(again)
        for code, ntpn in acknowledged.items():
            state = to.call("GET", f"/treasury/bills/{code}").json()
            assert not ntpn or state["ntpn"] == ntpn
        fresh = to.call("POST", "/treasury/bills", payload=BILL | {"order": "fresh"}).json()["billing_code"]
        assert fresh not in acknowledged
        assert int(fresh) > max(int(code) for code in acknowledged)
    with running(tmp_path) as third:
        assert remote(third).call("GET", f"/treasury/bills/{fresh}").status == 200


def test_the_same_seed_gives_the_same_receipts_and_captures() -> None:
    def play(seed: int) -> list[object]:
        with running(seed=seed) as process:
            to = remote(process)
            code = to.call("POST", "/treasury/bills", payload=BILL).json()["billing_code"]
            captures = [
                to.call("POST", "/device/capture", payload={"kind": kind, "subject": "s"})
                for kind in ("photo", "fingerprints", "fingerprints")
            ]
            shape = [(c.body, c.headers["x-capture-quality"]) for c in captures]
            return [code, pay(to, code).json()["ntpn"], *shape]

    first, second, other = play(1), play(1), play(2)
    assert first == second
    assert first[0] == other[0]
    assert all(a != b for a, b in zip(first[1:], other[1:], strict=True))
    assert first[3] != first[4], "a second attempt is another capture"


def test_the_camera_draws_a_marked_portrait_and_the_reader_a_template(here: Remote) -> None:
    photo = here.call("POST", "/device/capture", payload={"kind": "photo", "subject": "p-1"})
    with Image.open(io.BytesIO(photo.body)) as image:
        assert (image.format, image.size) == ("JPEG", (480, 640))
        assert min(image.getpixel((5, 5))) > 245, "white background"
        assert image.getpixel((5, 620))[0] > 150 > image.getpixel((5, 620))[1], "the band of the mark"
    assert 70 <= int(photo.headers["x-capture-quality"]) <= 99
    other = here.call("POST", "/device/capture", payload={"kind": "photo", "subject": "p-2"})
    assert other.body != photo.body
    fingers = here.call("POST", "/device/capture", payload={"kind": "fingerprints", "subject": "p-1"})
    assert fingers.body.startswith(b"SIMULASI")
    assert (
        here.call("POST", "/device/capture", payload={"kind": "iris", "subject": "p"}).json()["code"]
        == "bad_kind"
    )
    assert here.call("POST", "/device/capture", payload={"kind": "photo"}).json()["code"] == "bad_subject"


def test_some_captures_are_too_poor() -> None:
    with running(retake_rate=0.3) as process:
        to = remote(process)
        wishes = [{"kind": "fingerprints", "subject": f"s{number}"} for number in range(200)]
        answers = [to.call("POST", "/device/capture", payload=wish) for wish in wishes]
        poor = [answer.json() for answer in answers if answer.status == 422]
        assert 30 < len(poor) < 90
        assert all(shape["code"] == "low_quality" and shape["quality"] < 50 for shape in poor)
        assert {answer.status for answer in answers} == {200, 422}


def test_messages_arrive_on_the_simulated_telephone(here: Remote) -> None:
    text = "Kode Anda <b>123456</b>\nJangan berikan kepada siapa pun."
    sent = here.call("POST", "/messages", payload={"to_label": "+62 800-1", "channel": "sms", "text": text})
    assert sent.status == 202
    here.call("POST", "/messages", payload={"to_label": "+62 800-2", "channel": "email", "text": "Lain"})
    inbox = page(here, "/messages?to=%2B62+800-1").body.decode()
    assert "Kode Anda &lt;b&gt;123456&lt;/b&gt;" in inbox
    assert "Lain" not in inbox
    rows = here.call("GET", "/messages.json").json()["messages"]
    assert [row["text"] for row in rows[:2]] == ["Lain", text]
    for wrong in ({"channel": "pigeon"}, {"to_label": ""}, {"text": "x" * 5000}):
        wish = {"to_label": "a", "channel": "sms", "text": "b"} | wrong
        assert here.call("POST", "/messages", payload=wish).status == 400


def test_only_the_last_messages_are_kept() -> None:
    with running() as process:
        to = remote(process)
        for number in range(510):
            to.call("POST", "/messages", payload={"to_label": "a", "channel": "sms", "text": str(number)})
        rows = to.call("GET", "/messages.json").json()["messages"]
        assert (len(rows), rows[0]["text"], rows[-1]["text"]) == (500, "509", "10")


def test_an_outage_is_of_one_system_and_ends() -> None:
    with running() as process:
        to = remote(process)
        assert to.call("POST", "/outage", payload={"system": "moon", "seconds": 1}).status == 400
        assert to.call("POST", "/outage", payload={"system": "treasury", "seconds": -1}).status == 400
        to.call("POST", "/outage", payload={"system": "treasury", "seconds": 60})
        with pytest.raises(Unavailable):
            to.call("POST", "/treasury/bills", payload=BILL)
        with pytest.raises(Unavailable):
            page(to, "/bank")
        assert to.call("POST", "/messages", payload={"to_label": "a", "channel": "sms", "text": "b"}).ok
        assert 50 < to.call("GET", "/health").json()["outages"]["treasury"] <= 60
        assert b"terganggu" in page(to, "/").body
        to.call("POST", "/outage", payload={"system": "treasury", "seconds": 0})
        assert to.call("POST", "/treasury/bills", payload=BILL).status == 201
        assert page(to, "/outage", system="all", seconds="0.3").status == 303
        with pytest.raises(Unavailable):
            to.call("POST", "/device/capture", payload={"kind": "photo", "subject": "a"})
        time.sleep(0.4)
        assert to.call("POST", "/device/capture", payload={"kind": "photo", "subject": "a"}).ok


def test_it_ends_with_its_parent_even_if_that_is_killed() -> None:
    script = (
        "import time; from setara.site.outside.process import start\n"
        "p = start(None); print(p.pid, flush=True); time.sleep(60)"
    )
    source = str(Path(__file__).resolve().parents[3])
    parent = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": source}
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    os.kill(child, 0)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    until = time.monotonic() + 8
    while time.monotonic() < until and Path(f"/proc/{child}/cmdline").exists():
        if not Path(f"/proc/{child}/cmdline").read_bytes():
            break  # ended; only nobody has reaped it
        time.sleep(0.05)
    else:
        assert not Path(f"/proc/{child}/cmdline").exists()


def test_it_stops_cleanly_and_frees_its_port() -> None:
    process = start(None)
    port = int(process.base_url.rpartition(":")[2])
    process.stop()
    process.stop()
    again = start(None, port=port)
    try:
        assert again.base_url == process.base_url
        with pytest.raises(OSError, match="in use"):
            start(None, port=port)
    finally:
        again.stop()


def test_the_command_says_what_is_wrong() -> None:
    source = str(Path(__file__).resolve().parents[3])
    clean = {name: value for name, value in os.environ.items() if name != "SETARA_TREASURY_SECRET"}

    def run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "setara.site.outside", *arguments]
        return subprocess.run(
            command,
            env=clean | {"PYTHONPATH": source} | env,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )

    assert "SETARA_TREASURY_SECRET" in run().stderr
    assert "--retake-rate" in run("--retake-rate", "2", SETARA_TREASURY_SECRET="x").stderr
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = run("--port", port, SETARA_TREASURY_SECRET="x")
    assert refused.returncode == 1
    assert port in refused.stderr


def test_bills_are_issued_fast_enough_with_every_one_on_disk(tmp_path: Path) -> None:
    """The goal is 800 a second on a machine of its own; here only a floor that a busy one reaches too."""
    with running(tmp_path) as process:
        to = remote(process)

        def order(number: int) -> int:
            return to.call("POST", "/treasury/bills", payload=BILL | {"order": str(number)}).status

        with ThreadPoolExecutor(4) as pool:
            began = time.perf_counter()
            statuses = list(pool.map(order, range(400)))
            rate = 400 / (time.perf_counter() - began)
    assert set(statuses) == {201}
    assert rate > 150
    assert len((tmp_path / "treasury.jsonl").read_bytes().splitlines()) == 400
