"""Steps of a file, its clock, holds, captures, books, handover."""

from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    """Django's name for this room."""

    name = "setara.casework"
    label = "casework"
