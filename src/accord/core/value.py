"""Frozen values that are made for every event.

A dataclass that is frozen when it runs takes four times as long to make, since each field goes
through `object.__setattr__`; for a report and its parts that was a tenth of a busy node's time.
"""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def value(cls: type[T]) -> type[T]:
    """Make a dataclass with slots and keywords that can be hashed: frozen to the type checker."""
    return dataclass(slots=True, kw_only=True, unsafe_hash=True)(cls)
