"""How reports of the CI-TRAP tool are sought and told: what is asked for, and the lists of them.

The parameters, and the fields of both forms, are those of TAK Server 5.7 (public source:
CITrapReportAPI, CITrapReportService, citrap's PersistenceStore). A keyword is a text there too, but
read as a pattern; here it is what it says.
"""

from collections.abc import Callable, Sequence

from lxml import etree
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from accord.storage.field_reports import Extent, FieldReport
from accord.tak.marti.asked import decimal, parameter, refuse, spell
from accord.tak.marti.field_report_package import ATTRIBUTES

MAX_WORDS = 32
"""Keywords, types or callsigns of one question."""

_TOLD = (
    "id", "type", "title", "userCallsign", "userDescription", "dateTime", "dateTimeDescription",
    "location", "locationDescription", "eventScale", "importance",
)  # fmt: skip
"""What a list in JSON has of each report, null where it says nothing; its status, if it has one."""

_SEARCHED = (
    "type", "title", "userCallsign", "userDescription", "dateTimeDescription",
    "locationDescription", "eventScale", "importance", "id",
)  # fmt: skip
"""Where a keyword is looked for."""


def matcher(request: Request) -> Callable[[FieldReport], bool]:
    """Return what tells whether a report is one that is asked for. 400 for what cannot be."""
    words = [each.casefold() for each in _words(request, "keywords")]
    types, callsigns = _words(request, "type"), _words(request, "callsign")
    box = _box(parameter(request, "bbox"))

    def matches(report: FieldReport) -> bool:
        said = report.said
        text = "\0".join(said.get(name, "") for name in _SEARCHED).casefold()
        return (
            (not words or any(each in text for each in words))
            and (not types or said.get("type") in types)
            and (not callsigns or said.get("userCallsign") in callsigns)
            and (box is None or (report.extent is not None and box.meets(report.extent)))
        )

    return matches


def _words(request: Request, name: str) -> list[str]:
    found = [each for each in parameter(request, name).split(",") if each]
    if len(found) > MAX_WORDS:
        refuse(400, f"{name} has at most {MAX_WORDS} words, apart by commas")
    return found


def _box(said: str) -> Extent | None:
    sides = said.replace(",", " ").split()
    if not sides:
        return None
    if len(sides) != len(Extent._fields):
        refuse(400, "bbox is west,south,east,north in degrees")
    west, south, east, north = (
        decimal(each, "bbox", most=most)
        for each, most in zip(sides, (180.0, 90.0, 180.0, 90.0), strict=True)
    )
    if south > north:
        refuse(400, "the south of bbox is north of its north")
    return Extent(west, south, east, north)


def listed(request: Request, reports: Sequence[FieldReport]) -> Response:
    """Return reports in JSON, or in XML where only that is accepted."""
    accepted = request.headers.get("accept", "*/*").lower()
    if "json" in accepted or "*/*" in accepted or "xml" not in accepted:
        return JSONResponse([_json(each) for each in reports])
    root = etree.Element("reports")
    for each in reports:
        etree.SubElement(root, "report", _attributes(each))
    written = etree.tostring(root, encoding="UTF-8", xml_declaration=True, standalone=True)
    return Response(written, media_type="application/xml")


def _json(report: FieldReport) -> dict[str, str | None]:
    """Return what a list tells of a report; `submitter` and `opex` are ours."""
    told: dict[str, str | None] = {name: report.said.get(name) for name in _TOLD}
    told["dateTime"] = spell(report.time)
    status, exercise = report.said.get("status"), report.context.name
    told |= {"status": status} if status else {}
    told |= {"opex": f"e-{exercise}"} if exercise else {}
    return {**told, "submitter": report.owner}


def _attributes(report: FieldReport) -> dict[str, str]:
    said = {name: report.said[name] for name in ATTRIBUTES if name in report.said}
    exercise = {"opex": f"e-{report.context.name}"} if report.context.name else {}
    return {**said, "dateTime": spell(report.time), **exercise}
