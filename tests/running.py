"""A whole office in processes of its own, as ``setara serve`` runs it, for tests that look from outside."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from setara.site import postgres

#: What betrays each process of the office on its command line.
MARKS = {
    "web": "granian",
    "live": "setara.site.live",
    "worker": "procrastinate",
    "outside": "setara.site.outside",
    "demo": "setara.site.day.demo",
}
#: Seconds; a loaded machine of two cores needs most of it, a quiet one a tenth.
PATIENCE = 120.0


def wait_for(what: Callable[[], Any], why: str, seconds: float = PATIENCE, pause: float = 0.1) -> Any:
    """Wait until ``what`` gives something true, and return it."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, f"in {seconds:.0f} s it did not happen: {why}"
        time.sleep(pause)
    return found


def free_port() -> int:
    """A port on which nobody listens just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Office:
    """One running ``setara serve``; every process that it ever had is remembered in ``seen``, with the
    moment at which it began: numbers are given out again, and somebody else's process must not be taken for ours."""

    folder: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes]
    log: Path
    seen: set[tuple[int, float]] = field(default_factory=set)

    @property
    def web(self) -> int:
        """The port of the pages."""
        return int(self.environment["PORT"])

    @property
    def live(self) -> int:
        """The port of the live process."""
        return int(self.environment["LIVE_PORT"])

    @property
    def outside(self) -> int:
        """The port of the simulated outside systems."""
        return int(self.environment["OUTSIDE_PORT"])

    @property
    def url(self) -> str:
        """Where the pages are."""
        return f"http://127.0.0.1:{self.web}"

    def pid(self, name: str) -> int | None:
        """The process called ``name``, or None while it is down; ``database`` is PostgreSQL's first process."""
        if name == "database":
            pid = postgres.server_pid(postgres.layout(self.folder))
            self._see(pid or 0)
            return pid
        found = None
        for child in self._children():
            self._see(child.pid)
            if MARKS[name] in " ".join(_command(child)):
                found = child.pid
        return found

    def workers(self) -> list[int]:
        """The worker processes below web."""
        pid = self.pid("web")
        try:
            below = [p.pid for p in psutil.Process(pid).children()] if pid else []
        except psutil.NoSuchProcess:
            return []
        for one in below:
            self._see(one)
        return below

    def kill(self, name: str) -> int:
        """End the process with SIGKILL as soon as it is up; its number."""
        pid = int(wait_for(lambda: self.pid(name), f"{name} is up"))
        self.workers()
        with contextlib.suppress(ProcessLookupError):  # it died by itself; the supervisor will say so
            os.kill(pid, signal.SIGKILL)
        return pid

    def kill_below(self, name: str) -> int:
        """End one of the processes below ``name`` with SIGKILL: a worker of web, a session of the database."""
        pid = wait_for(lambda: self.pid(name), f"{name} is up")
        below = [p.pid for p in wait_for(lambda: psutil.Process(pid).children(), f"{name} has children")]
        with contextlib.suppress(ProcessLookupError):
            os.kill(below[-1], signal.SIGKILL)
        return below[-1]

    def answers(self, port: int, path: str = "/") -> bool:
        """Whether a page is served without a fault."""
        return status(port, path) in range(200, 500)

    def ready(self) -> Office:
        """Wait until pages are served."""
        wait_for(lambda: self.process.poll() is not None or self.answers(self.web), "web serves a page")
        assert self.process.poll() is None, self.words()
        return self

    def stop(self, number: int = signal.SIGTERM, seconds: float = 60.0) -> int:
        """Ask the office to stop; its exit code."""
        for name in [*MARKS, "database"]:
            self.pid(name)
        self.workers()
        self.process.send_signal(number)
        return self.process.wait(seconds)

    def left(self) -> set[int]:
        """Processes that are still there although they belonged to this office."""
        return {pid for pid, began in self.seen if alive(pid) and _began(pid) == began}

    def _see(self, pid: int) -> None:
        if (began := _began(pid)) is not None:
            self.seen.add((pid, began))

    def words(self) -> str:
        """What the office has said."""
        return self.log.read_text(errors="replace")

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run Python in the office's environment, beside it."""
        return subprocess.run(
            [sys.executable, *arguments], env=self.environment, capture_output=True, text=True, check=check
        )

    def _children(self) -> list[psutil.Process]:
        try:
            return list(psutil.Process(self.process.pid).children())
        except psutil.NoSuchProcess:
            return []


@contextlib.contextmanager
def office(folder: Path, *, demo: bool = True, **more: str) -> Iterator[Office]:
    """Serve the office of ``folder``; killed at the end if the test has not stopped it.

    The demo office stands still: nobody plays in it but the test.
    """
    made = start(folder, demo=demo, **more)
    try:
        yield made
    finally:
        if made.process.poll() is None:
            made.process.terminate()
            try:
                made.process.wait(30)
            except subprocess.TimeoutExpired:
                made.process.kill()
                made.process.wait()
        for pid in made.left():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def start(folder: Path, *, demo: bool = True, **more: str) -> Office:
    """Start ``setara serve`` and return at once."""
    environment = surroundings(folder, demo=demo) | more
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "serve.log"
    with log.open("a") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "setara.site.cli", "serve"],
            env=environment, stdout=file, stderr=file, stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    return Office(folder, environment, process, log)


def surroundings(folder: Path, *, demo: bool = True) -> dict[str, str]:
    """The environment of an office in ``folder`` with free ports; nothing of this test run's own leaks in."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SETARA_", "DATABASE_"))}
    root = Path(__file__).resolve().parents[1]
    kept |= {"SETARA_HOME": str(folder), "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}", "LANG": "C.UTF-8"}
    for name in ("PORT", "LIVE_PORT", "OUTSIDE_PORT"):
        kept[name] = str(free_port())
    if demo:
        kept |= {"SETARA_DEMO": "1", "SETARA_DEMO_APPLICANTS": "0"}
    return kept


def status(port: int, path: str = "/", accept: str = "text/html") -> int:
    """The status that is answered, 0 when nobody answers."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        line.request("GET", path, headers={"Accept": accept})
        return line.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        line.close()


def alive(pid: int) -> bool:
    """Whether the process runs (a dead one that nobody has buried yet does not)."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _began(pid: int) -> float | None:
    try:
        return psutil.Process(pid).create_time() if pid else None
    except psutil.NoSuchProcess:
        return None


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []
