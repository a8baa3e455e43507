"""Where a tester logs in as one of the region's people or staff. It never stands on anybody's phone."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from sandbox.systems.eid.id_token import WRONG
from sandbox.systems.eid.realm import Realm
from sandbox.wire.web import Reply

STYLE = """body{font:1.125rem/1.6 system-ui,sans-serif;max-width:36rem;margin:0 auto;padding:1rem;color:#1b1b1b;
background:#fff}label,select,button{display:block;width:100%;font:inherit;margin:.5rem 0;padding:.5rem 0}"""


def login_form(login: str, realm: Realm, loa: int) -> Reply:
    """The form: who, how surely, and what is to go wrong."""
    who = [(one.value, one.label) for one in realm.holders()]
    levels = [(str(level), f"LoA {level}") for level in sorted({2, 3, 4}, key=lambda level: level != loa)]
    wrong = [("", "nothing"), *((one, one) for one in WRONG)]
    return _html(
        "Sandbox: log in as",
        '<form method="post">'
        f'<input type="hidden" name="login" value="{escape(login)}">'
        + _choice(realm.chosen_by, "Person", who)
        + _choice("loa", "Level of assurance", levels)
        + _choice("wrong", "What goes wrong", wrong)
        + '<button name="do" value="login">Log in</button><button name="do" value="cancel">Cancel</button></form>',
    )


def refusal(status: int, says: str) -> Reply:
    """What a person is told whom the provider does not send back."""
    return _html("Sandbox: no login", f"<p>{escape(says)}</p>", status)


def _choice(name: str, label: str, options: Iterable[tuple[str, str]]) -> str:
    listed = "".join(f'<option value="{escape(value)}">{escape(text)}</option>' for value, text in options)
    return f'<label for="{name}">{label}</label><select id="{name}" name="{name}">{listed}</select>'


def _html(title: str, content: str, status: int = 200) -> Reply:
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{title}</h1>{content}</main></body></html>"
    )
    return Reply(status, html.encode(), "text/html; charset=utf-8", {"cache-control": "no-store"})
