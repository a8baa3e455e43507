"""Commands in a process of their own are forked from one that has loaded all (`forked`)."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "journeys"))
