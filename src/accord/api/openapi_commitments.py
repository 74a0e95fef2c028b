"""What goes in and out of `/api/v1/commitments`: JSON Schema, for the document of the interface."""

from collections.abc import Mapping, Sequence

from accord.api.openapi_operation import Operation
from accord.api.schema import (
    FLAG,
    MAYBE_ANYTHING,
    MAYBE_TEXT,
    MOMENT,
    TEXT,
    TEXTS,
    WHOLE,
    Json,
    list_of,
    object_of,
    one_of,
    ref,
)
from accord.desks.commitment.progress import Progress
from accord.desks.commitment.record import Binding, Event
from accord.desks.commitment.runs import State

_LINE = object_of({
    "id": TEXT, "title": TEXT, "source": TEXT, "standing": TEXT, "clause": WHOLE,
    "binding": one_of([each.value for each in Binding]), "sentence": TEXT, "owed_by": TEXT,
    "owed_to": TEXT, "due": MAYBE_TEXT, "until": MAYBE_TEXT,
    "progress": one_of([each.value for each in Progress]), "confirmed_by": TEXT, "tied": TEXT,
})  # fmt: skip

_NOTE = object_of({
    "clause": WHOLE, "event": one_of([each.value for each in Event]), "day": TEXT, "by": TEXT,
    "at": MOMENT, "text": TEXT,
})  # fmt: skip

_QUESTION = object_of({
    "id": TEXT, "context": TEXT, "asked": MOMENT, "by": TEXT, "source": TEXT, "commitments": TEXTS,
    "baseline": MAYBE_TEXT, "state": one_of([each.value for each in State]), "done": WHOLE,
    "of": WHOLE, "trouble": TEXT, "page": MAYBE_TEXT,
})  # fmt: skip

_SOURCE = object_of({
    "name": TEXT, "commitments": list_of(object_of({"id": TEXT, "text": TEXT})), "trouble": TEXT,
})  # fmt: skip

_LINES = list_of(ref("CommitmentLine"))

COMMITMENTS: Mapping[str, Json] = {
    "CommitmentLine": _LINE,
    "Commitments": object_of({
        "nation": TEXT, "on": TEXT, "owe": _LINES, "owed": _LINES, "others": _LINES,
        "expiring": _LINES,
        "unread": list_of(object_of({"id": TEXT, "sentence": WHOLE, "text": TEXT})),
    }),
    "OneCommitment": object_of({
        "id": TEXT, "title": TEXT, "parties": TEXTS, "date": TEXT, "source": TEXT,
        "standing": TEXT, "added_by": TEXT, "added": MOMENT, "sentences": TEXTS,
        "clauses": _LINES, "notes": list_of(_NOTE),
    }),
    "CommitmentText": object_of({"text": TEXT}),
    "CommitmentAdded": object_of({"id": TEXT, "clauses": WHOLE, "new": FLAG}),
    "CommitmentNote": object_of(
        {
            "clause": WHOLE, "event": one_of([each.value for each in Event]), "day": TEXT,
            "text": TEXT,
        },
        optional=frozenset({"day", "text"}),
    ),
    "ImpactAbout": _QUESTION,
    "Impacts": object_of({
        "context": one_of(["plan"]), "answers": list_of(ref("ImpactAbout")),
        "sources": list_of(_SOURCE),
    }),
    "OneImpact": object_of({"about": ref("ImpactAbout"), "answer": MAYBE_ANYTHING}),
    "ImpactAsked": object_of(
        {"commitments": TEXTS, "source": TEXT, "baseline": TEXT}, optional=frozenset({"baseline"})
    ),
    "ImpactPage": {},
}  # fmt: skip
"""By name."""

COMMITMENT_OPERATIONS: Sequence[Operation] = (
    Operation(
        method="get",
        path="/api/v1/commitments",
        says="What we owe by statements, what we are owed, and what ends soon.",
        answers={200: "Commitments"},
        problems=(400, 401, 503),
        parameters=("on",),
    ),
    Operation(
        method="post",
        path="/api/v1/commitments",
        says="Take a statement into the register, whole or not at all.",
        answers={201: "CommitmentAdded"},
        problems=(400, 401, 403, 409, 413, 415, 503),
        body="CommitmentText",
    ),
    Operation(
        method="get",
        path="/api/v1/commitments/{id}",
        says="One statement: its sentences, its clauses, and what was said of them.",
        answers={200: "OneCommitment"},
        problems=(400, 401, 404, 503),
        parameters=("commitment", "on"),
    ),
    Operation(
        method="post",
        path="/api/v1/commitments/{id}/notes",
        says="Say of a clause that it is what was meant, that it was kept, or broken.",
        answers={200: "OneCommitment"},
        problems=(400, 401, 403, 404, 409, 413, 415, 503),
        parameters=("commitment",),
        body="CommitmentNote",
    ),
    Operation(
        method="get",
        path="/api/v1/impact",
        says="What was asked of commitments, the newest first, and what can be asked. Of a plan.",
        answers={200: "Impacts"},
        problems=(401, 503),
    ),
    Operation(
        method="post",
        path="/api/v1/impact",
        says="Ask what commitments change; it is worked out while one waits.",
        answers={201: "ImpactAbout"},
        problems=(400, 401, 403, 413, 415, 503),
        body="ImpactAsked",
    ),
    Operation(
        method="get",
        path="/api/v1/impact/{id}",
        says="One answer, as `accord impact --json` has it, or how far it is.",
        answers={200: "OneImpact"},
        problems=(401, 404, 503),
        parameters=("answer",),
    ),
    Operation(
        method="get",
        path="/api/v1/impact/{id}/page",
        says="One answer as a page that needs no script and nothing from elsewhere.",
        answers={200: "ImpactPage"},
        problems=(401, 404, 503),
        parameters=("answer",),
    ),
)  # fmt: skip
"""Of commitments, then of answers."""
