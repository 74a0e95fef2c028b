"""Names that nothing in src mentions and that stay all the same; read by vulture in ./check."""

# ruff: noqa: B018, F821
# mypy-style attribute expressions are how vulture is told of a use.

# asyncio and expat call these.
_.connection_lost
_.data_received
_.eof_received
_.datagram_received
_.error_received
_.pause_writing
_.resume_writing
_.CharacterDataHandler
_.EndElementHandler
_.EntityDeclHandler
_.StartElementHandler
_.StartNamespaceDeclHandler
_.namespace_prefixes

# Of logging, Starlette, uvicorn and zipfile.
_.app_state
_.capture_signals
_.chunk_size
_.converter
_.create_system
_.default_msec_format
_.default_time_format
_.external_attr
_.media_type
_.redirect_request
_.render

# Named in annotations that are strings.
Field
Categories

# Words of the field that are read from outside by their value, or are there for whoever uses the
# core as a library.
Affiliation.PENDING
Affiliation.ASSUMED_FRIEND
Affiliation.FRIEND
Affiliation.NEUTRAL
Affiliation.SUSPECT
Affiliation.HOSTILE
Affiliation.JOKER
Affiliation.FAKER
Affiliation.NONE
ContextKind.PLAN
ContextKind.REPLAY
OpexKind.SIMULATION
Permission.MANAGE_FEEDS
Permission.MANAGE_LAYERS
_.affiliation
_.bearing
_.by_default
_.climb
_.hears
_.last_heard
_.mesh_frame
_Named

# What areas and gates count, for whoever runs them; and an attribute that clauses name.
_.hits
_.computed
_.dropped
_.checked
_.directed

# Read by ssl, not by us.
_.num_tickets

# What the protocol between nodes has, and a node offers to whoever runs the link: files, documents
# and new keys, and words of the wire that only partners use.
_.offer_file
_.offer_document
_.rotate
write_succession
read_succession
reference_to
size_of_update
_.OVERHEAD
_.to_sign
RotationOf.LEAF
RotationOf.RELEASE
RotationOf.LEDGER
Crud.INVALID
Crud.UPDATE
DocumentKind.INCIDENT
DocumentKind.MISSION

# What a status says, for whoever reads it as a library.
_.guards_ended
_.passed_on
_.resent
_.budget_second
_.pruned_here

# Of NumPy arrays; of a class, for whoever reads a scenario; the way itself, beside its length; what
# the tests hold the published figures to.
_.writeable
_.lift
_.exact_way
_.check_router
_.published_distances

# What openpyxl reads of a workbook, its sheets and its cells.
_.created
_.modified
_.freeze_panes
_.data_type

# What a NetCDF file says of its variables.
_.standard_name

# What paho calls, and reads, of its client.
_.connect_timeout
_.on_connect
_.on_subscribe
_.on_message
_.on_disconnect
