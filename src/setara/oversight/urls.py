"""Addresses of the auditor."""

from django.urls import path

from setara.oversight import views

urlpatterns = [
    path("petugas/audit/", views.audit, name="audit"),
    path("petugas/audit/ekspor/", views.take_out, name="audit_export"),
    path("petugas/audit/periksa/", views.check_ledger, name="audit_check"),
    path("petugas/audit/<int:seq>/", views.event, name="audit_event"),
]
