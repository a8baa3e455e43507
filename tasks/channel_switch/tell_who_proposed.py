"""What staff hear of a change of channel that they have proposed: why not, what to read, whom to call."""

from __future__ import annotations

from engine.steps.stage import from_tables, step
from engine.steps.verdicts import Done, Go, Rest, Verdict
from models.channel_switch import ChannelSwitch, State
from routine import staff_text
from routine.approved import PHONE
from routine.reasons import Reason, reason_of
from routine.text import Text
from tasks import clients, journal_system, people
from tasks.channel_switch import effect_keys
from tasks.channel_switch.facts import SwitchFacts, switch_facts
from tasks.channel_switch.link_life import expires

BACKOFF = [2, 10, 60, 300, 1800, 7200]
CALL_BACK = (Reason.CALLER_HAS_NO_LINK, Reason.NOT_REACHED)
"""Why a caller has neither the link that they asked for nor a human."""


def judge_switch_task(case: ChannelSwitch, known: SwitchFacts | None) -> Verdict[journal_system.Posting]:
    """A task for the unit of the contact; a unit in shadow, or a contact that nobody knows, has none."""
    then = _after_telling(case)
    unit = clients.region().unit(case.unit) if case.unit else None
    nobody_asks = case.from_channel == PHONE and case.state == State.DOCUMENTED
    if known is None or unit is None or unit.in_shadow or nobody_asks:
        return then
    return journal_system.staff_task(
        effect_keys.switch_task(case, case.answer or ""),
        patient=people.patient_of(known.contact),
        unit=case.unit,
        unit_name=known.contact.unit_name,
        contact=case.contact_id,
        reason=case.outcome or str(case.state),
        said=_task_text(case),
        then=then,
    )


def _after_telling(case: ChannelSwitch) -> Go:
    match case.state:
        case State.UNCLEAR:
            return Rest(State.ASKED, due_at=expires(case.asked_at or case.created_at))
        case State.DOCUMENTED:
            return Rest(State.CHANGED)
        case _:
            return Rest(State.STAYS)


def _task_text(case: ChannelSwitch) -> Text:
    match case.state:
        case State.UNCLEAR | State.REFUSED if case.outcome in CALL_BACK:
            return staff_text.call_back(case.number)
        case State.UNCLEAR:
            return staff_text.switch_unclear()
        case State.TASK_WITHDRAWN:
            return staff_text.consent_withdrawn(note_stands=case.outcome == Reason.LEFT_IN_VAS)
        case State.DOCUMENTED if case.to_channel == PHONE:
            return staff_text.call_patient(case.number)
        case State.DOCUMENTED:
            return staff_text.contact_opened(clients.region().systems[case.to_channel].name)
        case _:
            return staff_text.switch_refused(reason_of(case.outcome or Reason.STAYS))


@step(
    system="vas",
    backoff=BACKOFF,
    facts=from_tables(switch_facts),
    gate=judge_switch_task,
    ask=journal_system.ask_of_posting,
)
def tell_who_proposed(task: journal_system.Posting) -> Done:
    """Tell the staff of the unit what has become of the proposal, and what is theirs to do."""
    return journal_system.post(task)
