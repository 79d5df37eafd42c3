"""This room's part of a page about one application, whoever renders the page."""

from __future__ import annotations

from typing import Any

from setara.applications.service import Application
from setara.booking.operations import why_not_move
from setara.booking.queries import last_appointment
from setara.kernel import clock
from setara.offices.service import local_date


def appointment_context(application: Application) -> dict[str, Any]:
    """``{"booking": ...}`` for the template part ``booking/_part.html``; its appointment may be None."""
    found = last_appointment(application)
    booked = found is not None and found.status == found.Status.BOOKED
    today = local_date(application.office, clock.now())
    return {
        "booking": {
            "appointment": found,
            "open": booked,
            "may_move": found is not None and booked and why_not_move(application, found, today) is None,
            "kind": {"booked": "now", "arrived": "done", "missed": "warn"}.get(found.status, "info")
            if found
            else "",
            "word": found.get_status_display() if found else "",
        }
    }
