"""Settings: from the environment or `.env`, prefix `VAXEL_`, nested with `__`.

Secrets that are not given are made at the first start and kept under `VAXEL_HOME`, mode 600.
"""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path
from typing import Self
from urllib.parse import quote, urlsplit

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from engine.base import database_url, setting_checks
from engine.base.private_files import forget_secret, kept_secret, kept_secrets
from engine.base.secret_files import SecretFiles
from engine.base.setting_checks import WEB
from engine.base.setting_sections import (
    EVERY_LOCAL,
    PROVIDERS,
    SANDBOXED,
    SOURCES,
    SYSTEMS,
    FortySixElks,
    Gateway,
    ListedPlatform,
    Local,
    Metrics,
    Platform,
    PrefectAt,
    Rivta,
    SandboxAt,
    Storage,
    System,
    SystemName,
    Watch,
)
from models.encryption import KEY_BYTES, Keyring, Use
from models.identity import LOCAL

__all__ = [
    "EVERY_LOCAL",
    "ROOT",
    "SANDBOXED",
    "SOURCES",
    "SYSTEMS",
    "ListedPlatform",
    "Local",
    "Platform",
    "Settings",
    "Storage",
    "System",
    "SystemName",
    "settings",
]

ROOT = Path(__file__).resolve().parents[2]
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # what is listened on, and where that is here
HURRIED = {"deadline": 2.5, "settling": 0.5}
HURRIED_LEASE = 5.0
"""Seconds; the lease is twice the deadline."""


class Settings(BaseSettings):
    """Everything that a place decides. The region's figures are in its own file (`region_files`)."""

    model_config = SettingsConfigDict(
        env_prefix="VAXEL_",
        env_nested_delimiter="__",
        env_file=".env",
        extra="ignore",
        hide_input_in_errors=True,  # most of it is secret
    )

    home: Path = Path(".vaxel")
    database_url: str | None = Field(default=None, repr=False)
    gateway: Gateway = Gateway()
    sandbox: SandboxAt = SandboxAt()
    prefect: PrefectAt = PrefectAt()
    systems: dict[SystemName, System] = Field(default_factory=dict)
    fortysixelks: FortySixElks = FortySixElks()
    rivta: Rivta = Rivta()
    metrics: Metrics = Metrics()
    watch: Watch = Watch()
    storage: Storage = Storage()
    webhook_secrets: dict[str, str] = Field(default_factory=dict, repr=False)
    column_keys: dict[int, str] = Field(default_factory=dict, repr=False)
    """Base64 of 32 bytes each, by number (0 to 254): the highest seals. Not set: kept under `home`."""
    seal_under: int | None = None
    """The number of the key that seals, while a higher one is being given to every machine. Not set: the highest."""
    lookup_key: str | None = Field(default=None, repr=False)
    """Base64 of 32 bytes; never changes. Not set: kept under `home`."""
    region_files: list[Path] = Field(default_factory=lambda: [ROOT / "routine" / "halland.toml"])
    material: Path = Path("../shared/material")
    lease_seconds: float = 60.0
    workers: int = Field(default=1, ge=1, le=64)
    """That `vaxel up` starts, beside those of the alerts."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is given in the program, the environment, the files that it names, `.env`: the first one counts."""
        return init_settings, env_settings, SecretFiles(settings_cls), dotenv_settings

    @field_validator("systems", mode="before")
    @classmethod
    def _own_solutions_are_named_as_in_the_region_file(cls, given: object) -> object:
        """`VAXEL_SYSTEMS__LOCAL_HJARTA__URL` is of `local-hjarta`: few shells take a name with a hyphen."""
        if not isinstance(given, dict):
            return given
        named: dict[str, object] = {}
        for name, system in given.items():
            is_own = str(name).replace("_", "-").startswith(LOCAL)
            id = str(name).replace("_", "-") if is_own else name
            held = named.get(id)
            named[id] = held | system if isinstance(held, dict) and isinstance(system, dict) else system
        return named

    @model_validator(mode="after")
    def _lease_fits_every_call(self) -> Self:
        """A call is only made if it ends within the lease."""
        longest = max(self.systems.get(name, System()).deadline for name in self.names)
        if self.lease_seconds < 2 * longest:
            raise ValueError(f"lease_seconds has to be at least twice the longest deadline, {longest} s")
        return self

    @model_validator(mode="after")
    def _keys_of_certificates_are_files(self) -> Self:
        """Only at an identity provider does a key stand for itself; TLS reads a file."""
        for name, system in self.systems.items():
            if name not in PROVIDERS and "-----BEGIN" in (system.key or ""):
                raise ValueError(f"systems {name}: key is the path of a PEM file")
        return self

    @model_validator(mode="after")
    def _nothing_secret_goes_in_clear(self) -> Self:
        for name, at in self.systems.items():
            if at.url:
                setting = f"VAXEL_SYSTEMS__{name.upper().replace('-', '_')}__URL"
                setting_checks.check_system(name, setting, at.url, is_secret=at.is_secret)
        if self.storage.endpoint:
            setting = "VAXEL_STORAGE__ENDPOINT"
            setting_checks.check_address(setting, self.storage.endpoint, schemes=WEB, is_secret=True)
        if self.gateway.public_url:
            setting = "VAXEL_GATEWAY__PUBLIC_URL"
            setting_checks.check_address(setting, self.gateway.public_url, schemes=WEB, is_secret=True)
        for gateway in self.watch.gateways:
            setting_checks.check_address("VAXEL_WATCH__GATEWAYS", gateway, schemes=WEB, is_secret=False)
        return self

    @model_validator(mode="after")
    def _files_have_a_place(self) -> Self:
        if self.storage.url:
            setting_checks.check_storage("VAXEL_STORAGE__URL", self.storage.url)
        if bool(self.storage.access_key) != bool(self.storage.secret_key):
            raise ValueError(
                "VAXEL_STORAGE__ACCESS_KEY and VAXEL_STORAGE__SECRET_KEY are given both, or neither"
            )
        return self

    @model_validator(mode="after")
    def _secrets_can_be_read(self) -> Self:
        for source, secrets in self.webhook_secrets.items():
            setting_checks.check_webhook_secret(f"VAXEL_WEBHOOK_SECRETS of {source}", secrets)
        for number, key in self.column_keys.items():
            setting_checks.check_key(f"VAXEL_COLUMN_KEYS {number}", key, KEY_BYTES)
        if self.lookup_key:
            setting_checks.check_key("VAXEL_LOOKUP_KEY", self.lookup_key, KEY_BYTES)
        return self

    @field_validator("database_url")
    @classmethod
    def _database_url_can_be_read(cls, given: str | None) -> str | None:
        if given:
            database_url.check_url(given)
        return given

    def hurry(self) -> None:
        """For the worker of what nothing may hold up: short calls, and claims that another has soon if it dies."""
        for name in self.names:
            given = self.systems.get(name, System())
            hurried = {what: min(getattr(given, what), most) for what, most in HURRIED.items()}
            self.systems[name] = given.model_copy(update=hurried)
        self.lease_seconds = min(self.lease_seconds, HURRIED_LEASE)

    @property
    def own_solutions(self) -> tuple[Local, ...]:
        """The units' own solutions that we have a way into: those with an address (system-4)."""
        return tuple(Local(name) for name, at in self.systems.items() if name.startswith(LOCAL) and at.url)

    @property
    def names(self) -> tuple[SystemName, ...]:
        """Every outer system that there is here."""
        return (*SYSTEMS, *self.own_solutions)

    def system(self, name: SystemName) -> System:
        """An outer system's settings, at the sandbox where no URL is given and it has such a one."""
        given = self.systems.get(name, System())
        if name == "storage":
            return given.model_copy(update={"url": None, "threads": self.storage.threads})
        if name not in SANDBOXED:
            return given
        return given if given.url else given.model_copy(update={"url": self._at_sandbox(name)})

    def _at_sandbox(self, name: str) -> str:
        if name == "mail":
            return f"smtp://127.0.0.1:{self.sandbox.port + 1}"
        return f"http://127.0.0.1:{self.sandbox.port}/{name}"

    @property
    def gateway_url(self) -> str:
        """How the outer systems reach us."""
        return self.gateway.public_url or f"http://{self.gateway.host}:{self.gateway.port}"

    @property
    def gateway_here(self) -> str:
        """The gateway as this machine reaches it: what it shows to this machine alone is there."""
        host = EVERYWHERE.get(self.gateway.host, self.gateway.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.gateway.port}"

    @property
    def hosts(self) -> list[str]:
        """The names that the gateway answers to."""
        return [urlsplit(self.gateway_url).hostname or "", *self.gateway.hosts]

    def secret(self, name: str) -> str:
        """A secret of this installation, made at first use."""
        return kept_secret(self.home, name)

    def secret_of(self, source: str) -> str:
        """The signing secret of a webhook source, `whsec_…` (several, separated by blanks, while one rotates)."""
        return self.webhook_secrets.get(source) or "whsec_" + self.secret(f"webhook_{source}")

    def hook_password(self) -> str:
        """The password that SMS receipts and calls come in with."""
        return self.fortysixelks.hook_password or self.secret("fortysixelks_hook").replace("/", "_")

    def proxy_secret(self) -> str:
        """What our proxy shows that it is ours by (several, separated by blanks, while one changes)."""
        return self.rivta.proxy_secret or self.secret("rivta_proxy").replace("/", "_")

    def hook_url(self, path: str) -> str:
        """Where the provider of SMS and calls reaches us, with the login that it comes with: it has no signature."""
        scheme, rest = self.gateway_url.split("://", 1)
        user, password = (
            quote(each, safe="") for each in (self.fortysixelks.hook_user, self.hook_password())
        )
        return f"{scheme}://{user}:{password}@{rest}{path}"

    def login_key(self) -> bytes:
        """What seals the cookie of a login, 32 bytes: made of the lookup key, so that all gateways have the same."""
        return self.keyring().keyed(Use.LOGIN, "cookie")

    def staff_login_key(self) -> bytes:
        """As `login_key`, of staff's logins."""
        return self.keyring().keyed(Use.STAFF, "cookie")

    def keyring(self) -> Keyring:
        """The keys of the personal columns: given, or kept as `column_key_<number>` and `lookup_key`.

        On several machines they have to be given, the same everywhere.
        """
        given = {f"column_key_{number}": key for number, key in self.column_keys.items()}
        kept = given or {n: key for n, key in kept_secrets(self.home).items() if n.startswith("column_key_")}
        kept = kept or {"column_key_1": self.secret("column_key_1")}
        keys = {int(name.rsplit("_", 1)[1]): base64.b64decode(key) for name, key in kept.items()}
        lookup = base64.b64decode(self.lookup_key or self.secret("lookup_key"))
        return Keyring(keys=keys, lookup=lookup, seals_under=self.seal_under)

    def take_off_column_key(self, number: int) -> bool:
        """Take a key under `VAXEL_HOME` off, for good; whether it was there."""
        return forget_secret(self.home, f"column_key_{number}")

    def add_column_key(self) -> int:
        """Make one more key under `VAXEL_HOME`; from the next start on it seals. Gives its number."""
        number = max(self.keyring().keys) + 1
        self.secret(f"column_key_{number}")
        return number


@cache
def settings() -> Settings:
    """The settings of this process."""
    return Settings()
