"""How one signs in and out: for the interface's document."""

from collections.abc import Sequence

from accord.api.openapi_operation import Operation

SESSION_OPERATIONS: Sequence[Operation] = (
    Operation(
        method="get",
        path="/api/v1/session",
        says="Who asks: by the session's cookie, or by the client certificate.",
        answers={200: "Session"},
        problems=(401,),
    ),
    Operation(
        method="post",
        path="/api/v1/session",
        says="Sign in. The answer sets the session's cookie.",
        answers={200: "Session"},
        problems=(400, 401, 403, 409, 413, 415, 429, 503),
        body="SignIn",
        is_open=True,
    ),
    Operation(
        method="delete",
        path="/api/v1/session",
        says="Sign out.",
        answers={204: ""},
        problems=(401, 403, 409, 415),
    ),
    Operation(
        method="get",
        path="/api/v1/openid",
        says="What the OpenID provider is called by which one can sign in; null: there is none.",
        answers={200: "OpenIdTitle"},
        is_open=True,
    ),
    Operation(
        method="get",
        path="/api/v1/openid/start",
        says="Sends a browser to the provider.",
        answers={303: ""},
        problems=(404, 503),
        is_open=True,
    ),
    Operation(
        method="get",
        path="/api/v1/openid/back",
        says="Where the provider sends it back to: signs in, and goes to the page.",
        answers={303: ""},
        problems=(403, 404, 409, 503),
        parameters=("code", "state"),
        is_open=True,
    ),
)  # fmt: skip
"""In the order of the document."""
