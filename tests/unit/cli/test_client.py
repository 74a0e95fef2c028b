import json
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs12

from accord.cli.main import main
from accord.core.clock import SystemClock
from accord.core.principal import Direction, Role
from accord.security import keystore
from accord.security.renewal import mark_of
from accord.storage.people import Membership, People
from support.in_process import make_node
from support.node_process import unpack
from support.tls import TestAuthority

pytestmark = pytest.mark.usefixtures("quick_keys")


@pytest.fixture
def directory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A node, whatever this machine is called, under 192.0.2.7 and node.example."""
    made = make_node(tmp_path / "nzl")
    set_key(made, "names", '["node.example"]')
    capsys.readouterr()
    return made


def set_key(directory: Path, key: str, value: str) -> None:
    settings = directory / "accord.toml"
    line = rf"^#?{key} = .*$"  # of the node, which comes first
    text, count = re.subn(line, f"{key} = {value}", settings.read_text(), count=1, flags=re.M)
    assert count == 1
    settings.write_text(text)


def client(command: str, directory: Path, *arguments: str | Path) -> int:
    return main(["client", command, str(directory), *map(str, arguments)])


def add(directory: Path, *arguments: str | Path, group: str = "Blue") -> int:
    return client("add", directory, *arguments, "--group", group)


def members(directory: Path) -> dict[str, Membership]:
    everybody = People(directory / "people.sqlite").memberships(SystemClock().now())
    return {each.principal.name: each for each in everybody}


def refusal(capsys: pytest.CaptureFixture[str]) -> str:
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1, err
    return err.removeprefix("accord: ")


def certificate_of(directory: Path, name: str) -> x509.Certificate:
    return keystore.read_certificates(unpack(directory / "clients" / f"{name}.zip").certificate)[0]


def test_a_client_gets_a_package_with_a_certificate_that_the_register_knows(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert add(directory, "kiwi-1") == 0
    certificate = certificate_of(directory, "kiwi-1")
    assert certificate.subject.rfc4514_string() == "CN=kiwi-1"
    credentials = People(directory / "people.sqlite").credentials()
    assert mark_of(certificate) in {each.principal.credential for each in credentials}
    package = directory / "clients" / "kiwi-1.zip"
    assert package.stat().st_mode & 0o777 == 0o600
    out = capsys.readouterr().out
    assert f"wrote {package}\n" in out
    assert f"ends on {certificate.not_valid_after_utc:%Y-%m-%d}" in out


def test_a_client_without_options_is_a_member_who_speaks_and_hears_and_is_in_no_exercise(
    directory: Path,
) -> None:
    add(directory, "kiwi-1")
    who = members(directory)["kiwi-1"].principal
    assert (who.role, who.groups) == (Role.MEMBER, {"Blue": Direction.BOTH})
    assert (who.exercises, who.every_exercise) == (frozenset(), False)


def test_groups_have_directions_exercises_names_and_people_roles(directory: Path) -> None:
    groups = ("--group", "Red:in", "--group", "White:out")
    exercises = ("--exercise", "TASMAN", "--exercise", "PACIFIC")
    assert add(directory, "kiwi-1", *groups, *exercises, "--role", "read-only") == 0
    who = members(directory)["kiwi-1"].principal
    assert who.groups == {
        "Blue": Direction.BOTH,
        "Red": Direction.IN,
        "White": Direction.OUT,
    }
    assert who.exercises == {"TASMAN", "PACIFIC"}
    assert who.role is Role.READ_ONLY


def test_any_exercise_is_every_exercise(directory: Path) -> None:
    add(directory, "kiwi-1", "--exercise", "any", "--exercise", "TASMAN")
    who = members(directory)["kiwi-1"].principal
    assert (who.every_exercise, who.exercises) == (True, {"TASMAN"})


@pytest.mark.parametrize("group", ["Blue:up", ":in", "", "A:in:out"])
def test_a_direction_there_is_not_is_refused(
    directory: Path, capsys: pytest.CaptureFixture[str], group: str
) -> None:
    assert add(directory, "kiwi-1", group=group) == 2
    assert f"--group: group '{group}': give NAME, NAME:in" in refusal(capsys)


def test_what_would_steer_the_terminal_is_no_group(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert add(directory, "kiwi-1", group="x\x1b[31m") == 2
    assert r"--group: group 'x\x1b[31m': give NAME" in refusal(capsys)


@pytest.mark.parametrize("exercise", ["", " TASMAN", "TASMAN ", "x\x1b[31m"])
def test_what_nobody_could_read_in_a_list_is_no_exercise(
    directory: Path, capsys: pytest.CaptureFixture[str], exercise: str
) -> None:
    assert add(directory, "kiwi-1", "--exercise", exercise) == 2
    assert f"--exercise: exercise {exercise!r}: give a name" in refusal(capsys)
    assert len(members(directory)) == 1


def test_a_client_without_a_group_is_wrong_use(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        client("add", directory, "kiwi-1")
    assert ended.value.code == 2
    assert "--group" in capsys.readouterr().err


# What a name may be: X.520 gives a common name 64 characters; Windows refuses these in files.
@pytest.mark.parametrize(
    "name",
    [
        "",
        "x" * 65,
        "鷹" * 22,
        "\udcff",
        ".hidden",
        "../up",
        "a/b",
        "a\\b",
        "a:b",
        "a\nb",
        'a"b',
        "a=b",
        "a,b",
        "a ",
        " a",
    ],
)
def test_a_name_that_cannot_be_a_files_is_refused(
    directory: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert add(directory, name) == 2
    assert refusal(capsys).startswith(f"name {name!r}: ")
    assert len(members(directory)) == 1


@pytest.mark.parametrize("name", ["x" * 64, "Tūī 1", "鷹" * 21])
def test_a_name_may_be_in_any_script(directory: Path, name: str) -> None:
    assert add(directory, name) == 0
    assert (directory / "clients" / f"{name}.zip").exists()


def test_a_name_that_is_taken_is_refused_and_nothing_is_overwritten(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add(directory, "kiwi-1")
    before = (directory / "clients" / "kiwi-1.zip").read_bytes()
    capsys.readouterr()
    assert add(directory, "KIWI-1") == 1
    assert "there is a client kiwi-1 already" in refusal(capsys)
    assert (directory / "clients" / "kiwi-1.zip").read_bytes() == before


def test_for_itak_there_is_a_package_with_everything_at_its_root(directory: Path) -> None:
    assert add(directory, "kiwi-1", "--itak") == 0
    with zipfile.ZipFile(directory / "clients" / "kiwi-1-itak.zip") as package:
        assert "kiwi-1.p12" in package.namelist()
    with zipfile.ZipFile(directory / "clients" / "kiwi-1.zip") as package:
        assert "kiwi-1.p12" not in package.namelist()


def said(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    return json.loads(capsys.readouterr().out)


def test_machines_are_told_the_packages_and_what_to_scan(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert add(directory, "kiwi-1", "--json") == 0
    told = said(capsys)
    assert told["name"] == "kiwi-1"
    assert told["packages"] == [str(directory / "clients" / "kiwi-1.zip")]
    # As iTAK reads it: description, host, port, protocol.
    assert told["scan"] == "NZL-X,node.example,8089,ssl"


def test_people_get_a_code_to_scan(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(directory, "kiwi-1")
    out = capsys.readouterr().out
    assert "█" in out
    assert "NZL-X,node.example,8089,ssl\n" in out


def test_a_comma_in_the_nodes_name_does_not_split_what_is_scanned(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    set_key(directory, "name", '"North, South"')
    add(directory, "kiwi-1", "--json")
    assert said(capsys)["scan"].split(",")[0] == "North  South"


def test_a_client_is_told_to_reach_the_node_as_it_was_said(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert add(directory, "kiwi-1", "--host", "127.0.0.1", "--json") == 0
    assert ",127.0.0.1," in said(capsys)["scan"]


def test_without_a_chosen_name_phones_are_given_an_address(
    directory: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    set_key(directory, "names", "[]")
    add(directory, "kiwi-1", "--json")
    names = said(capsys)["scan"].split(",")[1]
    certificate = keystore.read_certificates(directory / keystore.SERVER)[0]
    own = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    addresses = [str(each) for each in own.get_values_for_type(x509.IPAddress)]
    elsewhere = [each for each in addresses if each not in ("127.0.0.1", "::1")]
    assert names in (elsewhere or ["localhost", *own.get_values_for_type(x509.DNSName)])


def test_a_host_that_the_certificate_is_not_for_is_refused_with_what_to_do(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert add(directory, "kiwi-1", "--host", "other.example") == 2
    told = refusal(capsys)
    assert "--host other.example: the server certificate is for node.example, " in told
    assert "add other.example to names in [certificates]" in told
    assert "kiwi-1" not in members(directory)


def test_where_nobody_can_connect_nobody_is_added(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    set_key(directory, "cot_tls", '"off"')
    assert add(directory, "kiwi-1") == 2
    assert "cot_tls is off in accord.toml, so nobody could connect" in refusal(capsys)
    assert "kiwi-1" not in members(directory)


def test_ports_are_those_of_the_settings(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    set_key(directory, "cot_tls", '"[::]:18089"')
    set_key(directory, "api", '"off"')
    add(directory, "kiwi-1", "--json")
    assert said(capsys)["scan"].endswith(",18089,ssl")


def test_who_is_to_enrol_gets_a_token_and_no_secret_in_a_file(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert add(directory, "kiwi 2", "--enrol", "--json") == 0
    told = said(capsys)
    address = urlsplit(told["scan"])
    assert (address.scheme, address.netloc, address.path) == ("tak", "com.atakmap.app", "/enroll")
    assert parse_qs(address.query) == {
        "host": ["node.example"],
        "username": ["kiwi 2"],
        "token": [told["token"]],
    }
    now = SystemClock().now()
    assert People(directory / "people.sqlite").check_token("kiwi 2", told["token"], now) is None
    (package,) = told["packages"]
    with zipfile.ZipFile(package) as archive:
        files = {Path(name).name: archive.read(name) for name in archive.namelist()}
    assert pkcs12.load_pkcs12(files["truststore.p12"], b"atakatak").key is None
    assert not any(told["token"].encode() in data for data in files.values())


def test_an_unusual_enrolment_port_is_part_of_what_is_scanned(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    set_key(directory, "enrol", '"[::]:18446"')
    add(directory, "kiwi-2", "--enrol", "--json")
    assert "host=node.example:18446&" in said(capsys)["scan"]


def test_where_nobody_can_enrol_it_is_said(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    set_key(directory, "enrol", '"off"')
    assert add(directory, "kiwi-2", "--enrol") == 2
    assert "enrol is off in accord.toml: no client could enrol" in refusal(capsys)


def test_one_comes_either_with_a_certificate_or_to_enrol(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert add(directory, "kiwi-2", "--enrol", "--certificate", "x.pem") == 2
    assert "--enrol and --certificate: give one of them" in refusal(capsys)


@pytest.fixture
def keyless(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[Path, TestAuthority]:
    """A node whose authority's key is elsewhere, and that authority."""
    theirs = TestAuthority(tmp_path / "theirs")
    _ = theirs.ca
    files: dict[str, Path] = {}
    for name in ("server", "administrator"):
        certificate, key = theirs.issue(name, name)
        files[name] = certificate.with_suffix(".both")
        files[name].write_bytes(certificate.read_bytes() + key.read_bytes())
    made = make_node(
        tmp_path / "keyless",
        authority=theirs.ca,
        server=files["server"],
        administrator=files["administrator"],
    )
    capsys.readouterr()
    return made, theirs


def test_a_certificate_that_was_issued_elsewhere_is_entered(
    keyless: tuple[Path, TestAuthority], capsys: pytest.CaptureFixture[str]
) -> None:
    directory, theirs = keyless
    certificate, _ = theirs.issue("kiwi-1", "kiwi-1")
    assert add(directory, "kiwi-1", "--certificate", certificate) == 0
    assert "ends on 2120-01-01" in capsys.readouterr().out
    assert members(directory)["kiwi-1"].certificates == 1


@pytest.mark.parametrize("options", [(), ("--enrol",)])
def test_without_the_authoritys_key_it_is_said_what_to_do_instead(
    keyless: tuple[Path, TestAuthority],
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
) -> None:
    directory, _ = keyless
    assert add(directory, "kiwi-1", *options) == 2
    assert "where the authority's key is, then give it with --certificate" in refusal(capsys)
    assert "kiwi-1" not in members(directory)


def test_a_certificate_of_another_authority_is_refused(
    directory: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    stranger = TestAuthority(tmp_path / "stranger")
    _ = stranger.ca
    certificate, _ = stranger.issue("kiwi-1", "kiwi-1")
    assert add(directory, "kiwi-1", "--certificate", certificate) == 2
    assert "was not issued by" in refusal(capsys)
    assert "kiwi-1" not in members(directory)


def test_everybody_is_listed(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(directory, "kiwi-1", "--group", "Red:out", "--exercise", "TASMAN")
    add(directory, "kiwi-2", "--enrol", "--exercise", "any")
    add(directory, "kiwi-3")
    client("revoke", directory, "kiwi-3")
    capsys.readouterr()
    assert client("list", directory) == 0
    lines = [re.split(r"  +", line) for line in capsys.readouterr().out.splitlines()]
    today = f"{SystemClock().now():%Y-%m-%d}"
    ends = f"{certificate_of(directory, 'kiwi-1').not_valid_after_utc:%Y-%m-%d}"
    assert lines[0] == ["NAME", "ROLE", "GROUPS", "EXERCISES", "STATE", "ENDS"]
    assert lines[1][0] == "administrator"
    assert lines[2] == ["kiwi-1", "member", "Blue,Red:out", "TASMAN", "may connect", ends]
    assert lines[3] == ["kiwi-2", "member", "Blue", "any", "is to enrol", "-"]
    assert lines[4] == ["kiwi-3", "member", "Blue", "-", f"revoked {today}", "-"]


def test_one_whose_token_has_ended_has_no_certificate(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    set_key(directory, "token_valid", '"1 ms"')
    add(directory, "kiwi-2", "--enrol")
    capsys.readouterr()
    client("list", directory, "--json")
    states = {each["name"]: each["state"] for each in json.loads(capsys.readouterr().out)}
    assert states["kiwi-2"] == "has no certificate"


def test_a_group_with_a_comma_in_its_name_is_listed_as_one(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add(directory, "kiwi-1", "--group", "B", group="A")
    add(directory, "kiwi-2", "--exercise", "X,Y", group="A,B")
    capsys.readouterr()
    client("list", directory)
    rows = [re.split(r"  +", line) for line in capsys.readouterr().out.splitlines()]
    assert [(row[2], row[3]) for row in rows[2:]] == [("A,B", "-"), ('"A,B"', '"X,Y"')]


def test_machines_get_the_list_as_json(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(directory, "kiwi-1", group="Blue:in")
    capsys.readouterr()
    assert client("list", directory, "--json") == 0
    kiwi = json.loads(capsys.readouterr().out)[1]
    assert (kiwi["name"], kiwi["groups"], kiwi["state"]) == (
        "kiwi-1",
        {"Blue": "in"},
        "may connect",
    )
    assert (kiwi["certificates"], kiwi["revoked"], kiwi["exercises"]) == (1, None, [])


def test_who_is_revoked_is_named_with_what_is_refused(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add(directory, "kiwi-1")
    add(directory, "kiwi-2")
    capsys.readouterr()
    assert client("revoke", directory, "kiwi-1") == 0
    assert capsys.readouterr().out == (
        "revoked kiwi-1: 1 certificate refused from now on\n"
        f"removed {directory / 'clients' / 'kiwi-1.zip'}\n"
        f"as it was again: accord client add {directory} kiwi-1 --group Blue\n"
    )
    assert client("revoke", directory, "kiwi-2", "--json") == 0
    assert said(capsys) == {"name": "kiwi-2", "certificates": 1}
    assert members(directory)["kiwi-1"].revoked is not None


def test_whoever_revokes_the_administrator_is_told_how_doctor_and_status_go_on(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert client("revoke", directory, "administrator") == 0
    assert "start the node again, which makes it a new certificate" in capsys.readouterr().out


def test_nobody_who_is_not_there_is_revoked(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert client("revoke", directory, "kea") == 1
    assert "there is no client kea in the register" in refusal(capsys)


@pytest.mark.parametrize("command", [("list",), ("revoke", "kea")])
def test_where_there_is_no_node_it_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    assert client(command[0], tmp_path, *command[1:]) == 2
    assert f"{tmp_path} holds no accord.toml" in refusal(capsys)


def test_who_is_revoked_loses_every_package_and_nobody_else_does(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add(directory, "kiwi-1", "--itak")
    client("revoke", directory, "kiwi-1")
    add(directory, "kiwi-1", "--enrol")
    add(directory, "kiwi-2")
    client("revoke", directory, "kiwi-1")
    assert [path.name for path in (directory / "clients").glob("*.zip")] == ["kiwi-2.zip"]
    assert "revoked kiwi-1: 0 certificates" in capsys.readouterr().out


def test_a_package_that_cannot_be_removed_is_named_and_the_client_is_revoked(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add(directory, "kiwi-1")
    package = directory / "clients" / "kiwi-1.zip"
    package.unlink()
    package.mkdir()
    capsys.readouterr()
    assert client("revoke", directory, "kiwi-1") == 0
    assert f"accord: cannot remove {package}: " in capsys.readouterr().err
    assert members(directory)["kiwi-1"].revoked is not None


def test_who_could_not_be_revoked_is_named_with_what_to_do(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add(directory, "kiwi-1")
    (directory / "people.sqlite").write_bytes(b"nonsense" * 1000)
    capsys.readouterr()
    assert client("revoke", directory, "kiwi-1") == 1
    told = refusal(capsys)
    assert told.startswith("kiwi-1 is NOT revoked: the register of people ")
    assert told.endswith("or stop the node\n")
    assert (directory / "clients" / "kiwi-1.zip").exists()


@pytest.mark.parametrize(("options", "end"), [((), ".zip"), (("--enrol",), "-trust.zip")])
def test_who_got_no_package_is_not_entered_and_can_be_added_again(
    directory: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], end: str
) -> None:
    package = directory / "clients" / f"kiwi-1{end}"
    package.mkdir()
    assert add(directory, "kiwi-1", *options) == 1
    assert f"cannot write {package}: " in refusal(capsys)
    assert "kiwi-1" not in members(directory)
    package.rmdir()
    assert add(directory, "kiwi-1", *options) == 0


def test_a_name_that_is_taken_leaves_the_package_of_its_owner_as_it_is(directory: Path) -> None:
    add(directory, "kiwi-1")
    package = directory / "clients" / "kiwi-1.zip"
    before = package.read_bytes()
    assert add(directory, "kiwi-1") == 1
    assert package.read_bytes() == before


def test_a_certificate_that_has_ended_is_not_entered(
    keyless: tuple[Path, TestAuthority], capsys: pytest.CaptureFixture[str]
) -> None:
    directory, theirs = keyless
    ended = datetime(2025, 3, 8, tzinfo=UTC)
    certificate, _ = theirs.issue("kiwi-1", "kiwi-1", end=ended)
    assert add(directory, "kiwi-1", "--certificate", certificate) == 1
    assert f"{certificate} ended on 2025-03-08: have a new one issued" in refusal(capsys)
    assert "kiwi-1" not in members(directory)
