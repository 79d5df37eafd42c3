"""``setara day`` in a terminal: it shows how far it is, can be interrupted, and leaves nothing behind."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from tests.running import wait_for

from setara.site import database

COMMAND = [sys.executable, "-m", "setara.site.cli", "day", "--date", "2026-03-03", "--counters", "3"]


class Terminal:
    """A terminal whose person watches standard error; standard output goes to a file."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.reader, self.writer = pty.openpty()
        self.out = folder / "out.txt"
        self.read = b""
        with self.out.open("w") as out:
            self.process = subprocess.Popen(
                [*COMMAND, *arguments],
                env=os.environ | {"TERM": "xterm", "COLUMNS": "100"},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=self.writer,
                process_group=0,
            )
        os.close(self.writer)
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def _watch(self) -> None:
        try:
            while some := os.read(self.reader, 4096):
                self.read += some
        except OSError:  # how a terminal says that nobody writes to it any more
            pass

    def end(self) -> tuple[int, str]:
        """Wait for the end: the exit code and all that was shown."""
        code = self.process.wait(120)
        self.thread.join(10)
        os.close(self.reader)
        return code, self.shown

    @property
    def shown(self) -> str:
        """What was shown so far."""
        return self.read.decode(errors="replace")


def kept_from(process: subprocess.Popen[bytes]) -> bool:
    """Whether the database of a played day is there."""
    return database.exists(f"setara_day_{process.pid}")


@pytest.mark.slow
def test_a_bar_moves_on_a_terminal_and_only_there(tmp_path: Path, test_server: None) -> None:
    watched = Terminal(tmp_path, "--applicants", "3")
    code, shown = watched.end()
    assert code == 0, shown
    assert "Playing the day" in shown
    steps = [int(number) for number in re.findall(r"(\d+) operations", shown)]
    assert steps == sorted(steps)
    assert len(set(steps)) > 3, "it moves"
    result = watched.out.read_text()
    assert "operations in" in result
    assert "Playing" not in result
    unwatched = subprocess.run(
        [*COMMAND, "--applicants", "1"], capture_output=True, text=True, check=True, timeout=120
    )
    assert "Playing" not in unwatched.stderr + unwatched.stdout


@pytest.mark.slow
def test_an_interrupted_day_leaves_nothing(tmp_path: Path, test_server: None) -> None:
    written = tmp_path / "day.json"
    # At this pace the process that cleans documents waits for work, and hears of Ctrl-C there.
    watched = Terminal(tmp_path, "--applicants", "40", "--speed", "60", "--json", str(written))
    wait_for(lambda: re.search(r"[1-9]\d* operations", watched.shown), "the day is being played", 60)
    assert kept_from(watched.process)
    time.sleep(3)
    os.killpg(watched.process.pid, signal.SIGINT)  # as Ctrl-C does: to all processes of the command
    code, shown = watched.end()
    assert code == 130, shown
    assert "Traceback" not in shown
    assert not kept_from(watched.process)
    assert not written.exists()
    assert watched.out.read_text() == ""


def test_a_held_server_is_left_as_it_was_found(own_home: Path) -> None:
    from setara.site import postgres

    for before in (False, True):
        if before:
            postgres.start(own_home)
        with database.held(leave=False):
            assert postgres.running(own_home)
        assert postgres.running(own_home) is before
    postgres.stop(own_home)
    with database.held(leave=True):
        pass
    assert postgres.running(own_home)
