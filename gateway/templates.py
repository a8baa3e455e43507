"""Pages are Jinja2 templates: everything put into one is escaped, and a name that is not known is an error.

A page has its style in itself, allowed by its hash: nothing from elsewhere, no script, no attribute of style.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

HERE = Path(__file__).resolve().parent
HTML = HERE / "html"
"""The templates of ops' pages, and what residents' are built on."""


def environment(folder: Path) -> Environment:
    """The templates of a folder, and those that all may build on. Each is read once: they do not change while we run.

    `trim_blocks` and `lstrip_blocks` keep a page as short as it would be without the logic in it.
    """
    return Environment(
        loader=FileSystemLoader([folder, HTML]),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def style(folder: Path, name: str) -> str:
    """A style sheet as it stands in a page's `<style>`: no `</style>` and no `@import` is in ours."""
    return (folder / name).read_text(encoding="utf-8")


def content_security(style: str, *also: str) -> str:
    """What a page may do: show itself in this style, and what `also` allows; nothing else, and in no frame.

    Args:
        also: more directives, such as `img-src 'self'`. `form-action` is 'none' where none of them says another.
    """
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    forms = () if any(each.startswith("form-action") for each in also) else ("form-action 'none'",)
    allowed = ("default-src 'none'", f"style-src 'sha256-{digest}'", *also, "base-uri 'none'", *forms)
    return "; ".join((*allowed, "frame-ancestors 'none'"))
