"""What can be asked of the picture and its past, and done on it: for the interface's document."""

from collections.abc import Sequence

from accord.api.openapi_operation import Operation, change

PICTURE_OPERATIONS: Sequence[Operation] = (
    Operation(
        method="get",
        path="/api/v1/tracks",
        says="The tracks that match, ordered by uid.",
        answers={200: "Tracks"},
        problems=(400, 401),
        parameters=(
            "q", "kind", "affiliation", "source", "group", "status", "bbox", "context", "limit",
            "cursor",
        ),
    ),
    Operation(
        method="get",
        path="/api/v1/tracks/{uid}",
        says="One track, and every claim about it; the one that leads first.",
        answers={200: "OneTrack"},
        problems=(400, 401, 404),
        parameters=("uid", "context"),
    ),
    Operation(
        method="get",
        path="/api/v1/tracks/{uid}/why",
        says="Who said it, how it is marked, what the agreements say of it, who was given it. What "
        "was kept of the last 24 hours is looked at.",
        answers={200: "Why"},
        problems=(400, 401, 404, 503),
        parameters=("uid", "context"),
    ),
    Operation(
        method="get",
        path="/api/v1/history",
        says="Since when, and until when, positions are kept.",
        answers={200: "HeldHistory"},
        problems=(401, 503),
    ),
    Operation(
        method="get",
        path="/api/v1/history/export",
        says="Positions of the past as a document: GPX, KML, GeoJSON, CSV, MF-JSON or Parquet.",
        answers={200: ""},
        problems=(400, 401, 413, 503),
        parameters=("document", "from", "to", "bbox", "objects", "group", "context"),
    ),
    Operation(
        method="get",
        path="/api/v1/tracks/{uid}/history",
        says="Where one object was, and by whose word, in order of receipt; of more than are asked "
        "for, so many, evenly chosen over the time.",
        answers={200: "TrackHistory"},
        problems=(400, 401, 503),
        parameters=("uid", "context", "from", "to", "positions"),
    ),
    Operation(
        method="post",
        path="/api/v1/trails",
        says="Where many objects were lately. Changes nothing.",
        answers={200: "Trails"},
        problems=(400, 401, 413, 503),
        body="WhoseTrails",
    ),
    Operation(
        method="get",
        path="/api/v1/chat",
        says="The words that are remembered and that one may hear, oldest first.",
        answers={200: "Messages"},
        problems=(401,),
    ),
    change("/api/v1/chat", "Say something in a room, or to one person.", "Say", "OneMessage"),
    change("/api/v1/drawings", "Draw on the picture: TAK clients see it.", "Drawing", "Drawn"),
    change("/api/v1/drawings", "Take from the picture.", "Remove", method="delete"),
    change("/api/v1/send", "Show a track or a place to one TAK client.", "Send", "Drawn"),
    Operation(
        method="get",
        path="/api/v1/views",
        says="What one has saved of what one wants to see.",
        answers={200: "SavedViews"},
        problems=(401, 503),
    ),
    change("/api/v1/views", "Save a view under a name, for oneself.", "SavedView"),
    change("/api/v1/views", "Forget a view.", "ViewName", method="delete"),
    Operation(
        method="get",
        path="/api/v1/decisions",
        says="What people decided about tracks: one, apart, which claim leads.",
        answers={200: "Decisions"},
        problems=(401, 503),
    ),
    change("/api/v1/decisions", "Decide about tracks that one sees.", "ToDecide", "Decision"),
    change("/api/v1/decisions/{number}/undo", "Let a decision not hold any more.", "Nothing"),
    Operation(
        method="get",
        path="/api/v1/charts",
        says="The charts of the administrator's own.",
        answers={200: "Charts"},
        problems=(401,),
    ),
    Operation(
        method="get",
        path="/api/v1/charts/{name}/file",
        says="The file of a chart: GeoJSON, or PMTiles by range.",
        answers={200: "ChartFile"},
        problems=(401, 404),
        parameters=("chart",),
    ),
    Operation(
        method="get",
        path="/api/v1/charts/{name}/{z}/{x}/{y}",
        says="A tile of a chart, which the node fetches from the server in its settings.",
        answers={200: "ChartTile"},
        problems=(401, 404, 502, 503),
        parameters=("chart", "z", "x", "y"),
    ),
    Operation(
        method="get",
        path="/api/v1/people",
        says="Who is there now, of those that share a group with the one who asks.",
        answers={200: "People"},
        problems=(401,),
    ),
)  # fmt: skip
"""In the order of the document."""
