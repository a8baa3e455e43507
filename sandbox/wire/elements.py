"""One checker for all SOAP messages: a table says which elements, in which order, how many, of what form.

A message whose *structure* is wrong (order, namespace, a missing or unknown element) raises `Malformed`.
A *value* that is wrong is only noted, since some systems answer it with a result code instead of a fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lxml import etree

MANY = 10**9
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"

Form = Callable[[str], bool]


class Malformed(Exception):
    """The structure is not the contract's. The text names elements, never values."""


def pattern(expression: str) -> Form:
    """A value that matches all of the expression."""
    compiled = re.compile(expression)
    return lambda value: compiled.fullmatch(value) is not None


def one_of(*values: str) -> Form:
    """An enumeration."""
    return frozenset(values).__contains__


def text(value: str) -> bool:
    """Anything but nothing: RIV-TA leaves an element out instead of sending it empty."""
    return bool(value.strip())


BOOLEAN = one_of("true", "false", "1", "0")
RESIDENT_ID = pattern(r"[0-9]{8}[0-9pPtTfF][0-9]{3}")
HSA_ID = pattern(r"(?i)(?:SE(?:[0-9]{10}|[0-9]{12})-|TSTNMT)[0-9A-Z-]{1,24}")
TIMESTAMP = pattern(r"[1-9][0-9]{3}(0[1-9]|1[0-2])([0-2][0-9]|3[01])([01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]")


@dataclass(frozen=True)
class Element:
    """An element: its namespace and name, how many, and either a form or children in order.

    `open` lets elements of other namespaces follow the children (xs:any ##other).
    """

    namespace: str
    name: str
    least: int = 1
    most: int = 1
    form: Form = text
    children: tuple[Element, ...] = ()
    open: bool = False

    @cached_property
    def tag(self) -> str:
        """As lxml writes it."""
        return f"{{{self.namespace}}}{self.name}"

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """Its children's, in order."""
        return tuple(child.tag for child in self.children)

    def values_in(self, node: etree._Element, wrong: list[str]) -> Any:
        """The value: text, bool, or a dict by name, with a list where many are allowed."""
        if node.attrib and any(not str(name).startswith(XSI) for name in node.attrib):
            raise Malformed(f"{self.name} has an attribute that it cannot have")
        if self.children:
            return self._read_children(node, wrong)
        if len(node):
            raise Malformed(f"{self.name} cannot have elements in it")
        return self._read_value(node.text or "", wrong)

    def _read_value(self, value: str, wrong: list[str]) -> str | bool:
        if self.form is BOOLEAN:
            value = value.strip()
        if not self.form(value):
            wrong.append(self.name)
        return value in ("true", "1") if self.form is BOOLEAN else value

    def _read_children(self, node: etree._Element, wrong: list[str]) -> dict[str, Any]:
        if (node.text or "").strip() or any((child.tail or "").strip() for child in node):
            raise Malformed(f"{self.name} has text between its elements")
        tags, children = self.tags, self.children
        found: dict[str, Any] = {}
        at = count = 0
        for child in node:
            tag = child.tag
            while at < len(tags) and (tags[at] != tag or count == children[at].most):
                self._require(children[at], count)
                at, count = at + 1, 0
            if at == len(tags):
                self._stranger(str(tag))
                continue
            count += 1
            declared = children[at]
            value = declared.values_in(child, wrong)
            if declared.most == 1:
                found[declared.name] = value
            else:
                found.setdefault(declared.name, []).append(value)
        while at < len(tags):
            self._require(children[at], count)
            at, count = at + 1, 0
        return found

    def _require(self, declared: Element, count: int) -> None:
        if count < declared.least:
            raise Malformed(f"{self.name}: {declared.name} is missing, or not where it belongs")

    def _stranger(self, tag: str) -> None:
        namespace, _, name = tag[1:].partition("}")
        own = {self.namespace, *(child.namespace for child in self.children)}
        if not self.open or namespace in own:
            raise Malformed(f"{self.name}: {name or tag} does not belong there")
