"""The test plugin itself: rolled-back tests, real commits on request, and no server for those who need none."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from setara.site import database, postgres

if TYPE_CHECKING:
    from django.test import Client

    from setara.site.connections import Connection

COUNT = "SELECT count(*) FROM django_session"
INSERT = "INSERT INTO django_session VALUES ('a', 'b', now())"


@pytest.mark.django_db
@pytest.mark.parametrize("turn", [1, 2])
def test_a_test_is_rolled_back_and_works_as_the_office(turn: int, owner_connection: Connection) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(COUNT)
        assert cursor.fetchone() == (0,), "the first turn left something behind"
        cursor.execute(INSERT)
        cursor.execute("SELECT current_user, current_database()")
        assert cursor.fetchone() == ("setara_app", owner_connection.info.dbname)
    assert owner_connection.execute(COUNT).fetchone() == (0,)
    assert owner_connection.info.user == "setara_owner"


@pytest.mark.parametrize("turn", [1, 2])
def test_in_a_database_of_its_own_commits_are_real(
    turn: int, own_database: str, owner_connection: Connection
) -> None:
    from django.db import connection

    def write() -> None:
        with connection.cursor() as cursor:
            cursor.execute(INSERT)
            cursor.execute("SELECT current_database()")
            assert cursor.fetchone() == (own_database,)
        connection.close()

    assert owner_connection.execute(COUNT).fetchone() == (0,)
    thread = threading.Thread(target=write)
    thread.start()
    thread.join()
    assert owner_connection.execute(COUNT).fetchone() == (1,)
    assert os.environ["SETARA_DB_NAME"] == own_database


def test_only_the_server_of_the_tests_does_not_wait_for_the_disk(
    owner_connection: Connection, own_home: Path
) -> None:
    if database.external():
        pytest.skip("somebody's own server is left as it is")
    wanted = "SELECT setting FROM pg_settings WHERE name = 'fsync'"
    assert owner_connection.execute(wanted).fetchone() == ("off",)
    place = postgres.start(own_home)
    with psycopg.connect(host=str(place.host), port=place.port, user="postgres", dbname="postgres") as office:
        assert office.execute(wanted).fetchone() == ("on",)


@pytest.mark.django_db
@pytest.mark.parametrize("turn", [1, 2])
def test_the_language_of_the_last_page_does_not_outlive_its_test(turn: int, client: Client) -> None:
    from django.utils.translation import get_language, gettext

    assert gettext("Tentang layanan ini") == "Tentang layanan ini", f"turn {turn}"
    client.get("/privasi/", headers={"accept-language": "en"})
    assert get_language() == "en"  # what the second turn, and every later test, must not find


def run_pytest(folder: Path, text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_inner.py").write_text(text)
    environment = {**os.environ, "SETARA_TEST_HOME": str(folder / "inner")}
    environment.pop("PYTEST_XDIST_WORKER", None)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "setara.site.testing", "-p", "no:cacheprovider"]
    settings = os.environ.get("DJANGO_SETTINGS_MODULE", "setara.site.settings")
    command += ["--ds", settings, "--rootdir", str(folder), "-c", os.devnull, *arguments, "test_inner.py"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_tests_without_a_database_start_no_server(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, "def test_plain():\n    assert 1 + 1 == 2\n")
    assert "1 passed" in done.stdout, done.stdout + done.stderr
    assert not (tmp_path / "inner" / "postgres").exists()


def test_what_cannot_work_is_refused_with_the_way_out(tmp_path: Path) -> None:
    text = "import pytest\n@pytest.mark.django_db(transaction=True)\ndef test_a(): pass\n"
    text += "@pytest.mark.django_db\ndef test_b(own_database): pass\n"
    done = run_pytest(tmp_path, text)
    assert "2 errors" in done.stdout, done.stdout + done.stderr
    assert "Use the fixture own_database" in done.stdout
    assert "exclude each other" in done.stdout
    assert not (tmp_path / "inner" / "postgres").exists()


def test_browser_tests_without_a_browser_are_skipped_aloud(tmp_path: Path) -> None:
    text = "import pytest\n@pytest.mark.browser\ndef test_page(chromium): pass\n"
    environment = os.environ.get("PATH", "")
    os.environ["PATH"] = str(tmp_path)
    try:
        done = run_pytest(tmp_path, text)
    finally:
        os.environ["PATH"] = environment
    assert "1 skipped" in done.stdout, done.stdout + done.stderr
    assert "BROWSER TESTS WERE SKIPPED" in done.stdout
