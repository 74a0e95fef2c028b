"""A node that signs people in by OpenLDAP's server: at the page, for a token, and phones."""

import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from accord.security import keystore
from support.keys import rsa_key
from support.node_process import ON_FREE_PORTS, NodeProcess, accord_well
from support.slapd import PASSWORDS, SERVICE, SERVICE_PASSWORD, SUFFIX, Slapd, running_slapd

PASSWORD = "correct horse battery staple"

SETTINGS = """
[ldap]
url = "ldap://localhost:{port}"
authority_file = "directory.pem"
name = "{service}"
password_file = "directory.secret"
people = "ou=people,{suffix}"
groups = "ou=groups,{suffix}"

[ldap_group.watch-keepers]
role = "watch"
groups = ["Blue"]

[ldap_group.chiefs]
role = "administrator"
groups = ["Chiefs"]
"""


def a_request(name: str) -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    return builder.sign(rsa_key(), hashes.SHA256()).public_bytes(Encoding.PEM)


async def sign_in(asking: httpx.AsyncClient, name: str, password: str) -> httpx.Response:
    headers = {"origin": str(asking.base_url).rstrip("/")}
    said = {"name": name, "password": password}
    return await asking.post("/api/v1/session", json=said, headers=headers)


async def enrolled(node: NodeProcess, tls: ssl.SSLContext, name: str) -> httpx.Response:
    base = f"https://{node.target('enrol')}/Marti/api/tls"
    auth = (name, PASSWORDS[name])
    async with httpx.AsyncClient(verify=tls, base_url=base, auth=auth, timeout=30) as phone:
        assert (await phone.get("/config")).status_code == 200
        signed = await phone.post("/signClient/v2", content=a_request(name))
        assert (await phone.get("/profile/enrollment")).status_code in (200, 204)
    return signed


def add_local(directory: Path, name: str) -> None:
    command = [sys.executable, "-m", "accord", "user", "add", directory, name, "--group", "Blue"]
    said = f"{PASSWORD}\n".encode()
    subprocess.run([*command, "--password-stdin"], input=said, check=True, capture_output=True)


@contextmanager
def a_node(directory: Path, slapd: Slapd) -> Iterator[NodeProcess]:
    accord_well("init", directory, "--node", "NZL-X", "--nation", "NZL")
    (directory / "directory.pem").write_bytes(slapd.authority.ca.read_bytes())
    (directory / "directory.secret").write_text(SERVICE_PASSWORD)
    settings = directory / "accord.toml"
    as_made = settings.read_text().replace("\n[ldap]\n", "\n")  # every key of it is commented out
    said = SETTINGS.format(port=slapd.plain, service=SERVICE, suffix=SUFFIX)
    settings.write_text(as_made + said)
    add_local(directory, "chief")
    node = NodeProcess(directory, ON_FREE_PORTS)
    node.start()
    try:
        yield node
    finally:
        node.stop()


@pytest.mark.process
async def test_people_of_a_directory_sign_in_and_enrol_and_those_of_the_node_without_it(
    tmp_path: Path,
) -> None:
    (tmp_path / "slapd").mkdir()
    directory = tmp_path / "node"
    with running_slapd(tmp_path / "slapd") as slapd, a_node(directory, slapd) as node:
        trust = ssl.create_default_context(cafile=directory / keystore.AUTHORITY)
        base = f"https://{node.target('api')}"
        async with httpx.AsyncClient(verify=trust, base_url=base, timeout=30) as asking:
            found = (await sign_in(asking, "moana", PASSWORDS["moana"])).json()["user"]
            assert found["role"] == "administrator"
            assert set(found["groups"]) == {"Blue", "Chiefs"}
            form = {"grant_type": "password", "username": "moana", "password": PASSWORDS["moana"]}
            assert (await asking.post("/oauth/token", data=form)).status_code == 200
            assert (await sign_in(asking, "moana", "wrong")).status_code == 401

            signed = await enrolled(node, trust, "moana")
            by_certificate = certified(trust, tmp_path, signed.json()["signedCert"])
            async with httpx.AsyncClient(verify=by_certificate, base_url=base, timeout=30) as phone:
                said = (await phone.get("/Marti/api/groups/all")).json()["data"]
                assert {each["name"] for each in said} == {"Blue", "Chiefs"}
                # The certificate outlasts what the directory says: it is no administrator's.
                assert (await phone.get("/api/status")).status_code == 403

            slapd.process.terminate()
            slapd.process.wait(20)
            assert (await sign_in(asking, "moana", PASSWORDS["moana"])).status_code == 503
            assert (await sign_in(asking, "chief", PASSWORD)).status_code == 200


def certified(trust: ssl.SSLContext, folder: Path, certificate: str) -> ssl.SSLContext:
    own = folder / "own.pem"
    own.write_text(f"-----BEGIN CERTIFICATE-----\n{certificate}-----END CERTIFICATE-----\n")
    keystore.write_key(folder / "own.key", rsa_key())
    trust.load_cert_chain(own, folder / "own.key")
    return trust
