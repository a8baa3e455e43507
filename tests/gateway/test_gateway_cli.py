"""The command line says in a sentence what whoever runs it can put right."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

WRONG = {
    "VAXEL_GATEWAY__PORT": ("abc", "VAXEL_GATEWAY__PORT: Input should be a valid integer"),
    "VAXEL_METRICS__ALLOWED": ("10.1.2.3", "lists and tables are JSON"),
    "VAXEL_DATABASE_URL": (
        "postgresql://x:secret-word and a blank@127.0.0.1:1/x",
        "The database does not answer",
    ),
    "VAXEL_DATABASE_URL ": ("postgresql://x:y@secret-word@h/x", "VAXEL_DATABASE_URL: Value error, has to be"),
    "VAXEL_WEBHOOK_SECRETS": (
        '{"vas": "whsec_secret-word"}',
        "VAXEL_WEBHOOK_SECRETS of vas has to be whsec_",
    ),
    "VAXEL_SYSTEMS": (
        '{"sms": {"url": "http://sms.example", "password": "secret-word"}}',
        "VAXEL_SYSTEMS__SMS__URL has to be https://",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_setting_is_told_without_a_traceback(name: str) -> None:
    value, told = WRONG[name]
    command = [sys.executable, "-c", "from gateway.cli import app; app()", "cases"]
    environment = os.environ | {name.strip(): value, "COLUMNS": "200"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert "secret-word" not in done.stderr
