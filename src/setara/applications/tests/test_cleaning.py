"""Hostile and clumsy uploads: each is drawn anew or refused with its own code and a way on."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pypdfium2
import pytest
from PIL import Image, ImageCms, ImageDraw, ImageStat

from setara.applications import cleaning, rasterise
from setara.applications.cleaning import CleanDocument, Kind, clean
from setara.kernel import phrase
from setara.kernel.errors import Refused


def picture(size: tuple[int, int] = (120, 160), mode: str = "RGB") -> Image.Image:
    """Red above, blue below, so that turning and colours can be checked."""
    image = Image.new("RGB", size, (200, 30, 30))
    ImageDraw.Draw(image).rectangle((0, size[1] // 2, *size), fill=(30, 30, 200))
    return image.convert(mode)


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def decoded(document: CleanDocument) -> Image.Image:
    with Image.open(io.BytesIO(document.data)) as image:
        image.load()
        return image


def png_header(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that claims to be ``width`` x ``height``."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(bytes(100_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def refusal(data: bytes, **options: object) -> Refused:
    with pytest.raises(Refused) as caught:
        clean(data, **options)
    assert caught.value.field == "file"
    assert str(caught.value.message)
    assert str(caught.value.remedy)
    return caught.value


def test_a_photo_keeps_its_picture_and_loses_everything_else() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010F] = "SECRETMAKER"
    exif.get_ifd(0x8825)[1] = "S"  # a place
    data = encoded(picture(), exif=exif, comment=b"SECRETCOMMENT", xmp=b"<x>SECRETXMP</x>", quality=95)
    assert data.count(b"SECRET") == 3
    document = clean(data, declared_name="ktp.jpg")
    assert (document.mime, document.pages, document.original_bytes) == ("image/jpeg", 1, len(data))
    assert (document.width, document.height) == (160, 120)
    assert b"SECRET" not in document.data
    result = decoded(document)
    assert not result.getexif()
    assert not {"exif", "icc_profile", "xmp", "comment"} & set(result.info)
    left, right = result.getpixel((5, 60)), result.getpixel((150, 60))
    assert left[2] > 150 > left[0], "orientation 6: what was below is on the left"
    assert right[0] > 150 > right[2]


@pytest.mark.parametrize(("orientation", "corner"), [(1, "red"), (3, "blue"), (4, "blue"), (2, "red")])
def test_orientation_is_applied(orientation: int, corner: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    pixel = decoded(clean(encoded(picture(), exif=exif))).getpixel((5, 5))
    assert ("red" if pixel[0] > pixel[2] else "blue") == corner


def test_large_pictures_are_scaled_down_and_small_ones_left_alone() -> None:
    wide = clean(encoded(picture((4000, 3001)), quality=60))
    assert (wide.width, wide.height) == (2000, 1500)
    assert decoded(wide).size == (2000, 1500)
    small = clean(encoded(picture((1999, 10))))
    assert (small.width, small.height) == (1999, 10)


def test_transparency_is_laid_on_white() -> None:
    layer = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    assert decoded(clean(encoded(layer, "PNG"))).getpixel((20, 20)) == (255, 255, 255)
    palette = Image.new("P", (40, 40), 0)
    palette.putpalette([0, 0, 0, 255, 0, 0])
    assert decoded(clean(encoded(palette, "PNG", transparency=0))).getpixel((20, 20)) == (255, 255, 255)
    opaque = decoded(clean(encoded(palette, "PNG"))).getpixel((20, 20))
    assert max(opaque) < 10


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("1", "PNG"),
        ("L", "PNG"),
        ("L", "JPEG"),
        ("LA", "PNG"),
        ("P", "PNG"),
        ("CMYK", "JPEG"),
        ("RGBA", "PNG"),
    ],
)
def test_every_mode_of_picture_is_read(mode: str, kind: str) -> None:
    result = decoded(clean(encoded(picture(mode=mode), kind))).convert("RGB")
    upper, lower = (ImageStat.Stat(result.crop(box)).mean for box in ((0, 0, 120, 80), (0, 80, 120, 160)))
    assert max(abs(a - b) for a, b in zip(upper, lower, strict=True)) > 15
    assert result.size == (120, 160)


def test_sixteen_bit_grey_keeps_its_tone() -> None:
    data = encoded(Image.new("I;16", (30, 30), 128 * 256), "PNG")
    assert abs(decoded(clean(data)).getpixel((5, 5)) - 128) <= 1


def test_a_colour_profile_is_applied_and_a_broken_one_ignored() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain = clean(encoded(picture())).data
    assert clean(encoded(picture(), icc_profile=srgb)).data == plain
    assert clean(encoded(picture(), icc_profile=b"not a profile")).data == plain
    other = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert clean(encoded(picture(), icc_profile=other)).data == plain, "a profile of another space"


def test_same_bytes_in_same_bytes_out() -> None:
    data = encoded(picture())
    first = clean(data, declared_name="a.jpg")
    assert first == clean(data, declared_name="b.png")
    assert len(first.sha256) == 64


def test_a_second_file_behind_the_picture_does_not_survive() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as bundle:
        bundle.writestr("payload.html", "<script>PAYLOAD</script>")
    polyglot = encoded(picture(), comment=b"%PDF-1.7 <script>PAYLOAD") + archive.getvalue()
    assert zipfile.is_zipfile(io.BytesIO(polyglot)), "the control: it is both"
    document = clean(polyglot, declared_name="kk.jpg")
    assert b"PAYLOAD" not in document.data
    assert not zipfile.is_zipfile(io.BytesIO(document.data))


def test_a_telephone_picture_with_a_second_frame_is_a_picture() -> None:
    data = encoded(picture(), "MPO", save_all=True, append_images=[picture((60, 80))])
    assert (clean(data).width, clean(data).height) == (120, 160)


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    "data",
    [
        b"Nama: Budi\n" * 20,
        SVG,
        b"<!doctype html><script>alert(1)</script>",
        b"PK\x03\x04" + bytes(100),
        encoded(picture(), "GIF", save_all=True, append_images=[picture(mode="L")]),
        encoded(picture(), "WEBP"),
        encoded(picture(), "TIFF"),
        b"\n%PDF-1.7 not at the start",
    ],
    ids=["text", "svg", "html", "zip", "animated-gif", "webp", "tiff", "late-pdf"],
)
def test_what_is_not_accepted_is_named_by_its_content(data: bytes) -> None:
    error = refusal(data, declared_name="ktp.jpg")
    assert error.code == "file_kind"
    assert "bernama JPG" in str(error.message)
    assert "JPG, PNG, PDF" in str(error.rule)
    assert "bernama" not in str(refusal(data, declared_name="ktp.docx").message)


def test_a_kind_that_this_question_does_not_take() -> None:
    data = encoded(picture(), "PNG")
    assert clean(data, accepted=frozenset({Kind.PNG})).mime == "image/jpeg"
    error = refusal(data, accepted=frozenset({Kind.JPEG}))
    assert (error.code, str(error.rule)) == ("file_kind", "Jenis berkas yang diterima: JPG.")


def test_empty_broken_and_truncated_files() -> None:
    whole = encoded(picture((300, 300)), quality=95)
    assert clean(whole)
    assert refusal(b"").code == "file_empty"
    assert refusal(whole[: len(whole) // 2]).code == "file_broken"
    assert refusal(b"\xff\xd8\xff" + b"text that pretends" * 10).code == "file_broken"
    png = encoded(picture((300, 300)), "PNG")
    assert refusal(png[: len(png) // 2]).code == "file_broken"
    assert refusal(png[:20] + bytes(30)).code == "file_broken"
    assert refusal(b"%PDF-1.7\n" + bytes(200)).code == "file_broken"


def test_too_many_bytes_are_refused_before_decoding() -> None:
    data = encoded(picture())
    assert clean(data, max_bytes=len(data))
    error = refusal(data, max_bytes=len(data) - 1)
    assert error.code == "file_too_big"
    ten = 10 * 1024 * 1024
    assert "10,0 MB" in str(refusal(b"x" * (ten + 1)).rule)


@pytest.mark.parametrize("size", [(20_000, 10_000), (9_000, 6_000), (2**31 - 1, 2**31 - 1)])
def test_a_picture_that_swells_is_refused_from_its_header(size: tuple[int, int]) -> None:
    data = png_header(*size)
    assert len(data) < 1000
    assert refusal(data).code == "file_too_many_pixels"


def test_the_pixel_limit_is_that_of_the_call() -> None:
    data = encoded(picture((120, 160)), "PNG")
    assert clean(data, max_pixels=120 * 160)
    error = refusal(data, max_pixels=120 * 160 - 1)
    assert error.code == "file_too_many_pixels"


def test_moving_pictures_and_endless_scans_are_refused() -> None:
    moving = encoded(picture(), "PNG", save_all=True, append_images=[picture(mode="RGB").rotate(90)])
    assert refusal(moving).code == "file_animated"
    progressive = encoded(picture((64, 64)), progressive=True)
    assert clean(progressive)
    assert refusal(progressive[:-2] + b"\xff\xda\x00\x08" * 100 + b"\xff\xd9").code == "file_broken"


def test_endless_scans_are_refused_before_decoding() -> None:
    """A picture that draws itself a hundred times: any decoder takes it, and takes its time."""
    data = encoded(picture((64, 64)), progressive=True)
    last = data[data.rindex(b"\xff\xda") : -2]
    many = data[:-2] + last * 100 + b"\xff\xd9"
    with Image.open(io.BytesIO(many)) as image:
        image.load()  # the control: it is a whole picture
    assert refusal(many).code == "file_broken"
    assert clean(data[:-2] + last * 20 + b"\xff\xd9").width == 64


def pdf_with_script() -> bytes:
    """One page with a line of text, a script that runs on opening and an attached name."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert\\('PAYLOAD'\\))>>>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 400]/Contents 4 0 R"
        b"/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 300 400]/A<</S/URI/URI(http://PAYLOAD)>>>>]>>",
        b"<</Length 36>>stream\n1 0 0 rg 50 50 200 300 re f\n        \nendstream",
    ]
    body = b"%PDF-1.7\n"
    for number, text in enumerate(objects, 1):
        body += b"%d 0 obj" % number + text + b"\nendobj\n"
    return body + b"trailer<</Root 1 0 R>>\n%%EOF"


def test_a_pdf_becomes_pictures_only() -> None:
    data = pdf_with_script()
    document = clean(data, declared_name="akta.pdf")
    assert (document.mime, document.pages) == ("application/pdf", 1)
    assert (document.width, document.height) == (625, 834)  # 300 x 400 points at 150 dpi
    for word in (b"PAYLOAD", b"JavaScript", b"OpenAction", b"Annots", b"CreationDate"):
        assert word not in document.data
    pdf = pypdfium2.PdfDocument(document.data)
    pixel = pdf[0].render(scale=1).to_pil().getpixel((150, 200))
    pdf.close()
    assert max(pixel) > 200 > 60 > min(pixel), "the red square is still there"
    assert clean(data).data == document.data


def test_pages_of_a_pdf() -> None:
    sheet = picture((300, 400))
    three = encoded(sheet, "PDF", save_all=True, append_images=[sheet, sheet], resolution=72)
    assert clean(three, max_pages=3).pages == 3
    error = refusal(three, max_pages=2)
    assert (error.code, str(error.rule)) == ("pdf_too_long", "Satu dokumen paling banyak 2 halaman.")
    huge = encoded(sheet, "PDF", resolution=1)  # 300 x 400 inches
    assert max(clean(huge).width, clean(huge).height) == 2000


def test_a_locked_pdf_says_so() -> None:
    locked = (
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
        b"3 0 obj<</Filter/Standard/V 2/R 3/Length 128/P -1/O<"
        + b"00" * 32
        + b">/U<"
        + b"11" * 32
        + b">>>endobj\n"
        b"trailer<</Root 1 0 R/Encrypt 3 0 R/ID[<00><00>]>>\n%%EOF"
    )
    assert refusal(locked).code == "pdf_locked"


def test_a_pdf_that_never_ends_is_stopped() -> None:
    with pytest.raises(rasterise.PdfRefusedError) as caught:
        rasterise.rasterise(pdf_with_script(), max_pages=1, max_edge=2000, quality=82, seconds=0)
    assert caught.value.reason == "too_heavy"


def test_the_portrait_from_a_file() -> None:
    good = cleaning.photo(encoded(picture((600, 800))))
    assert (good.mime, good.width, good.height) == ("image/jpeg", 600, 800)
    for data, code in (
        (encoded(picture((200, 300))), "photo_too_small"),
        (encoded(picture((800, 600))), "photo_not_portrait"),
        (encoded(picture((400, 1600))), "photo_not_portrait"),
        (pdf_with_script(), "file_kind"),
    ):
        with pytest.raises(Refused) as caught:
            cleaning.photo(data)
        assert caught.value.code == code


def test_thumbnails_are_small_pictures() -> None:
    small = cleaning.thumbnail(clean(encoded(picture((1200, 1600)))), 200)
    with Image.open(io.BytesIO(small)) as image:
        assert image.size == (150, 200)
    with pytest.raises(ValueError, match="pictures"):
        cleaning.thumbnail(clean(pdf_with_script()))


def test_refusals_are_read_in_the_language_of_the_reader() -> None:
    error = refusal(b"x" * 11, max_bytes=10)
    assert str(error.message).startswith("Berkas ini terlalu besar")
    old = phrase.install(
        lambda msgid: {"Berkas ini terlalu besar: %(size)s MB.": "Too big: %(size)s MB."}[msgid]
    )
    try:
        assert str(error.message) == "Too big: 0,0 MB."
    finally:
        phrase.install(old)
