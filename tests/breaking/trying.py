"""Trying a break: a copy of the tree, one break at a time in it, and the named tests run there."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from tests.breaking.listing import ROOT, Break, place
from tests.breaking.starting import Starter

#: Seconds after which the tests of one break are stopped: something waits for what will never come.
PATIENCE = 300
_LINE = re.compile(r"(PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS) (\S+::.*?)(?: - (.*))?")
_stamps = count(1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What pytest said of each test (by node id), and the first words of each failure."""

    states: dict[str, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    late: bool = False

    def of(self, test: str) -> set[str]:
        """The states of a test, or of all cases of a parametrised one."""
        return {state for node, state in self.states.items() if node == test or node.startswith(f"{test}[")}

    def said(self, test: str) -> str:
        """The first words of the first failure of a test."""
        return next((w for node, w in self.words.items() if node == test or node.startswith(f"{test}[")), "")


@dataclass(frozen=True, slots=True)
class Tried:
    """One break, tried. ``why`` says what was wrong when it was not noticed; ``said`` how it was."""

    name: str
    noticed: bool
    seconds: float
    why: str = ""
    said: str = ""


class Copy:
    """A copy of the tree in a temporary folder, with a data folder and a database server of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.starter = Starter(folder, self._environment())

    @contextlib.contextmanager
    def broken(self, one: Break) -> Iterator[None]:
        """The copy with a break in it, and whole again afterwards."""
        before: dict[Path, str] = {}
        try:
            for patch in one.patches:
                path = place(patch.file, self.folder)
                text = path.read_text(encoding="utf-8")
                before.setdefault(path, text)
                if text.count(patch.old) != 1:
                    raise ValueError(f"{one.name}: the old text is not there once in {patch.file}")
                _write(path, text.replace(patch.old, patch.new))
            yield
        finally:
            for path, text in before.items():
                _write(path, text)

    def run(self, tests: Sequence[str], patience: float = PATIENCE) -> Outcome:
        """Run the tests in the copy. KeyboardInterrupt stops them and is passed on."""
        arguments = [
            "-q",
            "-rfEps",
            "--tb=line",
            "-p",
            "no:cacheprovider",
            "--color=no",
            *dict.fromkeys(tests),
        ]
        # Property tests draw the same examples each time: a break is noticed always or never.
        # Pytest would rather import its plugins itself, to rewrite their assertions; theirs fail for nobody here.
        arguments += ["--hypothesis-seed=0", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
        text = self.starter.run(arguments, patience)
        return Outcome(late=True) if text is None else read(text)

    def _environment(self) -> dict[str, str]:
        gone = ("SETARA_DB_", "PYTEST_", "SETARA_DEMO", "GIT_")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(gone)}
        home = str(self.folder / "var" / "test")
        return kept | {
            # The copy's package, also for the processes that tests start: before the installed one.
            "PYTHONPATH": str(self.folder / "src"),
            "SETARA_HOME": home,
            "SETARA_TEST_HOME": home,
            "COLUMNS": "500",
        }


def read(text: str) -> Outcome:
    """What pytest's short summary says of each test."""
    states: dict[str, str] = {}
    words: dict[str, str] = {}
    for line in text.splitlines():
        if (match := _LINE.fullmatch(line)) is not None:
            state, node, said = match.groups()
            if states.get(node) != "FAILED":  # what failed may also end in disorder: it failed all the same
                states[node], words[node] = state, said or ""
    return Outcome(states, words)


@contextlib.contextmanager
def copied(root: Path = ROOT, *, database: bool = True) -> Iterator[Copy]:
    """A copy of the checkout: what git knows and what it would take, never what it ignores."""
    folder = Path(tempfile.mkdtemp(prefix="setara-broken-"))
    folder.chmod(0o755)  # the account that runs PostgreSQL for root must reach its data in it
    try:
        for name in _files(root):
            source, target = root / name, folder / name
            if source.is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)
        if (root / ".venv").exists():
            (folder / ".venv").symlink_to((root / ".venv").resolve())
        # Some tests ask git which files belong to the project.
        subprocess.run(["git", "init", "-q"], cwd=folder, check=False, capture_output=True)
        subprocess.run(["git", "add", "-A"], cwd=folder, check=False, capture_output=True)
        with _server(folder / "var" / "test") if database else contextlib.nullcontext():
            copy = Copy(folder)
            try:
                yield copy
            finally:
                copy.starter.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def attempt(copy: Copy, one: Break, patience: float = PATIENCE) -> Tried:
    """Break the copy, run the named tests, and say whether each failed and each control passed."""
    began = time.monotonic()
    with copy.broken(one):
        seen = copy.run([*one.fails, *one.passes], patience)
    seconds = round(time.monotonic() - began, 1)
    if seen.late:
        return Tried(one.name, False, seconds, "the tests did not end")
    silent = [test for test in one.fails if "FAILED" not in seen.of(test)]
    loud = [test for test in one.passes if seen.of(test) != {"PASSED"}]
    why = [f"{short(t)} {_word(seen.of(t))}" for t in silent]
    why += [f"control {short(t)} {_word(seen.of(t))}" for t in loud]
    return Tried(one.name, not why, seconds, "; ".join(why), seen.said(one.fails[0]))


def unsound(copy: Copy, breaks: Sequence[Break]) -> list[str]:
    """The named tests that do not pass while nothing is broken: their failing would prove nothing."""
    tests = sorted({test for one in breaks for test in (*one.fails, *one.passes)})
    seen = copy.run(tests, patience=PATIENCE * 6)
    return [f"{test} {_word(seen.of(test))}" for test in tests if seen.of(test) != {"PASSED"}]


def short(test: str) -> str:
    """A node id without the folders that all share."""
    return test.removeprefix("src/setara/")


def _word(states: set[str]) -> str:
    return "+".join(sorted(states)).lower() if states else "did not run"


def _files(root: Path) -> list[str]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    names = [name for name in done.stdout.split("\0") if name]
    if names and (root / ".git").exists():
        return names
    left = {".venv", "var", "artefacts", "dist", "build", "__pycache__"}
    paths = (path.relative_to(root) for path in root.rglob("*"))
    return [path.as_posix() for path in paths if not left & set(path.parts)]


@contextlib.contextmanager
def _server(home: Path) -> Iterator[None]:
    """One database server for all breaks of a run, instead of one start a break."""
    from setara.site import database, postgres

    if database.external():
        yield
        return
    home.mkdir(parents=True)
    try:
        with postgres.using(home):
            yield
    finally:
        postgres.stop(home, "immediate")
        shutil.rmtree(postgres.layout(home).cluster, ignore_errors=True)


def _write(path: Path, text: str) -> None:
    """Write, with a time that no compiled file of an earlier text can have."""
    path.write_text(text, encoding="utf-8")
    stamp = time.time_ns() + next(_stamps) * 2_000_000_000
    os.utime(path, ns=(stamp, stamp))
