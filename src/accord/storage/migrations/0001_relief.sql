-- Incidents of relief (desks/relief): what was said of which record, line by line.
CREATE TABLE line (
    incident TEXT NOT NULL,
    node TEXT NOT NULL,              -- whose line it is
    number INTEGER NOT NULL,         -- its place among that node's lines of the incident
    context TEXT NOT NULL,           -- live, exercise:NAME
    at TEXT NOT NULL,                -- when it happened; RFC 3339 in UTC
    entered TEXT NOT NULL,           -- when this node got it
    person TEXT NOT NULL,            -- by whose hand
    record TEXT NOT NULL,            -- need:NZL-N1; empty for a note
    fields TEXT NOT NULL,            -- JSON: what was said, by field
    seen TEXT NOT NULL,              -- JSON: the lines of the same fields that its writer knew
    reach TEXT NOT NULL,             -- shared, names, own
    PRIMARY KEY (incident, node, number)
);

CREATE TRIGGER line_stays BEFORE UPDATE ON line
BEGIN
    SELECT RAISE(ABORT, 'the log of an incident is never changed');
END;

CREATE TRIGGER line_is_kept BEFORE DELETE ON line
BEGIN
    SELECT RAISE(ABORT, 'the log of an incident is never forgotten');
END;

-- Which of this node's own lines of a shared incident have been said to partners.
CREATE TABLE told (
    incident TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (incident, number)
);
