"""The roof: settings, pages, commands, processes."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """Django's name for this room."""

    name = "setara.site"
    label = "site"

    def ready(self) -> None:
        """Let the ground floor's sentences speak the reader's language; register the system checks."""
        from django.utils.translation import gettext

        from setara.kernel import phrase

        phrase.install(gettext)
