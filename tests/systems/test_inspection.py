"""What a file is, whatever it is called, and what is found in it (policy-bild-1, policy-bild-3)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import get_args

import made_files as made
import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, String

from routine.figures import FileKind
from systems.found import MARKS, Inspected, Limits, Scan
from systems.inspection import FILMS, Inspection
from systems.pictures import KINDS

LIMITS = Limits(held_bytes=2_000_000)
JPEG, PDF = made.phones("JPEG"), made.pdf()


def inspected(file: bytes, limits: Limits = LIMITS, piece: int = 1000) -> Inspected:
    inspection = Inspection(limits, None)
    for at in range(0, len(file), piece):
        inspection.feed(file[at : at + piece])
    return inspection.finish()


def found(file: bytes) -> tuple[str | None, int | None, tuple[str, ...]]:
    seen = inspected(file)
    return seen.kind, seen.pictures, seen.marks


KEPT = [
    ("a phone's JPEG", JPEG, "image/jpeg", 1),
    ("a JPEG with a second picture", made.several("MPO", 2), "image/jpeg", 2),
    ("a JPEG in CMYK", made.saved(made.scene(mode="CMYK"), "JPEG"), "image/jpeg", 1),
    ("a progressive JPEG", made.saved(made.scene(), "JPEG", progressive=True), "image/jpeg", 1),
    ("PNG", made.phones("PNG"), "image/png", 1),
    ("PNG of 16 bits", made.saved(made.scene(mode="L").convert("I;16"), "PNG"), "image/png", 1),
    ("PNG that moves", made.several("PNG"), "image/png", 3),
    ("WebP", made.phones("WEBP"), "image/webp", 1),
    ("WebP without loss", made.saved(made.scene(), "WEBP", lossless=True), "image/webp", 1),
    ("WebP that moves", made.several("WEBP"), "image/webp", 3),
    ("AVIF", made.phones("AVIF"), "image/avif", 1),
    ("AVIF that moves", made.several("AVIF"), "image/avif", 3),
    ("HEIC", made.phones("HEIF"), "image/heic", 1),
    ("HEIC of 10 bits", made.ten_bits(), "image/heic", 1),
    ("HEIC of several pictures", made.several("HEIF"), "image/heic", 3),
    ("HEIF of no codec's brand", made.phones("HEIF").replace(b"heic", b"mif1", 2), "image/heif", 1),
    ("TIFF", made.phones("TIFF"), "image/tiff", 1),
    ("TIFF of several pages", made.several("TIFF"), "image/tiff", 3),
    ("BigTIFF", made.saved(made.scene(), "TIFF", big_tiff=True), "image/tiff", 1),
    ("GIF", made.saved(made.scene(), "GIF"), "image/gif", 1),
    ("GIF that moves", made.several("GIF"), "image/gif", 3),
    ("PDF", PDF, "application/pdf", 2),
    ("PDF with junk before it", b"%!\n" + b"x" * 900 + PDF, "application/pdf", 2),
    ("PDF that opens at a page", made.pdf(lambda pdf: made.in_root(OpenAction=Array([pdf.pages[1].obj, Name.Fit]))(pdf)), "application/pdf", 2),
    ("PDF with a link to the web", made.pdf(made.on_page(A=made.action(S=Name.URI, URI=String("https://www.1177.se/")))), "application/pdf", 2),
    ("MP4", made.film(), "video/mp4", None),
    ("MP4 with a long header", made.film(large=True), "video/mp4", None),
    ("MP4 by a phone's own brand", made.film(b"3gp4", b"isom3gp4"), "video/mp4", None),
    ("MOV", made.film(b"qt  ", b"qt  "), "video/quicktime", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "kind", "pictures"), [row[1:] for row in KEPT], ids=[row[0] for row in KEPT]
)
def test_policy_bild_1_a_file_is_what_its_decoder_finds(file: bytes, kind: str, pictures: int | None) -> None:
    assert found(file) == (kind, pictures, ())


NOTHING = [
    ("empty", b""),
    ("text", b"Hej hej\n" * 500),
    ("SVG", b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'),
    ("a page", b"<!doctype html><script>alert(1)</script>"),
    ("an archive, as Office has it", made.archive()),
    ("a bitmap, which is not listed", made.saved(made.scene(), "BMP")),
    ("JPEG 2000", made.saved(made.scene(), "JPEG2000")),
    ("PostScript", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"),
    ("only how a JPEG begins", b"\xff\xd8\xff\xe0" + b"hej " * 50),
    ("only how a GIF begins", b"GIF89a=1;alert(1)"),
    ("only how a PNG begins", b"\x89PNG\r\n\x1a\n" + bytes(40)),
    ("only how a PDF begins", b"%PDF-1.7\n" + b"hej " * 50),
    ("PDF with too much before it", b"x" * 1100 + PDF),
    ("sound in an MP4", made.film(b"M4A ", b"isommp42", b"soun")),
    ("an MP4 without a track", made.box(b"ftyp", b"isom" + bytes(4)) + made.box(b"mdat", bytes(99))),
    ("only how a film begins", made.box(b"ftyp", b"isom" + bytes(4)) + b"hej " * 50),
    ("only how a HEIC begins", made.box(b"ftyp", b"heic" + bytes(4)) + b"hej " * 50),
]


@pytest.mark.parametrize("file", [row[1] for row in NOTHING], ids=[row[0] for row in NOTHING])
def test_policy_bild_1_what_is_no_picture_pdf_or_film_is_of_no_kind(file: bytes) -> None:
    assert found(file) == (None, None, ())


def attached(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["svar.exe"] = b"MZ"


LOCKED = pikepdf.Encryption(user="hemligt", owner="mer")
IN_PDF = [
    ("a script when it opens", made.in_root(OpenAction=made.script()), ("script",)),
    ("a script for a page", lambda pdf: setattr(pdf.pages[0], "AA", Dictionary(O=made.script())), ("script",)),
    ("a script by name", made.in_root(Names=Dictionary(JavaScript=Dictionary(Names=["x", made.script()]))), ("script",)),
    ("a script of a field", made.on_page(Subtype=Name.Widget, AA=Dictionary(K=made.script())), ("script",)),
    ("a script after an action", made.on_page(A=made.action(S=Name.GoTo, D="x", Next=made.script())), ("script",)),
    ("an attached file", attached, ("attached_file",)),
    ("an annotation with a file", made.on_page(Subtype=Name.FileAttachment), ("attached_file",)),
    ("a portfolio", made.in_root(Collection=Dictionary()), ("attached_file",)),
    ("a program to start", made.on_page(A=made.action(S=Name.Launch, F="cmd.exe")), ("leads_out",)),
    ("a link to a file", made.on_page(A=made.action(S=Name.URI, URI=String("file:///c:/x"))), ("leads_out",)),
    ("a link to a share", made.on_page(A=made.action(S=Name.URI, URI=String(r"\\host\share"))), ("leads_out",)),
    ("a form that is sent", made.on_page(A=made.action(S=Name.SubmitForm, F="https://x.example")), ("leads_out",)),
    ("another document", made.on_page(A=made.action(S=Name.GoToR, F="x.pdf")), ("leads_out",)),
    ("a form in XML", made.in_root(AcroForm=Dictionary(XFA=String("<x/>"))), ("form",)),
    ("two of them", lambda pdf: (attached(pdf), made.in_root(OpenAction=made.script())(pdf)), ("attached_file", "script")),
]  # fmt: skip


@pytest.mark.parametrize(("fill", "marks"), [row[1:] for row in IN_PDF], ids=[row[0] for row in IN_PDF])
def test_policy_bild_3_what_may_act_in_a_pdf_is_marked(
    fill: Callable[[pikepdf.Pdf], None], marks: tuple[str, ...]
) -> None:
    packed = made.pdf(fill, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    assert found(made.pdf(fill)) == found(packed) == ("application/pdf", 2, marks)


def test_policy_bild_3_an_encrypted_pdf_is_marked_and_told_of_whether_it_opens_or_not() -> None:
    assert found(made.pdf(encryption=LOCKED)) == ("application/pdf", None, ("encrypted",))
    open_to_all = pikepdf.Encryption(user="", owner="mer")
    assert found(made.pdf(encryption=open_to_all)) == ("application/pdf", 2, ("encrypted",))


def test_policy_bild_3_a_script_is_seen_whichever_way_its_name_is_spelt_and_whatever_leads_to_it() -> None:
    spelt = (
        made.pdf(made.in_root(Old=made.script()))
        .replace(b"/JavaScript", b"/J#61vaScript")
        .replace(b"/JS", b"/#4aS")
    )
    assert b"/JS" not in spelt
    assert "script" in found(spelt)[2]


CUT = [
    (format, made.phones(format), kind)
    for format, kind in (
        ("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp"), ("AVIF", "image/avif"),
        ("HEIF", "image/heic"), ("TIFF", "image/tiff"),
    )
] + [
    ("TIFF with its directory last", made.saved(made.scene(), "TIFF", compression="tiff_deflate"), "image/tiff"),
    ("BigTIFF with its directory last", made.saved(made.scene(), "TIFF", compression="tiff_lzw", big_tiff=True), "image/tiff"),
    ("GIF", made.saved(made.scene(), "GIF"), "image/gif"),
    ("second picture", made.several("MPO", 2), "image/jpeg"),
    ("MP4", made.film(), "video/mp4"),
    ("MOV", made.film(b"qt  ", b"qt  "), "video/quicktime"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "kind"), [row[1:] for row in CUT], ids=[row[0] for row in CUT])
def test_policy_bild_3_what_has_lost_its_end_is_kept_and_marked(file: bytes, kind: str) -> None:
    for lost in (1, 20, len(file) // 20):
        seen = inspected(file[:-lost])
        assert (seen.kind, seen.marks) == (kind, ("cut_short",)), lost


def test_policy_bild_3_a_pdf_that_has_lost_its_end_is_kept_and_marked() -> None:
    assert found(PDF[:-20]) == ("application/pdf", 2, ("cut_short", "damaged"))


LARGE = [
    ("PNG", made.declared_png(40_000, 40_000), "image/png"),
    ("HEIC", made.declared_ispe(made.phones("HEIF"), 40_000, 40_000), "image/heic"),
    ("AVIF", made.declared_ispe(made.phones("AVIF"), 40_000, 40_000), "image/avif"),
]


@pytest.mark.parametrize(("file", "kind"), [row[1:] for row in LARGE], ids=[row[0] for row in LARGE])
def test_policy_bild_3_pixels_are_counted_before_they_are_decoded(file: bytes, kind: str) -> None:
    seen = inspected(file)
    assert (seen.kind, seen.pixels, seen.marks) == (kind, 1_600_000_000, ("too_many_pixels",))


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF", "TIFF", "GIF"])
def test_policy_bild_3_the_largest_picture_counts_and_the_last_that_is_taken(format: str) -> None:
    file = made.saved(made.scene((64, 64)), format)
    assert inspected(file, Limits(most_pixels=4096)).marks == ()
    assert inspected(file, Limits(most_pixels=4095)).marks == ("too_many_pixels",)


def test_policy_bild_3_the_largest_page_counts() -> None:
    pages = made.saved(made.scene((8, 8)), "TIFF", save_all=True, append_images=[made.scene((50, 50))])
    assert inspected(pages).pixels == 2500


def test_policy_bild_3_more_pictures_than_a_thousand_are_not_counted() -> None:
    many = made.saved(made.scene((1, 1)), "GIF")
    head, frame = many[: many.index(b",")], many[many.index(b",") : -1]
    assert found(head + frame * 1000 + b";") == ("image/gif", 1000, ())
    assert found(head + frame * 5000 + b";") == ("image/gif", 1001, ("too_many_pictures",))


SLOW = [
    ("PNG of many chunks", made.phones("PNG")[:33] + made.png_chunk(b"teXt") * 50_001 + made.phones("PNG")[33:], "image/png"),
    ("JPEG of many segments", JPEG[:2] + b"\xff\xfe\0\2" * 50_001 + JPEG[2:], "image/jpeg"),
    ("GIF of many blocks", made.saved(made.scene(), "GIF")[:-2] + b"\1a" * 500_001 + b"\0;", "image/gif"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "kind"), [row[1:] for row in SLOW], ids=[row[0] for row in SLOW])
def test_policy_bild_3_what_was_made_to_be_slow_to_read_is_not_looked_into(file: bytes, kind: str) -> None:
    seen = inspected(file, piece=100_000)
    assert (seen.kind, seen.marks) == (kind, ("not_looked_into",))


def test_policy_bild_3_of_a_pdf_that_unpacks_to_very_much_little_is_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    packed = made.pdf(
        made.in_root(Long=Dictionary(x=String("a" * 5_000_000))),
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
    )
    assert len(packed) < 60_000
    assert found(packed)[0] is None
    monkeypatch.setattr("systems.pdf.MOST_OBJECTS", 10)
    assert found(PDF)[2] == ("not_looked_into",)


@pytest.mark.parametrize("decoder", ["systems.pictures.open_classic", "pikepdf.open"])
def test_policy_bild_3_where_memory_is_out_a_file_is_kept_and_not_looked_into(
    monkeypatch: pytest.MonkeyPatch, decoder: str
) -> None:
    def without_memory(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(decoder, without_memory)
    file = JPEG if "pictures" in decoder else PDF
    assert found(file)[1:] == (None, ("not_looked_into",))


TWO = [
    ("a JPEG that is a PDF as well", JPEG[:2] + b"\xff\xfe" + (len(PDF) + 2).to_bytes(2, "big") + PDF + JPEG[2:], "image/jpeg"),
    ("a picture that is an archive as well", made.phones("PNG") + made.archive(), "image/png"),
    ("a picture with a film behind it", JPEG + made.film(), "image/jpeg"),
    ("a picture with a PDF behind it", made.saved(made.scene(), "GIF") + PDF, "image/gif"),
    ("a PDF that begins as a GIF", b"GIF89a " + PDF, "application/pdf"),
    ("a PDF that is an archive as well", PDF + made.archive(), "application/pdf"),
    ("a film with something else behind it", made.film() + b"<script>alert(1)</script>", "video/mp4"),
    ("a film that is an archive as well", made.film() + made.box(b"free", made.archive()), "video/mp4"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "kind"), [row[1:] for row in TWO], ids=[row[0] for row in TWO])
def test_policy_bild_3_what_is_two_kinds_at_once_is_marked(file: bytes, kind: str) -> None:
    seen = inspected(file)
    assert (seen.kind, seen.marks) == (kind, ("two_kinds",))


def test_a_phones_own_bytes_behind_a_picture_are_no_second_kind() -> None:
    assert found(JPEG + bytes(7) + b"SEFH\x6b\0\0\0SEFT") == ("image/jpeg", 1, ())


def test_policy_bild_3_what_is_too_large_to_hold_is_marked_and_a_film_is_never_held() -> None:
    small = Limits(held_bytes=1000)
    for file in (made.saved(made.scene((300, 200)), "TIFF"), PDF + b" " * 1000, made.several("AVIF")):
        assert inspected(file, small).marks == ("not_looked_into",)
    inspection = Inspection(small, None)
    inspection.feed(made.film()[:-5000])
    for _ in range(50):
        inspection.feed(bytes(100))
    assert inspection.finish() == Inspected("video/mp4", why="no_scanner")
    assert inspection._held.tell() == 0


@pytest.mark.parametrize("piece", [1, 7, 1024, 100_000])
def test_in_whatever_pieces_a_file_comes_it_is_the_same(piece: int) -> None:
    for file in (JPEG, PDF, made.film(large=True)[:4000]):
        assert inspected(file, piece=piece) == inspected(file)


class Heard:
    """A scanner that notes what it is sent."""

    def __init__(self) -> None:
        self.bytes = b""

    def take(self, chunk: bytes) -> None:
        self.bytes += chunk

    def finish(self) -> tuple[Scan, str]:
        return Scan.INFECTED, ""


def test_policy_bild_2_the_scanner_sees_every_byte_of_whatever_file() -> None:
    for file in (JPEG, b"text" * 1000, b""):
        scanner = Heard()
        inspection = Inspection(LIMITS, scanner)
        inspection.feed(file)
        assert (inspection.finish().scan, scanner.bytes) == (Scan.INFECTED, file)


def test_policy_bild_2_without_a_scanner_or_too_large_for_it_nothing_is_scanned() -> None:
    assert (inspected(JPEG).scan, inspected(JPEG).why) == (Scan.NOT_SCANNED, "no_scanner")
    scanner = Heard()
    inspection = Inspection(Limits(scanned_bytes=10), scanner, expected=11)
    inspection.feed(bytes(11))
    assert (inspection.finish().why, scanner.bytes) == ("too_big_to_scan", b"")


WHOLE = [row[1] for row in KEPT]
EDITS = st.lists(st.tuples(st.integers(0, 10_000), st.binary(min_size=1, max_size=8)), max_size=6)


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.tuples(st.sampled_from([b"\xff\xd8\xff", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"II*\0", b"%PDF-1.7\n"]), st.binary(max_size=300)).map(b"".join),
        st.tuples(st.sampled_from(WHOLE), EDITS).map(lambda drawn: _edited(*drawn)),
    )
)  # fmt: skip
def test_policy_bild_1_no_bytes_raise_anything_or_are_of_a_kind_that_no_region_can_list(file: bytes) -> None:
    seen = inspected(file)
    assert seen.kind is None or seen.kind in get_args(FileKind)
    assert set(seen.marks) <= MARKS
    assert (seen.kind is None) <= (seen.marks == () and seen.pixels is None)


def _edited(file: bytes, edits: list[tuple[int, bytes]]) -> bytes:
    changed = bytearray(file)
    for at, other in edits:
        changed[at % len(changed) : at % len(changed) + len(other)] = other
    return bytes(changed)


def test_every_kind_that_a_region_can_list_is_looked_into() -> None:
    assert set(get_args(FileKind)) == KINDS | FILMS | {"application/pdf"}


def test_no_program_that_lives_long_loads_a_decoder() -> None:
    asked = "import sys, systems.storage.files; print({'PIL', 'pikepdf', 'pillow_heif'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
