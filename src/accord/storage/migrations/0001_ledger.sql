-- What was released to one partner, and what was not (docs/reference/ledger.md).
CREATE TABLE ledger (
    origin TEXT NOT NULL,            -- of its checkpoints
    node TEXT NOT NULL,
    partner TEXT NOT NULL
);

-- `leaf` is the RFC 6962 hash of `data`: what says which line was changed where one was.
CREATE TABLE entry (
    number INTEGER PRIMARY KEY,      -- from 1, without gaps
    data BLOB NOT NULL,
    leaf BLOB NOT NULL
);

CREATE TRIGGER entry_stays BEFORE UPDATE ON entry
BEGIN
    SELECT RAISE(ABORT, 'a line of a ledger is never changed');
END;

-- Roots over 1024 entries each, from the first; they stay when entries are pruned.
CREATE TABLE segment (
    number INTEGER PRIMARY KEY,      -- from 0
    root BLOB NOT NULL
);

-- Signed notes, each with the cosignatures that came for it.
CREATE TABLE checkpoint (
    size INTEGER PRIMARY KEY,
    note BLOB NOT NULL
);

-- The last checkpoint of the partner's own ledger that was cosigned here.
CREATE TABLE witnessed (
    origin TEXT PRIMARY KEY,
    note BLOB NOT NULL
);

-- Verifier keys (C2SP vkey) that these are signed with: the ledger's own, and the partner's.
CREATE TABLE verifier (
    key TEXT PRIMARY KEY
);
