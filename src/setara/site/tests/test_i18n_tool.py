"""The translation tool on a package of its own, and on ours."""

import gettext
import json
from pathlib import Path

import pytest

from setara.site import i18n


@pytest.fixture
def package(tmp_path: Path) -> Path:
    room = tmp_path / "src" / "room"
    (room / "templates").mkdir(parents=True)
    (room / "views.py").write_text(
        'from x import gettext as _, ngettext\n_("Antrean")\nngettext("%(n)d orang", "%(n)d orang", 2)\n'
    )
    (room / "templates" / "a.html").write_text(
        "{% load i18n %}<div>\n      {% translate 'Loket buka' %}\n  {% tile _('Menunggu') 3 %}"
        "{% blocktranslate with n=1 %}Langkah {{ n }}{% endblocktranslate %}</div>"
    )
    return tmp_path / "src"


ENGLISH = {
    "Antrean": "Queue",
    "%(n)d orang": ["%(n)d person", "%(n)d people"],
    "Loket buka": "Counter open",
    "Menunggu": "Waiting",
    "Langkah %(n)s": "Step %(n)s",
}


def test_extract_translate_check(package: Path, tmp_path: Path) -> None:
    po = tmp_path / "django.po"
    assert set(i18n.todo(package, po)) == set(ENGLISH)
    assert i18n.update(package, po) == []
    assert {p.split(":")[0] for p in i18n.problems(package, po)} == {"untranslated"}

    assert i18n.update(package, po, ENGLISH) == []
    assert i18n.problems(package, po) == []
    with po.with_suffix(".mo").open("rb") as file:
        read = gettext.GNUTranslations(file)
    assert read.gettext("Langkah %(n)s") == "Step %(n)s"
    assert [read.ngettext("%(n)d orang", "%(n)d orang", n) for n in (1, 2)] == [
        "%(n)d person",
        "%(n)d people",
    ]

    # The same work again changes no byte.
    before = po.read_bytes(), po.with_suffix(".mo").read_bytes()
    i18n.update(package, po)
    assert (po.read_bytes(), po.with_suffix(".mo").read_bytes()) == before


def test_check_finds_each_kind_of_trouble(package: Path, tmp_path: Path) -> None:
    po = tmp_path / "django.po"
    i18n.update(package, po, ENGLISH)
    views = package / "room" / "views.py"
    old = views.read_text()

    views.write_text(old.replace("Antrean", "Urutan"))
    assert sorted(i18n.problems(package, po)) == [
        "missing (run extract): Urutan",
        "obsolete (run extract): Antrean",
    ]
    i18n.update(package, po)
    assert i18n.problems(package, po) == ["untranslated: Urutan"]
    # A msgid that comes back finds its translation again.
    views.write_text(old)
    i18n.update(package, po)
    assert i18n.problems(package, po) == []

    po.with_suffix(".mo").write_bytes(b"old")
    assert i18n.problems(package, po) == ["the .mo is not that of the .po (run compile)"]
    text = po.read_text()
    po.write_text(text.replace('msgid "Antrean"', '#, fuzzy\nmsgid "Antrean"'))
    assert "fuzzy: Antrean" in i18n.problems(package, po)


def test_a_text_that_does_not_fit_is_refused(package: Path, tmp_path: Path) -> None:
    po = tmp_path / "django.po"
    refused = i18n.update(
        package,
        po,
        {"Langkah %(n)s": "Step %(step)s", "%(n)d orang": "people", "Tidak ada": "None", "Antrean": "Queue"},
    )
    assert [r.split(":")[0] for r in refused] == [
        "has a place that the msgid has not",
        "needs a list of two forms",
        "not in the sources",
    ]
    assert "Antrean" not in i18n.todo(package, po)


def test_command_line_prints_json_that_it_reads_back(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    po = tmp_path / "django.po"
    for name in ("update", "problems", "todo"):  # the same functions, on the package of this test
        function = getattr(i18n, name)
        monkeypatch.setattr(function, "__defaults__", (package, po, *function.__defaults__[2:]))
    assert i18n.main(["todo"]) == 0
    asked = json.loads(capsys.readouterr().out)
    assert asked["%(n)d orang"] == ["", ""]
    assert i18n.main(["todo", "room/templates"]) == 0
    assert "Antrean" not in json.loads(capsys.readouterr().out)
    file = tmp_path / "en.json"
    file.write_text(json.dumps(asked | {"Antrean": "Queue"}))
    assert i18n.main(["translate", str(file)]) == 0
    assert i18n.main(["check"]) == 1
    assert "untranslated: Menunggu" in capsys.readouterr().err
    file.write_text(json.dumps(ENGLISH))
    assert i18n.main(["translate", str(file)]) == 0
    assert i18n.main(["check"]) == 0


def test_our_own_english_is_whole() -> None:
    assert i18n.problems() == []
