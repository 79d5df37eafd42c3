"""The options that the survey commands share, and what their texts mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from setara.site.commands.common import UsageError

if TYPE_CHECKING:
    from setara.science.satisfaction.instruments import Instrument, Language
    from setara.science.satisfaction.tables import Choices

MapOption = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="ROLE=COLUMN", help="Which column is an element or role (repeatable)."),
]
WhereOption = Annotated[
    list[str] | None, typer.Option("--where", metavar="COLUMN=VALUE", help="Only these rows (repeatable).")
]
MissingOption = Annotated[
    list[str] | None, typer.Option("--missing", metavar="VALUE", help="A value that means 'not answered'.")
]
DuplicatesOption = Annotated[
    str,
    typer.Option(
        "--duplicates", metavar="HOW", help="A respondent's second row: refuse, first, last or keep."
    ),
]
SheetOption = Annotated[str | None, typer.Option("--sheet", metavar="NAME", help="The sheet of a workbook.")]
SeedOption = Annotated[int, typer.Option("--seed", help="Seed of the bootstrap and the tests.")]
ConfidenceOption = Annotated[
    float, typer.Option("--confidence", min=0.5, max=0.999, help="Level of the interval.")
]
OfficeOption = Annotated[str, typer.Option("--office", metavar="NAME", help="The office, for the reports.")]
PeriodOption = Annotated[str, typer.Option("--period", metavar="TEXT", help="The period, for the reports.")]
LangOption = Annotated[str, typer.Option("--lang", metavar="LANG", help="Language of the reports: id or en.")]
HtmlOption = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write the report as HTML.")]
ScaleOption = Annotated[
    str | None, typer.Option("--scale", metavar="LOW-HIGH", help="The scale of one answer, such as 1-7.")
]
IndexOption = Annotated[
    str, typer.Option("--instrument", metavar="NAME", help="skm-2017, spkp, spak, skm-2004 or FILE.toml.")
]
PairsOption = Annotated[str, typer.Option("--instrument", metavar="NAME", help="servqual or FILE.toml.")]
EitherOption = Annotated[
    str, typer.Option("--instrument", metavar="NAME", help="servqual, skm-2017 or FILE.toml.")
]


def pairs(texts: Sequence[str] | None, option: str) -> dict[str, str]:
    """``NAME=VALUE`` texts as a mapping."""
    found = {}
    for text in texts or ():
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise UsageError(f"{option} {text}: write it as NAME=VALUE.")
        found[name.strip()] = value.strip()
    return found


def whole(text: str, option: str) -> int:
    """A number of people."""
    if not text.isdigit():
        raise UsageError(f"{option}: {text!r} is no whole number.")
    return int(text)


def decimal(text: str, option: str) -> float:
    """A number, with a comma or a point."""
    try:
        return float(text.replace(",", "."))
    except ValueError as error:
        raise UsageError(f"{option}: {text!r} is no number.") from error


def language(text: str) -> Language:
    """The language of the reports."""
    if text not in {"id", "en"}:
        raise UsageError(f"--lang {text}: it is id or en.")
    return cast("Language", text)


def choices(
    where: Sequence[str] | None,
    missing: Sequence[str] | None,
    duplicates: str,
    order: str | None,
    sheet: str | None,
) -> Choices:
    """How the file is to be read."""
    from setara.science.satisfaction.tables import Choices

    if duplicates not in {"refuse", "first", "last", "keep"}:
        raise UsageError(f"--duplicates {duplicates}: it is refuse, first, last or keep.")
    if order not in {None, "form", "code"}:
        raise UsageError(f"--order {order}: it is form or code.")
    only_these: Mapping[str, str] = pairs(where, "--where")
    return Choices(tuple(missing or ()), only_these, duplicates, order, sheet)


def only(wish: Choices, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> Choices:
    """The same, but with these columns that must or may be there."""
    return replace(wish, required=required, optional=optional)


def scaled(instrument: Instrument, scale: str | None) -> Instrument:
    """The instrument on another scale."""
    if scale is None:
        return instrument
    low, dash, high = scale.partition("-")
    if not dash or not low.strip().isdigit() or not high.strip().isdigit() or int(low) >= int(high):
        raise UsageError(f"--scale {scale}: write it as LOW-HIGH, such as 1-7.")
    return instrument.model_copy(update={"low": int(low), "high": int(high)})
