"""Call-next at the operation: 200 counters over 20 offices in one database, two processes, 16 connections.

Open arrivals: presses come at random moments of a schedule (Poisson) whether or not the earlier ones are through, and
a call's time counts from its moment on the schedule to its commit. So a server that cannot keep up is not measured by
the few presses that it let through. After each call, outside the measured time, the person goes back to the end of
the line and the counter is free again: the hall stays as full as it was.
"""

from __future__ import annotations

import json
import queue
import random
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks import common
from benchmarks.common import Report, Result
from benchmarks.floor import offices
from benchmarks.floor.offices import Size

FULL = Size(offices=20, counters=10, waiting=100, name="setara_bench_calls")
QUICK = Size(offices=2, counters=3, waiting=10, name="setara_bench_calls_quick")
PROCESSES, CONNECTIONS = 2, 8
RATE, P99_MS = 60, 100.0
#: The rates of which the first is told at which the p99 passes this many milliseconds.
RATES, PASSES_MS = (80, 100, 120, 140, 170, 200, 250, 300), 250.0
SECONDS, SEARCH_SECONDS, WARM_SECONDS = 30.0, 8.0, 3.0


def lines(report: Report, quick: bool) -> None:
    """Measure, and add one result for each promise."""
    size = QUICK if quick else FULL
    with offices.database_of(size):
        if not quick:
            _run(RATE, WARM_SECONDS)  # caches of server and database
        found = _run(20 if quick else RATE, 1.0 if quick else SECONDS)
        note = f"median {_at(found['ms'], 50):.1f}, {len(found['ms'])} calls, {found['refused']} refused"
        report.add(Result(f"call-next, p99 at {RATE}/s", _at(found["ms"], 99), "ms", P99_MS, note=note))
        if not quick:
            _search(report)
        report.add(Result("tickets given to two counters", twice(), "tickets", 0))


def _search(report: Report) -> None:
    """The first of the rates at which the p99 is over the limit."""
    seen = []
    for rate in RATES:
        found = _at(_run(rate, SEARCH_SECONDS)["ms"], 99)
        seen.append(f"{rate}/s {found:.0f}")
        if found > PASSES_MS:
            report.add(Result("p99 passes 250 ms at", rate, "calls/s", note="ms: " + ", ".join(seen)))
            return
    report.add(Result("p99 passes 250 ms above", RATES[-1], "calls/s", note="ms: " + ", ".join(seen)))


def _run(rate: float, seconds: float) -> dict[str, Any]:
    """Presses at ``rate`` a second, shared by the processes: their times in ms, and how many were refused."""
    running = [
        subprocess.Popen(
            [
                sys.executable,
                __file__,
                json.dumps({"part": part, "rate": rate / PROCESSES, "seconds": seconds}),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for part in range(PROCESSES)
    ]
    for process in running:
        assert process.stdout is not None
        process.stdout.readline()  # it is ready
    begin = f"{time.monotonic() + 0.5}\n"
    for process in running:  # all of them before anybody is waited for
        assert process.stdin is not None
        process.stdin.write(begin)
        process.stdin.flush()
    outs = [json.loads(process.communicate()[0]) for process in running]
    return {
        "ms": sorted(ms for out in outs for ms in out["ms"]),
        "refused": sum(out["refused"] for out in outs),
    }


def _at(ordered: list[float], percent: float) -> float:
    """A percentile by the nearest rank."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def twice() -> int:
    """Stays in a line that were ended by two calls (none may be): whoever goes back begins a new one.

    Moments cannot tell: a press is dated when it comes, and may then wait for the line while an earlier call ends.
    """
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM queueing_call a JOIN queueing_call b"
            " ON a.ticket_id = b.ticket_id AND a.joined_at = b.joined_at AND a.id < b.id"
        )
        return int(cursor.fetchone()[0])


# One of the processes


def work(plan: dict[str, Any]) -> dict[str, Any]:
    """Press at the moments of this part's schedule, over its connections; the counters are shared out by parts."""
    import django

    django.setup()
    from setara.ledger import office_clock
    from setara.offices import service as staff
    from setara.queueing.models import Session

    office_clock.install()
    sessions = list(
        Session.objects.select_related("office", "staff__office", "counter").order_by(
            "office_id", "counter__number"
        )
    )
    mine = sessions[plan["part"] :: PROCESSES]
    presses = [(session, staff.actor_for(session.staff)) for session in mine]
    chance = random.Random(plan["part"] + plan["rate"])
    chance.shuffle(presses)
    print("ready", flush=True)
    begin = at = float(sys.stdin.readline())
    moments = []
    while (at := at + chance.expovariate(plan["rate"])) < begin + plan["seconds"]:
        moments.append(at)
    press = _Presses(moments, presses)
    threads = [threading.Thread(target=press.go) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"ms": press.ms, "refused": press.refused}


class _Presses:
    """What the threads share: the schedule, and the counters that are free."""

    def __init__(self, moments: list[float], counters: list[Any]) -> None:
        self.moments = iter(moments)
        self.counters: queue.SimpleQueue[Any] = queue.SimpleQueue()
        for counter in counters:
            self.counters.put(counter)
        self.lock = threading.Lock()
        self.ms: list[float] = []
        self.refused = 0

    def go(self) -> None:
        """One connection: the next press of the schedule, as soon as it is due or, when late, at once."""
        from django.db import connection

        from setara.kernel.errors import SetaraError
        from setara.ledger.service import By
        from setara.queueing import service as queueing

        connection.ensure_connection()
        while True:
            with self.lock:
                moment = next(self.moments, None)
            if moment is None:
                break
            counter = self.counters.get()
            time.sleep(max(0.0, moment - time.monotonic()))
            try:
                call = queueing.call_next(By(counter[1]), counter[0])
            except SetaraError:
                call = None
            done = time.monotonic()
            if call is not None:
                _back(call)
            with self.lock:
                self.ms.append((done - moment) * 1000)
                self.refused += call is None
            self.counters.put(counter)
        connection.close()


def _back(call: Any) -> None:
    """The counter is free, and the person waits again at the end of the line."""
    from setara.kernel import clock
    from setara.queueing.models import Call, Ticket

    now = clock.now()
    Call.objects.filter(pk=call.pk).update(ended_at=now, outcome="served")
    Ticket.objects.filter(pk=call.ticket_id).update(status="waiting", joined_at=now, arrived_at=now)


def main(arguments: list[str] | None = None) -> int:
    """Measure only this part."""
    wanted = common.options("floor/calls", __doc__, arguments)
    report = Report("floor-calls", wanted.quick)
    common.heading(report)
    lines(report, wanted.quick)
    return report.finish(wanted.json)


if __name__ == "__main__":
    if len(sys.argv) == 2 and sys.argv[1].startswith("{"):
        sys.stdout.write(json.dumps(work(json.loads(sys.argv[1]))))
    else:
        sys.exit(main())
