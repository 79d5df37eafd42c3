"""Billing codes and payments."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    """Django's name for this room."""

    name = "setara.payments"
    label = "payments"
