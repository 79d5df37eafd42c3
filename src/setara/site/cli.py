"""The command ``setara``.

Exit codes: 0 done; 1 the work failed or a check found a fault; 2 wrong use (an argument, a taken port, data
in the way); 3 a condition named with --fail-on was met; 130 interrupted. Answers go
to standard output, all else to standard error. NO_COLOR is respected.
"""

from __future__ import annotations

import sys
from typing import Annotated, NoReturn

import typer

from setara.site.commands import (
    audit,
    office,
    operations,
    replay,
    simulate,
    survey,
    survey_compare,
    survey_design,
)
from setara.site.commands.common import FAILED, INTERRUPTED, USAGE, PanelGroup, UsageError

app = typer.Typer(
    name="setara",
    help="Runs a public-service office so that everyone is treated alike and anyone can check it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    cls=PanelGroup,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
office.register(app)
replay.register(app)
audit.register(app)
simulate.register(app)
survey.register(app)
survey_design.register(app)
survey_compare.register(app)
operations.register(app)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"setara {version('setara')}")
        raise typer.Exit


@app.callback()
def _root(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


def main() -> NoReturn:
    """Run the command line and leave with its exit code."""
    try:
        app()
    except KeyboardInterrupt:
        _leave(INTERRUPTED, "Interrupted.")
    except UsageError as error:
        _leave(USAGE, str(error))
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our pipe has gone; nothing more can be said
        sys.exit(FAILED)
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] == "setara":
            raise
        extras = "setara[office] (the office), setara[audit] or setara[survey] (the science commands)"
        _leave(FAILED, f"The package {error.name} is not installed; it comes with {extras}.")
    except Exception as error:
        code = _exit_code(error)
        if code is None:
            raise
        _leave(code, _explain(error))
    sys.exit(0)


def _exit_code(error: Exception) -> int | None:
    """The exit code of an error that explains itself; None for a fault of ours, which shows its traceback."""
    from setara.kernel.errors import SetaraError

    names = {kind.__name__ for kind in type(error).__mro__}  # known by name: their modules may not be loaded
    if "DataInTheWay" in names:
        return USAGE
    ours = {"PostgresError", "DatabaseError", "OperationalError", "BackupError"}
    return FAILED if isinstance(error, SetaraError | OSError) or names & ours else None


def _explain(error: Exception) -> str:
    """What happened, field by field where it is about fields, and what can be done now."""
    fields = getattr(error, "errors", {})
    lines = [str(error), *(f"  {name}: {text}" for name, text in fields.items())]
    more = (str(getattr(error, name, "")) for name in ("rule", "remedy"))
    lines += [text for text in more if text and text not in lines[0]]  # some say all of it in one sentence
    return "\n".join(lines)


def _leave(code: int, text: str) -> NoReturn:
    sys.stderr.write(f"setara: {text}\n")
    sys.exit(code)


if __name__ == "__main__":
    main()
