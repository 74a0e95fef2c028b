"""The one file in a body of multipart/form-data (RFC 7578), as its bytes arrive; no I/O."""

import re

MAX_HEAD = 16 << 10
"""Bytes of the header of a part, and of what may stand before the first one."""

FILE_PARTS = frozenset({"assetfile", "resource"})
"""What the part with the file is called, by ATAK and by browsers."""

_boundary_of = re.compile(
    r"multipart/form-data\b.*?;\s*boundary=(\"?)([^\";,]{1,70})\1", re.IGNORECASE
).match
_name_of = re.compile(r';\s*name="?([^";\r\n]*)', re.IGNORECASE).search
_file_name_of = re.compile(r';\s*filename="?([^"\r\n]*)', re.IGNORECASE).search
_mime_of = re.compile(r"^content-type:([^\r\n;]*)", re.IGNORECASE | re.MULTILINE).search


class NoFile(ValueError):
    """The body is not what it says, or has no file; the text says what is wrong."""


def boundary(content_type: str) -> bytes | None:
    """Return the boundary that a Content-Type names, None where the body is no multipart."""
    found = _boundary_of(content_type)
    return None if found is None else found[2].strip().encode("latin-1", "replace")


class FilePart:
    """Gives the bytes of the file as they arrive; any division of the body gives the same.

    `name` and `mime` are what the part says of itself, empty where it says nothing.
    """

    def __init__(self, boundary: bytes) -> None:
        self.name = ""
        self.mime = ""
        self.is_whole = False
        self._mark = b"\r\n--" + boundary
        self._buffer = bytearray(b"\r\n")  # so that the first mark is like all others
        self._is_file = False
        self._is_in_part = False
        self._begins = False
        self._is_over = False

    def take(self, data: bytes) -> bytes:
        """Return what these bytes add to the file. NoFile says what is wrong."""
        self._buffer += data
        found = bytearray()
        while not self._is_over and self._step(found):
            pass
        if self._is_over:
            self._buffer.clear()
        return bytes(found)

    def end(self) -> None:
        """Say that there is no more of the body. NoFile: the file did not come whole."""
        if not self.is_whole:
            raise NoFile("the body ends before the part with the file does, or has no such part")

    def _step(self, found: bytearray) -> bool:
        return self._inside(found) if self._is_in_part else self._between()

    def _between(self) -> bool:
        """Find the next mark and the header after it."""
        buffer = self._buffer
        at = buffer.find(self._mark)
        head = at + len(self._mark)
        end = buffer.find(b"\r\n\r\n", head) if at >= 0 else -1
        if at >= 0 and buffer.startswith(b"--", head):
            self._is_over = True
            if self.is_whole:
                return False
            raise NoFile(f"no part is called {' or '.join(sorted(FILE_PARTS))}")
        if end < 0:
            if len(buffer) > MAX_HEAD:
                raise NoFile("what stands before a part is too long, or no boundary is there")
            return False
        self._read_head(bytes(buffer[head:end]))
        del buffer[: end + len(b"\r\n")]  # the mark after an empty part begins with the other
        self._is_in_part, self._begins = True, True
        return True

    def _read_head(self, head: bytes) -> None:
        text = head.decode("utf-8", "replace")
        said = _name_of(text)
        self._is_file = said is not None and said[1] in FILE_PARTS
        if self._is_file and self.is_whole:
            raise NoFile("there are two parts with a file: send each by itself")
        if self._is_file:
            name, mime = _file_name_of(text), _mime_of(text)
            self.name = "" if name is None else name[1]
            self.mime = "" if mime is None else mime[1].strip()

    def _inside(self, found: bytearray) -> bool:
        """Give the bytes up to the next mark, or all that can be no part of one."""
        buffer = self._buffer
        at = buffer.find(self._mark)
        stop = at if at >= 0 else max(0, len(buffer) - len(self._mark))
        begin = 0
        if self._begins and at < 0 and stop < len(b"\r\n"):
            return False
        if self._begins and stop:
            begin, self._begins = len(b"\r\n"), False
        if self._is_file:
            found += buffer[begin:stop]
        del buffer[:stop]
        if at < 0:
            return False
        self._is_in_part = False
        self.is_whole = self.is_whole or self._is_file
        return True
