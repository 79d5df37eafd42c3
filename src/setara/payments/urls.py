"""Addresses of the bill and of the treasury's notices."""

from django.urls import path

from setara.payments import views

urlpatterns = [
    path("permohonan/bayar/", views.bill, name="bill"),
    path("petugas/bantu/<str:reference>/bayar/", views.assist_bill, name="assist_bill"),
    path("api/treasury/notices/", views.treasury_notice, name="treasury_notice"),
]
