import pytest

from accord.wire.errors import Malformed, WireError
from accord.wire.peer import cbor
from accord.wire.peer.errors import NotDeterministic, NotExpressible


@pytest.mark.parametrize(
    ("data", "value"),
    [
        # RFC 8949, appendix A.
        ("00", 0),
        ("17", 23),
        ("1818", 24),
        ("1903e8", 1000),
        ("1a000f4240", 1_000_000),
        ("1b000000e8d4a51000", 1_000_000_000_000),
        ("3863", -100),
        ("f4", False),
        ("f5", True),
        ("f6", None),
        ("4401020304", b"\1\2\3\4"),
        ("62c3bc", "ü"),
        ("8301820203820405", [1, [2, 3], [4, 5]]),
        ("a201020304", {1: 2, 3: 4}),
    ],
)
def test_values_are_written_as_rfc_8949_shows(data: str, value: object) -> None:
    assert cbor.write(value) == bytes.fromhex(data)
    assert cbor.read(bytes.fromhex(data)) == value


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("1817", id="a number in more bytes than it needs"),
        pytest.param("1900ff", id="a number in two bytes more than it needs"),
        pytest.param("580161", id="a length in more bytes than it needs"),
        pytest.param("a203040102", id="keys out of order"),
        pytest.param("0000", id="something after the end"),
    ],
)
def test_what_could_be_written_another_way_is_refused(data: str) -> None:
    with pytest.raises(NotDeterministic):
        cbor.read(bytes.fromhex(data))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("", id="nothing"),
        pytest.param("8301", id="cut off"),
        pytest.param("9fff", id="an array of indefinite length"),
        pytest.param("5f4101ff", id="a string of indefinite length"),
        pytest.param("a201020103", id="a key twice"),
        pytest.param("c11a514b67b0", id="a tag for a time"),
        pytest.param("c249010000000000000000", id="a tag for a big number"),
        pytest.param("d82363612b2b", id="a tag for a regular expression"),
        pytest.param("d9ffff00", id="a tag that nobody knows"),
        pytest.param("61ff", id="text that is not UTF-8"),
        pytest.param("9bffffffffffffffff", id="an array longer than any memory"),
        pytest.param("1c", id="a reserved head"),
        pytest.param("f93c00", id="a fraction"),
        pytest.param("81fb3ff199999999999a", id="a fraction in an array"),
        pytest.param("a101f7", id="undefined in a map"),
        pytest.param("f0", id="a simple value"),
        pytest.param("a1f93c0001", id="a fraction as a key"),
        pytest.param("a1616101", id="text as a key"),
        pytest.param("a18001", id="an array as a key"),
        pytest.param("a1f501", id="true as a key"),
        pytest.param("81" * 17 + "00", id="too deep"),
        pytest.param("81" * 60_000, id="deeper than any stack"),
    ],
)
def test_what_is_not_used_is_refused(data: str) -> None:
    with pytest.raises(Malformed):
        cbor.read(bytes.fromhex(data))


def test_what_is_as_deep_as_allowed_is_read() -> None:
    assert cbor.read(b"\x81" * cbor.MAX_DEPTH + b"\x00")


def test_text_that_is_not_unicode_cannot_be_written() -> None:
    with pytest.raises(NotExpressible):
        cbor.write(["\ud800"])
    assert not issubclass(NotExpressible, WireError)
