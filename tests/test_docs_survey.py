"""The commands of the survey how-tos run as they stand there, one after the other, in an empty folder."""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from setara.site import cli

DOCS = Path(__file__).resolve().parents[1] / "docs"


def commands(page: str) -> Iterator[tuple[list[str], str]]:
    """The commands of a page's ``sh`` blocks: (words, text that the command reads)."""
    for block in re.findall(
        r"```sh\n(.*?)```", (DOCS / "how-to" / page).read_text(encoding="utf-8"), re.DOTALL
    ):
        lines = iter(block.splitlines())
        for line in lines:
            if "<<" not in line:
                yield shlex.split(line), ""
                continue
            command, _, end = line.partition("<<")
            text = []
            while (one := next(lines)) != end.strip().strip("'"):
                text.append(one)
            yield shlex.split(command), "\n".join(text) + "\n"


@pytest.fixture
def play(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[[str], dict[str, str]]:
    """Run a page's commands; what each printed, by its command line."""
    monkeypatch.chdir(tmp_path)

    def go(page: str) -> dict[str, str]:
        said = {}
        for words, text in commands(page):
            if words[:2] == ["cat", ">"]:
                Path(words[2]).write_text(text)
                continue
            assert words[0] == "setara"
            monkeypatch.setattr(sys, "argv", words)
            with pytest.raises(SystemExit) as left:
                cli.main()
            out = capsys.readouterr()
            assert not left.value.code, f"{shlex.join(words)}\n{out.err}"
            said[shlex.join(words[1:])] = out.out
        return said

    return go


@pytest.mark.slow(5)
def test_the_yearly_survey(play: Callable[[str], dict[str, str]], tmp_path: Path) -> None:
    said = play("yearly-skm.md")
    assert (tmp_path / "skm.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "skm.html").stat().st_size > 20_000
    assert json.loads((tmp_path / "skm.json").read_text())["n"] == 150
    assert "IKM seharusnya 88,97" in said["ikm --check published.csv"]
    assert "sample       381" in said["sample --population 44000"]
    assert any("by strata" in out for out in said.values())
    assert (tmp_path / "skm-2026.csv").read_bytes() == (DOCS / "examples" / "skm-2026.csv").read_bytes()


@pytest.mark.slow(5)
def test_the_thesis(play: Callable[[str], dict[str, str]], tmp_path: Path) -> None:
    said = play("servqual-thesis.md")
    assert json.loads((tmp_path / "servqual.json").read_text())["n"] == 120
    assert any("weighted gap" in out for out in said.values())
    assert "axes cut at the middle" in said["ipa servqual-2026.csv --cut middle"]
    assert (tmp_path / "servqual-2026.csv").read_bytes() == (
        DOCS / "examples" / "servqual-2026.csv"
    ).read_bytes()


@pytest.mark.slow(5)
def test_sampling_and_integrity(play: Callable[[str], dict[str, str]], tmp_path: Path) -> None:
    said = play("survey-sampling-and-integrity.md")
    assert "sample       291" in said["sample --population 1200"]
    assert "Bursts of like answers" in said["ikm stuffed.csv --json stuffed.json"]
    assert "0 need attention" in said["ikm 2025.csv"]
    assert "higher" in said["compare 2025.csv 2026.csv"]
    burst = next(
        one for one in json.loads((tmp_path / "stuffed.json").read_text())["integrity"] if one["rows"]
    )
    planted = set(json.loads((tmp_path / "planted.json").read_text())["tampered_rows"])
    assert len(planted & set(burst["rows"])) >= 13
    pairs = {one["item"]: one for one in json.loads((tmp_path / "record.json").read_text())["pairs"]}
    assert pairs["P2"]["decision"] == "opinion above record"


def test_a_how_to_with_a_command_that_fails_is_seen(
    play: Callable[[str], dict[str, str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "how-to").mkdir()
    (tmp_path / "how-to" / "wrong.md").write_text("```sh\nsetara ikm none.csv\n```\n")
    monkeypatch.setattr(sys.modules[__name__], "DOCS", tmp_path)
    with pytest.raises(AssertionError, match=r"There is no file none\.csv"):
        play("wrong.md")
