"""A statement with clauses of several sorts, for tests of commitments."""

STATEMENT = """\
schema: accord-statement/1
id: JOINT
title: Ministers reaffirm their partnership
parties: [NZL, FJI]
date: 2026-02-10
source: joint statement of both ministers
conf: C
sentences:
  - text: New Zealand will station an aircraft at Nadi from May to October.
    clauses:
      - owed_by: NZL
        owed_to: FJI
        due: 2026-05-01
        until: 2026-10-31
        ops: [{op: add_deployment, partner: NZL, class: MPA, base: NAN, from: 2026-05-01, to: 2026-10-31}]
  - text: Fiji will share its coastal radar.
    clauses:
      - owed_by: FJI
        owed_to: NZL
        due: 2026-04-01
        ops: [{op: open_data_flow, agreement_clause: clause 3}]
  - text: The ministers recalled their long friendship.
    clauses:
      - ops: [{op: nothing_measurable}]
  - text: They look forward to the future.
"""  # noqa: E501  a row is a line
