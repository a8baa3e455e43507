"""The sections of the settings, each under a name of its own (`VAXEL_GATEWAY__PORT`); and the systems they name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, NewType, get_args

from pydantic import BaseModel, Field, IPvAnyNetwork, StringConstraints

from models.identity import LOCAL, LOCAL_ID

SOURCES = ("vas", "e1177", "platform24", "hope", "lifecare", "stodbehandling", "mail", "sms", "staff")
Local = NewType("Local", str)
"""A unit's own solution, by the id that the region's file lists it under (system-4)."""
OwnSolution = Annotated[Local, StringConstraints(pattern=f"^{LOCAL_ID}$")]
EVERY_LOCAL = Local(f"{LOCAL}*")
"""In what a step names: all of them, whichever there are."""
ListedPlatform = Literal["platform24", "hope", "lifecare", "stodbehandling"]
Platform = ListedPlatform | OwnSolution
ListedSystem = Literal[
    "engagement_index",
    "e1177",
    "person",
    "sms",
    "voice",
    "mail",
    "vas",
    "eid",
    ListedPlatform,
    "staff_eid",
    "log",
    "storage",
    "clamd",
]
SystemName = ListedSystem | OwnSolution
SYSTEMS: tuple[ListedSystem, ...] = get_args(ListedSystem)
"""Those that every place has; a unit's own solutions beside them are in its settings (`Settings.names`)."""
SANDBOXED: tuple[ListedSystem, ...] = tuple(
    name for name in SYSTEMS if name not in ("log", "storage", "clamd")
)
"""Those that the sandbox stands in for where no URL is given. The storage is then a folder; nothing is scanned, and
nobody is told of our access log."""
PROVIDERS = ("eid", "staff_eid")


class Gateway(BaseModel):
    """Where we listen."""

    port: int = 8080
    host: str = "127.0.0.1"
    public_url: str | None = None
    """How the outer systems reach us; not set: this machine."""
    hosts: list[str] = Field(default_factory=list)
    """Names that we are reached by, beside that of the public URL and those of this machine."""
    socket: Path | None = None
    """A Unix socket to listen on too, for a proxy on this machine."""
    connections: int = 512
    """At once; more are told 503."""
    body_megabytes: int = 64
    """For all bodies in flight."""


class SandboxAt(BaseModel):
    """Where the sandbox listens (its SMTP on the next port)."""

    port: int = 8090


class PrefectAt(BaseModel):
    """Our own Prefect server, when `PREFECT_API_URL` is not set; and whom Prefect calls."""

    port: int = 4200
    calls: str | None = Field(default=None, pattern=r"^[a-z0-9-]+/[a-z0-9-]+$")
    """A block of Prefect's, `<type>/<name>` such as `webhook/on-call`, by which its automations tell of an incident
    and of a case that is parked; not set: there are none."""


class System(BaseModel):
    """An outer system."""

    url: str | None = Field(default=None, repr=False)
    """Not set: the sandbox."""
    user: str | None = None
    password: str | None = Field(default=None, repr=False)
    certificate: Path | None = None
    """Our certificate (SITHS, for RIV-TA's mTLS), with `key`; `authority`: whom we trust."""
    key: str | None = Field(default=None, repr=False)
    """The path of its key. For an identity provider the key that we prove by that it is us, as PEM or its path."""
    authority: Path | None = None
    deadline: float = 12.0
    """Seconds in all for a call."""
    settling: float = 5.0
    """Seconds after the deadline before anybody judges an effect whose answer was lost."""
    threads: int = 4

    def signing_key(self) -> str | None:
        """The key as PEM; None: there is none.

        Raises:
            OSError: its file is not to be read.
        """
        if self.key is None:
            return None
        is_pem = "-----BEGIN" in self.key
        return self.key.replace("\\n", "\n") if is_pem else Path(self.key).read_text(encoding="utf-8")

    @property
    def is_secret(self) -> bool:
        """Whether something goes there that nobody on the way may see."""
        return any((self.user, self.password, self.certificate, self.key, self.authority))


class FortySixElks(BaseModel):
    """The user that receipts and calls come in by."""

    hook_user: str = "vaxel"
    hook_password: str | None = Field(default=None, repr=False)


class Rivta(BaseModel):
    """Who we are to the national platform."""

    source_system: str = "SE2321000115-VAXEL"
    data_controller: str = "SE2321000115"
    allowed_callers: list[str] = Field(default_factory=list)
    """HSA-ids that may call our producer; empty: nobody may."""
    proxy_secret: str | None = Field(default=None, repr=False)
    """What our proxy sends as `x-vaxel-proxy`, so that what it tells of a caller counts. Not set: under `home`."""


class Storage(BaseModel):
    """Where the sealed files lie, and their hours' keys."""

    url: str | None = Field(default=None, repr=False)
    """`s3://bucket/prefix`, or `file:///path`; not set: the folder `storage` under `home`."""
    endpoint: str | None = Field(default=None, repr=False)
    """Of an S3-compatible store; not set: AWS's own."""
    region: str | None = None
    access_key: str | None = Field(default=None, repr=False)
    secret_key: str | None = Field(default=None, repr=False)
    authority: Path | None = None
    """Whom we trust there, PEM."""
    keys: Path | None = None
    """The folder of the hours' keys; not set: `storage-keys` under `home`. In no backup."""
    seconds: float = 120.0
    """In all, for one file from its source into the storage."""
    files_at_once: int = 4
    """In each program, each in a process of its own."""

    @property
    def threads(self) -> int:
        """Two files stand ready beside those: no place is empty while what came of the last is committed."""
        return self.files_at_once + 2


class Metrics(BaseModel):
    """Who may read `/metrics` beside this machine."""

    allowed: list[IPvAnyNetwork] = Field(default_factory=list)


class Watch(BaseModel):
    """From when on something is wrong, for `vaxel health` and the flow `watch`."""

    gateways: list[str] = Field(default_factory=list)
    """Where the gateways tell their `/metrics`, `http://host:port` each; empty: that of this machine."""
    parked: int = Field(default=0, ge=0)
    """So many cases may wait for ops, since something is wrong."""
    parked_for_staff: int = Field(default=100, ge=0)
    """So many may wait for staff of their units, which is daily business."""
    overdue_seconds: float = Field(default=600.0, gt=0)
    """So long a case may be due."""
    unacknowledged_seconds: float = Field(default=120.0, gt=0)
    """So long an alert of a risk may stand that nobody has acknowledged."""
