"""One walk over every form: refused beside the field in both languages, nothing lost, nothing recorded; then accepted
once, however often it is sent."""

from __future__ import annotations

import pytest
from tests.bad_input import cases_applicant, cases_arrival, cases_hall, cases_officers, cases_settings
from tests.bad_input.town import LANGUAGES, Town, events
from tests.bad_input.walking import CASES, check_languages, kept, refused, same

TABLES = (cases_applicant, cases_arrival, cases_hall, cases_officers, cases_settings)


@pytest.mark.parametrize("ident", list(CASES))
def test_what_is_wrong_is_said_beside_the_field_and_what_is_right_is_done_once(
    town: Town, ident: str
) -> None:
    _name, maker = CASES[ident]
    trial = maker(town)
    if trial.wrong is not None:
        fields = trial.filled(trial.wrong)
        said = [refused(trial, fields, language, trial.beside) for language in LANGUAGES]
        for one in said:
            if trial.beside:
                kept(trial, one, trial.wrong)
        check_languages(said)
    trial.meanwhile()
    fields = trial.filled(trial.right)
    before = events()
    first = trial.send(fields)
    assert first.status_code == trial.status, first.content.decode()[-3000:]
    assert events() == before + trial.records
    second = trial.send(fields)
    assert same(first, second), (second.status_code, second.get("Location"))
    assert events() == before + trial.records + trial.again, "the same request was done twice"
