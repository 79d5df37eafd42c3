"""Every field that takes text gets what no person types; every choice, one that is not offered.

Nothing breaks, nothing is recorded, and what cannot be accepted is said beside the field, in the reader's language.
"""

from __future__ import annotations

from typing import Any

import pytest
from tests.bad_input.languages import check_pair
from tests.bad_input.test_every_form import TABLES
from tests.bad_input.town import INDONESIAN, LANGUAGES, Town, events
from tests.bad_input.walking import CASES, REFUSALS, Trial, message_at, refused

NOT_TEXT = {"hidden", "file", "radio", "checkbox", "select"}
#: One case for each form is enough here: others of the same form differ only in what is wrong.
FORMS = {name: ident for ident, (name, _maker) in reversed(CASES.items()) if not ident.startswith("look_up")}
#: Text that is sealed and read by officers only may hold line breaks and the like; a password may hold anything.
FREE = {"textarea", "password"}
#: Not read at all in this case: only for a companion, and then compared with numbers, never stored.
UNUSED = {("desk_walkin", "companion_of")}


@pytest.mark.parametrize("ident", sorted(FORMS.values()))
def test_no_field_takes_what_no_person_types(town: Town, ident: str) -> None:
    assert TABLES
    trial = CASES[ident][1](town)
    if trial.stale or trial.wrong is None:
        pytest.skip("a button: it takes no text")
    right, controls = trial.filled(trial.right), trial.form().controls
    text = [name for name, one in controls.items() if one.kind not in NOT_TEXT]
    choices = [name for name, one in controls.items() if one.is_choice and one.kind != "checkbox"]
    # An address with a NUL is refused as a whole (test_addresses).
    unseen = dict.fromkeys(text, "Se\0kar 1") if trial.method == "post" else {}
    _all_refused(trial, right, unseen | dict.fromkeys(choices, "zz9"))
    _all_refused(trial, right, dict.fromkeys(text, "panjang sekali " * 7000))
    for name in text:
        if controls[name].kind not in FREE and (ident, name) not in UNUSED:
            # One at a time: a refusal of one field must not stand for another that takes it.
            assert refused(trial, right | {name: "Sekar\x07 1\x1b[2J"}, INDONESIAN, "").message


def _all_refused(trial: Trial, right: dict[str, Any], hostile: dict[str, str]) -> None:
    """Each hostile field is described by what is wrong with it, in both languages."""
    if not hostile:
        return
    said = [refused(trial, right | hostile, language, next(iter(hostile))) for language in LANGUAGES]
    for name in hostile:
        messages = [message_at(trial, one.page, name) for one in said]
        check_pair(*messages)
        assert len(messages[1]) < 500, f"{name}: the message repeats what was typed"


@pytest.mark.parametrize("ident", ["apply", "signin", "desk", "survey"])
def test_a_form_in_another_encoding_is_read_or_refused(town: Town, ident: str) -> None:
    trial = CASES[ident][1](town)
    body = b"&".join(
        f"{name}=".encode() + (b"%FF%FE%E9" if name == trial.beside else b"%C3%28") for name in trial.right
    )
    before = events()
    answer = trial.browser.post(
        trial.target, body, content_type="application/x-www-form-urlencoded", headers=INDONESIAN
    )
    assert answer.status_code in REFUSALS
    assert events() == before
