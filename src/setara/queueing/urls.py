"""Addresses of the desk, the floor and the day. The counter is the casework room's: it needs the file too."""

from datetime import date

from django.urls import path, register_converter

from setara.queueing.views import (
    announcing,
    conflicts,
    counters,
    day,
    desk,
    door,
    favours,
    floor,
    kiosk,
    objections,
    overrides,
)


class DateConverter:
    """A date in an address: ``2026-03-02``."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        """The date; ValueError (no such address) for the 31st of February."""
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        """The date as an address has it."""
        return value.isoformat()


register_converter(DateConverter, "day")

urlpatterns = [
    path("petugas/meja/", desk.desk, name="desk"),
    path("petugas/meja/nomor/<uuid:ticket>/", desk.ticket, name="desk_ticket"),
    path("petugas/meja/<str:reference>/", desk.person, name="desk_person"),
    path("petugas/meja/<str:reference>/masuk/", desk.check_in, name="desk_checkin"),
    path("petugas/meja/<str:reference>/prioritas/", desk.walk_in, name="desk_walkin"),
    path("petugas/meja/<str:reference>/ambil/", desk.pickup, name="desk_pickup"),
    path("petugas/meja/<str:reference>/kembali/", desk.come_back, name="desk_return"),
    path("petugas/lantai/", floor.floor, name="floor"),
    path("petugas/lantai/isi/", floor.floor_fragment, name="floor_fragment"),
    path("petugas/lantai/loket/", counters.counters, name="counters"),
    path("petugas/lantai/loket/petugas/", counters.place, name="roster_place"),
    path("petugas/lantai/loket/<uuid:session>/", counters.move, name="counter_move"),
    path("kantor/<slug:office>/anjungan/", kiosk.kiosk, name="kiosk"),
    path("kantor/<slug:office>/anjungan/nik/", kiosk.nik, name="kiosk_nik"),
    path("kantor/<slug:office>/anjungan/bantuan/", kiosk.help_page, name="kiosk_help"),
    path("kantor/<slug:office>/anjungan/nomor/", kiosk.ticket, name="kiosk_ticket"),
    path("kantor/<slug:office>/anjungan/pasang/<str:token>/", kiosk.pair, name="kiosk_pair"),
    path("petugas/anjungan/", door.kiosks, name="kiosks"),
    path("petugas/anjungan/<uuid:kiosk>/berhenti/", door.retire, name="kiosk_retire"),
    path("petugas/pintu/", door.door, name="door"),
    path("petugas/hubungan/", conflicts.relations, name="relations"),
    path("petugas/benturan/", conflicts.conflicts, name="conflicts"),
    path("petugas/benturan/<uuid:conflict>/", conflicts.decide, name="conflict_decide"),
    path("petugas/titipan/", favours.favours, name="favours"),
    path("petugas/titipan/<uuid:favour>/", favours.note, name="favour_note"),
    path("petugas/lantai/luar-giliran/", overrides.out_of_turn, name="out_of_turn"),
    path("petugas/lantai/luar-giliran/<uuid:override>/panggil/", overrides.use, name="override_use"),
    path("petugas/lantai/persetujuan/", overrides.approvals, name="approvals"),
    path("petugas/lantai/persetujuan/<uuid:override>/", overrides.decide, name="override_decide"),
    path("petugas/lantai/persetujuan/<uuid:override>/surat/", overrides.paper, name="override_paper"),
    path("petugas/lantai/tutup/<uuid:session>/", floor.close_counter, name="floor_close"),
    path("petugas/keberatan/", objections.objections, name="objections"),
    path("petugas/keberatan/catat/", objections.at_desk, name="object_desk"),
    path("petugas/keberatan/<uuid:objection>/", objections.answer, name="objection"),
    path("petugas/pengumuman/", announcing.announcements, name="announcements"),
    path("petugas/pengumuman/<uuid:announcement>/cabut/", announcing.end, name="announcement_end"),
    path("petugas/hari/", day.day, name="day"),
    path("petugas/hari/buka/", day.open_day, name="day_open"),
    path("petugas/hari/tutup/", day.close_day, name="day_close"),
    path("petugas/hari/<day:date>/hak-kembali/", day.rights, name="day_rights"),
]
