from datetime import timedelta

import pytest

from accord.core.partner import (
    MAX_TRUST_DOMAIN,
    Denial,
    NodeName,
    Trusted,
    authority_name,
    check_address,
    check_trust_domain,
    spell_serial,
)
from support.clock import START
from support.partners import NZL, USA, name_of, partner_of


def test_a_node_is_named_by_its_trust_domain_and_its_id() -> None:
    name = NodeName.parse("spiffe://jfnz.example/node/NZL-JFNZ")
    assert name == NodeName("jfnz.example", "NZL-JFNZ")
    assert str(name) == "spiffe://jfnz.example/node/NZL-JFNZ"
    assert authority_name("jfnz.example") == "spiffe://jfnz.example"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "spiffe://jfnz.example",
        "spiffe:///node/NZL",
        "spiffe://jfnz.example/node/",
        "spiffe://jfnz.example/node/NZL/more",
        "spiffe://jfnz.example/Node/NZL",
        "spiffe://jfnz.example:9010/node/NZL",
        "spiffe://someone@jfnz.example/node/NZL",
        "spiffe://jfnz.example/node/NZL?x=1",
        "spiffe://*.example/node/NZL",
        "spiffe://*/node/NZL",
        "spiffe://jfnz.example/node/*",
        "spiffe://JFNZ.example/node/NZL",
        "spiffe://jfnz.example/node/XXX",
        "SPIFFE://jfnz.example/node/NZL",
        "https://jfnz.example/node/NZL",
        "jfnz.example/node/NZL",
        " spiffe://jfnz.example/node/NZL",
        "spiffe://jfnz.example/node/NZL\n",
    ],
)
def test_what_is_not_exactly_the_name_of_a_node_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        NodeName.parse(text)


@pytest.mark.parametrize("text", ["nzl", "a", "jfnz.mil.example", "a-1.b-2", "x" * 63])
def test_a_trust_domain_is_what_a_host_name_may_be(text: str) -> None:
    assert check_trust_domain(text) == text


@pytest.mark.parametrize(
    "text",
    ["", ".", "a.", ".a", "a..b", "-a", "a-", "A", "a_b", "ä", "a b", "a/b", "x" * 64, "a\n",
     ".".join(["x" * 42] * 4)],
)  # fmt: skip
def test_what_cannot_be_a_host_name_is_no_trust_domain(text: str) -> None:
    assert len("x" * MAX_TRUST_DOMAIN) < len(".".join(["x" * 42] * 4))
    with pytest.raises(ValueError, match="no trust domain"):
        check_trust_domain(text)


@pytest.mark.parametrize(
    "text", ["node.example:9010", "192.0.2.1:1", "[2001:db8::1]:65535", "a:80"]
)
def test_a_partner_is_dialled_at_a_host_and_a_port(text: str) -> None:
    assert check_address(text) == text


@pytest.mark.parametrize(
    "text",
    ["", "node.example", "node.example:", ":9010", "a:0", "a:65536", "a:99999", "a:080", "a b:80",
     "http://a:80", "2001:db8::1:80", "a:80\n", "[]:80", f"{'a' * 300}:80"],
)  # fmt: skip
def test_what_is_no_host_and_port_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="HOST:PORT"):
        check_address(text)


def test_a_partner_is_its_nations_and_is_known_by_one_name() -> None:
    partner = partner_of(USA)
    assert (partner.nation, partner.name) == ("USA", NodeName("usa-x", "USA-X"))


def test_an_authority_that_was_succeeded_counts_until_its_time_is_over() -> None:
    until = START + timedelta(days=30)
    partner = partner_of(USA, former=b"before", former_until=until)
    assert partner.authorities(until - timedelta(seconds=1)) == (partner.authority, b"before")
    assert partner.authorities(until) == (partner.authority,)
    assert partner_of(USA).authorities(START) == (partner.authority,)


def test_a_refusal_is_of_a_name_or_of_one_certificate_of_it() -> None:
    trusted = Trusted(denials=(Denial(name=name_of(USA), serial="", at=START),))
    assert trusted.denied(name_of(USA))
    assert not trusted.denied(name_of(USA), "AB")
    assert not trusted.denied(name_of(NZL))
    assert not trusted.denied(NodeName("elsewhere", USA))
    one = Trusted(denials=(Denial(name=name_of(USA), serial="AB", at=START),))
    assert one.denied(name_of(USA), "AB")
    assert not one.denied(name_of(USA))


def test_what_is_refused_of_a_node_is_found_under_every_trust_domain() -> None:
    denial = Denial(name=NodeName("elsewhere", USA), serial="", at=START)
    trusted = Trusted(denials=(denial,))
    assert list(trusted.of_node(USA)) == [denial]
    assert list(trusted.of_node(NZL)) == []


def test_a_serial_number_is_written_as_openssl_does() -> None:
    assert spell_serial(0x0ABC) == "ABC"
