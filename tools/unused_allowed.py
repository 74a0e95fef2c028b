"""Names that nothing in src mentions and that stay all the same; read by vulture in ./check."""

# ruff: noqa: B018, F821
# mypy-style attribute expressions are how vulture is told of a use.

# asyncio and expat call these.
_.connection_lost
_.data_received
_.datagram_received
_.error_received
_.pause_writing
_.resume_writing
_.CharacterDataHandler
_.EndElementHandler
_.StartElementHandler
_.StartNamespaceDeclHandler
_.namespace_prefixes

# What areas and gates count, for whoever runs them; and an attribute that clauses name.
_.hits
_.computed
_.dropped
_.checked
_.directed
