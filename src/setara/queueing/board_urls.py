"""Addresses of the public pages of the queue."""

from django.urls import path

from setara.queueing import board_views as views

urlpatterns = [
    path("kantor/<slug:office>/layar/", views.hall, name="hall"),
    path("kantor/<slug:office>/layar/isi/", views.hall_fragment, name="hall_fragment"),
    path("kantor/<slug:office>/antrean.json", views.queue_state, name="queue_state"),
    path("kantor/<slug:office>/panggilan/", views.calls, name="calls"),
    path("kantor/<slug:office>/nomor/", views.look_up, name="look_up"),
    path("tiket/<str:token>/", views.ticket, name="ticket"),
    path("tiket/<str:token>/isi/", views.ticket_fragment, name="ticket_fragment"),
]
