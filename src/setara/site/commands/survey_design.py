"""``setara sample`` and ``setara survey-sim``: before there are answers, and instead of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from setara.site.commands import survey_options as options
from setara.site.commands.common import SURVEY, JsonOption, UsageError
from setara.site.commands.survey import usage
from setara.site.output import atomic, say, write_json

if TYPE_CHECKING:
    import polars as pl


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command(rich_help_panel=SURVEY)(sample)
    app.command("survey-sim", rich_help_panel=SURVEY)(survey_sim)


def sample(
    population: Annotated[
        int | None, typer.Option("--population", min=1, help="How many people are served in the period.")
    ] = None,
    design: Annotated[
        str, typer.Option("--design", metavar="NAME", help="krejcie-morgan, slovin, cochran or mean.")
    ] = "krejcie-morgan",
    margin: Annotated[
        float,
        typer.Option("--margin", help="Half the width wanted: a share, or for a mean points of the scale."),
    ] = 0.05,
    deviation: Annotated[
        float | None,
        typer.Option(
            "--deviation", metavar="SD", help="For a mean: how much respondents differ (last year's)."
        ),
    ] = None,
    confidence: options.ConfidenceOption = 0.95,
    response: Annotated[
        float | None,
        typer.Option("--response-rate", help="Share of those invited who will answer, such as 0.4."),
    ] = None,
    stratum: Annotated[
        list[str] | None,
        typer.Option("--stratum", metavar="NAME=SIZE[:SD]", help="People in a stratum (repeatable)."),
    ] = None,
    allocate: Annotated[
        str, typer.Option("--allocate", metavar="HOW", help="To strata: proportional, neyman or equal.")
    ] = "proportional",
    tickets: Annotated[
        Path | None,
        typer.Option("--tickets", metavar="FILE", help="Draw from this list (CSV, XLSX, Parquet) by system."),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="COLUMN", help="The list's column of strata: draw within each."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write those drawn as CSV.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the draw; publish it with the list.")] = 1,
    json: JsonOption = None,
) -> None:
    """Compute how many people to ask, share them out to strata, and draw them from a list of tickets."""
    with usage():
        from setara.science.satisfaction import sampling

        if out and not tickets:
            raise UsageError("--out needs the list to draw from: --tickets FILE.")
        people = _tickets(tickets) if tickets else None
        strata, deviations = _strata(stratum, people, by)
        if population is None:
            population = people.height if people is not None else sum(strata.values()) or None
        size = _size(design, population, margin, deviation, confidence)
        asked = sampling.invitations(size, response) if response is not None else size
        if population is not None and asked > population:
            say(f"{asked} would have to be invited and only {population} are served: invite everybody.")
            asked = population
        shares = sampling.allocate(asked, strata, how=allocate, deviations=deviations) if strata else {}
        drawn = _draw(people, by, asked, shares, seed) if people is not None else None
        body: dict[str, Any] = {
            "population": population,
            "design": design,
            "margin": margin,
            "confidence": confidence,
            "size": size,
            "invitations": asked,
            "strata": shares,
            "drawn": None if drawn is None else drawn.height,
        }
        if json != "-":
            typer.echo(_said(body))
        if out and drawn is not None:
            with atomic(out) as file:
                drawn.write_csv(file)
            say(f"Written: {out}")
        if json:
            write_json(json, "sample", body, seed=seed)


def _size(
    design: str, population: int | None, margin: float, deviation: float | None, confidence: float
) -> int:
    from setara.science.satisfaction import sampling

    if design not in sampling.DESIGNS:
        raise UsageError(f"--design {design}: it is one of {', '.join(sampling.DESIGNS)}.")
    if design == "mean":
        if deviation is None:
            raise UsageError(
                "--design mean needs --deviation: how much respondents' own means differ, from last year's answers "
                "(0.4 to 0.6 is usual on the scale 1-4)."
            )
        return sampling.for_mean(deviation, margin=margin, population=population, confidence=confidence)
    if design == "cochran":
        return sampling.cochran(population, margin=margin, confidence=confidence)
    if population is None:
        raise UsageError(f"--design {design} needs --population, or a list with --tickets.")
    if confidence != 0.95:
        raise UsageError(f"95 % is built into {design}; for another level use --design cochran.")
    if design == "slovin":
        return sampling.slovin(population, margin=margin)
    return sampling.krejcie_morgan(population, margin=margin)


def _strata(
    texts: Sequence[str] | None, people: pl.DataFrame | None, by: str | None
) -> tuple[dict[str, int], dict[str, float]]:
    """Sizes and deviations: from the options, or the sizes from a column of the list."""
    sizes, deviations = {}, {}
    for name, text in options.pairs(texts, "--stratum").items():
        size, colon, spread = text.partition(":")
        sizes[name] = options.whole(size, "--stratum")
        if colon:
            deviations[name] = options.decimal(spread, "--stratum")
    if by is None:
        return sizes, deviations
    if people is None:
        raise UsageError("--by names a column of the list: add --tickets FILE.")
    if by not in people.columns:
        raise UsageError(f"The list has no column {by!r}; it has {', '.join(people.columns)}.")
    import polars as pl

    counted = people.group_by(pl.col(by).cast(pl.String).fill_null("")).len().sort(by).rows()
    return dict(counted), deviations


def _tickets(path: Path) -> pl.DataFrame:
    """The list; its headings are its first row with anything in it."""
    from setara.science.satisfaction import files

    if not path.is_file() or path.read_bytes()[:4] == b"PAR1":
        return files.load(path, lambda _cell: False).frame
    heads = next((set(row) for row in files.cells(path, lambda _cell: True) if any(row)), set())
    return files.load(path, lambda cell: cell in heads).frame


def _draw(
    people: pl.DataFrame, by: str | None, size: int, shares: Mapping[str, int], seed: int
) -> pl.DataFrame:
    """Those drawn, in the order of the list; within strata where the list has them."""
    import polars as pl

    from setara.science.satisfaction import sampling

    if by is None:
        return people[sampling.systematic(range(people.height), size, seed=seed)]
    labels = people.get_column(by).cast(pl.String).fill_null("")
    rows: list[int] = []
    for place, (name, share) in enumerate(sorted(shares.items())):
        if share:
            at = (labels == name).arg_true().to_list()
            rows += sampling.systematic(at, share, seed=seed + place)
    return people[sorted(rows)]


def _said(body: Mapping[str, Any]) -> str:
    unit = "points" if body["design"] == "mean" else "share"
    lines = [
        f"population   {body['population'] if body['population'] else 'not known'}",
        f"design       {body['design']}, margin {body['margin']:g} ({unit}), {100 * body['confidence']:g} %",
        f"sample       {body['size']}",
    ]
    if body["invitations"] != body["size"]:
        lines.append(f"invitations  {body['invitations']}")
    if body["strata"]:
        width = max(map(len, body["strata"]))
        lines += ["", *(f"{name.ljust(width)}  {share:>6}" for name, share in body["strata"].items())]
    if body["drawn"] is not None:
        lines += ["", f"drawn        {body['drawn']}"]
    return "\n".join(lines)


def survey_sim(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The answers: .csv, .xlsx or .parquet.")],
    instrument: Annotated[
        str, typer.Option("--instrument", metavar="NAME", help="skm-2017, spkp, spak or servqual.")
    ] = "skm-2017",
    respondents: Annotated[int, typer.Option("--respondents", min=1, help="Honest rows of the file.")] = 150,
    days: Annotated[int, typer.Option("--days", min=1, help="Working days of the survey.")] = 10,
    satisfaction: Annotated[
        float,
        typer.Option("--satisfaction", help="Level in standard deviations: 0 usual, 1.6 close to the top."),
    ] = 0.0,
    straight: Annotated[
        float, typer.Option("--straight-liners", min=0, max=1, help="Share who give one answer everywhere.")
    ] = 0.3,
    families: Annotated[
        float, typer.Option("--families", min=0, max=1, help="Share of people who come as families.")
    ] = 0.25,
    kiosk: Annotated[
        float, typer.Option("--kiosk", min=0, max=1, help="Share who answer at the kiosk in the hall.")
    ] = 0.25,
    response: Annotated[
        float, typer.Option("--response-rate", min=0.01, max=1, help="Share of the visitors who answer.")
    ] = 0.5,
    selection: Annotated[
        float,
        typer.Option("--selection", help="How much readier the satisfied are to answer (log odds; 0: not)."),
    ] = 0.0,
    unanswered: Annotated[
        float, typer.Option("--unanswered", min=0, max=0.9, help="Share of single elements left out.")
    ] = 0.0,
    tamper: Annotated[
        str | None, typer.Option("--tamper", metavar="KIND", help="Put in rows: highest or copies.")
    ] = None,
    within: Annotated[
        str, typer.Option("--within", metavar="PLACE", help="Where these rows are: one hour or one device.")
    ] = "hour",
    share: Annotated[
        float, typer.Option("--share", min=0.001, max=5, help="Rows put in, as a share of the honest ones.")
    ] = 0.1,
    truth: Annotated[
        Path | None,
        typer.Option("--truth", metavar="FILE", help="Write what is true and which rows are not, as JSON."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="The same seed makes the same file.")] = 1,
) -> None:
    """Make an answer file whose truth is known: for teaching, and to try what the other commands find."""
    with usage():
        from setara.science.satisfaction import survey_sim as simulator
        from setara.science.satisfaction.instruments import BadInput

        try:
            names, low, high = simulator.columns_of(instrument)
            design = simulator.Design(
                respondents=respondents,
                elements=len(names),
                low=low,
                high=high,
                days=days,
                satisfaction=satisfaction,
                straight_liners=straight,
                families=families,
                kiosk=kiosk,
                response_rate=response,
                selection=selection,
                unanswered=unanswered,
                offsets=simulator.offsets_of(instrument),
            )
            made = simulator.simulate(design, seed)
            how = simulator.Tampering(tamper, within, share) if tamper else None
            made = simulator.tamper(made, how, seed) if how else made
        except ValueError as error:
            raise BadInput(str(error)) from error
        _write_table(simulator.frame(made, names), out)
        if truth:
            write_json(str(truth), "survey-sim", simulator.truth(made, names, instrument), seed=seed)
            say(f"Written: {truth}")


def _write_table(table: pl.DataFrame, out: Path) -> None:
    kind = out.suffix.lower()
    if kind not in {".csv", ".xlsx", ".parquet"}:
        raise UsageError(f"--out {out}: the name ends in .csv, .xlsx or .parquet.")
    with atomic(out) as file:
        if kind == ".csv":
            table.write_csv(file, datetime_format="%Y-%m-%d %H:%M:%S")
        elif kind == ".parquet":
            table.write_parquet(file)
        else:
            table.write_excel(file)
    say(f"Written: {out}")
