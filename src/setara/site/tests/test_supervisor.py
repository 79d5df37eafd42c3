"""The supervisor: restarts what dies, stops in order, leaves nobody behind, says plainly what is in its way."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from setara.site import supervisor
from setara.site.ports import CannotRun, Ports
from setara.site.supervisor import LONGEST_WAIT, STABLE, Program

# Stands in for the office's programs: says its name when it starts and when it is asked to stop.
WORKER = """
import http.server, os, signal, sys, time
name, log, kind = sys.argv[1:4]
def note(word):
    with open(log, "a") as file: file.write(f"{word} {name} {os.getpid()}\\n")
def stop(*_):
    note("stop"); sys.exit(0)
signal.signal(signal.SIGTERM, stop)
note("start")
print("hello from", name, flush=True)
if kind == "once": sys.exit(0)
if kind == "stubborn": signal.signal(signal.SIGTERM, lambda *_: note("ignore"))
if kind == "parent" and os.fork() == 0:
    signal.signal(signal.SIGTERM, signal.SIG_IGN); note("start"); time.sleep(600)
if kind == "web":
    class Page(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self): self.send_response(200); self.end_headers()
        def log_message(self, *_): pass
    http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Page).serve_forever()
time.sleep(600)
"""

RUNNER = """
import sys
from pathlib import Path
from setara.site import supervisor
from setara.site.ports import Ports
from setara.site.supervisor import Program, Supervisor
supervisor.GRACE = 1.0
code, log, port = sys.argv[1:4]
plan = [
    Program(name, [sys.executable, "-c", code, name, log, kind], once=kind == "once", listens=kind == "listens")
    for name, kind in (word.split("=") for word in sys.argv[4:])
]
Supervisor(plan, Ports("127.0.0.1", int(port), 1, None), Path(log).parent).run()
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(what: Callable[[], object], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


class Office:
    """A supervisor in a process of its own, over stand-ins that keep a diary."""

    def __init__(self, folder: Path, *plan: str) -> None:
        self.diary = folder / "diary"
        self.diary.touch()
        arguments = [WORKER, str(self.diary), str(free_port()), *plan]
        self.process = subprocess.Popen(
            [sys.executable, "-c", RUNNER, *arguments],
            env=os.environ | {"DATABASE_URL": "postgresql:///nowhere"},  # no server to look after
            stderr=(folder / "log").open("w"),
        )

    def entries(self, word: str) -> list[tuple[str, int]]:
        rows = [line.split() for line in self.diary.read_text().splitlines()]
        return [(name, int(pid)) for what, name, pid in rows if what == word]

    def pids(self, name: str) -> list[int]:
        return [pid for who, pid in self.entries("start") if who == name]

    def log(self) -> str:
        return (self.diary.parent / "log").read_text()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Callable[..., Office]]:
    made: list[Office] = []

    def make(*plan: str) -> Office:
        made.append(Office(tmp_path, *plan))
        return made[-1]

    yield make
    for one in made:
        one.process.kill()
        one.process.wait()
        for _, pid in one.entries("start"):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def test_what_dies_is_restarted_and_all_stop_in_order(office: Callable[..., Office]) -> None:
    run = office("web=web", "live=listens", "worker=plain", "outside=stubborn", "demo=once")
    wait_for(lambda: len(run.entries("start")) == 5)
    assert run.entries("start")[0][0] == "web"  # serves before the others begin
    first = run.pids("worker")[0]
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: len(run.pids("worker")) == 2)
    run.process.send_signal(signal.SIGUSR1)  # the database was exchanged: who listens connects anew
    wait_for(lambda: len(run.pids("live")) == 2)
    time.sleep(0.7)
    assert len(run.pids("demo")) == 1  # its work was done
    run.process.send_signal(signal.SIGINT)
    assert run.process.wait(10) == 0
    stopped = [name for name, _ in run.entries("stop")]
    assert stopped == ["live", "worker", "live", "web"]  # the first live gave way to the renewal
    assert run.entries("ignore")  # asked, and killed after the time of grace
    assert not [pid for _, pid in run.entries("start") if alive(pid)]
    log = run.log()
    assert "web     | hello from web" in log
    assert "event=died process=worker code=-9 restart_in=0.5s" in log
    assert "event=killed process=outside" in log


def test_nobody_is_left_behind(office: Callable[..., Office]) -> None:
    run = office("web=web", "worker=parent")
    wait_for(lambda: len(run.pids("worker")) == 2)
    parent, child = run.pids("worker")
    os.kill(parent, signal.SIGKILL)  # its own child would hold on to ports and files
    wait_for(lambda: not alive(child))
    wait_for(lambda: len(run.pids("worker")) == 4)
    run.process.kill()
    mains = [*run.pids("web"), run.pids("worker")[2]]
    wait_for(lambda: not any(map(alive, mains)))


def test_the_guardian_ends_its_command_when_its_parent_dies(tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    diary.touch()
    program = "import subprocess, sys, time; subprocess.Popen(sys.argv[1:]); time.sleep(600)"
    guard = [
        sys.executable,
        "-m",
        "setara.site.children",
        sys.executable,
        "-c",
        WORKER,
        "it",
        str(diary),
        "plain",
    ]
    parent = subprocess.Popen([sys.executable, "-c", program, *guard])
    wait_for(lambda: "start" in diary.read_text())
    time.sleep(0.7)
    assert "stop" not in diary.read_text()
    parent.kill()
    parent.wait()
    wait_for(lambda: "stop" in diary.read_text())


def test_the_wait_doubles_and_a_stable_life_resets_it() -> None:
    program = Program("worker", [])
    waits = [program.lived(1, 1) for _ in range(9)]
    assert waits == [0.5, 1, 2, 4, 8, 16, LONGEST_WAIT, LONGEST_WAIT, LONGEST_WAIT]
    program.renewing = True  # asked to connect anew, after the database died: no death of its own
    assert program.lived(1, -15) == 0.0
    assert program.lived(STABLE, 1) == 0.5
    assert program.lived(1, 1) == 1
    demo = Program("demo", [], once=True)
    assert demo.lived(1, 1) == 0.5
    assert demo.lived(1, 0) is None
    assert demo.done


def test_a_taken_port_is_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("PORT", str(free_port()))
        monkeypatch.setenv("LIVE_PORT", str(port))
        with pytest.raises(CannotRun, match=rf"Port {port} is taken.*LIVE_PORT={port + 10}"):
            Ports.from_environment(demo=False).check()
    Ports.from_environment(demo=False).check()
    monkeypatch.setenv("PORT", "http")
    with pytest.raises(CannotRun, match="PORT=http is not a port"):
        Ports.from_environment(demo=False)


def test_one_office_a_data_folder(tmp_path: Path) -> None:
    assert not supervisor.is_running(tmp_path)
    supervisor.renew(tmp_path)  # nobody to tell
    with supervisor._only_one(tmp_path):
        assert supervisor.is_running(tmp_path)
        done = subprocess.run(
            [sys.executable, "-m", "setara.site.cli", "serve"],
            env=os.environ | {"SETARA_HOME": str(tmp_path)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 2
        assert f"process {os.getpid()}" in done.stderr
    assert not supervisor.is_running(tmp_path)


def test_real_people_and_simulated_ones_are_never_mixed(own_database: str) -> None:
    from setara.ledger.service import By, system
    from setara.offices.service import Office, create_office

    supervisor._fits(demo=True)
    supervisor._fits(demo=False)
    create_office(By(system("test")), "uji", "Kantor Uji")
    supervisor._fits(demo=False)
    with pytest.raises(CannotRun, match="real office"):
        supervisor._fits(demo=True)
    Office.objects.update(is_demo=True)
    supervisor._fits(demo=True)
    with pytest.raises(CannotRun, match="simulated people"):
        supervisor._fits(demo=False)
