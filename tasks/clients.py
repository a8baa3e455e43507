"""The clients of the outer systems and the region's figures, made once from the settings."""

from __future__ import annotations

from functools import cache
from urllib.parse import urlsplit

from engine.base.secret_files import WrongSetting
from engine.base.settings import Platform, System, SystemName, settings
from routine.region import Region
from routine.region_file import load_region
from systems.catalogue import Catalogue
from systems.channel import Channel, attachment
from systems.e1177 import Inbox, InboxV1
from systems.eid import Eid
from systems.engagement_index import EngagementIndex
from systems.forms import FormEngine
from systems.found import MEGABYTE, Limits
from systems.http import Tls
from systems.log_store import LogStore
from systems.mail import Mail
from systems.oidc import Provider
from systems.oidc_client import Client, KeyClient, SecretClient
from systems.person import PersonDirectory
from systems.sms import Sms
from systems.staff_eid import StaffEid
from systems.storage.source import AttachmentSource
from systems.vas import Vas
from systems.vas_times import VasTimes
from systems.voice import Voice

WHILE_1177_WAITS = 6.0
"""Seconds, at most, for what somebody at 1177 waits for."""


@cache
def region() -> Region:
    """The region's figures.

    Raises:
        RegionError: they are not in order, with the file, the line and what was expected.
    """
    return load_region(settings().region_files)


@cache
def engagement_index() -> EngagementIndex:
    """The national engagement index."""
    at, us = settings().system("engagement_index"), settings().rivta
    return EngagementIndex(str(at.url), us.source_system, us.data_controller, at.deadline, tls=_tls(at))


@cache
def log_store() -> LogStore | None:
    """The national log service; None: no address is given, and nothing is sent."""
    at, us = settings().system("log"), settings().rivta
    if at.url is None:
        return None
    return LogStore(at.url, us.source_system, us.data_controller, at.deadline, tls=_tls(at))


@cache
def inbox() -> Inbox:
    """The 1177 inbox: version 1 of the protocol."""
    at = settings().system("e1177")
    return InboxV1(str(at.url), settings().rivta.source_system, at.deadline, tls=_tls(at))


@cache
def catalogue() -> Catalogue:
    """1177's catalogue of what a unit offers."""
    at = settings().system("e1177")
    return Catalogue(str(at.url), at.deadline, tls=_tls(at))


@cache
def form_engine() -> FormEngine:
    """1177's forms."""
    at = settings().system("e1177")
    return FormEngine(str(at.url), at.deadline, tls=_tls(at))


@cache
def person() -> PersonDirectory:
    """The person register (PU)."""
    at = settings().system("person")
    return PersonDirectory(str(at.url), deadline=at.deadline, tls=_tls(at))


@cache
def sms() -> Sms:
    """The SMS provider (46elks)."""
    at = settings().system("sms")
    return Sms(str(at.url), at.user or "sandbox", at.password or "sandbox", at.deadline)


@cache
def voice() -> Voice:
    """The provider of calls (46elks)."""
    at = settings().system("voice")
    return Voice(str(at.url), at.user or "sandbox", at.password or "sandbox", at.deadline)


@cache
def mail() -> Mail:
    """The region's mail relay; a password is never sent in clear."""
    at = settings().system("mail")
    server = urlsplit(str(at.url))
    login = (at.user, at.password) if at.user and at.password else None
    from_start = server.scheme == "smtps"
    tls = _tls(at) or (Tls() if login or from_start else None)
    place = (server.hostname or "", server.port or (465 if from_start else 25), region().mail.sender)
    return Mail(*place, login=login, tls=tls, tls_from_start=from_start, deadline=at.deadline)


@cache
def vas() -> Vas:
    """The journal system."""
    at = settings().system("vas")
    return Vas(str(at.url), token=at.password, deadline=at.deadline, tls=_tls(at))


@cache
def vas_times() -> VasTimes:
    """The journal system, for residents who book by themselves and wait for the answer."""
    at = settings().system("vas")
    deadline = min(at.deadline, WHILE_1177_WAITS)
    return VasTimes(str(at.url), token=at.password, deadline=deadline, tls=_tls(at))


@cache
def channel(name: Platform) -> Channel:
    """A platform that patients write in."""
    at = settings().system(name)
    return Channel(str(at.url), token=at.password, deadline=at.deadline, tls=_tls(at))


def attachment_at(name: SystemName, ref: str) -> AttachmentSource:
    """Where a platform, or 1177, gives out what a patient has attached."""
    at = settings().system(name)
    return attachment(str(at.url), ref, token=at.password, tls=_tls(at))


def limits() -> Limits:
    """Within which a file is fetched and looked into."""
    given = region().storage
    return Limits(
        most_bytes=given.most_bytes,
        most_pixels=given.most_megapixels * MEGABYTE,
        scanned_bytes=given.scanned_megabytes * MEGABYTE,
    )


@cache
def eid() -> Eid:
    """The identity provider of residents: asked for the level that the region's file has, or a higher one."""
    provider = _provider("eid", "/l/callback")
    return Eid(provider, region().links.level_of_assurance)


@cache
def staff_eid() -> StaffEid:
    """The identity provider of staff."""
    return StaffEid(_provider("staff_eid", "/staff/login/callback"))


def _provider(name: SystemName, back: str) -> Provider:
    """An OpenID Connect provider, which sends people back to this path of ours."""
    at = settings().system(name)
    tls = _tls(at.model_copy(update={"key": None}))
    return Provider(str(at.url), client_of(name), settings().gateway_url + back, at.deadline, tls)


def client_of(name: SystemName) -> Client:
    """Us, as an identity provider has registered us: by our key where one is given, else by a secret.

    Raises:
        WrongSetting: the key is none that can be used.
    """
    at = settings().system(name)
    id = at.user or "sandbox"
    try:
        pem = at.signing_key()
        return KeyClient(id, pem) if pem else SecretClient(id, at.password or "sandbox")
    except (OSError, ValueError) as error:
        wrong = error if isinstance(error, ValueError) else "no file that can be read"
        raise WrongSetting(f"VAXEL_SYSTEMS__{name.upper()}__KEY: {wrong}") from None


def _tls(at: System) -> Tls | None:
    """Our certificate and whom we trust; nothing given: the usual trust and no certificate."""
    given = (at.certificate, at.key, at.authority)
    return Tls(*(str(path) if path else None for path in given)) if any(given) else None


def forget() -> None:
    """Make them anew at the next use: the settings have changed."""
    outer = (
        engagement_index,
        inbox,
        catalogue,
        form_engine,
        person,
        sms,
        voice,
        mail,
        vas,
        vas_times,
        log_store,
        channel,
    )
    for made in (region, *outer, eid, staff_eid):
        made.cache_clear()
