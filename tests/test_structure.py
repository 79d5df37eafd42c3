"""The house rules that a tool can check. Each check is a function that finds offences, and is shown to find one."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from setara.ledger.service import Event, operations, registered
from setara.site import reference
from setara.site.tracing import trace

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "setara"
FILE_LINES, FUNCTION_LINES = 400, 60
GROUND = ("kernel", "rules")
FLOORS = (
    "offices", "people", "applications", "payments", "booking", "queueing", "casework",
    "notices", "feedback", "oversight", "reports",
)  # fmt: skip

#: Files that may be longer, and why. Empty is best.
LONG_FILES: dict[str, str] = {
    "site/tests/test_outside.py": "tests of one simulator, one after the other",
}
LONG_FUNCTIONS: dict[str, str] = {}

#: Modules beside operations and moves that write rows, and why they may (docs/architecture.md, "Who writes").
WRITERS = {
    "booking/seats.py": "claiming and freeing a seat, inside an operation",
    "casework/assigning.py": "the lot gives a file its officer, in the operation that brings it to the step",
    "queueing/conflicts.py": "an entry in the register: in advance, from the counter, or from a file",
    "casework/path.py": "the end of a step, which seven operations share",
    "casework/store.py": "taking a book from stock, inside an operation",
    "queueing/lines.py": "the line's row is the lock under which a call is decided",
    "people/guessing.py": "counts wrong codes; must stay although the request is refused",
    "notices/outbox.py": "derives messages from events by a cursor; no state of the office",
}
WRITES = {
    "save", "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create",
}  # fmt: skip


def modules(*rooms: str, tests: bool = False) -> Iterator[tuple[str, str]]:
    """(path below the package, source) of the modules, migrations left out."""
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE)
        if "migrations" in name.parts or (rooms and name.parts[0] not in rooms):
            continue
        if tests or "tests" not in name.parts:
            yield name.as_posix(), path.read_text(encoding="utf-8")


# Size


def long_parts(source: str) -> tuple[bool, list[str]]:
    """Whether the file is too long, and its functions that are; a command's options are a list, not work."""
    functions = [
        node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.body[0].lineno + 1 >= FUNCTION_LINES
    ]
    return len(source.splitlines()) > FILE_LINES, functions


def test_files_and_functions_are_small() -> None:
    files, functions = set(), set()
    for name, source in modules(tests=True):
        long_file, long_functions = long_parts(source)
        files |= {name} if long_file else set()
        # A test that walks a whole path is a list, however long; the program is not.
        functions |= set() if "/tests/" in name else {f"{name}:{one}" for one in long_functions}
    assert files <= set(LONG_FILES), "make a folder of the same name"
    assert functions <= set(LONG_FUNCTIONS)
    body = "    pass\n" * FUNCTION_LINES
    assert long_parts(f"def f():\n{body}") == (False, ["f"])
    assert long_parts("x = 1\n" * (FILE_LINES + 1)) == (True, [])
    assert long_parts(f"def f():\n{body[9:]}" + "x = 1\n" * (FILE_LINES - FUNCTION_LINES)) == (False, [])


# Borders


def imported(source: str) -> Iterator[str]:
    """Every module or name that a source imports, dotted, wherever in the file."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def trespasses(name: str, source: str) -> list[str]:
    """Imports of another room that do not go through its service. ``name`` is the path below the package."""
    room = name.split("/", maxsplit=1)[0]
    found = []
    for target in imported(source):
        parts = target.split(".")
        foreign = parts[0] == "setara" and len(parts) > 1 and parts[1] in FLOORS and parts[1] != room
        if foreign and (len(parts) < 3 or parts[2] != "service"):
            found.append(target)
    return found


def test_rooms_meet_in_their_services_only() -> None:
    found = {name: bad for name, source in modules(*FLOORS) if (bad := trespasses(name, source))}
    assert found == {}
    bad = "from setara.queueing.service import board\ndef f():\n    from setara.queueing import models\n"
    assert trespasses("casework/views/x.py", bad) == ["setara.queueing.models"]
    assert trespasses("queueing/views/x.py", bad) == []


def outsiders(source: str) -> list[str]:
    """Imports that the ground floor must not have."""
    banned = ("django", "psycopg", "polars", "setara.ledger", "setara.site")
    return [name for name in imported(source) if name.startswith(banned)]


def test_the_ground_knows_no_framework() -> None:
    assert {name: bad for name, source in modules(*GROUND, tests=True) if (bad := outsiders(source))} == {}
    assert outsiders("import pydantic\nfrom django.db import models") == ["django.db.models"]


def test_the_storeys_stand_as_agreed() -> None:
    done = subprocess.run(
        [ROOT / ".venv/bin/lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "3 kept, 0 broken" in done.stdout


# Writing


def writes(source: str) -> list[tuple[int, str]]:
    """(line, call) of the calls that write rows through the ORM.

    Only what is called on a model's manager or query, or on an instance as ``x.save()`` counts: a dictionary's or
    a hash's ``update(x)`` takes a positional argument, a query's never does.
    """
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            owner = ast.unparse(node.func.value)
            query = ".objects" in owner or "_default_manager" in owner or "select_for_update" in owner
            instance = node.func.attr in {"save", "delete"} and not node.args
            named = node.func.attr == "update" and not node.args and bool(node.keywords)
            if query or instance or named:
                found.append((node.lineno, f"{owner}.{node.func.attr}"))
    return found


def may_write(name: str) -> bool:
    """Whether a module is one of those that write."""
    return bool(re.search(r"/(operations|moves)(\.py|/)", name)) or name in WRITERS


def test_only_operations_and_moves_write() -> None:
    found = {
        name: bad for name, source in modules(*FLOORS) if not may_write(name) and (bad := writes(source))
    }
    assert found == {}
    planted = "def view(request):\n    Call.objects.filter(pk=1).update(outcome='served')\n    case.save()\n"
    assert [line for line, _ in writes(planted)] == [2, 3]
    assert not may_write("queueing/views/desk.py")
    assert may_write("queueing/operations/calls.py")
    harmless = "digest.update(b'x')\nseen.update({'a': 1})\nimage.save(out, 'JPEG')\n"
    assert writes(harmless) == []


def test_every_allowed_writer_is_needed_and_explained() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for name in WRITERS:
        source = (PACKAGE / name).read_text(encoding="utf-8")
        assert writes(source), f"{name} writes nothing: strike it from the list"
        assert f"`{name.removesuffix('.py').replace('/', '.')}`" in text, name


# Operations and events


def test_operations_explain_themselves_and_live_in_their_place() -> None:
    reference.load()
    assert len(operations()) > 40
    for name, operation in operations().items():
        assert (operation.__doc__ or "").strip(), name
        assert re.match(r"setara\.\w+\.operations(\.|$)", operation.__module__), name


def unrecorded(events: set[type[Event]], recorded: set[type[Event]]) -> set[str]:
    """Names of the events that no operation records."""
    return {event.NAME for event in events - recorded}


def test_every_event_is_recorded_by_an_operation() -> None:
    reference.load()
    ours = {key: event for key, event in registered().items() if event.__module__.startswith("setara.")}
    # What was recorded under an earlier version is still read, and recorded no more.
    events = {event for (name, version), event in ours.items() if (name, version + 1) not in ours}
    recorded = set().union(*(trace(operation).events for operation in operations().values()))
    assert unrecorded(events, recorded) == set()
    one = next(iter(recorded))
    assert unrecorded(events, recorded - {one}) == {one.NAME}


def test_the_trace_follows_helpers_and_no_further() -> None:
    reference.load()
    found = trace(operations()["queueing.call_next"])
    assert found.permissions == {"queueing.call"}
    assert {event.NAME for event in found.events} == {"queueing.called"}
    through_helpers = trace(operations()["casework.check_documents"])
    assert {event.NAME for event in through_helpers.events} >= {"casework.step_ended", "casework.held"}


# Words and addresses


def prints(source: str) -> list[int]:
    """Lines that call ``print``."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]


def clocks(source: str) -> list[str]:
    """Calls that read the machine's time past the kernel clock."""
    asked = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "timezone.now", "time.time"}
    return [
        text
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and (text := ast.unparse(node.func)).removeprefix("datetime.datetime").removeprefix("dt.") in asked
    ]


def test_nobody_prints_and_nobody_asks_another_clock() -> None:
    assert {name: bad for name, source in modules() if (bad := prints(source))} == {}
    assert prints("x = 1\nprint(x)") == [2]
    rooms = ("rules", "ledger", *FLOORS)
    assert {name: bad for name, source in modules(*rooms) if (bad := clocks(source))} == {}
    assert clocks("a = datetime.now(UTC)\nb = clock.now()") == ["datetime.now"]


#: A package index's address, or a path of somebody's machine. Split, so that this file is clean itself.
STRAY = re.compile(
    r"(?:^|[^\w.])/(?:wo" r"rk|ro" r"ot|tm" r"p|home/[a-z]+)/"
    r"|--(?:extra-)?index" r"-url|pypi\.org/sim" r"ple|pythonhos" r"ted\.org"
)  # fmt: skip


def test_no_tracked_file_holds_a_machine_path_or_an_index_address() -> None:
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split("\0")
    if not any(names):
        pytest.skip("not a git checkout: nothing says which files belong to the project")
    found = {}
    for name in names:
        path = ROOT / name
        if name and path.is_file():
            try:
                text = path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue  # a picture or a compiled catalogue
            if hits := [line for line in text.splitlines() if STRAY.search(line)]:
                found[name] = hits[:3]
    assert found == {}
    # Put together here, so that this file holds none itself.
    for planted in (
        "/".join(["see ", "root", "x"]),
        "-".join(["-", "index", "url=x"]),
        "pypi.org" + "/simple",
    ):
        assert STRAY.search(planted)
    assert not STRAY.search("GET /permohonan/baru/, a/" + "tmp/x")


def test_the_checks_that_others_make_are_there() -> None:
    """The wheel's contents and the pages' permissions have tests of their own; they must not get lost."""
    wheel = (PACKAGE / "site" / "tests" / "test_wheel.py").read_text(encoding="utf-8")
    assert "namelist()" in wheel
    assert '"/tests/" in name' in wheel
