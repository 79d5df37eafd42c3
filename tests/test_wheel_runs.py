"""What the wheel holds is enough to run a day: no template, pack or module of the checkout is missed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.slow
def test_a_day_runs_from_the_unpacked_wheel(tmp_path: Path, test_server: None) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("setara-*.whl")
    unpacked = tmp_path / "unpacked"
    zipfile.ZipFile(wheel).extractall(unpacked)
    environment = os.environ | {"PYTHONPATH": str(unpacked)}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True,
            check=False, timeout=240,
        )  # fmt: skip

    where = run("-c", "import setara; print(setara.__file__)")
    assert where.stdout.startswith(str(unpacked)), where.stdout + where.stderr
    played = run("-m", "setara.site.cli", "day", "--applicants", "2", "--counters", "3", "--json", "-")
    assert played.returncode == 0, played.stderr
    assert json.loads(played.stdout)["applicants"] == 2
    (unpacked / "setara" / "rules" / "packs" / "paspor" / "2024-12-17.toml").unlink()
    lacking = run("-m", "setara.site.cli", "day", "--applicants", "2", "--counters", "3", "--json", "-")
    assert lacking.returncode != 0  # it was the unpacked wheel that ran
