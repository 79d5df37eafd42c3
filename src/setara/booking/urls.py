"""Addresses of appointments, of the slip, and of the officer's overview of an application."""

from django.urls import path

from setara.booking import views

urlpatterns = [
    path("permohonan/jadwal/", views.schedule, name="schedule"),
    path("permohonan/slip/", views.slip, name="slip"),
    path("petugas/bantu/<str:reference>/", views.assist_application, name="assist_application"),
    path("petugas/bantu/<str:reference>/jadwal/", views.assist_schedule, name="assist_schedule"),
    path("petugas/bantu/<str:reference>/slip/", views.assist_slip, name="assist_slip"),
]
