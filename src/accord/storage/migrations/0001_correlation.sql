-- What people decided about tracks (picture/decisions.py). A decision is undone, and never removed.
CREATE TABLE decision (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    context TEXT NOT NULL,
    verdict TEXT NOT NULL,           -- join, split, prefer
    uid TEXT NOT NULL,
    other TEXT NOT NULL,             -- to join: the uid of the other; else empty
    channel TEXT NOT NULL,           -- to split or prefer: of whose claim; else empty
    speaker TEXT NOT NULL,
    at REAL NOT NULL,                -- seconds since 1970
    person TEXT NOT NULL,
    why TEXT NOT NULL,
    undone REAL,                     -- nothing while it holds
    undone_by TEXT NOT NULL DEFAULT ''
);

CREATE TRIGGER decision_stays BEFORE DELETE ON decision
BEGIN
    SELECT RAISE(ABORT, 'a decision is undone, and stays on record');
END;
