from __future__ import annotations

import tomllib
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from setara.rules import packs
from setara.rules.packs import Pack, PackError

VILLAGE = files("setara.rules.packs") / "legalisasi" / "2024-01-01.toml"

EXTENDS = 'extends = "legalisasi/2024-01-01"\n'


def village() -> dict[str, Any]:
    return tomllib.loads(VILLAGE.read_text(encoding="utf-8"))


def _set(*path: Any) -> Callable[[dict[str, Any]], None]:
    *keys, last, value = path

    def change(data: Any) -> None:
        for key in keys:
            data = data[key]
        data[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (_set("colour", "red"), "Extra inputs"),
        (_set("lanes", 0, "name", {"id": "x", "en": "x", "fr": "x"}), "Unexpected keyword"),
        (_set("lanes", 0, "name", {"id": "", "en": "x"}), "at least 1 character"),
        (_set("lanes", 0, "letter", "O"), "should match pattern"),
        (_set("lanes", 0, "letter", "A"), "a letter comes twice"),
        (_set("lanes", 0, "code", "open"), "a code comes twice"),
        (_set("lanes", 0, "grounds", 0, "min_age", None), "needs an age"),
        (_set("lanes", 1, "weight", 0), "greater than 0"),
        (_set("fees", 0, "amount", 1.5), "valid integer"),
        (_set("fees", 0, "when", {"answer": "own", "equals": "yes"}), "can never be"),
        (_set("fees", 0, "when", {"answer": "own"}), "one test of an answer"),
        (_set("fees", 0, "when", {}), "one test of an answer"),
        (_set("fees", 0, "kind", "extra"), "a base line is needed"),
        (_set("questions", 0, "shown_if", {"answer": "own", "equals": True}), "not an earlier question"),
        (
            _set("questions", 1, "options", [{"code": "a", "name": {"id": "a", "en": "b"}}]),
            "only to a choice",
        ),
        (_set("documents", 0, "group", "papers"), "unknown group"),
        (_set("steps", 0, "outcomes", 0, "goes_to", "tea"), "which is nowhere"),
        (_set("steps", 0, "outcomes", 0, "goes_to", "refuse"), "never reached"),
        (_set("steps", 0, "outcomes", 1, "holds", ["rain"]), "unknown reason"),
        (_set("steps", 0, "outcomes", 1, "holds", []), "names its reasons"),
        (_set("steps", 0, "kind", "back"), "the first step is in the hall"),
        (_set("steps", 1, "uses_stock", True), "if and only if the product"),
        (_set("clock", "start", {"step": "compare", "outcomes": ["tea"]}), "cannot end so"),
        (_set("local", ["lanes.tea.weight"]), "there is no lanes.tea.weight"),
        (_set("in_force_until", "2023-01-01"), "before it is in force"),
    ],
)
def test_a_pack_that_does_not_fit_together_is_refused(
    change: Callable[[dict[str, Any]], None], fault: str
) -> None:
    data = village()
    assert Pack.model_validate(data)
    change(data)
    with pytest.raises(ValidationError, match=fault):
        Pack.model_validate(data)


def write(root: Path, name: str, text: str) -> Path:
    path = root / "legalisasi" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_an_amendment_holds_only_what_changes(tmp_path: Path) -> None:
    write(tmp_path, "2024-01-01.toml", VILLAGE.read_text(encoding="utf-8"))
    later = write(
        tmp_path,
        "2025-01-01.toml",
        'extends = "legalisasi/2024-01-01"\nin_force_from = 2025-01-01\nrepealed = ["fees.free"]\n'
        '[clock]\nworking_days = 2\n[[fees]]\ncode = "stamp"\namount = 5000\n'
        'name = { id = "Meterai", en = "Stamp duty" }\n[[documents]]\ncode = "mandate"\n'
        'name = { id = "Kuasa", en = "Mandate" }\nhelp = { id = "Baru", en = "New" }\n',
    )
    pack = packs.load(later)
    assert (pack.id, pack.clock.working_days, pack.clock.start.step) == (
        "legalisasi/2025-01-01",
        2,
        "compare",
    )
    assert packs.fee(pack, {}).total == 5000
    assert [one.code for one in pack.documents] == ["copy", "mandate"]
    assert [one.code for one in packs.requirements(pack, {"own": True})] == ["copy", "mandate"]


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("2025-01-01.toml", "not toml", "2025-01-01.toml"),
        ("2025-01-01.toml", 'extends = "legalisasi/2025-01-01"', "not earlier"),
        ("2025-01-01.toml", 'extends = "legalisasi/2020-01-01"', "2020-01-01"),
        (
            "2025-01-01.toml",
            EXTENDS + 'repealed = ["fees.tea"]',
            "there is no fees.tea",
        ),
        (
            "2025-01-02.toml",
            EXTENDS + "in_force_from = 2025-01-01",
            "named after the day",
        ),
        ("2025-01-01.toml", "service = 1", "validation error"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, name: str, text: str, fault: str) -> None:
    write(tmp_path, "2024-01-01.toml", VILLAGE.read_text(encoding="utf-8"))
    with pytest.raises(PackError, match=fault):
        packs.load(write(tmp_path, name, text))
