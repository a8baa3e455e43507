"""The sandbox's own paths: what was received, and what its people are made to do. How it is: `setting_up`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.acts.townspeople import Townspeople
from sandbox.region import Region
from sandbox.sample_day.day import STAGES
from sandbox.sample_day.stages import SampleDay
from sandbox.server.setting_up import SettingUp
from sandbox.wire.web import BadRequest, Handler, Reply, Request, html_reply, json_reply
from sandbox.wire.webhooks import Event, NoSecret

LOOK = '<li><a href="/inspect/{name}">/inspect/{name}</a></li>\n'
FRONT = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>Växel's sandbox</title>
</head>
<body>
<main>
<h1>Växel's sandbox</h1>
<p>This program stands in for the outer systems of a health region, each under a path of its own. Its people are made
up. sandbox/README.md says what they can be made to do.</p>
<h2>What each system has received, and now holds (JSON)</h2>
<ul>
{looks}</ul>
<h2>More</h2>
<ul>
<li><a href="/sample-day">/sample-day</a>: how the sample day should end</li>
<li><a href="/people">/people</a>: who lives there</li>
<li><a href="/faults">/faults</a>: what goes wrong on purpose</li>
<li><a href="/healthz">/healthz</a>: it is up</li>
</ul>
</main>
</body>
</html>
"""


class Control:
    """Everything that is answered beside the systems, bound to one region, its people and its sample day."""

    def __init__(self, region: Region, people: Townspeople, sample_day: SampleDay) -> None:
        self._region, self._acts, self._sample_day = region, people.acts, sample_day
        self._routes: dict[tuple[str, str], Handler] = SettingUp(region).routes | {
            ("GET", ""): self._front,
            ("GET", "healthz"): self._health,
            ("GET", "inspect"): self._inspect,
            ("DELETE", "state"): self._forget_all,
            ("GET", "sample-day"): self._about_the_day,
            ("POST", "act"): self._act_by_path,
        }
        looks = {name: system.inspect for name, system in region.systems.items()}
        self._looks: dict[str, Callable[[dict[str, str]], dict[str, Any]]] = {
            "calls": self._calls,
            "counts": lambda _: region.counts(),
            "mail": region.mail.inspect,
        } | looks
        self._looks["vas"] = self._vas

    def respond(self, request: Request) -> Reply:
        """Answers everything that is not a system."""
        answer = self._routes.get((request.method, request.first))
        if answer is None:
            raise BadRequest(404, "no such resource")
        return answer(request)

    def _front(self, request: Request) -> Reply:
        return html_reply(FRONT.format(looks="".join(LOOK.format(name=name) for name in self._looks)))

    def _health(self, request: Request) -> Reply:
        return json_reply({"ok": True})

    def _inspect(self, request: Request) -> Reply:
        """What the system `request.path` received and now holds."""
        if request.path not in self._looks:
            raise BadRequest(404, f"one of {', '.join(self._looks)}")
        return json_reply(self._looks[request.path](request.query))

    def _calls(self, query: dict[str, str]) -> dict[str, Any]:
        calls = self._region.calls
        return calls.counted() if "count" in query else {"calls": calls.chosen(query)}

    def _vas(self, query: dict[str, str]) -> dict[str, Any]:
        """With the webhooks that VAS has sent by itself."""
        patient, sent = query.get("patient"), list(self._region.outbox.sent)
        chosen = [one for one in sent if patient in (None, (one["patient"] or {}).get("id"))]
        return self._region.vas.inspect(query) | {"webhooks": chosen}

    def _forget_all(self, request: Request) -> Reply:
        self._region.clear()
        self._sample_day.clear()
        return Reply(204, b"")

    def _about_the_day(self, request: Request) -> Reply:
        return json_reply(self._sample_day.expected(_stage(request.query.get("after"))))

    def _act_by_path(self, request: Request) -> Reply:
        """The people act, the source `request.path` tells of something, or a stage of the sample day is played."""
        given = request.json()
        if not isinstance(given, dict):
            raise BadRequest(422, "not an object")
        try:
            if request.path == "sample-day":
                return json_reply(self._sample_day.play_stage(_stage(given.get("stage", 1))))
            if request.path in self._acts:
                return json_reply(self._acts[request.path](given))
            return json_reply({"sent": self._send_events(request.path, given)})
        except NoSecret as error:
            raise BadRequest(422, str(error)) from None

    def _send_events(self, source: str, given: dict[str, Any]) -> list[dict[str, Any]]:
        """`{events: [{type, data, id?, timestamp?}], batch?, silent?}`. VAS's own list follows.

        `silent`: the webhook is lost, nothing is sent.
        """
        events = _events(source, given.get("events"))
        if source == "vas":
            for event in events:
                self._region.vas.follow_event(event.type, event.data)
        if given.get("silent"):
            return []
        if given.get("batch"):
            return self._region.webhooks.send_batch(source, events)
        return [self._region.webhooks.send_event(event) for event in events]


def _stage(given: Any) -> int:
    if given is None:
        return STAGES
    if str(given) not in [str(stage) for stage in range(1, STAGES + 1)]:
        raise BadRequest(422, f"a stage is from 1 to {STAGES}")
    return int(given)


def _events(source: str, given: Any) -> list[Event]:
    try:
        return [
            Event(one["type"], one["data"], source, **{n: one[n] for n in ("id", "timestamp") if n in one})
            for one in given
        ]
    except (KeyError, TypeError):
        raise BadRequest(422, "events: a list of {type, data, id?, timestamp?}") from None
