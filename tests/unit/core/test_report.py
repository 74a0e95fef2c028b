from accord.core.report import Address, AddressKind, Form, Original, Source
from support.builders import a_report


def test_a_report_is_for_all_and_doubted_by_nobody_unless_it_says_so() -> None:
    report = a_report()
    assert (report.to, report.doubts) == (frozenset(), frozenset())
    assert (report.author, report.original) == (None, None)


def test_the_same_speaker_on_another_channel_is_another_source() -> None:
    one = Source(node="NZL", channel="tak", speaker="kiwi-1")
    assert one == Source(node="NZL", channel="tak", speaker="kiwi-1", hops=())
    assert one != Source(node="NZL", channel="feed:ais", speaker="kiwi-1")
    assert one != Source(node="NZL", channel="tak", speaker="kiwi-1", hops=("AUS",))


def test_an_address_is_what_it_is_compared_with_and_a_value() -> None:
    assert Address(AddressKind.UID, "X") != Address(AddressKind.CALLSIGN, "X")


def test_forms_are_kept_under_names_that_do_not_change() -> None:
    # They stand in journals and are read again by later versions.
    assert [form.value for form in Form] == [
        "cot-xml", "cot-protobuf", "ais", "nmea", "adsb", "geojson", "asterix", "dis", "json",
        "peer",
    ]  # fmt: skip
    assert Original(Form("ais"), b"") == Original(Form.AIS, b"")
