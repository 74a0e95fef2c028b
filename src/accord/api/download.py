"""A file as an answer: whole, or a part of it (RFC 9110, 14); what cannot be is a problem."""

from pathlib import Path

from starlette.background import BackgroundTask
from starlette.responses import FileResponse
from starlette.types import Message, Receive, Scope, Send

from accord.api.problem import Problem

_REFUSED = {
    400: "Range is such as bytes=0-499, bytes=500- or bytes=-500",
    416: "the file has no such bytes: Content-Range says how many there are",
}


class Download(FileResponse):
    """Answers with a file. `after` is done when it was, and where it could not be."""

    def __init__(
        self,
        path: Path,
        *,
        headers: dict[str, str],
        media_type: str | None,
        name: str | None = None,
        after: BackgroundTask | None = None,
    ) -> None:
        super().__init__(path, headers=headers, media_type=media_type, filename=name)
        self._after = after

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the bytes. Problem 400, 416: Range is none, or of what there is not."""

        async def sent(message: Message) -> None:
            status: int = message.get("status", 200)
            if status in _REFUSED:
                headers = {"Content-Range": f"bytes */{self.headers['content-length']}"}
                raise Problem(status, _REFUSED[status], headers=headers)
            await send(message)

        try:
            await super().__call__(scope, receive, sent)
        finally:
            if self._after is not None:
                await self._after()
