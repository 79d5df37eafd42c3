"""The roof: settings, pages, commands, processes."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """Django's name for this room."""

    name = "setara.site"
    label = "site"

    def ready(self) -> None:
        """Let the ground floor's sentences speak the reader's language; register the system checks."""
        from django.utils.translation import get_language, gettext

        from setara.kernel import phrase, words
        from setara.site import checks  # noqa: F401 - its checks register themselves

        phrase.install(gettext)
        words.speak(lambda: get_language() or "id")
