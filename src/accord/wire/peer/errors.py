"""Why a frame of a partner was refused, beside what every wire format refuses."""

from accord.wire.errors import WireError


class NotDeterministic(WireError):
    """CBOR that could be written in another way (RFC 8949, 4.2), or of a kind that is not used."""

    reason = "not deterministic"


class Forged(WireError):
    """A signature does not hold, or is not that of who is said to have made it."""

    reason = "forged"


class Replayed(WireError):
    """A frame whose number does not rise."""

    reason = "replayed"


class UnknownType(WireError):
    """A frame or a record of a kind that is not known, where it cannot be skipped."""

    reason = "unknown type"


class NotExpressible(ValueError):
    """A report that this protocol has no words for, such as one with an infinite speed."""
