"""Offices, counters, calendar, staff, roles, competences."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OfficesConfig(AppConfig):
    """Django's name for this room."""

    name = "setara.offices"
    label = "offices"
    verbose_name = _("Pengaturan kantor")
