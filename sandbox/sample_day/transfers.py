"""The stories of the sample day in which what a patient attached goes by way of the storage (bilder-1 to bilder-4).

1. The patient writes, and attaches. 2. Staff ask for it. 3. and 4. They do with their files what they like.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from sandbox.files.samples import sample
from sandbox.sample_day.scene import Act, Day
from sandbox.sample_day.talk import ACKNOWLEDGED, ANNA, Talk, writes
from sandbox.sample_day.units import HALMSTAD, LAHOLM, Json
from sandbox.systems.eid.staff import CARE
from sandbox.wire.webhooks import Event

STAFF = (
    (ANNA["name"], ANNA["title"], (CARE, "Administration")),
    ("Bo Test", "läkare", (CARE,)),
    ("Cecilia Test", "läkare", (CARE,)),
    ("David Test", "ekonom", ("Administration",)),
    ("Eva Test", "tekniker", ()),
)
"""Name, title, and the purpose of each commission; by the first one may see what is a patient's."""
BO: Json = {"hsa_id": "SE2321000115-P000000000002", "name": "Bo Test", "title": "läkare"}
HEARD = (1, ACKNOWLEDGED)
READY, REFUSED, GONE = "image_ready", "image_refused", "original_gone"
OPEN = "patient-1: acknowledged where the patient wrote, whatever comes of the picture."


@dataclass(slots=True)
class Transfer:
    """What one member of staff wants of one contact."""

    day: Day
    talk: Talk
    by: Json
    id: str
    refs: list[str] = field(default_factory=list)

    def does(self, what: str, stage: int = 3) -> None:
        """Its owner does something with its files, on the pages of the storage."""
        self.day.acts.setdefault(stage, []).append(Act(self.by["hsa_id"], what, self.id))

    def ends(
        self, why: str, *states: str, fetched: int = 1, told: tuple[str, ...] = (READY,), **more: object
    ) -> None:
        """How each file should end, how often its source has given it, and what its owner is told.

        In the platform, or by tasks (`tasks=True`).
        """
        heard: Json = {"tasks": told} if more.pop("tasks", False) else {"alerts": len(told)}
        for at, (ref, state) in enumerate(zip(self.refs, states, strict=True)):
            asked = f"{self.by['hsa_id'].upper()}\n{self.talk.channel}\n{ref}"
            key = f"staff:{self.id}:{hashlib.sha256(asked.encode()).hexdigest()[:16]}"
            about: Json = {"transfer": self.id, "fetched": fetched, "ref": ref, "says": why}
            self.talk.part("image_transfer", key, state, about | (heard if at == 0 else {}))


def asked_for(talk: Talk, *samples: str, by: Json = ANNA, vanishes_after: int | None = None) -> Transfer:
    """A member of staff asks for what was attached in a contact."""
    day = talk.day
    transfer = Transfer(day, talk, by, day.next_id("T"))
    for name in samples:
        ref = day.next_id("F")
        given = {"system": talk.channel, "ref": ref, "contact": talk.id, "sample": name}
        day.attachments.append(given | {"vanishes_after": vanishes_after})
        transfer.refs.append(ref)
    named = [
        {"ref": ref, "filename": sample(name).filename}
        for ref, name in zip(transfer.refs, samples, strict=True)
    ]
    data = {"id": transfer.id, "contact": talk.id, "from": talk.channel, "attachments": named, "by": by}
    whole = {"transfer": data | {"patient": talk.patient, "unit": talk.unit.json()}}
    day.publish(2, Event("transfer.requested", whole, "staff", id=day.next_id("msg")))
    return transfer


def attaches(day: Day, title: str, channel: str = "platform24") -> Talk:
    """A patient writes, and attaches something."""
    talk = writes(day, title, channel, "Här är bilden.")
    talk.ends("open", OPEN, HEARD)
    return talk


def brought(day: Day) -> None:
    for title, channel, names in (
        ("Sends a picture by phone", "platform24", ("jpeg_of_a_phone",)),
        ("Sends a picture that lies on its side, and a referral", "hope", ("heic_turned", "pdf")),
        ("Sends a film", "lifecare", ("mp4",)),
    ):
        transfer = asked_for(attaches(day, title, channel), *names)
        transfer.does("downloads")
        transfer.ends("bilder-1, bilder-2: it lies in the storage, for the one who asked for it.",
                      *("told" for _ in names))  # fmt: skip


def brought_from_1177(day: Day) -> None:
    transfer = asked_for(attaches(day, "Sends a picture in 1177", "e1177"), "jpeg")
    transfer.ends("policy-bild-5: 1177 has no word for staff, so they have it as a task.", "told", tasks=True)


def brought_by_another(day: Day) -> None:
    transfer = asked_for(attaches(day, "Sends a picture that a second member of staff wants"), "png", by=BO)
    transfer.does("looks")
    transfer.ends("bilder-2: only the one who asked for it can read it.", "told")


def brought_when_closed(day: Day) -> None:
    talk = writes(day, "Sends a picture in a contact that is closed by then", unit=LAHOLM)
    talk.closed(stage=2)
    talk.ends("registered", "distans-1: unknown is never a visit.", HEARD, registered=(None,))
    transfer = asked_for(talk, "webp")
    transfer.ends("policy-bild-5: the platform has closed the conversation, so staff have it as a task.", "told",
                  tasks=True)  # fmt: skip


def not_a_picture(day: Day) -> None:
    transfer = asked_for(attaches(day, "Sends a text that is called a picture"), "text_named_jpg")
    transfer.ends("policy-bild-1: it is none of the kinds that are kept.", "refused", told=(REFUSED,))


def lost(day: Day) -> None:
    transfer = asked_for(
        attaches(day, "Sends a picture that is gone from its source"), "jpeg", vanishes_after=0
    )
    transfer.ends("bilder-4: the source has lost the original, and staff are told.", "lost", fetched=0,
                  told=(GONE,))  # fmt: skip


def brought_to_journal(day: Day) -> None:
    transfer = asked_for(attaches(day, "Sends a picture that comes into the journal", "hope"), "jpeg_turned")
    transfer.does("downloads")
    transfer.does("journalled")
    transfer.ends(
        "bilder-4: it is in the journal, the original in its source; the copy is gone.", "journalled"
    )


def fetched_again(day: Day) -> None:
    transfer = asked_for(attaches(day, "Sends a picture that is deleted, and fetched anew"), "avif")
    transfer.does("deletes")
    transfer.does("fetches_again", stage=4)
    transfer.ends("bilder-4: deleted here, it is fetched anew from its source.", "told", fetched=2,
                  told=(READY, READY))  # fmt: skip


def staff(day: Day) -> None:
    """Who can log in: two who ask for files, and three who see none."""
    for number, (name, title, purposes) in enumerate(STAFF, 1):
        who = {"hsa_id": f"SE2321000115-P{number:012}", "name": name, "title": title}
        named = [_commission(10 * number + at, purpose) for at, purpose in enumerate(purposes)]
        day.staff.append(who | {"commissions": named})


def _commission(number: int, purpose: str) -> Json:
    hsa_id = f"SE2321000115-U{number:012}"
    return {"hsa_id": hsa_id, "purpose": purpose, "right": "Läsa;VoB;SJF", "unit": HALMSTAD.json()}


TRANSFERS = (
    staff, brought, brought_from_1177, brought_by_another, brought_when_closed, not_a_picture, lost,
    brought_to_journal, fetched_again,
)  # fmt: skip
