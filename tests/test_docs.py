"""The documents say what the program does: reference pages, settings, links and the files that must be there."""

from __future__ import annotations

import ast
import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from setara.ledger import storage
from setara.site import reference
from setara.site.reference import table

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(path for path in [*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


# Pages that follow from the code


def test_reference_pages_are_what_the_code_says(tmp_path: Path) -> None:
    assert reference.behind() == [], "run: python -m setara.site.reference"
    shutil.copytree(reference.FOLDER, tmp_path / "reference")
    for name in reference.PAGES:
        page = tmp_path / "reference" / name
        page.write_text(page.read_text(encoding="utf-8").replace("| `", "| `x", 1), encoding="utf-8")
    (tmp_path / "reference" / "packs.md").unlink()
    assert reference.behind(tmp_path / "reference") == list(reference.PAGES)  # the comparison notices


def test_every_event_operation_and_command_is_documented() -> None:
    from typer.main import get_command

    from setara.ledger.service import operations, registered
    from setara.site.cli import app

    reference.load()
    events, acts, commands = (
        (reference.FOLDER / f"{name}.md").read_text(encoding="utf-8")
        for name in ("events", "operations", "commands")
    )
    assert len(registered()) > 40
    for name, version in registered():
        assert f"### `{name}` version {version}\n" in events
    for name in operations():
        assert f"| `{name}` |" in acts
    for name in get_command(app).commands:  # type: ignore[attr-defined]
        assert f"## `setara {name}`\n" in commands


def test_every_operation_asks_and_records(tmp_path: Path) -> None:
    """The columns of operations.md are read from the source: none may be empty, or the reader was misled."""
    rows = table((reference.FOLDER / "operations.md").read_text(encoding="utf-8"), "Operation")
    assert len(rows) > 40
    for name, (what, asks, records) in rows.items():
        assert what.endswith("."), name
        assert asks, name
        assert records, name


# Settings


def variables(source: str) -> set[str]:
    """The environment variables that a module reads or sets, by name."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Subscript) and _is_environment(node.value):
            found |= _texts([node.slice])
        elif isinstance(node, ast.Call):
            call = node.func
            by_method = isinstance(call, ast.Attribute) and _is_environment(call.value)
            by_helper = isinstance(call, ast.Name) and call.id in {"flag", "number", "getenv"}
            if by_method or by_helper:
                found |= _texts(node.args[:1])
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= set(re.findall(r"^(?:SETARA_[A-Z_]+|DATABASE_[A-Z_]+)$", node.value))
    return found


def _is_environment(node: ast.expr) -> bool:
    return (isinstance(node, ast.Attribute) and node.attr == "environ") or (
        isinstance(node, ast.Name) and node.id == "environ"
    )


def _texts(nodes: list[ast.expr]) -> set[str]:
    return {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def test_the_scan_for_variables_sees_every_way_to_read_one() -> None:
    source = """
    a = os.environ["ONE"]; b = os.environ.get("TWO", "x"); c = flag("THREE"); d = number("FOUR", 1)
    e = os.environ.setdefault("FIVE", ""); f = {"SETARA_SIX": 1}; g = "NOT_ONE"; h = other.get("NEITHER")
    """
    assert variables("if True:" + source) == {"ONE", "TWO", "THREE", "FOUR", "FIVE", "SETARA_SIX"}


def test_every_setting_is_documented_and_every_documented_setting_is_read() -> None:
    package = ROOT / "src" / "setara"
    documented = table((reference.FOLDER / "settings.md").read_text(encoding="utf-8"), "Variable")
    assert all(len(cells) == 2 and all(cells) for cells in documented.values())
    read: set[str] = set()
    own: set[str] = set()
    for path in package.rglob("*.py"):
        names = variables(path.read_text(encoding="utf-8"))
        (own if "tests" in path.parts else read).update(names)
    own |= {name for path in (ROOT / "tests").rglob("*.py") for name in variables(path.read_text("utf-8"))}
    assert len(read) > 25
    assert read - set(documented) == set()
    assert set(documented) - read - own == set()


# The played day and the ledger


def test_the_ledger_page_has_the_leaf_as_it_is() -> None:
    text = (reference.FOLDER / "ledger.md").read_text(encoding="utf-8")
    example = re.search(r"```json\n(.*?)\n```\n\n```\n([0-9a-f]{64})\n```", text, re.DOTALL)
    assert example
    leaf = json.loads(example[1])
    from datetime import datetime

    fields: dict[str, Any] = {k: v for k, v in leaf.items() if k != "leaf"}
    fields["occurred_at"] = datetime.fromisoformat(leaf["occurred_at"])
    assert storage.canonical_leaf(**fields).decode() == example[1]
    assert storage.leaf_hash(example[1].encode()).hex() == example[2]
    assert hashlib.sha256(b"\x01" + example[1].encode()).hexdigest() != example[2]
    named = re.search(r"The leaf is canonical JSON of these keys:\n\n(.*?)\n\n", text, re.DOTALL)
    assert named
    assert sorted(re.findall(r"`(\w+)`", named[1])) == sorted(leaf)


def test_the_ledger_page_names_every_column() -> None:
    from setara.ledger.models import Event

    rows = table((reference.FOLDER / "ledger.md").read_text(encoding="utf-8"), "Column")
    named = {name for first in rows for name in re.split(r"`, `", first)}
    assert named == {field.column for field in Event._meta.concrete_fields}


def test_the_export_page_names_every_column() -> None:
    from setara.site.day.export import COLUMNS, XES_KEYS

    rows = table((reference.FOLDER / "day.md").read_text(encoding="utf-8"), "Column")
    assert list(rows) == list(COLUMNS)
    kinds = {name: cells[1] for name, cells in rows.items()}
    assert kinds == {name: "text" if kind is str else "time" for name, kind in COLUMNS.items()}
    keys = {name: cells[0].strip("`") for name, cells in rows.items() if name != "case"}
    assert keys == {name: XES_KEYS.get(name, name) for name in COLUMNS if name != "case"}


# Links and files


def links(text: str) -> Iterator[tuple[str, str]]:
    """(file, anchor) of each relative link of a page, code left out."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z]+:", target):
            name, _, anchor = target.partition("#")
            yield name, anchor


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as the usual forges make them."""
    heads = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


def broken(page: Path, text: str) -> list[str]:
    """The relative links of ``page`` that lead nowhere."""
    found = []
    for name, anchor in links(text):
        target = (page.parent / name).resolve() if name else page
        if not target.exists():
            found.append(name)
        elif anchor and anchor not in anchors(text if not name else target.read_text(encoding="utf-8")):
            found.append(f"{name}#{anchor}")
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    assert broken(page, page.read_text(encoding="utf-8")) == []


def test_the_check_of_links_finds_dead_ones() -> None:
    page = DOCS / "architecture.md"
    text = (
        "# A b\n[x](nowhere.md) [y](#a-b) [z](#c) [w](adr/0003-operations.md#no) [v](https://example.org/a)"
    )
    assert broken(page, text) == ["nowhere.md", "#c", "adr/0003-operations.md#no"]


def test_every_decision_is_named_and_every_page_can_be_found() -> None:
    """Each page of docs is linked from another page, so that a reader can come to it."""
    linked = {
        (page.parent / name).resolve()
        for page in PAGES
        for name, _ in links(page.read_text(encoding="utf-8"))
        if name
    }
    folders = {path for path in linked if path.is_dir()}
    lonely = [
        str(page.relative_to(ROOT))
        for page in PAGES
        if page not in linked and page.parent not in folders and page.parent != ROOT
    ]
    assert lonely == [], "link it from docs/README.md"


def test_the_required_documents_are_there() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for wanted in ("make run", "make test", "EUPL-1.2", "docs/architecture.md", "setara day", "DATABASE_URL"):
        assert wanted in readme, wanted
    for picture in (DOCS / "img").glob("*.png"):
        assert f"(docs/img/{picture.name})" in readme, "a picture that is there is shown"
    for name in ("LICENSE", "CONTRIBUTING.md", "CHANGELOG.md", "publiccode.yml", "docs/status.md"):
        assert (ROOT / name).stat().st_size > 500, name
    assert "EUROPEAN UNION PUBLIC LICENCE v. 1.2" in (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert re.search(r"^## \[", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)


#: The keys that version 0 of the publiccode standard requires, and those of each language of the description.
PUBLICCODE = {
    "publiccodeYmlVersion", "name", "url", "platforms", "categories", "developmentStatus", "softwareType",
    "description", "legal", "maintenance", "localisation",
}  # fmt: skip
DESCRIPTION = {"shortDescription", "longDescription", "features"}


def test_publiccode_has_what_the_standard_requires() -> None:
    from importlib.metadata import version

    text = (ROOT / "publiccode.yml").read_text(encoding="utf-8")
    top = dict(re.findall(r"^([A-Za-z]\w*):[ ]*(.*)$", text, re.MULTILINE))
    assert set(top) >= PUBLICCODE
    assert top["publiccodeYmlVersion"].strip('"') == "0.4"
    assert top["softwareVersion"].strip('"') == version("setara")
    date.fromisoformat(top["releaseDate"].strip('"'))
    assert "license: EUPL-1.2" in text
    described = text.split("\ndescription:\n")[1].split("\nlegal:\n")[0]
    for language in ("en", "id"):
        part = re.search(rf"^  {language}:\n((?:    .*\n|\n)+)", described, re.MULTILINE)
        assert part, language
        assert set(re.findall(r"^    (\w+):", part[1], re.MULTILINE)) >= DESCRIPTION
        short = re.search(r"shortDescription: (?:>-?\n\s+)?(.+)", part[1])
        assert short
        assert len(short[1]) <= 150
        long = re.search(r"longDescription: >-?\n((?:      .*\n|\n)+)", part[1])
        assert long
        assert 150 <= len(" ".join(long[1].split())) <= 10_000


# Examples


EXPLANATIONS = sorted((DOCS / "explanation").glob("*.md"))


@pytest.mark.parametrize("page", EXPLANATIONS, ids=lambda path: path.name)
def test_the_examples_of_the_explanations_run(page: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    for block in blocks:
        assert "assert " in block
        exec(compile(block, str(page), "exec"), {})  # noqa: S102 - our own page


def test_the_bounds_of_the_fair_queue_are_those_of_the_pack() -> None:
    from setara.rules.packs import pack
    from setara.rules.queue import bound

    text = (DOCS / "explanation" / "fair-queue.md").read_text(encoding="utf-8")
    newest = pack("paspor/2024-12-17")
    rule = newest.queue_rule(newest.first_step.code)
    said = {lane: [int(cell) for cell in cells] for lane, cells in table(text, "Lane").items()}
    assert said == {
        lane.code: [lane.weight, rule.stride(lane.code), bound(rule, lane.code)] for lane in rule.lanes
    }
    modes = {code: cells[0] for code, cells in table(text, "Reason").items()}
    assert modes == {code: entry.mode for code, entry in rule.re_entry.items()}


def test_the_status_page_names_files_that_exist() -> None:
    text = (DOCS / "status.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([\w./-]+\.(?:py|toml|lock|html|css|md|yml))`", text))
    assert len(named) > 60
    gone = {
        name for name in named if not (ROOT / name).exists() and not (ROOT / "src/setara" / name).exists()
    }
    assert gone == set()
    states = [cells[0] for cells in table(text, "Asked for").values()]
    assert len(states) > 80
    assert set(states) <= {"built", "thin", "missing"}
