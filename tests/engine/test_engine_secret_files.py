"""A setting's value may stand in a file that the environment names, as orchestrators hand out secrets."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from engine.base.settings import Settings

PEM = "-----BEGIN PRIVATE KEY-----\nMC4CAQAw//8=\n-----END PRIVATE KEY-----\n"


@pytest.fixture
def in_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "value"


def test_any_setting_may_stand_in_a_file(in_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nested ones too; the line break at its end is none of the value's."""
    key = base64.b64encode(bytes(32)).decode()
    in_file.write_text("a secret \n")
    (in_file.parent / "key").write_text(f"{key}\n")
    monkeypatch.setenv("VAXEL_SYSTEMS__EID__PASSWORD_FILE", str(in_file))
    monkeypatch.setenv("VAXEL_SYSTEMS__EID__USER", "vaxel")
    monkeypatch.setenv("VAXEL_LOOKUP_KEY_FILE", str(in_file.parent / "key"))
    found = Settings()
    assert (found.systems["eid"].password, found.systems["eid"].user) == ("a secret ", "vaxel")
    assert found.lookup_key == key


def test_a_file_counts_for_more_than_the_file_of_settings(
    in_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = (f"whsec_{base64.b64encode(bytes([at]) * 24).decode()}" for at in range(2))
    in_file.write_text(json.dumps({"vas": other}))
    (in_file.parent / ".env").write_text(f"VAXEL_WEBHOOK_SECRETS={json.dumps({'vas': one})}\n")
    monkeypatch.delenv("VAXEL_WEBHOOK_SECRETS", raising=False)
    monkeypatch.setenv("VAXEL_WEBHOOK_SECRETS_FILE", str(in_file))
    assert Settings().webhook_secrets == {"vas": other}


def test_what_is_given_twice_or_is_not_there_stops_the_start_and_is_not_shown(
    in_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAXEL_LOOKUP_KEY_FILE", str(in_file))
    with pytest.raises(ValueError, match="VAXEL_LOOKUP_KEY_FILE: no file"):
        Settings()
    in_file.write_text("secret one")
    monkeypatch.setenv("VAXEL_LOOKUP_KEY", "secret two")
    with pytest.raises(ValueError, match="only one of the two") as caught:
        Settings()
    assert "secret" not in str(caught.value)


def test_a_key_is_given_as_itself_on_one_line_or_by_its_path(
    in_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path would lose the double slash that base64 may hold."""
    in_file.write_text(PEM)
    for given in (PEM, PEM.replace("\n", "\\n"), str(in_file)):
        monkeypatch.setenv("VAXEL_SYSTEMS__EID__KEY", given)
        assert Settings().system("eid").signing_key() == PEM
    monkeypatch.delenv("VAXEL_SYSTEMS__EID__KEY")
    assert Settings().system("eid").signing_key() is None
    monkeypatch.setenv("VAXEL_SYSTEMS__EID__KEY_FILE", str(in_file))
    assert Settings().system("eid").signing_key() == PEM.rstrip("\n")


def test_a_key_of_a_certificate_is_a_path(in_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """TLS reads a file; what stands in the setting itself would be taken for a name, and perhaps be told."""
    monkeypatch.setenv("VAXEL_SYSTEMS__PERSON__KEY", PEM)
    with pytest.raises(ValueError, match="systems person: key is the path of a PEM file"):
        Settings()
