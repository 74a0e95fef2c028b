-- The register of readiness (desks/readiness): what was said of bases, units and so on, value by value.
CREATE TABLE entry (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    context TEXT NOT NULL,           -- live, exercise:NAME, plan:ID
    sheet TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,              -- of the column
    value TEXT NOT NULL,
    said_by TEXT NOT NULL,
    as_of TEXT NOT NULL,             -- RFC 3339 in UTC, to the microsecond, so that text sorts as time
    valid_until TEXT,
    confidence TEXT NOT NULL,        -- A, B or C
    entered TEXT NOT NULL,
    person TEXT NOT NULL             -- by whose hand it came here
);

-- In this order of the newest word for each value is read, without sorting.
CREATE INDEX entry_value ON entry (
    context, sheet, id, name, as_of DESC, entered DESC, number DESC
);

CREATE TRIGGER entry_stays BEFORE UPDATE ON entry
BEGIN
    SELECT RAISE(ABORT, 'what was said of readiness is never changed');
END;

CREATE TRIGGER entry_is_kept BEFORE DELETE ON entry
BEGIN
    SELECT RAISE(ABORT, 'what was said of readiness is never forgotten');
END;

-- What nodes stated, this one too; beyond a number the oldest go.
CREATE TABLE statement (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    context TEXT NOT NULL,
    node TEXT NOT NULL,
    received TEXT NOT NULL,
    data TEXT NOT NULL               -- JSON: the attributes of its element
);

CREATE INDEX statement_context ON statement (context, node);
