"""A poster to check in by, A4: drawn once, as a list of texts and the squares of the code, and written as PDF or SVG.

The fonts are those that every PDF reader has, and Arial or what stands for it in SVG: nothing is embedded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import segno
from reportlab.lib.colors import HexColor
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from gateway.templates import environment

WIDTH, HEIGHT = 595.28, 841.89
"""Points: A4."""
MARGIN = 56.0
CODE = 320.0
"""The side of the code with its quiet zone: about 11 cm, read from an arm's length and more."""
QUIET = 4
"""Modules of white around it (ISO/IEC 18004 asks for four)."""
NAME_SIZES, NAME_LINES = (24.0, 20.0, 16.0, 12.0), 3
"""Of the unit's name, which has 200 characters at most."""
INK, ACCENT = "#1b1b1b", "#1d4f91"
PLAIN, BOLD = "Helvetica", "Helvetica-Bold"
TEMPLATE = environment(Path(__file__).resolve().parent / "html").get_template("poster.svg")
STEPS = (
    "1. Skanna koden med mobilens kamera.",
    "2. Logga in med e-legitimation.",
    "3. Tryck på Checka in.",
)
HELP = "Är besöket för ett barn under {age} år loggar du som är vårdnadshavare in. Vill du hellre prata med någon "
HELP += "går du till receptionen."
ENGLISH = "In English: scan the code with the camera of your phone, log in with e-identification and press Check in. "
ENGLISH += "Or go to the reception desk."


@dataclass(frozen=True)
class Poster:
    """What is on it.

    Args:
        unit: as patients know it.
        address: where the code leads.
        age: from which a child acts alone.
    """

    unit: str
    address: str
    age: int


@dataclass(frozen=True)
class Line:
    """A line of text, in the middle of the page.

    Args:
        y: of its base line, points from the top.
    """

    text: str
    y: float
    size: float
    font: str = PLAIN
    color: str = INK

    @property
    def is_bold(self) -> bool:
        """Whether it is set in bold."""
        return self.font == BOLD


@dataclass(frozen=True)
class Drawn:
    """The poster as it is drawn.

    Args:
        squares: of the code: left, top, in points from the top left of the page.
        side: of a square.
    """

    lines: tuple[Line, ...]
    squares: tuple[tuple[float, float], ...]
    side: float


def drawn(poster: Poster) -> Drawn:
    """Where everything goes. The code bears a quarter of it being dirty or torn (level Q)."""
    lines, y = [Line("Checka in med mobilen", 110, 38, BOLD, ACCENT)], 150.0
    size, name = _fitted(poster.unit)
    for text in name:
        lines.append(Line(text, y, size, BOLD))
        y += size * 1.25
    top = y
    squares, side = _squares(poster.address, (WIDTH - CODE) / 2, top)
    y = top + CODE + 36
    for text in STEPS:
        lines.append(Line(text, y, 20))
        y += 28
    y += 12
    for text, size in ((HELP.format(age=poster.age), 15.0), (ENGLISH, 15.0), (poster.address, 10.0)):
        for part in wrapped(text, size, PLAIN):
            lines.append(Line(part, y, size))
            y += size * 1.4
        y += 12
    return Drawn(tuple(lines), squares, side)


def _fitted(name: str) -> tuple[float, list[str]]:
    """A unit's name in so many lines that there is room for the rest: the longer, the smaller."""
    for size in NAME_SIZES:
        lines = list(wrapped(name, size, BOLD))
        if len(lines) <= NAME_LINES:
            break
    return size, lines


def wrapped(text: str, size: float, font: str) -> Iterator[str]:
    """The text in lines that fit the page; a word that is too long for one is cut."""
    line = ""
    for word in text.split():
        for part in _cut(word, size, font):
            longer = f"{line} {part}".strip()
            if line and not _is_on_the_page(longer, size, font):
                yield line
                longer = part
            line = longer
    if line:
        yield line


def _cut(word: str, size: float, font: str) -> Iterator[str]:
    while not _is_on_the_page(word, size, font):
        most = next(at for at in range(len(word), 0, -1) if at == 1 or _is_on_the_page(word[:at], size, font))
        yield word[:most]
        word = word[most:]
    if word:
        yield word


def _is_on_the_page(text: str, size: float, font: str) -> bool:
    return len(text) <= 1 or stringWidth(text, font, size) <= WIDTH - 2 * MARGIN


def _squares(address: str, left: float, top: float) -> tuple[tuple[tuple[float, float], ...], float]:
    rows = [
        list(row) for row in segno.make_qr(address, error="q", boost_error=False).matrix_iter(border=QUIET)
    ]
    side = CODE / len(rows)
    dark = [(x, y) for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark]
    return tuple((left + x * side, top + y * side) for x, y in dark), side


def pdf(poster: Poster) -> bytes:
    """As PDF, with its title and language for whoever has it read aloud."""
    page, written = drawn(poster), BytesIO()
    canvas = Canvas(written, (WIDTH, HEIGHT), lang="sv", invariant=True)
    canvas.setTitle(f"Checka in – {poster.unit}")
    for line in page.lines:
        canvas.setFont(line.font, line.size)
        canvas.setFillColor(HexColor(line.color))
        canvas.drawCentredString(WIDTH / 2, HEIGHT - line.y, line.text)
    canvas.setFillColor(HexColor("#000000"))
    code = canvas.beginPath()
    for x, y in page.squares:
        code.rect(x, HEIGHT - y - page.side, page.side, page.side)
    canvas.drawPath(code, stroke=0, fill=1)
    canvas.showPage()
    canvas.save()
    return written.getvalue()


def svg(poster: Poster) -> bytes:
    """As SVG: scales to any size, and text that can be found and read aloud."""
    page = drawn(poster)
    code = "".join(
        f"M{x:.2f} {y:.2f}h{page.side:.3f}v{page.side:.3f}h-{page.side:.3f}z" for x, y in page.squares
    )
    given = {"poster": poster, "lines": page.lines, "code": code, "width": WIDTH, "height": HEIGHT}
    return TEMPLATE.render(given).encode()
