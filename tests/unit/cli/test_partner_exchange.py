import io
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from accord.cli.main import main
from accord.cli.partner_exchange import Desk
from accord.core.clock import SystemClock
from accord.core.partner import Partner
from accord.release.frontmatter import spell_key
from accord.security import identity
from accord.security.invitation import (
    MAX_INVITATION,
    fingerprint,
    read_invitation,
    write_invitation,
)
from accord.security.signing import SigningKey
from accord.storage.agreements import Agreements
from accord.storage.partners import Partners
from accord.storage.release_secrets import secret_of
from support.agreements import text_of
from support.in_process import make_node

pytestmark = pytest.mark.usefixtures("quick_keys")

PARTY = {node: spell_key(bytes([number] * 32)) for number, node in enumerate(("NZL-X", "USA-X"))}
OTHER_PARTY = spell_key(b"x" * 32)


def node(directory: Path, name: str, more: str = "") -> Path:
    made = make_node(directory / name, node=name, nation=name[:3], more=more)
    assert (made / identity.NODE).exists()
    return made


@pytest.fixture
def nzl(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    made = node(tmp_path, "NZL-X")
    capsys.readouterr()
    return made


@pytest.fixture
def usa(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    made = node(tmp_path, "USA-X")
    capsys.readouterr()
    return made


@pytest.fixture
def says(capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command with --json and returns what it printed, read."""

    def run(*arguments: object) -> Any:
        assert main(["partner", *map(str, arguments), "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    return run


@pytest.fixture
def refuses(capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command that must fail with that code and returns the one line that it says."""

    def run(code: int, *arguments: object) -> str:
        assert main(["partner", *map(str, arguments)]) == code
        out, err = capsys.readouterr()
        assert out == ""
        assert err.count("\n") == 1, err
        return err

    return run


def invited(says: Any, directory: Path, *more: object) -> tuple[Path, str]:
    """The invitation of a node, and its words."""
    file = directory.parent / f"{directory.name}.invitation"
    key = ("--party-key", PARTY[directory.name])
    said = says("invite", directory, file, *key, *more)
    assert said["file"] == str(file)
    return file, said["words"]


def partners(directory: Path) -> tuple[Partner, ...]:
    return Partners(directory / "federation" / "partners.sqlite").trusted().partners


def test_an_invitation_is_written_and_its_fingerprint_shown_to_be_read_out(
    nzl: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "nzl.invitation"
    given = ("--party-key", PARTY["NZL-X"], "--address", "node.example:9010")
    assert main(["partner", "invite", str(nzl), str(file), *given]) == 0
    out = capsys.readouterr().out
    assert f"wrote {file}, the invitation of NZL-X\n" in out
    assert re.search(r"(?m)^  ([a-z]+ ){8}[a-z]+\n  (\d{4} ){6}\d{4}$", out)
    assert "address: node.example:9010\n" in file.read_text("ascii")


def test_the_key_of_the_party_must_be_said_once_and_is_then_known(
    nzl: Path, says: Any, refuses: Any, tmp_path: Path
) -> None:
    assert "say --party-key" in refuses(2, "invite", nzl, tmp_path / "x")
    first = invited(says, nzl)[1]
    assert says("invite", nzl, tmp_path / "x")["words"] == first
    other = ("--party-key", OTHER_PARTY)
    assert "are signed with" in refuses(2, "invite", nzl, tmp_path / "x", *other)
    wrong = ("--party-key", "x")
    assert "option --party-key: a key is" in refuses(2, "invite", nzl, tmp_path / "x", *wrong)


def test_another_key_of_the_people_is_said_once_more_and_what_was_signed_before_is_named(
    nzl: Path, refuses: Any, says: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, first = invited(says, nzl)
    place = nzl / "agreements" / "NZL-USA" / "4"
    place.mkdir(parents=True)
    text = text_of("usa-nzl-maritime").replace("NZL-JFNZ", "NZL-X")
    (place / "agreement.md").write_text(text, "utf-8")
    (place.parent / "current").write_text("4\n", "ascii")
    file, new = tmp_path / "new", ("--party-key", OTHER_PARTY, "--replace")
    assert "say with --party-key" in refuses(2, "invite", nzl, file, "--replace")
    assert main(["partner", "invite", str(nzl), str(file), *new]) == 0
    out = capsys.readouterr().out
    assert "partners add this with --replace\n" in out
    assert "NZL-USA serial 4 names the former key of NZL-X: " in out
    said = says("invite", nzl, file, *new)
    assert said["words"] != first
    assert said["renew"] == ["NZL-USA serial 4"]
    assert read_invitation(file.read_bytes(), SystemClock().now()).party_key == OTHER_PARTY
    assert Agreements(nzl / "agreements").known_key("NZL-X") == b"x" * 32


def test_who_takes_another_key_of_the_people_is_told_what_must_be_signed_anew(
    nzl: Path, usa: Path, says: Any, refuses: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    file, words = invited(says, usa)
    assert says("add", nzl, file, "--expect", words)["renew"] == []
    place = nzl / "agreements" / "USA-NZL" / "2"
    place.mkdir(parents=True)
    text = text_of("usa-nzl-maritime").replace("USA-PAC", "USA-X")
    (place / "agreement.md").write_text(text, "utf-8")
    (place.parent / "current").write_text("2\n", "ascii")
    words = says("invite", usa, file, "--party-key", OTHER_PARTY, "--replace")["words"]
    assert "with another key of its people. If" in refuses(1, "add", nzl, file, "--expect", words)
    given = ["add", str(nzl), str(file), "--expect", words, "--replace"]
    assert main(["partner", *given]) == 0
    out = capsys.readouterr().out
    assert out.startswith("replaced, with another key of its people: USA-X, ")
    assert "\nUSA-NZL serial 2 names the former key of USA-X: " in out


def test_what_cannot_be_dialled_is_no_address(nzl: Path, refuses: Any, tmp_path: Path) -> None:
    given = ("invite", nzl, tmp_path / "x", "--party-key", PARTY["NZL-X"])
    assert "option --address: 'node'" in refuses(2, *given, "--address", "node")
    nine = ["--address=node.example:9010"] * 9
    assert "option --address: give at most 8" in refuses(2, *given, *nine)
    assert not (tmp_path / "x").exists()


def test_a_place_where_nothing_can_be_written_is_named(
    nzl: Path, refuses: Any, tmp_path: Path
) -> None:
    file = tmp_path / "missing" / "x"
    said = refuses(2, "invite", nzl, file, "--party-key", PARTY["NZL-X"])
    assert f"cannot write {file}: No such file" in said


def test_a_partner_is_added_when_the_words_are_those_that_were_read_out(
    nzl: Path, usa: Path, says: Any
) -> None:
    file, words = invited(says, usa, "--address", "usa.example:9010")
    added = says("add", nzl, file, "--expect", words)
    assert (added["node"], added["state"], added["words"]) == ("USA-X", "added", words)
    (partner,) = partners(nzl)
    assert (partner.node, partner.addresses) == ("USA-X", ("usa.example:9010",))
    assert fingerprint(partner).words == words


def test_the_digits_do_as_well(nzl: Path, usa: Path, says: Any) -> None:
    file, words = invited(says, usa)
    digits = says("show", usa, "USA-X")["digits"]
    assert says("add", nzl, file, "--expect", digits)["words"] == words


def test_the_key_of_the_partners_party_is_then_known_to_agreements(
    nzl: Path, usa: Path, says: Any
) -> None:
    file, words = invited(says, usa)
    says("add", nzl, file, "--expect", words)
    held = Agreements(nzl / "agreements")
    assert held.known_key("USA-X") == bytes([1] * 32)


def test_other_words_add_nobody(nzl: Path, usa: Path, says: Any, refuses: Any) -> None:
    file, words = invited(says, usa)
    first, _, rest = words.partition(" ")
    wrong = f"{'academic' if first != 'academic' else 'acid'} {rest}"
    said = refuses(1, "add", nzl, file, "--expect", wrong)
    assert "what they read to you is not the fingerprint of this invitation" in said
    assert "option --expect: give 9 words" in refuses(2, "add", nzl, file, "--expect", "alarm")
    assert partners(nzl) == ()
    assert Agreements(nzl / "agreements").known_key("USA-X") is None


def test_without_anybody_there_to_compare_nobody_is_added(
    nzl: Path, usa: Path, says: Any, refuses: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\n"))
    assert "with --expect" in refuses(2, "add", nzl, invited(says, usa)[0])
    assert partners(nzl) == ()


class Terminal(io.StringIO):
    """Somebody who types."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("typed", "code"), [("yes\n", 0), (" YES \n", 0), ("no\n", 1), ("", 1)])
def test_who_sits_there_sees_the_words_and_says_whether_they_are_the_same(
    *,
    nzl: Path,
    usa: Path,
    says: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    typed: str,
    code: int,
) -> None:
    file, words = invited(says, usa)
    monkeypatch.setattr("sys.stdin", Terminal(typed))
    assert main(["partner", "add", str(nzl), str(file)]) == code
    out, err = capsys.readouterr()
    assert "USA-X (USA), trust domain usa-x\n" in err
    assert f"\n  {words}\n" in err
    assert len(partners(nzl)) == 1 - code
    assert out == ("added: USA-X, trust domain usa-x\n" if code == 0 else "")
    if code:
        assert err.endswith("accord: not compared; nothing was changed\n")


def test_an_invitation_again_changes_addresses_and_needs_no_comparison(
    nzl: Path, usa: Path, says: Any
) -> None:
    file, words = invited(says, usa)
    says("add", nzl, file, "--expect", words)
    says("deny", nzl, "USA-X")
    again, _ = invited(says, usa, "--address", "usa.example:9010")
    assert says("add", nzl, again)["state"] == "known already"
    assert partners(nzl)[0].addresses == ("usa.example:9010",)
    assert says("show", nzl, "USA-X")["state"] == "refused"


def written(directory: Path, file: Path, *, made_after: timedelta) -> Path:
    """An invitation of a node whose clock is that much ahead."""
    desk = Desk.at(directory)
    now = SystemClock().now() + made_after
    partner = desk.ourselves(desk.own_party_key(PARTY[directory.name]), now)
    text = write_invitation(partner, identity.load_authority(directory, desk.name))
    file.write_text(text, "ascii")
    return file


def test_an_older_invitation_does_not_bring_back_old_addresses(
    nzl: Path, usa: Path, says: Any, refuses: Any, tmp_path: Path
) -> None:
    file, words = invited(says, usa)
    says("add", nzl, file, "--expect", words)
    old = written(usa, tmp_path / "old", made_after=-timedelta(minutes=5))
    assert "a newer invitation of USA-X is known" in refuses(1, "add", nzl, old)


@pytest.mark.parametrize("ahead", [timedelta(minutes=59), -timedelta(hours=1)])
def test_a_clock_that_is_off_by_up_to_an_hour_keeps_nobody_out(
    nzl: Path, usa: Path, says: Any, tmp_path: Path, ahead: timedelta
) -> None:
    file = written(usa, tmp_path / "x", made_after=ahead)
    words = fingerprint(read_invitation(file.read_bytes(), SystemClock().now())).words
    assert says("add", nzl, file, "--expect", words)["state"] == "added"


def test_a_clock_that_is_further_ahead_is_named(
    nzl: Path, usa: Path, refuses: Any, tmp_path: Path
) -> None:
    file = written(usa, tmp_path / "x", made_after=timedelta(hours=2))
    assert "one of the two clocks is wrong" in refuses(1, "add", nzl, file)


def new_keys(directory: Path) -> None:
    """Give a node another identity, as somebody else would have."""
    (directory / "federation").rename(directory / "before")


def test_changed_keys_of_a_partner_are_refused_until_compared_again(
    nzl: Path, usa: Path, says: Any, refuses: Any
) -> None:
    file, words = invited(says, usa)
    says("add", nzl, file, "--expect", words)
    (before,) = partners(nzl)
    new_keys(usa)
    file, new_words = invited(says, usa)
    assert new_words != words
    said = refuses(1, "add", nzl, file, "--expect", new_words)
    assert "another authority key, another ledger key, another release key. If" in said
    assert partners(nzl) == (before,)
    wrong = refuses(1, "add", nzl, file, "--expect", words, "--replace")
    assert "not the fingerprint of this invitation" in wrong
    assert partners(nzl) == (before,)
    assert says("add", nzl, file, "--expect", new_words, "--replace")["state"] == "replaced"
    assert fingerprint(partners(nzl)[0]).words == new_words


def test_who_was_removed_comes_back_only_by_a_new_comparison(
    nzl: Path, usa: Path, says: Any, refuses: Any
) -> None:
    file, words = invited(says, usa)
    says("add", nzl, file, "--expect", words)
    says("remove", nzl, "USA-X")
    said = refuses(1, "add", nzl, file, "--expect", words)
    assert "USA-X was removed, and is refused" in said
    says("add", nzl, file, "--expect", words, "--replace")
    assert says("show", nzl, "USA-X")["state"] == "trusted"


def test_a_partner_has_a_secret_from_then_on_and_the_same_when_it_comes_back(
    nzl: Path, usa: Path, says: Any, refuses: Any
) -> None:
    file, words = invited(says, usa)
    refuses(
        1,
        "add",
        nzl,
        file,
        "--expect",
        says("invite", nzl, file.with_name("x"), "--party-key", PARTY["NZL-X"])["words"],
    )
    assert secret_of(nzl, "USA-X") is None
    says("add", nzl, file, "--expect", words)
    made = secret_of(nzl, "USA-X")
    assert made is not None
    says("add", nzl, file)
    says("remove", nzl, "USA-X")
    says("add", nzl, file, "--expect", words, "--replace")
    assert secret_of(nzl, "USA-X") == made


def test_another_key_of_the_party_than_agreements_know_is_refused(
    nzl: Path, usa: Path, says: Any, refuses: Any
) -> None:
    held = Agreements(nzl / "agreements")
    held.know("USA-X", b"x" * 32)
    file, words = invited(says, usa)
    said = refuses(1, "add", nzl, file, "--expect", words)
    assert "the agreements here know another key of USA-X" in said
    says("add", nzl, file, "--expect", words, "--replace")
    assert held.known_key("USA-X") == bytes([1] * 32)


def test_a_node_is_no_partner_of_itself(nzl: Path, says: Any, refuses: Any) -> None:
    said = refuses(1, "add", nzl, invited(says, nzl)[0])
    assert "NZL-X, which is this node itself" in said


def test_another_node_does_not_have_this_ones_trust_domain(
    nzl: Path, usa: Path, says: Any, refuses: Any
) -> None:
    new_keys(usa)
    set_key(usa, "trust_domain", '"nzl-x"')
    assert "USA-X has the trust domain of this node" in refuses_add(refuses, says, nzl, usa)


def set_key(directory: Path, key: str, value: str) -> None:
    settings = directory / "accord.toml"
    text, count = re.subn(
        rf"^#{key} = .*$", f"{key} = {value}", settings.read_text("utf-8"), flags=re.MULTILINE
    )
    assert count == 1
    settings.write_text(text, "utf-8")


def refuses_add(refuses: Any, says: Any, ours: Path, theirs: Path) -> str:
    file, words = invited(says, theirs)
    return str(refuses(1, "add", ours, file, "--expect", words))


def test_both_ends_have_one_profile(nzl: Path, usa: Path, says: Any, refuses: Any) -> None:
    new_keys(usa)
    set_key(usa, "profile", '"cnsa"')
    said = refuses_add(refuses, says, nzl, usa)
    assert "USA-X has the profile cnsa and this node modern" in said


def test_settings_that_no_longer_fit_the_identity_are_named(
    nzl: Path, refuses: Any, tmp_path: Path
) -> None:
    set_key(nzl, "trust_domain", '"jfnz.example"')
    said = refuses(1, "invite", nzl, tmp_path / "x", "--party-key", PARTY["NZL-X"])
    assert "was made for another trust_domain or profile" in said


def test_a_node_from_before_there_were_partners_gets_its_identity_at_first_use(
    nzl: Path, says: Any
) -> None:
    new_keys(nzl)
    invited(says, nzl)
    assert SigningKey.load(nzl / identity.RELEASE_KEY)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "does not begin with"),
        (b"\xff\xfe", "is not text"),
        (b"accord invitation 1\n", "its end is missing"),
        (b"x" * (MAX_INVITATION + 1), "longer than invitations are"),
    ],
)
def test_a_file_that_is_no_invitation_is_refused_in_one_line(
    nzl: Path, tmp_path: Path, refuses: Any, data: bytes, said: str
) -> None:
    file = tmp_path / "x"
    file.write_bytes(data)
    refused = refuses(1, "add", nzl, file)
    assert said in refused
    assert str(file) in refused


def test_a_file_that_is_not_there_is_wrong_use(nzl: Path, tmp_path: Path, refuses: Any) -> None:
    assert "cannot read" in refuses(2, "add", nzl, tmp_path / "missing")
    assert "cannot read" in refuses(2, "add", nzl, tmp_path)


def test_a_directory_without_a_node_is_wrong_use(tmp_path: Path, refuses: Any) -> None:
    assert "holds no accord.toml" in refuses(2, "add", tmp_path, tmp_path / "x")
