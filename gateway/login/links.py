"""The links of changes of channel, as the pages of a login see them. What a login means is decided behind it."""

from __future__ import annotations

from collections.abc import Mapping

from anyio import from_thread

from gateway.login.ports import Landing, Links, LinkState, SentLink, WhyNot
from gateway.wake import Waker
from models.channel_switch import ChannelSwitch
from models.routes import token_hash
from routine.approved import entry_to
from routine.reasons import Reason
from systems.eid import LoggedIn
from tasks.channel_switch import landing, logins

STATES: Mapping[Reason, LinkState] = {
    Reason.LINK_USED: LinkState.USED,
    Reason.LINK_EXPIRED: LinkState.EXPIRED,
}
"""What is over in another way has been withdrawn."""
WHY_NOT: Mapping[Reason, WhyNot] = {
    Reason.LINK_USED: WhyNot.USED,
    Reason.LINK_EXPIRED: WhyNot.EXPIRED,
    Reason.LOGIN_TOO_WEAK: WhyNot.TOO_WEAK,
}


class SwitchLinks(Links):
    """`gateway.login.ports.Links`.

    Args:
        waker: asks for a run that carries out what a login has consented to.
    """

    def __init__(self, waker: Waker) -> None:
        self._waker = waker

    def look(self, token: str, /) -> SentLink | None:
        """As the port has it."""
        standing = logins.look_up_link(token_hash(token))
        if standing is None:
            return None
        alive = standing.alive
        state = LinkState.ALIVE if alive.allowed else STATES.get(alive.reason, LinkState.WITHDRAWN)
        return SentLink(state, entry_to(standing.entry, None) if standing.straight else None)

    def completed(self, token: str, who: LoggedIn, /) -> Landing:
        """As the port has it.

        Raises:
            LookupError: the link is gone.
            NotSent: a guardian has logged in, and the person register does not answer.
        """
        decision, standing = logins.complete(token_hash(token), who)
        from_thread.run_sync(self._waker.soon, ChannelSwitch.PROCESS)
        if decision.allowed:
            return Landing(to=landing.address(standing.entry, standing.switch))
        if not standing.alive.allowed:
            return Landing(why_not=WHY_NOT.get(decision.reason, WhyNot.WITHDRAWN))
        return Landing(why_not=WHY_NOT.get(decision.reason, WhyNot.WRONG_PERSON))
