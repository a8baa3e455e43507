"""No table is passed over by what has to see all of them: migrations, `vaxel reseal`."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_all_tables_are_there_in_a_program_that_has_imported_none_of_them() -> None:
    asked = "from models.tables import all_tables; print(*(table.name for table in all_tables()))"
    found = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True
    )
    source = "".join(path.read_text("utf-8") for path in sorted((ROOT / "models").glob("*.py")))
    assert sorted(found.stdout.split()) == sorted(re.findall(r'__tablename__ = "(\w+)"', source))


def test_each_migration_follows_the_one_before_it() -> None:
    """Two under one number, as two that are written side by side have, and none can be carried out."""
    files = sorted((ROOT / "migrations" / "versions").glob("*.py"))
    numbers = [
        re.findall(r'^(?:down_)?revision = "?(\w+)"?$', path.read_text("utf-8"), re.M) for path in files
    ]
    before = ["None", *(path.name[:4] for path in files)]
    assert numbers == [[path.name[:4], last] for path, last in zip(files, before, strict=False)]
