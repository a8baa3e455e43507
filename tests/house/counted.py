"""What the house is counted by: circles of files, SQL in strings, names that are defined too often.

`python tests/house/counted.py` prints what there is; with `--write` it writes `allowed.toml` anew, and refuses where a
count has grown.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
ALLOWED = Path(__file__).with_name("allowed.toml")
ROOMS = ("bench", "cli", "engine", "flows", "gateway", "models", "routine", "sandbox", "systems", "tasks")
"""Migrations are history, and tests have their own ways."""
MOST = 3
"""Definitions of one name."""
CONVENTIONS = ("main", "routes")
"""Names that tell a reader by being the same everywhere: what a program begins with, and what a part of a server gives
the app to answer. Nobody calls one for another, since each is called by its module."""
HEAD = "# What is left to mend; it only shrinks. After a mend: python tests/house/counted.py --write\n"
SQL = re.compile(r"\b(SELECT\b.*\bFROM|INSERT INTO|UPDATE \w+ SET|DELETE FROM|ON CONFLICT)\b", re.DOTALL)
Function = ast.FunctionDef | ast.AsyncFunctionDef
Counts = dict[str, dict[str, int]]


@dataclass(frozen=True)
class House:
    """All modules of some rooms, by dotted name."""

    modules: Mapping[str, ast.Module]

    @cached_property
    def nodes(self) -> dict[str, list[ast.AST]]:
        """The imports, calls and classes of each module, wherever they stand."""
        kinds = (ast.Import, ast.ImportFrom, ast.Call, ast.ClassDef)
        return {
            name: [node for node in ast.walk(tree) if isinstance(node, kinds)]
            for name, tree in self.modules.items()
        }

    @cached_property
    def imports(self) -> dict[str, set[str]]:
        """Module to modules, wherever in the file they are imported, and for types alone too."""
        return {name: set(self._imported(name)) for name in self.modules}

    def _imported(self, name: str) -> Iterator[str]:
        for node in self.nodes[name]:
            wanted: list[str] = []
            if isinstance(node, ast.Import):
                wanted = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                within = [f"{node.module}.{alias.name}" for alias in node.names]
                wanted = [one if one in self.modules else node.module for one in within]
            yield from (one for one in wanted if one in self.modules and one != name)

    def circles(self) -> list[list[str]]:
        """The modules that import each other in a loop, a list for each loop."""
        reached = {name: self._reached(name) for name in self.modules}
        loops = {
            tuple(sorted(one for one in reached[name] if name in reached[one]))
            for name in self.modules
            if name in reached[name]
        }
        return [list(loop) for loop in sorted(loops)]

    def _reached(self, name: str) -> set[str]:
        reached, left = set[str](), [name]
        while left:
            new = self.imports[left.pop()] - reached
            reached |= new
            left += new
        return reached

    def sql_strings(self) -> dict[str, int]:
        """Calls of SQLAlchemy's `text`, and strings of SQL however they are carried out, by room; in the engine the
        calls, which are for what SQLAlchemy has no words for or what is asked all the time (ADR 0030)."""
        counts: Counter[str] = Counter()
        for name, nodes in self.nodes.items():
            room = name.partition(".")[0]
            strings = 0 if room == "engine" else _strings_of_sql(self.modules[name])
            counts[room] += max(_text_calls(nodes), strings)
        return {room: count for room, count in sorted(counts.items()) if count}

    def functions(self) -> dict[str, int]:
        """Names of modules' functions that are defined more than `MOST` times, the private ones too."""
        named = Counter(
            node.name
            for tree in self.modules.values()
            for node in tree.body
            if isinstance(node, Function) and node.name not in CONVENTIONS
        )
        return _too_many(named)

    def methods(self) -> dict[str, int]:
        """The same of methods; what a base of ours declares is one definition, however many carry it out."""
        classes = list(self._classes())
        declared = defaultdict[str, set[str]](set)
        bases = defaultdict[str, set[str]](set)
        for one in classes:
            declared[one.name] |= {node.name for node in one.body if isinstance(node, Function)}
            bases[one.name] |= {_name(base) for base in one.bases}
        named = Counter(
            node.name
            for one in classes
            for node in one.body
            if isinstance(node, Function)
            and not node.name.startswith("__")
            and not any(node.name in declared[base] for base in _ancestors(one.name, bases))
        )
        return _too_many(named)

    def _classes(self) -> Iterator[ast.ClassDef]:
        for nodes in self.nodes.values():
            yield from (node for node in nodes if isinstance(node, ast.ClassDef))

    @cached_property
    def counts(self) -> Counts:
        """All that `allowed.toml` lists."""
        return {"sql_strings": self.sql_strings(), "functions": self.functions(), "methods": self.methods()}


def house_at(root: Path = ROOT, rooms: tuple[str, ...] = ROOMS) -> House:
    """The house as it stands in a folder."""
    files = [file for room in rooms for file in (root / room).rglob("*.py")]
    return House({_dotted(file.relative_to(root)): ast.parse(file.read_text("utf-8")) for file in files})


def allowed() -> Counts:
    """What `allowed.toml` lists."""
    listed: Counts = tomllib.loads(ALLOWED.read_text("utf-8"))
    return listed


def _dotted(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _text_calls(nodes: list[ast.AST]) -> int:
    called = {
        alias.asname or alias.name
        for node in nodes
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("sqlalchemy", "sqlmodel"))
        for alias in node.names
        if alias.name == "text"
    }
    calls = [node.func for node in nodes if isinstance(node, ast.Call)]
    return sum(
        (isinstance(func, ast.Name) and func.id in called)
        or (
            isinstance(func, ast.Attribute)
            and func.attr == "text"
            and _name(func.value) in ("sqlalchemy", "sa")
        )
        for func in calls
    )


def _strings_of_sql(tree: ast.Module) -> int:
    return sum(
        isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.search(node.value) is not None
        for node in ast.walk(tree)
    )


def _name(node: ast.expr) -> str:
    """The last part of a name, whatever it is indexed by."""
    while isinstance(node, ast.Subscript):
        node = node.value
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _ancestors(name: str, bases: Mapping[str, set[str]]) -> set[str]:
    found, left = set[str](), [name]
    while left:
        new = set(bases.get(left.pop(), ())) - found
        found |= new
        left += new
    return found - {name}


def _too_many(named: Counter[str]) -> dict[str, int]:
    return {name: count for name, count in sorted(named.items()) if count > MOST}


def grown(before: Counts, now: Counts) -> list[str]:
    """What is counted more often than is allowed."""
    return [
        f"{kind}: {name} {count}, allowed {before.get(kind, {}).get(name, 0)}"
        for kind, named in now.items()
        for name, count in named.items()
        if count > before.get(kind, {}).get(name, 0)
    ]


def written(counts: Counts) -> str:
    """As `allowed.toml` has them."""
    tables = (
        f"\n[{kind}]\n" + "".join(f"{name} = {count}\n" for name, count in named.items())
        for kind, named in counts.items()
    )
    return HEAD + "".join(tables)


def run() -> int:
    """Prints, or writes; 1 where something has grown."""
    house = house_at()
    counts = house.counts
    sys.stdout.write(f"circles: {house.circles()}\n")
    if "--write" not in sys.argv:
        sys.stdout.write(written(counts))
        return 0
    if more := grown(allowed(), counts):
        sys.stdout.write("\n".join(more) + "\n")
        return 1
    ALLOWED.write_text(written(counts), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(run())
