"""A file as the two generations of TAK clients read it."""

import json
from datetime import UTC, datetime

from starlette.responses import Response

from accord.storage.files import Stored


def answer(said: object) -> Response:
    """Return JSON under TAK Server's own type for it: node-tak reads it as text."""
    return Response(json.dumps(said, separators=(",", ":")), media_type="text/json")


def spell_unpadded(at: datetime) -> str:
    """Return a moment with its milliseconds unpadded, as TAK Server writes `submissionTime`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000}Z"


def capitalised(file: Stored) -> dict[str, object]:
    """Return what ATAK reads: every value a text, but lists."""
    about = file.about
    return {
        "UID": about.uid or file.hash,
        "Name": about.name,
        "DownloadPath": about.name,
        "Hash": file.hash,
        "Size": str(file.size),
        "PrimaryKey": str(file.number),
        "SubmissionDateTime": spell_unpadded(file.submitted),
        "SubmissionUser": about.submitter,
        "CreatorUid": about.creator_uid,
        "Keywords": list(about.keywords),
        "MIMEType": about.mime,
        "Tool": about.tool,
        "EXPIRATION": str(about.expires),
        "Groups": sorted(about.groups),
        **about.place,
    }


def resource(file: Stored) -> dict[str, object]:
    """Return what newer clients and missions have of a file."""
    about = file.about
    return {
        "filename": about.name,
        "keywords": list(about.keywords),
        "mimeType": about.mime,
        "name": about.name,
        "submissionTime": spell_unpadded(file.submitted),
        "submitter": about.submitter,
        "uid": about.uid or file.hash,
        "creatorUid": about.creator_uid,
        "hash": file.hash,
        "size": file.size,
        "tool": about.tool,
        "expiration": about.expires,
        **{key.lower(): value for key, value in about.place.items()},
    }


_UNITS = ((1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "kB"), (1, "B"))


def row(file: Stored, creator: str) -> dict[str, str]:
    """Return what TAK Server's table of files shows of one, every value a text."""
    about = file.about
    size, unit = next((e for e in _UNITS if file.size >= e[0]), _UNITS[-1])
    ends = "none"
    if about.expires >= 0:
        ends = datetime.fromtimestamp(about.expires, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return {
        "Name": about.name,
        "User": about.submitter,
        "Creator": creator,
        "Size": f"{file.size // size}{unit}",
        "Time": f"{file.submitted.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        "MimeType": about.mime,
        "Keywords": ",".join(about.keywords),
        "Expiration": ends,
        "Hash": file.hash,
        "Groups": ",".join(sorted(about.groups)),
        "Tool": about.tool,
    }
