"""Addresses of the counter, of the files behind the hall, and of the applicant's own page."""

from django.urls import path

from setara.casework.views import applicant, backoffice, cancelling, counter, moving

urlpatterns = [
    path("permohonan/", applicant.application, name="application"),
    path("petugas/meja/<str:reference>/perjalanan/", applicant.at_desk, name="application_at_desk"),
    path("permohonan/batal/", cancelling.cancel, name="cancel"),
    path("petugas/bantu/<str:reference>/batal/", cancelling.assist_cancel, name="assist_cancel"),
    path("petugas/loket/", counter.counter, name="counter"),
    path("petugas/loket/isi/", counter.counter_fragment, name="counter_fragment"),
    path("petugas/loket/pindah/<uuid:call>/", moving.transfer, name="counter_transfer"),
    path("petugas/loket/<slug:action>/", counter.act, name="counter_act"),
    path("petugas/loket/selesai/<uuid:call>/", counter.finish, name="counter_finish"),
    path("petugas/loket/perbaiki/<uuid:run>/", counter.put_right, name="counter_put_right"),
    path("petugas/berkas/", backoffice.backoffice, name="backoffice"),
    path("petugas/berkas/dokumen/<uuid:document>/", backoffice.document, name="case_document"),
    path("petugas/berkas/<str:reference>/", backoffice.case, name="case"),
    path("petugas/berkas/<str:reference>/hasil/", backoffice.end_step, name="case_end"),
    path("petugas/berkas/<str:reference>/tahan/", backoffice.hold, name="case_hold"),
    path("petugas/berkas/<str:reference>/lanjut/", backoffice.release, name="case_release"),
    path("petugas/berkas/<str:reference>/waktu/", backoffice.renew, name="case_renew"),
    path("petugas/berkas/<str:reference>/perbaiki/<uuid:run>/", backoffice.put_right, name="case_put_right"),
    path("petugas/berkas/<str:reference>/mundur/", backoffice.recuse, name="case_recuse"),
    path("petugas/berkas/<str:reference>/undi/", backoffice.reassign, name="case_reassign"),
    path("petugas/stok/", backoffice.stock, name="stock"),
]
