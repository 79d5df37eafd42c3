"""The roof: settings, pages, commands, processes."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """Django's name for this room."""

    name = "setara.site"
    label = "site"
