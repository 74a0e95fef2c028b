"""What can be asked of the desk of the watch, and done there: for the interface's document."""

from collections.abc import Sequence

from accord.api.openapi_operation import Operation, change

WATCH_OPERATIONS: Sequence[Operation] = (
    Operation(
        method="get",
        path="/api/v1/alerts",
        says="The open alerts that one may know of, what needs attention first.",
        answers={200: "Alerts"},
        problems=(401,),
    ),
    Operation(
        method="get",
        path="/api/v1/alerts.atom",
        says="Those of them that are sent out as an Atom feed of CAP 1.2 messages.",
        answers={200: ""},
        problems=(401,),
    ),
    Operation(
        method="get",
        path="/api/v1/alerts/{number}/cap",
        says="One open alert as a CAP 1.2 message; none about the node itself.",
        answers={200: ""},
        problems=(401, 404),
        parameters=("number",),
    ),
    change("/api/v1/alerts/{number}/acknowledge", "Note that one has seen it.", "Acknowledge"),
    change("/api/v1/alerts/{number}/take", "Take it. 409 while it is another's.", "Nothing"),
    change("/api/v1/alerts/{number}/offer", "Hand it over to somebody, who takes it.", "Offer"),
    Operation(
        method="get",
        path="/api/v1/log",
        says="The watch log, newest first.",
        answers={200: "Log"},
        problems=(400, 401, 503),
        parameters=("since", "before", "about"),
    ),
    change("/api/v1/log", "Write a note into the watch log.", "Note"),
    Operation(
        method="get",
        path="/api/v1/hand-over",
        says="What the next watch has to know.",
        answers={200: "HandOver"},
        problems=(400, 401, 503),
        parameters=("hours",),
    ),
    Operation(
        method="get",
        path="/api/v1/drill",
        says="The drill that is on, marked on every screen.",
        answers={200: "DrillNow"},
        problems=(401,),
    ),
    change("/api/v1/drill", "Declare a drill; an administrator does.", "DrillName"),
    change("/api/v1/drill", "End the drill; an administrator does.", "", method="delete"),
    Operation(
        method="get",
        path="/api/v1/replay",
        says="The replay that is played to TAK clients and pages, and where TAK clients hear it.",
        answers={200: "ReplayNow"},
        problems=(401,),
    ),
    Operation(
        method="post",
        path="/api/v1/replay",
        says="Begin a replay. 409 while one is on.",
        answers={201: "ReplayNow"},
        problems=(400, 401, 403, 409, 413, 415, 503),
        body="ToReplay",
    ),
    Operation(
        method="patch",
        path="/api/v1/replay",
        says="Another moment or speed of it, on or not; who began it does, or an administrator.",
        answers={200: "ReplayNow"},
        problems=(400, 401, 403, 404, 413, 415),
        body="SteerReplay",
    ),
    Operation(
        method="delete",
        path="/api/v1/replay",
        says="End it; who began it does, or an administrator.",
        answers={204: ""},
        problems=(401, 403, 404, 415),
    ),
)  # fmt: skip
"""In the order of the document."""
