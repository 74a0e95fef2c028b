import asyncio
import contextlib
import ssl
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from accord.core.clock import SystemClock
from accord.core.errors import AccordError
from accord.core.partner import Partner, Profile
from accord.security import identity, keystore, partner_tls
from accord.security.identity import FederationAuthority, FederationSettings
from accord.security.partner_tls import PartnerTls, is_strong_enough
from support.partners import AUS, NZL, USA, Forged, der, name_of, partner_of

CLOCK = SystemClock()


class Node:
    """One node's identity, made now: TLS goes by the clock of the machine."""

    def __init__(self, directory: Path, node: str, profile: Profile = Profile.MODERN) -> None:
        self.directory = directory
        self.name = name_of(node)
        self.profile = profile
        identity.prepare(directory, self.name, FederationSettings(profile=profile), CLOCK.now())

    @property
    def authority(self) -> FederationAuthority:
        return identity.load_authority(self.directory, self.name)

    @property
    def partner(self) -> Partner:
        """What others have pinned of it."""
        return partner_of(self.name.node, self.profile, authority=self.authority)

    def tls(self, of_domain: Callable[[str], Partner | None] = lambda _: None) -> PartnerTls:
        return PartnerTls(self.directory, self.name, self.profile, of_domain=of_domain, clock=CLOCK)

    def knowing(self, *partners: Partner) -> PartnerTls:
        return self.tls({each.trust_domain: each for each in partners}.get)


class Handshake:
    """Both ends of TLS in memory; `failed` is the end that refused, and in which words."""

    def __init__(
        self, calling: ssl.SSLContext, called: ssl.SSLContext, server_name: str | None
    ) -> None:
        to_called, to_calling = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.calling = calling.wrap_bio(to_calling, to_called, server_hostname=server_name)
        self.called = called.wrap_bio(to_called, to_calling, server_side=True)
        self.failed: tuple[str, str] | None = None
        waiting = {"calling": self.calling, "called": self.called}
        for _ in range(4):
            for end, tls in tuple(waiting.items()):
                try:
                    tls.do_handshake()
                except ssl.SSLWantReadError:
                    continue
                except ssl.SSLError as error:
                    self.failed = end, error.reason or ""
                    return
                del waiting[end]
        assert not waiting


NO_ISSUER = ("called", "CERTIFICATE_VERIFY_FAILED")


@pytest.fixture
def nzl(tmp_path: Path) -> Node:
    return Node(tmp_path / "nzl", NZL)


@pytest.fixture
def usa(tmp_path: Path) -> Node:
    return Node(tmp_path / "usa", USA)


@pytest.fixture
def aus(tmp_path: Path) -> Node:
    return Node(tmp_path / "aus", AUS)


def call(caller: Node, called: Node, listening: ssl.SSLContext, name: str | None) -> Handshake:
    return Handshake(caller.tls().dialling(called.partner), listening, name)


def leaf(node: Node) -> bytes:
    return der(keystore.read_certificates(node.directory / identity.NODE)[0])


@pytest.mark.parametrize("profile", Profile)
def test_partners_meet_and_each_sees_the_certificate_of_the_other(
    tmp_path: Path, profile: Profile
) -> None:
    nzl, usa = Node(tmp_path / "nzl", NZL, profile), Node(tmp_path / "usa", USA, profile)
    listening = nzl.knowing(usa.partner).listening()
    met = call(usa, nzl, listening, usa.tls().server_name)
    assert met.failed is None
    assert partner_tls.certificate_of(met.called) == leaf(usa)
    assert partner_tls.certificate_of(met.calling) == leaf(nzl)
    assert met.called.version() == met.calling.version() == "TLSv1.3"
    assert is_strong_enough(met.called, profile)


def test_each_is_checked_against_its_own_authority_alone(nzl: Node, usa: Node, aus: Node) -> None:
    listening = nzl.knowing(usa.partner, aus.partner).listening()
    assert call(usa, nzl, listening, "usa-x").failed is None
    assert call(aus, nzl, listening, "aus-x").failed is None
    assert call(usa, nzl, listening, "aus-x").failed == NO_ISSUER
    assert call(aus, nzl, listening, "usa-x").failed == NO_ISSUER


def test_a_stranger_cannot_tell_which_names_are_partners(nzl: Node, usa: Node, aus: Node) -> None:
    listening = nzl.knowing(usa.partner).listening()
    for name in ("usa-x", "aus-x", "nobody", None):
        refused = call(aus, nzl, listening, name)
        assert refused.failed == NO_ISSUER
        with pytest.raises(ssl.SSLError) as told:
            refused.calling.read()
        assert told.value.reason == "TLSV1_ALERT_UNKNOWN_CA"


def test_a_caller_without_a_certificate_is_refused(nzl: Node, usa: Node) -> None:
    nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    nobody.check_hostname, nobody.verify_mode = False, ssl.CERT_NONE
    refused = Handshake(nobody, nzl.knowing(usa.partner).listening(), "usa-x")
    assert refused.failed == ("called", "PEER_DID_NOT_RETURN_A_CERTIFICATE")


def test_who_answers_in_a_partners_place_is_refused(nzl: Node, usa: Node, aus: Node) -> None:
    impostor = aus.knowing(usa.partner).listening()
    met = Handshake(usa.tls().dialling(nzl.partner), impostor, "usa-x")
    assert met.failed == ("calling", "CERTIFICATE_VERIFY_FAILED")


def test_an_authority_below_the_partners_own_issues_nothing(nzl: Node, usa: Node) -> None:
    certificate, key = Forged(issuer=usa.authority, is_authority=True, at=CLOCK.now()).made()
    below = FederationAuthority(usa.name, certificate, key)
    issued = below.issue(CLOCK.now(), FederationSettings().certificate_valid)
    keystore.write_key(usa.directory / identity.NODE_KEY, issued.key)
    keystore.write_certificates(usa.directory / identity.NODE, issued.certificate, certificate)
    listening = nzl.knowing(usa.partner).listening()
    assert call(usa, nzl, listening, "usa-x").failed == NO_ISSUER


def test_a_partner_that_comes_or_goes_is_heeded_by_the_same_listener(nzl: Node, usa: Node) -> None:
    known: dict[str, Partner] = {}
    listening = nzl.tls(known.get).listening()
    assert call(usa, nzl, listening, "usa-x").failed == NO_ISSUER
    known["usa-x"] = usa.partner
    assert call(usa, nzl, listening, "usa-x").failed is None
    del known["usa-x"]
    assert call(usa, nzl, listening, "usa-x").failed == NO_ISSUER


def test_both_authorities_of_a_partner_that_changes_them_are_taken(
    nzl: Node, usa: Node, tmp_path: Path
) -> None:
    new = Node(tmp_path / "new", USA)
    until = new.authority.certificate.not_valid_after_utc
    former = usa.authority.certificate.public_bytes(Encoding.DER)
    partner = partner_of(USA, authority=new.authority, former=former, former_until=until)
    listening = nzl.knowing(partner).listening()
    assert call(usa, nzl, listening, "usa-x").failed is None
    assert call(new, nzl, listening, "usa-x").failed is None


def test_no_session_is_taken_up_again(nzl: Node, usa: Node) -> None:
    listening, dialling = nzl.knowing(usa.partner).listening(), usa.tls().dialling(nzl.partner)
    met = Handshake(dialling, listening, "usa-x")
    met.called.write(b"x")
    assert met.calling.read() == b"x"
    assert met.calling.session is None or not met.calling.session.has_ticket


def test_older_tls_is_not_spoken(nzl: Node, usa: Node) -> None:
    listening = nzl.knowing(usa.partner).listening()
    older = usa.tls().dialling(nzl.partner)
    older.minimum_version = older.maximum_version = ssl.TLSVersion.TLSv1_2
    assert Handshake(older, listening, "usa-x").failed == ("called", "UNSUPPORTED_PROTOCOL")


def test_the_other_profiles_keys_are_for_p_384_alone(tmp_path: Path) -> None:
    nzl, usa = Node(tmp_path / "nzl", NZL, Profile.CNSA), Node(tmp_path / "usa", USA, Profile.CNSA)
    dialling = usa.tls().dialling(nzl.partner)
    dialling.set_ecdh_curve("prime256v1")
    refused = Handshake(dialling, nzl.knowing(usa.partner).listening(), "usa-x")
    assert refused.failed is not None


class Agreed:
    """TLS that agreed on a cipher."""

    def __init__(self, name: str | None) -> None:
        self._name = name

    def cipher(self) -> tuple[str, str, int] | None:
        return None if self._name is None else (self._name, "TLSv1.3", 256)


@pytest.mark.parametrize(
    ("profile", "cipher", "is_enough"),
    [
        (Profile.MODERN, "TLS_CHACHA20_POLY1305_SHA256", True),
        (Profile.CNSA, "TLS_AES_256_GCM_SHA384", True),
        (Profile.CNSA, "TLS_AES_128_GCM_SHA256", False),
        (Profile.CNSA, "TLS_CHACHA20_POLY1305_SHA256", False),
        (Profile.CNSA, None, False),
    ],
)
def test_the_stricter_profile_takes_aes_256_alone(
    profile: Profile, cipher: str | None, is_enough: bool
) -> None:
    agreed = Agreed(cipher)
    assert is_strong_enough(agreed, profile) is is_enough  # pyright: ignore[reportArgumentType]


def test_why_a_handshake_failed_is_told(nzl: Node, usa: Node, aus: Node) -> None:
    said: list[str] = []
    listening = nzl.knowing(usa.partner).listening(failed=said.append)
    Handshake(aus.tls().dialling(nzl.partner), listening, "usa-x")
    assert said == ["unable to get local issuer certificate"]
    impostor = aus.knowing(usa.partner).listening()
    Handshake(usa.tls().dialling(nzl.partner, failed=said.append), impostor, "usa-x")
    assert said[1:] == ["unable to get local issuer certificate"]


def test_a_certificate_that_was_made_again_is_shown_from_then_on(nzl: Node, usa: Node) -> None:
    listening = nzl.knowing(usa.partner).listening()
    before = leaf(nzl)
    assert partner_tls.certificate_of(call(usa, nzl, listening, "usa-x").calling) == before
    issued = nzl.authority.issue(CLOCK.now(), timedelta(days=14))
    keystore.write_key(nzl.directory / identity.NODE_KEY, issued.key)
    keystore.write_certificates(nzl.directory / identity.NODE, issued.certificate)
    assert leaf(nzl) == der(issued.certificate) != before
    met = call(usa, nzl, listening, "usa-x")
    assert partner_tls.certificate_of(met.calling) == leaf(nzl)


def test_a_certificate_that_is_just_being_made_again_ends_one_call_and_not_the_node(
    nzl: Node, usa: Node
) -> None:
    listening = nzl.knowing(usa.partner).listening()
    aside = (nzl.directory / identity.NODE_KEY).rename(nzl.directory / "aside")
    assert call(usa, nzl, listening, "usa-x").failed is not None
    with pytest.raises(AccordError, match="cannot read"):
        nzl.tls().listening()
    aside.rename(nzl.directory / identity.NODE_KEY)
    assert call(usa, nzl, listening, "usa-x").failed is None


async def test_who_calls_is_known_before_the_first_byte_is_read(nzl: Node, usa: Node) -> None:
    met: list[bytes | None] = []
    told = asyncio.Event()

    class Called(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            met.append(partner_tls.certificate_of(transport.get_extra_info("ssl_object")))
            transport.close()
            told.set()

    loop = asyncio.get_running_loop()
    listening = nzl.knowing(usa.partner).listening()
    async with await loop.create_server(Called, "127.0.0.1", 0, ssl=listening) as server:
        host, port = server.sockets[0].getsockname()[:2]
        calling, _ = await loop.create_connection(
            asyncio.Protocol, host, port,
            ssl=usa.tls().dialling(nzl.partner), server_hostname=usa.tls().server_name,
        )  # fmt: skip
        await told.wait()
        calling.close()
    assert met == [leaf(usa)]


def test_a_handshake_stays_small_for_a_slow_link(nzl: Node, usa: Node) -> None:
    listening = nzl.knowing(usa.partner).listening()
    context = usa.tls().dialling(nzl.partner)
    to_called, to_calling = ssl.MemoryBIO(), ssl.MemoryBIO()
    calling = context.wrap_bio(to_calling, to_called, server_hostname="usa-x")
    called = listening.wrap_bio(to_called, to_calling, server_side=True)
    sent = 0
    for tls, out in ((calling, to_called), (called, to_calling), (calling, to_called)):
        with contextlib.suppress(ssl.SSLWantReadError):
            tls.do_handshake()
        sent += out.pending
    called.do_handshake()
    assert 1_500 < sent < 2_000
