"""``setara init``: a real, empty office and its first administrator."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from setara.kernel import clock
from setara.kernel.errors import Refused
from setara.ledger.service import By, system
from setara.offices.service import (
    Office,
    Role,
    add_staff,
    create_office,
    link_for,
    local_date,
    one_time_link,
    seed_holidays,
)

#: The cities after which the time zones are named, and what Indonesia calls the zones.
ZONES = {
    "Asia/Jakarta": "WIB",
    "Asia/Pontianak": "WIB",
    "Asia/Makassar": "WITA",
    "Asia/Jayapura": "WIT",
}


def run(code: str, name: str | None, timezone: str, service: str = "paspor") -> str:
    """Make the office ``code`` and return the one-time link of its first administrator.

    Hours and the holidays of this year and the next are ordinary rows, to be corrected on the configuration
    pages. No person, no quota and no counter is made up. Either all of it is there afterwards, or nothing.
    Refused when the office exists, and in a database that holds the demo office.
    """
    if Office.objects.filter(is_demo=True).exists():
        raise Refused(
            _("Basis data ini berisi kantor contoh."),
            code="init.demo",
            rule=_("Data rekaan dan data sungguhan tidak pernah bercampur."),
            remedy=_("Pakai folder data (SETARA_HOME) atau basis data lain untuk kantor sungguhan."),
        )
    by = By(system("setara init", office=code))
    with transaction.atomic():
        office = create_office(
            by, code=code, name=name or f"Kantor {code.title()}", zone=ZONES[timezone], service=service
        )
        this_year = local_date(office, clock.now()).year
        for year in (this_year, this_year + 1):
            seed_holidays(by, year)
        administrator = add_staff(
            by,
            office,
            username=f"admin-{code}",
            label="ADM-01",
            name="Administrator",
            roles=[Role.ADMINISTRATOR],
        )
        administrator = one_time_link(by, administrator)
    return settings.SETARA_PUBLIC_URL.rstrip("/") + link_for(administrator)
