"""Windows, seats, appointments."""

from django.apps import AppConfig


class BookingConfig(AppConfig):
    """Django's name for this room."""

    name = "setara.booking"
    label = "booking"
