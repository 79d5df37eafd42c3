"""The database fixtures of the pytest plugin :mod:`setara.site.testing`, which says what each is for."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from setara.site import database, postgres
from setara.site.places import home

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker

    from setara.site.connections import Connection

CLONE = re.compile(r"test_(?P<pid>\d+)_\d+")
NO_BROWSER = "no Chromium found; install one (make test does where it may) or name it with CHROMIUM"
_numbers = itertools.count(1)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Refuse what cannot work: emptying tables after a test needs TRUNCATE, which the office never has."""
    marker = item.get_closest_marker("django_db")
    wants = set(getattr(item, "fixturenames", ()))
    if (marker and marker.kwargs.get("transaction")) or "transactional_db" in wants:
        pytest.fail("Use the fixture own_database for tests that really commit.", pytrace=False)
    if "own_database" in wants and (marker or "db" in wants):
        pytest.fail("own_database and django_db exclude each other: one database a test.", pytrace=False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say aloud what was left out."""
    skipped = [
        report for report in terminalreporter.stats.get("skipped", []) if NO_BROWSER in str(report.longrepr)
    ]
    if skipped:
        terminalreporter.write_line(
            f"{len(skipped)} BROWSER TESTS WERE SKIPPED: {NO_BROWSER}", red=True, bold=True
        )


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The path of Debian's Chromium (or what CHROMIUM names); tests that want it are skipped where there is none."""
    for name in (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"):
        if name and (path := shutil.which(name)):
            return Path(path)
    pytest.skip(NO_BROWSER)


@pytest.fixture(scope="session")
def test_server() -> Iterator[None]:
    """The database server, up for as long as any test run needs it."""
    server = contextlib.nullcontext() if database.external() else postgres.using(home())
    with server:
        if not database.external():
            _hurry()
        database.template()
        _drop_abandoned()
        yield


def _hurry() -> None:
    """Let the server of the tests not wait for the disk: its databases are thrown away, and a process that is
    killed loses nothing by it. Tests that kill a server have an ``own_home``, where the disk is waited for."""
    with database.connect("postgres", "admin") as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off".encode())
        connection.execute("SELECT pg_reload_conf()")


@pytest.fixture(scope="session")
def django_db_setup(
    test_server: None,  # noqa: ARG001
    django_test_environment: None,  # noqa: ARG001
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """Point Django to a clone of the template for this process."""
    name = database.clone(_name())
    with django_db_blocker.unblock():
        _point_django_to(name)
    os.environ["SETARA_DB_NAME"] = name
    yield
    with django_db_blocker.unblock():
        _point_django_to("none")
    database.drop(name)


@pytest.fixture
def own_database(
    test_server: None,  # noqa: ARG001
    django_db_blocker: DjangoDbBlocker,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[str]:
    """A fresh database for one test; commits are real. Dropped afterwards, whoever is connected."""
    from django.db import connection

    before = connection.settings_dict["NAME"]
    name = database.clone(_name())
    monkeypatch.setenv("SETARA_DB_NAME", name)
    with django_db_blocker.unblock():
        _point_django_to(name)
        try:
            yield name
        finally:
            _point_django_to(before)
            database.drop(name)


@pytest.fixture
def owner_connection(request: pytest.FixtureRequest) -> Iterator[Connection]:
    """A psycopg connection as the owner, in autocommit, to the database of this test.

    Beside ``django_db`` it sees nothing of the test's open transaction, and waits for its locks.
    """
    request.getfixturevalue("own_database" if "own_database" in request.fixturenames else "db")
    from django.db import connection

    with database.connect(connection.settings_dict["NAME"]) as owner:
        yield owner


@pytest.fixture
def own_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty data folder for one test; a server started in it is stopped afterwards, the folder removed.

    Not below pytest's own temporary folder: that one is closed to the account that runs PostgreSQL for root.
    """
    folder = home() / "own" / _name()
    monkeypatch.setenv("SETARA_HOME", str(folder))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("SETARA_DB_NAME", raising=False)
    yield folder
    vacate(folder)


def vacate(folder: Path) -> None:
    """Stop the server of a test and remove its data folder; the cluster may lie elsewhere (postgres.layout)."""
    postgres.stop(folder, "immediate")
    shutil.rmtree(postgres.layout(folder).cluster, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def _point_django_to(name: str) -> None:
    """Make all of Django's connections, in every thread, go to database ``name``; nothing connects yet."""
    from django.db import connections

    connections["default"].close()
    # One dictionary serves the wrappers of all threads: it is changed, not replaced.
    connections["default"].settings_dict.update(database.connection_settings(name, "app", pool=False))


def _drop_abandoned() -> None:
    """Drop the databases of test processes that are no more (killed before they could tidy up)."""
    with database.connect("postgres") as connection:
        rows = connection.execute("SELECT datname FROM pg_database").fetchall()
    for (name,) in rows:
        match = CLONE.fullmatch(name)
        if match and not _alive(int(match["pid"])):
            database.drop(name)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _name() -> str:
    """A database name that no other living process uses."""
    return f"test_{os.getpid()}_{next(_numbers)}"
