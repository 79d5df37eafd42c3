"""Files that are there whole or not at all, and JSON with the keys that every command promises."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from setara.site.output import atomic, write_json


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "result"
    with atomic(target) as file:
        file.write(b"old")
    with pytest.raises(ZeroDivisionError):
        interrupted(target)
    assert target.read_bytes() == b"old"
    with atomic(target) as file:
        file.write(b"new")
    assert target.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [target]


def interrupted(target: Path) -> None:
    with atomic(target) as file:
        file.write(b"half of the new")
        raise ZeroDivisionError


def test_json_goes_to_a_file_or_to_standard_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["setara", "day", "--seed", "1"])
    write_json(str(tmp_path / "day.json"), "day", {"served": 7}, seed=1)
    write_json("-", "day", {"served": 7}, seed=1)
    expected = {
        "schema": "setara.day",
        "version": 1,
        "command": "setara day --seed 1",
        "seed": 1,
        "served": 7,
    }
    assert json.loads((tmp_path / "day.json").read_text()) == expected
    assert json.loads(capsys.readouterr().out) == expected
