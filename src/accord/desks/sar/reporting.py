"""The files that go with an exported case: its reports and its units' tasks."""

from accord.desks.sar.case import Case
from accord.desks.sar.entry import Kind, NotTaken
from accord.desks.sar.planning import route_of
from accord.desks.sar.route import gpx, spoken


def files_of(case: Case) -> dict[str, str]:
    """Return each report that was let go, and the last task of each unit, by file name."""
    reports = [each for each in case.log if each.kind is Kind.REPORT]
    files = {
        f"reports/{number:03d}-{each.node}.txt": each.value
        for number, each in enumerate(reports, 1)
    }
    tasked = sorted({each.about for each in case.log if each.kind is Kind.TASK})
    for number, unit in enumerate(tasked, 1):
        try:
            route = route_of(case, unit)
        except NotTaken:
            continue  # another node's line that this version cannot read: it stands in the log
        files[f"tasks/{number:03d}.gpx"] = gpx(route)
        files[f"tasks/{number:03d}.txt"] = spoken(route)
    return files
