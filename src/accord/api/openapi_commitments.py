"""What goes in and out of `/api/v1/commitments`: JSON Schema, for the document of the interface."""

from collections.abc import Mapping

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
