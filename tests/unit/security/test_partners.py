from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import load_der_x509_certificate
from cryptography.x509.oid import ExtendedKeyUsageOID

from accord.core.partner import Denial, Partner, Profile, Trusted, spell_serial
from accord.security.identity import FederationAuthority
from accord.security.partners import MAX_SHOWN, PartnerAdmission, Reason, Refusal
from support.clock import START, ManualClock
from support.keys import a_client, an_issuer
from support.partners import (
    AUS,
    FORTNIGHT,
    NZL,
    USA,
    Forged,
    authority_of,
    certificate_of,
    der,
    name_of,
    partner_of,
)


class Register:
    """What the register holds; None once it was read, until it changes."""

    def __init__(self, *partners: Partner) -> None:
        self._found: Trusted | None = Trusted(partners)

    def become(self, *partners: Partner, denials: tuple[Denial, ...] = ()) -> None:
        self._found = Trusted(partners, denials)

    def read(self) -> Trusted | None:
        found, self._found = self._found, None
        return found


@pytest.fixture
def register() -> Register:
    return Register(partner_of(NZL), partner_of(AUS))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def admission(register: Register, clock: ManualClock) -> PartnerAdmission:
    return PartnerAdmission(register.read, clock=clock)


def refused(admission: PartnerAdmission, certificate: bytes | None) -> Reason:
    """Why it is refused, which must have been counted under that name."""
    before = dict(admission.refused)
    found = admission.admit(certificate)
    assert isinstance(found, Refusal), found
    assert admission.refused == {**before, found.reason: before.get(found.reason, 0) + 1}
    if certificate:
        assert admission.why_gone(certificate) is found.reason
    return found.reason


def denial(node: str, serial: str = "") -> Denial:
    return Denial(name=name_of(node), serial=serial, at=START)


def test_each_partner_is_known_by_the_certificate_of_its_own_authority(
    admission: PartnerAdmission,
) -> None:
    for node in (NZL, AUS):
        assert admission.admit(certificate_of(node)) == partner_of(node)
        assert admission.why_gone(certificate_of(node)) is None
    assert admission.refused == {}
    assert list(admission.partners()) == [partner_of(NZL), partner_of(AUS)]


def test_certificates_of_the_other_profile_are_known_as_well(clock: ManualClock) -> None:
    partner = partner_of(NZL, Profile.CNSA)
    admission = PartnerAdmission(Register(partner).read, clock=clock)
    assert admission.admit(certificate_of(NZL, Profile.CNSA)) == partner


def test_who_is_no_partner_is_refused(admission: PartnerAdmission) -> None:
    assert refused(admission, None) is Reason.NONE
    assert refused(admission, b"") is Reason.NONE
    assert refused(admission, b"no certificate") is Reason.UNREADABLE
    assert refused(admission, certificate_of(USA)) is Reason.UNKNOWN


def test_the_right_key_under_the_name_of_another_is_refused(admission: PartnerAdmission) -> None:
    """A partner's authority says nothing about another partner, nor of other nodes."""
    as_aus = Forged(issuer=authority_of(NZL), uris=[str(name_of(AUS))])
    assert refused(admission, as_aus.der()) is Reason.OTHER_AUTHORITY
    other_node = Forged(uris=["spiffe://nzl-x/node/AUS-X"])
    assert refused(admission, other_node.der()) is Reason.OTHER_NODE
    third = Forged(uris=["spiffe://usa-x/node/USA-X"])
    assert refused(admission, third.der()) is Reason.UNKNOWN


def test_the_right_name_under_another_root_is_refused(admission: PartnerAdmission) -> None:
    for issuer in (authority_of(AUS), authority_of(USA), authority_of(NZL, Profile.MODERN, 1)):
        forged = Forged(issuer=issuer, uris=[str(name_of(NZL))])
        assert refused(admission, forged.der()) is Reason.OTHER_AUTHORITY


def test_a_root_that_only_has_the_same_name_is_refused(admission: PartnerAdmission) -> None:
    twin = FederationAuthority.create(name_of(NZL), Profile.MODERN, START)
    assert twin.certificate.subject == authority_of(NZL).certificate.subject
    forged = der(twin.issue(START, FORTNIGHT).certificate)
    assert refused(admission, forged) is Reason.OTHER_AUTHORITY


@pytest.mark.parametrize(
    ("uris", "reason"),
    [
        ([], Reason.NO_ID),
        ([str(name_of(NZL)), str(name_of(NZL))], Reason.TWO_IDS),
        ([str(name_of(NZL)), str(name_of(AUS))], Reason.TWO_IDS),
        ([str(name_of(NZL)), "https://nzl.example"], Reason.TWO_IDS),
        (["spiffe://*/node/NZL-X"], Reason.BAD_ID),
        (["spiffe://nzl-x/node/*"], Reason.BAD_ID),
        (["spiffe://nzl-x"], Reason.BAD_ID),
        (["spiffe://nzl-x/node/NZL-X/more"], Reason.BAD_ID),
        (["spiffe://nzl-x/node/NZL-X?a"], Reason.BAD_ID),
        (["spiffe://NZL-X/node/NZL-X"], Reason.BAD_ID),
        (["spiffe://nzl-x:9010/node/NZL-X"], Reason.BAD_ID),
        (["https://nzl-x/node/NZL-X"], Reason.BAD_ID),
        ([""], Reason.BAD_ID),
    ],
)
def test_a_certificate_has_exactly_one_uri_and_it_names_a_node(
    admission: PartnerAdmission, uris: list[str], reason: Reason
) -> None:
    assert refused(admission, Forged(uris=uris).der()) is reason


def test_a_certificate_is_issued_by_the_partners_authority_itself(
    admission: PartnerAdmission,
) -> None:
    """Neither an authority below it, nor one that the authority was talked into, is one."""
    certificate, key = Forged(is_authority=True).made()
    between = FederationAuthority(name_of(NZL), certificate, key)
    assert refused(admission, Forged(issuer=between).der()) is Reason.OTHER_AUTHORITY
    assert refused(admission, der(certificate)) is Reason.OTHER_AUTHORITY
    assert refused(admission, der(authority_of(NZL).certificate)) is Reason.BAD_ID
    assert refused(admission, der(an_issuer("NZL-X").certificate)) is Reason.NO_ID


def test_a_certificate_of_the_nodes_clients_is_none_of_partners(
    admission: PartnerAdmission,
) -> None:
    assert refused(admission, der(a_client().certificate)) is Reason.NO_ID


def test_a_certificate_for_another_purpose_is_refused(admission: PartnerAdmission) -> None:
    mail = Forged(usage=ExtendedKeyUsageOID.EMAIL_PROTECTION)
    assert refused(admission, mail.der()) is Reason.OTHER_AUTHORITY


@pytest.mark.parametrize("curve", [ec.SECP384R1(), ec.SECP521R1(), ec.SECP256K1()])
def test_a_key_that_is_not_of_the_profile_is_refused(
    admission: PartnerAdmission, curve: ec.EllipticCurve
) -> None:
    assert refused(admission, Forged(curve=curve).der()) is Reason.OTHER_PROFILE


def test_an_elliptic_curve_that_nobody_knows_is_refused(admission: PartnerAdmission) -> None:
    known = bytes.fromhex("06082a8648ce3d030107")  # RFC 5480: the name of P-256
    found = Forged().der()
    broken = found.replace(known, known[:-1] + b"\x63")
    assert broken != found
    assert refused(admission, broken) is Reason.OTHER_PROFILE


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        (START - timedelta(hours=1, seconds=2), Reason.NOT_BEGUN),
        (START - timedelta(minutes=59), None),
        (START + FORTNIGHT - timedelta(seconds=2), None),
        (START + FORTNIGHT, Reason.ENDED),
    ],
)
def test_a_certificate_counts_from_its_beginning_to_its_end(
    register: Register, at: datetime, reason: Reason | None
) -> None:
    admission = PartnerAdmission(register.read, clock=ManualClock(at))
    certificate = certificate_of(NZL)
    assert admission.why_gone(certificate) is reason
    if reason:
        assert refused(admission, certificate) is reason


def test_a_certificate_that_ends_ends_its_link(
    admission: PartnerAdmission, clock: ManualClock
) -> None:
    certificate = certificate_of(NZL)
    assert admission.admit(certificate) == partner_of(NZL)
    clock.advance(hours=24 * 14)
    assert admission.why_gone(certificate) is Reason.ENDED


def test_who_is_refused_is_cut_off_at_the_next_look_and_not_before(
    admission: PartnerAdmission, register: Register
) -> None:
    certificate = certificate_of(NZL)
    register.become(partner_of(NZL), partner_of(AUS), denials=(denial(NZL),))
    assert admission.why_gone(certificate) is None
    assert admission.look()
    assert refused(admission, certificate) is Reason.DENIED
    assert admission.admit(certificate_of(AUS)) == partner_of(AUS)
    assert list(admission.partners()) == [partner_of(AUS)]
    assert admission.of_domain("nzl-x") is None
    assert not admission.look()
    register.become(partner_of(NZL), partner_of(AUS))
    admission.look()
    assert admission.why_gone(certificate) is None


def test_who_was_removed_stays_refused_by_name(
    admission: PartnerAdmission, register: Register
) -> None:
    register.become(denials=(denial(NZL),))
    admission.look()
    assert refused(admission, certificate_of(NZL)) is Reason.DENIED
    assert refused(admission, certificate_of(AUS)) is Reason.UNKNOWN


def test_one_certificate_can_be_refused_and_the_next_taken(
    admission: PartnerAdmission, register: Register
) -> None:
    lost, next_one = certificate_of(NZL), certificate_of(NZL)
    serial = spell_serial(load_der_x509_certificate(lost).serial_number)
    register.become(partner_of(NZL), denials=(denial(NZL, serial),))
    admission.look()
    assert refused(admission, lost) is Reason.DENIED_CERTIFICATE
    assert admission.admit(next_one) == partner_of(NZL)
    assert list(admission.partners()) == [partner_of(NZL)]


def test_nobody_is_admitted_while_the_register_cannot_be_read(clock: ManualClock) -> None:
    admission = PartnerAdmission(lambda: None, clock=clock)
    assert refused(admission, certificate_of(NZL)) is Reason.UNKNOWN
    assert list(admission.partners()) == []


def test_a_partner_is_found_by_its_trust_domain(admission: PartnerAdmission) -> None:
    assert admission.of_domain("aus-x") == partner_of(AUS)
    assert admission.of_domain("usa-x") is None


def test_the_authority_before_counts_until_its_time_is_over(clock: ManualClock) -> None:
    new = authority_of(NZL, Profile.MODERN, 1)
    until = START + timedelta(hours=5)
    partner = partner_of(
        NZL, authority=new, former=der(authority_of(NZL).certificate), former_until=until
    )
    admission = PartnerAdmission(Register(partner).read, clock=clock)
    old, fresh = certificate_of(NZL), der(new.issue(START, FORTNIGHT).certificate)
    assert admission.admit(old) == admission.admit(fresh) == partner
    clock.advance(hours=5)
    assert refused(admission, old) is Reason.OTHER_AUTHORITY
    assert admission.admit(fresh) == partner


def test_an_authority_that_has_ended_vouches_for_nothing(clock: ManualClock) -> None:
    brief = FederationAuthority.create(name_of(NZL), Profile.MODERN, START - timedelta(days=3645))
    partner = partner_of(NZL, authority=brief)
    long = Forged(issuer=brief).der()
    clock.advance(hours=24 * 4)
    admission = PartnerAdmission(Register(partner).read, clock=clock)
    assert admission.admit(long) == partner
    clock.advance(hours=24 * 2)
    assert refused(admission, long) is Reason.OTHER_AUTHORITY


def test_a_refusal_says_who_it_claimed_to_be_fit_to_be_printed(
    admission: PartnerAdmission,
) -> None:
    found = admission.admit(Forged(uris=["spiffe://x\x1b[2J/node/" + "N" * 500]).der())
    assert isinstance(found, Refusal)
    assert len(found.claimed) == MAX_SHOWN
    assert str(found).isprintable()
    assert str(found).startswith("the URI is not the name of a node (spiffe://x?[2J/node/NNN")
    assert str(Refusal(Reason.NONE)) == "no certificate"


def test_names_and_reasons_of_strangers_do_not_fill_the_counts(
    admission: PartnerAdmission,
) -> None:
    for number in range(100):
        admission.admit(Forged(uris=[f"spiffe://x{number}/node/NZL"]).der())
    assert admission.refused == {Reason.UNKNOWN: 100}
