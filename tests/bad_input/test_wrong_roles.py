"""Every action of the staff, tried by an officer whose task it is not: the answer says whose it is."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from django.utils import translation
from tests.bad_input.languages import indonesian_in
from tests.bad_input.reading import read
from tests.bad_input.town import ENGLISH, INDONESIAN, LANGUAGES, Browser, Town, events

from setara.casework import service as casework
from setara.offices.models import Role
from setara.site.checks import Page, pages

PARTS = {"uuid": "00000000-0000-7000-8000-000000000000", "int": "1", "day": "2026-03-02"}


def _path(page: Page) -> str:
    return "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda m: PARTS.get(m[1] or "", "K7HF-3MTX"), page.route)


def _named(roles: set[str], language: dict[str, str]) -> list[str]:
    """The roles as the reader's language calls them."""
    with translation.override(language["accept-language"]):
        return [str(Role(role).label) for role in roles]


def test_each_action_of_the_staff_names_the_roles_that_may(town: Town) -> None:
    town.opened()
    browsers = {label: town.officer(label) for label in town.everybody()}
    before, tried = events(), 0
    for page in pages():
        if page.access is None or page.access.kind != "officer":
            continue
        may = {role for one in page.access.permissions for role in one.roles}
        others = [label for label, one in town.everybody().items() if not may & set(one.roles)]
        for label in others[:1]:
            tried += 1
            for language in LANGUAGES:
                answer = browsers[label].post(_path(page), {}, headers=language)
                assert answer.status_code == 403, (page.name, label, answer.status_code)
                said = read(answer).refusal
                assert all(name in said for name in _named(may, language)), (page.name, said)
                assert language is INDONESIAN or not indonesian_in(read(answer).text)
    assert events() == before
    assert tried > 35


@pytest.mark.parametrize("name", ["admin:index", "admin:offices_staff_add"])
def test_the_configuration_is_the_administrators(town: Town, name: str) -> None:
    for language in LANGUAGES:
        answer = town.officer("KA").post(reverse(name), {}, headers=language)
        assert answer.status_code == 403
        assert _named({"administrator"}, language)[0] in read(answer).refusal
    assert town.officer("AD").get(reverse(name)).status_code == 200


def _refused_here(browser: Browser, path: str, fields: dict[str, str], *names: str) -> None:
    before = events()
    for language, name in zip(LANGUAGES, names, strict=True):
        answer = browser.post(path, fields, headers=language)
        assert answer.status_code in {403, 422}, answer.status_code
        assert name in read(answer).refusal
    assert events() == before


def test_a_page_may_be_open_and_its_button_not(town: Town) -> None:
    """The head watches the floor, the supervisor closes counters; the refusal names the supervisor."""
    town.floor.officer("KK", ["head"])
    session = town.sit("D1", 1)
    path = reverse("floor_close", args=[session.pk])
    names = [_named({"supervisor"}, language)[0] for language in (INDONESIAN, ENGLISH)]
    _refused_here(town.officer("KK"), path, {"idempotency_key": "a"}, *names)
    assert town.officer("KA").post(path, {"idempotency_key": "a"}).status_code == 302


def test_a_step_that_is_not_the_officers_own(town: Town) -> None:
    """The role fits, the competence does not: another counter's step."""
    town.opened()
    town.everybody()
    path = reverse("counter_act", args=["buka"])
    browser = town.officer("D1")
    _refused_here(browser, path, {"counter": "4", "idempotency_key": "a"}, "langkah", "step")
    assert browser.post(path, {"counter": "1", "idempotency_key": "b"}).status_code == 302


def test_a_file_at_a_step_of_somebody_else(town: Town) -> None:
    """The printer sees the file of the adjudicator and may not end its step; the refusal names the adjudicator."""
    made = town.interviewed().application
    path = reverse("case_end", args=[made.reference])
    fields = {"step": "adjudication", "outcome": "approved", "note": "", "idempotency_key": "a"}
    names = [_named({"adjudicator"}, language)[0] for language in (INDONESIAN, ENGLISH)]
    _refused_here(town.officer("PR"), path, fields, *names)
    assert town.officer("AJ").post(path, fields).status_code == 302
    assert casework.Case.objects.get(application=made).step == "printing"


def test_a_counter_of_somebody_else(town: Town) -> None:
    """Whose call it is ends it: the same role at another counter does not."""
    town.arrive()
    call = town.serve("D1", 1)
    town.sit("D2", 2)
    path = reverse("counter_finish", args=[call.pk])
    before = events()
    answer = town.officer("D2").post(path, {"outcome": "complete"}, headers=ENGLISH)
    assert answer.status_code == 409
    assert not indonesian_in(read(answer).text)
    assert events() == before
    assert town.officer("D1").post(path, {"outcome": "complete", "idempotency_key": "a"}).status_code == 302
