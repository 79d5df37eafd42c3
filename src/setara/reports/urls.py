"""Addresses of the reports."""

from django.urls import path

from setara.reports import views

urlpatterns = [
    path("petugas/lembar/", views.today, name="daysheet_today"),
    path("petugas/lembar/<str:day>/", views.daysheet, name="daysheet"),
    path("petugas/lembar/<str:day>/csv/", views.daysheet_csv, name="daysheet_csv"),
]
