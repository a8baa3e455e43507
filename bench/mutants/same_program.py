"""Do two texts of a module of `routine/` say the same program? Then no test can tell them apart.

They do if they differ only in

- annotations of arguments, results and variables: `from __future__ import annotations` leaves them unread. Those
  of the fields of a class count, unless it is a dataclass: pydantic reads them;
- `slots` of a dataclass, which is how it lies in memory, or `covariant` of a `TypeVar`, which is for mypy;
- how something is compared with the member of an enum, `True` or `False`, where it comes out the same for every
  member (`==` for `is`; `>=` for the member that is last by the alphabet). Where `None` would make a difference,
  mypy refuses the change;
- comments, blanks and parentheses.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

UNREAD = {"dataclass": "slots", "TypeVar": "covariant"}
COMPARES: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def is_same(one: str, other: str, names: Mapping[str, object]) -> bool:
    """Do both do the same? `names`: what the module has, to look enums up."""
    first, second = (ast.dump(_Meaning(names).visit(ast.parse(code))) for code in (one, other))
    return first == second


class _Meaning(ast.NodeTransformer):
    """A program without what makes no difference."""

    def __init__(self, names: Mapping[str, object]) -> None:
        self.names = names

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.arg(node.arg)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        if not any(ast.unparse(each).startswith("dataclass") for each in node.decorator_list):
            fields = [each for each in node.body if isinstance(each, ast.AnnAssign)]
            node.body = [each for each in node.body if each not in fields]
            node.keywords.append(
                ast.keyword("fields", ast.Constant(str([ast.unparse(each) for each in fields])))
            )
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        unread = UNREAD.get(ast.unparse(node.func), "")
        node.keywords = [each for each in node.keywords if each.arg != unread]
        return self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        for place, (how, right) in enumerate(zip(node.ops, node.comparators, strict=True)):
            members, member = self._members(right)
            if members and type(how) in COMPARES:
                found = [COMPARES[type(how)](each, member) for each in members]
                node.ops[place] = ast.Is()
                node.comparators[place] = ast.Constant(f"{ast.unparse(right)} {found}")
        return self.generic_visit(node)

    def _members(self, node: ast.expr) -> tuple[list[object], object]:
        """All members of the enum, and the one that the node names; none, if it names none."""
        if isinstance(node, ast.Constant) and isinstance(node.value, bool):
            return [False, True], node.value
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            member = getattr(self.names.get(node.value.id), node.attr, None)
            return (list(type(member)), member) if isinstance(member, Enum) else ([], None)
        return [], None
