-- The cases of search and rescue (desks/sar): what happened and was said, line by line.
CREATE TABLE entry (
    case_id TEXT NOT NULL,
    node TEXT NOT NULL,              -- whose line it is
    number INTEGER NOT NULL,         -- its place among that node's lines of the case
    context TEXT NOT NULL,           -- live, exercise:NAME
    at TEXT NOT NULL,                -- when it happened; RFC 3339 in UTC
    entered TEXT NOT NULL,           -- when this node got it
    person TEXT NOT NULL,            -- by whose hand
    kind TEXT NOT NULL,
    about TEXT NOT NULL,             -- which fact, which unit
    value TEXT NOT NULL,
    lat REAL,
    lon REAL,
    seen TEXT NOT NULL,              -- JSON: the lines of the same fact that its writer knew
    is_private INTEGER NOT NULL,
    PRIMARY KEY (case_id, node, number)
);

CREATE TRIGGER entry_stays BEFORE UPDATE ON entry
BEGIN
    SELECT RAISE(ABORT, 'the log of a case is never changed');
END;

CREATE TRIGGER entry_is_kept BEFORE DELETE ON entry
BEGIN
    SELECT RAISE(ABORT, 'the log of a case is never forgotten');
END;

-- Up to which of this node's own lines a shared case has been said to partners.
CREATE TABLE told (
    case_id TEXT PRIMARY KEY,
    number INTEGER NOT NULL
);
