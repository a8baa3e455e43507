"""When a login is consent to a change of channel, and what is documented (byte-1 to byte-3, policy-lank-1).

Consent to be called is a reply (`routine.reply`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from models.times import later
from routine.channel_switch import Change
from routine.children import Act, Role, may_act
from routine.decision import Decision
from routine.reasons import Reason
from routine.region import Region

OURS = "eid"
"""Who vouches for a login that is ours: the region's identity provider."""
SENTENCE = "I samtycke med patient fortsätter samtalet på telefon"
"""What the journal says of a consent to be called, in the routine's words (byte-1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What came of a link to log in.

    Args:
        made_at: when the link was made.
        followed: it was clicked.
        level: the login's level of assurance; `None`: nobody has logged in.
        confirmed: whether the identity behind a samordningsnummer is confirmed; `None`: not said, or a personnummer.
        role: in whose right the one who logged in acts for the patient; `None`: in nobody's.
        used: the link has led someone in before.
        birth: the patient's; `None`: not known.
        protected: the patient or the guardian; only asked of a guardian.
    """

    made_at: datetime
    followed: bool = False
    level: int | None = None
    confirmed: bool | None = None
    role: Role | None = None
    used: bool = False
    birth: date | None = field(default=None, repr=False)
    protected: bool | None = field(default=None, repr=False)


def may_vouch(by: str, target: str, region: Region) -> Decision[bool]:
    """May this one say that somebody has logged in by a link (policy-lank-1)?

    Args:
        by: `OURS`, the identity provider that we ask ourselves, or the source that tells of it.
        target: the system that the link leads to.
    """
    system = region.systems.get(target)
    is_theirs = by == target and system is not None and system.login == "theirs"
    if by == OURS or is_theirs:
        return Decision(True, Reason.APPROVED, "policy-lank-1")
    return Decision(False, Reason.LOGIN_NOT_VOUCHED, "policy-lank-1")


def is_link_alive(login: Login, now: datetime, region: Region) -> Decision[bool]:
    """May the link still lead to a login (policy-lank-1)?"""
    if login.used:
        return Decision(False, Reason.LINK_USED, "policy-lank-1")
    if now >= later(login.made_at, timedelta(hours=region.links.life_hours)):
        return Decision(False, Reason.LINK_EXPIRED, "policy-lank-1")
    return Decision(True, Reason.APPROVED, "policy-lank-1")


def is_login_consent(
    login: Login, change: Change, now: datetime, day: date, region: Region
) -> Decision[bool]:
    """Is it consent: the link clicked *and* the patient logged in (byte-2, byte-3)?

    A click or a key press alone is none. For a child under 13 a guardian may log in as proxy (barn-1).

    Args:
        change: not `Change.TO_PHONE`, whose consent is a reply.
        now, day: of the login, the day in Sweden.

    Raises:
        ValueError: the change is to phone.
    """
    clause = _by_login(change)
    if not login.followed:
        return Decision(False, Reason.LINK_NOT_FOLLOWED, clause)
    alive = is_link_alive(login, now, region)
    if not alive.allowed:
        return alive
    if login.level is None:
        return Decision(False, Reason.NOT_LOGGED_IN, clause)
    strong = is_login_strong(login.level, login.confirmed, region)
    if not strong.allowed:
        return strong
    if login.role is None:
        return Decision(False, Reason.LOGIN_BY_ANOTHER, clause)
    may = may_answer(login.role, login.birth, day, region, protected=login.protected)
    return Decision(True, Reason.LOGGED_IN, clause) if may.allowed else may


def is_login_strong(level: int, confirmed: bool | None, region: Region) -> Decision[bool]:
    """Does a login say surely enough who it is (policy-lank-1)?

    Args:
        level: of assurance.
        confirmed: as of `Login`.
    """
    if level < region.links.level_of_assurance or confirmed is False:
        return Decision(False, Reason.LOGIN_TOO_WEAK, "policy-lank-1")
    return Decision(True, Reason.LOGGED_IN, "policy-lank-1")


def may_answer(
    role: Role | None, birth: date | None, day: date, region: Region, *, protected: bool | None = None
) -> Decision[bool]:
    """May someone in this role consent for the patient: the patient, or a guardian of a child under 13 (barn-1)?"""
    return may_act(Act.RUN_ERRAND, role, birth, day, region, protected=protected)


def _by_login(change: Change) -> str:
    if change is Change.TO_PHONE:
        raise ValueError("consent to be called is a reply, not a login")
    return "byte-2" if change is Change.FROM_PHONE else "byte-3"


def is_taken_back(gone: bool) -> Decision[bool]:
    """Is what a consent has left in the journal gone with it (byte-1)? If not, staff see to it.

    Args:
        gone: the draft is taken back; `False`: it is signed, or nobody knows whether it is there.
    """
    return Decision(gone, Reason.CONSENT_WITHDRAWN if gone else Reason.LEFT_IN_VAS, "byte-1")


def journal_sentence(change: Change) -> Decision[str | None]:
    """What the journal is to say of the consent; `None`: it need not be documented (byte-1, byte-2, byte-3)."""
    if change is Change.TO_PHONE:
        return Decision(SENTENCE, Reason.DOCUMENTED, "byte-1")
    return Decision(None, Reason.NOT_DOCUMENTED, _by_login(change))
