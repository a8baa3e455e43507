"""Messages of ehr:log:store 1.0: StoreLog, by which the national log service is given entries.

The element of the question is `StoreLogRequest`, though the operation is StoreLog.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from lxml import etree
from pydantic_xml import BaseXmlModel, element

CORE = "urn:riv:ehr:log:1"
STORE = "urn:riv:ehr:log:store:StoreLogResponder:1"
RESULT = "urn:riv:ehr:log:store:1"

Answer = Literal[
    "OK", "INFO", "ERROR", "VALIDATION_ERROR", "ACCESSDENIED", "REPORT_ON_QUEUE", "REPORT_IN_PROCESS",
    "REPORT_NOT_FOUND", "MAX_QUERY_RESULT_EXCEEDED",
]  # fmt: skip
"""ResultCodeType, which it shares with the contracts that read logs."""
Tree = tuple[str, "str | list[Tree] | None"]
"""An element: its name, and its text or what is in it; None: it is left out."""


class Result(BaseXmlModel, tag="ResultType", ns="s", nsmap={"s": STORE, "r": RESULT}, search_mode="ordered"):
    """Whether all was stored, or nothing."""

    code: Answer = element(tag="ResultCode", ns="r")
    text: str | None = element(tag="ResultText", ns="r", default=None)


class StoreLogResponse(
    BaseXmlModel, tag="StoreLogResponse", ns="s", nsmap={"s": STORE, "r": RESULT}, search_mode="ordered"
):
    """The service's answer."""

    result: Result


def store_log(entries: Iterable[list[Tree]]) -> etree._Element:
    """The StoreLogRequest of entries, each as the elements of its LogType in their order."""
    root = etree.Element(f"{{{STORE}}}StoreLogRequest", nsmap={"s": STORE, "l": CORE})
    for entry in entries:
        _append(etree.SubElement(root, f"{{{STORE}}}Log"), entry)
    return root


def _append(parent: etree._Element, parts: list[Tree]) -> None:
    for name, content in parts:
        if content is None:
            continue
        child = etree.SubElement(parent, f"{{{CORE}}}{name}")
        if isinstance(content, str):
            child.text = content
        else:
            _append(child, content)
