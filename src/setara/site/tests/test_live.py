"""The live process as it really runs: streams, polling, a lost ear, a killed process."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django import db
from django.test import Client
from django.utils import translation

from setara.kernel import clock
from setara.kernel.clock import ManualClock
from setara.ledger import office_clock
from setara.queueing import following
from setara.queueing import service as q
from setara.queueing.tests.flooring import MONDAY, Floor, passport_office

#: What a follower may wait for a change to arrive (Must reach of the live process).
SOON = 2.0


class Stream:
    """A browser's EventSource, as far as the tests need one."""

    def __init__(self, port: int, path: str, **headers: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.connection.request("GET", path, headers={"Accept": "text/event-stream", **headers})
        self.socket = self.connection.sock
        self.answer = self.connection.getresponse()
        self.headers = self.answer.headers

        self.frames: queue.SimpleQueue[dict[str, str]] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        fields: dict[str, str] = {}
        with contextlib.suppress(OSError, http.client.HTTPException, ValueError, AttributeError):
            while line := self.answer.readline().decode():
                name, _, value = line.rstrip("\n").partition(": ")
                if name:
                    fields[name] = fields[name] + "\n" + value if name in fields else value
                    continue
                if fields.get("event") == "call":
                    self.frames.put(fields)
                fields = {}

    def frame(self, within: float) -> dict[str, str] | None:
        """The next frame with an event, heartbeats left out; None when none comes in time."""
        try:
            return self.frames.get(timeout=within)
        except queue.Empty:
            return None

    def close(self) -> None:
        """Hang up; closing the file instead would wait for the reading thread."""
        self.socket.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def floor(own_database: str) -> Iterator[Floor]:
    """An open office whose clock stands still, for all processes."""
    source = ManualClock(MONDAY)
    office_clock.set_virtual(MONDAY, rate=0)
    before = clock.install(source)
    made = passport_office(source)
    made.open()
    yield made
    clock.install(before)


@pytest.fixture
def serve(floor: Floor) -> Iterator[Callable[..., tuple[subprocess.Popen[bytes], int]]]:
    """Starts the live process on the test's database; what was started is stopped afterwards."""
    started: list[subprocess.Popen[bytes]] = []

    def start(port: int = 0) -> tuple[subprocess.Popen[bytes], int]:
        port = port or free_port()
        command = [
            sys.executable,
            "-m",
            "uvicorn",
            "--port",
            str(port),
            "--loop",
            "uvloop",
            "--http",
            "httptools",
        ]
        command += ["--timeout-graceful-shutdown", "1", "--log-level", "warning", "setara.site.live:app"]
        started.append(subprocess.Popen(command, env=dict(os.environ)))
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return started[-1], port
            time.sleep(0.05)
        raise AssertionError("the live process does not answer")

    yield start
    for process in started:
        process.terminate()
    for process in started:
        assert process.wait(15) is not None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(port: int, path: str, method: str = "GET", **headers: str) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    answer.text = answer.read().decode()
    connection.close()
    return answer


def places(frame: dict[str, str] | None) -> list[str]:
    assert frame is not None
    return [entry[0] for entry in json.loads(frame["data"])["waiting"]["document_check"]]


def until(look: Callable[[], object], within: float = 5.0) -> object:
    end = time.monotonic() + within
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError("did not happen in time")


@pytest.mark.slow
def test_a_call_reaches_every_follower_and_no_other_office(floor: Floor, serve: Any) -> None:
    other = passport_office(floor.clock, "lain")
    other.open()
    first, second = floor.arrive(), floor.arrive()
    _process, port = serve()
    office = floor.office.pk
    hall, abroad = Stream(port, f"/live/{office}/hall"), Stream(port, "/live/lain/hall")
    home, mine = Stream(port, f"/live/{office}/home?lang=en"), Stream(port, f"/live/{office}/queue")
    assert (hall.answer.status, hall.headers["Content-Type"]) == (200, "text/event-stream; charset=utf-8")
    assert hall.headers["Access-Control-Allow-Origin"] == "*"
    assert (hall.headers["Cache-Control"], hall.headers["X-Accel-Buffering"]) == ("no-cache", "no")
    # The whole state right after connecting, the same as the web process's page has it.
    shown = hall.frame(5)
    assert shown is not None
    with translation.override("id"):
        page = Client().get(f"/kantor/{office}/layar/isi/").content.decode()
    assert shown["data"].strip() == page.strip()
    assert "2 menunggu" in shown["data"]
    assert places(mine.frame(5)) == [first.label, second.label]
    assert "Who is waiting" in home.frame(5)["data"]
    assert abroad.frame(5) is not None

    began = time.monotonic()
    call = q.call_next(floor.by("D1"), floor.sit("D1", 1))
    assert call.ticket_id == first.pk
    # Sitting down and calling are two changes: the call is in the first frame or in the next.
    frames = [hall.frame(SOON), hall.frame(0.7)]
    assert any(f and f'data-announce="{call.pk}-0"' in f["data"] for f in frames)
    assert time.monotonic() - began < SOON + 0.7
    # One message for all phones: each finds itself in it, whoever they are.
    said = [f for f in (mine.frame(SOON), mine.frame(0.7)) if f]
    assert places(said[-1]) == [second.label]
    state = json.loads(said[-1]["data"])
    assert state == json.loads(json.dumps(following.state(q.load(floor.office, floor.clock.now()))))
    assert state["called"] == [[first.label, "document_check", 1, 0, False]]
    assert state["waiting"]["document_check"][0][1:] == [1, None, None, {}]
    # The control: what happened in one office is no news in the other.
    assert abroad.frame(1.5) is None
    for stream in (hall, home, mine, abroad):
        stream.close()


@pytest.mark.slow
def test_polling_unknown_addresses_and_knowing_already(floor: Floor, serve: Any) -> None:
    ticket = floor.arrive()
    _process, port = serve()
    path = f"/live/{floor.office.pk}/hall"
    whole = get(port, path)
    assert (whole.status, whole.getheader("Access-Control-Allow-Origin")) == (200, "*")
    assert get(port, path, "HEAD").text == ""
    same = get(port, path, **{"If-None-Match": whole.getheader("ETag")})
    assert (same.status, same.text) == (304, "")
    q.call_next(floor.by("D1"), floor.sit("D1", 1))
    changed = until(
        lambda: (a := get(port, path, **{"If-None-Match": whole.getheader("ETag")})).status == 200 and a, SOON
    )
    assert ticket.label in changed.text
    # A stream that has the present state already is only told so.
    etag = changed.getheader("ETag").strip('"')
    assert Stream(port, path, **{"Last-Event-ID": etag}).frame(1) is None
    assert Stream(port, path, **{"Last-Event-ID": "older"}).frame(1)["id"] == etag
    phones = get(port, f"/live/{floor.office.pk}/queue")
    assert phones.getheader("Content-Type") == "application/json; charset=utf-8"
    assert json.loads(phones.text)["called"][0][0] == ticket.label
    english = get(port, path + "?lang=en").text
    assert ("Loket 1" in changed.text, "Counter 1" in english) == (True, True)
    for odd in ("/live/tiada/hall", "/live/tiada/queue", f"/live/{floor.office.pk}/lain", "/live/", "/x"):
        assert get(port, odd).status == 404, odd
    assert get(port, path, "POST").status == 405


@pytest.mark.slow
def test_a_lost_ear_and_a_killed_process_lose_nothing(
    floor: Floor, serve: Any, own_database: str, owner_connection: Any
) -> None:
    """The LISTEN connection is cut, a call is made at once, and it still arrives; then the process is killed."""
    floor.arrive()
    second = floor.arrive()
    process, port = serve()
    path = f"/live/{floor.office.pk}/hall"
    ears = "SELECT pid FROM pg_stat_activity WHERE datname = %s AND query = 'LISTEN setara'"
    until(lambda: owner_connection.execute(ears, [own_database]).fetchone())
    stream = Stream(port, path)
    assert stream.frame(5) is not None
    session = floor.sit("D1", 1)
    stream.frame(SOON)
    (pid,) = owner_connection.execute(ears, [own_database]).fetchone()
    assert owner_connection.execute("SELECT pg_terminate_backend(%s)", [pid]).fetchone() == (True,)
    # And with it those over which the process reads; ours is made anew.
    others = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    others += " WHERE datname = %s AND usename = 'setara_app'"
    assert owner_connection.execute(others, [own_database]).fetchone()[0] >= 1
    db.connection.close()
    call = q.call_next(floor.by("D1"), session)
    frame = stream.frame(SOON + 1)
    assert f'data-announce="{call.pk}-0"' in frame["data"]
    until(lambda: owner_connection.execute(ears, [own_database]).fetchone())

    process.send_signal(signal.SIGKILL)
    process.wait(5)
    again = q.call_next(floor.by("D2"), floor.sit("D2", 2))
    assert again.ticket_id == second.pk
    # Without this process the page itself still has the state.
    assert second.label in Client().get(f"/kantor/{floor.office.pk}/layar/isi/").content.decode()
    _process, port = serve(port)
    assert f'data-announce="{again.pk}-0"' in Stream(port, path).frame(5)["data"]
