"""Offices, counters, calendar, staff, roles, competences."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OfficesConfig(AppConfig):
    """Django's name for this room."""

    name = "setara.offices"
    label = "offices"
    verbose_name = _("Pengaturan kantor")

    def ready(self) -> None:
        """Let refusals name the roles that may do what was refused."""
        from setara.ledger.service import name_roles
        from setara.offices.models import Role

        name_roles(lambda code: Role(code).label if code in Role.values else code)
