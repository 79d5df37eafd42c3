"""Recorded words of a call: made by a program that speaks, found by the display, and nothing else is served."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from setara.queueing import voice
from setara.queueing.tests.conftest import floor, still  # noqa: F401 - fixtures
from setara.queueing.tests.flooring import Floor
from setara.site import voice as making

#: A program that speaks, as far as this is concerned: it writes what it is told into the file after -w.
SPEAKS = '#!/bin/sh\nwhile [ $# -gt 1 ]; do [ "$1" = -w ] && file=$2; shift; done\nprintf "RIFF %s" "$1" > "$file"\n'


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Path:
    program = tmp_path / "bin" / making.PROGRAM
    program.parent.mkdir()
    program.write_text(SPEAKS)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    settings.SETARA_VOICE_DIR = tmp_path / "suara"
    monkeypatch.setenv("SETARA_VOICE_DIR", str(tmp_path / "suara"))
    return tmp_path / "suara"


def test_the_words_are_made_and_the_display_knows_them(
    floor: Floor,  # noqa: F811 - the fixture
    recorded: Path,
    client: Client,
    capsys: pytest.CaptureFixture[str],
) -> None:
    hall = f"/kantor/{floor.office.pk}/layar/"
    assert "data-voice" not in client.get(hall).content.decode()
    assert making.main([]) == 0
    assert str(recorded / "id") in capsys.readouterr().out
    assert (recorded / "id" / "7.wav").read_text() == "RIFF tujuh"
    assert 'data-voice="/suara/id/KLIP/"' in client.get(hall).content.decode()
    # In English there are none yet: the chime alone.
    assert "data-voice" not in client.get(hall, headers={"accept-language": "en"}).content.decode()
    floor.arrive()
    from setara.queueing import service as q

    q.call_next(floor.by("D1"), floor.sit("D1", 1))
    assert 'data-clips="nomor a 0 0 1 loket 1"' in client.get(hall).content.decode()
    for name in ("nomor", "a", "0", "1", "loket"):
        answer = client.get(f"/suara/id/{name}/")
        assert (answer.status_code, answer["Content-Type"]) == (200, "audio/wav")
    (recorded / "id" / "0.wav").unlink()
    assert "data-voice" not in client.get(hall).content.decode(), "a word that every call needs is missing"


def test_only_the_words_are_served(recorded: Path, client: Client, db: None) -> None:
    making.make(recorded, "id")
    (recorded / "rahasia.wav").write_text("no")
    (recorded / "id" / "lain.wav").write_text("no")
    assert client.get("/suara/id/loket/").status_code == 200
    for odd in (
        "/suara/id/lain/",
        "/suara/../loket/",
        "/suara/id/..%2Frahasia/",
        "/suara/xx/loket/",
        "/suara/id//",
    ):
        assert client.get(odd).status_code == 404, odd
    assert voice.clips("K-010", 12) == "nomor k 0 1 0 loket 1 2"


def test_without_a_program_that_speaks_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert making.main([str(tmp_path)]) == 1
    assert "apt install espeak-ng" in capsys.readouterr().err
