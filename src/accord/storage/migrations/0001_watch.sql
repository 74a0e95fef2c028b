-- What the watch keeps (desks/watch): alerts as they stand, and the log.
CREATE TABLE alert (
    number INTEGER PRIMARY KEY,
    is_open INTEGER NOT NULL,
    data TEXT NOT NULL               -- JSON, see desks/watch/store.py
);

CREATE INDEX alert_open ON alert (number) WHERE is_open;

-- Lines are added and, when they are old enough, forgotten; never changed.
CREATE TABLE entry (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,                -- seconds since 1970
    act TEXT NOT NULL,
    person TEXT NOT NULL,            -- empty: the node itself
    text TEXT NOT NULL,
    alert INTEGER,
    uids TEXT NOT NULL,              -- JSON: a list
    context TEXT NOT NULL,
    groups TEXT                      -- JSON: a list; nothing where it is about the node itself
);

CREATE INDEX entry_at ON entry (at);

CREATE TRIGGER entry_stays BEFORE UPDATE ON entry
BEGIN
    SELECT RAISE(ABORT, 'a line of the watch log is never changed');
END;
