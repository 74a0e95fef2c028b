"""Why bytes from outside were refused."""


class WireError(Exception):
    """Bytes that are no message we accept; costs only their sender.

    `reason` is the same few words for every refusal of its kind, for counting.
    """

    reason = "refused"


class FrameTooLarge(WireError):
    """One message is longer, or has more parts, than this node accepts."""

    reason = "too large"


class TooDeep(WireError):
    """One message is nested deeper than this node accepts."""

    reason = "too deep"


class Malformed(WireError):
    """The bytes break the rules of their format, or lack what the format requires."""

    reason = "malformed"


class Unsupported(WireError):
    """The bytes ask for something this node does not do."""

    reason = "unsupported"


class NotUtf8(WireError):
    """Text that is not UTF-8."""

    reason = "not UTF-8"
