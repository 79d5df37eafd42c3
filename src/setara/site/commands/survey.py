"""``setara ikm``, ``servqual``, ``ipa``, ``csi``: on anybody's answer files, with neither Django nor a database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from setara.site.commands import survey_options as options
from setara.site.commands.common import FAIL_ON, SURVEY, JsonOption, UsageError
from setara.site.output import atomic, say, write_json

if TYPE_CHECKING:
    from setara.science.satisfaction.instruments import Instrument, Language
    from setara.science.satisfaction.tables import Answers

AnswersArgument = Annotated[
    Path | None, typer.Argument(help="Answers as CSV, XLSX or Parquet; not with --check.")
]
CheckOption = Annotated[
    Path | None,
    typer.Option(
        "--check",
        metavar="TABLE",
        help="Find the known traps in a published table (CSV or XLSX), explained in --lang.",
    ),
]
OrderOption = Annotated[
    str | None,
    typer.Option(
        "--order", metavar="ORDER", help="Numbered questions are in the order of the form or the code."
    ),
]
PopulationOption = Annotated[
    int | None, typer.Option("--population", min=1, help="How many were served in all; narrows the interval.")
]
StratumOption = Annotated[
    list[str] | None,
    typer.Option("--stratum", metavar="NAME=SIZE", help="How many were served in a stratum (repeatable)."),
]
PdfOption = Annotated[Path | None, typer.Option("--pdf", metavar="FILE", help="Write the report as PDF.")]
FailOnOption = Annotated[
    list[str] | None,
    typer.Option("--fail-on", metavar="WHAT", help="Exit code 3 for traps, or for integrity findings."),
]
PointsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--points", metavar="DIMENSION=POINTS", help="Points of a dimension, 100 in all (repeatable)."
    ),
]
TableArgument = Annotated[Path, typer.Argument(help="Answers as CSV, XLSX or Parquet, one row a respondent.")]


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command(rich_help_panel=SURVEY)(ikm)
    app.command(rich_help_panel=SURVEY)(servqual)
    app.command(rich_help_panel=SURVEY)(ipa)
    app.command(rich_help_panel=SURVEY)(csi)


@contextmanager
def usage() -> Iterator[None]:
    """Input that cannot be used is wrong use, exit code 2."""
    from setara.science.satisfaction.instruments import BadInput

    try:
        yield
    except BadInput as error:
        raise UsageError(str(error)) from error


def ikm(
    file: AnswersArgument = None,
    check: CheckOption = None,
    instrument: options.IndexOption = "skm-2017",
    mapping: options.MapOption = None,
    where: options.WhereOption = None,
    missing: options.MissingOption = None,
    duplicates: options.DuplicatesOption = "refuse",
    order: OrderOption = None,
    sheet: options.SheetOption = None,
    population: PopulationOption = None,
    stratum: StratumOption = None,
    confidence: options.ConfidenceOption = 0.95,
    seed: options.SeedOption = 1,
    office: options.OfficeOption = "",
    period: options.PeriodOption = "",
    lang: options.LangOption = "id",
    html: options.HtmlOption = None,
    pdf: PdfOption = None,
    fail_on: FailOnOption = None,
    json: JsonOption = None,
) -> None:
    """Compute the public satisfaction index (SKM/IKM, SPKP, SPAK) of an answer file, or check a published table."""
    wished = set(fail_on or ())
    if wished - {"traps", "integrity"}:
        raise UsageError(f"--fail-on {min(wished - {'traps', 'integrity'})}: it is traps or integrity.")
    with usage():
        from setara.science.satisfaction import instruments

        chosen = instruments.load(instrument)
        if (file is None) == (check is None):
            raise UsageError("Name a file of answers, or a published table with --check, and not both.")
        if chosen.kind != "index":
            raise UsageError(f"{chosen.code} is measured in pairs: use setara servqual.")
        if check is not None:
            found = _check(check, chosen, options.language(lang), json)
        else:
            assert file is not None  # noqa: S101 - one of the two is there, as was just seen
            wish = options.choices(where, missing, duplicates, order, sheet)
            answers = read(file, chosen, mapping, wish)
            strata = {
                name: options.whole(text, "--stratum")
                for name, text in options.pairs(stratum, "--stratum").items()
            }
            settings = {
                "seed": seed,
                "confidence": confidence,
                "population": population,
                "strata": strata or None,
            }
            found = _index(answers, settings, (office, period), options.language(lang), (html, pdf, json))
    if wished & found:
        raise typer.Exit(FAIL_ON)


def _check(path: Path, instrument: Instrument, lang: Language, json: str | None) -> set[str]:
    from setara.science.satisfaction import check, published, verdict
    from setara.site.commands import survey_print

    judged = check.check(published.read(path, instrument), instrument)
    if json != "-":
        typer.echo(survey_print.verdict(judged, lang))
    if json:
        write_json(json, "ikm-check", verdict.as_dict(judged))
    return {"traps"} if judged.traps else set()


def _index(
    answers: Answers,
    settings: dict[str, Any],
    about: tuple[str, str],
    lang: Language,
    targets: tuple[Path | None, Path | None, str | None],
) -> set[str]:
    from setara.science.satisfaction import ikm as index
    from setara.science.satisfaction import integrity_of
    from setara.science.satisfaction.reports.texts import Heading
    from setara.site.commands import survey_print

    html, pdf, json = targets
    result = index.figures(answers, **settings)
    outcomes = integrity_of.outcomes(answers, seed=settings["seed"])
    if json != "-":
        typer.echo(survey_print.index(result, outcomes))
    heading = Heading(*about)
    if html:
        from setara.science.satisfaction.reports import html as page

        write(html, page.ikm(result, outcomes, heading, lang).encode())
    if pdf:
        from setara.science.satisfaction.reports import pdf as paper

        write(pdf, paper.ikm(result, outcomes, heading, lang))
    if json:
        body = index.as_dict(result) | {"integrity": [one.as_dict() for one in outcomes]}
        write_json(json, "ikm", body, seed=settings["seed"])
    return {"integrity"} if any(one.decision == "attention" for one in outcomes) else set()


def servqual(
    file: TableArgument,
    servperf: Annotated[
        bool, typer.Option("--servperf", help="Only perceptions were asked (P1 ..).")
    ] = False,
    scale: options.ScaleOption = None,
    points: PointsOption = None,
    instrument: options.PairsOption = "servqual",
    mapping: options.MapOption = None,
    where: options.WhereOption = None,
    missing: options.MissingOption = None,
    duplicates: options.DuplicatesOption = "refuse",
    sheet: options.SheetOption = None,
    seed: options.SeedOption = 1,
    office: options.OfficeOption = "",
    period: options.PeriodOption = "",
    lang: options.LangOption = "id",
    html: options.HtmlOption = None,
    json: JsonOption = None,
) -> None:
    """SERVQUAL: gaps between perception and expectation by item and dimension, with reliability."""
    with usage():
        from setara.science.satisfaction import instruments
        from setara.science.satisfaction import servqual as model
        from setara.site.commands import survey_print

        chosen = options.scaled(instruments.load(instrument), scale)
        if chosen.kind != "pairs":
            raise UsageError(f"{chosen.code} has no pairs of expectation and perception: use setara ikm.")
        wish = options.choices(where, missing, duplicates, None, sheet)
        if servperf:
            wish = options.only(wish, tuple(code for code in chosen.required if code.startswith("P")))
        shares = {
            name: options.decimal(text, "--points")
            for name, text in options.pairs(points, "--points").items()
        }
        answers = read(file, chosen, mapping, wish)
        result = model.gaps(answers, points=shares or None, servperf=servperf, seed=seed)
        if json != "-":
            typer.echo(survey_print.gaps(result))
        if html:
            from setara.science.satisfaction.reports import html as page

            write(html, page.servqual(result, _heading(office, period), options.language(lang)).encode())
        if json:
            write_json(json, "servqual", model.as_dict(result), seed=seed)


def ipa(
    file: TableArgument,
    cut: Annotated[
        str, typer.Option("--cut", metavar="RULE", help="Cut the axes at the mean, the median or the middle.")
    ] = "mean",
    scale: options.ScaleOption = None,
    instrument: options.EitherOption = "servqual",
    mapping: options.MapOption = None,
    where: options.WhereOption = None,
    missing: options.MissingOption = None,
    duplicates: options.DuplicatesOption = "refuse",
    sheet: options.SheetOption = None,
    seed: options.SeedOption = 1,
    office: options.OfficeOption = "",
    period: options.PeriodOption = "",
    lang: options.LangOption = "id",
    html: options.HtmlOption = None,
    json: JsonOption = None,
) -> None:
    """Importance-performance analysis: what is important and weak, in four quadrants."""
    if cut not in {"mean", "median", "middle"}:
        raise UsageError(f"--cut {cut}: it is mean, median or middle.")
    with usage():
        from setara.science.satisfaction import ipa as analysis
        from setara.site.commands import survey_print

        wish = options.choices(where, missing, duplicates, None, sheet)
        answers = _with_importance(file, options.scaled(_either(instrument), scale), mapping, wish)
        result = analysis.plane(answers, cut=cut, seed=seed)  # type: ignore[arg-type]
        if json != "-":
            typer.echo(survey_print.plane(result))
        if html:
            from setara.science.satisfaction.reports import html as page

            write(html, page.ipa(result, _heading(office, period), options.language(lang)).encode())
        if json:
            write_json(json, "ipa", analysis.as_dict(result), seed=seed)


def csi(
    file: TableArgument,
    scale: options.ScaleOption = None,
    instrument: options.EitherOption = "servqual",
    mapping: options.MapOption = None,
    where: options.WhereOption = None,
    missing: options.MissingOption = None,
    duplicates: options.DuplicatesOption = "refuse",
    sheet: options.SheetOption = None,
    seed: options.SeedOption = 1,
    office: options.OfficeOption = "",
    period: options.PeriodOption = "",
    lang: options.LangOption = "id",
    html: options.HtmlOption = None,
    json: JsonOption = None,
) -> None:
    """Customer satisfaction index: performance weighted by importance, in per cent of the best possible."""
    with usage():
        from setara.science.satisfaction import csi as measure
        from setara.site.commands import survey_print

        wish = options.choices(where, missing, duplicates, None, sheet)
        answers = _with_importance(file, options.scaled(_either(instrument), scale), mapping, wish)
        result = measure.index(answers, seed=seed)
        if json != "-":
            typer.echo(survey_print.satisfaction(result))
        if html:
            from setara.science.satisfaction.reports import html as page

            write(html, page.csi(result, _heading(office, period), options.language(lang)).encode())
        if json:
            write_json(json, "csi", measure.as_dict(result), seed=seed)


def read(file: Path, instrument: Instrument, mapping: Sequence[str] | None, wish: Any) -> Answers:
    """The answers of a file."""
    from setara.science.satisfaction import tables

    return tables.read(file, instrument, options.pairs(mapping, "--map"), wish)


def _with_importance(file: Path, instrument: Instrument, mapping: Sequence[str] | None, wish: Any) -> Answers:
    from setara.science.satisfaction.ipa import sides

    performance, importance, expectation = sides(instrument)
    return read(file, instrument, mapping, options.only(wish, performance, importance + expectation))


def _either(name: str) -> Instrument:
    from setara.science.satisfaction import instruments

    return instruments.load(name)


def _heading(office: str, period: str) -> Any:
    from setara.science.satisfaction.reports.texts import Heading

    return Heading(office, period)


def write(path: Path, content: bytes) -> None:
    """A report, whole or not at all, and the line that says where it is."""
    with atomic(path) as file:
        file.write(content)
    say(f"Written: {path}")
