"""Claiming one place out of many, without waiting for each other and without ever giving one twice.

A place is a row. A claim locks one free row, passing over rows that somebody else is just taking, from a
random start so that people who press at the same second do not all reach for the same row, and once more
from the lowest number, since a start near the end sees nothing of the free places below it. Whether any
place is left is asked first: that question is cheap, a vain claim is not.
"""

from __future__ import annotations

import secrets
from uuid import UUID

from django.db import connection

from setara.booking.models import Seat, Window

_CLAIM = """
    UPDATE booking_seat SET application_id = %s
     WHERE application_id IS NULL AND id = (
           SELECT id FROM booking_seat
            WHERE window_id = %s AND application_id IS NULL AND number >= %s
            ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING number
"""


def claim(window: Window, application: UUID) -> int | None:
    """Give one free place of ``window`` to ``application``: its number, or None when the window is full."""
    if not Seat.objects.filter(window=window, application__isnull=True).exists():
        return None
    with connection.cursor() as cursor:
        for start in (1 + secrets.randbelow(window.capacity), 1):
            cursor.execute(_CLAIM, [application, window.pk, start])
            if (row := cursor.fetchone()) is not None:
                return int(row[0])
    return None


def release(application: UUID) -> None:
    """Free the place that ``application`` holds, if any."""
    Seat.objects.filter(application_id=application).update(application=None)
