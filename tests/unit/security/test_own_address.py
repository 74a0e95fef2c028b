import pytest

from accord.security.own_address import own_address

OWN = ("node.example", "10.0.0.7", "fd00::7")


def host(asked: str) -> str:
    return asked if asked in OWN else OWN[0]


@pytest.mark.parametrize(
    ("asked", "leads_to"),
    [
        ("node.example:8443", "node.example:8443"),
        ("NODE.example", "node.example"),
        ("10.0.0.7", "10.0.0.7"),
        ("[fd00::7]:8443", "[fd00::7]:8443"),
        ("evil.example:8443", "node.example:8443"),
        ("node.example@evil.example", "node.example"),
        ("node.example:99999", "node.example"),
        ("[fd00::7", "node.example"),
        ("", "node.example"),
    ],
)
def test_a_link_leads_to_this_node_whatever_was_asked_for(asked: str, leads_to: str) -> None:
    assert own_address(asked, host) == leads_to
