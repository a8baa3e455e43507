"""The stories of the sample day in which someone writes for a child, or one who is young (barn-1 to 4)."""

from __future__ import annotations

from sandbox.sample_day.contacts import HEARD
from sandbox.sample_day.scene import Day
from sandbox.sample_day.talk import GUIDED, child, guardian, writes


def children(day: Day) -> None:
    own = guardian(day)
    talk = writes(day, "A guardian writes for a child of 8", number=child(day, 8), person={"guardians": [own]},
                  by=own, by_role="guardian")  # fmt: skip
    talk.answered()
    talk.ends("answered", "barn-1: a guardian is proxy for a child under 13.", HEARD)
    talk = writes(day, "Someone else writes for a child of 8", number=child(day, 8, 1), by=day.writer(),
                  by_role="other")  # fmt: skip
    talk.ends("open", "barn-1: no guardian, so nothing of ours; staff answer.")
    hidden = guardian(day, protected=True)
    talk = writes(day, "A protected guardian writes for a child of 8", number=child(day, 8, 2),
                  person={"guardians": [hidden]}, by=hidden, by_role="guardian")  # fmt: skip
    talk.ends("open", "policy-skydd-1: for the guardian as for the child.")
    talk = writes(day, "A child of 13 writes", number=child(day, 13))
    talk.answered()
    talk.ends("answered", "barn-2: from 13 the child writes for themselves.", HEARD)
    own = guardian(day)
    talk = writes(day, "A guardian writes for a child of 13", number=child(day, 13, 1),
                  person={"guardians": [own]}, by=own, by_role="guardian")  # fmt: skip
    talk.ends("open", "policy-barn-1: nothing of ours goes to a guardian any more; staff answer.")


def guided_by_age(day: Day) -> None:
    talk = writes(day, "One of 14 asks about their journal", number=child(day, 14), topic="journal")
    talk.ends("open", "byte-5, barn-4: not to a journal that they cannot read.", HEARD)
    talk = writes(day, "One of 16 asks about their journal", number=child(day, 16), topic="journal")
    talk.ends("open", "byte-5, barn-4: from 16 the journal is theirs to read.", HEARD, (1, GUIDED))
    talk = writes(day, "One of 14 wants to rebook", number=child(day, 14, 1), topic="rebook")
    talk.ends("open", "byte-5, barn-2: from 13 they handle their own times.", HEARD, (1, GUIDED))


YOUNG = (children, guided_by_age)
