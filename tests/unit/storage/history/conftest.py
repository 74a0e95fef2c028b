"""Every store of the history is held to the same: what takes `kept` runs with each."""

from support.histories import kept as kept
from support.histories import shared as shared
from support.postgres import postgres as postgres
