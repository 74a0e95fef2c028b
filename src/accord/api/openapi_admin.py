"""What can be asked of `/api/v1/admin`, and what goes in and out: for the interface's document."""

from collections.abc import Mapping, Sequence

from accord.api.openapi_operation import Described, Operation, described
from accord.api.schema import (
    FLAG,
    MAYBE_TEXT,
    MOMENT,
    TEXT,
    TEXTS,
    WHOLE,
    Json,
    list_of,
    maybe,
    object_of,
    one_of,
    ref,
)
from accord.core.principal import Role
from accord.core.user import UserRole
from accord.observe.ending import Ending

_WAY = one_of(["in", "out", "both"])
_GROUPS: Json = {"type": "object", "additionalProperties": _WAY}
_USER_ROLE = one_of([each.value for each in UserRole])
_ROLE = one_of([each.value for each in Role])

_PERSON: dict[str, Json] = {"groups": _GROUPS, "exercises": TEXTS, "every_exercise": FLAG}

ADMIN_SCHEMAS: Mapping[str, Json] = {
    "OpenIdTitle": object_of({"title": MAYBE_TEXT}),
    "AdminUser": object_of({
        "name": TEXT, "role": _USER_ROLE, **_PERSON, "added": MOMENT,
        "last_sign_in": maybe(MOMENT), "locked": maybe(MOMENT), "sessions": WHOLE,
    }),
    "AdminUsers": object_of({"users": list_of(ref("AdminUser"))}),
    "NewUser": object_of(
        {"name": TEXT, "role": _USER_ROLE, **_PERSON, "password": MAYBE_TEXT},
        optional=frozenset({"role", "exercises", "every_exercise", "password"}),
    ),
    "ChangedUser": object_of(
        {"role": _USER_ROLE, **_PERSON}, optional=frozenset({"role", *_PERSON})
    ),
    "NewPassword": object_of({"password": MAYBE_TEXT}, optional=frozenset({"password"})),
    "Password": object_of({"name": TEXT, "password": TEXT}),
    "AdminClient": object_of({
        "name": TEXT, "role": _ROLE, **_PERSON, "added": MOMENT, "revoked": maybe(MOMENT),
        "certificates": WHOLE, "ends": maybe(MOMENT), "has_token": FLAG,
    }),
    "AdminClients": object_of({"clients": list_of(ref("AdminClient"))}),
    "NewClient": object_of(
        {"name": TEXT, "role": _ROLE, **_PERSON},
        optional=frozenset({"role", "exercises", "every_exercise"}),
    ),
    "ChangedClient": object_of(
        {"role": _ROLE, **_PERSON}, optional=frozenset({"role", *_PERSON})
    ),
    "OneTimeToken": object_of({
        "name": TEXT, "token": TEXT, "until": MOMENT, "scan": TEXT, "qr": TEXT,
    }),
    "OpenTokens": object_of({"tokens": list_of(object_of({"name": TEXT, "ends": MOMENT}))}),
    "TrustPackage": {},
    "Calendar": object_of({
        "certificates": list_of(object_of({
            "of": TEXT, "fingerprint": TEXT, "issued": MOMENT, "ends": MOMENT,
            "warning": one_of([each.value for each in Ending]), "remedy": TEXT,
        })),
    }),
    "GroupsOfPeople": object_of({
        "groups": list_of(object_of({"name": TEXT, "clients": _GROUPS, "users": _GROUPS})),
    }),
    "Acts": object_of({
        "acts": list_of(object_of({
            "number": WHOLE, "at": MOMENT, "who": TEXT, "via": TEXT, "from": TEXT, "what": TEXT,
            "whom": TEXT, "detail": TEXT,
        })),
        "next": {"type": ["integer", "null"]},
    }),
}  # fmt: skip
"""By name."""

ADMIN_PARAMETERS: Mapping[str, Json] = {
    "person": {
        "name": "name", "in": "path", "required": True, "description": "The name of a user, or of "
        "a client.", "schema": TEXT,
    },
    "code": {
        "name": "code", "in": "query", "description": "What the provider gave.", "schema": TEXT,
    },
    "state": {
        "name": "state", "in": "query", "description": "Which sign-in it is.", "schema": TEXT,
    },
    "fingerprint": {
        "name": "fingerprint", "in": "path", "required": True,
        "description": "The SHA-256 of a certificate.", "schema": TEXT,
    },
    "before_act": {
        "name": "before", "in": "query", "description": "Go on with acts before this number.",
        "schema": WHOLE,
    },
}  # fmt: skip
"""By name."""


_ONE = ("person",)
_DONE = (204, "")

_ADMIN = (
    Described("get", "users", "Who may sign in to the page.", (200, "AdminUsers")),
    Described(
        "post", "users", "Let somebody sign in; his password is answered this once.",
        (201, "Password"), body="NewUser",
    ),
    Described(
        "put", "users/{name}", "Change his role, groups or exercises; what is left out stays.",
        _DONE, _ONE, "ChangedUser",
    ),
    Described("delete", "users/{name}", "Forget him.", _DONE, _ONE, "Nothing"),
    Described(
        "post", "users/{name}/password", "Give him another password, answered this once.",
        (201, "Password"), _ONE, "NewPassword",
    ),
    Described("post", "users/{name}/lock", "Lock him out.", _DONE, _ONE, "Nothing"),
    Described("post", "users/{name}/unlock", "Let him in again.", _DONE, _ONE, "Nothing"),
    Described("get", "clients", "Who may connect.", (200, "AdminClients")),
    Described(
        "post", "clients", "Let somebody enrol; his one-time token is answered this once.",
        (201, "OneTimeToken"), body="NewClient",
    ),
    Described(
        "put", "clients/{name}", "Change its role, groups or exercises; what is left out stays.",
        _DONE, _ONE, "ChangedClient",
    ),
    Described(
        "delete", "clients/{name}", "Throw it out, with every certificate and token.", _DONE,
        _ONE, "Nothing",
    ),
    Described(
        "post", "clients/{name}/token", "Make another one-time token; the one before is void.",
        (201, "OneTimeToken"), _ONE, "Nothing",
    ),
    Described(
        "delete", "clients/{name}/token", "Make its token void.", _DONE, _ONE, "Nothing"
    ),
    Described(
        "get", "clients/{name}/package", "What its phone takes in first, to trust the node.",
        (200, "TrustPackage"), _ONE,
    ),
    Described("get", "tokens", "The tokens that can be used still.", (200, "OpenTokens")),
    Described(
        "get", "certificates", "Every certificate that is not revoked, by its end.",
        (200, "Calendar"),
    ),
    Described(
        "delete", "certificates/{fingerprint}", "Refuse one certificate from now on.", _DONE,
        ("fingerprint",), "Nothing",
    ),
    Described("get", "groups", "Every group, and who is in it.", (200, "GroupsOfPeople")),
    Described(
        "get", "acts", "What administrators did, newest first.", (200, "Acts"), ("before_act",)
    ),
)  # fmt: skip

ADMIN_OPERATIONS: Sequence[Operation] = tuple(
    described(
        "/api/v1/admin",
        _ADMIN,
        always=frozenset({400, 401, 403, 503}),
        of_a_change=frozenset({409, 413, 415}),
        whose="For administrators.",
    )
)
