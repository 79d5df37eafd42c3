"""Offices, counters, calendar, staff, roles, competences."""

from django.apps import AppConfig


class OfficesConfig(AppConfig):
    """Django's name for this room."""

    name = "setara.offices"
    label = "offices"
