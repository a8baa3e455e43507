"""The commands for cases: list them, tell a story, take one up again, settle what nobody knows the fate of."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from typing import Annotated, Any

import typer

from cli.looking import looker, reason_given
from cli.options import AsJson, Most, case_id, effect_id, found
from cli.terminal import fail, say, show, show_json, warn
from engine.ops import by_hand, looked_at

NO_CASE = (
    "No case has that id. `vaxel find` finds one by a booking, contact, patient or phone number; `vaxel cases` lists "
    "the newest."
)
NO_CASE_TO_TAKE_UP = (
    "No case of that id can be taken up: look it up with `vaxel case ID`. One that is closed needs nothing; "
    "`vaxel cases --parked` lists those that wait for a human."
)
NO_EFFECT = (
    "No effect of that id waits to be settled. `vaxel case ID` lists a case's: those that are parked do."
)
NO_REQUEST = (
    "No request of that id waits to be settled: look it up with `vaxel case ID`. `vaxel cases --parked` lists those "
    "of self_service that do."
)


def cases(
    state: Annotated[str | None, typer.Option(help="Only cases that stand there.")] = None,
    parked: Annotated[bool, typer.Option("--parked", help="Only cases that wait for a human.")] = False,
    most: Most = 100,
    as_json: AsJson = False,
) -> None:
    """List cases, the newest changes first."""
    from flows.registry import PROCESSES

    states = {str(each) for model in PROCESSES.values() for each in model.TRANSITIONS}
    if state is not None and state not in states:
        fail(f"No case can stand there. One of: {', '.join(sorted(states))}.")
    rows = [asdict(line) for line in by_hand.cases(PROCESSES, state=state, parked=parked, most=most)]
    show(rows, ["id", "process", "state", "parked", "unknown", "due_at", "updated_at"], as_json)


def case(
    id: Annotated[uuid.UUID, typer.Argument(parser=case_id, help="The case.")],
    reason: Annotated[
        str | None, typer.Option(help="Why you look, where it is not to operate Växel. It stands in the log.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tell a case's story: its timeline with the clauses, its effects, and Prefect's runs that had it.

    You stand in the access log first.
    """
    from flows.registry import PROCESSES

    why = looked_at.WHY if reason is None else reason_given(reason)
    story = found(lambda: looked_at.story_told(PROCESSES, id, who=looker(), why=why), NO_CASE)
    if as_json:
        show_json(asdict(story))
        return
    line = story.case
    parked = f"  parked: {line.parked}" if line.parked else ""
    say(f"{line.id}  {line.process}  {line.state}{parked}", style="bold")
    show(
        [entry | {"detail": _flat(entry["detail"])} for entry in story.timeline],
        ["at", "what", "reason", "clause", "detail"],
    )
    if not story.timeline_whole:
        warn("The timeline has been changed since it was written: its hashes do not fit.")
    if story.effects:
        show(story.effects, ["id", "step", "system", "state", "receipt", "tries", "at"])
    if story.runs:
        show(
            [{"run in Prefect": each["id"], "at": each["at"]} for each in story.runs],
            ["run in Prefect", "at"],
        )


def _flat(detail: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in detail.items())


def retry(
    id: Annotated[uuid.UUID | None, typer.Argument(parser=case_id, help="The case.")] = None,
    reason: Annotated[str | None, typer.Option(help="Instead: all that are parked for this reason.")] = None,
) -> None:
    """Take a parked or waiting case up again, or all that are parked for one reason."""
    from flows.registry import PROCESSES

    if (id is None) == (reason is None):
        fail("Name a case, or a reason with --reason.")
    if id is not None:
        found(lambda: by_hand.retry(PROCESSES, id), NO_CASE_TO_TAKE_UP)
        say("It is due now.")
    else:
        count = by_hand.retry_parked(PROCESSES, str(reason))
        if not count:
            say("Nothing is parked for that reason: `vaxel cases --parked` says for which ones something is.")
            return
        say(f"{count} {'case is' if count == 1 else 'cases are'} due now.")


def resolve(
    effect: Annotated[uuid.UUID, typer.Argument(parser=effect_id, help="The effect.")],
    arrived: Annotated[bool, typer.Option("--arrived/--not-arrived", help="What you have found out.")],
) -> None:
    """Settle an unknown effect: it arrived and is done, or did not and is sent again."""
    from flows.registry import PROCESSES

    id = found(lambda: by_hand.resolve(PROCESSES, effect, arrived=arrived), NO_EFFECT)
    say(f"Settled. Its case: {id}")


def settle(
    id: Annotated[uuid.UUID, typer.Argument(parser=case_id, help="A parked case of self_service.")],
    done: Annotated[bool, typer.Option("--done/--not-done", help="What you have found out, or seen to.")],
    as_json: AsJson = False,
) -> None:
    """Settle what a resident asked for on 1177: it is done, or it is not, and they have a notice of that."""
    from tasks.self_service.settle import settle as by_hand_settled

    found(lambda: by_hand_settled(id, done=done), NO_REQUEST)
    state = "done" if done else "declined"
    if as_json:
        show_json({"case": str(id), "state": state})
        return
    say(f"Settled: {state}.")
