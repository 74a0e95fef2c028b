import re
import ssl
import zipfile
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from cryptography.x509.oid import NameOID

from accord.security import keystore
from support.keys import rsa_key
from support.node_live import Shared, on_air
from support.node_process import accord_well
from support.tak_client import connected, position


def trusted(package: Path) -> ssl.SSLContext:
    """TLS of a phone that has imported the package and nothing else."""
    with zipfile.ZipFile(package) as archive:
        name = next(each for each in archive.namelist() if each.endswith("truststore.p12"))
        store = pkcs12.load_pkcs12(archive.read(name), b"atakatak")
    pem = [each.certificate.public_bytes(Encoding.PEM) for each in store.additional_certs]
    return ssl.create_default_context(cadata=b"".join(pem).decode())


def a_request(name: str) -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    return builder.sign(rsa_key(), hashes.SHA256()).public_bytes(Encoding.PEM)


async def test_a_phone_enrols_with_its_token_once_and_connects(
    shared: Shared, tmp_path: Path
) -> None:
    directory = shared.node.directory
    said = accord_well("client", "add", directory, "kaka", "--group", "Blue", "--enrol")
    token = re.search(r"token (\S+) can be used once", said)
    assert token is not None
    tls = trusted(directory / "clients" / "kaka-trust.zip")
    host, port = shared.node.address("enrol")
    base = f"https://{host}:{port}/Marti/api/tls"
    async with httpx.AsyncClient(verify=tls, base_url=base, auth=("kaka", token[1])) as phone:
        config = await phone.get("/config")
        assert config.status_code == 200
        assert b"nameEntry" in config.content
        signed = await phone.post("/signClient/v2", content=a_request("kaka"))
        assert signed.status_code == 200
        again = await phone.post("/signClient/v2", content=a_request("kaka"))
        assert again.status_code == 403
        other = await phone.post(
            "/signClient/v2", content=a_request("kaka"), auth=("kaka", "guessed")
        )
        assert other.status_code == 401
    body = signed.json()["signedCert"]
    own = tmp_path / "own.pem"
    own.write_text(f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n")
    keystore.write_key(tmp_path / "own.key", rsa_key())
    tls.load_cert_chain(own, tmp_path / "own.key")
    async with (
        on_air(shared, "screen") as (screen,),
        connected(shared.node.address("cot-tls"), tls) as kaka,
    ):
        kaka.say(position("ENROLLED", "KAKA"))
        await screen.hears("ENROLLED")
