"""Changes of state inside operations, of this room and of others; they record nothing themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from django.utils.translation import gettext_lazy as _

from setara.applications.models import Application
from setara.kernel.errors import Conflict
from setara.ledger.service import Op, Prepared

S = Application.Status

#: From where an application may go where. The second line of an entry is the putting right of a wrong press.
PATHS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        S.DRAFT: frozenset({S.SUBMITTED, S.PAID, S.CANCELLED}),
        S.SUBMITTED: frozenset({S.PAID, S.CANCELLED}),
        S.PAID: frozenset({S.BOOKED, S.IN_SERVICE, S.CANCELLED}),
        # Missed: by the pack another date, or the end.
        S.BOOKED: frozenset({S.IN_SERVICE, S.PAID, S.CANCELLED}),
        # Without a back office the hall leads straight to ready or done. Not served today: as before.
        S.IN_SERVICE: frozenset({S.RETURNED, S.IN_PROCESS, S.READY, S.DONE, S.REFUSED, S.PAID, S.BOOKED}),
        S.RETURNED: frozenset({S.IN_SERVICE, S.IN_PROCESS, S.CANCELLED, S.REFUSED}),
        S.IN_PROCESS: frozenset({S.READY, S.REFUSED, S.RETURNED, S.DONE, S.IN_SERVICE}),
        S.READY: frozenset({S.DONE, S.CANCELLED, S.IN_PROCESS}),
        S.DONE: frozenset({S.READY}),
        S.REFUSED: frozenset({S.IN_SERVICE, S.IN_PROCESS}),
        S.CANCELLED: frozenset(),
    }
)


_LOCKED = Prepared(
    lambda pk: (
        Application.objects.select_for_update(of=("self",)).select_related("office", "private").filter(pk=pk)
    )
)


def lock(op: Op, application: Application) -> Application:  # noqa: ARG001 - proof of an operation
    """Lock the application's row until the operation ends and read it again, into the same object."""
    return _LOCKED.again(application)


def ask_papers(op: Op, application: Application, codes: Iterable[str]) -> None:  # noqa: ARG001 - proof of an operation
    """Ask for papers once more, by their codes; without codes: for none any longer."""
    asked = dict.fromkeys(codes)
    if asked or application.asked:
        Application.objects.filter(pk=application.pk).update(asked=asked)
        application.asked = asked


def move_to(op: Op, application: Application, status: str) -> Application:  # noqa: ARG001 - proof of an operation
    """Take the application to ``status``; being there already is fine.

    ``Conflict`` (``applications.moved_on``) when there is no way from where it stands now, for example
    because somebody else took it further meanwhile.
    """
    before = [s for s, ways in PATHS.items() if status in ways or s == status]
    if not Application.objects.filter(pk=application.pk, status__in=before).update(status=status):
        application.refresh_from_db(fields=["status"])
        raise Conflict(
            _("Permohonan ini sudah berada pada tahap lain: %(status)s.")
            % {"status": application.get_status_display()},
            code="applications.moved_on",
            rule=_("Setiap tahap hanya dapat dicapai dari tahap sebelumnya."),
            remedy=_("Muat ulang halaman, lalu lihat apa yang dapat dilakukan sekarang."),
        )
    application.status = status
    return application
