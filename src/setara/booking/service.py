"""What other rooms may use of booking."""

from setara.booking.models import Appointment, Quota, Seat, Window
from setara.booking.moves import arrive, free_place, give_up, miss
from setara.booking.operations import book, move_appointment, open_windows
from setara.booking.queries import (
    DayFree,
    WindowFree,
    appointment_by_token,
    appointments_on,
    ensure_windows,
    last_appointment,
    next_free_days,
    open_appointment,
    priority_places,
    windows_of,
)
from setara.booking.summary import appointment_context

__all__ = [
    "Appointment",
    "DayFree",
    "Quota",
    "Seat",
    "Window",
    "WindowFree",
    "appointment_by_token",
    "appointment_context",
    "appointments_on",
    "arrive",
    "book",
    "ensure_windows",
    "free_place",
    "give_up",
    "last_appointment",
    "miss",
    "move_appointment",
    "next_free_days",
    "open_appointment",
    "open_windows",
    "priority_places",
    "windows_of",
]
