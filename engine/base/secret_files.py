"""`VAXEL_<ANY>_FILE`: a setting whose value stands in a file, as orchestrators hand out secrets."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic_settings import EnvSettingsSource

SUFFIX = "_file"


class WrongSetting(ValueError):
    """A setting that is not right. The text names it, never its value."""


class SecretFiles(EnvSettingsSource):
    """Reads the files that the environment names, as if their content stood there; a last line break is cut off.

    Raises:
        WrongSetting: it is not to be read, or the setting is given both ways.
    """

    def __call__(self) -> dict[str, object]:
        """As pydantic asks every source."""
        self.env_vars = _contents(dict(os.environ), self.env_prefix)
        return super().__call__()


def _contents(environment: Mapping[str, str], prefix: str) -> dict[str, str | None]:
    """By the lower-case name of the setting."""
    given = {name.lower(): value for name, value in environment.items()}
    found: dict[str, str | None] = {}
    for name, path in given.items():
        setting = name.removesuffix(SUFFIX)
        if setting == name or not name.startswith(prefix.lower()):
            continue
        if setting in given:
            raise WrongSetting(f"{setting.upper()} and {name.upper()}: only one of the two")
        try:
            found[setting] = Path(path).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, ValueError):
            raise WrongSetting(f"{name.upper()}: no file that can be read") from None
    return found
