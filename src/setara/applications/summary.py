"""This room's part of a page about one application, whoever renders the page."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from setara.applications.models import Application
from setara.applications.queries import Need, outstanding, pack_of_application, requirements_of

S = Application.Status
#: The status component's kind for each status.
KINDS: Final = {
    S.DRAFT: "now", S.SUBMITTED: "wait", S.PAID: "wait", S.BOOKED: "done", S.IN_SERVICE: "now", S.RETURNED: "held",
    S.IN_PROCESS: "now", S.READY: "done", S.DONE: "done", S.REFUSED: "stop", S.CANCELLED: "stop",
}  # fmt: skip


def application_context(application: Application) -> dict[str, Any]:
    """``{"applications": ...}`` for the template part ``applications/_part.html``."""
    pack = pack_of_application(application)
    kind = next((str(t.name) for t in pack.types if t.code == application.type), "")
    found = requirements_of(application) if application.type else []
    return {
        "applications": {
            "reference": application.reference,
            "kind": KINDS[S(application.status)],
            "word": word_of(application),
            "type": kind,
            "helped": application.channel != Application.Channel.ONLINE,
            "channel": application.get_channel_display(),
            "papers": [paper(need, application) for need in found],
        }
    }


def word_of(application: Application) -> str:
    """The status for the applicant: who waits in the hall is at the office, not yet being served."""
    if application.status == S.IN_SERVICE:
        return _("Sudah datang di kantor")
    return str(application.get_status_display())


def paper(need: Need, application: Application) -> dict[str, Any]:
    """One requirement as a line of a task list: what is there of it, and whether it is asked for once more."""
    if need.code in outstanding(application):
        return {"label": str(need.requirement.name), "state": "held", "word": _("Diminta lagi")}
    if need.document is not None:
        pages = need.document.pages
        word = ngettext("Diterima, %(n)d halaman", "Diterima, %(n)d halaman", pages) % {"n": pages}
        return {"label": str(need.requirement.name), "state": "done", "word": word}
    state, word = ("wait", _("Belum ada")) if need.required else ("info", _("Bila ada"))
    return {"label": str(need.requirement.name), "state": state, "word": word}
