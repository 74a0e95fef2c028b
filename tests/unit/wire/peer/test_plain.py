from accord.wire.peer import plain
from accord.wire.peer.protocol import FrameType, Lane
from accord.wire.peer.record import Evidence, Hop, Statement
from accord.wire.peer.report import Addressee, AlarmBody, Marks, Names, Reference, Spoken
from support.peer import AT, a_header, a_label, a_subject, an_object, words

BARE = {1: "NZL-JFNZ", 2: "MMSI-512000001", 3: "live", 4: "a-f-S-X-M", 5: "m-g"}
GRANT = [bytes.fromhex("0011223344556677"), "2.1", "exact"]


def test_a_subject_says_only_what_there_is() -> None:
    assert plain.subject(a_subject()) == BARE


def test_a_subject_has_the_keys_of_the_schema() -> None:
    subject = a_subject(
        names=Names("512000001", None, None, "TUI", "KAITAKI", "NZL"),
        marks=Marks("NZL RESTRICTED", None, "AUS, NZL", "e-TASMAN 26", by_default=True),
        label=a_label(releasable_to=("AUS", "NZL"), created=5, by_default=True),
        source=Spoken(node="NZL-JFNZ", channel="tak", speaker="kiwi-1", hops=("AUS",)),
        groups=("Blue", "Red"),
        to=(Addressee(1, "U2"),),
        author="U1",
        path=("USA-7FLT",),
    )
    found = plain.subject(subject)
    assert found == BARE | {
        6: {1: "512000001", 4: "TUI", 5: "KAITAKI", 6: "NZL"},
        7: {1: "NZL RESTRICTED", 3: "AUS, NZL", 4: "e-TASMAN 26", 5: True},
        8: {1: "NZL", 2: "RESTRICTED", 3: "NZL", 5: ["AUS", "NZL"], 8: 5, 10: True},
        9: ["NZL-JFNZ", "tak", "kiwi-1", ["AUS"]],
        10: ["Blue", "Red"],
        11: [[1, "U2"]],
        12: "U1",
        13: ["USA-7FLT"],
    }
    assert isinstance(found, dict)
    assert [*found] == sorted(found)


def test_an_object_has_its_header_or_what_stands_for_it() -> None:
    header = [BARE, 3, GRANT, [-412_800_000, 1_747_700_000, 0, 10_000, 0, 0, 300_000, False]]
    assert plain.an_object(an_object(4, 9)) == [4, 9, header, None]
    assert plain.header(a_header()) == header


def test_a_report_says_times_as_differences() -> None:
    report = words(start=AT - 5, received=AT + 7)
    kind, said = plain.content(report)
    assert kind == 1
    assert said == {
        1: BARE | {2: "GeoChat.1", 4: "b-t-f"},
        2: [3, AT],
        3: GRANT,
        4: AT,
        5: -5,
        6: 60_000,
        7: 7,
        8: [3, "Kia ora", "TUI-1", "All Chat Rooms"],
    }


def test_an_alarm_without_a_place_has_null_for_it() -> None:
    _, said = plain.content(words(body=AlarmBody("911 Alert", None, cancels=True)))
    assert isinstance(said, dict)
    assert said[8] == [4, "911 Alert", None, True]


def test_evidence_leaves_out_the_root() -> None:
    statement = Statement(
        bytes(16), "NZL", "USA", FrameType.RECORDS, 7, Lane.CHAT, AT, 1, b"root" * 8
    )
    evidence = Evidence(
        statement=statement, signature=bytes(64), hashes=(), hops=(Hop("USA", bytes(64)),)
    )
    said = plain.statement(statement)
    assert said == [bytes(16), "NZL", "USA", 4, 7, 2, AT, 1]
    assert plain.evidence(evidence, said) == [said, bytes(64), [], [["USA", bytes(64)]], None]


def test_what_is_too_long_stands_as_its_digest_and_size() -> None:
    assert plain.content(Reference(bytes(32), 70_000)) == [0, [bytes(32), 70_000]]
