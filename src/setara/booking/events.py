"""What this room writes to the ledger."""

from __future__ import annotations

from setara.ledger.service import Event, Ref


class WindowsOpened(Event, name="booking.windows_opened", version=1):
    """The arrival windows of one working day were made from the quota in force, with all their places."""

    date: str
    places: int
    windows: list[list[str | int]]


class Booked(Event, name="booking.booked", version=1):
    """A place in a window was given to an application; its number says nothing about anyone's turn."""

    appointment: Ref
    seat: Ref
    starts: str
    ends: str


class Moved(Event, name="booking.moved", version=1):
    """An appointment was moved to another window, within the rules of the service."""

    appointment: Ref
    earlier: Ref
    seat: Ref
    from_starts: str
    starts: str
    ends: str
    moves: int
