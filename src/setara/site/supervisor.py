"""Runs one office: the database and the processes that work on it, restarted when they die, stopped in order.

``web`` starts first and answers before the others are started. Stopping goes from the edge inwards: demo,
worker, live, web, outside, and the database last, so that nobody's last query fails. One process and one
loop, no threads: what the processes say, signals and deaths all arrive at one selector.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import selectors
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from setara.site import children, database, postgres
from setara.site.keys import secret_text
from setara.site.output import say
from setara.site.places import home
from setara.site.ports import CannotRun, Ports, answers, listening, shown

FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0  # seconds between death and restart: doubled at each death in a row
STABLE = 60.0  # seconds of life after which a process counts as well again
GRACE = 10.0  # seconds that a process has to finish what it does
WEB_PATIENCE = 30.0  # seconds after which the others start although web does not answer
STOP_ORDER = ("demo", "worker", "live", "web", "outside")
NOTICES = "/api/treasury/notices/"  # where the treasury's simulator tells the office of payments
BOARD_KEEP_ALIVE = "75"  # seconds; must differ from the 5-s poll of old browsers, or they meet closed lines


@dataclass(slots=True)
class Program:
    """One process of the office. ``once``: leaving with exit code 0 means that its work is done; ``listens``:
    it holds a LISTEN connection, which must be made anew when the database was restarted or exchanged;
    ``needs_port``: it starts when somebody listens there."""

    name: str
    command: Sequence[str]
    once: bool = False
    listens: bool = False
    needs_port: int | None = None
    child: children.Child | None = None
    deaths: int = 0
    due: float = 0.0
    done: bool = False
    renewing: bool = False

    def lived(self, seconds: float, code: int) -> float | None:
        """Take note of a death after ``seconds`` of life; the wait until the restart, None for never.

        Who was asked to make its connections anew has done nothing wrong and starts again at once.
        """
        self.child = None
        if self.renewing:
            self.renewing = False
            return 0.0
        if self.once and code == 0:
            self.done = True
            return None
        self.deaths = 1 if seconds >= STABLE else self.deaths + 1
        return float(min(FIRST_WAIT * 2 ** (self.deaths - 1), LONGEST_WAIT))


def programs(ports: Ports, folder: Path) -> list[Program]:
    """The processes in the order of their start."""
    python = sys.executable
    web = [
        python, "-m", "granian", "--interface", "wsgi", "--host", ports.host, "--port", str(ports.web),
        # Idle keep-alive connections count against backpressure: a hall full of phones must fit.
        "--workers", "2", "--blocking-threads", "2", "--backlog", "4096", "--backpressure", "2048",
        "--workers-kill-timeout", "8", "--no-ws", "--log-level", "warning", "setara.site.wsgi:application",
    ]  # fmt: skip
    live = [
        python, "-m", "uvicorn", "--host", ports.host, "--port", str(ports.live), "--loop", "uvloop",
        "--http", "httptools", "--timeout-keep-alive", BOARD_KEEP_ALIVE, "--timeout-graceful-shutdown", "3",
        "--log-level", "warning", "setara.site.live:app",
    ]  # fmt: skip
    worker = [python, "-m", "django", "procrastinate", "worker"]
    plan = [Program("web", web), Program("live", live, listens=True)]
    plan.append(Program("worker", worker, listens=True))
    if ports.outside:
        outside = [
            python, "-m", "setara.site.outside", "--port", str(ports.outside), "--state", str(folder / "outside"),
            "--notify-url", f"http://127.0.0.1:{ports.web}{NOTICES}",
        ]  # fmt: skip
        plan.append(Program("outside", outside))
        demo = [python, "-m", "setara.site.day.demo"]
        plan.append(Program("demo", demo, once=True, needs_port=ports.outside))
    return plan


@dataclass
class Supervisor:
    """The loop that keeps ``plan`` alive until it is told to stop."""

    plan: list[Program]
    ports: Ports
    folder: Path
    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    wanted: bool = True
    renewal: bool = False
    answered: bool = False
    database_check: float = 0.0

    def run(self) -> None:
        """Start everything, keep it alive, return when all is stopped but the database (the caller's)."""
        with self._signals():
            began = time.monotonic()
            try:
                while self.wanted:
                    if not self.answered:
                        self._ask_web(began)
                    self._start_due()
                    self._watch_database()
                    self._renew_listeners()
                    self._listen(0.25)
                    self._bury()
            finally:
                self._stop_all()

    def _ask_web(self, began: float) -> None:
        """Let the others start as soon as a page is served."""
        if answers(self.ports):
            self.answered = True
            say(_line("office", f"Open http://{shown(self.ports.host)}:{self.ports.web}/ (Ctrl-C stops)"))
        elif time.monotonic() - began > WEB_PATIENCE:
            self.answered = True
            say(_line("office", "web does not answer yet; starting the others all the same"))

    def _start_due(self) -> None:
        now = time.monotonic()
        for program in self.plan:
            if program.child or program.done or now < program.due:
                continue
            if program.name != "web" and not self.answered:
                continue
            if program.needs_port and not listening(program.needs_port):
                continue
            program.child = children.Child.start(program.command, self._environment())
            self.selector.register(program.child.output, selectors.EVENT_READ, program)

    def _environment(self) -> dict[str, str]:
        environment = {
            **os.environ,
            "PORT": str(self.ports.web),
            "LIVE_PORT": str(self.ports.live),
            "SETARA_HOME": str(self.folder),
            "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "setara.site.settings"),
            "PYTHONUNBUFFERED": "1",
        }
        if self.ports.outside:
            environment["OUTSIDE_PORT"] = str(self.ports.outside)
            # The treasury's simulator signs with what the office checks against.
            environment.setdefault("SETARA_TREASURY_SECRET", secret_text("treasury"))
        return environment

    def _watch_database(self) -> None:
        now = time.monotonic()
        if now < self.database_check or database.external():
            return
        self.database_check = now + 0.5
        if postgres.server_pid(postgres.layout(self.folder)) is None:
            say(_line("office", "event=database-died action=restart"))
            began = time.monotonic()
            try:
                postgres.start(self.folder)
            except postgres.PostgresError as error:
                say(_line("office", f"event=database-restart-failed {error}"))
                self.database_check = time.monotonic() + 5
            else:
                say(_line("office", f"event=database-up seconds={time.monotonic() - began:.1f}"))
                self.renewal = True

    def _renew_listeners(self) -> None:
        if not self.renewal:
            return
        self.renewal = False
        for program in self.plan:
            if program.listens and program.child:
                say(_line("office", f"event=renewing process={program.name}"))
                program.renewing = True
                program.child.ask_to_stop()

    def _listen(self, seconds: float) -> None:
        """Pass on what the processes say, until a signal, a death or ``seconds`` have passed."""
        for key, _ in self.selector.select(seconds):
            program = key.data
            if program is None:  # a signal woke us
                with contextlib.suppress(BlockingIOError):
                    os.read(key.fd, 512)
            elif child := program.child:
                for line in child.lines():
                    say(_line(program.name, line))
                if child.silent:
                    self.selector.unregister(child.output)

    def _bury(self) -> None:
        for program in self.plan:
            child = program.child
            if child is None or (code := child.exit_code()) is None:
                continue
            self._forget(program, child)
            seconds = time.monotonic() - child.began
            wait = program.lived(seconds, code)
            if wait is None:
                say(_line("office", f"event=done process={program.name}"))
                continue
            program.due = time.monotonic() + wait
            say(_line("office", f"event=died process={program.name} code={code} restart_in={wait:g}s"))

    def _forget(self, program: Program, child: children.Child) -> None:
        with contextlib.suppress(KeyError):
            self.selector.unregister(child.output)
        for line in child.rest():
            say(_line(program.name, line))

    def _stop_all(self) -> None:
        say(_line("office", "event=stopping"))
        self.wanted = True  # from here on a signal means: at once
        by_name = {program.name: program for program in self.plan}
        for name in STOP_ORDER:
            program = by_name.get(name)
            if program and program.child:
                self._stop(program, program.child)

    def _stop(self, program: Program, child: children.Child) -> None:
        child.ask_to_stop()
        deadline = time.monotonic() + GRACE
        while child.exit_code() is None:
            if time.monotonic() > deadline or not self.wanted:
                say(_line("office", f"event=killed process={program.name}"))
                child.kill()
                break
            self._listen(0.05)
        child.kill()  # whatever it may have left behind
        self._forget(program, child)
        program.child = None

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        """SIGINT and SIGTERM end the loop; these and SIGCHLD wake the selector at once."""
        reader, writer = os.pipe()
        for end in (reader, writer):
            os.set_blocking(end, False)
        self.selector.register(reader, selectors.EVENT_READ, None)

        def stop(_number: int, _frame: object) -> None:
            self.wanted = False

        def renew(_number: int, _frame: object) -> None:
            self.renewal = True

        handlers = {signal.SIGINT: stop, signal.SIGTERM: stop, signal.SIGHUP: stop, signal.SIGUSR1: renew}
        before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        wakeup = signal.set_wakeup_fd(writer)
        try:
            yield
        finally:
            signal.set_wakeup_fd(wakeup)
            for number, handler in before.items():
                signal.signal(number, handler)
            self.selector.close()
            os.close(reader)
            os.close(writer)


def main() -> int:
    """Run the office until a signal; the exit code: 0 stopped, 1 no database, 2 something is in the way."""
    demo = os.environ.get("SETARA_DEMO", "").lower() in {"1", "true", "yes", "on"}
    folder = home()
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # until the loop is there to understand it
    try:
        ports = Ports.from_environment(demo)
        with _only_one(folder):
            ports.check()
            with contextlib.nullcontext() if database.external() else postgres.using(folder):
                database.prepare()
                _fits(demo)
                Supervisor(programs(ports, folder), ports, folder).run()
    except CannotRun as error:
        say(f"setara: {error}")
        return 2
    except (postgres.PostgresError, database.DatabaseError) as error:
        say(f"setara: {error}")
        return 1
    say(_line("office", "event=stopped"))
    return 0


def _fits(demo: bool) -> None:
    """Raise CannotRun when the database holds the other kind of office: real people are never shown as
    simulated ones, nor simulated ones as real."""
    with database.connect(role="app") as connection:
        kinds = {bool(row[0]) for row in connection.execute("SELECT DISTINCT is_demo FROM offices_office")}
    if demo and False in kinds:
        raise CannotRun(
            "This data folder holds a real office, and demo mode does not start in one. "
            "Run setara serve without SETARA_DEMO, or choose another folder: SETARA_HOME=... make run"
        )
    if not demo and True in kinds:
        raise CannotRun(
            "This data folder holds the demo office with its simulated people. "
            "Run it with make run, or choose another folder for a real office: SETARA_HOME=... setara serve"
        )


def is_running(folder: Path) -> bool:
    """Whether an office runs with this data folder."""
    try:
        with _only_one(folder, write=False):
            return False
    except CannotRun:
        return True


def renew(folder: Path) -> None:
    """Tell a running office that its database was exchanged; nothing happens when none runs."""
    if is_running(folder):
        with contextlib.suppress(OSError, ValueError):
            os.kill(int((folder / "run.lock").read_text()), signal.SIGUSR1)


@contextlib.contextmanager
def _only_one(folder: Path, *, write: bool = True) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "run.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CannotRun(_refusal(folder, file)) from None
        if write:
            file.truncate(0)
            file.write(f"{os.getpid()}\n")
            file.flush()
        yield


def _refusal(folder: Path, file: IO[str]) -> str:
    file.seek(0)
    who = file.read().strip() or "?"
    return (
        f"An office runs with the data folder {folder} already (process {who}). "
        f"Stop it, or choose another folder for a second one: SETARA_HOME=... PORT=... make run"
    )


def _line(name: str, text: str) -> str:
    # UTC: loading the settings changes this process's own time zone halfway.
    return f"{time.strftime('%H:%M:%SZ', time.gmtime())} {name:<7} | {text}"
