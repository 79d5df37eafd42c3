"""``setara compare``, ``drivers``, ``nonresponse``, ``record``: what answers mean beside others and records."""

from __future__ import annotations

import json as reader
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from setara.site.commands import survey_options as options
from setara.site.commands.common import SURVEY, JsonOption, UsageError, shown_progress
from setara.site.commands.survey import TableArgument, read, usage
from setara.site.output import say, write_json

if TYPE_CHECKING:
    from setara.science.satisfaction.compare import Side
    from setara.science.satisfaction.facts import Facts, Standards
    from setara.science.satisfaction.tables import Answers

InstrumentOption = Annotated[
    str,
    typer.Option(
        "--instrument", metavar="NAME", help="skm-2017, spkp, spak, skm-2004, servqual or FILE.toml."
    ),
]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (compare, drivers, nonresponse, record):
        app.command(rich_help_panel=SURVEY)(command)


def compare(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Answer files; or one file with --by.")],
    by: Annotated[
        str | None, typer.Option("--by", metavar="COLUMN", help="Compare the groups of this column.")
    ] = None,
    against: Annotated[
        str | None,
        typer.Option("--against", metavar="WHOM", help="first, previous or rest (usual with --by)."),
    ] = None,
    adjust: Annotated[
        list[str] | None,
        typer.Option(
            "--adjust", metavar="COLUMN", help="As if all had the same mix of this column (repeatable)."
        ),
    ] = None,
    minimum: Annotated[
        int, typer.Option("--minimum", min=3, help="Groups with fewer answers are not compared.")
    ] = 10,
    instrument: InstrumentOption = "skm-2017",
    mapping: options.MapOption = None,
    where: options.WhereOption = None,
    missing: options.MissingOption = None,
    duplicates: options.DuplicatesOption = "refuse",
    sheet: options.SheetOption = None,
    json: JsonOption = None,
) -> None:
    """Compare periods, groups or offices: differences with intervals, many at once, adjusted for the mix."""
    with usage():
        from setara.science.satisfaction import compare as comparison
        from setara.site.commands import survey_compare_print as printed

        tables = [_answers(one, instrument, mapping, (where, missing, duplicates, sheet)) for one in files]
        sides, codes = _sides(tables, files, by, adjust or [])
        how = against or ("rest" if by else "first")
        found = comparison.compare(sides, codes, against=how, minimum=minimum)
        if json != "-":
            typer.echo(printed.differences(found))
        if json:
            body = {
                "instrument": tables[0].instrument.code,
                "against": how,
                "adjusted_for": adjust or [],
                "sides": {side.name: side.n for side in sides},
                "differences": [one.as_dict() for one in found],
            }
            write_json(json, "compare", body)


def drivers(
    file: TableArgument,
    overall: Annotated[
        str | None,
        typer.Option(
            "--overall", metavar="COLUMN", help="The column of overall satisfaction, when not known."
        ),
    ] = None,
    instrument: InstrumentOption = "skm-2017",
    mapping: options.MapOption = None,
    where: options.WhereOption = None,
    missing: options.MissingOption = None,
    duplicates: options.DuplicatesOption = "refuse",
    sheet: options.SheetOption = None,
    seed: options.SeedOption = 1,
    json: JsonOption = None,
) -> None:
    """Find which element moves overall satisfaction: regression and relative importance."""
    with usage():
        from setara.science.satisfaction import drivers as model
        from setara.site.commands import survey_compare_print as printed

        mapped = [*(mapping or []), *([f"overall={overall}"] if overall else [])]
        answers = _answers(file, instrument, mapped, (where, missing, duplicates, sheet))
        if "overall" not in answers.meta:
            raise UsageError(
                "Nobody was asked for overall satisfaction in this file: name the column with --overall COLUMN. The "
                "index itself cannot stand in for it, since it is made of the elements."
            )
        codes = _counted(answers)
        scores = answers.meta["overall"].to_numpy().astype(float)
        found = model.drivers(answers.block(codes), scores, codes, seed=seed)
        if json != "-":
            typer.echo(printed.drivers(found))
        if json:
            write_json(json, "drivers", found.as_dict(), seed=seed)


def nonresponse(
    file: TableArgument,
    invited: Annotated[
        int | None, typer.Option("--invited", min=1, help="How many were asked; gives the worst case.")
    ] = None,
    instrument: InstrumentOption = "skm-2017",
    mapping: options.MapOption = None,
    where: options.WhereOption = None,
    missing: options.MissingOption = None,
    duplicates: options.DuplicatesOption = "refuse",
    sheet: options.SheetOption = None,
    json: JsonOption = None,
) -> None:
    """Show which elements were left out and by whom, and how far the index could move by those who stayed away."""
    with usage():
        from setara.science.satisfaction import nonresponse as model
        from setara.site.commands import survey_compare_print as printed

        answers = _answers(file, instrument, mapping, (where, missing, duplicates, sheet))
        codes = _counted(answers)
        left_out = model.unanswered(answers.block(codes), codes)
        low, high = float(answers.instrument.low), float(answers.instrument.high)
        bounds = model.bounds(_index(answers, codes), answers.n, invited, (low, high)) if invited else None
        if json != "-":
            typer.echo(printed.unanswered(left_out, bounds))
        if json:
            body = {
                "n": answers.n,
                "elements": {one.code: one.as_dict() for one in left_out},
                "people": bounds.as_dict() if bounds else None,
            }
            write_json(json, "nonresponse", body)


def record(
    file: TableArgument,
    source: Annotated[
        Path,
        typer.Argument(
            metavar="RECORD", help="An event log, the JSON of setara audit, or a TOML file of facts."
        ),
    ],
    wait: Annotated[
        float, typer.Option("--wait-minutes", min=0, help="The longest wait that is in order.")
    ] = 60,
    window: Annotated[
        float, typer.Option("--window-minutes", min=0, help="How long after an appointment is still in time.")
    ] = 30,
    complaint_days: Annotated[
        float, typer.Option("--complaint-days", min=0, help="Days until a complaint must be answered.")
    ] = 14,
    activity: Annotated[
        list[str] | None,
        typer.Option(
            "--activity",
            metavar="WHAT=PATTERN",
            help="Which events are changed, complaint, answer (repeatable).",
        ),
    ] = None,
    log_map: Annotated[
        list[str] | None,
        typer.Option(
            "--log-map", metavar="ROLE=COLUMN", help="Which column of the log is what (repeatable)."
        ),
    ] = None,
    instrument: InstrumentOption = "servqual",
    mapping: options.MapOption = None,
    where: options.WhereOption = None,
    missing: options.MissingOption = None,
    duplicates: options.DuplicatesOption = "refuse",
    sheet: options.SheetOption = None,
    json: JsonOption = None,
) -> None:
    """Set opinion against record: each item with a factual twin beside how often the promise was kept."""
    with usage():
        from setara.science.satisfaction import facts, instruments
        from setara.science.satisfaction import record as model
        from setara.site.commands import survey_compare_print as printed

        chosen = instruments.load(instrument)
        twins = tuple(model.TWINS.get(chosen.code, {}))
        wish = options.only(options.choices(where, missing, duplicates, None, sheet), (), twins)
        answers = read(file, chosen, mapping, wish)
        asked = options.pairs(activity, "--activity")
        if unknown := set(asked) - {"changed", "complaint", "answer"}:
            raise UsageError(f"--activity {min(unknown)}: it is changed, complaint or answer.")
        standards = facts.Standards(wait, window, complaint_days, asked)
        found = model.against(answers, _facts(source, standards, log_map))
        if json != "-":
            typer.echo(printed.record(found))
        if json:
            write_json(json, "record", {"instrument": chosen.code} | found.as_dict())


def _facts(source: Path, standards: Standards, log_map: Sequence[str] | None) -> Facts:
    """What the record says, by the kind of its file."""
    from setara.science.satisfaction import facts

    if not source.is_file():
        raise UsageError(f"There is no file {source}.")
    if source.suffix.lower() == ".toml":
        try:
            return facts.from_numbers(tomllib.loads(source.read_text(encoding="utf-8")), source.name)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise UsageError(f"{source.name} is no TOML: {error}") from error
    if source.suffix.lower() == ".json":
        try:
            document = reader.loads(source.read_text(encoding="utf-8"))
        except (reader.JSONDecodeError, UnicodeDecodeError) as error:
            raise UsageError(f"{source.name} is no JSON: {error}") from error
        if isinstance(document, dict) and "schema" in document:
            return facts.from_audit(document, source.name)
    from setara.science.events import LogUseError
    from setara.science.events import read as read_log

    try:
        with shown_progress() as progress:
            log = read_log(source, mapping=options.pairs(log_map, "--log-map"), progress=progress)
            for note in log.notes:
                say(note)
            return facts.from_log(log, standards)
    except LogUseError as error:
        raise UsageError(str(error).replace("--map", "--log-map")) from error


def _answers(
    path: Path, instrument: str, mapping: Sequence[str] | None, wish: tuple[Any, Any, str, str | None]
) -> Answers:
    from setara.science.satisfaction import instruments

    chosen = instruments.load(instrument)
    where, missing, duplicates, sheet = wish
    asked = options.choices(where, missing, duplicates, None, sheet)
    if chosen.kind == "pairs":  # perceptions alone
        asked = options.only(asked, tuple(code for code in chosen.required if code.startswith("P")))
    return read(path, chosen, mapping, asked)


def _counted(answers: Answers) -> list[str]:
    """The columns that make the index; of pairs the perceptions."""
    required = answers.instrument.required
    pairs = answers.instrument.kind == "pairs"
    return [code for code in required if code in answers.codes and (not pairs or code.startswith("P"))]


def _index(answers: Answers, codes: Sequence[str]) -> float:
    from setara.science.satisfaction import intervals

    return intervals.index(answers.block(codes), repetitions=1).estimate


def _sides(
    tables: Sequence[Answers], files: Sequence[Path], by: str | None, adjust: Sequence[str]
) -> tuple[list[Side], list[str]]:
    """The sides of a comparison: the files, or the groups of one."""
    from setara.science.satisfaction.compare import Side

    codes = _counted(tables[0])
    labels = [one.stem for one in files]
    if by is None:
        names = labels if len(set(labels)) == len(labels) else [str(one) for one in files]
        return [
            Side(name, table.block(codes), _mix(table, adjust))
            for name, table in zip(names, tables, strict=True)
        ], codes
    if len(tables) != 1:
        raise UsageError("--by compares the groups of one file; name one file only.")
    table = tables[0]
    values = _texts(table, by)
    mix = _mix(table, adjust)
    sides = []
    for level in sorted({value for value in values if value}):
        rows = [i for i, value in enumerate(values) if value == level]
        sides.append(Side(level, table.block(codes)[rows], tuple(mix[i] for i in rows) if mix else ()))
    if empty := sum(not value for value in values):
        say(f"{empty} rows without {by} are left out.")
    return sides, codes


def _mix(table: Answers, adjust: Sequence[str]) -> tuple[str, ...]:
    if not adjust:
        return ()
    return tuple(" / ".join(labels) for labels in zip(*(_texts(table, name) for name in adjust), strict=True))


def _texts(table: Answers, name: str) -> list[str]:
    """A column of the file, by its heading or its role, as texts; empty where missing."""
    import polars as pl

    column = table.frame.get_column(name) if name in table.frame.columns else table.meta.get(name)
    if column is None:
        raise UsageError(f"{table.source} has no column {name!r}; it has {', '.join(table.frame.columns)}.")
    return list(column.cast(pl.String).fill_null("").str.strip_chars())
