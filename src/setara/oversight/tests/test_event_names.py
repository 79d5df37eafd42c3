"""The auditor reads what happened in words, not in codes."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from setara.ledger.service import event_class, registered
from setara.oversight.forms import SearchForm
from setara.oversight.names import ACTORS, EVENTS, actor_name, event_name


def ours() -> set[str]:
    """The types that the office itself can write; tests register some of their own."""
    return {
        name
        for name, version in registered()
        if (home := event_class(name, version).__module__).startswith("setara.") and ".tests" not in home
    }


def test_every_event_has_a_name_and_no_name_is_left_over() -> None:
    assert set(EVENTS) == ours()
    with override("id"):
        named = [event_name(kind) for kind in EVENTS]
    assert len(set(named)) == len(named), "two events that are called the same cannot be told apart"
    assert event_name("not.there") == "not.there"


@pytest.mark.parametrize("kind", sorted(EVENTS) + sorted(ACTORS))
def test_names_are_words_in_both_languages(kind: str) -> None:
    say = event_name if kind in EVENTS else actor_name
    with override("id"):
        indonesian = say(kind)
    with override("en"):
        english = say(kind)
    assert kind != indonesian
    assert indonesian != english


def test_the_search_names_the_types_and_keeps_the_codes(db: None) -> None:
    with override("id"):
        choices = dict(SearchForm().fields["type"].choices)
    assert choices["queueing.called"] == "Nomor dipanggil (queueing.called)"
