"""Every page's template escapes what is put in, knows every name that it uses, and is found where we are installed."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from jinja2 import UndefinedError
from setuptools import find_namespace_packages

from gateway.templates import content_security, environment

ROOT = Path(__file__).resolve().parents[2]
FOUND = sorted(path for path in (ROOT / "gateway").rglob("*") if path.suffix in (".html", ".css"))
SETUP = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
TEMPLATES = [path for path in FOUND if path.suffix == ".html"]


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.name)
def test_a_template_comes_along_where_we_are_installed(path: Path) -> None:
    packages = find_namespace_packages(str(ROOT / "gateway"))
    assert "gateway*" in SETUP["packages"]["find"]["include"]
    assert ".".join(path.parent.relative_to(ROOT / "gateway").parts) in packages
    assert SETUP["package-data"]["*"] == ["*"]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_only_a_style_of_ours_goes_into_a_page_unescaped_and_nothing_in_it_runs(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.count("safe") == text.count("<style>{{ style | safe }}</style>")
    assert not any(each in text for each in ("<script", " style=", " onclick=", "javascript:", "autoescape"))


def test_what_is_put_in_is_escaped_and_a_name_that_is_not_known_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text('<p title="{{ said }}">{{ said }}</p>', "utf-8")
    template = environment(tmp_path).get_template("a.html")
    assert (
        template.render(said="<b>\"'&") == '<p title="&lt;b&gt;&#34;&#39;&amp;">&lt;b&gt;&#34;&#39;&amp;</p>'
    )
    with pytest.raises(UndefinedError):
        template.render()


@pytest.mark.parametrize("also", [(), ("form-action 'self'",)])
def test_a_page_may_send_a_form_only_where_it_says_so(also: tuple[str, ...]) -> None:
    said = content_security("p{}", *also).split("; ")
    assert [each for each in said if each.startswith("form-action")] == list(also or ("form-action 'none'",))
