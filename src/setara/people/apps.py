"""People who apply, and the vault that holds what is personal."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Django's name for this room."""

    name = "setara.people"
    label = "people"
