"""Every address of the office, room by room. Each view says who may use it (setara.offices.access); the check
setara.E001 refuses to start with one that does not."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from setara.offices.service import public
from setara.site.style import style

handler400 = "setara.site.errors.bad_request"
handler403 = "setara.site.errors.forbidden"
handler404 = "setara.site.errors.not_found"
handler500 = "setara.site.errors.fault"

ROOMS = (
    "offices.urls",
    "applications.urls",
    "payments.urls",
    "booking.urls",
    "queueing.urls",
    "queueing.board_urls",
    "casework.urls",
    "feedback.urls",
    "oversight.urls",
    "reports.urls",
    "site.home_urls",
)

urlpatterns: list[URLPattern | URLResolver] = [
    *[path("", include(f"setara.{room}")) for room in ROOMS if find_spec(f"setara.{room}")],
    path("bahasa/", public(set_language), name="set_language"),
    path("style/", public(style), name="style"),
]
