"""What the records say of promises, waits, order, requirements, complaints and parking: shares of promises kept.

Each fact is a share of cases (or calls) in which something was as it should be, with Wilson's interval. They come
from an event log, from the JSON of ``setara audit``, or from numbers that an office has elsewhere (``from_numbers``).
A fact that the source cannot give is left out with the reason, never guessed from something else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from setara.kernel.words import Words
from setara.science.events.log import Log
from setara.science.satisfaction.instruments import BadInput
from setara.science.satisfaction.nonresponse import wilson

#: Each fact in words: in how many cases this is so.
NAMES: Final[Mapping[str, Words]] = {
    "promised_date": Words(id="selesai pada tanggal yang dijanjikan", en="done by the promised date"),
    "told_date": Words(id="mendapat tanggal janji", en="were given a date"),
    "wait": Words(id="menunggu tidak lebih lama dari standar", en="waited no longer than the standard"),
    "window": Words(id="dipanggil sesuai jam janji temu", en="called in time for the appointment"),
    "order": Words(id="panggilan menurut urutan", en="calls in order"),
    "path": Words(id="berkas menurut prosedur", en="cases on the standard path"),
    "requirements": Words(id="tanpa perubahan atau tambahan syarat", en="requirements did not change"),
    "complaints": Words(id="pengaduan dijawab tepat waktu", en="complaints answered in time"),
    "parking": Words(id="mendapat tempat parkir", en="found a place to park"),
}
#: Columns that hold a promised date, and a place to park.
DUE: Final = (
    "due",
    "due_on",
    "due_date",
    "promised",
    "promised_date",
    "promised_on",
    "tanggal_janji",
    "janji",
)
PARKING: Final = ("parking", "parkir")
_FREE: Final = ("yes", "ya", "free", "found", "true", "1", "ada", "dapat", "kosong")
_TAKEN: Final = ("no", "tidak", "full", "false", "0", "penuh")


@dataclass(frozen=True)
class Standards:
    """What counts as kept. ``complaint_days``: calendar days until the answer (14 in the usual reading of the law;
    an office sets its own). ``activities``: patterns by which events are known, over the usual names.
    """

    wait_minutes: float = 60.0
    window_minutes: float = 30.0
    complaint_days: float = 14.0
    activities: Mapping[str, str] = field(default_factory=dict)

    def pattern(self, what: str) -> str:
        """The pattern of the activities that mean ``what``: changed, complaint or answer."""
        usual = {
            "changed": r"(?i)sent.?back|returned|requirement|missing.?paper|dikembalikan|kurang|syarat",
            "complaint": r"(?i)complaint.*(received|filed|made)|pengaduan.*(masuk|diterima)|^complaint$|^pengaduan$",
            "answer": r"(?i)complaint.*(answer|decided|closed)|pengaduan.*(dijawab|selesai)|^answer$",
        }
        return self.activities.get(what, usual[what])


@dataclass(frozen=True)
class Fact:
    """``kept`` of ``n`` were as they should be. ``details``: further numbers, as the median wait in minutes.

    ``cases``: case and kept, where a fact is about cases, so that answers of the same cases can be set beside.
    """

    code: str
    kept: int
    n: int
    source: str
    details: Mapping[str, float] = field(default_factory=dict)
    cases: pl.DataFrame | None = None

    @property
    def share(self) -> float:
        """Kept of all."""
        return self.kept / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval."""
        return wilson(self.kept, self.n)


@dataclass(frozen=True)
class Facts:
    """What a source gives, and why not the rest."""

    found: Mapping[str, Fact]
    missing: Mapping[str, Words]


def from_log(log: Log, standards: Standards | None = None) -> Facts:
    """Every fact that the columns of an event log give."""
    wanted = standards or Standards()
    found: dict[str, Fact] = {}
    missing: dict[str, Words] = {}
    for code, make in (
        ("promised_date", _promised), ("told_date", _told), ("wait", _wait), ("window", _window), ("order", _order),
        ("requirements", _requirements), ("complaints", _complaints), ("parking", _parking),
    ):  # fmt: skip
        fact = make(log, wanted)
        if isinstance(fact, Fact):
            found[code] = fact
        else:
            missing[code] = fact
    return Facts(found, missing)


def from_audit(document: Mapping[str, Any], name: str = "audit") -> Facts:
    """Order of calls and standard path from the JSON of ``setara audit``. Raises BadInput for other JSON."""
    if document.get("schema") != "setara.audit":
        raise BadInput(f"{name} is not written by setara audit --json (schema {document.get('schema')!r}).")
    found: dict[str, Fact] = {}
    missing: dict[str, Words] = {}
    detectors = {one["id"]: one for one in document.get("detectors", [])}
    cases = int(document.get("log", {}).get("cases", 0))
    for code, id_ in (("order", "D1"), ("path", "D5")):
        one = detectors.get(id_, {})
        if not one.get("computable") or one.get("effect") is None:
            why = one.get("why_not") or "not in this document"
            missing[code] = Words(id=f"{id_} tidak tersedia: {why}", en=f"{id_} is not there: {why}")
            continue
        n = int(one.get("details", {}).get("calls", 0)) if code == "order" else cases
        if n:
            found[code] = Fact(code, n - round(float(one["effect"]) * n), n, f"{name} {id_}")
    return Facts(found, missing)


def from_numbers(table: Mapping[str, Any], name: str = "facts") -> Facts:
    """Facts that an office has counted elsewhere: ``{"parking": {"kept": 180, "of": 240}}``. Raises BadInput."""
    found = {}
    for code, numbers in table.items():
        if code not in NAMES:
            raise BadInput(f"{name}: {code!r} is no known fact; known are {', '.join(NAMES)}.")
        kept, of = (numbers.get(key) if isinstance(numbers, Mapping) else None for key in ("kept", "of"))
        if not isinstance(kept, int) or not isinstance(of, int) or not 0 <= kept <= of or of == 0:
            raise BadInput(f"{name}: {code} needs whole numbers kept and of, with kept at most of.")
        found[code] = Fact(code, kept, of, name)
    return Facts(found, {})


def _lacks(*columns: str) -> Words:
    names = ", ".join(columns)
    return Words(id=f"log tidak memuat {names}", en=f"the log has no {names}")


def _column(log: Log, names: tuple[str, ...]) -> str | None:
    lower = {name.lower(): name for name in log.frame.columns}
    return next((lower[name] for name in names if name in lower), None)


def _by_case(code: str, cases: pl.DataFrame, details: Mapping[str, float] | None = None) -> Fact | Words:
    """A fact about cases, from case and kept."""
    cases = cases.drop_nulls("kept")
    if not cases.height:
        return Words(id="tidak ada berkas yang dapat dinilai", en="there is no case to judge")
    kept = int(cases.get_column("kept").sum())
    return Fact(code, kept, cases.height, "log", details or {}, cases.select("case", "kept"))


def _dates(log: Log, column: str) -> pl.DataFrame:
    """case and due, the last promised date of each case; a date counts to its end."""
    texts = pl.col(column).cast(pl.String).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    return log.frame.select("case", "time", due=texts).drop_nulls("due").sort("time").group_by("case").agg(
        pl.col("due").last()
    )  # fmt: skip


def _promised(log: Log, _standards: Standards) -> Fact | Words:
    column = _column(log, DUE)
    if column is None:
        return _lacks("due")
    done = log.frame.sort("time").group_by("case").agg(pl.col("day").last())
    cases = _dates(log, column).join(done, on="case").with_columns(kept=pl.col("day") <= pl.col("due"))
    late = cases.select((pl.col("day") - pl.col("due")).dt.total_days()).to_series().filter(~cases["kept"])
    details = {"median_days_late": float(late.median())} if len(late) else {}  # type: ignore[arg-type]
    return _by_case("promised_date", cases, details)


def _told(log: Log, _standards: Standards) -> Fact | Words:
    column = _column(log, DUE)
    if column is None:
        return _lacks("due")
    told = _dates(log, column).select("case", kept=pl.lit(True))
    cases = log.frame.select("case").unique().join(told, on="case", how="left")
    return _by_case("told_date", cases.with_columns(pl.col("kept").fill_null(False)))


def _called(log: Log) -> str | None:
    return next((role for role in ("call", "start") if role in log.frame.columns), None)


def _wait(log: Log, standards: Standards) -> Fact | Words:
    called = _called(log)
    if called is None or not log.has("enqueue"):
        return _lacks("enqueue", "call")
    minutes = (pl.col(called) - pl.col("enqueue")).dt.total_seconds() / 60
    waits = log.frame.select("case", minutes=minutes).drop_nulls().filter(pl.col("minutes") >= 0)
    longest = waits.group_by("case").agg(pl.col("minutes").max())
    cases = longest.with_columns(kept=pl.col("minutes") <= standards.wait_minutes)
    middle = longest.get_column("minutes").median()
    return _by_case("wait", cases, {"median_minutes": float(middle)} if middle is not None else {})  # type: ignore[arg-type]


def _window(log: Log, standards: Standards) -> Fact | Words:
    called = _called(log)
    if called is None or not log.has("window"):
        return _lacks("window", "call")
    late = (pl.col(called) - pl.col("window")).dt.total_seconds() / 60
    first = (
        log.frame.sort(called)
        .select("case", late=late)
        .drop_nulls()
        .group_by("case")
        .agg(pl.col("late").first())
    )
    return _by_case("window", first.with_columns(kept=pl.col("late") <= standards.window_minutes))


def _order(log: Log, _standards: Standards) -> Fact | Words:
    if not log.has("enqueue") or _called(log) is None:
        return _lacks("enqueue", "call")
    from setara.science.fairness.prepared import Options, prepare

    finding = prepare(log, Options()).order
    calls = int(finding.details.get("calls", 0))
    if not finding.computable or finding.effect is None or not calls:
        return Words(id=f"D1: {finding.why_not}", en=f"D1: {finding.why_not}")
    return Fact("order", calls - round(finding.effect * calls), calls, "log D1")


def _requirements(log: Log, standards: Standards) -> Fact | Words:
    changed = pl.col("activity").str.contains(standards.pattern("changed"))
    cases = log.frame.group_by("case").agg(kept=~changed.any())
    if cases.get_column("kept").all() and "changed" not in standards.activities:
        return Words(
            id="log tidak memuat kegiatan perubahan syarat; sebutkan dengan --activity changed=POLA",
            en="no activity of the log is a change of requirements; name it with --activity changed=PATTERN",
        )
    return _by_case("requirements", cases)


def _complaints(log: Log, standards: Standards) -> Fact | Words:
    frame = log.frame.select("case", "activity", "time")
    made = frame.filter(pl.col("activity").str.contains(standards.pattern("complaint")))
    if not made.height:
        return Words(id="log tidak memuat pengaduan", en="the log has no complaints")
    answers = frame.filter(pl.col("activity").str.contains(standards.pattern("answer")))
    first = made.group_by("case").agg(made=pl.col("time").min())
    answered = answers.group_by("case").agg(answered=pl.col("time").min())
    days = (pl.col("answered") - pl.col("made")).dt.total_seconds() / 86_400
    cases = first.join(answered, on="case", how="left").with_columns(days=days)
    # Not answered yet counts as late only when the log goes on beyond the term.
    last = log.frame.get_column("time").max()
    open_long = (pl.lit(last) - pl.col("made")).dt.total_seconds() / 86_400 > standards.complaint_days
    kept = pl.when(pl.col("days").is_not_null()).then(pl.col("days") <= standards.complaint_days)
    cases = cases.with_columns(kept=kept.otherwise(pl.when(open_long).then(False)))
    middle = cases.get_column("days").median()
    return _by_case("complaints", cases, {"median_days": float(middle)} if middle is not None else {})  # type: ignore[arg-type]


def _parking(log: Log, _standards: Standards) -> Fact | Words:
    column = _column(log, PARKING)
    if column is None:
        return _lacks("parking")
    text = pl.col(column).cast(pl.String).str.strip_chars().str.to_lowercase()
    kept = pl.when(text.is_in(_FREE)).then(True).when(text.is_in(_TAKEN)).then(False)
    cases = log.frame.select("case", kept=kept).drop_nulls().group_by("case").agg(pl.col("kept").last())
    return _by_case("parking", cases)
