"""Dashboards and the day sheet."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Django's name for this room."""

    name = "setara.reports"
    label = "reports"
