import socket
from dataclasses import replace
from pathlib import Path

import pytest

from accord.config.settings import ListenSettings, Settings, load
from accord.config.values import Endpoint
from accord.core.errors import UsageError
from accord.core.principal import Direction
from support.builders import A_SOURCE, a_report

NODE = '[node]\nid = "NZL-JFNZ"\nnation = "NZL"\n'


def _load(directory: Path, text: str, **overrides: str) -> Settings:
    (directory / "accord.toml").write_text(text)
    return load(directory, {f"listen.{name}": value for name, value in overrides.items()})


def _refusal(directory: Path, text: str, **overrides: str) -> str:
    with pytest.raises(UsageError) as caught:
        _load(directory, text, **overrides)
    return str(caught.value)


def test_the_ports_are_the_ones_that_people_rely_on() -> None:
    listen = ListenSettings()
    assert listen.cot_tcp == Endpoint("127.0.0.1", 8087)
    assert listen.cot_tls == Endpoint("::", 8089)
    assert listen.cot_udp is None
    assert listen.api == Endpoint("::", 8443)
    assert listen.enrol == Endpoint("::", 8446)


def test_a_file_that_only_says_who_the_node_is_is_enough(tmp_path: Path) -> None:
    settings = _load(tmp_path, NODE)
    assert settings.node.id == "NZL-JFNZ"
    assert settings.picture.max_tracks == 100_000


def test_without_a_file_it_is_said_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="accord init"):
        load(tmp_path)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "accord.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="cannot read"):
        load(tmp_path)


def test_errors_name_the_file_and_the_line(tmp_path: Path) -> None:
    said = _refusal(tmp_path, NODE + "[picture]\nmax_track = 3\n")
    assert said.startswith(f"{tmp_path / 'accord.toml'} line 5: [picture] max_track = 3: ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[node]\nid = "NZL"\nnation = "NZ"', "line 3: [node] nation = "),
        ('[node]\nid = "AUS"\nnation = "NZL"', "line 2: [node] id = "),
        ('[node]\nid = "NZL"', "[node] nation is missing"),
        ("", "[node] is missing"),
    ],
)
def test_a_node_must_say_who_it_is(tmp_path: Path, text: str, said: str) -> None:
    assert said in _refusal(tmp_path, text)


def test_options_come_before_the_file(tmp_path: Path) -> None:
    text = NODE + '[listen]\napi = "127.0.0.1:1"\ncot_tls = "127.0.0.1:2"\n'
    listen = _load(tmp_path, text, api="127.0.0.1:3", cot_tcp="off").listen
    assert listen.api == Endpoint("127.0.0.1", 3)
    assert listen.cot_tls == Endpoint("127.0.0.1", 2)
    assert listen.cot_tcp is None


@pytest.mark.parametrize("key", ["cot_tcp", "cot_udp"])
def test_plaintext_for_other_machines_must_be_wanted(tmp_path: Path, key: str) -> None:
    text = f'{NODE}[listen]\n{key} = "192.0.2.1:8087"\n'
    said = _refusal(tmp_path, text)
    assert f"line 5: [listen] {key}" in said
    assert "allow_plaintext = true" in said
    assert _load(tmp_path, text + "allow_plaintext = true").listen.allow_plaintext


def test_plaintext_by_option_must_be_wanted_in_the_file(tmp_path: Path) -> None:
    said = _refusal(tmp_path, NODE, cot_tcp="0.0.0.0:8087")
    assert said.startswith("option --cot-tcp: ")


def test_clients_without_certificate_are_in_everyone_and_every_exercise(tmp_path: Path) -> None:
    principal = _load(tmp_path, NODE).plaintext.principal("plaintext")
    assert principal.groups == {"Everyone": Direction.BOTH}
    assert principal.every_exercise


def test_their_groups_can_have_a_direction(tmp_path: Path) -> None:
    text = NODE + '[plaintext]\ngroups = ["Blue", "Red:in", "Sea watch:out", "White:both"]\n'
    assert _load(tmp_path, text).plaintext.directions() == {
        "Blue": Direction.BOTH,
        "Red": Direction.IN,
        "Sea watch": Direction.OUT,
        "White": Direction.BOTH,
    }


@pytest.mark.parametrize(
    "group",
    ["Blue:up", ":in", "Blue:", "A:B:out", "A:in:out", "", " ", "Blue ", " Blue:in", r"\u001b[31m"],
)
def test_a_direction_there_is_not_is_refused(tmp_path: Path, group: str) -> None:
    said = _refusal(tmp_path, f'{NODE}[plaintext]\ngroups = ["{group}"]\n')
    assert "line 5: [plaintext] groups" in said
    assert "NAME:in" in said


def test_without_ipv6_all_addresses_are_those_of_ipv4(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "has_dualstack_ipv6", lambda: False)
    listen = _load(tmp_path, NODE).listen
    assert listen.cot_tls == Endpoint("0.0.0.0", 8089)  # noqa: S104  a value, not bound
    assert listen.cot_tcp == Endpoint("127.0.0.1", 8087)
    monkeypatch.setattr(socket, "has_dualstack_ipv6", lambda: True)
    assert _load(tmp_path, NODE).listen.cot_tls == Endpoint("::", 8089)


FEED = 'format = "ais"\ntransport = "file"\naddress = "x"\ngroups = ["Sea"]\n'


def test_feeds_and_groups_have_default_marks_of_the_nodes_nation(tmp_path: Path) -> None:
    text = NODE + '[group."Sea"]\nmarking = "(R)"\n[feed.ais]\nmarking = "(U//REL TO FJI)"\n' + FEED
    defaults = _load(tmp_path, text).default_markings()
    by_group = defaults.marked(a_report(groups=frozenset({"Sea"}))).label
    by_feed = defaults.marked(a_report(source=replace(A_SOURCE, channel="feed:ais"))).label
    assert by_group is not None
    assert by_feed is not None
    assert (by_group.policy, by_group.level) == ("NZL", "RESTRICTED")
    assert (by_feed.level, by_feed.releasable_to) == ("UNCLASSIFIED", {"FJI"})


@pytest.mark.parametrize("section", ["[group.Sea]\n", "[feed.ais]\n" + FEED])
def test_a_default_mark_that_is_not_understood_is_refused(tmp_path: Path, section: str) -> None:
    said = _refusal(tmp_path, f'{NODE}{section}marking = "(R//REL TO ATLANTIS)"\n')
    assert "line 4" in said
    assert "ATLANTIS" in said
