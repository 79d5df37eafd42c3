"""Stopping leaves nothing behind, starting finds everything again, and what is in the way is said plainly."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

import pytest
from tests import running
from tests.running import Office, wait_for
from tests.surfing import Visitor

NAME = "Kantor Uji Coba"


def named(office: Office) -> bool:
    """Whether the pages show the office that was made."""
    return NAME in Visitor(office.web).get("/permohonan/baru/").words


@pytest.mark.slow(17)
@pytest.mark.timeout(300)
def test_an_office_stops_cleanly_and_finds_its_data_again(own_home: Path) -> None:
    with running.office(own_home, demo=False) as office:
        office.ready()
        assert not named(office)
        made = office.run("-m", "setara.site.cli", "init", "--office", "uji", "--name", NAME, check=False)
        assert made.returncode == 0, made.stderr
        assert "/masuk/sekali/" in made.stdout
        wait_for(lambda: named(office), "the new office is on the page")
        wait_for(lambda: office.pid("live") and office.pid("worker"), "all processes run")
        assert office.pid("outside") is None  # a real office has no simulators
        # A second one with the same data, and one on a port that is taken, are refused in words.
        second = office.run("-m", "setara.site.cli", "serve", check=False)
        assert second.returncode == 2
        assert f"process {office.process.pid}" in second.stderr
        assert office.stop(signal.SIGTERM) == 0, office.words()
        wait_for(lambda: not office.left(), "no process is left", 20)
        assert "event=stopped" in office.words()
        assert office.pid("database") is None

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        refused = running.start(own_home, demo=False, PORT=port)
        assert refused.process.wait(60) == 2
        assert f"Port {port} is taken" in refused.words()
        assert refused.pid("database") is None  # nothing was begun

    with running.office(own_home, demo=False) as again:
        again.ready()
        assert named(again)
        wait_for(lambda: again.pid("live") and again.pid("worker"), "all processes run")
        assert again.stop(signal.SIGINT) == 0, again.words()
        wait_for(lambda: not again.left(), "no process is left", 20)


@pytest.mark.slow(17)
@pytest.mark.timeout(120)
def test_the_supervisor_is_killed_and_started_again(own_home: Path) -> None:
    """The worst case: the supervisor itself dies. Nothing hinders the next start, and the data are there."""
    with running.office(own_home, demo=False) as office:
        office.ready()
        office.run("-m", "setara.site.cli", "init", "--office", "uji", "--name", NAME)
        for name in ("web", "live", "worker", "database"):
            wait_for(lambda name=name: office.pid(name), f"{name} runs")
        office.workers()
        office.process.kill()
        office.process.wait()
        database = office.pid("database")
        wait_for(lambda: office.left() <= {database}, "the processes end with their parent", 30)
        with running.office(own_home, demo=False) as again:
            again.ready()
            assert named(again)
            assert again.pid("database") == database  # it was running all the time
            assert again.stop() == 0
