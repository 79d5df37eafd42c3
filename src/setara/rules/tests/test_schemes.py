from __future__ import annotations

import pytest

from setara.rules import schemes


def test_one_list_of_schemes_of_which_a_day_knows_those_that_one_day_can_show() -> None:
    assert len(schemes.BY_SLUG) == len(schemes.SCHEMES) == 15
    only_simulated = set(schemes.BY_SLUG) - set(schemes.DAY)
    assert only_simulated == {"quota-leak", "broker", "adaptive"}
    lawful = {scheme.slug for scheme in schemes.SCHEMES if scheme.lawful}
    assert lawful == {"proven-override", "missed-call", "family", "send-back"}


def test_a_scheme_and_its_share_are_read_or_it_is_said_what_to_give() -> None:
    assert schemes.parse("escort:0.05") == ("escort", 0.05)
    assert schemes.parse("escort:5%") == ("escort", 0.05)
    assert schemes.parse("broker:1") == ("broker", 1.0)
    for wrong, says in (
        ("escort", "such as escort:0.05"),
        ("escort:0", "such as escort:0.05"),
        ("escort:1.2", "such as escort:0.05"),
        ("escort:nan", "such as escort:0.05"),
        ("escort:many", "such as escort:0.05"),
        ("friend:0.1", "There is no scheme 'friend'"),
    ):
        with pytest.raises(ValueError, match=says):
            schemes.parse(wrong)
    with pytest.raises(ValueError, match="There is no scheme 'broker'"):
        schemes.parse("broker:0.1", schemes.DAY)
