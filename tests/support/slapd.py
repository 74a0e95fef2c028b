"""OpenLDAP's server on loopback, with people and groups of its own; skips where it is missing."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from accord.security.ldap_settings import LdapSettings
from support.tls import TestAuthority

SUFFIX = "dc=rescue,dc=example"
SERVICE, SERVICE_PASSWORD = f"cn=accord,{SUFFIX}", "looks for people"
PASSWORDS = {
    "moana": "kelp and sand",
    "rangi": "clouds over hills",
    "ana (acting)": "brackets",
    "o'neil": "an apostrophe",
    "smith, john": "a comma",
    "twin": "one of two",
    "weka": "ü, and a half-blank",
}
_SAID_OF = {"ana (acting)": "Ana, of (Wellington)*"}
LISTENS_WITHIN = 20.0

_CONFIGURATION = """\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/slapd.pid
TLSCACertificateFile {ca}
TLSCertificateFile {certificate}
TLSCertificateKeyFile {key}
security {security}
database mdb
suffix "{suffix}"
directory {folder}/data
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{service}" read by * none
"""


def _ldif() -> str:
    people, groups = f"ou=people,{SUFFIX}", f"ou=groups,{SUFFIX}"
    service = "objectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: accord"
    parts = [
        f"dn: {SUFFIX}\nobjectClass: dcObject\nobjectClass: organization\no: Rescue\ndc: rescue",
        f"dn: {people}\nobjectClass: organizationalUnit\nou: people",
        f"dn: ou=more,{people}\nobjectClass: organizationalUnit\nou: more",
        f"dn: {groups}\nobjectClass: organizationalUnit\nou: groups",
        f"dn: {SERVICE}\n{service}\nuserPassword: {SERVICE_PASSWORD}",
        _person("twin", f"ou=more,{people}"),
        *(_person(name, people) for name in PASSWORDS),
    ]
    for group, members in {
        "watch-keepers": ("moana", "ana (acting)", "o'neil", "smith, john"),
        "chiefs": ("moana",),
        "choir": ("moana", "rangi"),
    }.items():
        named = "\n".join(f"member: {_dn(each, people)}" for each in members)
        parts.append(f"dn: cn={group},{groups}\nobjectClass: groupOfNames\ncn: {group}\n{named}")
    return "\n\n".join(parts) + "\n"


def _dn(name: str, under: str) -> str:
    common = _SAID_OF.get(name, name).replace(",", "\\,")  # RFC 4514, 2.4
    return f"cn={common},{under}"


def _person(name: str, under: str) -> str:
    return (
        f"dn: {_dn(name, under)}\nobjectClass: inetOrgPerson\nuid: {name}\n"
        f"cn: {_SAID_OF.get(name, name)}\nsn: {name}\nuserPassword: {PASSWORDS[name]}"
    )


@dataclass(frozen=True)
class Slapd:
    """A directory that runs."""

    plain: int
    tls: int
    authority: TestAuthority
    process: "subprocess.Popen[bytes]"

    def settings(self, url: str = "", **more: str) -> LdapSettings:
        """Settings of a node that signs people in by it."""
        given = {
            "url": url or f"ldaps://localhost:{self.tls}",
            "authority_file": str(self.authority.ca),
            "name": SERVICE,
            "password_file": "directory.secret",
            "people": f"ou=people,{SUFFIX}",
            "groups": f"ou=groups,{SUFFIX}",
            **more,
        }
        return LdapSettings(**given)


@contextmanager
def running_slapd(folder: Path) -> Iterator[Slapd]:
    """Run a directory under a folder; over `ldap` it takes nothing before StartTLS."""
    slapd, slapadd = (
        shutil.which(each, path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/lib/openldap")
        for each in ("slapd", "slapadd")
    )
    if slapd is None or slapadd is None or not Path("/usr/lib/ldap").exists():
        pytest.skip("needs OpenLDAP's server (Debian: apt-get install slapd)")
    authority = TestAuthority(folder / "tls")
    certificate, key = authority.issue("server/directory", "directory")
    (folder / "data").mkdir()
    configuration = folder / "slapd.conf"
    configuration.write_text(
        _CONFIGURATION.format(
            folder=folder, ca=authority.ca, certificate=certificate, key=key,
            security="simple_bind=128", suffix=SUFFIX, service=SERVICE,
        )
    )  # fmt: skip
    subprocess.run(
        [slapadd, "-f", configuration], input=_ldif().encode(), check=True, capture_output=True
    )
    plain, tls = _free_port(), _free_port()
    at = f"ldap://127.0.0.1:{plain} ldaps://127.0.0.1:{tls}"
    command = [slapd, "-f", configuration, "-h", at, "-d", "0"]
    with (folder / "slapd.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _await(tls, process, folder / "slapd.log")
        yield Slapd(plain, tls, authority, process)
    finally:
        process.terminate()
        process.wait(20)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def _await(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + LISTENS_WITHIN
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"slapd does not listen: {log.read_text()[-2000:]}")
