"""Which column of a file is which element, and which says when, where and from whom an answer came."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from setara.kernel.words import Words
from setara.science.satisfaction.instruments import BadInput, Element, Instrument

#: The name under which a table carries the row numbers of its file.
ROW: Final = "\x00row"

#: Roles that are no elements, and the headings by which they are known (small letters, exact).
ROLES: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("id", "respondent", "responden", "no responden", "nomor responden", "id responden", "respondent id",
           "ticket", "tiket", "nomor antrean", "no antrian", "token"),
    "time": ("time", "timestamp", "waktu", "waktu isi", "waktu pengisian", "tanggal", "tanggal survei", "date",
             "jam", "cap waktu", "stempel waktu", "submitted at", "answered at", "created at", "waktu survei",
             "datetime"),
    "seconds": ("seconds", "detik", "durasi", "duration", "lama pengisian", "lama mengisi"),
    "device": ("device", "perangkat", "device id", "id perangkat", "ip", "ip address", "alamat ip"),
    "channel": ("channel", "kanal", "saluran", "mode", "media"),
    "group": ("group", "kelompok", "service", "layanan", "jenis layanan", "unit", "unit layanan", "loket"),
    "stratum": ("stratum", "strata"),
    "weight": ("weight", "bobot"),
    "office": ("office", "kantor"),
    "period": ("period", "periode", "bulan", "triwulan", "semester", "tahun"),
    "officer": ("officer", "petugas"),
    "sex": ("sex", "gender", "jenis kelamin", "jk"),
    "age": ("age", "umur", "usia"),
    "education": ("education", "pendidikan", "pendidikan terakhir"),
    "job": ("job", "occupation", "pekerjaan"),
    "overall": ("overall", "kepuasan keseluruhan", "overall satisfaction", "kepuasan umum"),
    "instrument": ("instrument", "instrumen", "instrument version", "versi instrumen"),
}  # fmt: skip
_CITIZEN = {"nik", "no nik", "nomor nik", "no ktp", "nomor ktp", "nik ktp"}


class _Wish(Protocol):
    """What :func:`find` needs of the choices of a reading."""

    @property
    def order(self) -> str | None: ...
    @property
    def required(self) -> tuple[str, ...] | None: ...
    @property
    def optional(self) -> tuple[str, ...]: ...


@dataclass(slots=True)
class Found:
    """``codes``: element code -> heading; ``roles``: role -> heading."""

    codes: dict[str, str] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    notes: list[Words] = field(default_factory=list)


def plain(text: str) -> str:
    """Small letters, one space between words, no punctuation."""
    return " ".join(re.sub(r"[^0-9a-z]+", " ", text.casefold()).split())


def listed(headings: Sequence[str]) -> str:
    """The file's columns, for a message."""
    names = [name for name in headings if name != ROW]
    more = f" and {len(names) - 40} more" if len(names) > 40 else ""
    return f"Its columns: {', '.join(names[:40])}{more}."


class Known:
    """The headings by which an instrument's columns are known."""

    def __init__(
        self, instrument: Instrument, required: Sequence[str] | None = None, optional: Sequence[str] = ()
    ) -> None:
        self.instrument = instrument
        self.required = instrument.required if required is None else tuple(required)
        self.all = tuple(
            dict.fromkeys((*self.required, *instrument.required, *instrument.optional, *optional))
        )
        self._roles = {name for aliases in ROLES.values() for name in aliases}

    def code(self, heading: str) -> str | None:
        """The code that a heading begins with or names; None when it is none of this instrument's."""
        return self.by_code(heading) or self.by_name(heading)

    def by_code(self, heading: str) -> str | None:
        """``U1``, ``u 01``, ``[U1]``, ``U1. Persyaratan`` ..."""
        match = re.match(
            r"^\W*([A-Za-z]{1,3})[\s._-]*0*([0-9]{1,3})(?![0-9])(.*)$", heading.strip(), re.DOTALL
        )
        if not match or (match[3] and match[3][0].isalnum()):
            return None
        code = f"{match[1].upper()}{match[2]}"
        return code if code in self.all else None

    def may_be(self, heading: str) -> str | None:
        """The element that a heading of the time may name as well (``Waktu``): a name or alias, or the start of one.

        Of the time alone: a moment is never taken for a score, but an officer's or unit's number would be.
        """
        text = plain(heading)
        if text not in ROLES["time"]:
            return None
        hits = {
            one.code
            for one in self.instrument.elements
            for said in (one.name_id, one.name_en, *one.aliases)
            if f"{plain(said)} ".startswith(f"{text} ")
        }
        return hits.pop() if len(hits) == 1 else None

    def by_name(self, heading: str) -> str | None:
        """The element whose name, question or typical word a heading has; None when none or several."""
        if self.instrument.kind == "pairs":
            return None
        text = plain(heading)
        if not text or text in self._roles:
            return None
        for one in self.instrument.elements:
            if text in {plain(said) for said in _names(one)} or text in one.aliases:
                return one.code
        if len(text.split()) < 2:
            return None
        hits = {
            one.code for one in self.instrument.elements for word in one.aliases if _has(text, plain(word))
        }
        return hits.pop() if len(hits) == 1 else None


def _names(one: Element) -> tuple[str, ...]:
    return one.name_id, one.name_en, one.question_id, one.question_en


def _has(text: str, words: str) -> bool:
    return f" {words} " in f" {text} "


def find(
    headings: Sequence[str],
    instrument: Instrument,
    mapping: Mapping[str, str],
    wish: _Wish,
    source: str,
    scored: Callable[[str, str], bool] = lambda _heading, _code: False,
) -> Found:
    """The columns of a file by element code and by role. Raises BadInput when a wanted one is not sure.

    ``scored``: whether all values under a heading are scores of an element, asked where the heading alone may mean
    an element or a role (``Waktu``); without it such a heading is the role.
    """
    known = Known(instrument, wish.required, wish.optional)
    found = Found()
    free = [name for name in headings if name != ROW]
    for role, heading in mapping.items():
        wanted = role.upper() if role.upper() in known.all else role.lower()
        if wanted not in known.all and wanted not in ROLES:
            raise BadInput(
                f"--map {role}={heading}: there is no role {role!r}. Roles: elements {known.all[0]} to "
                f"{known.all[-1]}, and {', '.join(ROLES)}."
            )
        if heading not in free:
            near = difflib.get_close_matches(heading, free, 1)
            hint = f" Do you mean {near[0]!r}?" if near else ""
            raise BadInput(f"{source} has no column {heading!r} (--map {role}).{hint} {listed(headings)}")
        (found.codes if wanted in known.all else found.roles)[wanted] = heading
    taken = set(mapping.values())
    free = [name for name in free if name not in taken]
    _by_code(free, known, found, source)
    _by_name(free, known, found, source)
    _by_number(free, known, found, wish.order, source)
    _by_values(free, known, found, scored)
    _by_role(free, found)
    _complete(headings, known, found, source)
    return found


def _by_code(free: list[str], known: Known, found: Found, source: str) -> None:
    """Columns that carry their code; one whose words name another element is refused."""
    for name in list(free):
        code = known.by_code(name)
        if code is None or (
            code in found.codes and found.codes[code] not in free and name != found.codes[code]
        ):
            continue
        if code in found.codes:
            raise BadInput(
                f"{source}: the columns {found.codes[code]!r} and {name!r} both say {code}. Say which "
                "counts with "
                f"--map {code}=COLUMN."
            )
        words = re.sub(r"^\W*[A-Za-z]{1,3}[\s._-]*[0-9]+", "", name)
        other = known.by_name(words) if len(plain(words)) > 2 else None
        if other is not None and other != code:
            raise BadInput(
                f"{source}, column {name!r}: the code says {code} ({_name(known, code)}), the words say "
                f"{other} "
                f"({_name(known, other)}). The form numbers facilities 8 and complaints 9, the regulation "
                "the other "
                f"way round. Say what was asked, for instance --map '{other}={name}'."
            )
        found.codes[code] = name
    free[:] = [name for name in free if name not in found.codes.values()]
    ranks = [known.required.index(code) for code in found.codes if code in known.required]
    if known.instrument.kind == "index" and ranks != sorted(ranks):
        found.notes.append(
            Words(
                id="urutan kolom berbeda dari urutan kode; kolom dibaca menurut kode",
                en="the columns stand in another order than the codes; they are read by code",
            )
        )


def _name(known: Known, code: str) -> str:
    try:
        return known.instrument.element(code).name_en
    except KeyError:  # the importance of an item
        return "importance"


def _by_name(free: list[str], known: Known, found: Found, source: str) -> None:
    """Columns without a code, by the words of their headings."""
    read: list[str] = []
    for name in list(free):
        code = known.by_name(name)
        if code is None or code in found.codes:
            if code is not None and found.codes[code] in read:
                raise BadInput(
                    f"{source}: the columns {found.codes[code]!r} and {name!r} both look like {code} "
                    f"({_name(known, code)}). Say which counts with --map {code}=COLUMN."
                )
            continue
        found.codes[code] = name
        read.append(name)
    free[:] = [name for name in free if name not in read]
    if read:
        pairs = ", ".join(f"{code} = {name!r}" for code, name in found.codes.items() if name in read)
        found.notes.append(
            Words(
                id=f"kolom yang dikenali dari kata-katanya: {pairs}",
                en=f"columns known by their words: {pairs}",
            )
        )


def _by_values(free: list[str], known: Known, found: Found, scored: Callable[[str, str], bool]) -> None:
    """Headings of two meanings, where one element lacks its column: scores are the element, moments the role."""
    for code in known.required:
        if code in found.codes or known.instrument.kind == "pairs":
            continue
        hits = [name for name in free if known.may_be(name) == code and scored(name, code)]
        if len(hits) != 1:  # several: none is sure, and the refusal lists the columns
            continue
        found.codes[code] = hits[0]
        free.remove(hits[0])
        found.notes.append(
            Words(
                id=f"kolom {hits[0]!r} dibaca sebagai {code}, karena semua isinya skor dan bukan waktu pengisian",
                en=f"the column {hits[0]!r} is read as {code}, since all its values are scores and no moments",
            )
        )


def _by_number(free: list[str], known: Known, found: Found, order: str | None, source: str) -> None:
    """Questions that are only numbered (``Q1`` .. ``Q9``): the numbers are of the form or of the codes."""
    if any(code in found.codes for code in known.required) or known.instrument.kind == "pairs":
        return
    numbered: dict[str, dict[int, str]] = {}
    for name in free:
        if match := re.match(r"^\W*([A-Za-z]{0,12})[\s._-]*0*([0-9]{1,2})\W*$", name.strip()):
            numbered.setdefault(match[1].casefold(), {})[int(match[2])] = name
    elements = known.instrument.counted
    sets = [names for names in numbered.values() if set(names) == set(range(1, len(elements) + 1))]
    if len(sets) != 1:
        return
    by_form = {one.form_item or place: one.code for place, one in enumerate(elements, 1)}
    by_code = {place: one.code for place, one in enumerate(elements, 1)}
    if by_form != by_code and order is None:
        raise BadInput(
            f"{source}: the questions are only numbered ({sets[0][1]!r} ..). On the standard form item 8 is "
            "facilities (U9) and item 9 complaints (U8); in the regulation it is the other way round. Say "
            "--order form or --order code, or name the columns with --map."
        )
    chosen = by_form if order == "form" else by_code
    for number, code in chosen.items():
        found.codes[code] = sets[0][number]
    free[:] = [name for name in free if name not in found.codes.values()]
    form = order == "form"
    found.notes.append(
        Words(
            id=f"pertanyaan bernomor dibaca menurut urutan {'formulir' if form else 'kode'}",
            en=f"numbered questions read in the order of the {'form' if form else 'codes'}",
        )
    )


def _by_role(free: Sequence[str], found: Found) -> None:
    for role, aliases in ROLES.items():
        hits = [name for name in free if plain(name) in aliases]
        if role not in found.roles and hits:
            found.roles[role] = min(hits, key=lambda name: aliases.index(plain(name)))
    for name in free:
        if plain(name) in _CITIZEN:
            found.notes.append(
                Words(
                    id=f"kolom {name!r} memuat nomor induk kependudukan, yang tidak diperlukan survei; "
                    "hapuslah dari berkas",
                    en=f"the column {name!r} holds citizens' numbers, which a survey does not need; delete "
                    "it from the file",
                )
            )


def _complete(headings: Sequence[str], known: Known, found: Found, source: str) -> None:
    lacking = [code for code in known.required if code not in found.codes]
    if not lacking:
        return
    if known.instrument.kind == "pairs" and all(code.startswith("E") for code in lacking):
        raise BadInput(
            f"{source}: no column for the expectations {', '.join(lacking[:6])} .. was found. Name them, for "
            f"instance --map '{lacking[0]}=COLUMN'; if only perceptions were asked, say --servperf. "
            f"{listed(headings)}"
        )
    if len(lacking) == len(known.required):
        raise BadInput(
            f"{source}: no column of {known.instrument.code} was found ({known.required[0]} "
            f"to {known.required[-1]}). Name them, for instance --map '{lacking[0]}=COLUMN', "
            f"or choose another --instrument. {listed(headings)}"
        )
    what = ", ".join(f"{code} ({_name(known, code)})" for code in lacking[:6])
    more = f" and {len(lacking) - 6} more" if len(lacking) > 6 else ""
    raise BadInput(
        f"{source}: no column for {what}{more}. All elements are needed: an index of fewer is another "
        "index. Name "
        f"the column with --map '{lacking[0]}=COLUMN'. {listed(headings)}"
    )
