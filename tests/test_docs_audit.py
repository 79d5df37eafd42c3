"""The pages about the audit do what they say: each command runs, and each key of the JSON is named."""

from __future__ import annotations

import json
import re
import shlex
import sys
from pathlib import Path

import pytest

from setara.site.reference import table

DOCS = Path(__file__).resolve().parents[1] / "docs"
HOW_TO = (DOCS / "how-to" / "audit-a-log.md").read_text(encoding="utf-8")


def run(line: str) -> int:
    """A command line as it is typed; its exit code."""
    from setara.site.cli import main

    old, sys.argv = sys.argv, shlex.split(line)
    try:
        with pytest.raises(SystemExit) as left:
            main()
    finally:
        sys.argv = old
    return int(left.value.code or 0)


def permits(path: Path) -> None:
    """The log of which the page speaks: sixty permits of two departments."""
    rows = ["case,activity,time,resource,channel,sex,department"]
    for number in range(60):
        case = f"p{number},{{}},2026-03-{2 + number % 20:02}T{{}}:00:00+07:00,clerk {number % 4}"
        said = f"{'web' if number % 3 else 'desk'},{'fm'[number % 2]},{'north' if number % 5 else 'south'}"
        steps = [("received", 8), ("checked", 10)] + ([("decided", 14)] if number % 7 else [])
        rows += [f"{case.format(step, f'{hour:02}')},{said}" for step, hour in steps]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


@pytest.mark.slow(15)
def test_the_commands_of_the_how_to_run_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", HOW_TO, re.DOTALL | re.MULTILINE)
    (model,) = [text for kind, text in blocks if kind == "toml"]
    (tmp_path / "path.toml").write_text(model, encoding="utf-8")
    permits(tmp_path / "permits.csv")
    lines = [line for kind, text in blocks if not kind for line in text.splitlines()]
    commands = [line for line in lines if line.startswith("setara ")]
    assert len(commands) == len(lines) == 8
    for command in commands:
        assert run(command) == 0, (command, capfd.readouterr().err)
    said = capfd.readouterr().out
    assert re.search(r"^D1 +LOOK", said, re.MULTILINE)
    assert {path.suffix for path in tmp_path.iterdir()} >= {".json", ".html", ".parquet"}
    body = json.loads((tmp_path / "audit.json").read_text())
    page = (DOCS / "reference" / "audit-json.md").read_text(encoding="utf-8")
    assert list(table(page, "Key")) == list(body)
    assert list(table(page, "Key of the log")) == list(body["log"])
    assert list(table(page, "Key of the fit")) == list(body["rule_fit"])
    assert run("setara audit permits.csv --by sex --json groups.json") == 0
    groups = json.loads((tmp_path / "groups.json").read_text())["groups"]
    for head, objects in (("Key of a detector", body["detectors"]), ("Key of a group", groups)):
        assert objects
        for one in objects:
            assert list(table(page, head)) == list(one)


def test_every_role_is_explained() -> None:
    from setara.science.events import ROLES

    assert list(table(HOW_TO, "Role")) == list(ROLES)


def test_the_detectors_page_names_every_detector() -> None:
    text = (DOCS / "explanation" / "fairness-detectors.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| (D\d+|groups) \|", text, re.MULTILINE)
    assert named == [*(f"D{n}" for n in range(1, 11)), "groups"]
