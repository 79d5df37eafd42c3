"""Sentences of the detectors in Indonesian.

Findings speak English, for the terminal and the JSON document. The report for an Indonesian reader says the same
by these patterns; what none of them knows stays English and is marked so.
"""

from __future__ import annotations

import re
from typing import Final

_PATTERNS: Final[tuple[tuple[str, str], ...]] = (
    (r"A finding is a question to be asked, never an answer: it names calls and cases, not motives\.",
     "Temuan adalah pertanyaan, bukan jawaban: ia menunjuk panggilan dan berkas, bukan niat."),
    (r"What happened outside the log is not in it: .*",
     "Yang terjadi di luar catatan tidak ada di dalamnya: layanan tanpa nomor antrean, pertolongan sebelum lapor "
     "diri, mutu perlakuan, dan catatan tentang hal yang tidak terjadi."),
    (r"The order of calling cannot be checked: (.*)\.", r"Urutan panggilan tidak dapat diperiksa: \1."),
    (r"(\d+) rows without a moment of joining or of calling are left out\.",
     r"\1 baris tanpa waktu masuk antrean atau waktu panggilan tidak dihitung."),
    (r"(\d+) calls before the moment of joining are left out\.",
     r"\1 panggilan sebelum waktu masuk antrean tidak dihitung."),
    (r"(\d+) calls taken back as a wrong press are left out\.",
     r"\1 panggilan yang dibatalkan karena salah tekan tidak dihitung."),
    (r"The log has no absence marks, .*: (\d+) calls look out of turn; (\d+) of them .* \((\d+) tickets\).*",
     r"Catatan ini tidak mempunyai tanda tidak hadir, sehingga orang yang tidak datang saat dipanggil bisa tampak "
     r"dilewati: \1 panggilan tampak di luar giliran; \2 tetap demikian bila setiap orang yang dipanggil lagi pada "
     r"langkah yang sama (\3 nomor) dianggap tidak hadir di antaranya."),
    (r"With the absence marks (\d+) calls are out of turn; without them it would look like (\d+): .*",
     r"Dengan tanda tidak hadir ada \1 panggilan di luar giliran; tanpa tanda itu akan tampak \2: orang yang tidak "
     r"datang akan tampak dilewati."),
    (r"The log has no reasons: .*",
     "Catatan ini tidak memuat alasan: keluarga, orang yang kembali, dan gangguan tidak dapat dibedakan dari "
     "pengistimewaan."),
    (r"The rule \((.*)\) explains ([\d.]+%) of (\d+) calls, ([\d.]+%) of the officer in the middle\.(.*)",
     r"Aturan itu menjelaskan \2 dari \3 panggilan, dan \4 panggilan petugas yang di tengah.\5"),
    (r"The log has no call to which the rule could be held\.", "Tidak ada panggilan yang dapat diuji dengan aturan."),
    (r"(\d+) attributes or levels were not compared; each says why\.",
     r"\1 atribut atau nilai tidak dibandingkan; alasannya tertulis."),
    (r"Groups are compared as they are(?: inside (.*))?: what else differs.*",
     "Kelompok dibandingkan apa adanya; perbedaan lain di antara mereka tidak diketahui catatan ini. Angka dengan "
     "lebih dari sepuluh nilai dibagi menjadi empat bagian menurut kuartil."),
    (r"(.*) is constant within each day and is compared between days",
     r"\1 tetap sepanjang hari dan dibandingkan antarhari."),
    (r"the log has no columns? (.*)", r"catatan ini tidak mempunyai kolom \1"),
    (r"the log has no column for the reason of a call", "catatan ini tidak mempunyai kolom alasan panggilan"),
    (r"under (\d+) cases", r"kurang dari \1 berkas"),
    (r"it has (\d+) levels, over (\d+)", r"mempunyai \1 nilai, lebih dari \2"),
    (r"it changes within (\d+) cases", r"nilainya berubah di dalam \1 berkas"),
    (r"all cases have the same value", "semua berkas mempunyai nilai yang sama"),
    (r"no stratum has both it and others", "tidak ada strata yang memuat nilai ini dan nilai lain"),
    (r"share of calls", "panggilan"), (r"share of reasons", "alasan"), (r"share of completions", "penyelesaian"),
    (r"share of prints out of order", "cetakan di luar urutan"),
    (r"share of calls at another counter than drawn", "panggilan di loket lain daripada hasil undian"),
    (r"records without their counterpart", "catatan tanpa pasangan"),
    (r"out of turn with a proven reason", "di luar giliran dengan alasan yang terbukti"),
    (r"looked passed but was marked absent", "tampak dilewati, tetapi tercatat tidak hadir"),
    (r"proven by: (.*)", r"terbukti oleh: \1"),
    (r"calls not explained by this rule: .*", "Panggilan ini tidak dijelaskan oleh aturan: aturan itu tidak "
     "menggambarkan catatan ini, sehingga penyimpangannya tidak boleh dibebankan kepada orang."),
    (r"the rule does not describe this log\..*", "aturan itu tidak menggambarkan catatan ini"),
)  # fmt: skip
_COMPILED: Final = tuple((re.compile(pattern, re.DOTALL), said) for pattern, said in _PATTERNS)
_PIECES: Final = (
    (" It does not describe this log: what deviates is not to be blamed on people.",
     " Aturan itu tidak menggambarkan catatan ini: penyimpangannya tidak boleh dibebankan kepada orang."),
    (" and none for ", " maupun "), ("for enqueue", "enqueue (masuk antrean)"), ("call or start", "call atau start"),
    ("of relations", "hubungan"),
)  # fmt: skip


def translated(text: str) -> str:
    """The sentence in Indonesian; empty where no pattern knows it."""
    for pattern, said in _COMPILED:
        found = pattern.fullmatch(text)
        if found:
            words = found.expand(said)
            for english, indonesian in _PIECES:
                words = words.replace(english, indonesian)
            return re.sub(r"(?<=\d)\.(?=\d+ ?%)", ",", words)
    return ""
