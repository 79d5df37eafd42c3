"""Arrivals, tickets, counters, calls."""

from django.apps import AppConfig


class QueueingConfig(AppConfig):
    """Django's name for this room."""

    name = "setara.queueing"
    label = "queueing"
