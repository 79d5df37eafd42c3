"""Events keep their shape, and only registered ones exist."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from setara.ledger.registry import Event, Ref, event_class, registered


def test_an_event_is_strict_closed_and_frozen(kit) -> None:
    event = kit.Changed(what="x", row="1")
    assert (event.NAME, event.VERSION) == ("kit.changed", 1)
    assert event.payload() == {"what": "x", "row": "1"}
    for wrong in ({"what": 1, "row": "1"}, {"what": "x"}, {"what": "x", "row": "1", "more": "y"}):
        with pytest.raises(ValidationError):
            kit.Changed(**wrong)
    with pytest.raises(ValidationError):
        event.what = "y"

    class Counted(Event, name="kit.counted", version=1):
        """Something was counted."""

        times: int

    assert Counted(times=1).payload() == {"times": 1}
    for wrong_kind in ("1", 1.0, True):
        with pytest.raises(ValidationError):
            Counted(times=wrong_kind)


def test_names_versions_and_docstrings_are_demanded(kit) -> None:
    with pytest.raises(TypeError, match="dotted"):

        class Undotted(Event, name="undotted"):
            """Words."""

    with pytest.raises(TypeError, match="dotted"):

        class Nameless(Event):
            """Words."""

    with pytest.raises(TypeError, match="docstring"):

        class Silent(Event, name="kit.silent"):
            x: str

    with pytest.raises(TypeError, match="twice"):

        class Again(Event, name="kit.changed", version=1):
            """Words."""

    class Next(Event, name="kit.changed", version=2):
        """The next version of the same event."""

        x: int

    assert event_class("kit.changed", 2) is Next
    assert event_class("kit.changed", 1) is kit.Changed
    assert ("kit.silent", 1) not in registered()
    with pytest.raises(KeyError):
        event_class("kit.changed", 3)


def test_ids_are_no_part_of_what_is_reproducible(kit) -> None:
    class Many(Event, name="kit.many"):
        """Words."""

        a: Ref
        b: str
        c: Ref | None

    assert Many.refs() >= {"a"}
    assert kit.Changed.refs() == {"row"}
    assert kit.Changed.reproducible({"what": "x", "row": "1"}) == {"what": "x"}
