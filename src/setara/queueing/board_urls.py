"""Addresses of the public pages of the queue."""

from django.urls import path

from setara.queueing import board_views as views
from setara.queueing import urls  # noqa: F401 - registers the converter of dates
from setara.queueing.views import objections

urlpatterns = [
    path("kantor/<slug:office>/layar/", views.hall, name="hall"),
    path("kantor/<slug:office>/layar/isi/", views.hall_fragment, name="hall_fragment"),
    path("suara/<str:lang>/<str:name>/", views.clip, name="clip"),
    path("kantor/<slug:office>/antrean.json", views.queue_state, name="queue_state"),
    path("kantor/<slug:office>/panggilan/", views.calls, name="calls"),
    path("kantor/<slug:office>/nomor/", views.look_up, name="look_up"),
    path("kantor/<slug:office>/hari/<day:date>/", views.replay_day, name="replay_day"),
    path("kantor/<slug:office>/keberatan/", objections.from_kiosk, name="object_kiosk"),
    path("tiket/<str:token>/", views.ticket, name="ticket"),
    path("tiket/<str:token>/keberatan/", objections.from_ticket, name="object"),
    path("tiket/<str:token>/isi/", views.ticket_fragment, name="ticket_fragment"),
]
