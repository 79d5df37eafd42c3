"""kill -9 at any moment: nothing that was acknowledged is lost, nothing happens twice, everything comes back.

One office, run by its supervisor. Applicants and an officer at HTTP, and a process that calls the operations
itself, keep working while web, live, worker, database and the outside systems are killed in turn. Whoever got no
answer does what browsers and people do: the same thing again, with the same key.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from tests import running
from tests.chaos.clients import Applicant, Client, Follower, Officer
from tests.running import Office, wait_for
from tests.surfing import Visitor

SEED = 20260302
ROUNDS = 2
VICTIMS = ("web", "live", "worker", "database", "outside")
#: One worker of web, one session of the database.
PARTS = ("web-part", "database-part")
INSIDE = "tests.chaos.inside"


class Inside:
    """The process that calls the operations itself; killed like the others, and started again."""

    def __init__(self, office: Office, folder: Path) -> None:
        self.office = office
        self.journal, self.stop_file, self.log = folder / "journal", folder / "stop", folder / "log"
        self.journal.touch()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Go on after the last acknowledged step."""
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", INSIDE, "work", str(self.journal), str(self.stop_file)],
                env=self.office.environment, stdout=log, stderr=log,
            )  # fmt: skip

    def kill(self) -> None:
        """End it at once."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def finish(self) -> None:
        """Let it finish what it has begun."""
        assert self.process is not None
        self.stop_file.touch()
        code = self.process.wait(running.PATIENCE)
        assert code == 0, self.log.read_text()[-3000:]


def torment(office: Office, inside: Inside) -> list[str]:
    """Kill everything in turn, several times, at moments that the seed gives."""
    dice = random.Random(SEED)
    killed = []
    for number in range(ROUNDS):
        turn = [*VICTIMS, "inside", *(PARTS if number == 0 else ())]
        for name in dice.sample(turn, len(turn)):
            if name.startswith("web"):  # else nobody would ever get an answer that could be lost
                wait_for(lambda: office.answers(office.web), "web is back")
            time.sleep(dice.uniform(0.1, 2.0))
            if name == "inside":
                inside.kill()
                inside.start()
            elif name in PARTS:
                office.kill_below(name.removesuffix("-part"))
            else:
                office.kill(name)
            killed.append(name)
    return killed


def look(office: Office, *journals: Path) -> dict[str, Any]:
    """What is in the ledger, against what was acknowledged."""
    done = office.run("-m", INSIDE, "look", *map(str, journals), check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.slow(75)
@pytest.mark.timeout(400)
def test_nothing_acknowledged_is_lost(own_home: Path, tmp_path: Path) -> None:
    with running.office(own_home) as office:
        office.ready()
        wait_for(lambda: "event=done process=demo" in office.words(), "the demo office is made")
        seeded = office.run("-m", INSIDE, "seed", check=False)
        assert seeded.returncode == 0, seeded.stderr[-3000:]
        stop = threading.Event()
        clients: list[Client] = [Applicant(office, stop, SEED), Officer(office, stop, SEED + 1)]
        follower = Follower(office, "/live/depok/hall?lang=id")
        inside = Inside(office, tmp_path)
        inside.start()
        for thread in (*clients, follower):
            thread.start()
        wait_for(
            lambda: follower.frames and clients[1].acknowledged and inside.journal.stat().st_size,
            "work has begun",
        )

        killed = torment(office, inside)

        inside_worked = inside.journal.stat().st_size
        stop.set()
        for client in clients:
            client.join(running.PATIENCE)
            assert not client.is_alive(), f"{client.name} never got an answer\n{office.words()[-3000:]}"
            assert client.fault is None, f"{client.name}: {client.fault!r}"
        inside.finish()
        assert sorted(killed) == sorted([*[*VICTIMS, "inside"] * ROUNDS, *PARTS])
        assert inside_worked, "nothing was done from inside while everything was being killed"

        journal = tmp_path / "http"
        rows = [row for client in clients for row in client.acknowledged]
        journal.write_text("".join(json.dumps(row) + "\n" for row in rows))
        found = look(office, journal, inside.journal)
        for what in ("lost", "other", "unknown", "faults", "tickets_twice", "served_twice", "paid_twice"):
            assert found[what] == [], f"{what}: {found[what]}"
        applicant, officer = clients
        # The controls: much was done in these minutes, the killing was felt, and answers were asked for again.
        assert sum(found["acknowledged"].values()) > 60
        assert applicant.booked == found["paid"] == applicant.count
        assert officer.served, f"{officer.troubles[-20:]}\n{office.words()[-5000:]}"
        assert sum(client.retried for client in clients)
        assert sum(client.repeated for client in clients)
        planted(office, journal, inside.journal)

        everything_is_back(office)
        followed(follower, office, inside)
        messages_arrive(office, journal, inside.journal)
        assert office.stop(signal.SIGTERM) == 0
        wait_for(lambda: not office.left(), "no process is left", 20)


def planted(office: Office, *journals: Path) -> None:
    """The control of the look: an event altered behind the triggers, and an answer that was never true."""
    environment = {"SETARA_HOME": office.environment["SETARA_HOME"]}
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    try:
        from setara.site import database

        with database.connect("setara") as owner:
            owner.execute("ALTER TABLE ledger_event DISABLE TRIGGER USER")
            row = owner.execute(
                "SELECT seq, payload::text FROM ledger_event WHERE type = 'applications.submitted' LIMIT 1"
            ).fetchone()
            assert row is not None
            change = "UPDATE ledger_event SET payload = %s::jsonb WHERE office = 'depok' AND seq = %s"
            owner.execute(change, (json.dumps(json.loads(row[1]) | {"fee": 1}), row[0]))
            never = journals[0].with_name("never")
            never.write_text(
                json.dumps({"operation": "queueing.call_next", "kind": "officer", "id": "x", "key": "never"})
            )
            found = look(office, *journals, never)
            assert [fault for fault in found["faults"] if f"#{row[0]}:" in fault]
            assert [lost["key"] for lost in found["lost"]] == ["never"]
            owner.execute(change, (row[1], row[0]))
            owner.execute("ALTER TABLE ledger_event ENABLE TRIGGER USER")
    finally:
        os.environ.update({k: v for k, v in before.items() if v is not None})
    assert look(office, *journals)["faults"] == []


def everything_is_back(office: Office) -> None:
    """All processes run, web with both its workers, and all of them answer."""
    for name in VICTIMS:
        wait_for(lambda name=name: office.pid(name), f"{name} is back")
    wait_for(lambda: len(office.workers()) >= 2, "web has its workers back")
    for path in ("/", "/kantor/depok/", "/kantor/depok/layar/", "/permohonan/baru/", "/masuk/"):
        wait_for(lambda path=path: running.status(office.web, path) == 200, f"{path} is served")
    wait_for(lambda: running.status(office.live, "/live/depok/hall") == 200, "live answers")
    wait_for(lambda: running.status(office.outside, "/health") == 200, "outside answers")


def followed(follower: Follower, office: Office, inside: Inside) -> None:
    """The display came back each time, shows what the page shows, and moves on with the work."""

    def labels(text: str) -> list[str]:
        return re.findall(r"[A-Z]-\d{3}", text)

    def page() -> list[str]:
        return labels(Visitor(office.web).get("/kantor/depok/layar/isi/").text)

    wait_for(lambda: page() and labels(follower.frame) == page(), "the display shows what the page shows", 40)
    assert follower.connections > 1, "live was killed, so the display must have come back"
    before = labels(follower.frame)
    inside.stop_file.unlink()
    inside.start()
    wait_for(lambda: labels(follower.frame) != before, "the display moves on", 60)
    inside.finish()


def messages_arrive(office: Office, *journals: Path) -> None:
    """What was to be said is said, and nothing waits: the worker that was killed does all of it in the end."""
    office.run("-m", INSIDE, "later")  # so that what waits for another try is due

    def done() -> bool:
        found = look(office, *journals)
        assert found["failed_notices"] == []
        assert found["faults"] == []
        told = found["acknowledged"]["applications.start"] + found["paid"]
        return bool(found["waiting_notices"] == 0 and found["sent_notices"] >= told)

    wait_for(done, "every message is sent", 60, 1.0)
