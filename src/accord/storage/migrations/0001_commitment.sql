-- What the commitment desk keeps (desks/commitment): statements as they were given, and what was said of their clauses.
-- Rows are added and never changed: the newest version of a statement is the one that stands.
CREATE TABLE statement (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    text TEXT NOT NULL,              -- YAML, see desks/commitment/statement.py
    added_by TEXT NOT NULL,
    added REAL NOT NULL              -- seconds since 1970
);

CREATE INDEX statement_id ON statement (id);

CREATE TABLE note (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    statement INTEGER NOT NULL REFERENCES statement (number),
    clause INTEGER NOT NULL,
    event TEXT NOT NULL,
    day TEXT NOT NULL,
    person TEXT NOT NULL,
    at REAL NOT NULL,
    text TEXT NOT NULL
);

CREATE INDEX note_statement ON note (statement);

CREATE TRIGGER statement_stays BEFORE UPDATE ON statement
BEGIN
    SELECT RAISE(ABORT, 'a statement is never changed');
END;

CREATE TRIGGER note_stays BEFORE UPDATE ON note
BEGIN
    SELECT RAISE(ABORT, 'what was said of a clause is never changed');
END;
