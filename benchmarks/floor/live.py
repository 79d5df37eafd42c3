"""5,000 phones that follow their ticket and 50 boards, while ten calls a second go on in twenty offices.

The live process runs as `setara serve` starts it. A process of its own presses the counters at the moments of a
schedule, another holds all followers' connections: one asyncio protocol each over raw sockets, which notes of every
frame only its id and the moment; what a frame says is read once for all who got it. A call has reached a phone when
the first frame that shows it has come whole; the time counts from the return of the operation, which is its commit.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import resource
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks import common
from benchmarks.common import Report, Result
from benchmarks.floor import offices
from benchmarks.floor.offices import Size

FULL = Size(offices=20, counters=10, waiting=250, name="setara_bench_live")
QUICK = Size(offices=2, counters=2, waiting=10, name="setara_bench_live_quick")
CALLS_A_SECOND, SECONDS, BOARDS = 10.0, 40.0, 50
WITHIN, SHARE = 2.0, 99.0
#: Seconds after the last call in which its frames may still come.
TAIL = 4.0


def lines(report: Report, quick: bool) -> None:
    """Measure, and add one result for each promise."""
    size, seconds = (QUICK, 2.0) if quick else (FULL, SECONDS)
    with offices.database_of(size), _live() as (port, pid):
        plan = {"port": port, "seconds": seconds, "rate": 4.0 if quick else CALLS_A_SECOND}
        plan |= {"offices": offices.codes(size), "phones": size.waiting, "boards": 4 if quick else BOARDS}
        followers, caller = _start("follow", plan), _start("call", plan)
        connected = float(followers.stdout.readline())  # type: ignore[union-attr]
        caller.stdout.readline()  # type: ignore[union-attr]
        used, since = _cpu(pid), time.monotonic()
        begin = f"{time.monotonic() + 0.5}\n"
        for process in (followers, caller):
            process.stdin.write(begin)  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
        called = json.loads(caller.communicate()[0])
        heard = json.loads(followers.communicate()[0])
        used, since = _cpu(pid) - used, time.monotonic() - since
        memory = _memory(pid)
    _tell(report, size, called, heard)
    report.add(Result("all followers connected in", connected, "s"))
    share = 100 * used / since
    report.add(
        Result("live process", share, "% of a core", note=f"{memory:.0f} MB; client {heard['cpu']:.1f} %")
    )


def _tell(report: Report, size: Size, called: list[Any], heard: dict[str, Any]) -> None:
    """Every call, and every phone and board of its office: how long until it was shown there."""
    delays, lost = [], 0
    shows = {frame: set(labels) for frame, labels in heard["shows"].items()}
    for office, label, counter, moment in called:
        for frames in heard["frames"][office]:
            came = next(
                (at for frame, at in frames if at >= moment and f"{label}@{counter}" in shows[frame]), None
            )
            if came is None:
                lost += 1
            else:
                delays.append(came - moment)
    delays.sort()
    followers = sum(len(rows) for rows in heard["frames"].values())
    spent = called[-1][3] - called[0][3]
    report.add(
        Result("calls that went on", (len(called) - 1) / spent, "calls/s", note=f"{len(called)} calls")
    )
    within = 100 * sum(delay <= WITHIN for delay in delays) / max(1, len(delays) + lost)
    note = f"{len(called)} calls, {followers} followers of {size.offices} offices, {len(delays)} arrivals"
    report.add(Result(f"shown within {WITHIN:.0f} s", within, "%", SHARE, at_least=True, note=note))
    for percent in (50, 99):
        at = min(len(delays) - 1, int(len(delays) * percent / 100))
        report.add(Result(f"until shown, p{percent}", delays[at] if delays else float("inf"), "s"))
    report.add(Result("never shown", lost, "arrivals", 0))


@contextlib.contextmanager
def _live() -> Any:
    """The live process as the supervisor starts it; yields port and process id."""
    from setara.site import supervisor
    from setara.site.places import home
    from setara.site.ports import Ports

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = next(
        one.command for one in supervisor.programs(Ports("127.0.0.1", port - 1, port, None), home())
        if one.name == "live"
    )  # fmt: skip
    process = subprocess.Popen(list(command), env=os.environ | {"LIVE_PORT": str(port)}, stdout=sys.stderr)
    try:
        until = time.monotonic() + 60
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("the live process did not start")
            time.sleep(0.1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(30)


def _start(part: str, plan: dict[str, Any]) -> subprocess.Popen[str]:
    command = [sys.executable, __file__, json.dumps(plan | {"part": part})]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _cpu(pid: int) -> float:
    """Seconds of processor that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> float:
    """Megabytes that a process holds."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))


# The process that calls


def call(plan: dict[str, Any]) -> list[list[Any]]:
    """Press at the moments of the schedule, office after office, counter after counter; before each press the call
    of the counter before is ended. (office, label, counter, moment of the commit) of every call."""
    import django

    django.setup()
    from setara.kernel import clock
    from setara.ledger import office_clock
    from setara.ledger.service import By
    from setara.offices import service as staff
    from setara.queueing import service as queueing
    from setara.queueing.models import Call, Session, Ticket

    office_clock.install()
    rows = Session.objects.select_related("office", "staff__office", "counter").order_by(
        "counter__number", "office_id"
    )
    counters = [(session, By(staff.actor_for(session.staff))) for session in rows]
    print("ready", flush=True)
    begin, made = float(sys.stdin.readline()), []
    for number in range(int(plan["seconds"] * plan["rate"])):
        time.sleep(max(0.0, begin + number / plan["rate"] - time.monotonic()))
        session, by = counters[number % len(counters)]
        for before in Call.objects.filter(counter=session.counter, ended_at=None):
            Call.objects.filter(pk=before.pk).update(ended_at=clock.now(), outcome="served")
            Ticket.objects.filter(pk=before.ticket_id).update(status="done", closed_at=clock.now())
        one = queueing.call_next(by, session)
        made.append([session.office_id, one.ticket.label, session.counter.number, time.monotonic()])
    return made


# The process that follows


class Follower(asyncio.Protocol):
    """One phone or board: remembers the id of each frame and when it had come whole."""

    __slots__ = ("begun", "buffer", "frames", "path", "shows")

    def __init__(self, path: str, shows: dict[str, list[str]]) -> None:
        self.path, self.shows = path, shows
        self.buffer, self.begun = b"", False
        self.frames: list[tuple[str, float]] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream."""
        request = f"GET {self.path} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n"
        transport.write(request.encode())  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        """Note the frame when it has come whole. Streams come in chunks, whose borders say nothing here: a frame
        ends with an empty line."""
        self.buffer += data
        if not self.buffer.endswith(b"\n\n\r\n"):
            return
        now, buffer, self.buffer = time.monotonic(), self.buffer, b""
        start = buffer.rfind(b"id: ")
        if b"event: call" not in buffer or start < 0:
            return
        frame = buffer[start + 4 : buffer.index(b"\n", start)].decode()
        self.frames.append((frame, now))
        if frame not in self.shows:
            self.shows[frame] = _shown(buffer[start:])


def _shown(frame: bytes) -> list[str]:
    """``label@counter`` of every call that a frame shows."""
    text = b"".join(frame.split(b"data: ")[1:]).decode(errors="replace")
    if text.startswith("{"):
        state = json.loads(text[: text.rindex("}") + 1])
        return [f"{label}@{counter}" for label, _step, counter, _repeats, _begun in state["called"]]
    rows = re.findall(r'board-label">([A-Z]-\d+)</span>.*?board-place">\D*(\d+)', text)
    rest = re.findall(r"<strong>([A-Z]-\d+)</strong> \D*(\d+)</li>", text)
    return [f"{label}@{counter}" for label, counter in rows + rest]


async def follow(plan: dict[str, Any]) -> dict[str, Any]:
    """Connect all, say so, and give what came: office -> frames of each follower, frame -> what it shows."""
    loop = asyncio.get_running_loop()
    shows: dict[str, list[str]] = {}
    everybody: dict[str, list[Follower]] = {code: [] for code in plan["offices"]}
    wanted = [(code, "queue") for code in plan["offices"] for _ in range(plan["phones"])]
    boards = [plan["offices"][n % len(plan["offices"])] for n in range(plan["boards"])]
    wanted += [(code, "hall") for code in boards]
    began, gate = time.monotonic(), asyncio.Semaphore(200)

    async def connect(code: str, kind: str) -> None:
        async with gate:
            one = Follower(f"/live/{code}/{kind}?lang=id", shows)
            everybody[code].append(one)
            await loop.create_connection(lambda: one, "127.0.0.1", plan["port"])
            while not one.frames:
                await asyncio.sleep(0.01)

    await asyncio.gather(*(connect(code, kind) for code, kind in wanted))
    print(time.monotonic() - began, flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    used, began = time.process_time(), time.monotonic()
    await asyncio.to_thread(sys.stdin.read)  # until the last call was made
    await asyncio.sleep(TAIL)
    share = 100 * (time.process_time() - used) / (time.monotonic() - began)
    frames = {code: [one.frames for one in followers] for code, followers in everybody.items()}
    return {"frames": frames, "shows": shows, "cpu": share}


def _work(plan: dict[str, Any]) -> Any:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if plan["part"] == "call":
        return call(plan)
    import uvloop

    return uvloop.run(follow(plan))


def main(arguments: list[str] | None = None) -> int:
    """Measure only this part."""
    wanted = common.options("floor/live", __doc__, arguments)
    report = Report("floor-live", wanted.quick)
    common.heading(report)
    lines(report, wanted.quick)
    return report.finish(wanted.json)


if __name__ == "__main__":
    if len(sys.argv) == 2 and sys.argv[1].startswith("{"):
        sys.stdout.write(json.dumps(_work(json.loads(sys.argv[1]))))
    else:
        sys.exit(main())
