"""The pages of docs/reference that follow from the code: ``python -m setara.site.reference [--check]``.

Without an argument the pages are written; with ``--check`` they are compared, and the exit code is 1 when one of
them has fallen behind. ``tests/test_docs.py`` does the same.
"""

from __future__ import annotations

import inspect
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module, resources
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args, get_origin

from pydantic import BaseModel

if TYPE_CHECKING:
    from setara.rules.packs import Pack

FOLDER: Final = Path(__file__).resolve().parents[3] / "docs" / "reference"
_OPERATIONS_HEAD: Final = "| Operation | What it does | Asks for | Records |\n|---|---|---|---|\n"
NOTE: Final = "*Written by `python -m setara.site.reference` from the code. Do not edit by hand.*\n\n"


def load() -> None:
    """Django up, and every room's events, permissions and operations imported, so that all are registered."""
    os.environ.setdefault("SETARA_DB_POOL", "0")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "setara.site.settings")
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()
    for room in apps.get_app_configs():
        for module in ("events", "policies", "operations"):
            if room.name.startswith("setara.") and find_spec(f"{room.name}.{module}"):
                import_module(f"{room.name}.{module}")


def events() -> str:
    """events.md"""
    from setara.ledger.service import operations, registered
    from setara.site.tracing import trace

    recorded_by: dict[type, list[str]] = {}
    for name, operation in operations().items():
        for event in trace(operation).events:
            recorded_by.setdefault(event, []).append(name)
    lines = [
        "# Events\n\n", NOTE,
        "Everything that happens is one of these, recorded in the transaction that made it happen. Beside its own\n"
        "fields each event carries office, number, time, actor, application, ticket and reason: see\n"
        "[ledger.md](ledger.md). A field of the kind *id* differs between two runs with one seed and is no part of\n"
        "the reproducible digest. No event carries personal data or free text.\n",
    ]  # fmt: skip
    room = ""
    for (name, version), event in registered().items():
        if name.split(".")[0] != room:
            room = name.split(".")[0]
            lines.append(f"\n## {room}\n")
        lines.append(f"\n### `{name}` version {version}\n\n{_paragraph(event.__doc__)}\n\n")
        if operations_of := recorded_by.get(event):
            lines.append(f"Recorded by: {', '.join(f'`{one}`' for one in operations_of)}.\n\n")
        comments = _comments(event)
        lines += ["| Field | Kind | |\n", "|---|---|---|\n"]
        for field, info in event.model_fields.items():
            kind = "id" if field in event.refs() else _kind(info.annotation)
            lines.append(f"| `{field}` | {kind} | {comments.get(field, '')} |\n")
    return "".join(lines)


def operations() -> str:
    """operations.md"""
    from setara.ledger.service import operations as declared
    from setara.site.tracing import trace

    lines = [
        "# Operations\n\n", NOTE,
        "The only ways to change state. Each asks for a permission ([permissions.md](permissions.md)), changes\n"
        "state and records exactly one event ([events.md](events.md)) in one transaction. Where several events are\n"
        "named, what came of the operation decides which one is recorded.\n",
    ]  # fmt: skip
    room = ""
    for name, operation in declared().items():
        if name.split(".")[0] != room:
            room = name.split(".")[0]
            lines += [f"\n## {room}\n\n", _OPERATIONS_HEAD]
        found = trace(operation)
        asks = ", ".join(f"`{one}`" for one in sorted(found.permissions))
        records = ", ".join(f"`{one}`" for one in sorted(event.NAME for event in found.events))
        lines.append(f"| `{name}` | {_cell(_first_sentence(operation.__doc__))} | {asks} | {records} |\n")
    return "".join(lines)


def commands() -> str:
    """commands.md"""
    import typer

    from setara.site import cli

    root = typer.main.get_command(cli.app)
    about = re.search(r"(Exit codes: .*)", inspect.cleandoc(cli.__doc__ or ""), re.DOTALL)
    lines = [
        "# Commands\n\n", NOTE,
        "The command is `setara` (`.venv/bin/setara` in a checkout). Add `--help` to any of them.\n\n",
        f"{about[1] if about else ''}\n",
    ]  # fmt: skip
    return "".join([*lines, *_command(root, "setara", None)])


def _command(command: Any, path: str, parent: Any) -> Iterator[str]:
    context = command.context_class(command, info_name=path.rsplit(" ", maxsplit=1)[-1], parent=parent)
    usage = " ".join(
        piece.replace("{", "").replace("}", "") for piece in command.collect_usage_pieces(context)
    )
    yield f"\n## `{path}`\n\n{inspect.cleandoc(command.help or '')}\n\n    {path} {usage}\n".replace(
        "\n\n\n", "\n\n"
    )
    records = [record for each in command.params if (record := each.get_help_record(context))]
    if records:
        yield "\n| Option | |\n|---|---|\n"
    for option, text in records:
        yield f"| `{option}` | {_cell(text)} |\n"
    for name, inner in getattr(command, "commands", {}).items():
        yield from _command(inner, f"{path} {name}", context)


def packs() -> str:
    """packs.md"""
    from setara.rules.packs import all_packs, model

    parts = [
        part
        for part in vars(model).values()
        if isinstance(part, type) and issubclass(part, BaseModel) and part.__module__ == model.__name__
    ]
    lines = [
        "# Service packs\n\n", NOTE,
        "A service pack is the law and the promise of one service from one date on: TOML below\n"
        "`src/setara/rules/packs/<service>/<date>.toml`, checked when it is loaded. A later file may say `extends`\n"
        "and give only what changes: a list item with a `code` that is there already takes its place, `repealed`\n"
        "takes items out. How to write one: [../how-to/service-pack.md](../how-to/service-pack.md).\n\n"
        "Texts are given in Indonesian and English: `{ id = \"...\", en = \"...\" }`.\n\n"
        "## The packs that are here\n\n",
        *_pack_list(all_packs()),
        "\n## What an office may set for itself\n\n"
        "Only what a pack lists under `local`. Values are changed on the configuration pages, and each change is an\n"
        "event.\n",
        *_local_values(all_packs()),
        "\n## Settings without a settled source\n\n"
        "Lines that the files mark `[!]`: sources disagree, or there is none. Check them before a pack is used for\n"
        "real.\n",
        *_unsettled(),
        "\n## The fields\n\nA pack is a `Content`. `?`: may be left out.\n",
        *[line for part in [parts[-1], *parts[:-1]] for line in _fields(part)],
    ]  # fmt: skip
    return "".join(lines)


def _pack_list(every: Sequence[Pack]) -> Iterator[str]:
    yield "| Pack | Service | In force | Steps | Promise |\n|---|---|---|---|---|\n"
    for pack in every:
        until = f"to {pack.in_force_until}" if pack.in_force_until else "on"
        steps = ", ".join(f"`{step.code}`" for step in pack.steps)
        name = f"{pack.name.en}{' (illustrative)' if pack.illustrative else ''}"
        promise = f"{pack.clock.working_days} working day{'' if pack.clock.working_days == 1 else 's'}"
        yield f"| `{pack.id}` | {name} | from {pack.in_force_from} {until} | {steps} | {promise} |\n"


def _local_values(every: Sequence[Pack]) -> Iterator[str]:
    for service in dict.fromkeys(pack.service for pack in every):
        mine = [pack for pack in every if pack.service == service]
        heads = " | ".join(f"`{pack.id}`" for pack in mine)
        yield f"\n| Key | {heads} |\n{'|---' * (len(mine) + 1)}|\n"
        values = [pack.local_values() for pack in mine]
        for key in dict.fromkeys(key for each in values for key in each):
            cells = (str(each[key]).lower() if key in each else "-" for each in values)
            yield f"| `{key}` | {' | '.join(cells)} |\n"


def _unsettled() -> Iterator[str]:
    root = resources.files("setara.rules.packs")
    services = (folder for folder in root.iterdir() if folder.is_dir())
    paths = [path for folder in services for path in folder.iterdir() if path.name.endswith(".toml")]
    for path in sorted(paths, key=str):
        marked = list(_marked(path.read_text(encoding="utf-8")))
        if marked:
            service = Path(str(path)).parent.name
            yield f"\n`{service}/{path.name.removesuffix('.toml')}`\n\n| Line | Of | |\n|---|---|---|\n"
        for number, place, line in marked:
            short = line if len(line) <= 110 else f"{line[:40]} ... {line[-66:]}"
            yield f"| {number} | {place} | `{_cell(short)}` |\n"


def _marked(text: str) -> Iterator[tuple[int, str, str]]:
    """(line number, the table that it stands in, the line) for each line marked as unsettled."""
    place = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if head := re.match(r"\[+([a-z_.]+)\]+", line):
            place = f"`{head[1]}`"
        elif code := re.match(r'code = "(\w+)"', line):
            place += f" `{code[1]}`"
        # The line that explains the mark itself is none.
        if "[!]" in line and "[!] sources disagree" not in line:
            yield number, place, line.strip()


def _fields(part: type[BaseModel]) -> Iterator[str]:
    yield f"\n### {part.__name__}\n\n{_cell(_paragraph(part.__doc__))}\n\n| Field | Kind |\n|---|---|\n"
    for name, info in part.model_fields.items():
        yield f"| `{name}`{'' if info.is_required() else ' ?'} | {_kind(info.annotation)} |\n"


# Words for the kinds of fields


_PLAIN: Final = {
    str: "text",
    int: "number",
    bool: "yes or no",
    float: "decimal",
    type(None): "nothing",
    Any: "any",
}


def _kind(annotation: Any) -> str:
    """A type in words: ``list of text``, ``text or nothing``."""
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    origin, inner = get_origin(annotation), get_args(annotation)
    if hasattr(annotation, "__metadata__"):
        return _kind(annotation.__origin__)
    if origin in {list, tuple}:
        return f"list of {_kind(inner[0])}"
    if origin is dict:
        return "object"
    if inner and all(isinstance(each, str) for each in inner):
        return " or ".join(f"`{each}`" for each in inner)
    if inner:
        return " or ".join(dict.fromkeys(_kind(each) for each in inner))
    return str(getattr(annotation, "__name__", annotation))


def _comments(event: type) -> dict[str, str]:
    """The comment above a field in the source, by the field's name."""
    found: dict[str, str] = {}
    for parent in reversed(event.__mro__):
        if parent.__module__.startswith("setara.") and parent is not object:
            held: list[str] = []
            for line in inspect.getsource(parent).splitlines():
                text = line.strip()
                if text.startswith("#"):
                    held.append(text.lstrip("#: "))
                elif (field := re.match(r"(\w+): ", text)) and held:
                    found[field[1]] = _cell(" ".join(held))
                    held = []
                else:
                    held = []
    return found


def _paragraph(text: str | None) -> str:
    return " ".join(inspect.cleandoc(text or "").split("\n\n")[0].split())


def _first_sentence(text: str | None) -> str:
    """The first sentence of a docstring, without the marks of cross-references."""
    whole = re.sub(r":\w+:`~?([^`]+)`", r"`\1`", _paragraph(text)).replace("``", "`")
    return re.split(r"(?<=\.)\s(?=[A-Z])", whole, maxsplit=1)[0]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


PAGES: Final[dict[str, Callable[[], str]]] = {
    "events.md": events,
    "operations.md": operations,
    "commands.md": commands,
    "packs.md": packs,
}


def behind(folder: Path = FOLDER) -> list[str]:
    """The names of the pages in ``folder`` that differ from what the code says now."""
    load()
    texts = {name: (folder / name).read_text(encoding="utf-8") for name in PAGES if (folder / name).exists()}
    return [name for name, page in PAGES.items() if texts.get(name) != page()]


def table(text: str, head: str) -> dict[str, list[str]]:
    """The rows of a page's tables whose first column is called ``head``: first cell -> the other cells."""
    found: dict[str, list[str]] = {}
    inside = False
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if not line.startswith("|"):
            inside = False
        elif cells[0] == head:
            inside = True
        elif inside and not set(cells[0]) <= set("-|"):
            found[cells[0].strip("`")] = cells[1:]
    return found


def main(arguments: list[str]) -> int:
    """Write or check the pages; the exit code."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write("python -m setara.site.reference [--check]\n")
        return 2
    found = behind()
    for name in found:
        sys.stderr.write(f"docs/reference/{name} {'has fallen behind' if arguments else 'written'}\n")
        if not arguments:
            FOLDER.mkdir(parents=True, exist_ok=True)
            (FOLDER / name).write_text(PAGES[name](), encoding="utf-8")
    return 1 if arguments and found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
