"""What can be wrong with a ledger."""

from accord.core.errors import AccordError


class LedgerFault(AccordError):
    """A ledger, or a part of one, is not as it must be, or cannot be kept; the text says which."""


class Unwritable(LedgerFault):
    """A line holds what none may hold; whose words it is made of has to mend them."""
