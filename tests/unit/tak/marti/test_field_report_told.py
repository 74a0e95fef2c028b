"""Lists of reports of the CI-TRAP tool, and what is sought among them.

By TAK Server 5.7 (public source: CITrapReportAPI, PersistenceStore).
"""

import pytest
from lxml import etree

from support.field_reports import (
    AS_XML,
    PATH,
    file,
    ids,
)
from support.marti import Marti


async def test_the_list_comes_in_xml_where_only_that_is_accepted(api: Marti) -> None:
    empty = await api.ask("moa", "GET", f"{PATH}?subscribe=true&clientUid=U", headers=AS_XML)
    assert empty.headers["content-type"] == "application/xml"
    assert (etree.fromstring(empty.content).tag, await api.get("moa", PATH)) == ("reports", [])
    await file(api, id="R-1", warning="glass", opex="o-KAURI")
    (report,) = etree.fromstring((await api.ask("moa", "GET", PATH, headers=AS_XML)).content)
    assert report.tag == "report"
    assert (report.get("id"), report.get("warning"), report.get("opex")) == ("R-1", "glass", None)
    assert report.get("dateTime") == "2026-01-02T03:00:00.000Z"


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({}, ["R-2", "R-1"]),
        ({"keywords": "ōtaki"}, ["R-1"]),
        ({"keywords": "nothing,FLOOD"}, ["R-2"]),
        ({"keywords": ".*"}, []),
        ({"type": "Fire,Other"}, ["R-1"]),
        ({"callsign": "KIWI 2"}, ["R-2"]),
        ({"startTime": "2026-01-02T03:00:00.001Z"}, ["R-2"]),
        ({"endTime": "2026-01-02T03:00:00.000Z"}, ["R-1"]),
        ({"bbox": "175,-41,176,-40"}, ["R-1"]),
        ({"bbox": "170 -90 -170 90"}, ["R-1"]),
        ({"bbox": "0,0,1,1"}, []),
        ({"maxReportCount": "1"}, ["R-2"]),
        ({"maxReportCount": "0"}, []),
    ],
)
async def test_reports_are_sought_by_what_tak_server_seeks_them_by(
    api: Marti, asked: dict[str, str], wanted: list[str]
) -> None:
    await file(api, id="R-1")
    await file(
        api, id="R-2", type="Flood", title="Water", userCallsign="KIWI 2", location=None,
        dateTime="2026-01-02T03:30:00",
    )  # fmt: skip
    assert await ids(api, **asked) == wanted


@pytest.mark.parametrize(
    "asked",
    [
        {"bbox": "1,2,3"}, {"bbox": "1,2,3,x"}, {"bbox": "1,91,2,92"}, {"bbox": "1,2,3,1"},
        {"startTime": "today"}, {"endTime": "today"}, {"maxReportCount": "many"},
        {"subscribe": "perhaps"}, {"keywords": ",".join("abc" * 11)},
    ],
)  # fmt: skip
async def test_a_question_that_cannot_be_read_is_refused(api: Marti, asked: dict[str, str]) -> None:
    await api.does("moa", "GET", PATH, 400, params=asked)
