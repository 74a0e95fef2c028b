"""Answers that nobody keeps: what they say holds for a moment, and for the one who asked."""

from collections.abc import Mapping
from types import MappingProxyType

from starlette.responses import JSONResponse

NOT_KEPT: Mapping[str, str] = MappingProxyType({"Cache-Control": "no-store"})  # RFC 9111, 5.2.2.5


def answer(content: Mapping[str, object], *, status: int = 200) -> JSONResponse:
    """Return JSON that is kept by nobody."""
    return JSONResponse(content, status_code=status, headers=NOT_KEPT)
