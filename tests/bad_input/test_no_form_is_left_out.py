"""Every address that takes a POST, and every form with a question in its address, has a case of bad input."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.bad_input import cases_applicant, cases_arrival, cases_hall, cases_officers, cases_settings
from tests.bad_input.town import Browser, Town
from tests.bad_input.walking import CASES

import setara
from setara.offices.models import Role
from setara.site.checks import Page, pages

TABLES = (cases_applicant, cases_arrival, cases_hall, cases_officers, cases_settings)
PACKAGE = Path(setara.__file__).parent
#: Addresses that take a POST and have no field to fill in wrongly; where each is tested instead.
EXCUSED = {
    "signout": "a button that only ends a session: test_addresses",
    "leave": "a button that only ends a session: test_addresses",
    "set_language": "a language that is none changes nothing: test_addresses",
    "treasury_notice": "a program's notice, answered in JSON: test_programs",
}
#: Django's own addresses of the configuration that look but do not change, or refuse every POST.
DJANGO = re.compile(r"admin:(|index|jsi18n|app_list|\w+_(changelist|history|delete)|offices_office_add)")
PARTS = {"uuid": "00000000-0000-7000-8000-000000000000", "int": "1", "day": "2026-03-02"}
#: Templates with a form that asks in its address (GET), and the case of each.
ASKING = {
    "applications/first.html": ["apply-apply_contact", "assist_apply-assist_apply_why"],
    "oversight/audit.html": ["audit"],
    "queueing/look_up.html": ["look_up"],
    "queueing/replay_day.html": [],  # one number; what is none leads to the day's first page (test_stepping)
    "queueing/calls.html": [],  # one date, taken from a calendar; what is none means today (test_addresses)
}


def _path(page: Page, parts: dict[str, str]) -> str:
    return "/" + re.sub(
        r"<(?:(\w+):)?(\w+)>", lambda m: parts.get(m[2]) or PARTS.get(m[1] or "", "uji"), page.route
    )


def _who(town: Town, page: Page) -> str:
    """The label of somebody for whom this address opens; empty for a visitor, ``-`` for an applicant."""
    if page.administration:
        return "AD"
    assert page.access is not None
    if page.access.kind != "officer":
        return "-" if page.access.kind == "applicant" else ""
    wanted = {role for one in page.access.permissions for role in one.roles}
    return next(label for label, one in town.everybody().items() if wanted & set(one.roles))


def test_every_address_that_takes_a_post_has_a_case(town: Town) -> None:
    made, _by = town.house.draft()
    parts, taking = {"reference": made.reference}, set()
    browsers: dict[str, Browser] = {"": town.visitor(), "-": town.holder(made)}
    browsers |= {label: town.officer(label) for label in town.everybody()}
    for page in pages():
        if "(?P<" in page.route:
            continue
        browser = browsers[_who(town, page)]
        answer = browser.post(_path(page, parts), headers={"accept": "application/json"})
        if answer.status_code != 405:
            taking.add(page.name)
    known = {name for name, _maker in CASES.values()}
    named = {name for name in taking if not DJANGO.fullmatch(name)}
    left_out = named - known - set(EXCUSED)
    assert not left_out, f"no case of bad input for {sorted(left_out)}: add one to tests/bad_input/cases_*.py"
    assert not set(EXCUSED) - named, "an excuse for an address that takes no POST"
    # The control: the look does tell addresses that take a POST from those that do not.
    assert {"home", "slip", "hall"}.isdisjoint(taking)
    assert len(named) > 50


def test_every_form_that_asks_in_its_address_has_a_case() -> None:
    found = {
        "/".join(path.parts[-2:])
        for path in PACKAGE.rglob("*.html")
        if '<form method="get"' in path.read_text(encoding="utf-8")
    }
    assert found == set(ASKING)
    assert set(CASES) >= {name for names in ASKING.values() for name in names}


def test_the_officers_here_hold_every_role(town: Town) -> None:
    held = {role for one in town.everybody().values() for role in one.roles}
    assert held == set(Role.values)


def test_no_sentence_is_translated_before_its_reader_is_known() -> None:
    """``gettext`` at the level of a module or a class speaks the language of whoever started the process."""
    early = [
        f"{path.relative_to(PACKAGE)}:{line}"
        for path in PACKAGE.rglob("*.py")
        if "tests" not in path.parts
        for line in _early(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert early == []
    # The control: the look finds one.
    assert _early(ast.parse("from django.utils.translation import gettext as _\nWORDS = {1: _('Buka')}")) == [
        2
    ]


def _early(tree: ast.Module) -> list[int]:
    names = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if not alias.name.endswith(("_lazy", "_noop"))
    }
    found: list[int] = []

    def visit(node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                continue
            if isinstance(child, ast.Call) and isinstance(child.func, ast.Name) and child.func.id in names:
                found.append(child.lineno)
            visit(child)

    visit(tree)
    return found
