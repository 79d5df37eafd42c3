"""Child processes that do not outlive their parent and cannot leave their own children behind.

Each runs in a process group of its own (Ctrl-C reaches the supervisor alone, which then stops them in
order). On Linux the kernel ends a child when its parent dies, however that happens; elsewhere a small
guardian process (``python -m setara.site.children``) watches for it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

PR_SET_PDEATHSIG = 1  # linux/prctl.h
LONGEST_LINE = 2000


@dataclass(slots=True)
class Child:
    """A running child; ``output`` is its standard output and error, never blocking."""

    process: subprocess.Popen[bytes]
    output: IO[bytes]
    began: float
    buffer: bytes = b""
    silent: bool = False

    @classmethod
    def start(cls, command: Sequence[str], environment: Mapping[str, str]) -> Child:
        """Start ``command`` in a group of its own. Raises OSError."""
        last_will = _death_signal()
        if last_will is None:
            command = [sys.executable, "-m", "setara.site.children", *command]
        process = subprocess.Popen(
            list(command),
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=last_will,  # noqa: PLW1509 - the supervisor has no threads, so the fork is safe
        )
        if process.stdout is None:
            raise OSError("no pipe from the child")
        os.set_blocking(process.stdout.fileno(), False)
        return cls(process, process.stdout, time.monotonic())

    def lines(self) -> Iterator[str]:
        """The whole lines that have arrived; ``silent`` is set when there will be no more."""
        try:
            block = os.read(self.output.fileno(), 65536)
        except BlockingIOError:
            return
        if not block:
            self.silent = True
        *whole, self.buffer = (self.buffer + block).split(b"\n")
        if len(self.buffer) > LONGEST_LINE:
            whole, self.buffer = [*whole, self.buffer], b""
        for line in whole:
            if line.strip():
                yield line.decode(errors="replace").rstrip()[:LONGEST_LINE]

    def rest(self) -> Iterator[str]:
        """What is left to read from a dead child; closes its pipe."""
        while not self.silent:
            before = len(self.buffer)
            got = list(self.lines())
            yield from got
            if not got and len(self.buffer) == before:
                break
        if self.buffer.strip():
            yield self.buffer.decode(errors="replace").rstrip()
        self.buffer = b""
        self.output.close()

    def exit_code(self) -> int | None:
        """The exit code (negative: the signal) once it is dead; what is left of its group is killed then."""
        code = self.process.poll()
        if code is not None:
            self.kill()
        return code

    def ask_to_stop(self) -> None:
        """SIGTERM to the child alone: it stops its own children in its own order."""
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()

    def kill(self) -> None:
        """SIGKILL to the whole group."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)


def _death_signal() -> Callable[[], None] | None:
    """What the child calls before its program starts; None where the kernel offers no such thing."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def arrange() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:  # the parent died in between
            os._exit(1)

    return arrange


def guard(command: Sequence[str]) -> int:
    """Run ``command``, pass SIGTERM on to it, and end it when our own parent dies. Returns its exit code."""
    parent = os.getppid()
    process = subprocess.Popen(list(command))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: process.terminate())
    while True:
        try:
            return process.wait(timeout=0.5)
        except subprocess.TimeoutExpired:
            if os.getppid() != parent:
                process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    return process.wait(timeout=10)
                process.kill()


if __name__ == "__main__":
    sys.exit(guard(sys.argv[1:]))
