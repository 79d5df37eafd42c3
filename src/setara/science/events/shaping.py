"""From a table as it stands in a file to a log: roles found, moments read, what does not fit counted and said."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import polars as pl

from setara.science.events import attributes, cases, guesses, lifecycles, moments
from setara.science.events.errors import LogError, LogUseError
from setara.science.events.log import MOMENT, MOMENTS, ROLES, Log
from setara.science.events.raw import SAMPLE, Raw
from setara.science.progress import Progress, silent

_TRUE = ("true", "yes", "1", "ya", "y", "ja", "absent", "t", "x")
_FALSE = ("false", "no", "0", "tidak", "n", "nee", "present", "f", "")
#: An earlier moment, a later one, and what is said where the earlier is not earlier; it counts as missing.
_CONTRADICTIONS = (
    ("start", "time", "ends before its start", "end before their start"),
    ("call", "time", "ends before its call", "end before their call"),
    (
        "enqueue",
        "call",
        "is called before its joining the queue",
        "are called before their joining the queue",
    ),
)


@dataclass
class Shaping:
    """What is being found out about one table."""

    raw: Raw
    columns: dict[str, str]
    guessed: frozenset[str]
    sample: pl.DataFrame
    readings: dict[str, moments.Reading] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    def say(self, count: int, one: str, many: str) -> None:
        """A note with a number, left out where there is nothing to say."""
        if count:
            self.notes.append(f"{count:,} {one if count == 1 else many}")


def log_of(
    raw: Raw, mapping: Mapping[str, str], only: Collection[str] | None = None, progress: Progress = silent
) -> Log:
    """The log in a table; ``only``: the roles that are wanted, None: all, and the attributes.

    Raises :class:`LogError`, and :class:`LogUseError` where more must be said.
    """
    names = raw.table.collect_schema().names()
    sample = raw.table.head(SAMPLE).collect()
    if sample.is_empty():
        found = raw.fault(ValueError("no event"))  # a quotation mark that is never closed swallows all rows
        raise found if found.line else LogError(f"{raw.name} is empty: it names columns but holds no event.")
    columns, guessed = guesses.roles_of(names, mapping, raw.known)
    if only is not None:
        columns = {
            role: name
            for role, name in columns.items()
            if role in {*only, *guesses.NEEDED, *guesses.LIFECYCLE}
        }
        sample = sample.select(list(dict.fromkeys(columns.values())))
    work = Shaping(raw, columns, guessed, sample, notes=list(raw.notes))
    _moments(work, mapping)
    frame = _collected(work, progress)
    frame = _whole_rows(work, frame)
    progress("ordering the events", 0, None)
    index = cases.index(frame["case"], frame["time"])
    frame, index = _once(work, frame, index)
    frame, said, moved = lifecycles.joined(frame)
    work.notes += said
    if frame.is_empty():
        raise LogError(f"{raw.name} holds no event that schedules, starts or completes an activity.", said[0])
    for role in ("enqueue", "start"):  # the joined lifecycles have given them
        if role in frame.columns and role not in work.columns and "lifecycle" in work.columns:
            work.columns[role] = work.columns["lifecycle"]
    if moved:
        frame = _days(work, frame, quiet=True)
        index = cases.index(frame["case"], frame["time"])
    frame = _sound(work, frame)
    frame, of_case, of_event = attributes.settled(frame, index, raw)
    log = Log(
        frame,
        {role: name for role, name in work.columns.items() if role in ROLES},
        name=raw.name,
        guessed=frozenset(work.guessed & work.columns.keys()),
        case_attributes=of_case,
        event_attributes=of_event,
        notes=tuple(work.notes),
    )
    log.__dict__["cases"] = index  # found already: the cached property need not find it again
    return log


def _moments(work: Shaping, mapping: Mapping[str, str]) -> None:
    """How the moments are written. A guess that holds no moments was none; a wrong word of the user is said."""
    for role in MOMENTS:
        name = work.columns.get(role)
        if name is None:
            continue
        column = work.sample[name]
        if column.dtype.is_temporal() and column.dtype != pl.Time:
            continue
        values = _filled(column)
        if not values and column.len() < SAMPLE and role not in mapping and role != "time":
            del work.columns[role]
            continue
        reading = moments.how(values[:1000])
        if reading is not None:
            work.readings[role] = reading
        elif role == "absent" and {one.casefold() for one in values} <= {*_TRUE, *_FALSE}:
            work.flags.add(role)
        elif not values:
            work.readings[role] = moments.Reading().general()
        elif role in mapping or role == "time":
            where = work.raw.line(int((column.cast(pl.String).str.strip_chars() != "").arg_max() or 0))
            raise LogUseError(
                f"The column '{name}' (role {role}) holds no moments that can be read, "
                f"such as '{values[0][:60]}' ({where}).",
                f"Write them like 2026-01-31 08:15:00, or name another column: --map {role}=COLUMN.",
                choices=work.sample.columns,
            )
        else:
            del work.columns[role]
    if not {"time", "start", "call"} & work.columns.keys():
        raise LogUseError(
            "No column holds the moments of the events.",
            f"Name it: --map time=COLUMN. The columns are: {guesses.listed(work.sample.columns)}.",
            choices=work.sample.columns,
        )


def _filled(column: pl.Series) -> list[str]:
    text = column.cast(pl.String, strict=False).str.strip_chars()
    return text.filter(text.is_not_null() & (text != "")).to_list()


def _collected(work: Shaping, progress: Progress) -> pl.DataFrame:
    """The table read once: moments as moments, roles as text, and whatever else there is."""
    progress("reading the events", 0, None)
    first = dict(work.readings)
    for attempt in range(3):
        frame, failed = _attempt(work)
        if not failed or attempt == 2:
            break
        for role in failed:
            again = first[role].swapped() if first[role].doubtful and not attempt else first[role].general()
            work.readings[role] = again
    _left_unread(work, frame, failed)
    for role, reading in work.readings.items():
        if reading.doubtful:
            work.notes.append(
                f"In '{work.columns[role]}' the day is taken to stand before the month: nothing tells."
            )
    progress("reading the events", frame.height, frame.height)
    if work.raw.clean:  # a table with types needs no washing, but an empty text is still nothing
        empty = [role for role in ROLES if role in frame.columns and frame.schema[role] == pl.String]
        empty = [role for role in empty if (frame[role] == "").any()]
        frame = frame.with_columns(pl.when(pl.col(role) != "").then(role).alias(role) for role in empty)
    return frame


def _attempt(work: Shaping) -> tuple[pl.DataFrame, dict[str, pl.Series]]:
    """The table, and for the roles whose moments could not all be read, which rows."""
    wanted = _expressions(work, work.sample.schema)
    try:
        query = work.raw.table.select(wanted)
        frame = query.collect(engine="streaming") if work.raw.streams else query.collect()
    except pl.exceptions.PolarsError as wrong:
        raise work.raw.fault(wrong) from wrong
    unread = {role: frame[f"unread:{role}"] for role in work.readings}
    frame = frame.drop(f"unread:{role}" for role in work.readings)
    return frame, {role: one for role, one in unread.items() if one.any()}


def _left_unread(work: Shaping, frame: pl.DataFrame, failed: Mapping[str, pl.Series]) -> None:
    for role, unread in failed.items():
        row, count = unread.arg_true()[0], int(unread.sum())
        name = work.columns[role]
        value = work.raw.table.select(pl.col(name).cast(pl.String)).slice(row, 1).collect().item()
        where = f"first: {work.raw.line(row)}, '{str(value)[:60]}'"
        if count > 0.05 * frame.height:
            raise LogError(
                f"{count:,} moments in the column '{name}' (role {role}) cannot be read; {where}.",
                "Write all of them alike, such as 2026-01-31 08:15:00.",
                line=row + 1,
            )
        work.say(
            count,
            f"moment in '{name}' could not be read and counts as missing ({where}).",
            f"moments in '{name}' could not be read and count as missing ({where}).",
        )


def _expressions(work: Shaping, schema: Mapping[str, pl.DataType]) -> list[pl.Expr]:
    """What is taken from the table."""
    chosen: list[pl.Expr] = []
    offset: pl.Expr | None = None
    for role, name in work.columns.items():
        column, kind = pl.col(name), schema[name]
        if role in work.flags:
            yes = column.cast(pl.String).str.strip_chars().str.to_lowercase().is_in(list(_TRUE))
            chosen.append(yes.alias("flag:absent"))
        elif role not in MOMENTS:
            chosen.append(_text(column, kind, clean=work.raw.clean).alias(role))
        elif role in work.readings:
            written = _text(column, kind)
            moment, minutes = moments.parsed(written, work.readings[role])
            chosen += [
                moment.cast(MOMENT).alias(role),
                (moment.is_null() & written.is_not_null()).alias(f"unread:{role}"),
            ]
            if minutes is not None and (offset is None or role == "time"):
                offset = minutes
        else:
            moment, minutes = _typed_moment(column, kind)
            chosen.append(moment.alias(role))
            if minutes is not None and (offset is None or role == "time"):
                offset = minutes
    if offset is not None:
        chosen.append(offset.alias("offset"))
    taken = set(work.columns.values())
    chosen += [pl.col(name).alias(f"attribute:{name}") for name in schema if name not in taken]
    return chosen


def _text(column: pl.Expr, kind: pl.DataType, *, clean: bool = False) -> pl.Expr:
    """Text without blanks around it; nothing where there is none."""
    if kind == pl.String and clean:
        return column
    if kind == pl.String:
        text = column.str.strip_chars()
        return pl.when(text != "").then(text)
    if kind.is_float():  # 7.0 is counter 7
        return (
            pl.when(column == column.round())
            .then(column.cast(pl.Int64, strict=False).cast(pl.String))
            .otherwise(column.cast(pl.String))
        )
    return column.cast(pl.String, strict=False)


def _typed_moment(column: pl.Expr, kind: pl.DataType) -> tuple[pl.Expr, pl.Expr | None]:
    zone = getattr(kind, "time_zone", None)
    moment = column.cast(pl.Datetime("us", zone))
    if zone is None:
        return moment.dt.replace_time_zone("UTC"), None
    if zone == "UTC":
        return moment, None
    shift = column.dt.base_utc_offset() + column.dt.dst_offset()
    return moment.dt.convert_time_zone("UTC"), shift.dt.total_minutes().cast(pl.Int16)


def _whole_rows(work: Shaping, frame: pl.DataFrame) -> pl.DataFrame:
    """Rows with a case, an activity and a moment; the others are counted. Adds ``time`` and ``day``."""
    known = [role for role in ("time", "start", "call", "absent") if role in frame.columns]
    some = pl.any_horizontal(pl.col(role).is_not_null() for role in known)
    good = pl.col("case").is_not_null() & pl.col("activity").is_not_null() & some
    whole = not any(frame[role].null_count() for role in ("case", "activity", known[0]))
    if not whole:
        flags = frame.select(good=good, blank=pl.all_horizontal(pl.all().is_null()))
        bad = ~flags["good"] & ~flags["blank"]
        if bad.any():
            where = work.raw.line(bad.arg_true()[0])
            work.say(
                int(bad.sum()),
                f"row without case, activity or moment was left out ({where}).",
                f"rows without case, activity or moment were left out (first: {where}).",
            )
        frame = frame.filter(flags["good"])
    if frame.is_empty():
        raise LogError(f"{work.raw.name} holds no event with a case, an activity and a moment.")
    if "time" not in frame.columns:
        work.notes.append(
            f"The log has no moment of completion; '{work.columns[known[0]]}' stands in for it."
        )
    elif frame["time"].null_count():
        work.say(
            frame["time"].null_count(),
            "event has no moment of completion; its start or call stands in for it.",
            "events have no moment of completion; their start or call stands in for it.",
        )
    frame = frame.with_columns(pl.coalesce(known).alias("time"))
    if "flag:absent" in frame.columns:
        marked = pl.when(pl.col("flag:absent")).then("time").alias("absent")
        frame = frame.with_columns(marked).drop("flag:absent")
    return _days(work, frame)


def _days(work: Shaping, frame: pl.DataFrame, *, quiet: bool = False) -> pl.DataFrame:
    first = pl.coalesce(role for role in ("call", "start", "time") if role in frame.columns)
    if "offset" not in frame.columns:
        stated = any(
            getattr(work.sample.schema[work.columns[role]], "time_zone", None)
            for role in MOMENTS
            if role in work.columns
        )
        if not stated and not quiet:
            work.notes.append("The moments state no time zone; they are taken as the office's own clock.")
        return frame.with_columns(day=first.dt.date())
    unstated = frame["offset"].null_count()
    if (
        unstated == frame.height
    ):  # a column that mixes its ways of writing is searched for offsets, in vain here
        return _days(work, frame.drop("offset"), quiet=quiet)
    work.say(
        unstated,
        "moment states no time zone though others do; it is taken as UTC.",
        "moments state no time zone though others do; they are taken as UTC.",
    )
    frame = frame.with_columns(pl.col("offset").fill_null(0))
    several = frame["offset"].n_unique()
    if several > 2 and not quiet:
        work.notes.append(
            f"The moments have {several} different offsets from UTC; each row counts in its own."
        )
    return frame.with_columns(day=(first + pl.duration(minutes="offset")).dt.date())


def _once(work: Shaping, frame: pl.DataFrame, index: cases.Cases) -> tuple[pl.DataFrame, cases.Cases]:
    """Each row once. Only rows that share case and time with a neighbour can be the same."""
    suspects = cases.same_moment(index, frame["time"])
    if not len(suspects):
        return frame, index
    twins = frame[suspects].with_columns(pl.Series("row:", suspects))
    first = twins.select(pl.struct(pl.exclude("row:")).is_first_distinct()).to_series()
    again = twins["row:"].filter(~first)
    if again.is_empty():
        return frame, index
    same = "row says exactly what another says" if again.len() == 1 else "rows say exactly what another says"
    if frame.select((pl.col("time").dt.time() == pl.time(0)).all()).item():
        work.notes.append(f"{again.len():,} {same}; they were kept, for the log knows days only.")
        return frame, index
    work.notes.append(f"{again.len():,} {same}; each was counted once.")
    keep = pl.Series([True]).new_from_index(0, frame.height).scatter(again.to_numpy(), False)
    frame = frame.filter(keep)
    return frame, cases.index(frame["case"], frame["time"])


def _sound(work: Shaping, frame: pl.DataFrame) -> pl.DataFrame:
    """Moments that contradict each other: the doubtful one is taken as missing, and counted."""
    for early, late, one, many in _CONTRADICTIONS:
        if early not in frame.columns or late not in frame.columns:
            continue
        wrong = (frame[early] > frame[late]).fill_null(value=False)
        if count := int(wrong.sum()):
            work.say(
                count, f"event {one}; that is taken as missing.", f"events {many}; that is taken as missing."
            )
            frame = frame.with_columns(pl.when(~wrong).then(pl.col(early)).alias(early))
    return frame
