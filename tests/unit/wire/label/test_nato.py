from dataclasses import replace
from datetime import UTC, datetime

import pytest

from accord.core import portion
from accord.core.label import Label
from accord.core.marking import Opex
from accord.wire.errors import Malformed, Unsupported, WireError
from accord.wire.label import nato

DATES = {"created": datetime(2026, 7, 1, tzinfo=UTC), "review": datetime(2031, 7, 1, tzinfo=UTC)}
INSIDE = (
    "<PolicyIdentifier>NZL</PolicyIdentifier><Classification>SECRET</Classification>"
    '<Category Type="PERMISSIVE" TagName="Releasable To"><GenericValue>USA</GenericValue>'
    "</Category>"
)
REST = "<CreationDateTime>2026-07-01T00:00:00Z</CreationDateTime>"
CONTEXT = (
    '<Category Type="PERMISSIVE" TagName="Context"><GenericValue>NATO</GenericValue></Category>'
)


def _document(
    inside: str = INSIDE, rest: str = REST, *, attributes: str = "", of_inside: str = ""
) -> bytes:
    return (
        f'<originatorConfidentialityLabel xmlns="{nato.NAMESPACE}"{attributes}>'
        f"<ConfidentialityInformation{of_inside}>{inside}</ConfidentialityInformation>{rest}"
        "</originatorConfidentialityLabel>"
    ).encode()


def _read(*args: str, **kwargs: str) -> Label:
    return nato.read(_document(*args, **kwargs), nation="NZL")


def _label(mark: str) -> Label:
    return replace(portion.read(mark, nation="NZL"), **DATES)


def test_a_label_is_read() -> None:
    label = replace(_read(), created=None)
    assert label == portion.read("(S//REL TO USA)", nation="NZL")


def test_under_natos_policy_the_information_is_whose_it_is_said_to_be() -> None:
    inside = INSIDE.replace("NZL", "NATO") + CONTEXT
    label = nato.read(_document(inside), nation="FJI")
    assert (label.policy, label.originator) == ("NATO", "FJI")


@pytest.mark.parametrize(
    "inside",
    [
        "",
        "<Classification>SECRET</Classification><PolicyIdentifier>NZL</PolicyIdentifier>",
        INSIDE.replace("NZL", "PURPLE"),
        INSIDE.replace("NZL", "NATO"),
        INSIDE.replace("NZL", "NATO") + CONTEXT.replace("NATO", "EAPC"),
        INSIDE.replace("NZL", "NATO").replace("SECRET", "NATO SECRET") + CONTEXT,
        INSIDE.replace("NZL", "nato") + CONTEXT,
        INSIDE + CONTEXT,
        INSIDE.replace("SECRET", "PURPLE"),
        INSIDE.replace("SECRET", "Secret"),
        INSIDE.replace("SECRET", ""),
        INSIDE.replace("SECRET", "<b/>"),
        INSIDE.replace("<Classification>", '<Classification URI="urn:oid:1.2">'),
        INSIDE.replace("<PolicyIdentifier>", '<PolicyIdentifier URI="urn:oid:1.3.26.1.3.1">'),
        INSIDE.replace("<PolicyIdentifier>", '<PolicyIdentifier URI="http://192.0.2.1/">'),
        INSIDE.replace("<PolicyIdentifier>", '<PolicyIdentifier Id="x">'),
        INSIDE.replace("USA", "FVEY"),
        INSIDE.replace("<GenericValue>USA</GenericValue>", ""),
        INSIDE.replace("GenericValue", "IntegerValue"),
        INSIDE.replace("PERMISSIVE", "permissive"),
        INSIDE.replace("Releasable To", "Only"),
        INSIDE.replace(' TagName="Releasable To"', ""),
        INSIDE.replace("<Category ", '<Category Id="x" '),
        INSIDE.replace("<Category", "<PrivacyMark>x</PrivacyMark><Category"),
        INSIDE + INSIDE[INSIDE.index("<Category") :],
        INSIDE.replace("PERMISSIVE", "RESTRICTIVE").replace(
            "Releasable To", "Additional Sensitivity"
        ),
        *(
            f'{INSIDE}<Category Type="{kind}" TagName="{tag}"><GenericValue>{word}</GenericValue>'
            "</Category>"
            for kind, tag, word in [
                ("RESTRICTIVE", "Additional Sensitivity", "PURPLE"),
                ("RESTRICTIVE", "Additional Sensitivity", "MEDICAL"),
                (
                    "RESTRICTIVE",
                    "Additional Sensitivity",
                    "NOFORN</GenericValue><GenericValue>NZEO",
                ),
                ("INFORMATIVE", "Administrative", "ORCON"),
                ("INFORMATIVE", "Administrative", "SI"),
                ("INFORMATIVE", "Composition", "STAFF"),
            ]
        ),
    ],
)
def test_a_label_with_anything_that_is_not_understood_is_refused(inside: str) -> None:
    with pytest.raises(WireError):
        _read(inside)


@pytest.mark.parametrize(
    "rest",
    [
        "",
        REST + REST,
        REST + "<SuccessionHandling/>",
        '<OriginatorID IDType="jID">x</OriginatorID>',
        REST + '<OriginatorID IDType="jID">x</OriginatorID>',
        "<OriginatorID>x</OriginatorID>" + REST,
        REST.replace("Z", ""),
        REST.replace("2026-07-01", "2026-02-30"),
        REST.replace("2026-07-01T", "0001-01-01T").replace("Z", "+14:00"),
        REST.replace("2026", "26"),
    ],
)
def test_a_label_with_other_parts_or_without_a_date_is_refused(rest: str) -> None:
    with pytest.raises(WireError):
        _read(rest=rest)


def test_only_an_originators_label_is_read() -> None:
    document = _document().replace(b"originatorC", b"alternativeC")
    with pytest.raises(Unsupported, match="alternativeConfidentialityLabel"):
        nato.read(document, nation="NZL")


@pytest.mark.parametrize("where", ["attributes", "of_inside"])
def test_an_attribute_that_is_not_listed_is_refused(where: str) -> None:
    with pytest.raises(Unsupported):
        _read(**{where: ' x="y"'})


def test_a_review_that_is_no_moment_is_refused() -> None:
    with pytest.raises(Malformed):
        _read(attributes=' ReviewDateTime="soon"')


def test_a_label_is_written_in_the_order_of_the_schema() -> None:
    written = nato.write(_label("(//CTS//SI/OC/STAFF//REL TO NZL, USA)")).decode()
    assert written == (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        f'<slab:originatorConfidentialityLabel xmlns:slab="{nato.NAMESPACE}" '
        'ReviewDateTime="2031-07-01T00:00:00Z">\n'
        "  <slab:ConfidentialityInformation>\n"
        '    <slab:PolicyIdentifier URI="urn:oid:1.3.26.1.3.1">NATO</slab:PolicyIdentifier>\n'
        "    <slab:Classification>TOP SECRET</slab:Classification>\n"
        '    <slab:Category Type="PERMISSIVE" TagName="Context">\n'
        "      <slab:GenericValue>NATO</slab:GenericValue>\n"
        "    </slab:Category>\n"
        '    <slab:Category Type="RESTRICTIVE" TagName="Additional Sensitivity">\n'
        "      <slab:GenericValue>ORCON</slab:GenericValue>\n"
        "      <slab:GenericValue>SI</slab:GenericValue>\n"
        "    </slab:Category>\n"
        '    <slab:Category Type="PERMISSIVE" TagName="Releasable To">\n'
        "      <slab:GenericValue>NZL</slab:GenericValue>\n"
        "      <slab:GenericValue>USA</slab:GenericValue>\n"
        "    </slab:Category>\n"
        '    <slab:Category Type="INFORMATIVE" TagName="Administrative">\n'
        "      <slab:GenericValue>STAFF</slab:GenericValue>\n"
        "    </slab:Category>\n"
        "  </slab:ConfidentialityInformation>\n"
        "  <slab:CreationDateTime>2026-07-01T00:00:00Z</slab:CreationDateTime>\n"
        "</slab:originatorConfidentialityLabel>\n"
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"opex": Opex.parse("e-TASMAN")}, "exercise mark would be lost"),
        ({"created": None}, "dates"),
        ({"review": None}, "dates"),
        ({"originator": "USA"}, "a mark of NZL on information of USA"),
    ],
)
def test_what_the_syntax_cannot_say_is_not_left_out_in_silence(
    change: dict[str, object], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        nato.write(replace(_label("(R)"), **change))
