"""What cannot be searched with, said in a sentence."""

from accord.core.errors import AccordError


class SearchError(AccordError):
    """Something that was typed, read or asked for makes no sense; nothing was worked out."""
