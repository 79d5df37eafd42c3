"""The list of breaks fits the code, and the harness tells a break that is noticed from one that is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.apps import apps
from tests.breaking import page
from tests.breaking.listing import Break, Patch, load, rotten
from tests.breaking.trying import attempt, copied, read, unsound

BREAKS = load()


def test_every_break_can_be_made_and_names_tests_that_exist(tmp_path: Path) -> None:
    assert len(BREAKS) > 100
    assert [fault for one in BREAKS for fault in rotten(one)] == []
    names = [one.name for one in BREAKS]
    assert len(set(names)) == len(names)
    assert all(one.protects.endswith(".") for one in BREAKS)
    # The control: each kind of rot is seen.
    good = BREAKS[0]
    patch, test = good.patches[0], good.fails[0]
    for patches, tests, words in (
        ((Patch(patch.file, "text that stands nowhere", ""),), (test,), "occurs 0 times"),
        ((Patch(patch.file, "e", "x"),), (test,), "occurs"),
        ((Patch("no/such/file.py", "x", "y"),), (test,), "occurs 0 times"),
        ((Patch(patch.file, patch.old, patch.old),), (test,), "changes nothing"),
        ((patch,), (), "names no test"),
        ((patch,), (f"{test}_gone",), "there is no test"),
        ((patch,), ("tests/test_gone.py::test_gone",), "there is no test"),
    ):
        (fault,) = rotten(Break("x/y", "z.", patches, tests))
        assert words in fault


def test_a_table_that_is_no_break_is_refused(tmp_path: Path) -> None:
    (tmp_path / "room.toml").write_text("[x]\nprotects = 'A.'\nfile = 'a'\nold = 'b'\nnew = ''\nfials = []\n")
    with pytest.raises(ValueError, match="room/x must have"):
        load(tmp_path)


def test_every_rule_of_the_database_has_been_broken() -> None:
    """Each named constraint of a migration is the subject of a break, so that a new one brings its test along."""
    ours = [model for model in apps.get_models() if model.__module__.startswith("setara.")]
    named = {one.name for model in ours for one in model._meta.constraints}
    broken = {name for one in BREAKS for patch in one.patches for name in named if name in patch.old}
    assert len(named) > 30
    assert named - broken == set()


def test_the_page_names_every_break() -> None:
    assert set(page.rows()) == {one.name for one in BREAKS}, 'run: make broken ARGS="--page NEW-BREAK"'
    assert not any("not noticed" in row for row in page.rows().values())


def test_what_pytest_says_is_understood() -> None:
    said = read(
        "FAILED a/b.py::test_x[1 - 2] - AssertionError: assert 1 - 1\nPASSED a/b.py::test_x[3]\n"
        "ERROR a/b.py::test_x[1 - 2] - RuntimeError: later\nERROR a/b.py::test_y\n2 failed in 0.1s\n"
    )
    assert said.of("a/b.py::test_x") == {"FAILED", "PASSED"}
    assert said.of("a/b.py::test_y") == {"ERROR"}
    assert said.of("a/b.py::test_") == set()
    assert "AssertionError" in said.said("a/b.py::test_x")


@pytest.mark.slow(20)
def test_a_break_is_noticed_or_not(tmp_path: Path) -> None:
    """In a small project: a watched rule, one that nobody watches, one whose control falls too, one that hangs."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "rule.py").write_text("LIMIT = 5\nNAME = 'x'\nWAIT = 0\n")
    (source / "test_rule.py").write_text(
        "import time, rule\n"
        "def test_limit(): assert rule.LIMIT == 5\n"
        "def test_other(): assert rule.LIMIT > 0; time.sleep(rule.WAIT)\n"
    )
    limit, other = "test_rule.py::test_limit", "test_rule.py::test_other"

    def broken(old: str, new: str) -> Break:
        return Break("small/rule", "A rule.", (Patch("rule.py", old, new),), (limit,), (other,))

    with copied(source, database=False) as copy:
        whole = (copy.folder / "rule.py").read_text()
        assert unsound(copy, [broken("5", "6")]) == []
        assert attempt(copy, broken("5", "6")).noticed
        assert attempt(copy, broken("'x'", "'y'")).why == f"{limit} passed"
        assert "control" in attempt(copy, broken("5", "0")).why
        assert attempt(copy, broken("LIMIT = 5", "LIMIT =")).why.startswith(f"{limit} did not run")
        assert attempt(copy, broken("WAIT = 0", "WAIT = 600"), patience=4).why == "the tests did not end"
        assert (copy.folder / "rule.py").read_text() == whole
        with copy.broken(broken("5", "6")):
            assert unsound(copy, [broken("5", "6")]) == [f"{limit} failed"]
    assert not copy.folder.exists()
    assert (source / "rule.py").read_text() == whole


def test_results_are_plain_data() -> None:
    from tests.breaking.trying import Tried

    one = BREAKS[0]
    made = page.document([one], [Tried(one.name, True, 1.5, "", "AssertionError")], 2.0, [])
    assert json.loads(json.dumps(made)) == made
    assert (made["noticed"], made["tried"][0]["protects"]) == (1, one.protects)
