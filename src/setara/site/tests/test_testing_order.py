"""Test processes share a machine: the longest test starts first, and two browsers run at a time, not three."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

from setara.site.testing_order import place

INNER = """
import os, time, pathlib
import pytest
here = pathlib.Path(__file__).parent / "seen"
def work(name, seconds):
    with here.open("a") as file: file.write(f"begin {name} {time.monotonic()}\\n")
    time.sleep(seconds)
    with here.open("a") as file: file.write(f"end {name} {time.monotonic()}\\n")
def test_quick(): work("quick", 0)
@pytest.mark.slow
def test_slow(): work("slow", 0)
@pytest.mark.slow(70)
def test_longest(): work("longest", 0)
@pytest.mark.browser
@pytest.mark.slow(60)
@pytest.mark.parametrize("n", range(4))
def test_browser(n): work("browser", BROWSE)
"""


def seen(folder: Path, *arguments: str, browse: float = 0.0) -> list[tuple[str, str, float]]:
    """What the inner tests wrote: begin or end, which, when."""
    folder.mkdir()
    (folder / "test_inner.py").write_text(INNER.replace("BROWSE", str(browse)))
    environment = {**os.environ, "SETARA_TEST_HOME": str(folder / "inner")}
    for name in [name for name in environment if name.startswith("PYTEST_XDIST")]:
        del environment[name]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "setara.site.testing_order",
               "-p", "no:cacheprovider", "-p", "no:django",
               "-c", os.devnull, "--rootdir", str(folder), *arguments, "test_inner.py"]  # fmt: skip
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert "7 passed" in done.stdout, done.stdout + done.stderr
    lines = re.findall(r"(begin|end) (\w+) ([\d.]+)", (folder / "seen").read_text())
    return [(what, name, float(at)) for what, name, at in lines]


def test_the_longest_first_and_a_single_process_keeps_the_order_of_the_file(tmp_path: Path) -> None:
    shared = [name for what, name, _ in seen(tmp_path / "a", "-n", "1") if what == "begin"]
    assert shared == ["browser", "longest", "browser", "browser", "slow", "browser", "quick"]
    alone = [name for what, name, _ in seen(tmp_path / "b") if what == "begin"]
    assert alone == ["quick", "slow", "longest", *["browser"] * 4]


def test_two_browsers_at_once_and_not_three(tmp_path: Path) -> None:
    lines = seen(tmp_path / "a", "-n", "4", "--maxschedchunk=1", browse=1.0)
    at_once = [0]
    for what, _, _ in sorted((line for line in lines if line[1] == "browser"), key=lambda line: line[2]):
        at_once.append(at_once[-1] + (1 if what == "begin" else -1))
    assert max(at_once) == 2


def test_a_place_is_free_again_whoever_had_it(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", "import sys, time, pathlib\nfrom setara.site.testing_order import place\n"
         "with place(pathlib.Path(sys.argv[1]), 1): print(flush=True); time.sleep(60)", str(tmp_path)],
        stdout=subprocess.PIPE,
    )  # fmt: skip
    assert holder.stdout is not None
    holder.stdout.readline()
    got = threading.Event()

    def wait() -> None:
        with place(tmp_path, 1, pause=0.01):
            got.set()

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.2)
    assert not got.is_set()
    holder.kill()
    holder.communicate()
    assert got.wait(10)
    thread.join()
