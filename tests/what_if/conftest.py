"""What the tests of the rules make up (`kept_values`) is made up here too."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "routine"))
