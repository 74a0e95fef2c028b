import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from accord.core.principal import Direction, Principal, Role
from accord.storage import people
from accord.storage import register as register_file
from accord.storage.migrate import NewerVersion
from accord.storage.people import (
    GRACE,
    Membership,
    NoSuch,
    People,
    PeopleError,
    PeopleFault,
    PeopleReader,
)
from support.clock import START

DAY = timedelta(days=1)
KIWI = Principal(
    name="kiwi-1",
    groups={"Blue": Direction.BOTH, "Red": Direction.OUT, "White": Direction.IN},
    exercises=frozenset({"TASMAN", "PACIFIC"}),
)


@pytest.fixture
def register(tmp_path: Path) -> People:
    made = People(tmp_path / "people.sqlite")
    made.create()
    return made


@pytest.fixture
def kiwi(register: People) -> People:
    """The register with kiwi-1 in it, who has the certificate `mark`."""
    register.add(KIWI, START)
    register.add_certificate("kiwi-1", "mark", issued=START, ends=START + DAY)
    return register


@pytest.fixture
def reader(register: People) -> Iterator[PeopleReader]:
    made = PeopleReader(register.path)
    yield made
    made.close()


def member(register: People, name: str = "kiwi-1") -> Membership:
    return next(each for each in register.memberships(START) if each.principal.name == name)


def test_a_new_register_is_empty_and_its_owners_alone(register: People) -> None:
    assert register.memberships(START) == []
    assert register.credentials() == []
    assert register.path.stat().st_mode & 0o777 == 0o600


def test_who_is_entered_is_read_back_whole(kiwi: People) -> None:
    (credential,) = kiwi.credentials()
    assert credential.principal == replace(KIWI, credential="mark", until=START + DAY)
    assert credential.revoked is None


@pytest.mark.parametrize("role", Role)
def test_a_role_and_every_exercise_are_kept(register: People, role: Role) -> None:
    somebody = Principal(name="A", role=role, every_exercise=True)
    register.add(somebody, START)
    assert member(register, "A").principal == somebody


def test_everybody_is_listed_by_name_with_what_they_can_do(kiwi: People) -> None:
    kiwi.add(Principal(name="Aotea"), START)
    kiwi.add_certificate("kiwi-1", "newer", issued=START, ends=START + 2 * DAY)
    first, second = kiwi.memberships(START)
    assert (first.principal.name, first.certificates, first.ends) == ("Aotea", 0, None)
    assert (second.added, second.revoked) == (START, None)
    assert (second.certificates, second.ends) == (2, START + 2 * DAY)


@pytest.mark.parametrize("name", ["kiwi-1", "KIWI-1"])
def test_a_name_is_given_once_whatever_its_case(kiwi: People, name: str) -> None:
    with pytest.raises(PeopleError, match="there is a client kiwi-1 already"):
        kiwi.add(Principal(name=name), START)


def test_the_number_of_people_has_a_limit(
    register: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "MAX_PEOPLE", 1)
    register.add(Principal(name="A"), START)
    with pytest.raises(PeopleError, match="holds 1 people, which is its limit"):
        register.add(Principal(name="B"), START)


def test_a_certificate_is_somebodys(kiwi: People) -> None:
    with pytest.raises(PeopleError, match="there is no client B"):
        kiwi.add_certificate("B", "other", issued=START, ends=START + DAY)


def test_a_certificate_is_entered_once(kiwi: People) -> None:
    kiwi.add(Principal(name="B"), START)
    with pytest.raises(PeopleError, match="this certificate is in the register already"):
        kiwi.add_certificate("B", "mark", issued=START, ends=START + DAY)


def test_a_certificate_is_known_whether_revoked_or_not(kiwi: People) -> None:
    assert not kiwi.knows("other")
    assert kiwi.knows("mark")
    kiwi.revoke("kiwi-1", START)
    assert kiwi.knows("mark")


def test_who_is_revoked_is_revoked_with_every_certificate_and_token(kiwi: People) -> None:
    kiwi.add_certificate("kiwi-1", "second", issued=START, ends=START + DAY)
    kiwi.issue_token("kiwi-1", now=START, valid=DAY)
    assert kiwi.revoke("kiwi-1", START + DAY) == 2
    assert {each.revoked for each in kiwi.credentials()} == {START + DAY}
    gone = member(kiwi)
    assert (gone.revoked, gone.certificates, gone.has_open_token) == (START + DAY, 0, False)


def test_nobody_is_revoked_twice(kiwi: People) -> None:
    kiwi.revoke("kiwi-1", START)
    with pytest.raises(PeopleError, match="kiwi-1 was revoked on 2026-01-02"):
        kiwi.revoke("kiwi-1", START)


def test_who_is_not_there_cannot_be_revoked(register: People) -> None:
    with pytest.raises(PeopleError, match="there is no client kiwi-1 in the register"):
        register.revoke("kiwi-1", START)


def test_who_was_revoked_gets_no_certificate_and_no_token(kiwi: People) -> None:
    kiwi.revoke("kiwi-1", START)
    with pytest.raises(PeopleError, match="was revoked"):
        kiwi.add_certificate("kiwi-1", "new", issued=START, ends=START + DAY)
    with pytest.raises(PeopleError, match="was revoked"):
        kiwi.issue_token("kiwi-1", now=START, valid=DAY)


def test_who_is_entered_anew_has_only_new_certificates(kiwi: People) -> None:
    kiwi.revoke("kiwi-1", START)
    kiwi.add(replace(KIWI, groups={"Red": Direction.BOTH}), START + DAY)
    kiwi.add_certificate("kiwi-1", "new", issued=START, ends=START + DAY)
    revoked = {each.principal.credential: each.revoked for each in kiwi.credentials()}
    assert revoked == {"mark": START, "new": None}
    again = member(kiwi)
    assert (again.added, again.revoked, again.certificates) == (START + DAY, None, 1)
    assert again.principal.groups == {"Red": Direction.BOTH}


def test_a_name_that_was_revoked_is_not_given_to_another_of_other_case(kiwi: People) -> None:
    kiwi.revoke("kiwi-1", START)
    with pytest.raises(PeopleError, match="there is a client kiwi-1 already"):
        kiwi.add(replace(KIWI, name="Kiwi-1"), START)


def test_a_token_is_known_by_its_owners_name_in_any_case(kiwi: People) -> None:
    token = kiwi.issue_token("kiwi-1", now=START, valid=DAY)
    assert kiwi.check_token("kiwi-1", token, START) is None
    assert kiwi.check_token("KIWI-1", token, START) is None
    assert kiwi.check_token("kiwi-2", token, START) == "unknown user or token"
    assert kiwi.check_token("kiwi-1", token + "x", START) == "unknown user or token"
    assert member(kiwi).has_open_token


def test_a_token_cannot_be_guessed_and_is_not_in_the_file(kiwi: People) -> None:
    tokens = {kiwi.issue_token("kiwi-1", now=START, valid=DAY) for _ in range(20)}
    assert len(tokens) == 20
    assert all(len(each) >= 22 for each in tokens)  # 128 bits in base64
    data = kiwi.path.read_bytes()
    assert not any(each.encode() in data for each in tokens)


def test_a_new_token_voids_the_one_before(kiwi: People) -> None:
    before = kiwi.issue_token("kiwi-1", now=START, valid=DAY)
    kiwi.issue_token("kiwi-1", now=START, valid=DAY)
    assert kiwi.check_token("kiwi-1", before, START) == "unknown user or token"


def test_a_token_ends(kiwi: People) -> None:
    token = kiwi.issue_token("kiwi-1", now=START, valid=DAY)
    assert kiwi.check_token("kiwi-1", token, START + DAY) is None
    late = START + DAY + timedelta(seconds=1)
    assert kiwi.check_token("kiwi-1", token, late) == "the token has ended"
    with pytest.raises(PeopleError, match="the token has ended"):
        kiwi.use_token("kiwi-1", token, fingerprint="new", now=late, ends=late)


def use(register: People, token: str, mark: str = "new") -> None:
    register.use_token("kiwi-1", token, fingerprint=mark, now=START, ends=START + DAY)


def test_a_token_is_good_for_one_certificate(kiwi: People) -> None:
    token = kiwi.issue_token("kiwi-1", now=START, valid=DAY)
    use(kiwi, token)
    assert {each.principal.credential for each in kiwi.credentials()} == {"mark", "new"}
    assert not member(kiwi).has_open_token
    with pytest.raises(PeopleError, match="the token was used before"):
        use(kiwi, token, "third")
    assert len(kiwi.credentials()) == 2


def test_a_used_token_still_tells_who_asks_for_a_while(kiwi: People) -> None:
    token = kiwi.issue_token("kiwi-1", now=START, valid=DAY)
    use(kiwi, token)
    assert kiwi.check_token("kiwi-1", token, START + GRACE) is None
    late = START + GRACE + timedelta(seconds=1)
    assert kiwi.check_token("kiwi-1", token, late) == "the token was used before"


def test_a_token_whose_certificate_cannot_be_entered_stays_unused(kiwi: People) -> None:
    token = kiwi.issue_token("kiwi-1", now=START, valid=DAY)
    with pytest.raises(PeopleError, match="in the register already"):
        use(kiwi, token, "mark")
    use(kiwi, token)


def test_a_name_and_a_token_of_two_people_open_nothing(kiwi: People) -> None:
    kiwi.add(Principal(name="kiwi-2"), START)
    token = kiwi.issue_token("kiwi-2", now=START, valid=DAY)
    with pytest.raises(PeopleError, match="unknown user or token"):
        use(kiwi, token)


def test_a_token_of_one_who_was_revoked_behind_our_back_is_refused(kiwi: People) -> None:
    token = kiwi.issue_token("kiwi-1", now=START, valid=DAY)
    with closing(sqlite3.connect(kiwi.path)) as file:
        file.execute("UPDATE person SET revoked = 1")
        file.commit()
    assert kiwi.check_token("kiwi-1", token, START) == "revoked"


def test_certificates_of_one_who_was_revoked_behind_our_back_are_revoked(kiwi: People) -> None:
    with closing(sqlite3.connect(kiwi.path)) as file:
        file.execute("UPDATE person SET revoked = ?", (START.timestamp(),))
        file.commit()
    assert [each.revoked for each in kiwi.credentials()] == [START]


def test_a_register_that_is_missing_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(PeopleError, match=r"register of people .*people\.sqlite: unable to open"):
        People(tmp_path / "people.sqlite").credentials()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_register_is_named(tmp_path: Path) -> None:
    path = tmp_path / "people.sqlite"
    path.write_bytes(b"nonsense" * 1000)
    with pytest.raises(PeopleFault, match=f"{path}: file is not a database; put back your backup"):
        People(path).credentials()


def test_a_register_of_a_newer_version_is_left_alone(kiwi: People) -> None:
    with closing(sqlite3.connect(kiwi.path)) as file:
        file.execute("PRAGMA user_version = 99")
    with pytest.raises(NewerVersion, match=r"of version 99 .* start the newer Accord"):
        kiwi.revoke("kiwi-1", START)


def test_a_register_that_somebody_else_is_changing_says_so(
    kiwi: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(register_file, "_BUSY", 0.0)
    with closing(sqlite3.connect(kiwi.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(PeopleError, match="database is locked"):
            kiwi.revoke("kiwi-1", START)
    assert kiwi.revoke("kiwi-1", START) == 1


def test_the_register_is_read_once_while_it_does_not_change(
    kiwi: People, reader: PeopleReader
) -> None:
    first = reader.read()
    assert first is not None
    assert [each.principal.name for each in first] == ["kiwi-1"]
    assert reader.read() is None
    assert reader.trouble == ""


def test_a_change_is_seen_at_the_next_look(kiwi: People, reader: PeopleReader) -> None:
    reader.read()
    kiwi.revoke("kiwi-1", START)
    changed = reader.read()
    assert changed is not None
    assert [each.revoked for each in changed] == [START]


def test_a_register_that_goes_is_trouble_until_it_is_back(
    kiwi: People, reader: PeopleReader, tmp_path: Path
) -> None:
    reader.read()
    reader.close()
    kiwi.path.rename(tmp_path / "away")
    assert reader.read() is None
    assert reader.trouble.startswith(f"the register of people {kiwi.path} cannot be read: ")
    (tmp_path / "away").rename(kiwi.path)
    assert reader.read() is not None
    assert reader.trouble == ""


def test_a_register_that_was_damaged_is_trouble(kiwi: People, reader: PeopleReader) -> None:
    reader.read()
    kiwi.path.write_bytes(b"nonsense" * 1000)
    assert reader.read() is None
    assert "cannot be read" in reader.trouble


def test_a_register_that_was_put_in_the_place_of_another_is_read(
    kiwi: People, reader: PeopleReader, tmp_path: Path
) -> None:
    """As a restored backup is."""
    reader.read()
    other = People(tmp_path / "other.sqlite")
    other.create()
    other.add(Principal(name="kea"), START)
    other.add_certificate("kea", "mark of kea", issued=START, ends=START + DAY)
    other.path.replace(kiwi.path)
    found = reader.read()
    assert found is not None
    assert [each.principal.name for each in found] == ["kea"]


def test_a_reader_has_nothing_to_close_before_it_reads(reader: PeopleReader) -> None:
    reader.close()
    assert reader.trouble == ""


def test_a_register_of_a_newer_version_is_not_read(kiwi: People, reader: PeopleReader) -> None:
    with closing(sqlite3.connect(kiwi.path)) as file:
        file.execute("PRAGMA user_version = 99")
    assert reader.read() is None
    assert "version 99" in reader.trouble


def test_what_is_changed_together_is_changed_whole_or_not_at_all(register: People) -> None:
    def enter() -> None:
        with register.together() as change:
            change.add(KIWI, START)
            change.add_certificate("kiwi-1", "mark", issued=START, ends=START + DAY)
            change.add_certificate("kea", "another", issued=START, ends=START + DAY)

    with pytest.raises(PeopleError, match="there is no client kea"):
        enter()
    assert register.memberships(START) == []
    with register.together() as change:
        change.add(KIWI, START)
        change.add_certificate("kiwi-1", "mark", issued=START, ends=START + DAY)
    assert member(register).certificates == 1


def test_a_whole_register_says_how_many_are_in_it(kiwi: People) -> None:
    assert kiwi.check() == 1


def test_a_register_with_a_damaged_page_is_named_with_what_to_do(kiwi: People) -> None:
    with closing(sqlite3.connect(kiwi.path, isolation_level=None)) as file:
        file.execute("PRAGMA writable_schema = ON")
        # The pages of a table of which SQLite knows nothing any more are in nobody's use.
        file.execute("DELETE FROM sqlite_schema WHERE tbl_name = 'token'")
    with pytest.raises(PeopleFault, match=r"never used.*; put back your backup"):
        kiwi.check()


def test_a_full_disk_is_named_with_what_to_do(
    kiwi: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(connection: sqlite3.Connection, part: str, *, file: str) -> None:
        del part, file
        connection.execute("PRAGMA max_page_count = 1")  # SQLite's own way to a full disk

    monkeypatch.setattr(register_file, "migrate", full)
    exercises = frozenset({"x" * 10_000})  # more than the pages that are there can hold
    with pytest.raises(PeopleFault, match="database or disk is full; make room and repeat"):
        kiwi.add(replace(KIWI, name="kea", exercises=exercises), START)


def test_a_revocation_needs_no_more_of_the_disk_than_adding_took(kiwi: People) -> None:
    def sizes() -> dict[str, int]:
        return {path.name: path.stat().st_size for path in kiwi.path.parent.iterdir()}

    before = sizes()
    kiwi.revoke("kiwi-1", START)
    assert before["people.sqlite-journal"] > 0
    assert sizes() == before


def test_a_person_is_given_another_role_other_groups_or_exercises(register: People) -> None:
    register.add(Principal(name="kea", groups={"Blue": Direction.BOTH}), START)
    register.add_certificate("kea", "k" * 64, issued=START, ends=START + timedelta(days=9))
    register.change("kea", role=Role.READ_ONLY)
    register.change("kea", groups={"Red": Direction.OUT})
    changed = register.change("kea", exercises=frozenset({"TASMAN"}))
    assert (changed.role, changed.groups) == (Role.READ_ONLY, {"Red": Direction.OUT})
    assert register.change("kea", exercises=frozenset(), every_exercise=True).every_exercise
    (credential,) = register.credentials()
    assert credential.principal.groups == {"Red": Direction.OUT}
    assert credential.revoked is None
    for name in ("nobody", "kea"):
        with pytest.raises(PeopleError):
            register.change(name, role=Role.MEMBER)
        register.revoke("kea", START) if name == "nobody" else None


def test_one_certificate_is_refused_alone(register: People) -> None:
    register.add(Principal(name="kea"), START)
    for mark in "ab":
        register.add_certificate("kea", mark, issued=START, ends=START + timedelta(days=9))
    assert register.revoke_certificate("a", START) == "kea"
    assert [(e.fingerprint, e.revoked) for e in register.certificates()] == [
        ("a", START),
        ("b", None),
    ]
    with pytest.raises(NoSuch):
        register.revoke_certificate("a", START)
    register.revoke("kea", START)
    assert all(each.revoked for each in register.certificates())


def test_a_token_is_open_until_it_is_used_withdrawn_or_over(register: People) -> None:
    for name in ("kea", "kaka", "weka"):
        register.add(Principal(name=name), START)
        register.issue_token(name, now=START, valid=timedelta(hours=len(name)))
    assert [each.name for each in register.tokens(START)] == ["kea", "kaka", "weka"]
    register.withdraw_token("kaka")
    assert [each.name for each in register.tokens(START + timedelta(hours=3))] == ["weka"]
    with pytest.raises(NoSuch):
        register.withdraw_token("kaka")


MOANA = Principal(name="moana", groups={"Blue": Direction.BOTH}, role=Role.MEMBER)
THERE = "ldap ldaps://directory.example 6d6f616e61"


def take_in(
    register: People, mark: str, *, principal: Principal = MOANA, kept: str = THERE
) -> None:
    register.take_in(principal, kept, fingerprint=mark, now=START, ends=START + DAY)


def test_who_another_vouches_for_is_entered_and_is_what_he_is_there_now(register: People) -> None:
    take_in(register, "one")
    other = replace(MOANA, groups={"Red": Direction.OUT}, role=Role.READ_ONLY)
    take_in(register, "two", principal=other)
    assert member(register, "moana").principal == other
    assert member(register, "moana").certificates == 2


@pytest.mark.parametrize(
    ("principal", "kept"),
    [(KIWI, THERE), (replace(MOANA, name="KIWI-1"), THERE), (MOANA, "somebody else there")],
)
def test_a_name_that_is_anothers_is_not_taken_over_by_who_is_vouched_for(
    kiwi: People, principal: Principal, kept: str
) -> None:
    take_in(kiwi, "one")
    with pytest.raises(PeopleError, match="there is another client"):
        take_in(kiwi, "two", principal=principal, kept=kept)
    assert member(kiwi).certificates == 1


def test_who_is_vouched_for_and_was_revoked_comes_in_no_more(register: People) -> None:
    take_in(register, "one")
    register.revoke("moana", START)
    with pytest.raises(PeopleError, match="was revoked"):
        take_in(register, "two")


def test_who_is_added_anew_by_a_person_is_this_nodes_own(register: People) -> None:
    take_in(register, "one")
    register.revoke("moana", START)
    register.add(MOANA, START)
    with pytest.raises(PeopleError, match="there is another client"):
        take_in(register, "two")


def test_certificates_of_who_is_vouched_for_have_a_limit(
    register: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "MAX_VOUCHED", 2)
    take_in(register, "one")
    take_in(register, "two")
    with pytest.raises(PeopleError, match="has 2 certificates"):
        take_in(register, "three")
    register.revoke_certificate("one", START)
    take_in(register, "three")


def test_the_same_devices_later_certificate_replaces_the_one_before(kiwi: People) -> None:
    for mark, late in (("first", 0), ("second", 1)):
        token = kiwi.issue_token("kiwi-1", now=START, valid=DAY)
        now = START + timedelta(hours=late)
        kiwi.use_token("kiwi-1", token, fingerprint=mark, now=now, ends=now + DAY, device="U1")
    kept = {each.principal.credential: each.is_replaced for each in kiwi.credentials()}
    assert kept == {"mark": False, "first": True, "second": False}
    kiwi.revoke_certificate("second", START)
    assert not any(each.is_replaced for each in kiwi.certificates())
    assert kiwi.refuses("second")
    assert not kiwi.refuses("first")
    assert not kiwi.refuses("never in here")


def test_somebody_is_admitted_who_is_missing_revoked_or_less_than_that(register: People) -> None:
    wanted = Principal(name="own", groups={"Self": Direction.BOTH}, role=Role.ADMINISTRATOR)
    assert register.admit(wanted, START)
    assert not register.admit(wanted, START)
    register.revoke("own", START)
    assert register.admit(wanted, START)
    assert member(register, "own").principal == wanted
    register.change("own", role=Role.MEMBER, groups={"Blue": Direction.IN})
    assert register.admit(wanted, START)
    now = member(register, "own").principal
    assert now.groups == {"Self": Direction.BOTH, "Blue": Direction.IN}
    assert now.role is Role.ADMINISTRATOR
    assert not register.admit(wanted, START)
