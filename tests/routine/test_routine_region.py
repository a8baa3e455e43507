"""The region's figures, and what is said of a wrong file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from routine.approved import Use, entry_to
from routine.figures import Letters, Quiet
from routine.occasion import Occasion
from routine.region import CallLetterWay, Publish, Region
from routine.region_file import HALLAND, RegionError, load_region

Overlay = Callable[..., Path]
HSA_ID = "SE2321000115-E000000000001"
UNIT = f'[units."{HSA_ID}"]\nname = "Vårdcentralen Halmstad"\nturn_to = "031-390 06 00"\n'


LOCAL = f"""[systems.local-hjarta]
name = "Hjärtmottagningens egenmonitorering"
uses = ["text"]
only_for = ["heart_failure_monitoring"]
units = ["{HSA_ID}"]
since = 2026-01-01
until = 2026-01-01
"""


@pytest.fixture
def overlay(tmp_path: Path) -> Overlay:
    def write(text: str, name: str = "overlay.toml") -> Path:
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return path

    return write


def test_hallands_figures() -> None:
    region = load_region()
    assert (region.ages.own_login, region.ages.own_journal, region.ages.adult) == (13, 16, 18)
    assert region.coalescing_window == region.bulk_window == timedelta(minutes=10)
    assert region.wait_for_person == timedelta(minutes=30)
    assert (region.bulk_threshold, region.letters.paper, region.sms.sender) == (200, True, "RegHalland")
    assert (region.login.link, region.units) == ("https://www.1177.se/", {})
    assert region.notices.portal_notifies_of == {Occasion.BOOKED, Occasion.CHANGED}


def test_hallands_figures_for_reminders_and_quiet_hours() -> None:
    region = load_region()
    reminders = region.reminders
    assert (reminders.lead_hours, reminders.free_cancel_hours) == ({72}, 24)
    assert (reminders.pointless_minutes, reminders.guardians_consent_counts) == (30, False)
    assert (region.quiet.from_, region.quiet.to, region.most_missing) == (time(21), time(8), 20)


def test_hallands_figures_for_contacts_links_and_storage() -> None:
    region = load_region()
    assert (region.contacts.answer_within_hours, region.contacts.escalation_seconds) == (72, (120, 300, 600))
    assert {"nej", "inte", "stop"} <= region.contacts.words_of_refusal
    assert (region.links.life_hours, region.links.level_of_assurance) == (72, 3)
    assert (region.storage.appointed, region.storage.life_hours) == (False, 24)
    assert (region.storage.remind_hours, region.storage.most_bytes) == (4, 200_000_000)
    assert (region.storage.scanned_megabytes, region.storage.not_scanned) == (99, "give")
    assert len(region.storage.kinds) == 11


SYSTEMS = [
    ("e1177", {Use.TEXT}, None, True),
    ("platform24", {Use.TEXT, Use.VIDEO}, None, False),
    ("hope", {Use.TEXT, Use.VIDEO}, None, False),
    ("lifecare", {Use.TEXT}, None, False),
    ("stodbehandling", {Use.TEXT}, None, False),
    ("teams", {Use.VIDEO}, {"care_planning"}, False),
    ("mdk", {Use.VIDEO}, {"mdk"}, False),
    ("sms", {Use.REMINDER, Use.NOTICE, Use.LINK}, None, False),
    ("mail", {Use.NOTICE}, None, False),
]


def test_hallands_systems_are_those_of_the_routine() -> None:
    assert load_region().systems.keys() == {id for id, *_ in SYSTEMS}


@pytest.mark.parametrize(("id", "uses", "only_for", "protected"), SYSTEMS, ids=[row[0] for row in SYSTEMS])
def test_hallands_systems_are_approved_for(
    id: str, uses: set[Use], only_for: set[str] | None, protected: bool
) -> None:
    system = load_region().systems[id]
    assert (system.uses, system.video_for or system.only_for, system.protected) == (uses, only_for, protected)
    assert system.check
    assert (system.since, system.until, system.units) == (None, None, None)


def test_a_units_own_solution_is_listed_with_its_purpose_and_its_units(overlay: Overlay) -> None:
    system = load_region([HALLAND, overlay(LOCAL)]).systems["local-hjarta"]
    assert (system.only_for, system.units) == ({"heart_failure_monitoring"}, {HSA_ID})
    assert (system.since, system.until) == (date(2026, 1, 1), date(2026, 1, 1))


def test_a_system_without_a_check_is_read_and_no_check_is_made_up(overlay: Overlay) -> None:
    text = '[systems.new]\nname = "Ny"\nuses = ["text"]\n'
    assert load_region([HALLAND, overlay(text)]).systems["new"].check is None


def test_a_unit_offers_1177_and_refers_nobody_unless_it_says_so(overlay: Overlay) -> None:
    unit = load_region([HALLAND, overlay(UNIT)]).unit(HSA_ID)
    assert (unit.offers, unit.refers, unit.answer_within_hours) == ({"e1177"}, False, None)


def test_a_unit_may_say_how_soon_it_answers(overlay: Overlay) -> None:
    region = load_region([HALLAND, overlay(UNIT + "answer_within_hours = 24\n")])
    unit = region.unit(HSA_ID)
    assert region.answer_within(unit) == timedelta(hours=24)
    assert region.answer_within(unit.model_copy(update={"answer_within_hours": None})) == timedelta(hours=72)


def test_policy_sjalvservice_1_a_unit_may_say_until_when_its_visits_are_changed(overlay: Overlay) -> None:
    region = load_region([HALLAND, overlay(UNIT + "last_change_hours = 0\n")])
    unit = region.unit(HSA_ID)
    assert region.last_change(unit) == timedelta()
    assert region.last_change(unit.model_copy(update={"last_change_hours": 48})) == timedelta(hours=48)
    for silent in (None, unit.model_copy(update={"last_change_hours": None})):
        assert region.last_change(silent) == timedelta(hours=24)


@pytest.mark.parametrize("hours", ["[72]", "[48, 240]"])
def test_besok_5_a_reminder_arrives_while_the_visit_can_still_be_changed(
    overlay: Overlay, hours: str
) -> None:
    leads = f"[reminders]\nlead_hours = {hours}\n"
    first = 72 if hours == "[72]" else 48
    for_all = f"{leads}[self_service]\nlast_change_hours = "
    of_one = f"{leads}{UNIT}last_change_hours = "
    for text in (for_all, of_one):
        assert load_region([HALLAND, overlay(f"{text}{first - 1}\n")])
        with pytest.raises(RegionError, match=r"last_change_hours below every lead of \[reminders\]"):
            load_region([HALLAND, overlay(f"{text}{first}\n")])


RIGHT: list[tuple[str, Callable[[Region], object], object]] = [
    ("[reminders]\nlead_hours = [25]\n", lambda r: r.reminders.lead_hours, {25}),
    ("[reminders]\nlead_hours = [25, 26, 27, 28, 29]\n", lambda r: len(r.reminders.lead_hours), 5),
    ("[reminders]\nlead_hours = [8784]\n", lambda r: r.reminders.lead_hours, {8784}),
    ("[reminders]\nfree_cancel_hours = 71\n", lambda r: r.reminders.free_cancel_hours, 71),
    ("[reminders]\npointless_minutes = 1440\n", lambda r: r.reminders.pointless_minutes, 1440),
    ('[quiet]\nfrom = "22:30"\nto = 06:00:00\n', lambda r: r.quiet.from_, time(22, 30)),
    ("[quiet]\nto = 21:00:00\n", lambda r: r.quiet.from_ == r.quiet.to, True),
    ("[contacts]\nescalation_seconds = [1]\n", lambda r: r.contacts.escalation_seconds, (1,)),
    ("[contacts]\nwords_of_refusal = []\n", lambda r: r.contacts.words_of_refusal, set()),
    ("[links]\nlevel_of_assurance = 1\n", lambda r: r.links.level_of_assurance, 1),
    ("[links]\nlevel_of_assurance = 4\n", lambda r: r.links.level_of_assurance, 4),
    ("[storage]\nappointed = true\n", lambda r: (r.storage.appointed, r.storage.life_hours), (True, 24)),
    ("most_missing = 0\n", lambda r: r.most_missing, 0),
]


@pytest.mark.parametrize(("text", "read", "expected"), RIGHT, ids=[row[0] for row in RIGHT])
def test_a_region_may_say_otherwise(
    overlay: Overlay, text: str, read: Callable[[Region], object], expected: object
) -> None:
    assert read(load_region([HALLAND, overlay(text)])) == expected


def test_quiet_hours_are_given_by_the_names_that_the_file_has() -> None:
    with pytest.raises(ValidationError):
        Quiet(from_=time(21), to=time(8))


def test_a_unit_starts_in_shadow_by_scheduling_and_as_the_region(overlay: Overlay) -> None:
    region = load_region([HALLAND, overlay(UNIT)])
    unit = region.unit(HSA_ID)
    assert (unit.publish, unit.call_letter) == (Publish.SHADOW, CallLetterWay.SCHEDULING)
    assert (unit.paper, unit.reveals, unit.is_connected) == (None, False, True)
    assert region.sends_paper(unit)


def test_hsa_ids_compare_whatever_their_case(overlay: Overlay) -> None:
    region = load_region([HALLAND, overlay(UNIT.replace("E0", "e0").replace("SE", "se"))])
    assert region.unit(HSA_ID.lower()) == region.unit(HSA_ID) is not None
    assert region.unit("SE2321000115-E000000000002") is None


def test_paper_goes_where_a_region_says_nothing_of_it() -> None:
    assert Letters().paper


def test_a_later_file_goes_over_an_earlier_table_by_table(overlay: Overlay) -> None:
    second = (
        f'[units."{HSA_ID.lower()}"]\npublish = "vaxel"\ncall_letter = "inbox"\n[letters]\npaper = false\n'
    )
    region = load_region([HALLAND, overlay(UNIT), overlay(second, "second.toml")])
    unit = region.unit(HSA_ID)
    assert (unit.name, unit.publish, unit.is_connected) == ("Vårdcentralen Halmstad", Publish.VAXEL, False)
    assert not region.sends_paper(unit)
    assert region.sms.sender == "RegHalland"


TELEPHONE = (
    UNIT
    + f'''offers = ["platform24"]
[units."{HSA_ID}".telephone]
number = "+46313900611"
queue = "+46313900601"
menu = "https://x.org/a"
sent = "https://x.org/b"
keys = {{ 1 = "platform24" }}
'''
)
WRONG = [
    ("[ages]\nown_login = 13.5\n", 2, "ages.own_login: .*integer"),
    ('[ages]\nown_login = "13"\n', 2, "ages.own_login: .*integer"),
    ("[ages]\nown_login = 17\n", 1, "ages: own_login below own_journal below adult"),
    ("bulk_threshold = 0\n", 1, "bulk_threshold: .*greater than 0"),
    ("\n\nwait_for_person_seconds = true\n", 3, "wait_for_person_seconds: .*integer"),
    ('[sms]\nsender = "Region Halland"\n', 2, "sms.sender: .*pattern"),
    ('[sms]\nsender = "1177"\n', 2, "sms.sender: .*pattern"),
    ('[sms]\nsender = "RegHallandXY"\n', 2, "sms.sender: .*pattern"),
    ("\n[letters]\npapper = false\n", 3, "letters.papper: no such key"),
    ("[letter]\npaper = false\n", 1, "letter: no such key"),
    ("letters = 3\n", 1, "letters: .*"),
    ('[login]\nlink = "http://www.1177.se/"\n', 1, "login: an https link to one of the hosts"),
    ('[login]\nlink = "https://www.1177.se.evil.se/"\n', 1, "login: an https link"),
    ('[notices]\nportal_notifies_of = ["booked", "moved"]\n', 2, "notices.portal_notifies_of.1: .*'booked'"),
    (UNIT + 'publish = "sometimes"\n', 4, f"units.{HSA_ID}.publish: .*'shadow' or 'vaxel'"),
    (UNIT.replace("turn_to", "turn"), 1, f"units.{HSA_ID}.turn_to: required, but left out"),
    (UNIT.replace(HSA_ID, "E1"), 1, "units.E1: .*pattern"),
    ("units = 3\n", 1, "units: .*"),
    # reminders
    ("[reminders]\nlead_hours = [72, 24]\n", 1, "reminders: every lead longer than free_cancel_hours"),
    ("[reminders]\nfree_cancel_hours = 72\n", 1, "reminders: every lead longer than free_cancel_hours"),
    ("[reminders]\n\nlead_hours = []\n", 3, "reminders.lead_hours: .*at least 1 item"),
    ("[reminders]\nlead_hours = [25, 26, 27, 28, 29, 30]\n", 2, "reminders.lead_hours: .*at most 5 items"),
    ("[reminders]\nlead_hours = [0]\n", 2, "reminders.lead_hours.0: .*greater than 0"),
    ("[reminders]\nlead_hours = [8785]\n", 2, "reminders.lead_hours.0: .*less than or equal to 8784"),
    ("[reminders]\nlead_hours = 72\n", 2, "reminders.lead_hours: .*array"),
    ("[reminders]\nlead_hours = [72.5]\n", 2, "reminders.lead_hours.0: .*integer"),
    ("[reminders]\nfree_cancel_hours = 0\n", 2, "reminders.free_cancel_hours: .*greater than 0"),
    ("[reminders]\npointless_minutes = 0\n", 2, "reminders.pointless_minutes: .*greater than 0"),
    ("[reminders]\npointless_minutes = 1441\n", 2, "reminders.pointless_minutes: .*equal to 1440"),
    ("[reminders]\nguardians_consent_counts = 1\n", 2, "reminders.guardians_consent_counts: .*boolean"),
    ("[reminders]\nlead_days = [3]\n", 2, "reminders.lead_days: no such key"),
    # quiet hours
    ('[quiet]\nfrom = "25:00"\n', 2, "quiet.from: .*time"),
    ('[quiet]\nfrom = "21:00:00+01:00"\n', 1, "quiet: times without an offset: they are Swedish"),
    ('[quiet]\nto = "08:00:00Z"\n', 1, "quiet: times without an offset: they are Swedish"),
    ("[quiet]\nto = 8\n", 2, "quiet.to: .*time"),
    ("[quiet]\nfrom_ = 21:00:00\n", 2, "quiet.from_: no such key"),
    ("[quiet]\nfrom = 21:00\n", 2, "valid TOML"),
    # contacts
    ("[contacts]\nescalation_seconds = []\n", 2, "contacts.escalation_seconds: .*at least 1 item"),
    ("[contacts]\nescalation_seconds = [5, 2]\n", 1, "contacts: escalation_seconds growing"),
    ("[contacts]\nescalation_seconds = [2, 2]\n", 1, "contacts: escalation_seconds growing"),
    ("[contacts]\nescalation_seconds = [0]\n", 2, "contacts.escalation_seconds.0: .*greater than 0"),
    ("[contacts]\nanswer_within_hours = 0\n", 2, "contacts.answer_within_hours: .*greater than 0"),
    (
        '[contacts]\nwords_of_refusal = [\n  "nej", "",\n]\n',
        2,
        "contacts.words_of_refusal.1: .*pattern",
    ),
    # links and storage
    ("[links]\nlevel_of_assurance = 0\n", 2, "links.level_of_assurance: .*equal to 1"),
    ("[links]\nlevel_of_assurance = 5\n", 2, "links.level_of_assurance: .*equal to 4"),
    ("[links]\nlife_hours = 0\n", 2, "links.life_hours: .*greater than 0"),
    ("[storage]\nlife_hours = 0\n", 2, "storage.life_hours: .*greater than 0"),
    ('[storage]\nappointed = "yes"\n', 2, "storage.appointed: .*boolean"),
    ("most_missing = -1\n", 1, "most_missing: .*greater than or equal to 0"),
    # systems
    (
        '[systems.sms]\nuses = ["text"]\n',
        1,
        r"systems.sms: no use that the routine rules out \(system-1 to 3\)",
    ),
    ('[systems.sms]\nuses = ["notice", "video"]\n', 1, "systems.sms: no use that the routine rules out"),
    ('[systems.mail]\nuses = ["reminder"]\n', 1, "systems.mail: no use that the routine rules out"),
    ('[systems.mail]\nuses = ["notice", "link"]\n', 1, "systems.mail: no use that the routine rules out"),
    ('[systems.hope]\nuses = ["text", "reminder"]\n', 1, "systems.hope: no use that the routine rules out"),
    ('[systems.e1177]\nuses = ["notice"]\n', 1, "systems.e1177: no use that the routine rules out"),
    ("[systems.hope]\nonly_for = []\n", 2, "systems.hope.only_for: .*at least 1 item"),
    ('[systems.phone]\nname = "Telefon"\nuses = ["text"]\n', 1, "systems.phone: no such system"),
    ("[quiet]\nfrom = 02:00:00\n", 1, "quiet: from and to outside 02 to 03"),
    ("[quiet]\nto = 03:00:00\n", 1, "quiet: from and to outside 02 to 03"),
    (
        'name = "Cancerregionen"\n',
        1,
        "name, login.link: a name and a link with which notice_sms_booked is neutral",
    ),
    ("[systems.hope]\nuses = []\n", 2, "systems.hope.uses: .*at least 1 item"),
    ('[systems.hope]\nuses = ["voice"]\n', 2, "systems.hope.uses.0: .*'text'"),
    ('[systems.hope]\nchecked = "yes"\n', 2, "systems.hope.checked: no such key"),
    ('[systems.hope]\ncheck = ""\n', 2, "systems.hope.check: .*at least 1 character"),
    ('[systems.new]\nuses = ["text"]\n', 1, "systems.new.name: required, but left out"),
    (LOCAL.replace("until = 2026", "until = 2025"), 1, "systems.local-hjarta: until on or after since"),
    ('[systems.hope]\nsince = "soon"\n', 2, "systems.hope.since: .*date"),
    (LOCAL.replace("only_for", "# "), 1, r"systems.local-hjarta: only_for and units, .* \(system-4\)"),
    (LOCAL.replace("units", "# "), 1, "systems.local-hjarta: only_for and units"),
    (LOCAL.replace("local-hjarta", "local-Hjarta"), 1, "systems.local-Hjarta: local- and small letters"),
    (LOCAL.replace("local-hjarta", "local-" + "a" * 55), 1, "systems.local-a+: .*at most 60 in all"),
    (LOCAL.replace(f'["{HSA_ID}"]', "[]"), 5, "systems.local-hjarta.units: .*at least 1 item"),
    (LOCAL.replace(HSA_ID, "E1"), 5, "systems.local-hjarta.units.0: .*pattern"),
    (UNIT + 'offers = ["e1177", "icq"]\n', 1, rf"units.{HSA_ID}: offers what \[systems\] lists"),
    (
        TELEPHONE.replace('1 = "platform24"', '1 = "hope"'),
        1,
        f"units.{HSA_ID}: telephone keys that lead to what the unit offers",
    ),
    (TELEPHONE.replace("{ 1", "{ 12"), 10, f"units.{HSA_ID}.telephone.keys.12"),
    (TELEPHONE.replace("https://x.org/a", "a"), 8, f"units.{HSA_ID}.telephone.menu: .*pattern"),
    (TELEPHONE.replace("+46313900611", "031"), 6, f"units.{HSA_ID}.telephone.number: .*pattern"),
    (UNIT + "answer_within_hours = 0\n", 4, f"units.{HSA_ID}.answer_within_hours: .*greater than 0"),
    (UNIT + "refers = 1\n", 4, f"units.{HSA_ID}.refers: .*boolean"),
    ("a = \n", 1, r"valid TOML \(Invalid value\)"),
    ("[ages]\nown_login = 13\n[ages]\n", 3, "valid TOML"),
    ('name = """never closed', 1, "valid TOML"),
    ('name = """\n[not a table = 1\na b = 2\n"""\nmost_missing = -1\n', 5, "most_missing: .*greater than"),
]


@pytest.mark.parametrize(("text", "line", "expected"), WRONG)
def test_a_wrong_file_is_named_with_the_line_and_what_was_expected(
    overlay: Overlay, text: str, line: int, expected: str
) -> None:
    path = overlay(text)
    with pytest.raises(RegionError, match=f"line {line}: {expected}") as error:
        load_region([HALLAND, path])
    assert (error.value.file, error.value.line) == (path, line)


def test_the_line_is_that_of_the_file_that_set_the_key(overlay: Overlay) -> None:
    good, bad = overlay(UNIT), overlay(f'# more\n[units."{HSA_ID}"]\nreveals = 1\n', "bad.toml")
    with pytest.raises(RegionError) as error:
        load_region([HALLAND, good, bad])
    assert (error.value.file, error.value.line) == (bad, 3)


def test_a_missing_table_is_named(overlay: Overlay) -> None:
    path = overlay('name = "Region Test"\n')
    with pytest.raises(RegionError, match="left out") as error:
        load_region([path])
    assert error.value.file == path


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(RegionError, match="there is no such file"):
        load_region([tmp_path / "none.toml"])
    (tmp_path / "latin.toml").write_bytes('name = "Hälsa"'.encode("latin-1"))
    with pytest.raises(RegionError, match="UTF-8"):
        load_region([tmp_path / "latin.toml"])


def test_no_file_at_all_is_an_error_too() -> None:
    with pytest.raises(RegionError, match="at least one") as error:
        load_region([])
    assert (error.value.file, error.value.line) == (HALLAND, 1)


def test_a_region_is_not_changed_afterwards() -> None:
    with pytest.raises(ValidationError):
        load_region().bulk_threshold = 1


OFFERS = """[units."SE2321000115-E000000000001"]
name = "Vårdcentralen Halmstad"
turn_to = "031-390 06 00"
offers = ["e1177", "{system}"]
"""


def test_byte_3_a_system_that_a_unit_offers_has_an_entry_or_nothing_starts(tmp_path: Path) -> None:
    """Else a patient who has consented would be led to 1177's front page."""
    file = tmp_path / "region.toml"
    file.write_text(OFFERS.format(system="hope"), "utf-8")
    with pytest.raises(RegionError, match=r"systems\.hope: entry"):
        load_region((HALLAND, file))
    file.write_text(
        OFFERS.format(system="hope") + '[systems.hope]\nentry = "https://hope.example.org/"\n', "utf-8"
    )
    assert load_region((HALLAND, file)).systems["hope"].entry == "https://hope.example.org/"


@pytest.mark.parametrize(
    "hosts",
    [
        "https://a.example.org",
        "a.example.org/x",
        "a.example.org:8443",
        "A.example.org",
        "x@a.example.org",
        "a",
        "",
    ],
)
def test_system_2_a_host_to_join_at_is_a_bare_host(tmp_path: Path, hosts: str) -> None:
    file = tmp_path / "region.toml"
    file.write_text(f'[systems.hope]\njoin_hosts = ["{hosts}"]\n', "utf-8")
    with pytest.raises(RegionError, match="join_hosts"):
        load_region((HALLAND, file))


def test_system_2_only_a_system_that_is_used_for_video_has_hosts_to_join_at(tmp_path: Path) -> None:
    file = tmp_path / "region.toml"
    file.write_text('[systems.lifecare]\njoin_hosts = ["lifecare.example.org"]\n', "utf-8")
    with pytest.raises(RegionError, match="used for video"):
        load_region((HALLAND, file))


def test_policy_anslutning_1_a_region_says_how_early_and_how_late(tmp_path: Path) -> None:
    file = tmp_path / "region.toml"
    file.write_text("[joining]\nearly_minutes = 30\n", "utf-8")
    joining = load_region((HALLAND, file)).joining
    assert (joining.early_minutes, joining.late_minutes) == (30, 60)
    assert load_region().joining.early_minutes == 15


@pytest.mark.parametrize(
    "entry",
    ["http://hope.example.org/", "https://", "https://{contact}.example.org/", "https://hope.example.org/{id}",
     "https://hope.example.org/a b"],
)  # fmt: skip
def test_an_entry_is_an_https_address_with_no_placeholder_but_the_contact(tmp_path: Path, entry: str) -> None:
    file = tmp_path / "region.toml"
    file.write_text(f'[systems.hope]\nentry = "{entry}"\n', "utf-8")
    with pytest.raises(RegionError, match="entry an https address"):
        load_region((HALLAND, file))


@pytest.mark.parametrize(
    ("contact", "address"),
    [
        ("c-1", "https://chat.example.org/c/c-1?x=1"),
        ("a/../b?c#d", "https://chat.example.org/c/a%2F..%2Fb%3Fc%23d?x=1"),
        ("..", "https://chat.example.org/c/"),
        (None, "https://chat.example.org/c/"),
    ],
)
def test_a_conversation_is_one_segment_of_the_entry(contact: str | None, address: str) -> None:
    assert entry_to("https://chat.example.org/c/{contact}?x=1", contact) == address
