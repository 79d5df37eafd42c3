"""Uploads are distrusted: only pictures drawn anew leave this module.

What comes in is named by its bytes and by decoding it, never by its file name or its content type. What
goes out is a JPEG that we encoded, or a PDF that holds nothing but such JPEGs: no metadata, no place of
recording, no script, no second file hidden behind the first. Every refusal says what can be done.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from PIL import Image, ImageCms, UnidentifiedImageError

from setara.applications import rasterise
from setara.kernel.errors import Refused
from setara.kernel.phrase import Phrase
from setara.kernel.phrase import phrase as _

MAX_BYTES = 10 * 1024 * 1024
#: Enough for an A4 page at 600 dpi and for a 50-megapixel telephone camera.
MAX_PIXELS = 52_000_000
#: Longest edge of what is kept, in pixels: an A4 page is readable at about 170 dpi.
MAX_EDGE = 2000
MAX_PAGES = 10
QUALITY = 82

#: A progressive JPEG draws the whole picture once per scan; cameras write about ten, bombs thousands.
MAX_SCANS = 64
#: Above this, pictures are decoded one at a time in each process, so that memory does not add up.
_HEAVY_PIXELS = 12_000_000
_heavy = threading.Lock()
_MAX_PROFILE = 1024 * 1024
_ORIENTATION = 0x0112
_TURN = {
    2: (Image.Transpose.FLIP_LEFT_RIGHT,),
    3: (Image.Transpose.ROTATE_180,),
    4: (Image.Transpose.FLIP_TOP_BOTTOM,),
    5: (Image.Transpose.TRANSPOSE,),
    6: (Image.Transpose.ROTATE_270,),
    7: (Image.Transpose.TRANSVERSE,),
    8: (Image.Transpose.ROTATE_90,),
}


class Kind(StrEnum):
    """The kinds of file that an applicant may hand in, by media type."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    PDF = "application/pdf"


ALL_KINDS = frozenset(Kind)
_SUFFIX = {"jpg": Kind.JPEG, "jpeg": Kind.JPEG, "png": Kind.PNG, "pdf": Kind.PDF}
_LABEL = {Kind.JPEG: "JPG", Kind.PNG: "PNG", Kind.PDF: "PDF"}


@dataclass(frozen=True, slots=True)
class CleanDocument:
    """A document that is safe to keep and to show.

    ``data`` is a JPEG (``image/jpeg``) or an image-only PDF (``application/pdf``). ``width`` and ``height``
    are pixels (of the first page), ``pages`` is 1 for a picture, ``sha256`` is the hexadecimal digest of
    ``data`` and ``original_bytes`` the length of what was handed in.
    """

    data: bytes
    mime: str
    width: int
    height: int
    pages: int
    sha256: str
    original_bytes: int


def clean(
    data: bytes,
    *,
    declared_name: str = "",
    max_bytes: int = MAX_BYTES,
    max_pixels: int = MAX_PIXELS,
    accepted: frozenset[Kind] = ALL_KINDS,
    max_edge: int = MAX_EDGE,
    max_pages: int = MAX_PAGES,
) -> CleanDocument:
    """Decode what was handed in and draw it anew.

    ``declared_name`` is used only to word a refusal. Pictures become JPEG (orientation applied, sRGB or
    grey, longest edge ``max_edge``); a PDF becomes a PDF of pictures. Raises ``Refused`` with ``field``
    "file" and one of the codes ``file_empty``, ``file_too_big``, ``file_kind``, ``file_broken``,
    ``file_too_many_pixels``, ``file_animated``, ``pdf_locked``, ``pdf_too_long``, ``pdf_too_heavy``.
    """
    if not data:
        raise _refuse("file_empty", _("Berkas ini kosong."), _("Pilih berkasnya sekali lagi."))
    if len(data) > max_bytes:
        raise _refuse(
            "file_too_big",
            _("Berkas ini terlalu besar: %(size)s MB.", size=_megabytes(len(data))),
            _("Foto lagi dengan mutu sedang, atau pindai dengan 200 dpi."),
            rule=_("Ukuran berkas paling besar %(limit)s MB.", limit=_megabytes(max_bytes)),
        )
    kind = sniff(data)
    if kind is None or kind not in accepted:
        raise _wrong_kind(declared_name, kind, accepted)
    if kind is Kind.PDF:
        pdf = _clean_pdf(data, max_edge, max_pages)
        return _document(pdf.data, Kind.PDF, pdf.width, pdf.height, pdf.pages, len(data))
    with _opened(data, kind, max_pixels) as picture:
        jpeg, width, height = _redraw(picture, max_edge)
    return _document(jpeg, Kind.JPEG, width, height, 1, len(data))


def photo(
    data: bytes,
    *,
    min_width: int = 300,
    min_height: int = 400,
    max_bytes: int = MAX_BYTES,
    max_pixels: int = MAX_PIXELS,
) -> CleanDocument:
    """Clean a file that stands for the photo taken at the office: an upright portrait, JPEG or PNG.

    The least size is a setting of the office, not law: the photo is taken at the office and public pages
    on its size contradict each other (DOMAIN §8). Raises ``Refused`` as :func:`clean` does, and with the
    codes ``photo_too_small`` and ``photo_not_portrait``.
    """
    found = clean(
        data,
        max_bytes=max_bytes,
        max_pixels=max_pixels,
        accepted=frozenset({Kind.JPEG, Kind.PNG}),
        max_edge=1200,
    )
    if found.width < min_width or found.height < min_height:
        raise _refuse(
            "photo_too_small",
            _("Foto ini terlalu kecil: %(w)s × %(h)s piksel.", w=found.width, h=found.height),
            _("Ambil foto lagi dari dekat, tanpa memperkecilnya."),
            rule=_("Foto paling kecil %(w)s × %(h)s piksel.", w=min_width, h=min_height),
        )
    if not 1.1 <= found.height / found.width <= 1.8:
        raise _refuse(
            "photo_not_portrait",
            _("Foto ini tidak tegak: %(w)s × %(h)s piksel.", w=found.width, h=found.height),
            _("Ambil foto dengan posisi tegak, wajah di tengah."),
        )
    return found


def thumbnail(document: CleanDocument, edge: int = 320) -> bytes:
    """A small JPEG of a clean picture, longest edge ``edge`` pixels; ValueError for a PDF."""
    if document.mime != Kind.JPEG:
        raise ValueError("only pictures have thumbnails")
    with Image.open(io.BytesIO(document.data), formats=("JPEG",)) as picture:
        return _redraw(picture, edge)[0]


def sniff(data: bytes) -> Kind | None:
    """The kind that the first bytes claim, or None; decoding has the last word."""
    if data.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    return Kind.PDF if data.startswith(b"%PDF-") else None


@contextlib.contextmanager
def _opened(data: bytes, kind: Kind, max_pixels: int) -> Iterator[Image.Image]:
    """The picture, opened but not decoded, after the checks of its header; decoding errors are refusals."""
    with contextlib.ExitStack() as stack:
        try:
            if kind is Kind.JPEG and data.count(b"\xff\xda") > MAX_SCANS:
                raise _broken()
            formats = ("JPEG",) if kind is Kind.JPEG else ("PNG",)
            picture = stack.enter_context(Image.open(io.BytesIO(data), formats=formats))
            pixels = picture.width * picture.height
            if pixels > max_pixels:
                raise _too_many_pixels(max_pixels)
            if kind is Kind.PNG and getattr(picture, "is_animated", False):
                raise _refuse(
                    "file_animated",
                    _("Berkas ini gambar bergerak."),
                    _("Unggah foto biasa (JPG atau PNG) dari dokumen aslinya."),
                )
            if pixels > _HEAVY_PIXELS:
                stack.enter_context(_heavy)
            yield picture
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise _too_many_pixels(max_pixels) from error
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, IndexError) as error:
            # Pillow's decoders report damage with all of these.
            raise _broken() from error


def _redraw(picture: Image.Image, max_edge: int) -> tuple[bytes, int, int]:
    """Decode, scale down, turn upright, and encode as JPEG; returns the bytes, width and height."""
    scale = min(1.0, max_edge / max(picture.size))
    target = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    profile = picture.info.get("icc_profile")
    turn = _orientation(picture)
    if scale < 1:
        picture.draft(None, target)  # JPEG: decode at 1/2, 1/4 or 1/8 where that is still large enough
    flat = _flatten(picture)
    if flat.size != target:
        flat = flat.resize(target, Image.Resampling.BILINEAR, reducing_gap=2.0)
    flat = _to_srgb(flat, profile)
    for method in turn:
        flat = flat.transpose(method)
    flat.info.clear()  # else Pillow would write the comment and the profile of the original again
    out = io.BytesIO()
    flat.save(out, "JPEG", quality=QUALITY, optimize=False, progressive=False)
    return out.getvalue(), flat.width, flat.height


def _flatten(picture: Image.Image) -> Image.Image:
    """The picture in mode L, RGB or CMYK, transparency laid on white."""
    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        white = Image.new("RGB", layer.size, "white")
        white.paste(layer, mask=layer.getchannel("A"))
        return white
    if picture.mode.startswith("I") or picture.mode == "F":  # 16-bit grey: convert() would only clip it
        return picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if picture.mode == "1":
        return picture.convert("L")
    if picture.mode in {"L", "RGB", "CMYK"}:
        picture.load()
        return picture
    return picture.convert("RGB")


def _to_srgb(flat: Image.Image, profile: object) -> Image.Image:
    """Colours as their profile means them, in sRGB; a profile that cannot be read is ignored."""
    if isinstance(profile, bytes) and 0 < len(profile) <= _MAX_PROFILE and flat.mode != "L":
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if not ImageCms.getProfileDescription(source).startswith("sRGB"):
                turned = ImageCms.profileToProfile(
                    flat, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
                )
                flat = turned if turned is not None else flat
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass
    return flat if flat.mode in {"L", "RGB"} else flat.convert("RGB")


def _orientation(picture: Image.Image) -> tuple[Image.Transpose, ...]:
    """How to turn the picture upright, from EXIF; unreadable EXIF means not at all."""
    try:
        return _TURN.get(picture.getexif().get(_ORIENTATION, 1), ())
    except Exception:  # noqa: BLE001 - EXIF is untrusted and only a hint; its parser raises many kinds
        return ()


def _clean_pdf(data: bytes, max_edge: int, max_pages: int) -> rasterise.Pages:
    try:
        return rasterise.rasterise(data, max_pages=max_pages, max_edge=max_edge, quality=QUALITY)
    except rasterise.PdfRefusedError as refused:
        why = refused.reason
    if why == "locked":
        raise _refuse(
            "pdf_locked",
            _("PDF ini dikunci dengan kata sandi."),
            _("Simpan salinannya tanpa kata sandi, atau unggah fotonya (JPG)."),
        )
    if why == "too_long":
        raise _refuse(
            "pdf_too_long",
            _("PDF ini terlalu panjang."),
            _("Unggah hanya halaman yang diminta."),
            rule=_("Satu dokumen paling banyak %(pages)s halaman.", pages=max_pages),
        )
    if why == "too_heavy":
        raise _refuse(
            "pdf_too_heavy",
            _("PDF ini terlalu berat untuk dibuka."),
            _("Foto halaman dokumennya, lalu unggah fotonya (JPG)."),
        )
    raise _broken()


def _document(data: bytes, kind: Kind, width: int, height: int, pages: int, original: int) -> CleanDocument:
    digest = hashlib.sha256(data).hexdigest()
    return CleanDocument(data, kind.value, width, height, pages, digest, original)


def _refuse(code: str, message: Phrase, remedy: Phrase, rule: Phrase | str = "") -> Refused:
    return Refused(message, code=code, rule=rule, remedy=remedy, field="file")


def _broken() -> Refused:
    return _refuse(
        "file_broken",
        _("Berkas ini rusak atau tidak lengkap, sehingga tidak dapat dibuka."),
        _("Foto atau pindai dokumennya sekali lagi, lalu unggah berkas yang baru."),
    )


def _too_many_pixels(limit: int) -> Refused:
    return _refuse(
        "file_too_many_pixels",
        _("Gambar ini terlalu besar untuk dibuka."),
        _("Foto lagi dengan mutu sedang, atau pindai dengan 200 dpi."),
        rule=_("Gambar paling besar %(limit)s megapiksel.", limit=limit // 1_000_000),
    )


def _wrong_kind(name: str, found: Kind | None, accepted: frozenset[Kind]) -> Refused:
    kinds = ", ".join(_LABEL[kind] for kind in Kind if kind in accepted)
    claimed = _SUFFIX.get(name.rpartition(".")[2].lower())
    if found is None and claimed is not None:
        message = _("Berkas ini bernama %(kind)s, tetapi isinya bukan %(kind)s.", kind=_LABEL[claimed])
    elif found is not None:
        message = _("Berkas %(kind)s tidak diterima di sini.", kind=_LABEL[found])
    else:
        message = _("Jenis berkas ini tidak diterima.")
    return _refuse(
        "file_kind",
        message,
        _("Foto dokumennya dengan telepon, lalu unggah fotonya (JPG)."),
        rule=_("Jenis berkas yang diterima: %(kinds)s.", kinds=kinds),
    )


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:.1f}".replace(".", ",")
