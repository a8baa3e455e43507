"""The fixed referral, by the way that the contact came: SMS or e-mail (patient-4, policy-hanvisning-1)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from engine.base.errors import Refused
from engine.steps.verdicts import Done, Finding, Go, Park, Send
from engine.tables.timeline import Entry
from models.case import Effect
from models.encryption import Use, ring
from models.inbound_contact import InboundContact, State
from routine import text as texts
from routine.approved import MAIL
from routine.conversation import referral
from tasks import clients, conversation, messages, text_check
from tasks.inbound_contact import effect_keys


@dataclass(frozen=True)
class Referral:
    """The referral on its way; `declined`: what holds if it is turned away."""

    to: str = field(repr=False)
    text: texts.Text
    by: str
    token: str
    then: Go
    declined: Go

    def send_referral(self) -> Done:
        """Send it.

        Raises:
            as the SMS provider's and the mail server's clients, but for a recipient that they refuse.
        """
        try:
            return Done(self.then, messages.send_text(self.by, self.to, self.text, self.token))
        except Refused as refused:
            if refused.reason not in messages.DECLINED:
                raise
            return Done(self.declined, sent=False)


def refer(case: InboundContact, to: str, ways: Sequence[str], then: Go) -> Send[Referral] | Park:
    """The verdict that refers the writer to these ways; staff hear of it if it is turned away."""
    said, key = referral(ways, clients.region()), effect_keys.referral(case)
    token = messages.receipt_token(key)
    entry = Entry("referral", "referral_declined", "policy-hanvisning-1")
    declined = replace(then, state=State.DECLINED, entries=(entry,))
    message = Referral(to, said, case.channel, token, then, declined)
    if case.channel == MAIL:
        return text_check.checked(Send(key, then, message, "mail"), said)
    likeness = ring().keyed(Use.LIKENESS, f"{to}\n{said.body}")
    return text_check.checked(
        Send(key, then, message, "sms", likeness, json.dumps({"to": to, "text": said.body}), token), said
    )


def ask_of_reply(effect: Effect) -> Finding:
    """What became of an acknowledgement or a referral whose answer was lost."""
    return (
        messages.ask_of_message(effect)
        if effect.system in ("sms", "mail")
        else conversation.ask_of_saying(effect)
    )
