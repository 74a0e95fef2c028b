"""What all tests share: how many random examples are taken, and that none of them is timed."""

from support.profiles import PROFILE

__all__ = ["PROFILE"]
