"""Starting pytest quickly, once for each break.

Most of a short test run is spent importing other people's packages. One process imports them beforehand, and
nothing of ours; for each run it forks a child, which imports ours as they lie in the copy at that moment.

As a script it is that process: a line of JSON on standard input (arguments, file for the output) is one run; it
answers with the child's id, and with its exit code when it has ended.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

#: Packages whose modules can be imported before there are settings and models.
EARLY = {
    "PIL", "_pytest", "anyio", "asgiref", "attr", "cryptography", "django", "granian", "holidays", "hypothesis",
    "iniconfig", "pluggy", "psycopg", "psycopg_binary", "psycopg_pool", "pydantic", "pydantic_core", "pygments",
    "pytest", "pytest_django", "pytest_timeout", "segno", "sortedcontainers", "sqlparse", "typing_extensions",
    "xdist",
}  # fmt: skip
#: Parts of them that want the settings or the models.
LATE = ("django.contrib", "django.conf.urls", "pytest_django.live_server_helper")


class Starter:
    """Runs pytest in children of the process that is prepared; ``folder`` is where they run."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder = folder
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).resolve())],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            start_new_session=True,  # Ctrl-C is for whoever drives; children are ended below
        )

    def prepare(self, tests: Sequence[str]) -> None:
        """Find out what these tests import, and import what can be imported early."""
        self._order({"scout": list(dict.fromkeys(tests))})
        self._line(600)

    def run(self, arguments: Sequence[str], patience: float) -> str | None:
        """What pytest wrote; None when it did not end in time. Whatever it left running is ended."""
        output = self._folder / ".broken-output"
        self._order({"arguments": list(arguments), "output": str(output)})
        child = int(self._line(60) or 0)
        try:
            ended = self._line(patience) is not None
        except KeyboardInterrupt:
            _end(child)
            raise
        _end(child)
        if not ended:
            self._line(60)
            return None
        return output.read_text(encoding="utf-8", errors="replace")

    def close(self) -> None:
        """End the prepared process."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _order(self, order: dict[str, object]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")

    def _line(self, patience: float) -> str | None:
        """The next line of its answer; None when it does not come in time. RuntimeError when it has died."""
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], patience)[0]:
            return None
        if not (line := self._process.stdout.readline()):
            raise RuntimeError("the process that starts the tests has ended")
        return line.strip()


def _end(child: int) -> None:
    """End a child's whole group: kindly, then not."""
    for number, pause in ((signal.SIGINT, 5.0), (signal.SIGKILL, 0.0)):
        try:
            os.killpg(child, number)
        except ProcessLookupError:
            return
        until = time.monotonic() + pause
        while time.monotonic() < until:
            time.sleep(0.05)
            try:
                os.killpg(child, 0)
            except ProcessLookupError:
                return


# The prepared process


def main() -> int:
    """Serve runs until standard input ends."""
    sys.path[0] = str(Path.cwd())  # as `python -m pytest` has it
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    for line in sys.stdin:
        order = json.loads(line)
        if "scout" in order:
            _import_early(_scouted(order["scout"]))
            answers.write("ready\n")
            continue
        child = os.fork()
        if child == 0:
            os.setsid()
            return _pytest(order["arguments"], order["output"])
        answers.write(f"{child}\n")
        _, status = os.waitpid(child, 0)
        answers.write(f"{os.waitstatus_to_exitcode(status)}\n")
    return 0


def _pytest(arguments: list[str], output: str) -> int:
    import pytest

    target = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for number in (1, 2):
        os.dup2(target, number)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    sys.stdin = os.fdopen(null, closefd=False)
    sys.argv = ["pytest", *arguments]
    return int(pytest.main(arguments))


def _scouted(tests: list[str]) -> list[str]:
    """What is imported when these tests are collected, found out in a child."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        files = list(dict.fromkeys(test.partition("::")[0] for test in tests))
        with contextlib.suppress(BaseException):
            _pytest(["-q", "--collect-only", "-p", "no:cacheprovider", *files], os.devnull)
        with os.fdopen(writer, "w") as out:
            out.write("\n".join(sys.modules))
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as found:
        names = found.read().split("\n")
    os.waitpid(child, 0)
    return names


def _import_early(names: list[str]) -> None:
    for name in names:
        early = name.partition(".")[0] in EARLY and not name.startswith(LATE)
        if early and not name.endswith("__main__"):
            with contextlib.suppress(Exception):
                importlib.import_module(name)
    ours = [name for name in sys.modules if name.partition(".")[0] in {"setara", "tests", "benchmarks"}]
    if ours:
        raise RuntimeError(f"imported before any break: {ours}")


if __name__ == "__main__":
    sys.exit(main())
