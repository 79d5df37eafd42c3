"""Looking at the ledger from outside the office's chain."""

from django.apps import AppConfig


class OversightConfig(AppConfig):
    """Django's name for this room."""

    name = "setara.oversight"
    label = "oversight"
