"""Bodies of multipart/form-data as RFC 7578 has them, and as ATAK and node-tak write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.tak.marti.multipart import MAX_HEAD, FilePart, NoFile, boundary

MARK = b"----x9"
FILE = b"PK\x03\x04 two\r\n--lines\r\n\r\nand ---- more\r\n"


def body(*parts: tuple[bytes, bytes], end: bytes = b"--\r\n") -> bytes:
    return b"".join(b"--%b\r\n%b\r\n\r\n%b\r\n" % (MARK, *part) for part in parts) + (
        b"--" + MARK + end
    )


ATAK_HEAD = (
    b'Content-Disposition: form-data; name="assetfile"; filename="k\xc4\x81.zip"\r\n'
    b"Content-Type: application/x-zip-compressed"
)
ATAK = (ATAK_HEAD, FILE)
OTHER = (b'Content-Disposition: form-data; name="note"', b"not this")


def taken(data: bytes, *cuts: int) -> tuple[bytes, FilePart]:
    part, found, at = FilePart(MARK), b"", 0
    for cut in (*sorted(cuts), len(data)):
        found += part.take(data[at:cut])
        at = cut
    part.end()
    return found, part


def test_the_file_is_what_stands_in_its_part() -> None:
    found, part = taken(body(OTHER, ATAK, OTHER))
    assert found == FILE
    assert (part.name, part.mime) == ("kā.zip", "application/x-zip-compressed")


@given(cuts=st.lists(st.integers(min_value=0, max_value=len(body(OTHER, ATAK))), max_size=9))
def test_any_division_of_the_body_gives_the_same(cuts: list[int]) -> None:
    assert taken(body(OTHER, ATAK), *cuts)[0] == FILE


def test_every_byte_for_itself_gives_the_same() -> None:
    whole = body(OTHER, ATAK)
    assert taken(whole, *range(1, len(whole)))[0] == FILE


def test_a_part_of_node_tak_has_no_file_name_and_one_of_a_browser_another_name() -> None:
    bare = (b'Content-Disposition: form-data; name="assetfile"', b"x")
    found, part = taken(body(bare))
    assert (found, part.name, part.mime) == (b"x", "", "")
    assert taken(body((b'content-disposition: form-data; name="resource"', b"y")))[0] == b"y"


def test_an_empty_file_is_empty() -> None:
    assert taken(body((b'Content-Disposition: form-data; name="assetfile"', b"")))[0] == b""


@pytest.mark.parametrize(
    "data",
    [
        b"", body(), body(OTHER), body(ATAK)[:-20], body(ATAK).replace(MARK, b"other"),
        b"x" * (MAX_HEAD + 99), b"--" + MARK + b"\r\nA: " + b"x" * (MAX_HEAD + 9),
    ],
)  # fmt: skip
def test_a_body_without_the_whole_file_is_refused(data: bytes) -> None:
    with pytest.raises(NoFile):
        taken(data)


def test_a_body_with_two_files_is_refused_wherever_it_is_cut() -> None:
    whole = body(ATAK, OTHER, ATAK)
    for cuts in ((), range(1, len(whole))):
        with pytest.raises(NoFile, match="two parts"):
            taken(whole, *cuts)


def test_what_stands_after_the_last_boundary_is_nothing() -> None:
    whole = body(OTHER, ATAK) + b"\r\n" + body(ATAK)
    for cuts in ((), range(1, len(whole))):
        assert taken(whole, *cuts)[0] == FILE
    with pytest.raises(NoFile, match="too long"):
        taken(body(ATAK, end=b"\r\n") + b"x" * MAX_HEAD)


def test_the_boundary_is_read_from_the_type_with_quotes_or_without() -> None:
    assert boundary("multipart/form-data; boundary=----x9") == MARK
    assert boundary('Multipart/Form-Data; charset=utf-8; boundary="----x9"') == MARK
    assert boundary("application/zip") is None
    assert boundary("multipart/form-data") is None
