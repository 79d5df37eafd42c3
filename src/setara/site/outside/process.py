"""Starts the outside systems as a process of their own: for the day driver and for tests."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from setara.kernel.errors import Unavailable
from setara.kernel.remote import Remote

#: Where the package itself lies, for a child whose parent found it by its own sys.path.
_SOURCE = str(Path(__file__).resolve().parents[3])


@dataclass(slots=True)
class Process:
    """A running simulator. ``secret`` is what its treasury signs with."""

    base_url: str
    secret: str
    pid: int
    _child: subprocess.Popen[bytes]

    def stop(self, seconds: float = 5.0) -> None:
        """End it, gently first; harmless when it has ended already."""
        self._child.terminate()
        try:
            self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
        self._close()

    def kill(self) -> None:
        """End it at once (SIGKILL), as a power cut would."""
        self._child.kill()
        self._child.wait()
        self._close()

    def _close(self) -> None:
        pipe: IO[bytes] | None = self._child.stdin
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()


def start(
    state_dir: Path | None,
    *,
    port: int = 0,
    notify_url: str = "",
    seed: int = 1,
    retake_rate: float = 0.0,
    secret: str | None = None,
    wait: float = 15.0,
) -> Process:
    """Start the simulator and return when it answers. It ends with this process, however that ends.

    ``state_dir`` None keeps nothing on disk; ``port`` 0 takes a free one (the socket is opened here and
    inherited, so nobody can take it in between); ``secret`` None makes one up. Raises OSError if the
    port is taken and ``Unavailable`` if the simulator does not answer within ``wait`` seconds.
    """
    secret = secret or secrets.token_hex(32)
    with socket.create_server(("127.0.0.1", port), backlog=512) as listening:
        command = [sys.executable, "-m", "setara.site.outside", "--fd", str(listening.fileno())]
        command += ["--until-stdin-closes", "--seed", str(seed), "--retake-rate", str(retake_rate)]
        command += ["--notify-url", notify_url] if notify_url else []
        command += ["--state", str(state_dir)] if state_dir else []
        base_url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        # A session of its own: Ctrl-C at the terminal is for the parent, who then stops us.
        child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            pass_fds=(listening.fileno(),),
            start_new_session=True,
            env=os.environ | {"SETARA_TREASURY_SECRET": secret, "PYTHONPATH": _SOURCE},
        )
    process = Process(base_url, secret, child.pid, child)
    try:
        _await_health(process, child, wait)
    except BaseException:
        process.kill()
        raise
    return process


@contextlib.contextmanager
def running(state_dir: Path | None = None, *, port: int = 0, **options: str | float) -> Iterator[Process]:
    """The simulator for the length of a block; ``options`` as for :func:`start`."""
    process = start(state_dir, port=port, **options)  # type: ignore[arg-type]
    try:
        yield process
    finally:
        process.stop()


def _await_health(process: Process, child: subprocess.Popen[bytes], wait: float) -> None:
    probe = Remote(
        process.base_url,
        code="outside_down",
        message="Sistem luar tidak menjawab.",
        remedy="Mulai lagi.",
        timeout=wait,
    )
    until = time.monotonic() + wait
    while True:
        try:
            if probe.call("GET", "/health").ok:
                probe.close()
                return
        except Unavailable:
            if child.poll() is not None or time.monotonic() >= until:
                raise
            time.sleep(0.02)
