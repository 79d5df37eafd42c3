"""From a fresh clone to the first page, and two clones side by side.

Must reach (issue 3): `make run` serves pages within one minute of the packages being installed, on two cores; it
serves first and fills the demo while serving. Installing the packages is timed too, but depends on the network
and on what is cached, so nothing is promised for it.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks import common
from benchmarks.common import Report, Result

FIRST_PAGE = 60
PATIENCE = 600.0
#: Variables that would tie a clone to the environment that measures it.
STRANGE = ("SETARA_", "DATABASE_", "DJANGO_", "VIRTUAL_ENV", "PYTHONPATH", "MAKE", "MFLAGS")


@dataclass(slots=True)
class Running:
    """One `make run` in a clone of its own."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    began: float

    @property
    def seconds(self) -> float:
        """Since `make run` was typed."""
        return time.monotonic() - self.began

    def get(self, path: str) -> tuple[int, bytes]:
        """The answer to one request; (0, b"") while nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path, headers={"Host": f"127.0.0.1:{self.port}"})
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()

    def wait(self, what: Callable[[], bool], why: str) -> float:
        """Wait until `what` is true; the seconds since the start. Raises RuntimeError."""
        while not what():
            if self.process.poll() is not None or self.seconds > PATIENCE:
                log = (self.folder / "run.log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"{why} never happened in {self.folder}:\n{log}")
            time.sleep(0.1)
        return self.seconds

    def stop(self) -> bool:
        """Ctrl-C, as a person stops it; whether the office said that it stopped and no port is held any more.

        (make itself ends with an error when interrupted, however well the office stopped.)
        """
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(60)
        said = "event=stopped" in (self.folder / "run.log").read_text(errors="replace")
        return said and all(_free(port) for port in (self.port, self.port + 1000, self.port + 2000))


def clean_environment() -> dict[str, str]:
    """The environment without what belongs to this checkout."""
    return {key: value for key, value in os.environ.items() if not key.startswith(STRANGE)}


def cloned(folder: Path) -> float:
    """Clone HEAD and install the packages; returns the seconds that installing took."""
    subprocess.run(["git", "clone", "--quiet", str(common.CHECKOUT), str(folder)], check=True)
    began = time.monotonic()
    subprocess.run(
        ["make", "setup"], cwd=folder, env=clean_environment(), check=True, stdout=subprocess.DEVNULL
    )
    return time.monotonic() - began


def start(folder: Path) -> Running:
    """Type `make run` on free ports."""
    port = free_ports()
    with (folder / "run.log").open("wb") as log:
        process = subprocess.Popen(
            ["make", "run"],
            cwd=folder,
            env=clean_environment() | {"PORT": str(port)},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    return Running(folder, port, process, time.monotonic())


def free_ports() -> int:
    """A port that is free together with those 1,000 and 2,000 above it."""
    for port in range(21000, 29000, 7):
        if all(_free(one) for one in (port, port + 1000, port + 2000)):
            return port
    raise RuntimeError("no three free ports")


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # connections that ended just now are no office
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def hall(running: Running) -> dict[str, Any]:
    """The public state of the demo office's queue; empty while there is none."""
    status, body = running.get("/kantor/depok/antrean.json")
    return json.loads(body) if status == 200 else {}


def main(arguments: list[str] | None = None) -> int:
    """Measure; the exit code is 1 when a limit is missed."""
    wanted = common.options("startup", __doc__, arguments, alone="one clone only")
    report = Report("startup", wanted.quick)
    common.heading(report)
    with tempfile.TemporaryDirectory(prefix="setara-startup-") as place:
        os.chmod(place, 0o755)  # noqa: S103, PTH101 - the database's own account reads the packages in it
        first = Path(place) / "first"
        report.add(Result("installing the packages (make setup)", cloned(first), "s"))
        if wanted.quick:
            return report.finish(wanted.json)
        running = start(first)
        try:
            page = running.wait(lambda: running.get("/")[0] == 200, "the first page")
            report.add(Result("make run to the first page", page, "s", FIRST_PAGE))
            if not wanted.alone:
                beside(report, Path(place) / "second")
            day = running.wait(lambda: bool(hall(running).get("recent")), "the first call of the demo's day")
            report.add(Result("make run to the first call of the demo's day", day, "s"))
        finally:
            pressed = time.monotonic()
            clean = running.stop()
        note = "" if clean else "NOT CLEANLY"
        report.add(Result("Ctrl-C to stopped", time.monotonic() - pressed, "s", note=note))
        report.add(Result("offices that did not stop cleanly", int(not clean), "offices", 0))
    return report.finish(wanted.json)


def beside(report: Report, folder: Path) -> None:
    """A second clone runs beside the first one."""
    cloned(folder)
    running = start(folder)
    try:
        page = running.wait(lambda: running.get("/")[0] == 200, "the second clone's first page")
        report.add(Result("a second clone beside it, to its first page", page, "s", FIRST_PAGE))
    finally:
        running.stop()


if __name__ == "__main__":
    sys.exit(main())
