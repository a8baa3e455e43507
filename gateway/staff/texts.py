"""What staff's pages say, in Swedish and English: plain words, the same for every file of a kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.login.texts import Page, PageText


@dataclass(frozen=True)
class Words:
    """All words in one language. What is in braces is filled in where it is shown.

    Args:
        code: as HTML's `lang`.
        other: code, and name in itself, of the other language.
        nav: the ways to staff's pages, by address, in order.
        login: what a page says where there is no login, by how it went; `START` where nobody has tried.
        groups: headings of the list, each with what there is to do with the files under it, by `shown.Group`.
        kinds: what a kind of file is called, by media type.
        marks: what staff should know of a file before they open it, by mark (`systems.inspection`).
        reasons: why a file was not kept, by `routine.reasons.Reason`; "" where none of them fits.
        done: what was just done, by act.
    """

    code: str
    other: tuple[str, str]
    nav: Mapping[str, str]
    nav_label: str
    to_start: str
    title: str
    intro: str
    none: str
    skip: str
    skip_to_main: str
    log_in: str
    again: str
    log_out: str
    logged_in_as: str
    other_commission: str
    login: Mapping[Page, PageText]
    logged_out: PageText
    no_commission: PageText
    wrong_commission: PageText
    not_here: PageText
    gone: PageText
    not_yet: PageText
    still_here: PageText
    held: PageText
    no_preview: PageText
    not_from_here: PageText
    away: PageText
    groups: Mapping[str, tuple[str, str]]
    kinds: Mapping[str, str]
    some_file: str
    marks: Mapping[str, str]
    not_scanned: str
    waits_for_scan: str
    reasons: Mapping[str, str]
    done: Mapping[str, str]
    open: str
    open_of: str
    download: str
    download_of: str
    fetch_again: str
    journalled: str
    journalled_hint: str
    delete: str
    delete_now: str
    keep: str
    delete_heading: str
    delete_says: str
    back: str
    patient: str
    source: str
    kind: str
    pictures: str
    fetched: str
    picture_of: str
    no_picture: str
    left: str
    minutes: tuple[str, str]
    hours: tuple[str, str]
    days: tuple[str, str]
    under_a_minute: str
    gone_at: str
    journalled_at: str
    sources: Mapping[str, str]
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    at: str
    today: str
    tomorrow: str
    reload: str
