"""Errors as RFC 9457 problem documents."""

import http
import logging
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from accord.core.errors import AccordError

_LOGGER = logging.getLogger("accord.api")


class Problem(AccordError):
    """A request that is not answered with what it asked for; `status` is the HTTP status.

    `parameter` is the one that is wrong: of the query, or of the body. `choices` spell what it can
    mean, where that is asked back.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        parameter: str = "",
        choices: Sequence[str] = (),
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.parameter = parameter
        self.choices = choices
        self.headers = headers


class ProblemResponse(JSONResponse):
    """`application/problem+json`; the title is the status's own phrase (RFC 9457, 4.2.1)."""

    media_type = "application/problem+json"

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        instance: str,
        parameter: str = "",
        choices: Sequence[str] = (),
    ) -> None:
        content: dict[str, object] = {
            "type": "about:blank",
            "title": http.HTTPStatus(status).phrase,
            "status": status,
            "detail": detail,
            "instance": instance,
        }
        if parameter:
            content["parameter"] = parameter  # RFC 9457, 3.2: an extension member
        if choices:
            content["choices"] = list(choices)
        super().__init__(content, status_code=status)


async def refused(request: Request, error: Exception) -> ProblemResponse:
    """Answer a `Problem`, or an HTTPException (no such path, a WebSocket that is not opened)."""
    if isinstance(error, Problem):
        said = ProblemResponse(
            error.status, str(error), instance=request.url.path, parameter=error.parameter,
            choices=error.choices,
        )  # fmt: skip
        said.headers.update(error.headers)
        return said
    assert isinstance(error, HTTPException)  # noqa: S101  registered for these two only
    response = ProblemResponse(error.status_code, error.detail, instance=request.url.path)
    response.headers.update(error.headers or {})
    return response


async def broken_off(request: Request, _error: Exception) -> ProblemResponse:
    """Answer, to nobody, a request whose client left before it was whole."""
    _LOGGER.info("request broken off by its client path=%s", request.url.path)
    return ProblemResponse(400, "the body did not come whole", instance=request.url.path)


async def failed(request: Request, error: Exception) -> ProblemResponse:
    """Answer a request that we failed at, without saying anything about our insides."""
    _LOGGER.error("request failed path=%s", request.url.path, exc_info=error)
    return ProblemResponse(500, "this node failed; its log says where", instance=request.url.path)
