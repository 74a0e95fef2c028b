"""Connection packages: the .zip that a TAK client imports to reach this node.

Entry names, preference keys and their classes are those that ATAK, WinTAK and iTAK read. Bytes in,
bytes out: the same input gives the same package, to the byte.
"""

import io
import uuid
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from lxml import etree

from accord.core.enrolment import ENROLMENT_PORT

API_PORT = 8443
"""The port that TAK clients take unless they are told another."""

PACKAGE_PASSWORD = "atakatak"  # noqa: S105  every TAK tool's own; the package says it anyway
"""Opens the key stores in a package. It protects nothing: whoever has the package can connect."""

_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip file can name."""

_CONNECTION_KEYS = ("caLocation", "caPassword", "certificateLocation", "clientPassword")

Preference = str | int | bool
Preferences = Mapping[str, Preference]

NO_THINGS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyStore:
    """A PKCS#12 file in a package; `file` is its bare name, such as `truststore.p12`."""

    file: str
    data: bytes
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The node as its clients find it: what it is called, and where; `port` is CoT over TLS."""

    description: str
    host: str
    port: int = 8089
    api_port: int = API_PORT
    enrolment_port: int = ENROLMENT_PORT

    @property
    def connect_string(self) -> str:
        """`HOST:PORT:ssl`, as TAK clients write an address."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}:ssl"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """Where entries stand in the zip, and how preferences refer to a key store."""

    folder: str
    stores: str


_ATAK = _Layout(folder="certs/", stores="cert/")
_ITAK = _Layout(folder="", stores="")


def atak_package(server: Server, *, username: str, truststore: KeyStore, client: KeyStore) -> bytes:
    """Return the package with which ATAK or WinTAK connects as `username`."""
    return _package(server, username, (truststore, client), _ATAK)


def itak_package(server: Server, *, username: str, truststore: KeyStore, client: KeyStore) -> bytes:
    """Return the package with which iTAK connects as `username`: the files stand at the root."""
    return _package(server, username, (truststore, client), _ITAK)


def enrolment_package(server: Server, *, username: str, truststore: KeyStore) -> bytes:
    """Return the package with which ATAK asks for a one-time token and enrols as `username`.

    It trusts the node and holds no secret of the client's.
    """
    enrol: Preferences = {
        "enrollForCertificateWithTrust0": True,
        "useAuth0": True,
        "username0": username,
    }
    return _package(server, username, (truststore,), _ATAK, enrol)


def _package(
    server: Server,
    username: str,
    stores: tuple[KeyStore, ...],
    layout: _Layout,
    more: Preferences = MappingProxyType({}),
) -> bytes:
    located = _located(stores, layout)
    here = {f"{key}0": value for key, value in located.items()}
    preferences = _preferences({
        "cot_streams": {**_stream(server), **here, **more},
        # PyTAK and older ATAK look for the key stores here, not at the connection.
        "com.atakmap.app_preferences": {**located, **_ports(server)},
    })  # fmt: skip
    files = {f"{layout.folder}config.pref": preferences}
    files |= {f"{layout.folder}{store.file}": store.data for store in stores}
    about = {
        "uid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{username}@{server.connect_string}")),
        "name": f"{server.description} {username}",
        "onReceiveDelete": "true",  # what it says is in the client's settings by then
    }
    return _zip({**files, "MANIFEST/manifest.xml": _manifest(about, list(files))})


def _stream(server: Server) -> Preferences:
    return {
        "count": 1,
        "description0": server.description,
        "enabled0": True,
        "connectString0": server.connect_string,
    }


def _located(stores: tuple[KeyStore, ...], layout: _Layout) -> dict[str, Preference]:
    said = [text for store in stores for text in (f"{layout.stores}{store.file}", store.password)]
    return dict(zip(_CONNECTION_KEYS, said, strict=False))


def _ports(server: Server) -> Preferences:
    """Return the ports that differ from TAK's own; a client has them once for all its servers."""
    ports = {
        "apiSecureServerPort": (server.api_port, API_PORT),
        "apiCertEnrollmentPort": (server.enrolment_port, ENROLMENT_PORT),
    }
    return {key: str(port) for key, (port, usual) in ports.items() if port != usual}


_written = partial(etree.tostring, encoding="UTF-8", xml_declaration=True, pretty_print=True)
_CLASSES = {str: "String", int: "Integer", bool: "Boolean"}


def _preferences(groups: Mapping[str, Preferences]) -> bytes:
    root = etree.Element("preferences")
    for name, entries in groups.items():
        group = etree.SubElement(root, "preference", version="1", name=name)
        for key, value in entries.items():
            kind = f"class java.lang.{_CLASSES[type(value)]}"
            entry = etree.SubElement(group, "entry", {"key": key, "class": kind})
            entry.text = str(value).lower() if isinstance(value, bool) else str(value)
    return _written(root)


def data_package(
    files: Mapping[str, bytes],
    *,
    uid: str,
    name: str,
    things: Mapping[str, str] = NO_THINGS,
    aside: Mapping[str, bytes] = MappingProxyType({}),
) -> bytes:
    """Return files as a data package that a client imports, and then needs no more.

    `things` has the uid of each that is CoT, by its entry. What is `aside` is in it, and clients
    are told to ignore it.
    """
    about = {"uid": uid, "name": name, "onReceiveImport": "true", "onReceiveDelete": "true"}
    manifest = _manifest(about, list(files), things, list(aside))
    return _zip({**files, **aside, "MANIFEST/manifest.xml": manifest})


def _manifest(
    about: Mapping[str, str],
    entries: list[str],
    things: Mapping[str, str] = NO_THINGS,
    ignored: Sequence[str] = (),
) -> bytes:
    root = etree.Element("MissionPackageManifest", version="2")
    configuration = etree.SubElement(root, "Configuration")
    _add_parameters(configuration, about)
    contents = etree.SubElement(root, "Contents")
    for entry in entries:
        content = etree.SubElement(contents, "Content", ignore="false", zipEntry=entry)
        if entry in things:
            _add_parameters(content, {"uid": things[entry], "isCOT": "true"})
    for entry in ignored:
        etree.SubElement(contents, "Content", ignore="true", zipEntry=entry)
    return _written(root)


def _add_parameters(to: etree._Element, said: Mapping[str, str]) -> None:  # pyright: ignore[reportPrivateUsage]  lxml has no other name for it
    for name, value in said.items():
        etree.SubElement(to, "Parameter", name=name, value=value)


def _zip(files: Mapping[str, bytes]) -> bytes:
    # Stored, not deflated: it is small, and compression differs between versions of zlib.
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.create_system = 3  # Unix, wherever this runs
            entry.external_attr = 0o600 << 16
            archive.writestr(entry, data)
    return out.getvalue()
