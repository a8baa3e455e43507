"""The stories of the sample day in which a human is needed at once (suicid-1, policy-suicid-1)."""

from __future__ import annotations

from sandbox.sample_day.contacts import HEARD
from sandbox.sample_day.scene import Day
from sandbox.sample_day.switches import CHANGE, asked
from sandbox.sample_day.talk import writes


def risk_on_receipt(day: Day) -> None:
    talk = writes(day, "A risk of suicide, on receipt in the chat", risk="suicide")
    talk.risk("acknowledged", stage=2)
    talk.ends("open", "suicid-1: a human first, and nothing of ours.")
    talk.alarmed(alerts=1)
    talk = writes(day, "A risk of suicide, on receipt in 1177", "e1177", risk="suicide")
    talk.risk("acknowledged", stage=2)
    talk.ends("open", "suicid-1: 1177 takes no alert, so staff have an urgent task.")
    talk.alarmed(tasks=("suicide_risk",))


def risk_later(day: Day) -> None:
    talk = writes(day, "A risk of suicide, flagged later")
    talk.risk("flagged", stage=2)
    talk.risk("acknowledged", stage=3)
    talk.ends("open", "suicid-1: at any later time.", HEARD)
    talk.alarmed(alerts=1)


def risk_in_a_message(day: Day) -> None:
    talk = writes(day, "A risk of suicide, in the patient's next message", "hope")
    talk.says("Jag orkar inte mer.", stage=2, risk="suicide")
    talk.risk("acknowledged", stage=3)
    talk.answered(stage=4)
    talk.ends("answered", "policy-suicid-1: a human has acknowledged it, and answers.", HEARD)
    talk.alarmed(alerts=1)


def risk_while_asked(day: Day) -> None:
    talk = asked(day, "A risk of suicide while a question stands", "hope", "platform24")
    talk.risk("flagged", stage=3)
    talk.risk("acknowledged", stage=4)
    talk.waits("policy-suicid-1: the proposal is withdrawn; a human comes first.")
    talk.switch(talk.proposed, "stays", CHANGE)
    talk.alarmed(alerts=1)


RISKS = (risk_on_receipt, risk_later, risk_in_a_message, risk_while_asked)
