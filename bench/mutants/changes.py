"""The changes that cosmic-ray can make in a module, and where each is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """The `nth` that the operator can make in a file.

    `function`: the line where the innermost function or lambda around it begins; 0: it is in none, so that it is
    read at import.
    """

    file: str
    line: int
    operator: str
    nth: int
    function: int

    def made(self, code: str) -> str:
        return str(mutate_code(code, get_operator(self.operator)(), self.nth))


def changes(file: Path) -> Iterator[Change]:
    """All that can be made in the file."""
    nodes = list(ast_nodes(get_ast(file.read_text("utf-8"))))
    for name in operator_names():
        if not get_operator(name).arguments():
            operator = get_operator(name)()
            places = ((line, node) for node in nodes for (line, _), _ in operator.mutation_positions(node))
            for nth, (line, node) in enumerate(places):
                yield Change(file.name, line, name, nth, _function_around(node))


def _function_around(node: Any) -> int:
    while parent := node.parent:
        if parent.type in ("funcdef", "lambdef") and node is parent.children[-1]:  # its body
            return int((parent.parent if parent.parent.type == "decorated" else parent).start_pos[0])
        node = parent
    return 0
