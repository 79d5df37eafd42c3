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
    (r"(\d+) calls to steps that the pack's rule does not speak of are left out\.",
     r"\1 panggilan ke langkah yang tidak diatur paket layanan ini tidak dihitung."),
    (r"The log has no absence marks, .*: (\d+) calls look out of turn; (\d+) of them .* \((\d+) tickets\).*",
     r"Catatan ini tidak mempunyai tanda tidak hadir, sehingga orang yang tidak datang saat dipanggil bisa tampak "
     r"dilewati: \1 panggilan tampak di luar giliran; \2 tetap demikian bila setiap orang yang dipanggil lagi pada "
     r"langkah yang sama (\3 nomor) dianggap tidak hadir di antaranya."),
    (r"With the absence marks (\d+) calls are out of turn; without them it would look like (\d+): .*",
     r"Dengan tanda tidak hadir ada \1 panggilan di luar giliran; tanpa tanda itu akan tampak \2: orang yang tidak "
     r"datang akan tampak dilewati."),
    (r"D3, D4 and D10 take it that honest people get ([\d.]+%) .*",
     r"D3, D4, dan D10 menganggap petugas yang jujur keliru dalam \1 panggilannya (--honest-error); bila dua kali "
     r"itu, kira-kira dua kali lebih banyak nama yang tidak bersalah ada di daftar D3."),
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
    (r"the log has no columns lot and counter, and (.*)",
     "catatan ini tidak mempunyai kolom undian (lot) dan loket (counter), dan pasangan petugas tidak dapat dilihat"),
    (r"the log has no column of relations .*",
     "catatan ini tidak mempunyai kolom hubungan; data itu dipegang inspektorat"),
    (r"(\d+) calls; how honest people err is learnt from at least (\d+)",
     r"hanya \1 panggilan; kekeliruan yang jujur dipelajari dari paling sedikit \2 panggilan"),
    (r"no office has (\d+) days with calls", r"tidak ada kantor dengan \1 hari panggilan"),
    (r"fewer than two officers are named: .*",
     "kurang dari dua petugas yang tercatat: kekeliruan yang jujur dipelajari dari petugas lain"),
    (r"no event of the log is a step of the path '(.*)': .*", r"tidak ada kegiatan yang termasuk alur '\1'"),
    (r"only (\d+) of (\d+) comparable calls are of linked people",
     r"hanya \1 dari \2 panggilan yang dapat dibandingkan milik orang yang berhubungan"),
    (r"no column of the log could prove a reason: .*",
     "tidak ada kolom yang dapat membuktikan alasan: tidak ada proof maupun tanda tidak hadir"),
    (r"the queue rule of the service pack (.*) speaks of no step of this log",
     r"aturan antrean paket layanan \1 tidak mengatur satu langkah pun dalam catatan ini"),
    (r"no row has both a moment of joining and one of calling",
     "tidak ada baris yang memuat waktu masuk antrean dan waktu panggilan"),
    (r"(?:print: )?no activity that prints and one that approves before",
     "tidak ada kegiatan mencetak yang didahului persetujuan"),
    (r"(?:quota: )?no column seat for the place booked", "tidak ada kolom seat (tempat yang dipesan)"),
    (r"(?:quota: )?no place changed hands", "tidak ada tempat yang berpindah tangan"),
    (r"(?:collection: )?no column collector for who fetched the book", "tidak ada kolom collector (pengambil buku)"),
    (r"(?:collection: )?(\d+) collectors, (\d+) of them for many others",
     r"\1 pengambil, \2 di antaranya untuk banyak orang lain"),
    (r"(?:collection: )?nobody fetched anything", "tidak ada buku yang diambil"),
    (r"(?:print: )?(\d+) prints with an approval before, (\d+) out of order",
     r"\1 cetakan dengan persetujuan sebelumnya, \2 di luar urutan"),
    (r"(?:quota: )?(\d+) places changed hands; half of the others lay free for over (\d+) s",
     r"\1 tempat berpindah tangan; separuh dari yang lain kosong lebih dari \2 detik"),
    (r"(?:quota: )?(\d+) places changed hands, too few .*", r"\1 tempat berpindah tangan, terlalu sedikit untuk "
     "mengetahui jeda yang biasa"),
    (r"(?:payment: |capture: )?no books, or no activity of (\w+)", r"tidak ada buku, atau tidak ada kegiatan (\1)"),
    (r"(payment|capture): (\d+) of (\d+) books without one before", r"\2 dari \3 buku tanpa catatan (\1) sebelumnya"),
    (r"(?:payment: |capture: )?only (\d+) of (\d+) books have a (\w+) before: not asked for",
     r"hanya \1 dari \2 buku mempunyai catatan (\3) sebelumnya: tidak diperiksa"),
    (r"(?:calls of captures: )?no column call, or no captures", "tidak ada kolom call, atau tidak ada perekaman"),
    (r"(?:calls of captures: )?calls of captures are not recorded", "panggilan untuk perekaman tidak dicatat"),
    (r"(?:calls of captures: )?(\d+) of (\d+) captures without a call", r"\1 dari \2 perekaman tanpa panggilan"),
    (r"the log has no columns? (.*)", r"catatan ini tidak mempunyai kolom \1"),
    (r"the log has no column for the reason of a call", "catatan ini tidak mempunyai kolom alasan panggilan"),
    (r"under (\d+) cases", r"kurang dari \1 berkas"),
    (r"it has (\d+) levels, over (\d+)", r"mempunyai \1 nilai, lebih dari \2"),
    (r"it changes within (\d+) cases", r"nilainya berubah di dalam \1 berkas"),
    (r"all cases have the same value", "semua berkas mempunyai nilai yang sama"),
    (r"no stratum has both it and others", "tidak ada strata yang memuat nilai ini dan nilai lain"),
    (r"(.*): on completions \((.*)\), (\d+) of (\d+) passed one that was ready earlier\. .*it is not the rule.*",
     r"Urutan panggilan tidak tercatat. Menurut penyelesaian, \3 dari \4 mendahului berkas yang siap lebih dulu; "
     "urutan itu bukan aturan catatan ini, sehingga tidak ada panggilan yang dapat dipersalahkan."),
    (r"rule: (.*)", r"aturan: \1"),
    (r"share of cases", "berkas"), (r"share of visits", "kunjungan"),
    (r"officers of (\d+) worth a look", r"dari \1 petugas perlu dilihat"),
    (r"times the usual share, in the office that grew most",
     "kali bagian yang biasa, di kantor yang paling meningkat"),
    (r"share of the line by which linked people wait less", "bagian antrean yang didahului orang yang berhubungan"),
    (r"times as often as expected, lower bound of the most frequent pair",
     "kali lebih sering daripada yang diharapkan, batas bawah pasangan yang paling sering"),
    (r"called in vain, or taken back: no step", "dipanggil tanpa hasil, atau dibatalkan: bukan langkah"),
    (r"came back after being sent away or held up", "kembali setelah diminta melengkapi atau ditahan"),
    (r"several steps of the same moment, whose order is not known",
     "beberapa langkah pada saat yang sama, urutannya tidak diketahui"),
    (r"(?:out of turn, but as honest mistakes are)", "di luar giliran, tetapi sebagaimana kekeliruan yang jujur"),
    (r"means: worth a look; no accusation", "artinya: perlu dilihat; bukan tuduhan"),
    (r"hours: steps to which people are called \((.*)\), done without a call; .*",
     r"jam: langkah yang didahului panggilan (\1), dilakukan tanpa panggilan atau di luar jam"),
    (r"pools: (?:pools: )?(.*)", r"kelompok petugas: \1"),
    (r"lot: the log has no columns lot and counter", "undian: tidak ada kolom lot dan counter"),
    (r"pairs: (.*)", r"pasangan: \1"),
    (r"may have begun before the log does", "mungkin mulai sebelum catatan ini"),
    (r"officers with calls out of turn whose depths are those of mistakes",
     "petugas dengan panggilan di luar giliran sedalam kekeliruan biasa"),
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
    parts = text.split("; ")
    several = [translated(part) for part in parts] if len(parts) > 1 else []
    return "; ".join(several) if several and all(several) else ""
