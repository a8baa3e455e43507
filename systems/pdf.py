"""What lies in a PDF, by its structure (ISO 32000-1): nothing in it is drawn, run or followed.

Every object is looked at, not only what the catalogue leads to: an incremental update can bring back what it hides.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream, String

from systems.found import Found

KIND = "application/pdf"
MOST_OBJECTS = 300_000
"""So many values are looked at; a file with more is not looked into whole."""

SCRIPT = frozenset({"/JS", "/JavaScript"})
ATTACHED = frozenset({"/EmbeddedFiles", "/EF", "/Collection", "/RichMediaContent", "/AF"})
ACTS = {
    "/JavaScript": "script",
    "/Rendition": "script",
    "/Launch": "leads_out",
    "/GoToR": "leads_out",
    "/GoToE": "leads_out",
    "/SubmitForm": "leads_out",
    "/ImportData": "leads_out",
}
"""§12.6.4: an action, by its `/S`."""
WEB = (b"http://", b"https://", b"mailto:", b"tel:", b"#")
"""Where a link may lead without a mark; a path without a scheme is a file beside the PDF."""
SUBTYPES = {"/FileAttachment": "attached_file", "/RichMedia": "attached_file", "/3D": "script"}

_PLENTY = 4 * 1024 * 1024
# For the whole process, which is made for one file. 40 kB of a PDF can otherwise unpack to 8 GB of objects. Only the
# streams that hold objects are unpacked here, and those that programs write are a hundredth of this.
pikepdf.settings.set_qpdf_limits(
    flate_max_memory=_PLENTY,
    run_length_max_memory=_PLENTY,
    png_max_memory=_PLENTY,
)


def look_into_pdf(data: memoryview) -> Found | None:
    """What is in the whole file.

    Returns:
        None: it is no PDF.
    """
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            return _look_into(pdf, data)
    except pikepdf.PasswordError:
        return Found(KIND, marks=frozenset({"encrypted"}))
    except MemoryError:
        return Found(KIND, marks=frozenset({"not_looked_into"}))
    except Exception:  # noqa: BLE001 (it raises whatever it likes at bytes that are no PDF)
        return None


def _look_into(pdf: pikepdf.Pdf, data: memoryview) -> Found:
    marks = _marks(pdf)
    pages = _pages(pdf)
    if pdf.is_encrypted:
        marks.add("encrypted")
    if b"%%EOF" not in bytes(data[-1024:]):
        marks.add("cut_short")
    if pdf.get_warnings():  # an object that could not be read, or only beyond the limits, has left one
        marks.add("damaged")
    return Found(KIND, pages, marks=frozenset(marks))


def _pages(pdf: pikepdf.Pdf) -> int | None:
    try:
        return len(pdf.pages)
    except Exception:  # noqa: BLE001 (a tree of pages that is none)
        return None


def _marks(pdf: pikepdf.Pdf) -> set[str]:
    marks: set[str] = set()
    try:
        for count, value in enumerate(_values(pdf)):
            if count >= MOST_OBJECTS:
                return marks | {"not_looked_into"}
            if isinstance(value, Dictionary | Stream):
                marks |= set(_marks_of(value))
    except Exception:  # noqa: BLE001 (what cannot be read is not looked into)
        marks.add("not_looked_into")
    return marks


def _values(pdf: pikepdf.Pdf) -> Iterator[object]:
    """Every object of the file, and whatever stands directly in it."""
    yield pdf.trailer
    for each in pdf.objects:
        waiting: list[object] = [each]
        while waiting:
            value = waiting.pop()
            yield value
            waiting += _within(value)


def _within(value: object) -> Iterator[object]:
    """What stands directly in a value; what it refers to is an object of its own."""
    inside: list[object] = []
    if isinstance(value, Dictionary | Stream):
        inside = [value.get(key) for key in value.keys()]  # noqa: SIM118 (a stream's keys, not its bytes)
    elif isinstance(value, Array):
        inside = list(value)
    return (each for each in inside if isinstance(each, Object) and not each.is_indirect)


def _marks_of(value: Dictionary | Stream) -> Iterator[str]:
    keys = set(value.keys())
    if SCRIPT & keys:
        yield "script"
    if ATTACHED & keys:
        yield "attached_file"
    if "/XFA" in keys:
        yield "form"
    if act := ACTS.get(_name(value, "/S")):
        yield act
    if subtype := SUBTYPES.get(_name(value, "/Subtype")):
        yield subtype
    if _name(value, "/S") == "/URI" and not _leads_to_web(value.get("/URI")):
        yield "leads_out"


def _name(value: Dictionary | Stream, key: str) -> str:
    name = value.get(key)
    return str(name) if isinstance(name, Name) else ""


def _leads_to_web(uri: object) -> bool:
    return isinstance(uri, String) and bytes(uri).strip().lower().startswith(WEB)
