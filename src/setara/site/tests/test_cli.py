"""The command line: quick help, exit codes, answers on standard output and talk on standard error."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

HEAVY = {"django", "psycopg", "polars", "PIL", "numpy", "pydantic", "rich", "cryptography", "holidays"}


def setara(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "setara.site.cli", *arguments],
        env=os.environ | environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def test_help_is_quick_and_imports_nothing_heavy() -> None:
    program = "import sys; sys.argv = ['setara', '--help']\nfrom setara.site.cli import main\n"
    program += "try: main()\nexcept SystemExit as done: print(done.code, *sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    code, *modules = done.stderr.split()
    assert code == "0"
    assert not HEAVY & set(modules)
    for word in ("Office:", "Operations:", "init", "day", "serve", "backup", "restore", "db"):
        assert word in done.stdout

    def seconds() -> float:  # of processor time: the machine may be busy with other tests
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert setara("--help").returncode == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(seconds() for _ in range(3)) < 0.3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["day", "--applicants", "0"], "greater than or equal to 1"),
        (["day", "--date", "3 Maret"], "%Y-%m-%d"),
        (["day", "--export", "log.csv"], "must end in .parquet or .xes"),
        (["day", "--keep", "--into", "demo"], "exclude each other"),
        (["init", "--office", "depok", "--timezone", "Europe/Paris"], "not an Indonesian one"),
        (["manage", "migrate"], "setara db migrate"),
        (["restore", "no-such-file"], "does not exist"),
        (["nonsense"], "No such command"),
    ],
)
def test_wrong_use_is_exit_code_2_and_says_what_to_do(arguments: list[str], message: str) -> None:
    done = setara(*arguments)
    assert done.returncode == 2, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_no_database_is_exit_code_3(own_home: Path) -> None:
    done = setara("db", "url", DATABASE_URL=f"postgresql://nobody@/none?host={own_home}")
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith("setara: ")
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_db_commands_on_an_empty_data_folder(own_home: Path) -> None:
    down = setara("db", "status", "--json", "-")
    assert down.returncode == 1
    assert json.loads(down.stdout)["up"] is False
    shown = setara("db", "url")
    assert shown.returncode == 0, shown.stderr
    assert "it is started" in shown.stderr
    address = shown.stdout.strip()
    with psycopg.connect(address) as connection:  # just as the owner of the clone would look
        assert connection.execute("SELECT current_user").fetchone() == ("setara_app",)
        assert connection.execute("SELECT count(*) FROM django_migrations").fetchone() != (0,)
    assert setara("db", "url").stderr == ""
    up = setara("db", "status", "--json", "-")
    assert up.returncode == 0
    assert json.loads(up.stdout)["current"] is True
    assert setara("db", "stop").returncode == 0
    assert setara("db", "status").returncode == 1
