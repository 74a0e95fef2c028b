from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from accord.core.errors import AccordError
from accord.core.tak_partner import TakPartner, TakVersion
from accord.storage import tak_partners
from accord.storage.partners import Partners, PartnersError, UnknownPartner
from accord.storage.tak_partners import TakPartners, TakPartnersReader, read_authorities
from support.links import Place
from support.tls import TestAuthority

NOW = datetime(2026, 11, 26, tzinfo=UTC)


@pytest.fixture
def register(tmp_path: Path) -> Path:
    path = tmp_path / "federation" / "partners.sqlite"
    Partners(path).prepare()
    return path


def a_server(directory: Path, node: str = "AUS-TAK") -> TakPartner:
    authority = read_authorities(TestAuthority(directory / "tak").ca.read_bytes())
    return TakPartner(
        node=node, authorities=tuple(authority), fingerprint="ab" * 32, version=TakVersion.V2,
        made=NOW, dial="tak.example:9001", groups=("Sea", "Air"), mapping=(("a", "b"),),
        max_hops=3,
    )  # fmt: skip


def test_what_is_pinned_is_read_again(tmp_path: Path, register: Path) -> None:
    server = a_server(tmp_path)
    TakPartners(register).add(server)
    known = TakPartners(register).known()
    assert known.partners == known.admitted == (server,)
    assert known.partner("AUS-TAK") == server
    assert known.partner("NZL-TAK") is None


def test_a_reader_sees_changes_and_nothing_where_there_are_none(
    tmp_path: Path, register: Path
) -> None:
    reader = TakPartnersReader(register)
    first = reader.read()
    assert first is not None
    assert first.partners == ()
    TakPartners(register).add(a_server(tmp_path))
    second = reader.read()
    assert second is not None
    assert len(second.partners) == 1
    assert reader.read() is None
    reader.close()


def test_one_that_is_refused_stays_pinned_and_is_not_admitted(
    tmp_path: Path, register: Path
) -> None:
    servers = TakPartners(register)
    servers.add(a_server(tmp_path))
    servers.deny("AUS-TAK")
    assert (len(servers.known().partners), servers.known().admitted) == (1, ())
    servers.allow("AUS-TAK")
    assert len(servers.known().admitted) == 1
    servers.deny("AUS-TAK")
    servers.add(replace(a_server(tmp_path), max_hops=4))
    assert servers.known().admitted[0].max_hops == 4
    servers.remove("AUS-TAK")
    assert servers.known().partners == ()


def test_nobody_is_refused_or_removed_who_is_not_there(register: Path) -> None:
    servers = TakPartners(register)
    for change in (servers.deny, servers.allow, servers.remove):
        with pytest.raises(UnknownPartner):
            change("AUS-TAK")


def test_a_node_and_a_tak_server_never_have_one_name(tmp_path: Path, register: Path) -> None:
    node = Place("NZL-A", tmp_path / "nzl").as_partner()
    Partners(register).add(node, NOW)
    with pytest.raises(PartnersError, match="is a node of Accord"):
        TakPartners(register).add(a_server(tmp_path, "NZL-A"))
    TakPartners(register).add(a_server(tmp_path, "FJI-B"))
    other = Place("FJI-B", tmp_path / "fji").as_partner()
    with pytest.raises(PartnersError, match="TAK server"):
        Partners(register).add(other, NOW)


def test_there_are_no_more_than_the_limit(
    tmp_path: Path, register: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tak_partners, "MAX_PARTNERS", 1)
    servers = TakPartners(register)
    servers.add(a_server(tmp_path))
    servers.add(a_server(tmp_path))
    with pytest.raises(PartnersError, match="limit"):
        servers.add(a_server(tmp_path, "NZL-TAK"))


def test_a_register_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PartnersError, match="the register of partners"):
        TakPartners(tmp_path / "none.sqlite").known()


def test_what_holds_no_certificate_is_said_so() -> None:
    with pytest.raises(AccordError, match="no PEM certificate"):
        read_authorities(b"nothing")
