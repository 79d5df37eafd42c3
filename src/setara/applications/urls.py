"""Addresses of the way to a submitted application, alone and helped."""

from django.urls import path

from setara.applications import filling, views

urlpatterns = [
    path("permohonan/baru/", views.apply, name="apply"),
    path("permohonan/lanjut/", views.resume, name="resume"),
    path("permohonan/keluar/", views.leave, name="leave"),
    path("permohonan/kode/", views.code, name="code"),
    path("permohonan/data/", views.person, name="person"),
    path("permohonan/isian/<str:code>/", filling.question, name="question"),
    path("permohonan/berkas/", filling.documents, name="documents"),
    path("permohonan/berkas/<str:requirement>/", filling.document, name="document"),
    path("permohonan/berkas/<str:requirement>/gambar/", filling.picture, name="picture"),
    path("permohonan/periksa/", filling.check, name="check"),
    path("petugas/bantu/", views.assist, name="assist"),
    path("petugas/bantu/baru/", views.assist_apply, name="assist_apply"),
    path("petugas/bantu/<str:reference>/kode/", views.assist_code, name="assist_code"),
    path("petugas/bantu/<str:reference>/data/", views.assist_person, name="assist_person"),
    path("petugas/bantu/<str:reference>/isian/<str:code>/", filling.assist_question, name="assist_question"),
    path("petugas/bantu/<str:reference>/berkas/", filling.assist_documents, name="assist_documents"),
    path(
        "petugas/bantu/<str:reference>/berkas/<str:requirement>/",
        filling.assist_document,
        name="assist_document",
    ),
    path(
        "petugas/bantu/<str:reference>/berkas/<str:requirement>/gambar/",
        filling.assist_picture,
        name="assist_picture",
    ),
    path("petugas/bantu/<str:reference>/periksa/", filling.assist_check, name="assist_check"),
]
