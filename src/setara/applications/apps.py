"""The application, its answers and its documents."""

from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    """Django's name for this room."""

    name = "setara.applications"
    label = "applications"
