"""The template tags: what they print, and that a mistake is loud."""

import re
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django import forms
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils import translation

from setara.kernel.errors import Refused
from setara.site import drawing

MOMENT = datetime(2026, 3, 3, 2, 40, tzinfo=UTC)


def show(source: str, **context: object) -> str:
    return Template("{% load i18n setara %}" + source).render(Context(context))


class Sample(forms.Form):
    nik = forms.CharField(label="NIK", help_text="16 angka")
    kind = forms.ChoiceField(
        label="Jenis?", choices=[("a", "Baru"), ("b", "Ganti")], widget=forms.RadioSelect
    )
    note = forms.CharField(label="Catatan", required=False)


@pytest.mark.parametrize(
    ("lang", "source", "expected"),
    [
        ("id", "{{ 650000|rupiah }}", "Rp650.000"),
        ("id", "{{ none|rupiah }}", ""),
        ("id", "{{ m|when:office }}", "Selasa, 3 Maret 2026, pukul 11.40 WIT"),
        ("en", "{{ m|when:office }}", "Tuesday, 3 March 2026, 11:40 WIT"),
        ("id", "{{ m|when }}", "Selasa, 3 Maret 2026, pukul 09.40 WIB"),
        ("id", "{{ d|day }}", "Selasa, 3 Maret 2026"),
        ("id", "{{ late|day:office }}", "Rabu, 4 Maret 2026"),
        ("id", "{{ m|clock:office }}", "11.40"),
        ("en", "{{ m|clock:office }}", "11:40"),
        ("id", "{{ 65|minutes }}", "1 jam 5 menit"),
        ("en", "{{ 65|minutes }}", "1 hour 5 minutes"),
        ("id", "{{ 0|minutes }}", "0 menit"),
        ("id", "{{ span|minutes }}", "2 jam"),
    ],
)
def test_formats(lang: str, source: str, expected: str) -> None:
    context = {
        "m": MOMENT,
        "d": date(2026, 3, 3),
        "late": datetime(2026, 3, 3, 16, 0, tzinfo=UTC),
        "span": timedelta(hours=2),
        "office": SimpleNamespace(zone="WIT"),
        "none": None,
    }
    with translation.override(lang):
        assert show(source, **context) == expected


def test_once_gives_a_fresh_key_each_time() -> None:
    keys = re.findall(r'name="idempotency_key" value="([0-9a-f-]{36})"', show("{% once %}{% once %}"))
    assert len(set(keys)) == 2


def test_icons_are_all_drawn_and_a_wrong_name_is_an_error() -> None:
    assert len(drawing.icons()) >= 20
    assert 'aria-hidden="true"' in show('{% icon "check" %}')
    assert 'aria-label="Selesai"' in show('{% icon "check" "Selesai" %}')
    with pytest.raises(KeyError):
        show('{% icon "chekc" %}')
    with pytest.raises(TemplateSyntaxError):
        show("{% tile label='x' valeu=1 %}")


def test_qr_is_the_code_that_segno_makes() -> None:
    import segno

    svg = show("{% qr data 'Judul' '<b>' %}", data="https://contoh.example/t/1")
    assert "style=" not in svg
    assert "<title>Judul</title><desc>&lt;b&gt;</desc>" in svg
    size = int(re.search(r'viewBox="0 0 (\d+)', svg)[1])
    dark = {
        (int(x) + i, int(y))
        for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1", svg)
        for i in range(int(width))
    }
    matrix = segno.make("https://contoh.example/t/1", error="m", micro=False).matrix
    assert size == len(matrix) + 8
    assert dark == {(x + 4, y + 4) for y, row in enumerate(matrix) for x, bit in enumerate(row) if bit}


def test_field_ties_hint_and_error_to_the_input() -> None:
    good = show("{% field f.nik %}", f=Sample())
    assert 'aria-describedby="id_nik_hint"' in good
    assert "aria-invalid" not in good
    form = Sample({"nik": "", "note": "<i>"})
    bad = show("{% field f.nik %}", f=form)
    assert 'aria-describedby="id_nik_hint id_nik_error"' in bad
    assert 'aria-invalid="true"' in bad
    assert 'id="id_nik_error"' in bad
    kept = show("{% field f.note %}", f=form)
    assert "&lt;i&gt;" in kept
    assert "(boleh dikosongkan)" in kept


def test_question_makes_its_label_the_heading() -> None:
    assert re.search(r"<legend><h1>Jenis\?</h1>\s*</legend>", show("{% question f.kind %}", f=Sample()))
    assert '<h1><label for="id_nik">NIK</label></h1>' in show("{% question f.nik %}", f=Sample())
    wrong = show("{% question f.kind %}", f=Sample({}))
    assert '<fieldset aria-describedby="id_kind_error">' in wrong
    assert wrong.count('type="radio"') == 2


def test_error_summary_links_each_error_to_its_field() -> None:
    form = Sample({"nik": ""})
    form.add_error(None, "Keduanya kosong.")
    text = show("{% error_summary f %}", f=form)
    assert re.findall(r'href="#(\w+)"', text) == ["id_nik", "id_kind_0"]
    assert "<li>Keduanya kosong.</li>" in text
    assert show("{% error_summary f %}", f=Sample({"nik": "1", "kind": "a"})).strip() == ""


def test_refusal_says_rule_and_way_out() -> None:
    error = Refused("Sudah dipanggil.", rule="Satu nomor satu panggilan.", remedy="Pilih nomor lain.")
    text = show("{% refusal e %}", e=error)
    assert all(
        part in text for part in ("Sudah dipanggil.", "Satu nomor satu panggilan.", "Pilih nomor lain.")
    )
    linked = show("{% refusal 'Tidak' now=now %}", now=[("/a", "Buka meja"), "Tunggu"])
    assert '<a href="/a">Buka meja</a>' in linked
    assert "<li>Tunggu</li>" in linked
    assert "Aturannya" not in linked


def test_blocks_keep_their_body_and_escape_the_rest() -> None:
    text = show("{% notice 'warning' t %}<p>{{ t }}</p>{% endnotice %}", t="<x>")
    assert text.count("&lt;x&gt;") == 2
    with pytest.raises(KeyError):
        show("{% notice 'warnign' %}{% endnotice %}")
    form = show(
        "{% confirm '/batal' 'Batal?' 'Ya' kind='danger' cancel_url='/' %}<p>isi</p>{% endconfirm %}",
        csrf_token="token",
    )
    assert 'value="token"' in form
    assert "idempotency_key" in form
    assert 'class="button button-danger"' in form


def test_table_and_live() -> None:
    text = show("{% data_table 'Hari ini' c r numeric='2' %}", c=["Jalur", "Jumlah"], r=[("Umum", 3)])
    assert '<th scope="row">Umum</th><td class="num">3</td>' in text
    assert "<caption>Hari ini</caption>" in text
    live = show(
        "{% live '/isi' live_url=':9000/b' sound=True %}x{% endlive %}",
        request=RequestFactory().get("/papan"),
    )
    assert 'data-poll-url="/isi"' in live
    assert '<a href="/papan">' in live
    assert "data-live-sound" in live
