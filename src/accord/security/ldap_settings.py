"""What a node knows of its directory; apart from what asks it, which takes the extra `ldap`."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from accord.security.vouched import GroupThere


@dataclass(frozen=True, slots=True, kw_only=True)
class LdapSettings:
    """Signing in by a directory (LDAP, Active Directory); off while `url` is empty."""

    url: str = field(
        default="",
        metadata={"doc": "the directory, such as ldaps://directory.example; with ldap:// TLS is "
                  "asked for before anything is said (StartTLS)"},
    )  # fmt: skip
    authority_file: str = field(
        default="",
        metadata={"doc": "certificates that the directory's is trusted by, from the node's "
                  "directory"},
    )  # fmt: skip
    name: str = field(
        default="",
        metadata={"doc": "the entry (DN) that this node looks for people as, such as "
                  "cn=accord,ou=services,dc=example"},
    )  # fmt: skip
    password_file: str = field(
        default="", metadata={"doc": "a file with its password, from the node's directory"}
    )
    people: str = field(
        default="",
        metadata={"doc": "the entry under which people are, such as ou=people,dc=example"},
    )
    name_attribute: str = field(
        default="uid",
        metadata={"doc": "what people sign in by; in Active Directory sAMAccountName"},
    )
    subject_attribute: str = field(
        default="entryUUID",
        metadata={"doc": "what somebody is known by for ever; in Active Directory objectGUID"},
    )
    groups: str = field(
        default="",
        metadata={"doc": "the entry under which groups are, such as ou=groups,dc=example"},
    )
    member_attribute: str = field(
        default="member",
        metadata={"doc": "the attribute of a group that names its members' entries"},
    )
    group_attribute: str = field(
        default="cn", metadata={"doc": "the attribute of a group that [ldap_group] names it by"}
    )

    def __post_init__(self) -> None:
        if not self.url:
            return
        parts = urlsplit(self.url)
        if parts.scheme not in ("ldaps", "ldap") or not parts.hostname or parts.path or parts.query:
            raise ValueError("url is such as ldaps://directory.example or ldap://directory.example")
        for name in ("authority_file", "name", "password_file", "people", "groups"):
            if not getattr(self, name):
                raise ValueError(f"{name} is missing: a directory is asked with it")


@dataclass(frozen=True, slots=True, kw_only=True)
class LdapGroup(GroupThere):
    """What a group of the directory's is here: a section [ldap_group.NAME] each."""
