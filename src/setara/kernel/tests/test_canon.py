from __future__ import annotations

import enum
import hashlib
import json
import uuid
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from setara.kernel import canon

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-canon.MAX_INT, canon.MAX_INT)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=20,
)


class Colour(enum.StrEnum):
    RED = "red"


@given(JSON)
def test_canonical_bytes_are_json_stable_and_independent_of_key_order(value: object) -> None:
    text = canon.dumps(value)
    assert json.loads(text) == value
    assert canon.dumps(json.loads(text)) == text
    if isinstance(value, dict):
        assert canon.dumps(dict(reversed(value.items()))) == text


def test_the_bytes_themselves() -> None:
    assert (
        canon.dumps({"b": [1, True, None], "a": "é\n\x01"}) == b'{"a":"\xc3\xa9\\n\\u0001","b":[1,true,null]}'
    )
    # The example of RFC 8785 3.2.3: sorted by UTF-16 code units, so the emoji comes before U+FB33.
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    expected = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(json.loads(canon.dumps(dict.fromkeys(keys, 0)))) == expected


def test_dates_ids_and_enums_have_one_text() -> None:
    one = uuid.UUID("0198C0DE-0000-7000-8000-00000000ABCD")
    at = datetime(2026, 3, 3, 9, 40, tzinfo=timezone(timedelta(hours=7)))
    assert canon.plain([at, at.astimezone(UTC), date(2026, 3, 3), one, Colour.RED, (1,)]) == [
        "2026-03-03T02:40:00.000000Z",
        "2026-03-03T02:40:00.000000Z",
        "2026-03-03",
        "0198c0de-0000-7000-8000-00000000abcd",
        "red",
        [1],
    ]


@pytest.mark.parametrize(
    "wrong",
    [1.0, {"a": [0.5]}, {1: 2}, {Colour.RED: 1}, datetime(2026, 3, 3), b"x", {1, 2}, 2**53, object()],  # noqa: DTZ001
)
def test_what_has_no_canonical_form_is_refused(wrong: object) -> None:
    with pytest.raises(TypeError):
        canon.dumps(wrong)


def test_digests_are_kept_apart_by_domain() -> None:
    value = {"a": 1}
    assert (
        canon.digest(value, domain="setara/event/1") == hashlib.sha256(b'setara/event/1\x00{"a":1}').digest()
    )
    assert canon.digest(value, domain="setara/event/1") != canon.digest(value, domain="setara/receipt/1")
    for domain in ("", "é", "a\x00"):
        with pytest.raises(ValueError, match="domain"):
            canon.digest(value, domain=domain)
