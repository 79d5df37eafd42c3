"""The wheel holds all that an office needs, and no tests."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from setara.site.places import home

ROOT = Path(__file__).resolve().parents[4]


@pytest.mark.slow
def test_the_wheel_is_complete(tmp_path: Path) -> None:
    assert home().name == "test"  # tests have a data folder of their own
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("setara-*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    package = ROOT / "src" / "setara"
    wanted = {
        f"setara/{path.relative_to(package)}"
        for path in package.rglob("*")
        if path.is_file() and not {"tests", "__pycache__"} & set(path.parts)
    }
    plugin = {"setara/site/testing.py", "setara/site/testing_database.py", "setara/site/testing_order.py"}
    assert plugin <= wanted, "the plugin has moved"
    wanted -= plugin
    assert wanted <= packed, sorted(wanted - packed)[:10]
    for kind in ("templates/", "static/", "packs/", "locale/"):
        assert any(f"/{kind}" in name for name in packed), kind
    assert not [name for name in packed if "/tests/" in name]
    assert not [name for name in packed if name.endswith("/conftest.py") or name in plugin]
    assert any(name.endswith("entry_points.txt") for name in packed)
