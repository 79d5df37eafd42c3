"""Messages to applicants: an outbox."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Django's name for this room."""

    name = "setara.notices"
    label = "notices"
