"""The list of breaks: which protection, how it is taken away, and which tests must then fail.

One TOML file a room in ``breaks/``; a table is one break:

    [leaf-hash]
    protects = "One sentence: what holds while the code is whole."
    file = "ledger/storage.py"         # below src/setara, or from the checkout's root
    old = 'text that stands there exactly once'
    new = 'what stands there instead'
    fails = ["ledger/tests/test_storage.py::test_a"]   # each must fail; of a parametrised test one case is enough
    passes = ["ledger/tests/test_storage.py::test_b"]  # optional: the control, which must not fail
    also = [{ file = "...", old = "...", new = "..." }]  # optional: where two locks hold the same door

A break takes a protection away and leaves the rest working: a syntax error would be noticed by anything.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(__file__).resolve().parent / "breaks"
KEYS = {"protects", "file", "old", "new", "fails", "passes", "also"}


@dataclass(frozen=True, slots=True)
class Patch:
    """One exact replacement in one file; ``file`` is as written in the list."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Break:
    """One protection taken away. ``name`` is ``room/name``; tests are node ids from the checkout's root."""

    name: str
    protects: str
    patches: tuple[Patch, ...]
    fails: tuple[str, ...]
    passes: tuple[str, ...] = field(default=())

    def matches(self, words: Sequence[str]) -> bool:
        """Whether every word occurs in name, sentence, files or tests, in any case."""
        parts = [self.name, self.protects, *(patch.file for patch in self.patches), *self.fails]
        text = "\n".join(parts).casefold()
        return all(word.casefold() in text for word in words)


def place(name: str, root: Path = ROOT) -> Path:
    """The file that the list means: from the checkout's root, else below ``src/setara``."""
    return root / name if (root / name).is_file() else root / "src" / "setara" / name


def load(folder: Path = FOLDER, root: Path = ROOT) -> list[Break]:
    """Every break, file by file. ValueError for a table that is not as described above."""
    found: list[Break] = []
    for path in sorted(folder.glob("*.toml")):
        for name, table in tomllib.loads(path.read_text(encoding="utf-8")).items():
            found.append(_read(f"{path.stem}/{name}", table, root))
    return found


def _read(name: str, table: dict[str, Any], root: Path) -> Break:
    if not isinstance(table, dict) or not set(table) <= KEYS or not KEYS - {"passes", "also"} <= set(table):
        raise ValueError(f"{name} must have {sorted(KEYS - {'passes', 'also'})} and may have passes and also")
    patches = [table, *table.get("also", [])]
    return Break(
        name,
        table["protects"],
        tuple(Patch(one["file"], one["old"], one["new"]) for one in patches),
        tuple(_node(test, root) for test in table["fails"]),
        tuple(_node(test, root) for test in table.get("passes", [])),
    )


def _node(test: str, root: Path) -> str:
    file, _, rest = test.partition("::")
    return f"{place(file, root).relative_to(root).as_posix()}::{rest}"


def rotten(one: Break, root: Path = ROOT) -> list[str]:
    """What no longer fits between a break and the code, in words; empty when it can be tried."""
    found = []
    for patch in one.patches:
        path = place(patch.file, root)
        times = path.read_text(encoding="utf-8").count(patch.old) if path.is_file() else 0
        if times != 1:
            found.append(f"{one.name}: the old text occurs {times} times in {patch.file}")
        if patch.old == patch.new:
            found.append(f"{one.name}: changes nothing in {patch.file}")
    if not one.fails:
        found.append(f"{one.name}: names no test")
    for test in (*one.fails, *one.passes):
        file, _, name = test.partition("::")
        if name.partition("[")[0] not in _tests(root / file):
            found.append(f"{one.name}: there is no test {test}")
    return found


@cache
def _tests(path: Path) -> set[str]:
    if not path.is_file():
        return set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
