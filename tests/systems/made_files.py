"""Files of each kind, made by the libraries that write them; nothing is copied from anywhere."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import pikepdf
import pillow_heif
from pikepdf import Array, Dictionary, Name, String
from PIL import Image, ImageCms, PngImagePlugin

pillow_heif.register_heif_opener()

RED, BLUE = (200, 30, 30), (30, 30, 200)
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:exif="e" exif:GPSLatitude="57,0N"/></x:xmpmeta>'
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def scene(size: tuple[int, int] = (60, 40), mode: str = "RGB") -> Image.Image:
    """Red, with the upper left quarter blue: so that one sees which way up it is."""
    picture = Image.new("RGB", size, RED)
    picture.paste(BLUE, (0, 0, size[0] // 2, size[1] // 2))
    return picture.quantize(8) if mode == "P" else picture.convert(mode)


def exif(orientation: int = 1) -> bytes:
    """A phone's: its maker, which way up, and where it was."""
    tags = Image.Exif()
    tags[271], tags[274] = "Telefon", orientation
    tags.get_ifd(0x8825).update({1: "N", 2: (57.0, 12.0, 3.0)})
    return tags.tobytes()


def saved(picture: Image.Image, format: str, **how: Any) -> bytes:
    """The picture as a file, with every kind of metadata that its format takes."""
    out = io.BytesIO()
    picture.save(out, format, **how)
    return out.getvalue()


def phones(format: str, orientation: int = 1) -> bytes:
    """As a phone would have it: with GPS in EXIF and XMP, and a colour profile."""
    how: dict[str, Any] = {"exif": exif(orientation), "xmp": XMP, "icc_profile": SRGB}
    if format == "JPEG":
        how["comment"] = b"hemma"
    if format == "PNG":
        how["pnginfo"] = PngImagePlugin.PngInfo()
        how["pnginfo"].add_text("Comment", "hemma")
    return saved(scene(), format, **how)


def several(format: str, count: int = 3) -> bytes:
    """Several pictures, or pages, in one file."""
    others = [scene().rotate(90 * number, expand=False) for number in range(1, count)]
    return saved(scene(), format, save_all=True, append_images=others)


def ten_bits() -> bytes:
    """A HEIC of 10 bits a channel."""
    file = pillow_heif.from_bytes("RGB;16", (60, 40), bytes(60 * 40 * 6))
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def png_chunk(type: bytes, content: bytes = b"") -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">L4s", len(content), type) + content + struct.pack(">L", zlib.crc32(type + content))


def declared_png(width: int, height: int) -> bytes:
    """A PNG whose header declares another size than it has."""
    whole = bytearray(saved(scene(), "PNG"))
    whole[16:24] = struct.pack(">LL", width, height)
    whole[29:33] = struct.pack(">L", zlib.crc32(bytes(whole[12:29])))
    return bytes(whole)


def declared_ispe(file: bytes, width: int, height: int) -> bytes:
    """A HEIC or AVIF whose boxes declare another size than it has."""
    at = file.index(b"ispe") + 8
    return file[:at] + struct.pack(">LL", width, height) + file[at + 8 :]


def box(type: bytes, content: bytes = b"", large: bool = False) -> bytes:
    """A box of an ISO base media file."""
    size = len(content) + 8
    return (
        struct.pack(">L4sQ", 1, type, size + 8) + content
        if large
        else struct.pack(">L4s", size, type) + content
    )


def film(
    major: bytes = b"isom", compatible: bytes = b"isommp42", handler: bytes = b"vide", large: bool = False
) -> bytes:
    """The boxes of a film, with nothing to see in it."""
    track = box(b"trak", box(b"mdia", box(b"hdlr", bytes(8) + handler + bytes(13))))
    return (
        box(b"ftyp", major + bytes(4) + compatible)
        + box(b"moov", box(b"mvhd", bytes(100)) + track)
        + box(b"mdat", bytes(5000), large)
    )


def pdf(fill: Callable[[pikepdf.Pdf], None] = lambda pdf: None, **save: Any) -> bytes:
    """A PDF of two pages."""
    made = pikepdf.new()
    made.add_blank_page()
    made.add_blank_page()
    fill(made)
    out = io.BytesIO()
    made.save(out, **save)
    return out.getvalue()


def action(**entries: object) -> Dictionary:
    """An action of a PDF."""
    return Dictionary(**entries)


def on_page(**entries: object) -> Callable[[pikepdf.Pdf], None]:
    """A PDF's first page with an annotation of these entries."""

    def fill(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].Annots = Array([Dictionary(Type=Name.Annot, Rect=[0, 0, 9, 9], **entries)])

    return fill


def in_root(**entries: object) -> Callable[[pikepdf.Pdf], None]:
    """A PDF with these entries in its catalogue."""

    def fill(pdf: pikepdf.Pdf) -> None:
        for name, entry in entries.items():
            pdf.Root[f"/{name}"] = entry

    return fill


def script() -> Dictionary:
    """An action that runs a script."""
    return Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def archive() -> bytes:
    """A zip, as an Office document is one."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("word/document.xml", "<x/>")
    return out.getvalue()
