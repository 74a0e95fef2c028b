"""A TAK server in the words of a partner node, for what is the same with both."""

from accord.core.partner import Partner, Profile
from accord.core.tak_partner import TakPartner
from accord.release.frontmatter import NO_KEY

NO_DOMAIN = "tak.invalid"
"""A trust domain that nobody can have (RFC 2606, 2): no certificate of a node is taken for it."""


def as_partner(it: TakPartner, profile: Profile) -> Partner:
    """Return it as a partner that has no key: it signs nothing and keeps no ledger."""
    return Partner(
        node=it.node,
        trust_domain=NO_DOMAIN,
        profile=profile,
        authority=b"",
        party_key=NO_KEY,
        release_key="",
        ledger_key="",
        made=it.made,
    )
