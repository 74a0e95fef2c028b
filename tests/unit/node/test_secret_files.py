from dataclasses import replace
from pathlib import Path

from accord.config import load
from accord.node.secret_files import exposed, secret_files
from accord.security.ldap_settings import LdapSettings
from support.in_process import make_node

FEED = """
[feed.{name}]
format = "json"
transport = "mqtt"
address = "mqtt://accord@broker.example/positions"
password_file = "{name}.secret"
groups = ["Blue"]
"""


def test_every_file_with_a_password_that_the_settings_name_is_looked_at(
    tmp_path: Path, quick_keys: None
) -> None:
    node = make_node(tmp_path / "node", more=FEED.format(name="broker"))
    ldap = LdapSettings(password_file="directory.secret")
    settings = replace(load(node), ldap=ldap)
    named = [(setting, path.name) for setting, path in secret_files(node, settings)]
    assert named == [
        ("[ldap] password_file", "directory.secret"),
        ("[feed.broker] password_file", "broker.secret"),
    ]
    assert list(exposed(node, settings)) == []
    for _, name in named:
        (node / name).write_text("x")
        (node / name).chmod(0o600)
    assert list(exposed(node, settings)) == []
    path = node / "directory.secret"
    path.chmod(0o640)
    assert list(exposed(node, settings)) == [
        f"[ldap] password_file: others may read {path} (mode 640): chmod 600 {path}"
    ]
