"""Translations without GNU gettext: ``python -m setara.site.i18n extract|todo|translate|compile|check``.

The msgids are Indonesian, in Python (``_("…")``, ``gettext_lazy``, ``phrase``, ``ngettext`` …) and in
templates. There is one translation, English, in ``locale/en/LC_MESSAGES/django.po``.

* ``extract``: read all msgids into the .po; translations stay, those no longer used are kept as ``#~``.
* ``todo [ROOM]``: print what still needs English, as JSON to fill in; ``translate FILE.json`` takes it back.
* ``compile``: write the .mo that the office reads. ``extract`` and ``translate`` do it too.
* ``check``: exit 1 and say why, if a msgid has no English or the .mo is not that of the .po.

Babel is needed (it is with the test requirements), the running office does not need it.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import re
import struct
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog, Message

PACKAGE: Final = Path(__file__).resolve().parent.parent
PO: Final = PACKAGE / "locale" / "en" / "LC_MESSAGES" / "django.po"
KEYWORDS: Final = {
    "_": None,
    "phrase": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
#: What identifies a message: its context and its (singular) msgid.
Key = tuple[str | None, str]


def _key(message: Message) -> Key:
    ident = message.id
    return message.context, ident if isinstance(ident, str) else ident[0]


def _sources(package: Path) -> Iterator[tuple[Path, bytes]]:
    """Every Python file and template of the package, as Python that Babel can read."""
    from django.utils.translation.template import templatize

    for path in sorted(package.rglob("*")):
        parts = path.relative_to(package).parts
        if "tests" in parts or "migrations" in parts:
            continue
        if path.suffix == ".py":
            yield path, path.read_bytes()
        elif "templates" in parts and path.suffix in {".html", ".txt"}:
            code = templatize(path.read_text(encoding="utf-8"), origin=str(path))
            # Blanked-out markup keeps its indentation, which Python would not accept.
            yield path, "\n".join(line.lstrip() for line in code.splitlines()).encode()


def read_sources(package: Path = PACKAGE) -> Catalog:
    """All msgids of the package, untranslated, with the files they are in."""
    from babel.messages.catalog import Catalog
    from babel.messages.extract import extract

    found = Catalog(locale="en")
    for path, code in _sources(package):
        place = path.relative_to(package).as_posix()
        for _line, ident, _comments, context in extract("python", BytesIO(code), KEYWORDS, ["Translators:"]):
            if ident and (ident if isinstance(ident, str) else ident[0]):
                found.add(ident, context=context, locations=[(place, 1)])
    return found


def read_po(path: Path = PO) -> Catalog:
    """The catalogue as stored (empty if there is none yet)."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po as read

    if not path.exists():
        return Catalog(locale="en")
    with path.open("rb") as file:
        return read(file, locale="en", abort_invalid=True)


def merge(found: Catalog, stored: Catalog) -> Catalog:
    """The msgids of ``found`` with the translations of ``stored``; what is not used any more, obsolete."""
    from babel.messages.catalog import Catalog

    merged = Catalog(
        locale="en",
        domain="django",
        language_team="English",
        fuzzy=False,
        header_comment="# English for the interface of Setara. The msgids are Indonesian.",
    )
    known = {_key(m): m for m in [*stored.obsolete.values(), *stored] if m.id}
    for message in found:
        if not message.id:
            continue
        old = known.pop(_key(message), None)
        text = old.string if old and old.pluralizable == message.pluralizable else None
        flags = {"fuzzy"} if old and old.fuzzy else set()
        flags |= {f for f in message.flags if f == "python-format"}
        merged.add(message.id, text, context=message.context, locations=message.locations, flags=flags)
    for key, message in known.items():
        if _translated(message):
            message.locations = []
            merged.obsolete[f"{key[0] or ''}\x04{key[1]}"] = message
    return merged


def _translated(message: Message) -> bool:
    return all(_texts(message))


def _texts(message: Message) -> list[str]:
    """The translation: one text, or one for each plural form."""
    return [message.string] if isinstance(message.string, str) else list(message.string or [""])


def write_po(catalog: Catalog, path: Path = PO) -> None:
    """Store the catalogue sorted by msgid, so that two people's additions seldom touch the same line."""
    from babel.messages.pofile import write_po as write

    out = BytesIO()
    write(out, catalog, width=0, sort_output=True, include_lineno=False)
    text = re.sub(rb"^#: .*\n", _sort_places, out.getvalue(), flags=re.MULTILINE)
    # What says nothing about the texts, or changes with the version of Babel, stays out.
    text = re.sub(
        rb'^"(?:Project-Id|Report-Msgid|POT-|PO-Rev|Last-Tr|Generated)[^\n]*\n', b"", text, flags=re.MULTILINE
    )
    _replace(path, text)


def _sort_places(line: re.Match[bytes]) -> bytes:
    places = sorted(set(line.group().split()[1:]))
    return b"#: " + b" ".join(places) + b"\n"


def compiled(catalog: Catalog) -> bytes:
    """The .mo of a catalogue: the same bytes for the same texts, whatever the version of Babel.

    Format: GNU gettext manual, "The Format of GNU MO Files" (little-endian, sorted, no hash table).
    """
    head = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n"
    texts = {"": head}
    for message in catalog:
        if message.id and not message.fuzzy and _translated(message):
            ident = message.id if isinstance(message.id, str) else "\0".join(message.id)
            context = f"{message.context}\x04" if message.context else ""
            texts[context + ident] = "\0".join(_texts(message))
    pairs = sorted((k.encode(), v.encode()) for k, v in texts.items())
    start, body = 28 + 16 * len(pairs), b""
    tables = []
    for column in (0, 1):
        for pair in pairs:
            tables.append(struct.pack("<II", len(pair[column]), start + len(body)))
            body += pair[column] + b"\0"
    counts = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, start)
    return counts + b"".join(tables) + body


def _replace(path: Path, content: bytes) -> None:
    """Write a file in one step: nobody ever reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.write_bytes(content)
    new.replace(path)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Only one process at a time reads, changes and writes the catalogue."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # The folder itself is locked: a lock file would lie about in the repository.
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def update(
    package: Path = PACKAGE, path: Path = PO, texts: dict[str, str | list[str]] | None = None
) -> list[str]:
    """Extract, add ``texts`` (msgid -> English; a list for plural forms), write .po and .mo.

    Returns what could not be used: msgids that are not in the sources, texts whose places differ.
    """
    refused = []
    with _alone(path):
        catalog = merge(read_sources(package), read_po(path))
        for ident, text in (texts or {}).items():
            targets = [m for m in catalog if m.id and _key(m)[1] == ident]
            if not targets:
                refused.append(f"not in the sources: {ident}")
            for message in targets:
                wrong = _misfit(message, text)
                if wrong:
                    refused.append(f"{wrong}: {ident}")
                    continue
                message.string = text if isinstance(text, str) else tuple(text)
                message.flags.discard("fuzzy")
        write_po(catalog, path)
        # As read back, so that check, which reads the file, compares like with like.
        _replace(path.with_suffix(".mo"), compiled(read_po(path)))
    return refused


_PLACE: Final = re.compile(r"%\((\w+)\)[a-z]")


def _misfit(message: Message, text: str | list[str]) -> str:
    """Why this text cannot be the message's English ("" when it can)."""
    if message.pluralizable != isinstance(text, list) or (isinstance(text, list) and len(text) != 2):
        return "needs a list of two forms" if message.pluralizable else "needs one text"
    idents = [message.id] if isinstance(message.id, str) else list(message.id)
    wanted = {name for ident in idents for name in _PLACE.findall(ident)}
    for one in [text] if isinstance(text, str) else text:
        if not set(_PLACE.findall(one)) <= wanted:
            return "has a place that the msgid has not"
    if isinstance(text, str) and set(_PLACE.findall(text)) != wanted:
        return "has other places than the msgid"
    return ""


def problems(package: Path = PACKAGE, path: Path = PO) -> list[str]:
    """Everything that keeps the English interface from being whole; empty when it is."""
    stored = read_po(path)
    have = {_key(m): m for m in stored if m.id}
    want = {_key(m): m for m in read_sources(package) if m.id}
    found = [f"missing (run extract): {key[1]}" for key in want if key not in have]
    found += [f"obsolete (run extract): {key[1]}" for key in have if key not in want]
    for key, message in have.items():
        if message.fuzzy:
            found.append(f"fuzzy: {key[1]}")
        elif not _translated(message):
            found.append(f"untranslated: {key[1]}")
        elif key in want:
            text = _texts(message) if message.pluralizable else _texts(message)[0]
            if wrong := _misfit(message, text):
                found.append(f"{wrong}: {key[1]}")
    mo = path.with_suffix(".mo")
    if not mo.exists() or mo.read_bytes() != compiled(stored):
        found.append("the .mo is not that of the .po (run compile)")
    return found


def todo(package: Path = PACKAGE, path: Path = PO, under: str = "") -> dict[str, str | list[str]]:
    """msgids without English (only those in files below ``under``), in the shape that ``translate`` reads."""
    return {
        _key(m)[1]: ["", ""] if m.pluralizable else ""
        for m in merge(read_sources(package), read_po(path))
        if m.id
        and (m.fuzzy or not _translated(m))
        and any(place.startswith(under) for place, _line in m.locations)
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m setara.site.i18n", description=__doc__.splitlines()[0])
    parser.add_argument("do", choices=["extract", "todo", "translate", "compile", "check"])
    parser.add_argument(
        "what", nargs="?", default="", help="translate: JSON file; todo: a room, e.g. queueing"
    )
    options = parser.parse_args(arguments)
    lines: list[str] = []
    if options.do == "todo":
        sys.stdout.write(json.dumps(todo(under=options.what), ensure_ascii=False, indent=1) + "\n")
    elif options.do == "check":
        lines = problems()
    elif options.do == "compile":
        with _alone(PO):
            _replace(PO.with_suffix(".mo"), compiled(read_po()))
    else:
        texts = None
        if options.do == "translate":
            if not options.what:
                parser.error("translate needs a JSON file")
            given = json.loads(Path(options.what).read_text(encoding="utf-8"))
            texts = {ident: text for ident, text in given.items() if text and all(text)}
        lines = update(texts=texts)
    sys.stderr.writelines(f"{line}\n" for line in lines)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
