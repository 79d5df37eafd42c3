"""``setara ikm``, ``servqual``, ``ipa``, ``csi`` as people run them: figures, reports, refusals, their packages."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from importlib import metadata
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import polars as pl
import pypdfium2
import pytest
from packaging.requirements import Requirement

from setara.site import cli, reference
from setara.site.reference import table

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run ``setara`` in a folder of its own; exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def go(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["setara", *arguments])
        with pytest.raises(SystemExit) as left:
            cli.main()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return go


@pytest.fixture
def skm(tmp_path: Path) -> pl.DataFrame:
    """Sixty answers with one left out, saved as answers.csv with decimal commas."""
    rng = np.random.default_rng(4)
    scores = np.clip(np.round(3.1 + 0.5 * rng.normal(size=(60, 1)) + 0.5 * rng.normal(size=(60, 9))), 1, 4)
    frame = pl.DataFrame({f"U{i + 1}": scores[:, i] for i in range(9)})
    frame[0, "U9"] = None
    text = frame.select(pl.all().cast(pl.String).str.replace(".", ",", literal=True))
    text.write_csv(tmp_path / "answers.csv", separator=";")
    return frame


@pytest.fixture
def pairs(tmp_path: Path) -> pl.DataFrame:
    """Fifty answers to SERVQUAL with equal treatment, saved as pairs.csv."""
    rng = np.random.default_rng(6)
    base = rng.normal(size=(50, 1))
    p = np.clip(np.round(3.4 + 0.6 * base + 0.7 * rng.normal(size=(50, 23))), 1, 5)
    e = np.clip(np.round(4.4 + 0.4 * base + 0.5 * rng.normal(size=(50, 23))), 1, 5)
    frame = pl.DataFrame(
        {f"E{i + 1}": e[:, i] for i in range(23)} | {f"P{i + 1}": p[:, i] for i in range(23)}
    )
    frame.write_csv(tmp_path / "pairs.csv")
    return frame


def keys(name: str) -> set[str]:
    """The keys that the reference names in the table headed ``name``."""
    rows = table((reference.FOLDER / "survey-json.md").read_text(encoding="utf-8"), name)
    return {key for cell in rows for key in cell.split("`, `")}


def test_ikm_prints_the_table_and_writes_what_it_says(run: Run, skm: pl.DataFrame, tmp_path: Path) -> None:
    code, out, err = run("ikm", "answers.csv", "--json", "ikm.json", "--html", "ikm.html", "--pdf", "ikm.pdf",
                         "--office", "Kantor <Contoh>", "--period", "2026")  # fmt: skip
    assert code == 0, err
    body = json.loads((tmp_path / "ikm.json").read_text())
    assert (body["schema"], body["version"], body["seed"]) == ("setara.ikm", 1, 1)
    assert set(body) == keys("Key of ikm")
    assert all(set(one) == keys("Key of an element") for one in body["elements"].values())
    means = [skm[column].mean() for column in skm.columns]
    assert body["n"] == 60
    assert body["elements"]["U9"]["answered"] == 59
    assert body["index"] == pytest.approx(sum(means) / 9, abs=1e-12)  # type: ignore[arg-type]
    assert body["ikm"] == pytest.approx(body["index"] * 25, abs=1e-12)
    assert re.search(rf"^ikm +{body['ikm_printed']} ", out, re.MULTILINE)
    assert re.search(rf"^grade +{body['grade']} ", out, re.MULTILINE)
    assert {one["decision"] for one in body["integrity"]} <= {"clear", "attention", "not computable"}
    page = (tmp_path / "ikm.html").read_text()
    assert "Kantor &lt;Contoh&gt;" in page
    assert "Rencana tindak lanjut" in page
    assert body["ikm_printed"].replace(".", ",") in page
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org/", "")
    _well_formed(page)
    text = _pdf(tmp_path / "ikm.pdf")
    for words in (
        "Kantor <Contoh>",
        "Rencana tindak lanjut",
        "Mutu pelayanan",
        body["ikm_printed"].replace(".", ","),
    ):
        assert words in text


def test_reports_in_english_and_the_same_twice(run: Run, skm: pl.DataFrame, tmp_path: Path) -> None:
    assert run("ikm", "answers.csv", "--lang", "en", "--html", "a.html", "--pdf", "a.pdf")[0] == 0
    assert run("ikm", "answers.csv", "--lang", "en", "--pdf", "b.pdf")[0] == 0
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()
    page = (tmp_path / "a.html").read_text()
    assert "Follow-up plan" in page
    assert "Rencana tindak lanjut" not in page
    assert "Follow-up plan" in _pdf(tmp_path / "a.pdf")


def test_json_alone_on_standard_output(run: Run, skm: pl.DataFrame) -> None:
    code, out, _ = run("ikm", "answers.csv", "--json", "-")
    assert (code, json.loads(out)["n"]) == (0, 60)


def test_mapping_population_and_another_instrument(run: Run, skm: pl.DataFrame, tmp_path: Path) -> None:
    wide = json.loads(run("ikm", "answers.csv", "--json", "-")[1])["interval"]
    near = json.loads(run("ikm", "answers.csv", "--population", "70", "--json", "-")[1])["interval"]
    assert near[1] - near[0] < (wide[1] - wide[0]) / 2
    six = pl.DataFrame({f"pertanyaan {i}": [6, 5, 4, 5] for i in range(1, 6)})
    six.write_csv(tmp_path / "spak.csv")
    names = [text for i in range(1, 6) for text in ("--map", f"A{i}=pertanyaan {i}")]
    body = json.loads(run("ikm", "spak.csv", "--instrument", "spak", *names, "--json", "-")[1])
    assert (body["index"], body["ikm"], body["grade"]) == (5, pytest.approx(5 / 1.5), None)
    guessed = json.loads(run("ikm", "spak.csv", "--instrument", "spak", "--json", "-")[1])
    assert guessed["index"] == 5
    own = (files("setara.science.satisfaction") / "data" / "spak.toml").read_text("utf-8")
    own = own.replace('code = "spak"', 'code = "own"').replace("divide = 1.5", "divide = 3")
    (tmp_path / "own.toml").write_text(own)
    body = json.loads(run("ikm", "spak.csv", "--instrument", "own.toml", "--json", "-")[1])
    assert (body["instrument"]["code"], body["ikm"]) == ("own", pytest.approx(5 / 3))


def test_stuffing_stands_beside_the_index_and_can_fail_a_pipe(run: Run, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    honest = np.clip(np.round(3 + 0.5 * rng.normal(size=(200, 1)) + 0.6 * rng.normal(size=(200, 9))), 1, 4)
    stuffed = np.vstack([honest, np.full((60, 9), 4)])
    start, minute = np.datetime64("2026-03-02T08:00:00"), np.timedelta64(1, "m")
    times = np.concatenate(
        [start + 37 * minute * np.arange(200), start + 3000 * minute + minute // 4 * np.arange(60)]
    )
    for name, scores in (("honest", honest), ("stuffed", stuffed)):
        frame = pl.DataFrame({f"U{i + 1}": scores[:, i] for i in range(9)})
        frame = frame.with_columns(pl.Series("waktu", times[: len(scores)].astype("datetime64[ms]")))
        frame.write_parquet(tmp_path / f"{name}.parquet")
    assert run("ikm", "honest.parquet", "--fail-on", "integrity")[0] == 0
    code, out, _ = run("ikm", "stuffed.parquet", "--fail-on", "integrity")
    assert code == 3
    assert "respondents  260" in out  # nothing was dropped
    assert "0 need attention" not in out


def test_check_lists_traps(run: Run, tmp_path: Path) -> None:
    rows = "\n".join(f"U{i},3.500,0.11,0.385" for i in range(1, 10))
    (tmp_path / "table.csv").write_text(
        f"element,nrr,weight,weighted\n{rows}\nindex,3.465\nikm,86.63\ngrade,B\nlimits,43.75 62.50 81.25\n"
    )
    code, out, _ = run("ikm", "--check", "table.csv", "--lang", "en", "--json", "check.json")
    assert code == 0
    body = json.loads((tmp_path / "check.json").read_text())
    assert set(body) == keys("Key of ikm --check")
    assert [one["code"] for one in body["traps"]] == ["weight", "limits-2004"]
    assert all(set(one) == keys("Key of a trap") for one in body["traps"])
    assert "The IKM should be 87.50" in out
    indonesian = run("ikm", "--check", "table.csv")[1]
    assert "weight (bobot): tercetak 0,11, seharusnya 0,111111" in indonesian
    assert "IKM seharusnya 87,50" in indonesian
    assert "Dari NRR yang tercetak: indeks 3,5000, IKM 87,50" in indonesian
    for one in body["traps"]:
        assert (one["text"] in out, one["text_id"] in out) == (True, False)
        assert (one["text"] in indonesian, one["text_id"] in indonesian) == (False, True)
    assert run("ikm", "--check", "table.csv", "--fail-on", "traps")[0] == 3
    (tmp_path / "table.csv").write_text("element,nrr\nikm,86.63\ngrade,B\n")
    for lang, first in (
        ("id", "Tidak ditemukan kesalahan yang dikenal dalam apa yang tercetak di tabel."),
        ("en", "No trap was found in what the table prints."),
    ):
        code, out, _ = run("ikm", "--check", "table.csv", "--fail-on", "traps", "--lang", lang)
        assert (code, out.splitlines()[0]) == (0, first)
    assert run("ikm", "--check", "table.csv", "--lang", "fr")[0] == 2


def test_servqual_ipa_and_csi(run: Run, pairs: pl.DataFrame, tmp_path: Path) -> None:
    points = [text for name, share in (("tangibles", "30"), ("reliability", "30"), ("responsiveness", "20"),
                                       ("assurance", "10"), ("empathy", "10"))
              for text in ("--points", f"{name}={share}")]  # fmt: skip
    code, out, err = run("servqual", "pairs.csv", *points, "--json", "s.json", "--html", "s.html")
    assert code == 0, err
    body = json.loads((tmp_path / "s.json").read_text())
    assert set(body) == keys("Key of servqual")
    assert list(body["dimensions"]) == ["tangibles", "reliability", "responsiveness", "assurance", "empathy"]
    assert all(set(one) == keys("Key of a dimension") for one in body["dimensions"].values())
    first = pairs.select(
        pl.mean_horizontal(*(pl.col(f"P{i}") - pl.col(f"E{i}") for i in range(1, 5)))
    ).to_series()
    assert body["dimensions"]["tangibles"]["gap"] == pytest.approx(first.mean())
    assert body["weighted"] == pytest.approx(
        sum(body["points"][code] / 100 * one["gap"] for code, one in body["dimensions"].items())
    )
    assert body["equal_treatment"]["answered"] == 50
    assert "warning: 50 complete answers: the interval of alpha" in out
    assert "Perlakuan yang sama (dilaporkan terpisah)" in (tmp_path / "s.html").read_text()
    _well_formed((tmp_path / "s.html").read_text())

    code, out, err = run(
        "ipa", "pairs.csv", "--cut", "median", "--json", "i.json", "--html", "i.html", "--lang", "en"
    )
    assert code == 0, err
    body = json.loads((tmp_path / "i.json").read_text())
    assert set(body) == keys("Key of ipa")
    assert body["cut"]["rule"] == "median"
    assert "axes cut at the median" in out
    assert "The axes are cut at the median" in (tmp_path / "i.html").read_text()
    _well_formed((tmp_path / "i.html").read_text())

    code, out, err = run("csi", "pairs.csv", "--json", "c.json", "--html", "c.html")
    assert code == 0, err
    body = json.loads((tmp_path / "c.json").read_text())
    assert set(body) == keys("Key of csi")
    assert f"CSI {body['csi']:.2f} %" in out
    _well_formed((tmp_path / "c.html").read_text())


def test_seven_points_and_perceptions_alone(run: Run, pairs: pl.DataFrame, tmp_path: Path) -> None:
    (pairs + 2).write_csv(tmp_path / "seven.csv")
    code, _, err = run("servqual", "seven.csv")
    assert code == 2
    assert "say --scale 1-7" in err
    assert json.loads(run("servqual", "seven.csv", "--scale", "1-7", "--json", "-")[1])["scale"] == [1, 7]
    pairs.select(pl.col("^P.*$")).write_csv(tmp_path / "p.csv")
    assert "say --servperf" in run("servqual", "p.csv")[2]
    body = json.loads(run("servqual", "p.csv", "--servperf", "--json", "-")[1])
    assert (body["model"], body["dimensions"]["empathy"]["gap"]) == ("servperf", None)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_nearly_nobody_answered(run: Run, tmp_path: Path, n: int) -> None:
    head = ",".join(f"U{i}" for i in range(1, 10))
    (tmp_path / "few.csv").write_text(head + "\n" + ("3,3,3,3,3,3,3,3,4\n" * n))
    code, out, err = run(
        "ikm", "few.csv", "--json", "few.json", *(("--html", "few.html") if n == 1 else ("--pdf", "few.pdf"))
    )
    if n == 0:
        assert (code, out) == (2, "")
        assert "no respondent answered any element" in err
        assert not (tmp_path / "few.json").exists()
        return
    assert code == 0, err
    body: dict[str, Any] = json.loads((tmp_path / "few.json").read_text())
    assert (body["n"], body["interval"], body["grade"]) == (n, None, "B")
    assert "there is no interval" in out
    head = ",".join(f"{side}{i}" for side in "EP" for i in range(1, 23))
    (tmp_path / "few.csv").write_text(head + "\n" + ",".join(["4"] * 44) + "\n")
    code, out, err = run("servqual", "few.csv", "--json", "few.json", "--html", "s.html")
    assert code == 0, err
    assert json.loads((tmp_path / "few.json").read_text())["dimensions"]["empathy"]["alpha"] is None
    assert "Alpha is undefined" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ikm"], "Name a file of answers, or a published table with --check"),
        (["ikm", "answers.csv", "--check", "answers.csv"], "and not both"),
        (["ikm", "none.csv"], "There is no file none.csv"),
        (["ikm", "answers.csv", "--instrument", "skm-2018"], "There is no instrument 'skm-2018'"),
        (["ikm", "answers.csv", "--instrument", "servqual"], "use setara servqual"),
        (["servqual", "answers.csv", "--instrument", "skm-2017"], "use setara ikm"),
        (["ikm", "answers.csv", "--map", "U1"], "write it as NAME=VALUE"),
        (["ikm", "answers.csv", "--lang", "fr"], "it is id or en"),
        (["ikm", "answers.csv", "--fail-on", "grade"], "traps or integrity"),
        (["ikm", "answers.csv", "--duplicates", "some"], "refuse, first, last or keep"),
        (["ikm", "answers.csv", "--order", "alphabet"], "form or code"),
        (["ikm", "answers.csv", "--stratum", "a=few"], "no whole number"),
        (["servqual", "answers.csv", "--scale", "7"], "write it as LOW-HIGH"),
        (["servqual", "answers.csv", "--points", "empathy=much"], "no number"),
        (["ipa", "answers.csv", "--cut", "eye"], "mean, median or middle"),
        (["csi", "answers.csv"], "no column of servqual was found"),
        (["ikm", "answers.csv", "--html", "no/where.html"], "No such file or directory"),
    ],
)
def test_wrong_use_says_what_to_do(run: Run, skm: pl.DataFrame, arguments: list[str], words: str) -> None:
    code, out, err = run(*arguments)
    assert code in (1, 2)
    assert (code == 1) == ("where.html" in arguments[-1])  # the file system's refusal
    assert words in err
    assert "Traceback" not in err + out


ONLY = """
import sys
allowed = set(sys.argv.pop(1).split(","))
known = set(sys.argv.pop(1).split(","))
class Wall:
    def find_spec(self, name, path=None, target=None):
        top = name.split(".")[0]
        if top in known and top not in allowed:
            raise ModuleNotFoundError(f"{name} is not installed here", name=name)
sys.meta_path.insert(0, Wall())
from setara.site.cli import main
main()
"""


def _closure(names: list[str]) -> set[str]:
    """The distributions that ``names`` need, themselves included, in small letters with hyphens."""
    found: set[str] = set()
    todo = [Requirement(name) for name in names]
    while todo:
        one = todo.pop()
        name = re.sub(r"[-_.]+", "-", one.name).lower()
        if name in found or (one.marker and not one.marker.evaluate({"extra": ""})):
            continue
        found.add(name)
        try:
            todo += [Requirement(text) for text in metadata.requires(name) or ()]
        except metadata.PackageNotFoundError:
            found.discard(name)
    return found


@pytest.mark.slow(6)
def test_the_extra_survey_suffices(skm: pl.DataFrame, tmp_path: Path) -> None:
    """The commands run where nothing but the ground and the extra ``survey`` can be imported."""
    needed = [
        text.partition(";")[0] for text in metadata.requires("setara") or ()
        if "extra" not in text or re.search(r"extra == ['\"]survey['\"]", text)
    ]  # fmt: skip
    distributions = _closure(needed)
    assert {"polars", "reportlab", "typer"} <= distributions
    assert not {"django", "psycopg", "numba", "pandas", "statsmodels"} & distributions
    modules = metadata.packages_distributions()
    allowed = {
        module for module, names in modules.items()
        if {re.sub(r"[-_.]+", "-", name).lower() for name in names} & (distributions | {"setara"})
    }  # fmt: skip

    def walled(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", ONLY, ",".join(allowed), ",".join(modules), *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)

    done = walled("ikm", "answers.csv", "--html", "a.html", "--pdf", "a.pdf", "--json", "-")
    assert (done.returncode, json.loads(done.stdout)["n"]) == (0, 60), done.stderr
    refused = walled("db", "status")  # the wall stands: the office is not there
    assert refused.returncode == 1
    assert "is not installed" in refused.stderr


class _Nesting(HTMLParser):
    """Raises when an end tag closes something else than what was opened last."""

    VOID = ("meta", "br", "img", "link", "use")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


def _well_formed(page: str) -> None:
    reader = _Nesting()
    reader.feed(page)
    assert reader.open == []
    for svg in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        root = ElementTree.fromstring(svg)  # noqa: S314 - our own page
        assert root.attrib["aria-label"]


def _pdf(path: Path) -> str:
    document = pypdfium2.PdfDocument(path)
    return " ".join(document[i].get_textpage().get_text_bounded() for i in range(len(document)))
