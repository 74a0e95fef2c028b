"""Names, keys and classes are those of ATAK's preference files and mission packages, version 2."""

import io
import ssl
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    load_pem_private_key,
    pkcs12,
)
from lxml import etree

from accord.cli import demo_client
from accord.tak.packages import KeyStore, Server, atak_package, enrolment_package, itak_package
from support.node_process import unpack
from support.tls import TestAuthority

SERVER = Server(description="NZL <North>", host="192.0.2.1", port=8089)
TRUST = KeyStore(file="truststore.p12", data=b"trusted", password="trust & secret")
CLIENT = KeyStore(file="kiwi-1.p12", data=b"mine", password="client secret")


def _files(package: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def _preferences(config: bytes) -> dict[str, dict[str, tuple[str, str]]]:
    """Return, by preference and key, the class of a value and its text."""
    root = etree.fromstring(config)
    assert root.tag == "preferences"
    assert all(group.get("version") == "1" for group in root)
    return {
        group.get("name", ""): {
            entry.get("key", ""): (entry.get("class", ""), entry.text or "") for entry in group
        }
        for group in root
    }


def _string(text: str) -> tuple[str, str]:
    return ("class java.lang.String", text)


TRUE = ("class java.lang.Boolean", "true")
ATAK = atak_package(SERVER, username="kiwi-1", truststore=TRUST, client=CLIENT)
ITAK = itak_package(SERVER, username="kiwi-1", truststore=TRUST, client=CLIENT)
ENROLMENT = enrolment_package(SERVER, username="kiwi-1", truststore=TRUST)


def test_atak_finds_its_files_in_certs_and_its_manifest_in_manifest() -> None:
    files = _files(ATAK)
    assert set(files) == {
        "certs/config.pref",
        "certs/truststore.p12",
        "certs/kiwi-1.p12",
        "MANIFEST/manifest.xml",
    }
    assert files["certs/truststore.p12"] == b"trusted"
    assert files["certs/kiwi-1.p12"] == b"mine"


def test_atak_is_told_of_one_connection_over_tls_with_both_key_stores() -> None:
    said = _preferences(_files(ATAK)["certs/config.pref"])
    assert said["cot_streams"] == {
        "count": ("class java.lang.Integer", "1"),
        "description0": _string("NZL <North>"),
        "enabled0": TRUE,
        "connectString0": _string("192.0.2.1:8089:ssl"),
        "caLocation0": _string("cert/truststore.p12"),
        "caPassword0": _string("trust & secret"),
        "certificateLocation0": _string("cert/kiwi-1.p12"),
        "clientPassword0": _string("client secret"),
    }


def test_pytak_and_older_atak_find_the_key_stores_among_the_app_preferences() -> None:
    said = _preferences(_files(ATAK)["certs/config.pref"])
    assert said["com.atakmap.app_preferences"] == {
        "caLocation": _string("cert/truststore.p12"),
        "caPassword": _string("trust & secret"),
        "certificateLocation": _string("cert/kiwi-1.p12"),
        "clientPassword": _string("client secret"),
    }


def test_itak_finds_everything_at_the_root() -> None:
    files = _files(ITAK)
    assert set(files) == {"config.pref", "truststore.p12", "kiwi-1.p12", "MANIFEST/manifest.xml"}
    said = _preferences(files["config.pref"])
    assert said["cot_streams"]["caLocation0"] == _string("truststore.p12")
    assert said["cot_streams"]["certificateLocation0"] == _string("kiwi-1.p12")


@pytest.mark.parametrize("package", [ATAK, ITAK, ENROLMENT])
def test_the_manifest_lists_every_other_entry(package: bytes) -> None:
    files = _files(package)
    text = files.pop("MANIFEST/manifest.xml")
    # TAK looks for these two literally.
    assert b"<MissionPackageManifest" in text
    assert b'version="2"' in text
    manifest = etree.fromstring(text)
    listed = {each.get("zipEntry"): each.get("ignore") for each in manifest.iter("Content")}
    assert listed == dict.fromkeys(files, "false")
    about = {each.get("name"): each.get("value") for each in manifest.iter("Parameter")}
    assert about["uid"]
    assert about["name"] == "NZL <North> kiwi-1"


def test_packages_for_two_people_or_two_nodes_are_two_packages() -> None:
    def uid(server: Server, username: str) -> str | None:
        package = enrolment_package(server, username=username, truststore=TRUST)
        manifest = etree.fromstring(_files(package)["MANIFEST/manifest.xml"])
        return next(e.get("value") for e in manifest.iter("Parameter") if e.get("name") == "uid")

    other = Server(description="NZL", host="192.0.2.2")
    assert len({uid(SERVER, "kiwi-1"), uid(SERVER, "kiwi-2"), uid(other, "kiwi-1")}) == 3


def test_enrolment_trusts_the_node_asks_for_a_token_and_holds_no_secret_of_the_client() -> None:
    files = _files(ENROLMENT)
    assert set(files) == {"certs/config.pref", "certs/truststore.p12", "MANIFEST/manifest.xml"}
    said = _preferences(files["certs/config.pref"])
    streams = said["cot_streams"]
    assert streams["enrollForCertificateWithTrust0"] == TRUE
    assert streams["useAuth0"] == TRUE
    assert streams["username0"] == _string("kiwi-1")
    assert streams["caLocation0"] == _string("cert/truststore.p12")
    everything = {*streams, *said["com.atakmap.app_preferences"]}
    assert not {"certificateLocation0", "clientPassword0", "clientPassword"} & everything


def test_clients_are_told_of_ports_that_are_not_the_usual_ones() -> None:
    server = Server(description="NZL", host="node", port=1, api_port=2, enrolment_port=3)
    package = enrolment_package(server, username="kiwi-1", truststore=TRUST)
    said = _preferences(_files(package)["certs/config.pref"])
    assert said["cot_streams"]["connectString0"] == _string("node:1:ssl")
    app = said["com.atakmap.app_preferences"]
    assert app["apiSecureServerPort"] == _string("2")
    assert app["apiCertEnrollmentPort"] == _string("3")


def test_an_ipv6_address_stands_in_brackets() -> None:
    server = Server(description="NZL", host="2001:db8::1")
    assert server.connect_string == "[2001:db8::1]:8089:ssl"


def test_the_same_input_gives_the_same_bytes() -> None:
    again = atak_package(SERVER, username="kiwi-1", truststore=TRUST, client=CLIENT)
    assert again == ATAK
    with zipfile.ZipFile(io.BytesIO(ATAK)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("make", [atak_package, itak_package])
def test_what_a_client_reads_from_a_package_is_what_went_in(
    tmp_path: Path, make: Callable[..., bytes]
) -> None:
    authority = TestAuthority(tmp_path)
    certificate, key = authority.issue("clients/kiwi-1", "kiwi-1")
    secret = load_pem_private_key(key.read_bytes(), None)
    assert isinstance(secret, ec.EllipticCurvePrivateKey)
    own = x509.load_pem_x509_certificate(certificate.read_bytes())
    trusted = x509.load_pem_x509_certificate(authority.ca.read_bytes())
    client = pkcs12.serialize_key_and_certificates(
        b"kiwi-1", secret, own, None, BestAvailableEncryption(b"one")
    )
    store = pkcs12.serialize_java_truststore(
        [pkcs12.PKCS12Certificate(trusted, b"ca")], BestAvailableEncryption(b"two")
    )
    path = tmp_path / "kiwi-1.zip"
    path.write_bytes(
        make(
            SERVER,
            username="kiwi-1",
            truststore=KeyStore(file="truststore.p12", data=store, password="two"),
            client=KeyStore(file="kiwi-1.p12", data=client, password="one"),
        )
    )
    files = unpack(path)
    assert files.certificate.read_bytes() == certificate.read_bytes()
    assert files.authority.read_bytes() == authority.ca.read_bytes()
    assert isinstance(demo_client.tls_context(path), ssl.SSLContext)
