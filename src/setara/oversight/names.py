"""What each kind of event and each kind of actor is called, in the reader's language."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: Type of event -> what happened, in a few words. A test asks for one for every type.
EVENTS: Final[dict[str, Promise]] = {
    "applications.answered": _("Pertanyaan dijawab"),
    "applications.attached": _("Dokumen diunggah"),
    "applications.code_renewed": _("Kode akses diganti"),
    "applications.looked": _("Permohonan dibuka petugas"),
    "applications.person_amended": _("Data diri diubah"),
    "applications.started": _("Permohonan dimulai"),
    "applications.submitted": _("Permohonan dikirim"),
    "booking.booked": _("Jadwal dipesan"),
    "booking.moved": _("Jadwal dipindah"),
    "booking.windows_opened": _("Hari dibuka untuk dipesan"),
    "casework.books_received": _("Buku diterima ke stok"),
    "casework.cancelled": _("Permohonan dibatalkan"),
    "casework.collection_near": _("Batas pengambilan dekat"),
    "casework.corrected": _("Hasil dibetulkan"),
    "casework.document_opened": _("Dokumen dibuka petugas"),
    "casework.finished": _("Diserahkan, permohonan selesai"),
    "casework.held": _("Langkah berakhir, berkas tertahan"),
    "casework.hold_placed": _("Berkas ditahan"),
    "casework.hold_released": _("Penahanan dicabut"),
    "casework.ready": _("Siap diambil"),
    "casework.reassigned": _("Berkas diundi lagi"),
    "casework.recused": _("Petugas mundur dari berkas"),
    "casework.refused": _("Permohonan ditolak"),
    "casework.return_lapsed": _("Waktu melengkapi habis"),
    "casework.return_renewed": _("Waktu melengkapi diperpanjang"),
    "casework.step_ended": _("Langkah selesai"),
    "casework.transferred": _("Dipindah ke langkah sebelumnya"),
    "casework.uncollected": _("Batas pengambilan lewat"),
    "feedback.answered": _("Survei dijawab"),
    "feedback.invited": _("Undangan survei"),
    "notices.failed": _("Pesan gagal dikirim"),
    "notices.sent": _("Pesan dikirim"),
    "offices.configuration_added": _("Pengaturan ditambah"),
    "offices.configured": _("Pengaturan diubah"),
    "offices.counter_added": _("Loket ditambah"),
    "offices.created": _("Kantor dibuat"),
    "offices.day_opened": _("Hari layanan dibuka"),
    "offices.holidays_seeded": _("Hari libur diisikan"),
    "offices.link_issued": _("Tautan kata sandi dibuat"),
    "offices.password_set": _("Kata sandi dibuat"),
    "offices.roster_changed": _("Daftar tugas diubah"),
    "offices.signed_in": _("Petugas masuk"),
    "offices.signed_out": _("Petugas keluar"),
    "offices.staff_added": _("Petugas ditambah"),
    "oversight.exported": _("Peristiwa diunduh auditor"),
    "oversight.looked": _("Peristiwa dibaca auditor"),
    "oversight.searched": _("Peristiwa dicari auditor"),
    "payments.billed": _("Kode pembayaran dibuat"),
    "payments.expired": _("Kode pembayaran lewat waktu"),
    "payments.notice_refused": _("Kabar pembayaran ditolak"),
    "payments.paid": _("Biaya dibayar"),
    "queueing.announced": _("Pengumuman dipasang"),
    "queueing.announcement_ended": _("Pengumuman dicabut"),
    "queueing.call_repeated": _("Nomor dipanggil ulang"),
    "queueing.call_undone": _("Panggilan dibatalkan"),
    "queueing.called": _("Nomor dipanggil"),
    "queueing.called_out_of_turn": _("Dipanggil di luar giliran"),
    "queueing.checked_in": _("Datang, mendapat nomor"),
    "queueing.conflict_decided": _("Benturan kepentingan diputuskan"),
    "queueing.counter_closed": _("Loket ditutup"),
    "queueing.counter_moved": _("Loket dipindah ke langkah lain"),
    "queueing.counter_opened": _("Loket dibuka"),
    "queueing.counter_paused": _("Loket istirahat"),
    "queueing.counter_resumed": _("Loket melayani lagi"),
    "queueing.day_closed": _("Hari layanan ditutup"),
    "queueing.favour_declined": _("Titipan ditolak"),
    "queueing.favour_noted": _("Keterangan titipan disegel"),
    "queueing.marked_absent": _("Tidak hadir saat dipanggil"),
    "queueing.objected": _("Keberatan diajukan"),
    "queueing.objection_answered": _("Keberatan dijawab"),
    "queueing.door_counted": _("Orang di pintu dihitung"),
    "queueing.kiosk_paired": _("Anjungan dipasangkan"),
    "queueing.kiosk_retired": _("Anjungan tidak dipakai lagi"),
    "queueing.kiosk_set_up": _("Anjungan dipasang"),
    "queueing.opening_drawn": _("Undian saat pintu dibuka"),
    "queueing.override_approved": _("Panggilan di luar giliran disetujui"),
    "queueing.override_asked": _("Panggilan di luar giliran diminta"),
    "queueing.override_expired": _("Permintaan panggilan lewat waktu"),
    "queueing.override_paper_opened": _("Bukti permintaan dibuka"),
    "queueing.override_refused": _("Panggilan di luar giliran ditolak"),
    "queueing.recused": _("Petugas mundur dari pemohon"),
    "queueing.relation_declared": _("Hubungan dengan pemohon dinyatakan"),
    "queueing.returned": _("Kembali ke antrean"),
    "queueing.service_started": _("Mulai dilayani"),
}

ACTORS: Final[dict[str, Promise]] = {
    "applicant": _("pemohon"),
    "officer": _("petugas"),
    "system": _("sistem"),
    "outside": _("sistem luar"),
    "visitor": _("pengunjung"),
}


def event_name(kind: str) -> str:
    """What happened, in words; the type itself where it has no words yet."""
    return str(EVENTS.get(kind, kind))


def actor_name(kind: str) -> str:
    """Who acted: an officer, the system, an applicant."""
    return str(ACTORS.get(kind, kind))
