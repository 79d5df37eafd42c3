"""Events of the office itself."""

from __future__ import annotations

from typing import Any

from setara.ledger.service import Event, Ref


class OfficeCreated(Event, name="offices.created", version=1):
    """An office was made, with its service, time zone and ordinary opening hours."""

    code: str
    zone: str
    service: str
    is_demo: bool


class CounterAdded(Event, name="offices.counter_added", version=1):
    """A counter was added, with the steps that it serves."""

    counter: Ref
    number: int
    steps: list[str]


class StaffAdded(Event, name="offices.staff_added", version=1):
    """A member of staff was added, with roles and the steps of a first competence."""

    staff: Ref
    label: str
    roles: list[str]
    steps: list[str]
    simulated: bool


class LinkIssued(Event, name="offices.link_issued", version=1):
    """A one-time link for setting a password was issued; earlier links and the earlier password are void."""

    staff: Ref
    label: str


class PasswordSet(Event, name="offices.password_set", version=1):
    """A member of staff set the password of the own account."""

    staff: Ref
    label: str


class SignedIn(Event, name="offices.signed_in", version=1):
    """A member of staff signed in (how: password, link, demo) or went on after a lock (unlock)."""

    staff: Ref
    label: str
    how: str


class SignedOut(Event, name="offices.signed_out", version=1):
    """A member of staff signed out."""

    staff: Ref
    label: str


class DayOpened(Event, name="offices.day_opened", version=1):
    """The day was opened with its roster: who works where (counter null: desk or back office)."""

    date: str
    roster: list[dict[str, Any]]


class RosterChanged(Event, name="offices.roster_changed", version=1):
    """The roster of an open day was changed: where somebody works from now on, or that they left."""

    date: str
    staff: str
    counter: int | None
    left: bool


class Configured(Event, name="offices.configured", version=1):
    """A setting was changed: the model, the row, and the changed fields before and after."""

    model: str
    row: Ref
    before: dict[str, Any]
    after: dict[str, Any]


class ConfigurationAdded(Event, name="offices.configuration_added", version=1):
    """A row of settings was added: the model, the row and its fields."""

    model: str
    row: Ref
    after: dict[str, Any]


class HolidaysSeeded(Event, name="offices.holidays_seeded", version=1):
    """Holidays of a year that were missing from the table were added from the published list."""

    year: int
    dates: list[str]
